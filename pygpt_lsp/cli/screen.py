"""Text for a terminal: aligned, wrapped to its width, in colour where there is one that wants it."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Style: TypeAlias = Literal["bold", "dim", "green", "yellow", "red"]

_CODES: dict[Style, str] = {"bold": "1", "dim": "2", "green": "32", "yellow": "33", "red": "31"}
_NARROWEST = 40
_WIPE = "\r\x1b[K"


class Screen:
    """Where a command prints. Without a terminal the text is plain and every line is left whole."""

    def __init__(self, out: TextIO, env: Mapping[str, str]) -> None:
        self._out = out
        self._colour = has_colour(out, env)
        self._width = max(_NARROWEST, shutil.get_terminal_size().columns) if out.isatty() else None
        self._remark = False
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")  # a console that lacks a character must not end the command

    def paint(self, text: str, *styles: Style) -> str:
        """The text in that style, where there is colour."""
        if not self._colour or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def line(self, text: str = "") -> None:
        """Print a line as it is."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        """Print a text that need not end its line, at once."""
        if self._remark:
            self._remark = False
            text = f"{_WIPE}{text}"
        print(text, end="", file=self._out, flush=True)

    def remark(self, text: str) -> None:
        """Show what is going on, at the beginning of a line, until the next text takes its place.

        Nothing is shown where there is no colour: that is where a line cannot be wiped either.
        """
        if self._colour:
            self.write(self.paint(text[: self.room(1)], "dim"))
            self._remark = True

    def room(self, indent: int) -> int | None:
        """The columns right of an indentation; None where lines are left whole."""
        return None if self._width is None else max(self._width - indent, 20)

    def heading(self, text: str, aside: str = "") -> None:
        """Print a heading after an empty line."""
        self.line()
        self.line(self.paint(text, "bold") + (f"  {self.paint(aside, 'dim')}" if aside else ""))

    def item(self, label: str, text: str, *styles: Style) -> None:
        """Print a text beside its label, which keeps its width on all lines; the styles are the label's."""
        indent = " " * len(label)
        room = self.room(len(label))
        lines = [text] if room is None else self._wrapped(text, room)
        for number, line in enumerate(lines or [""]):
            self.line((indent if number else self.paint(label, *styles)) + line)

    def _wrapped(self, text: str, width: int) -> list[str]:
        # An address or a path that is cut in two can no longer be copied.
        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def has_colour(out: TextIO, env: Mapping[str, str]) -> bool:
    """Whether to use colour: on a terminal that knows it, unless NO_COLOR is set (no-color.org)."""
    if not out.isatty() or env.get("NO_COLOR") or env.get("TERM") == "dumb":
        return False
    # The old Windows console shows the codes instead of the colours.
    return sys.platform != "win32" or bool(env.get("WT_SESSION") or env.get("TERM"))


def print_nowhere() -> None:
    """Nobody reads stdout any more (`| head`): what is still to be printed goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
