"""The lines of a file, made to be searched for the lines of many blocks.

Two lines are *alike* where they differ in white space alone. Where lines are alike, the columns that they are
indented by tell whether they stand at the same depth.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.indentation import indent_of, indent_width
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TAB_WIDTHS = (4, 2, 8, 3)
_WORD = re.compile(r"\w+")


class Shift(NamedTuple):
    """How lines of an answer are indented in the file: `columns` deeper, with `width` columns for a tab."""

    columns: int
    width: int


def alike_key(line: str) -> str:
    """What is equal for lines that are alike."""
    return " ".join(line.split())


class FileLines:
    """The lines of a file, without endings and byte-order mark, in a language (an LSP language id)."""

    def __init__(self, lines: Sequence[str], language_id: str = "") -> None:
        self.lines = list(lines)
        self.language_id = language_id

    @cached_property
    def known(self) -> frozenset[str]:
        """The lines without the space around them."""
        return frozenset(line.strip() for line in self.lines)

    @cached_property
    def text(self) -> TextSnapshot:
        """The lines as a text."""
        return TextSnapshot.from_string("\n".join(self.lines))

    @cached_property
    def keys(self) -> list[str]:
        """What is alike of each line."""
        return [alike_key(line) for line in self.lines]

    @cached_property
    def key_places(self) -> Mapping[str, list[int]]:
        """Where lines with a key stand."""
        return _places(self.keys)

    @cached_property
    def word_places(self) -> Mapping[str, list[int]]:
        """Where lines with a word stand."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for index, line in enumerate(self.lines):
            for word in words(line):
                places[word].append(index)
        return places

    def equal(self, wanted: Sequence[str]) -> list[int]:
        """The first lines of all places where exactly these lines stand, at least one line."""
        return _find(self.lines, self._line_places, list(wanted))

    def alike(self, wanted: Sequence[str]) -> list[int]:
        """The first lines of all places where lines stand that are alike, at least one line."""
        return _find(self.keys, self.key_places, [alike_key(line) for line in wanted])

    def shift(self, wanted: Sequence[str], start: int, width: int) -> Shift | None:
        """How the lines `wanted` are moved at `start`, where they are alike; None where not all as one.

        Among several ways to read tabs in the file one that moves nothing is taken, then one with `width`.
        """
        pairs = [
            (indent_of(line), indent_of(there))
            for line, there in zip(wanted, self.lines[start : start + len(wanted)], strict=True)
            if line.strip()
        ]
        widths = (width, *_TAB_WIDTHS) if any("\t" in there for _, there in pairs) else (self._width,)
        fits: list[Shift] = []
        for tab in widths:
            moved = {columns(there, tab) - columns(indent, tab) for indent, there in pairs}
            same_style = all(there.endswith(indent) or indent.endswith(there) for indent, there in pairs)
            if len(moved) == 1 and (same_style or not min(moved) % tab):
                fits.append(Shift(min(moved), tab))
        return next((fit for fit in fits if not fit.columns), fits[0] if fits else None)

    @cached_property
    def _width(self) -> int:
        """The columns of a tab, were there one: the step to the right that occurs most often.

        Not what all indentations are multiples of, since some lines are aligned to other things.
        """
        widths = [len(line) - len(line.lstrip(" ")) for line in self.lines if line.strip()]
        steps = Counter(deep - less for less, deep in pairwise(widths) if deep - less > 1)
        return steps.most_common(1)[0][0] if steps else indent_width(self.lines)

    @cached_property
    def _line_places(self) -> Mapping[str, list[int]]:
        return _places(self.lines)


def words(line: str) -> frozenset[str]:
    """The words of a line: names, numbers, and what else is made of letters."""
    return frozenset(_WORD.findall(line))


def columns(indent: str, width: int) -> int:
    """How wide an indentation is, with tabs of `width` columns."""
    return len(indent.expandtabs(width))


def _places(keys: Sequence[str]) -> Mapping[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        places[key].append(index)
    return places


def _find(keys: list[str], places: Mapping[str, list[int]], wanted: list[str]) -> list[int]:
    nowhere: list[int] = []
    rarest = min(range(len(wanted)), key=lambda index: len(places.get(wanted[index], nowhere)))
    starts = (place - rarest for place in places.get(wanted[rarest], nowhere))
    return [start for start in starts if start >= 0 and keys[start : start + len(wanted)] == wanted]
