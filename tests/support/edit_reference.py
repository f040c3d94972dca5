"""Where the lines of an answer may stand in a file, by search alone: what the planner is measured by.

It shares nothing with the product's code, and knows no index: each line of the file is tried.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tests.support.edit_cases import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.edit_cases import Case

EXACT, SPACED, SHIFTED = 1, 2, 3
"""How lines may stand somewhere, from the strictest way on."""


class Run(NamedTuple):
    """Entries between two left-out parts and the only place they can have.

    `shifts`: by how many columns they are moved there, for each width that a tab can have.
    """

    entries: list[Entry]
    start: int
    way: int
    shifts: dict[int, int]

    @property
    def end(self) -> int:
        """The line behind the place."""
        return self.start + sum(entry.kind != "new" for entry in self.entries)


def only_place(case: Case) -> list[Run] | None:
    """The one place of each run of entries; None where the answer does not tell it."""
    runs: list[list[Entry]] = [[]]
    for entry in case.entries:
        if entry.kind == "gap":
            runs.append([])
        else:
            runs[-1].append(entry)
    placed: list[Run] = []
    for run in runs:
        if any(entry.line.strip() for entry in run if entry.kind != "new"):
            found = _only_place_of(case.lines, run)
            if found is None:
                return None
            placed.append(found)
        elif any(entry.line.strip() for entry in run):
            return None
    if any(one.end > other.start for one, other in pairwise(placed)):
        return None
    return placed or None


def way_of(lines: Sequence[str], start: int, old: Sequence[str]) -> tuple[int, dict[int, int]] | None:
    """The strictest way in which quoted lines stand at `start`, and their shifts; None if they do not."""
    there = lines[start : start + len(old)]
    if len(there) < len(old) or [line.split() for line in old] != [line.split() for line in there]:
        return None
    if list(old) == list(there):
        return EXACT, {4: 0}
    shifts: dict[int, int] = {}
    pairs = [(_indent(a), _indent(b)) for a, b in zip(old, there, strict=True) if a.strip()]
    for width in (2, 3, 4, 8) if any("\t" in own for _, own in pairs) else (4,):
        by = {_columns(own, width) - _columns(quoted, width) for quoted, own in pairs}
        same_style = all(len(set(quoted + own)) < 2 for quoted, own in pairs)
        if len(by) == 1 and (same_style or not min(by) % width):
            shifts[width] = min(by)
    still = {width: by for width, by in shifts.items() if by == 0}
    return (SPACED, still) if still else (SHIFTED, shifts) if shifts else None


def is_made(case: Case, runs: Sequence[Run], result: Sequence[str]) -> bool:
    """Whether the lines `result` are those of the file with the answer's new lines at the place, and no other
    line is changed.
    """
    done = at = 0
    for run in runs:
        before = case.lines[done : run.start]
        if list(result[at : at + len(before)]) != before:
            return False
        at, own = at + len(before), run.start
        for entry in run.entries:
            if entry.kind != "old":
                line = result[at] if at < len(result) else None
                if line is None or not _fits(
                    line, entry, case.lines[own] if entry.kind == "keep" else "", run
                ):
                    return False
                at += 1
            own += entry.kind != "new"
        done = run.end
    return list(result[at:]) == case.lines[done:]


def _fits(line: str, entry: Entry, own: str, run: Run) -> bool:
    """Whether a line was written as it must: the file's own one, or a new one as deep as it is meant."""
    if entry.kind == "keep":
        return line == own
    if line == entry.line or not entry.line.strip():
        return line.strip() == entry.line.strip()
    unindented = not any(_indent(other.line) for other in run.entries if other.kind != "new")
    # Quoted lines without indentation do not tell how the file is indented: its other lines do.
    shifts = dict.fromkeys((2, 3, 4, 8), 0) if unindented and run.way < SHIFTED else run.shifts
    if line.split() != entry.line.split() or (run.way == EXACT and not unindented):
        return False
    deep = _indent(entry.line)
    return any(_columns(_indent(line), width) == _columns(deep, width) + by for width, by in shifts.items())


def _only_place_of(lines: Sequence[str], run: list[Entry]) -> Run | None:
    old = [entry.line for entry in run if entry.kind != "new"]
    starts = [start for start in range(len(lines)) if lines[start : start + len(old)] == old]
    if starts:
        return Run(run, starts[0], EXACT, {4: 0}) if len(starts) == 1 else None
    readings = [_places(lines, entries) for entries in _readings(run)]
    for found in (*([place for place in places if place.way < SHIFTED] for places in readings), *readings):
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _places(lines: Sequence[str], entries: list[Entry]) -> list[Run]:
    """All places where the quoted lines stand in any way."""
    old = [entry.line for entry in entries if entry.kind != "new"]
    words, quoted = [line.split() for line in lines], [line.split() for line in old]
    alike = [start for start in range(len(lines)) if words[start : start + len(old)] == quoted]
    ways = [(start, way_of(lines, start, old)) for start in alike]
    return [Run(entries, start, *way) for start, way in ways if way]


def _readings(run: list[Entry]) -> list[list[Entry]]:
    """The entries without blank lines that both sides have at an edge; then without those of the old side.

    Blank lines are kept by all entries, so one that stands behind a new line is then a new one too.
    """
    first, end = 0, len(run)
    while _is_blank(run[first]):
        first += 1
    while _is_blank(run[end - 1]):
        end -= 1
    both = run[first:end]
    filled = [index for index, entry in enumerate(both) if entry.kind != "new" and entry.line.strip()]
    inner = range(filled[0], filled[-1])
    old_only = [
        Entry("new", entry.line) if _is_blank(entry) and index not in inner else entry
        for index, entry in enumerate(both)
    ]
    return [both] if old_only == both else [both, old_only]


def _is_blank(entry: Entry) -> bool:
    return entry.kind == "keep" and not entry.line.strip()


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _columns(indent: str, width: int) -> int:
    return sum(width if character == "\t" else 1 for character in indent)
