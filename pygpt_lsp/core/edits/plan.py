"""The blocks of an answer for one file, as changes of its lines, or refused one by one with the reason.

All are planned against one text. A block goes to its place in that text if no earlier block has touched it; a
block that quotes what earlier ones wrote goes there. Must never make a block that has two places, nor a part
of one.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.edits.elision import is_elision_comment, loses_code
from pygpt_lsp.core.edits.file_lines import FileLines, alike_key
from pygpt_lsp.core.edits.lines import Change, LineEdit, content_lines, line_edits
from pygpt_lsp.core.edits.misfit import Misfit, Nearest
from pygpt_lsp.core.edits.placing import EXACT, IN_PIECES, place, without_mark
from pygpt_lsp.core.indentation import match_style
from pygpt_lsp.core.line_diff import changed_hunks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.core.edits.placing import Fit, Placement
    from pygpt_lsp.core.text import TextSnapshot

__all__ = ["Change", "FilePlan", "Nearest", "Refusal", "plan_file"]

NO_FITS: Mapping[int, Fit] = MappingProxyType({})
_STRICTEST, _ANY_FIT = (0, 0), (IN_PIECES, IN_PIECES)
_MADE_BEFORE = "This change was made already, so it was not made again."


class Refusal(NamedTuple):
    """A block that is not made: its index, the reason as a sentence for the user, and what it may have meant.

    `nearest` is where its old lines fit first if they fit in several places, else the lines most like them.
    `again`: it was made before, and the file still looks so; nothing is left to do.
    """

    block: int
    reason: str
    nearest: Nearest | None
    again: bool = False


class FilePlan(NamedTuple):
    """What an answer does to one file: the changes, ascending and disjoint, and the blocks refused. `fits`
    tells by their index how strictly those fit that are made."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    fits: Mapping[int, Fit] = NO_FITS

    def edits(self, text: TextSnapshot) -> list[LineEdit]:
        """The changes as edits of `text`, the one planned on; lines that stay as they are are not touched."""
        return line_edits(text, self.changes)


def plan_file(
    text: TextSnapshot,
    blocks: Sequence[EditBlock],
    language_id: str = "",
    before: Mapping[int, Fit] = NO_FITS,
) -> FilePlan:
    """The plan for a file with this text, in a language (an LSP language id).

    `blocks` are those of the answer for this file, in its order. A `delete` or `rename` is not looked at, a
    repetition of an earlier block ignored. `before` tells by their index how strictly those blocks fitted
    that were made in this file before. One of them is made again where it fits as strictly, as after an undo:
    in a looser way it would go to a twin of the lines that it has changed.
    """
    planning = _Planning(FileLines(content_lines(text), language_id))
    refusals: list[Refusal] = []
    fits: dict[int, Fit] = {}
    seen: set[tuple[object, ...]] = set()
    for index, block in enumerate(blocks):
        same = (block.kind, block.is_new, block.old_lines, block.new_lines, block.within, block.problem)
        if block.kind in ("delete", "rename") or same in seen:
            continue
        seen.add(same)
        try:
            fits[index] = planning.take(block, before.get(index, _ANY_FIT))
        except Misfit as misfit:
            again = misfit.again and index in before
            reason = _MADE_BEFORE if again else misfit.sentence
            refusals.append(Refusal(index, reason, None if again else misfit.nearest, again))
    return FilePlan(planning.changes(), tuple(refusals), fits)


class _Planning:
    """The lines of one file with the blocks made so far.

    `_lines` is the text as it would be, `_origins` the index in the original of each of its lines, -1 for
    those written by a block; `_covered` the places taken, as spans of the original.
    """

    def __init__(self, file: FileLines) -> None:
        self._file = file
        self._lines = list(file.lines)
        self._origins = list(range(len(file.lines)))
        self._covered: list[tuple[int, int]] = []
        self._insertions: list[tuple[int, int, int]] = []
        self._written: set[str] = set()

    def take(self, block: EditBlock, loosest: Fit) -> Fit:
        """Make a block that fits at least as strictly as `loosest`; how it does. Raises Misfit, and then has
        made nothing of it."""
        if block.problem:
            raise Misfit(block.problem)
        if block.is_new and any(self._file.keys):
            raise Misfit("The file that the change makes is there already, and holds text.", again=True)
        old_is_blank = not any(line.strip() for line in block.old_lines)
        if block.kind == "whole" or (old_is_blank and not any(self._file.keys)):
            self._take_whole(block)
        elif old_is_blank:
            raise Misfit("The change does not say where its new lines go.")
        elif block.old_lines != block.new_lines:
            return self._take_replace(block, loosest)
        return _STRICTEST

    def changes(self) -> tuple[Change, ...]:
        """The changes that lead from the original to the text with all blocks made."""
        spans: list[tuple[int, int]] = []
        for first, end in sorted(self._covered):
            if spans and first <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((first, end))
        # The lines beside a span belong to no block, so they are still there.
        index = {origin: place for place, origin in enumerate(self._origins)}
        index[-1], index[len(self._file.lines)] = -1, len(self._lines)
        return tuple(
            Change(first, end, tuple(self._lines[index[first - 1] + 1 : index[end]])) for first, end in spans
        )

    def _take_whole(self, block: EditBlock) -> None:
        lines = self._file.lines
        new = without_mark(block.new_lines)
        filled = [index for index, line in enumerate(new) if line.strip()]
        if not filled:
            if any(self._file.keys):
                raise Misfit("The new text of the file is empty.")
            return
        if self._covered:
            raise _overlapping()
        new = new[filled[0] : filled[-1] + 1]
        styled = match_style(new, lines)
        old_filled = [index for index, key in enumerate(self._file.keys) if key]
        if old_filled:
            edges = lines[: old_filled[0]], lines[old_filled[-1] + 1 :]
            # Where nothing but the indentation is new, it is what was asked for.
            new = [*edges[0], *(new if [*edges[0], *styled, *edges[1]] == lines else styled), *edges[1]]
        changes: list[Change] = []
        for hunk in changed_hunks(lines, new):
            first, end, added = hunk.old_start, hunk.old_end, new[hunk.new_start : hunk.new_end]
            replaces = any(self._file.keys[first:end])
            for line in added:
                left_out = is_elision_comment(line) or (replaces and loses_code(line))
                if left_out and line.strip() not in self._file.known:
                    raise Misfit("The new text of the file leaves out code that should stay.")
            changes.append(Change(first, end, tuple(added)))
        self._make([_with_neighbour(change, lines) for change in changes])

    def _take_replace(self, block: EditBlock, loosest: Fit) -> Fit:
        found: Placement | None = None
        absent: Misfit | None = None
        try:
            found = place(self._file, block)
        except Misfit as misfit:
            if misfit.found:
                raise
            absent = misfit
        if (found is None or found.way > EXACT) and self._may_follow(block):
            try:
                later = place(FileLines(self._lines, self._file.language_id), block)
            except Misfit as misfit:
                if misfit.found:
                    raise
            else:
                if found is None or later.way < found.way:
                    _refuse_looser(later, loosest)
                    self._make_later(later.changes)
                    return later.fit
        if found is None:
            raise absent or _overlapping()
        _refuse_looser(found, loosest)
        self._make(found.changes)
        return found.fit

    def _may_follow(self, block: EditBlock) -> bool:
        """Whether the block quotes a line that an earlier one has written."""
        return any(key in self._written for line in block.old_lines if (key := alike_key(line)))

    def _make(self, changes: Sequence[Change]) -> None:
        """Make changes of the original. Raises Misfit where an earlier block has touched one's lines."""
        changes = [change for change in changes if self._changes_something(change)]
        starts = [self._untouched(change) for change in changes]
        for start, change in reversed(list(zip(starts, changes, strict=True))):
            first, end, _ = change
            self._covered.append((first, end))
            self._insertions += [(gap, first, end) for gap in self._gaps(change)]
            self._write(change._replace(first_line=start, end_line=start + end - first))

    def _make_later(self, changes: Sequence[Change]) -> None:
        """Make changes of the text as it would be."""
        for change in reversed(changes):
            first, end, _ = change
            above = next((origin for origin in reversed(self._origins[:first]) if origin >= 0), -1)
            below = next((origin for origin in self._origins[end:] if origin >= 0), len(self._file.lines))
            self._covered.append((above + 1, below))
            self._write(change)

    def _changes_something(self, change: Change) -> bool:
        return tuple(self._file.lines[change.first_line : change.end_line]) != change.new_lines

    def _untouched(self, change: Change) -> int:
        """Where the lines that a change of the original takes are now. Raises Misfit where they are not."""
        first, end, _ = change
        start = self._origins.index(first) if first in self._origins else len(self._lines)
        if self._origins[start : start + end - first] != list(range(first, end)):
            raise _overlapping()
        for gap in self._gaps(change) if self._insertions else ():
            # Both blocks hang what they add on the same line: the order is not known.
            if any(gap == other and first < b and a < end for other, a, b in self._insertions):
                raise _overlapping()
        return start

    def _gaps(self, change: Change) -> list[int]:
        """The lines of the original before which a change adds some and takes none away."""
        first, end, new = change
        hunks = changed_hunks(self._file.lines[first:end], new)
        return [first + hunk.old_start for hunk in hunks if hunk.old_start == hunk.old_end]

    def _write(self, change: Change) -> None:
        """Make a change of the text as it would be."""
        first, end, new = change
        for hunk in reversed(changed_hunks(self._lines[first:end], new)):
            added = new[hunk.new_start : hunk.new_end]
            there = slice(first + hunk.old_start, first + hunk.old_end)
            self._lines[there] = added
            self._origins[there] = [-1] * len(added)
            self._written.update(map(alike_key, added))


def _with_neighbour(change: Change, lines: Sequence[str]) -> Change:
    """The change, with a line beside it where it takes none away: nobody can tell where no line is."""
    first, end, new = change
    if first < end or not lines:
        return change
    if first == len(lines) or (first > 0 and lines[first - 1].strip()):
        return Change(first - 1, first, (lines[first - 1], *new))
    return Change(first, first + 1, (*new, lines[first]))


def _refuse_looser(placement: Placement, loosest: Fit) -> None:
    if placement.fit > loosest:
        raise Misfit(_MADE_BEFORE, again=True)


def _overlapping() -> Misfit:
    return Misfit("The change touches lines that an earlier change of the answer has changed.")
