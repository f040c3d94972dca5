"""Finds the best of 100,000 paths for a query within milliseconds.

A `PathBlock` holds some thousand of them. The texts of all are one string, which the interpreter's own search
goes through at the speed of memory, and of each letter it is known which paths have it. The order is that of
`fuzzy.rank`, exactly, whatever the order in which the paths were listed; a test holds the one to the other.
"""

from __future__ import annotations

from array import array
from heapq import merge
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.fuzzy import (
    INITIALS,
    KINDS,
    LATER_WORD,
    LETTERS_IN_NAME,
    NAME_BEGINS,
    NAME_IS,
    NUL,
    PART_BEGINS,
    WORD_BEGINS,
    Query,
    Rank,
    Texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_LETTERS: Final = 200  # that are told apart in a block; Chinese names have thousands


def best(query: str, blocks: Sequence[PathBlock], limit: int) -> list[Rank]:
    """The `limit` best of the paths in `blocks` that fit `query`, the best first."""
    asked = Query(query)
    if asked.hopeless:
        return []
    searches = [_Search(block, asked) for block in blocks]
    found: dict[str, Rank] = {}
    # Kind after kind, so that the worse ones, which cost more, are mostly never looked for.
    for kind in KINDS if asked.text else (NAME_BEGINS,):
        streams = [stream for search in searches for stream in search.ranks(kind, 2 * limit)]
        for each in merge(*streams):
            found.setdefault(each.path, each)
            if len(found) >= limit:
                return list(found.values())
    return list(found.values())


class PathBlock:
    """Some paths, a few thousand at most, ready to be searched; immutable.

    They are kept by length and then by name: so they rank where a query lies in them in the same way, and
    only the first ones of each way matter.
    """

    __slots__ = ("_entries", "_starts", "_written", "in_names", "in_paths", "initials", "names", "paths")

    def __init__(self, paths: Iterable[str]) -> None:
        """`paths` are relative ones with `/`; none holds a NUL."""
        ordered = sorted(set(paths), key=lambda path: (len(path), path))
        texts = [Texts.of(path) for path in ordered]
        self._written = "".join(ordered)
        self._starts = _ends(ordered)
        # Before each text, and at the end of all, stands a NUL, before each later word of a name the mark.
        self.paths = _joined(each.path for each in texts)
        self._entries = _ends([f"{NUL}{each.path}" for each in texts])
        self.names = _joined(LATER_WORD.join((each.name, *each.later)) for each in texts)
        self.initials = _joined(each.initials for each in texts)
        self.in_paths = Letters([path + each.path for path, each in zip(ordered, texts, strict=True)])
        self.in_names = Letters([each.name for each in texts])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def written(self, index: int) -> str:
        """A path as it was given."""
        return self._written[self._starts[index] : self._starts[index + 1]]

    def folded(self, index: int) -> str:
        """A path as it is searched."""
        return self.paths[self._entries[index] + 1 : self._entries[index + 1]]


class _Search:
    """One block, searched for one query."""

    def __init__(self, block: PathBlock, asked: Query) -> None:
        self._block = block
        self._asked = asked
        self._candidates = block.in_paths.having({*asked.text, *asked.capitals})
        # Where it is not in one piece in any path, it need not be looked for in other places.
        self._in_one_piece = bool(self._candidates) and asked.text in block.paths

    def ranks(self, kind: int, limit: int) -> Iterable[Iterator[Rank]]:
        """The paths in which the query lies as `kind` says or better: streams, the best first in each.

        Where only the letters are there, a stream ends after `limit`.
        """
        if kind < LETTERS_IN_NAME:
            if not self._candidates or not (self._in_one_piece or kind == INITIALS):
                return ()
            needles = _needles(self._asked.text, kind)
            return [self._ranked(kind, ((0, at) for at in self._holding(needle, kind))) for needle in needles]
        spread = sorted(self._gaps(kind))
        return [islice(self._ranked(kind, spread), limit)]

    def _ranked(self, kind: int, places: Iterable[tuple[int, int]]) -> Iterator[Rank]:
        for gap, index in places:
            path = self._block.written(index)
            if self._asked.has_capitals(path):
                yield Rank(kind, gap, len(path), path)

    def _holding(self, needle: str, kind: int) -> Iterator[int]:
        """The indexes of the paths that have the needle in the text in which this kind is looked for."""
        block = self._block
        text = block.initials if kind == INITIALS else block.names if kind < PART_BEGINS else block.paths
        index, counted = -1, 0
        at = text.find(needle)
        while at >= 0:
            index += text.count(NUL, counted, at + 1)
            if index == len(block):
                break
            yield index
            counted = at + 1
            at = text.find(needle, text.find(NUL, counted))

    def _gaps(self, kind: int) -> Iterator[tuple[int, int]]:
        """The gaps between the letters of the query, with the indexes of the paths that have them."""
        block, gap_in, in_name = self._block, self._asked.gap_in, kind == LETTERS_IN_NAME
        bits = self._candidates & block.in_names.having(self._asked.text) if in_name else self._candidates
        for index in _bits(bits):
            text = block.folded(index)
            gap = gap_in(text[text.rfind("/") + 1 :] if in_name else text, kind)
            if gap is not None:
                yield gap, index


class Letters:
    """Which of some texts have a letter."""

    __slots__ = ("_all", "_having", "_known")

    def __init__(self, texts: Sequence[str]) -> None:
        marks: dict[str, bytearray] = {}
        for index, text in enumerate(texts):
            for letter in set(text):
                if letter not in marks:
                    marks[letter] = bytearray(b"0") * len(texts)
                marks[letter][index] = ord("1")
        self._known = len(marks) <= _MOST_LETTERS
        # Of each letter a number whose bit i tells about text i.
        self._having = {
            letter: int(mark[::-1], 2) for letter, mark in marks.items() if self._known or letter.isascii()
        }
        self._all = (1 << len(texts)) - 1

    def having(self, letters: Iterable[str]) -> int:
        """The texts that have all these letters, as bits; where there are many letters, some more."""
        found = self._all
        for letter in letters:
            if self._known or letter.isascii():
                found &= self._having.get(letter, 0)
        return found


def _needles(text: str, kind: int) -> tuple[str, ...]:
    """What stands in the text of a block where the query lies in a path as `kind` says, and only there."""
    if kind == NAME_IS:
        return (f"{NUL}{text}{NUL}", f"{NUL}{text}{LATER_WORD}", f"{NUL}{text}.")
    if kind == WORD_BEGINS:
        return (LATER_WORD + text,)
    if kind == PART_BEGINS:
        return (NUL + text, f"/{text}")
    return (NUL + text,) if kind in {NAME_BEGINS, INITIALS} else (text,)


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    digits = bin(number)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def _ends(texts: Iterable[str]) -> array[int]:
    """Where each of the texts begins when they are joined, and where the last one ends."""
    return array("I", accumulate(map(len, texts), initial=0))


def _joined(texts: Iterable[str]) -> str:
    return NUL + NUL.join(texts) + NUL
