"""Edits of whole lines: what every plan ends in, and what people are shown of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.line_diff import changed_hunks
from pygpt_lsp.core.text import Position, Range, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pygpt_lsp.core.line_diff import Hunk

ENDING = re.compile(r"\r\n|\n|\r")
"""A line ending (LSP 3.17, Text Documents)."""


class LineEdit(NamedTuple):
    """Replace the text from `start` up to `end` (equal to insert) by `text`, in code points."""

    start: Position
    end: Position
    text: str


class Change(NamedTuple):
    """Lines `first_line` up to, not including, `end_line` (0-based) give way to `new_lines`, without endings.

    The lines include what a block quotes to be found by, so that a change of these is seen. There is at least
    one, but in an empty document.
    """

    first_line: int
    end_line: int
    new_lines: tuple[str, ...]


BOM = "\ufeff"
"""A byte-order mark: at the start of a text it is not part of the first line."""


def content_lines(text: TextSnapshot) -> list[str]:
    """The lines of a text without endings and byte-order mark; none where there is no text."""
    lines = [line.rstrip("\r\n") for line in text.lines()]
    lines[0] = lines[0].removeprefix(BOM)
    if not lines[-1]:
        lines.pop()  # what follows the last ending is no line to edit
    return lines


def line_edits(text: TextSnapshot, changes: Iterable[Change]) -> list[LineEdit]:
    """The edits that make `changes`, ascending and disjoint, in `text`; lines that stay are left alone.

    Line endings, the final one or its absence, and a byte-order mark stay as the text has them.
    """
    lines = content_lines(text)
    mark = len(BOM) if text.line(0).startswith(BOM) else 0
    if not lines:
        start = Position(0, mark)
        new = [line for change in changes for line in change.new_lines]
        return [LineEdit(start, start, "".join(line + text.eol for line in new))] if new else []
    if text.line_count > len(lines):
        lines.append("")
    edits: list[LineEdit] = []
    for first, end, new in _joined(changes):
        for hunk in changed_hunks(lines[first:end], new):
            moved = hunk._replace(old_start=hunk.old_start + first, old_end=hunk.old_end + first)
            edits.append(hunk_edit(lines, moved, new[hunk.new_start : hunk.new_end], 0, text.eol))
    return [_behind_mark(edit, mark) for edit in edits]


def _joined(changes: Iterable[Change]) -> list[Change]:
    """The changes with those that touch as one: what deletes the last line takes the ending above with it."""
    joined: list[Change] = []
    for change in changes:
        if joined and joined[-1].end_line == change.first_line:
            first, _, new = joined.pop()
            change = Change(first, change.end_line, new + change.new_lines)
        joined.append(change)
    return joined


def _behind_mark(edit: LineEdit, mark: int) -> LineEdit:
    start, end = (
        Position(0, place.character + mark) if place.line == 0 else place for place in (edit.start, edit.end)
    )
    return LineEdit(start, end, edit.text)


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
    if start == 0:
        return LineEdit(before(start), after(end - 1), "")
    return LineEdit(after(start - 1), after(end - 1), "")
