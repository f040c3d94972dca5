"""Places in a text, and how a client counts them.

Inside the program a position counts code points. What a client calls `character` counts units of the encoding
agreed with it (LSP 3.17, PositionEncodingKind); it is turned into code points at the edge, by
`TextSnapshot.from_units`, and never kept.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple, TypeAlias

PositionEncoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]


class Position(NamedTuple):
    """A place between two characters: 0-based line, and code points from the start of that line."""

    line: int
    character: int


class Range(NamedTuple):
    """The text from `start` up to, not including, `end`; empty where they are equal."""

    start: Position
    end: Position


def advance(start: Position, text: str) -> Position:
    """The end of `text` if it is put in at `start`."""
    breaks = text.count("\n") + text.count("\r") - text.count("\r\n")
    if not breaks:
        return Position(start.line, start.character + len(text))
    return Position(start.line + breaks, len(text) - 1 - max(text.rfind("\n"), text.rfind("\r")))


def count_units(text: str, encoding: PositionEncoding) -> int:
    """The length of `text` in units of `encoding`; a lone surrogate is one unit of UTF-16, three of UTF-8."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def units_to_code_points(text: str, units: int, encoding: PositionEncoding) -> int:
    """How many whole code points of `text` lie in its first `units`; all of them where that is too many."""
    if encoding == "utf-32" or text.isascii():
        return min(max(units, 0), len(text))
    # A code point is at least one unit, so the answer is no larger than `units`. Halving with the C encoder
    # is faster than a loop over characters, on lines of any length.
    candidates = range(1, min(units, len(text)) + 1)
    return bisect_right(candidates, units, key=lambda stop: count_units(text[:stop], encoding))
