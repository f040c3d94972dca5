"""Why a block is not made, and the lines of the file that it may have meant, for people and models to see.

Nothing is ever changed there. Must stay fast in files of any length, so only some places are compared: those
where rare lines of the block stand, or where none does, rare words.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.edits.file_lines import alike_key, words
from pygpt_lsp.core.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pygpt_lsp.core.edits.file_lines import FileLines

_AROUND = 2
_RARE = 20
"""What stands in more lines than these says little about a place."""
_MOST_PLACES = 12
"""The places compared, those first that most speaks for."""
_ALIKE = 0.4
"""The share of words in common from which on lines are alike."""


class Nearest(NamedTuple):
    """Some lines of a file, without endings, from `first_line` (0-based)."""

    first_line: int
    lines: tuple[str, ...]


class Misfit(EditRefused):
    """A block that is not made. `found`: its old lines are in the file, but that does not settle it.
    `again`: the file looks as if the block had been made before."""

    def __init__(
        self, sentence: str, nearest: Nearest | None = None, *, found: bool = True, again: bool = False
    ) -> None:
        super().__init__(sentence)
        self.nearest = nearest
        self.found = found
        self.again = again or not found


def nearest_lines(file: FileLines, wanted: Sequence[str]) -> Nearest | None:
    """The lines most like `wanted`, and two on either side; None where nothing is alike."""
    votes = Counter(_starts(file.key_places, [[alike_key(line)] for line in wanted]))
    if not votes:
        votes = Counter(_starts(file.word_places, [sorted(words(line)) for line in wanted]))
    bag = _bag(wanted)
    best, most = -1, _ALIKE
    for start, _ in sorted(votes.most_common(_MOST_PLACES)):
        alike = _share(bag, _bag(file.lines[max(start, 0) : start + len(wanted)]))
        if alike > most:
            best, most = start, alike
    return None if most == _ALIKE else lines_at(file, best, len(wanted))


def lines_at(file: FileLines, start: int, count: int) -> Nearest:
    """`count` lines from `start` on, and two on either side, as far as there are such."""
    first = max(start - _AROUND, 0)
    return Nearest(first, tuple(file.lines[first : start + count + _AROUND]))


def _starts(places: Mapping[str, list[int]], wanted: Sequence[Sequence[str]]) -> Iterator[int]:
    """Where the wanted lines would begin, once for each rare thing in them that the file has."""
    for offset, things in enumerate(wanted):
        for thing in things:
            where = places.get(thing, ()) if thing else ()
            if len(where) <= _RARE:
                yield from (place - offset for place in where)


def _bag(lines: Sequence[str]) -> Counter[str]:
    return Counter(word for line in lines for word in words(line) or line.split())


def _share(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
