"""The one place of a block in a file.

It is looked for in four ways, from the strictest on: its lines exactly; alike but for white space; alike but
for white space and all moved by the same columns; in pieces, where it leaves out lines by "...". A way counts
only if it leads to one place. Where it leads to several, the block is refused and no looser way is tried: the
best of several, or the first, is a guess. Line numbers are never looked at.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pygpt_lsp.core.edits.elision import is_elision_comment, loses_code, split_at_elisions
from pygpt_lsp.core.edits.file_lines import Shift, alike_key, columns
from pygpt_lsp.core.edits.headings import inside_headings
from pygpt_lsp.core.edits.lines import BOM, Change
from pygpt_lsp.core.edits.misfit import Misfit, lines_at, nearest_lines
from pygpt_lsp.core.edits.written import written
from pygpt_lsp.core.indentation import indent_of, indent_width
from pygpt_lsp.core.line_diff import changed_hunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.core.edits.file_lines import FileLines

EXACT, SPACED, SHIFTED, IN_PIECES = 1, 2, 3, 4
"""The four ways; the larger, the looser."""

Fit: TypeAlias = tuple[int, int]
"""How strictly a block fits; the larger, the looser. A block that has one place in some way has no other in
that way, so once it is made there, only a looser fit can lead it to another."""

_BLANK_LINES = 10
_MOST_ALIKE = 500
"""Places that are looked at one by one; more are too many to be one."""


class Placement(NamedTuple):
    """Where a block fits, in which way, and what it changes: one change, or one a piece, ascending.
    `pieces_way` is the loosest way of a piece."""

    way: int
    changes: tuple[Change, ...]
    pieces_way: int

    @property
    def fit(self) -> Fit:
        """How strictly it fits."""
        return self.way, self.pieces_way


def place(file: FileLines, block: EditBlock) -> Placement:
    """The one place of a `replace` block with old lines that are not all blank. Raises Misfit."""
    old, new = without_mark(block.old_lines), without_mark(block.new_lines)
    old_runs, elisions = split_at_elisions(old, file.known)
    if not elisions:
        piece = _find(file, old, new, block.within)
        _refuse_elisions(file, old, new)
        _refuse_repetition(file, piece.change)
        return Placement(piece.way, (piece.change,), piece.way)
    new_runs, _ = split_at_elisions(new, file.known)
    if len(old_runs) != len(new_runs):
        raise Misfit(
            "The new lines do not leave out the same parts as the old ones, so it is not clear what stays."
        )
    return _place_in_pieces(file, old_runs, new_runs, elisions, block.within)


def without_mark(lines: Sequence[str]) -> list[str]:
    """The lines without a byte-order mark at the start."""
    return [line if index else line.removeprefix(BOM) for index, line in enumerate(lines)]


class _Piece(NamedTuple):
    way: int
    shift: Shift | None
    change: Change


def _place_in_pieces(
    file: FileLines,
    old_runs: list[list[str]],
    new_runs: list[list[str]],
    elisions: list[str],
    within: Sequence[str],
) -> Placement:
    pieces: list[_Piece] = []
    marks: list[str] = []  # what is left out between the pieces
    for old, new, mark in zip(old_runs, new_runs, ["", *elisions], strict=True):
        if any(line.strip() for line in old):
            marks.append(mark)
            pieces.append(_find(file, old, new, within))
        elif any(line.strip() for line in new):
            raise Misfit(
                "The new lines stand beside lines that are left out, so it is not clear where they go."
            )
    if not pieces:
        raise Misfit("The change leaves out all lines, so it does not say where it goes.")
    if any(one.change.end_line > other.change.first_line for one, other in pairwise(pieces)):
        raise Misfit("The lines to change stand in the file in another order.", found=False)
    if len({piece.shift.columns if piece.shift else 0 for piece in pieces}) > 1:
        raise Misfit("The lines to change are not indented alike in the file.", found=False)
    for (one, other), mark in zip(pairwise(pieces), marks[1:], strict=True):
        _refuse_leaving(file, one, other, mark)
    for piece in pieces:
        _refuse_repetition(file, piece.change)
    loosest = max(piece.way for piece in pieces)
    return Placement(IN_PIECES, tuple(piece.change for piece in pieces), loosest)


def _refuse_leaving(file: FileLines, one: _Piece, other: _Piece, mark: str) -> None:
    """Raise Misfit where lines between two pieces stand further left than the dots that stand for them.

    Then the second piece is in another block of code than the answer has it in.
    """
    columns_moved, width = one.shift or other.shift or Shift(0, 4)
    least = columns(indent_of(mark), width) + columns_moved
    between = file.lines[one.change.end_line : other.change.first_line]
    if any(columns(indent_of(line), width) < least for line in between if line.strip()):
        raise Misfit("The lines to change stand in the file in different blocks of code.", found=False)


def _find(file: FileLines, old: list[str], new: list[str], within: Sequence[str]) -> _Piece:
    """The one place of lines by the first three ways. Raises Misfit."""
    if places := file.equal(old):
        start = _only(file, places, len(old), within)
        end = start + len(old)
        return _Piece(EXACT, None, Change(start, end, written(file, old, new, start, None)))
    filled = _filled(new)
    if _stands_already(file, old, filled) and file.equal(filled):
        # Then lines that are alike but for white space are those of a twin.
        raise _made_already()
    readings = [(*reading, _alike_places(file, *reading)) for reading in _edge_readings(old, new)]
    for way in (SPACED, SHIFTED):
        for old_lines, new_lines, shifts in readings:
            found = [start for start, shift in shifts.items() if way == SHIFTED or not shift.columns]
            if found:
                start = _only(file, found, len(old_lines), within)
                lines = written(file, old_lines, new_lines, start, shifts[start])
                return _Piece(way, shifts[start], Change(start, start + len(old_lines), lines))
    if _stands_already(file, old, filled):
        raise _made_already()
    raise Misfit("The lines to change are not in the file.", nearest_lines(file, old), found=False)


def _only(file: FileLines, places: list[int], count: int, within: Sequence[str]) -> int:
    """The one of `places`, or the only one inside the definition that `within` names. Raises Misfit."""
    if len(places) > 1:
        inside = inside_headings(file, places, count, within)
        if len(inside) != 1:
            raise Misfit(
                f"The lines to change stand in {len(places)} places, so it is not clear which are meant.",
                lines_at(file, places[0], count),
            )
        places = inside
    return places[0]


def _alike_places(file: FileLines, old: Sequence[str], new: Sequence[str]) -> dict[int, Shift]:
    """Where lines stand that are alike, and how they are moved there."""
    places = file.alike(old)
    if len(places) > _MOST_ALIKE:
        _only(file, places, len(old), ())
    width = indent_width([*old, *new]) if places else 0
    return {start: shift for start in places if (shift := file.shift(old, start, width))}


def _edge_readings(old: list[str], new: list[str]) -> list[tuple[list[str], list[str]]]:
    """The lines without the blank ones that both have at an edge; then without any that `old` has there.

    Answers have blank lines beside the code that the file has not.
    """
    above, below = _leading_blanks(old), _leading_blanks(old[::-1])
    both_above = min(above, _leading_blanks(new))
    both_below = min(below, _leading_blanks(new[both_above:][::-1]))
    new = new[both_above : len(new) - both_below]
    readings = [(old[both_above : len(old) - both_below], new), (old[above : len(old) - below], new)]
    return readings[: 1 if (both_above, both_below) == (above, below) else 2]


def _leading_blanks(lines: Sequence[str]) -> int:
    return next((index for index, line in enumerate(lines) if line.strip()), len(lines))


def _refuse_elisions(file: FileLines, old: Sequence[str], new: Sequence[str]) -> None:
    """Raise Misfit where `new` leaves out code that would be lost."""
    suspects = {line for line in new if loses_code(line) and line.strip() not in file.known}
    for hunk in changed_hunks(old, new) if suspects else ():
        replaces = any(line.strip() for line in old[hunk.old_start : hunk.old_end])
        added = suspects.intersection(new[hunk.new_start : hunk.new_end])
        if any(replaces or is_elision_comment(line) for line in added):
            raise Misfit("The new lines leave out code that should stay; ask again for the whole code.")


def _refuse_repetition(file: FileLines, change: Change) -> None:
    """Raise Misfit where what a change adds at an edge of its place stands beyond that edge already.

    It was made before, or its old lines forgot what its new lines quote.
    """
    first, end, lines = change
    for hunk in changed_hunks(file.lines[first:end], lines):
        added = [key for line in lines[hunk.new_start : hunk.new_end] if (key := alike_key(line))]
        if hunk.old_start < hunk.old_end or not added:
            continue
        reach = len(added) + _BLANK_LINES
        above = [key for key in file.keys[max(first - reach, 0) : first] if key][-len(added) :]
        below = [key for key in file.keys[end : end + reach] if key][: len(added)]
        if (hunk.old_start == 0 and added == above) or (hunk.old_start == end - first and added == below):
            there = lines_at(file, first, end - first)
            raise Misfit("The change adds lines that are there already.", there, again=True)


def _filled(lines: Sequence[str]) -> Sequence[str]:
    """The lines without blank ones at the edges."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else ()


def _stands_already(file: FileLines, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the change was made before: `new`, if it says enough to tell, is in the file once."""
    if not new or (len(new) == 1 and new[0] in old):
        return False
    return len(file.alike(new)) == 1


def _made_already() -> Misfit:
    return Misfit(
        "The change is already made: its new lines are in the file, and the old ones are not.", found=False
    )
