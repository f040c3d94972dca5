"""Text that arrives piece by piece, shown as it arrives: behind a margin, wrapped between words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    from pygpt_lsp.cli.screen import Screen, Style

MARGIN = "  │ "


class Flow:
    """One text on the screen. A word is held back until it has ended, so that it is never cut in two.

    `empty` is true until something of it has been shown.
    """

    def __init__(self, screen: Screen, *styles: Style) -> None:
        self.empty = True
        self._screen = screen
        self._styles = styles
        self._held = ""
        self._column = 0
        self._begun = False

    def write(self, text: str) -> None:
        """Show more of the text. What could steer the terminal is made visible first."""
        *whole, self._held = re.split(r"(?<=\n)|(?<=[^\S\n])(?=\S)", self._held + _plain(text))
        for piece in whole:
            self._put(piece)

    def end(self) -> None:
        """Show what was held back and end the line."""
        if self._held:
            self._put(self._held)
            self._held = ""
        if self._begun:
            self._screen.write("\n")
            self._begun = False

    def _put(self, piece: str) -> None:
        self.empty = False
        word = piece.rstrip("\n")
        room = self._screen.room(len(MARGIN))
        if room is not None and self._column and self._column + width(word.rstrip()) > room:
            self._break()
        if not self._begun:
            self._screen.write(self._screen.paint(MARGIN if word else MARGIN.rstrip(), "dim"))
            self._begun = True
        self._screen.write(self._screen.paint(word, *self._styles) if word.strip() else word)
        self._column += width(word)
        if piece.endswith("\n"):
            self._break()

    def _break(self) -> None:
        self._screen.write("\n")
        self._begun = False
        self._column = 0


def width(text: str) -> int:
    """The columns that a text takes in a terminal (Unicode Annex 11; combining marks take none)."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _plain(text: str) -> str:
    return visible(text.replace("\r\n", "\n").replace("\t", "    "), keep="\n")
