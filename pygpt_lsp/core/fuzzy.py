"""How well some letters fit a path, as the file pickers of editors judge it.

`rank` is the whole truth about the order; `path_block` finds the best of many paths by it without asking
about each. Must never depend on anything but the query and the path.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# How a query lies in a path, the best first.
KINDS: Final = range(9)
(
    NAME_IS,  # it is the file's name, or what stands before a dot in it
    NAME_BEGINS,
    WORD_BEGINS,  # so the name goes on from a word: `request` in `chat_request.py`, `ChatRequest.java`
    INITIALS,  # so begin the first letters of its words: `cr`
    IN_NAME,
    PART_BEGINS,  # the path begins so, or what follows one of its folders
    IN_PATH,
    LETTERS_IN_NAME,  # the letters in this order, others between them
    LETTERS_IN_PATH,
) = KINDS

NUL: Final = "\0"
"""No path holds it."""
LATER_WORD: Final = "\1"
"""No folded text holds it."""
_LONGEST_QUERY: Final = 300
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+")


class Rank(NamedTuple):
    """How well a query fits `path`; the smaller the better.

    `kind` is one of KINDS, `gap` how many characters stand between the letters where they are not together,
    `length` that of the path; all in code points.
    """

    kind: int
    gap: int
    length: int
    path: str


def rank(query: str, path: str) -> Rank | None:
    """How well `query` fits `path`, a path with `/`; None where it does not.

    Upper and lower case are the same, but for a capital in the query there has to be a capital. An empty
    query fits every path.
    """
    asked = Query(query)
    if asked.hopeless or not asked.has_capitals(path):
        return None
    texts = Texts.of(path)
    kind = asked.kind_in(texts)
    if kind is not None:
        return Rank(kind, 0, len(path), path)
    for kind, text in ((LETTERS_IN_NAME, texts.name), (LETTERS_IN_PATH, texts.path)):
        gap = asked.gap_in(text, kind)
        if gap is not None:
            return Rank(kind, gap, len(path), path)
    return None


def fold(text: str) -> str:
    """`text` as it is compared: without case, and with accents composed however they were written."""
    return composed(text).casefold().replace(LATER_WORD, "\2")


def composed(text: str) -> str:
    """`text` with its accents composed (macOS gives names with decomposed ones)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class Texts(NamedTuple):
    """What is searched of one path, folded. `later`: the rest of the name from each word on but one that it
    begins with."""

    path: str
    name: str
    later: tuple[str, ...]
    initials: str

    @classmethod
    def of(cls, path: str) -> Texts:
        """The texts of `path`."""
        folded = fold(path)
        name = composed(path[path.rfind("/") + 1 :])
        starts = [match.start() for match in _WORD.finditer(name)]
        return cls(
            folded,
            folded[folded.rfind("/") + 1 :],
            tuple([fold(name[start:]) for start in starts if start]),
            "".join([fold(name[start]) for start in starts]),
        )


class Query:
    """A query, prepared for many paths.

    `text` is what is looked for, folded, `capitals` are the letters that have to be ones. `hopeless`: no path
    fits.
    """

    def __init__(self, query: str) -> None:
        self.text = fold(query)
        self.hopeless = len(query) > _LONGEST_QUERY or NUL in query
        spelled = composed(query)
        self.capitals = {letter for letter in spelled if letter.isupper()}
        self._spelled = _in_this_order([_either(letter) for letter in spelled])
        self._letters = _in_this_order(self.text)

    def has_capitals(self, path: str) -> bool:
        """Whether the capitals asked for are there, among the other letters."""
        return not self.capitals or self._spelled.match(composed(path)) is not None

    def kind_in(self, texts: Texts) -> int | None:
        """How the query lies in a path in one piece; None where it does not."""
        text, name = self.text, texts.name
        if name.startswith(text):
            return NAME_IS if text and name[len(text) :][:1] in {"", "."} else NAME_BEGINS
        if any(word.startswith(text) for word in texts.later):
            return WORD_BEGINS
        if texts.initials.startswith(text):
            return INITIALS
        if text in name:
            return IN_NAME
        if texts.path.startswith(text) or f"/{text}" in texts.path:
            return PART_BEGINS
        return IN_PATH if text in texts.path else None

    def gap_in(self, folded: str, kind: int) -> int | None:
        """The gap between the letters in a name or a path, None where it does not have them in their order.

        In a name they are the first ones from its start, in a path the first from its end, where the name is.
        """
        match, text = self._letters.match(folded), self.text
        if match is None:
            return None
        if kind == LETTERS_IN_NAME:
            return match.end() - folded.find(text[0]) - len(text)
        at = end = folded.rfind(text[-1])
        for letter in text[-2::-1]:
            at = folded.rfind(letter, 0, at)
        return end + 1 - at - len(text)


def _either(letter: str) -> str:
    return letter if letter.isupper() else f"{letter}{letter.upper()}"


def _in_this_order(letters: Iterable[str]) -> re.Pattern[str]:
    """Matches, from its start, a text that has in this order one of each of these sets of letters."""
    return re.compile("".join(f"[^{each}]*+[{each}]" for each in map(re.escape, letters)))
