"""Texts as LSP sees them, on plain strings and as slowly and plainly as possible: the model that the real
thing is compared with."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from pygpt_lsp.core.text import Position, PositionEncoding, Range

ENCODINGS: tuple[PositionEncoding, ...] = ("utf-8", "utf-16", "utf-32")

# What breaks naive code: several units a character, endings that join, separators that are none, half pairs.
PIECES = (
    "a",
    "b",
    "ö",
    "😀",
    "\r",
    "\n",
    "\r\n",
    "\f",
    "\v",
    "\x1c",
    "\x85",
    "\u2028",
    "e\u0301",
    "\ud83d",
    "\ude00",
)

texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
plain_texts = st.text("aö😀\n", max_size=10)
encodings = st.sampled_from(ENCODINGS)
# Lines and characters well outside the texts on both sides.
numbers = st.integers(-2, 16)
positions = st.builds(Position, numbers, numbers)
ranges = st.builds(Range, positions, positions)


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their endings; always one more than there are endings."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)", text)
    return [*lines, text[sum(map(len, lines)) :]]


def content(line: str) -> str:
    return line.rstrip("\r\n")


def width(char: str, encoding: PositionEncoding) -> int:
    """The units of `encoding` that one character takes."""
    code = ord(char)
    if encoding == "utf-16":
        return 1 if code < 0x10000 else 2
    if encoding == "utf-8":
        return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    return 1


def offset_of(text: str, line: int, character: int, encoding: PositionEncoding = "utf-32") -> int:
    """The code points before an LSP position, as LSP 3.17 reads positions out of range."""
    lines = split_lines(text)
    if line < 0:
        return 0
    if line >= len(lines):
        return len(text)
    offset = sum(map(len, lines[:line]))
    units = 0
    for char in content(lines[line]):
        units += width(char, encoding)
        if units > character:
            break
        offset += 1
    return offset


def position_of(text: str, offset: int) -> Position:
    """The position after `offset` code points; inside a `\\r\\n` the one before it."""
    if text[:offset].endswith("\r") and text[offset:].startswith("\n"):
        offset -= 1
    before = split_lines(text[:offset])
    return Position(len(before) - 1, len(before[-1]))


def replaced(text: str, start: int, end: int, new: str) -> str:
    start, end = min(start, end), max(start, end)
    return text[:start] + new + text[end:]
