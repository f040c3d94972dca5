"""The project that the working session works on: a repository with what a real one has, committed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.git_kit import run as git
from tests.support.sample import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = SAMPLE.replace("    def add", "    # ai: count up to n\n    def add")
_FILES = {
    "src/app.py": SOURCE,
    "AGENTS.md": "Be kind.\n",
    ".gitignore": "*.local\n",
    ".pygpt/prompts/rhyme.md": "---\ntitle: As a rhyme\n---\nSay it as a rhyme.\n",
    ".pygpt/presets/brief.md": "---\ntemperature: 0.5\n---\nBe brief.\n",
    ".pygpt/config.toml": 'base_url = "https://elsewhere.example/v1"\nreview = "apply"\n',
}


def make_project(folder: Path) -> None:
    """A repository with one commit; a change is staged, another one is not."""
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    (folder / "AGENTS.md").write_bytes(b"Be kind, and brief.\n")
    git(folder, "add", ".")
    (folder / "AGENTS.md").write_bytes(b"Be kind, brief and exact.\n")
