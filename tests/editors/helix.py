"""Helix as a person drives it. Its buffers can only be seen on the screen or in the saved file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.editors.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.editors.install import Editors

_NONE = re.compile("No configured language server supports code actions|No code actions available")
"""What the key for the menu gives before the server is up, and just before it is told of the file."""


class Helix(Editor):
    """Helix with one file open, in normal mode; `older` is one that opens no document for a server."""

    def __init__(
        self, editors: Editors, file: Path, *, cwd: Path, env: Mapping[str, str], older: bool = False
    ) -> None:
        program = editors.older_helix if older else editors.helix
        super().__init__(editors.tmux, [program, file], cwd=cwd, env=env)
        self.older = older
        self.wait_for(" NOR ")

    def attached(self) -> None:
        self.wait_until(self._answers, "the server to be attached")
        self.close_menu()

    def normal(self) -> None:
        self.keys("Escape")
        self.wait_for(" NOR ")

    def select_lines(self, pattern: str, count: int) -> None:
        self.go_to(pattern)
        self.type("x" * count)

    def command(self, line: str) -> None:
        # One key after the other: what is typed before Helix is done with a prompt can get lost.
        self.type(":" + line)
        self.wait_until(lambda: self._last_line().endswith(line.rstrip()), f"{line} at the prompt")
        self.keys("Enter")
        self.wait_until(lambda: not self._last_line().startswith(":"), "the prompt to close")

    def go_to_end(self) -> None:
        self.type("ge")

    def menu(self) -> list[str]:
        titles = self._open_menu()
        assert titles, self.screen()
        return titles

    def close_menu(self) -> None:
        self.keys("Escape")
        self.wait_until(lambda: not self._titles(), "the menu to close")

    def choose(self, title: str) -> None:
        titles = self.menu()
        # The menu comes with its first entry selected.
        self.keys(*["Down"] * [entry.startswith(title) for entry in titles].index(True), "Enter")

    def see(self, name: str) -> None:
        """Have before oneself the chat or page that was just made, whose file's name holds `name`: the older
        Helix only says where it is."""
        if self.older:
            told = re.compile(rf"PyGPT: .* (/\S*{name}\S*)")
            paths = self.wait_until(lambda: told.findall(self.screen()), "the path to be told")
            self.command(f"open {paths[0]}")
        self.wait_until(lambda: name in self.screen().splitlines()[-2], f"{name} on the status line")

    def agree(self, option: str) -> None:
        # Alone in its line: the menu that was just left may have the same word.
        alone = re.compile(rf"(?:^|  |│ ){option} *(?:│|$)", re.MULTILINE)
        self.wait_until(lambda: alone.search(self.screen()), f"the option {option}")
        self.keys("Enter")  # the first option is selected

    def _answers(self) -> bool:
        """Whether there is a menu: nothing else on the screen tells that the server is up."""
        if self._open_menu():
            return True
        self.keys("Escape")
        self.wait_until(lambda: not _NONE.search(self.screen()), "the message to go")
        return False

    def _open_menu(self) -> list[str]:
        self.type(" a")
        self.wait_until(lambda: self._titles() or _NONE.search(self.screen()), "the menu or a message")
        return self._titles()

    def _last_line(self) -> str:
        """The line of prompts and messages."""
        return self.screen().rstrip("\n").rpartition("\n")[2]

    def _titles(self) -> list[str]:
        """The titles in the menu on the screen: what names PyGPT in the menu's own style, so that the text
        beside it is not taken for a part of the last word. The line at the bottom is for messages."""
        lines = self.screen(styled=True).splitlines()[:-1]
        return [
            found[1].rstrip()
            for line in lines
            if (found := re.search(r"\x1b\[[0-9;]*m *(PyGPT: [^\x1b]*)", line))
        ]
