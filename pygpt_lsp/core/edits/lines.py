"""Edits of whole lines: what every plan ends in, and what people are shown of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.text import Position, Range, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.line_diff import Hunk

ENDING = re.compile(r"\r\n|\n|\r")
"""A line ending (LSP 3.17, Text Documents)."""


class LineEdit(NamedTuple):
    """Replace the text from `start` up to `end` (equal to insert) by `text`, in code points."""

    start: Position
    end: Position
    text: str


def apply_edits(text: str, edits: Sequence[LineEdit]) -> str:
    """`text`, a whole document, with `edits`, which are in ascending order and apart from each other."""
    snapshot = TextSnapshot.from_string(text)
    for edit in reversed(edits):
        snapshot = snapshot.replace(Range(edit.start, edit.end), edit.text)
    return str(snapshot)


def hunk_edit(old: Sequence[str], hunk: Hunk, new: Sequence[str], first_line: int, eol: str) -> LineEdit:
    """The edit that writes the lines `new` in place of the hunk's lines of `old`.

    It never goes beyond the last line of the region, where a document may have no further line.
    """

    def before(index: int) -> Position:
        return Position(first_line + index, 0)

    def after(index: int) -> Position:
        return Position(first_line + index, len(old[index]))

    start, end = hunk.old_start, hunk.old_end
    if start < end and new:
        return LineEdit(before(start), after(end - 1), eol.join(new))
    if start == len(old):
        return LineEdit(after(start - 1), after(start - 1), "".join(eol + line for line in new))
    if new:
        return LineEdit(before(start), before(start), "".join(line + eol for line in new))
    if end < len(old):
        return LineEdit(before(start), before(end), "")
    return LineEdit(after(start - 1), after(end - 1), "")
