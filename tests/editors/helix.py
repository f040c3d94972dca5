"""Helix as a person drives it. Its buffers can only be seen on the screen or in the saved file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.editors.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.editors.install import Editors

_NOT_YET = "No configured language server supports code actions"


class Helix(Editor):
    """Helix with one file open, in normal mode."""

    def __init__(self, editors: Editors, file: Path, *, cwd: Path, env: Mapping[str, str]) -> None:
        super().__init__(editors.tmux, [editors.helix, file], cwd=cwd, env=env)
        self.wait_for(" NOR ")

    def attached(self) -> None:
        # Nothing on the screen tells but the menu: until then the key for it gives a message.
        while not self._open_menu():
            pass
        self.close_menu()

    def normal(self) -> None:
        self.keys("Escape")
        self.wait_for(" NOR ")

    def select_lines(self, pattern: str, count: int) -> None:
        self.go_to(pattern)
        self.type("x" * count)

    def go_to_end(self) -> None:
        self.type("ge")

    def menu(self) -> list[str]:
        titles = self._open_menu()
        assert titles, _NOT_YET
        return titles

    def close_menu(self) -> None:
        self.keys("Escape")
        self.wait_until(lambda: not _menu(self.screen()), "the menu to close")

    def choose(self, title: str) -> None:
        titles = self.menu()
        # The menu comes with its first entry selected.
        self.keys(*["Down"] * [entry.startswith(title) for entry in titles].index(True), "Enter")

    def _open_menu(self) -> list[str]:
        self.type(" a")
        self.wait_until(lambda: _menu(s := self.screen()) or _NOT_YET in s, "the menu or a message")
        return _menu(self.screen())


def _menu(screen: str) -> list[str]:
    """The titles in the menu on the screen: lines that name PyGPT in one column. The line at the bottom is
    for messages."""
    entries = [found for line in screen.splitlines()[:-1] if (found := re.search("PyGPT: .*", line))]
    return [entry[0].rstrip() for entry in entries if entry.start() == entries[-1].start() > 0]
