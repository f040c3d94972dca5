"""What Helix and Neovim have in common, so that one test can say the same promise of both."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from tests.editors.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


class Editor(Terminal):
    """An editor with one file open, in normal mode."""

    @abstractmethod
    def attached(self) -> None:
        """Wait until the server answers for the current buffer."""

    @abstractmethod
    def normal(self) -> None:
        """Leave insert mode. It has to be seen to be left: Escape and the next key at once would be one
        Alt key."""

    @abstractmethod
    def select_lines(self, pattern: str, count: int) -> None:
        """Select `count` whole lines from the next match of a pattern on."""

    @abstractmethod
    def go_to_end(self) -> None:
        """Move to the last line."""

    @abstractmethod
    def menu(self) -> list[str]:
        """Open the menu of code actions; its titles, once it is there."""

    @abstractmethod
    def close_menu(self) -> None:
        """Leave the menu without taking anything."""

    @abstractmethod
    def choose(self, title: str) -> None:
        """Open the menu and take the first entry that begins with `title`."""

    @abstractmethod
    def agree(self, option: str) -> None:
        """Take an option of the question on the screen, once it is there."""

    def go_to(self, pattern: str) -> None:
        """Move to the next match of a pattern."""
        self.type("/" + pattern)
        self.keys("Enter")

    def command(self, line: str) -> None:
        """Run a `:` command."""
        self.type(":" + line)
        self.keys("Enter")

    def save(self, file: Path) -> str:
        """Write the current buffer to its file; the file's text."""
        # An editor may replace the file: it is whole when the editor says so. What it said before is gone
        # once the prompt is there.
        self.type(":write!")
        self.wait_for(":write!")
        self.keys("Enter")
        self.wait_until(
            lambda: " written" in self.screen().rstrip().splitlines()[-1], f"{file} to be written"
        )
        return file.read_bytes().decode()

    def quit(self) -> None:
        """Quit without saving; wait until the editor and all its children have ended."""
        self.children()
        self.command("qa!")
        self.wait_for_end()
