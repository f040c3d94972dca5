"""Editors' names for languages are understood, and comments and fences written as each language does."""

from __future__ import annotations

import pytest

from pygpt_lsp.core.languages import canonical, comment_line, fence_tag


@pytest.mark.parametrize(
    ("language_id", "line"),
    [
        ("python", "# a b"),
        ("tsx", "// a b"),
        ("html", "<!-- a b -->"),
        ("css", "/* a b */"),
        ("bat", ":: a b"),
        ("vb", "' a b"),
        ("no-such-language", "// a b"),
    ],
)
def test_a_comment_line_is_written_as_the_language_does(language_id: str, line: str) -> None:
    assert comment_line(language_id, " a\n b ") == line


def test_a_comment_line_cannot_be_closed_by_its_text() -> None:
    assert comment_line("css", "a */ b") == "/* a * / b */"


@pytest.mark.parametrize(
    ("language_id", "name"),
    [("sh", "shellscript"), ("c-sharp", "csharp"), ("emacs-lisp-mode", "elisp"), ("Python", "python")],
)
def test_editors_names_for_a_language_are_one(language_id: str, name: str) -> None:
    assert canonical(language_id) == name


def test_a_fence_tag_is_what_markdown_knows_and_harmless() -> None:
    assert fence_tag("typescriptreact") == "tsx"
    assert fence_tag("c++") == "cpp"
    assert fence_tag("x`\n# y") == "x#y"
