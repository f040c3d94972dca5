"""A project to work on and a user's home, both in the test's own folder."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

CONFIGS = Path(__file__).parents[2] / "editors"
"""The configurations that users are shown; the tests run with these."""

SOURCE = '''\
"""Grüße 😀."""


def greet(name: str) -> str:
    ö = f"Hallöchen 😀, {name}"
    return ö


def part(name: str) -> str:
    return f"Tschö 👋, {name}"
'''

DOCUMENTED = SOURCE.replace(
    "def greet(name: str) -> str:\n",
    'def greet(name: str) -> str:\n    """Greet `name` with an ö and a 😀."""\n',
)
GREET_LINES = 3
"""How long `greet` is in SOURCE."""

DOCUMENT_REPLY = f"""\
```python
{"".join(DOCUMENTED.splitlines(keepends=True)[3:7])}```
"""
"""What a model answers to "Document this" on `greet`."""


class StoredAnswer(NamedTuple):
    """An answer as it lies in the history, whole or as far as it has arrived."""

    status: str
    text: str


class Workspace(NamedTuple):
    """The project in `root` and the home of the user who works on it."""

    root: Path
    home: Path

    @classmethod
    def create(cls, folder: Path) -> Workspace:
        """Make both in an empty folder, the home with our configurations of the editors."""
        workspace = cls(folder / "work", folder / "home")
        (workspace.root / ".git").mkdir(parents=True)
        workspace.source.write_text(SOURCE, encoding="utf-8", newline="")
        # Alone in its folder: Helix would start other servers beside it, and show their actions.
        (workspace.home / "bin").mkdir(parents=True)
        (workspace.home / "bin/pygpt-lsp").symlink_to(Path(sys.executable).with_name("pygpt-lsp"))
        shutil.copytree(CONFIGS / "helix", workspace.home / ".config/helix")
        shutil.copytree(CONFIGS / "neovim", workspace.home / ".config/nvim")
        (workspace.home / ".config/nvim/init.lua").write_text('vim.lsp.enable("pygpt")\n')
        return workspace

    @property
    def source(self) -> Path:
        """A Python file with the text SOURCE."""
        return self.root / "greet.py"

    def env(self) -> dict[str, str]:
        """The whole environment of an editor: nothing of the machine's own user gets in."""
        return {"PATH": f"{self.home / 'bin'}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}

    def chats(self) -> list[Path]:
        """The chat documents, by name."""
        return sorted((self.root / ".pygpt/cache/chats").glob("*.chat.md"))

    def answers(self) -> list[StoredAnswer]:
        """What is stored of each answer, oldest first."""
        file = self.root / ".pygpt/cache/history.sqlite3"
        if not file.exists():
            return []
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            turns = database.execute(
                "SELECT turns.id, status, content FROM turns LEFT JOIN messages ON messages.id = answer"
                " ORDER BY turns.id"
            ).fetchall()
            parts = database.execute("SELECT turn, text FROM partial_answers ORDER BY id").fetchall()
        return [
            StoredAnswer(status, content or b"".join(text for of, text in parts if of == turn).decode())
            for turn, status, content in turns
        ]
