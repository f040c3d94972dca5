"""What the documents link to is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "PRIVACY.md",
    *ROOT.glob("docs/*.md"),
    ROOT / "docs/sessions/README.md",
    *ROOT.glob("editors/*.md"),
    *ROOT.glob("editors/*/README.md"),
]


def test_every_file_and_picture_that_a_document_links_to_is_there() -> None:
    missing = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in links(document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert len(DOCUMENTS) > 10
    assert not missing, "\n".join(missing)


def test_every_picture_that_the_tests_make_is_shown_somewhere() -> None:
    shown = {
        (document.parent / target).resolve()
        for document in DOCUMENTS
        for target in links(document.read_text("utf-8"))
    }
    made = [*ROOT.glob("docs/pictures/*.png"), *ROOT.glob("editors/vscode/media/pictures/*.png")]
    assert made
    assert not [picture for picture in made if picture.resolve() not in shown]


def links(text: str) -> list[str]:
    """The files that a Markdown text links to, without those on the web and places in itself."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", prose)
    return [target for target in found if not re.match(r"[a-z]+:", target)]
