"""Which lines differ between two texts, in bounded time.

The library's matcher takes minutes for some thousand lines that repeat much, and less exact where it guesses
which lines matter. So: equal ends first, then lines that occur once on both sides, which nearly always belong
together (patience diff), and the library's matcher only for what small rest lies between. Must always
give hunks that turn one text into the other; where it stops looking for equal lines, the hunk is larger.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# The matcher's worst case is the cube of this many lines: some tens of milliseconds.
_SMALL = 100


class Hunk(NamedTuple):
    """Lines `old_start` up to, not including, `old_end` give way to `new_start` up to `new_end`."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def changed_hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """The hunks that turn the lines `old` into `new`, in ascending order with equal lines between them."""
    hunks: list[Hunk] = []
    old_done = new_done = 0
    for i, j in [*sorted(_equal_pairs(old, new)), (len(old), len(new))]:
        if i > old_done or j > new_done:
            hunks.append(Hunk(old_done, i, new_done, j))
        old_done, new_done = i + 1, j + 1
    return hunks


def _equal_pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The indexes of lines that stay, in any order."""
    pairs: list[tuple[int, int]] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        i1, i2, j1, j2 = todo.pop()
        while i1 < i2 and j1 < j2 and old[i1] == new[j1]:
            pairs.append((i1, j1))
            i1, j1 = i1 + 1, j1 + 1
        while i1 < i2 and j1 < j2 and old[i2 - 1] == new[j2 - 1]:
            i2, j2 = i2 - 1, j2 - 1
            pairs.append((i2, j2))
        if i1 == i2 or j1 == j2:
            continue
        anchors = _unique_pairs(old, new, (i1, i2, j1, j2))
        if anchors:
            pairs += anchors
            starts = [(i1, j1), *((i + 1, j + 1) for i, j in anchors)]
            ends = [*anchors, (i2, j2)]
            todo += [(a, c, b, d) for (a, b), (c, d) in zip(starts, ends, strict=True)]
        elif i2 - i1 <= _SMALL and j2 - j1 <= _SMALL:
            pairs += _matched_pairs(old, new, (i1, i2, j1, j2))
    return pairs


def _unique_pairs(
    old: Sequence[str], new: Sequence[str], span: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """The longest ascending run of lines that occur exactly once on both sides of `span`."""
    i1, i2, j1, j2 = span
    in_old, in_new = _only_once(old, i1, i2), _only_once(new, j1, j2)
    found = [(i, in_new[line]) for line, i in in_old.items() if line in in_new]
    # Patience sorting: `tops[n]` ends the run of n + 1 pairs that ends lowest; `before` links each run back.
    tops: list[int] = []
    top_pairs: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(found):
        place = bisect_left(tops, j)
        tops[place : place + 1] = [j]
        top_pairs[place : place + 1] = [index]
        before.append(top_pairs[place - 1] if place else -1)
    run: list[tuple[int, int]] = []
    index = top_pairs[-1] if top_pairs else -1
    while index >= 0:
        run.append(found[index])
        index = before[index]
    return run[::-1]


def _only_once(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    """The lines of the span that occur in it once, with their indexes, ascending."""
    places: dict[str, int] = {}
    for index in range(start, end):
        places[lines[index]] = -1 if lines[index] in places else index
    return {line: index for line, index in places.items() if index >= 0}


def _matched_pairs(
    old: Sequence[str], new: Sequence[str], span: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    from difflib import SequenceMatcher

    i1, i2, j1, j2 = span
    matcher = SequenceMatcher(None, old[i1:i2], new[j1:j2], autojunk=False)
    return [
        (i1 + block.a + step, j1 + block.b + step)
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]
