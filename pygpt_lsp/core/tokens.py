"""Estimates how many tokens a text is, without a tokenizer: those download their tables.

Tokenizers of OpenAI's models cut a text at words, at capitals inside words, before every third digit, at runs
of punctuation and of white space. So each byte is put in a class, and the borders between classes are
counted, which takes some milliseconds for a megabyte. Estimates err slightly high; the usage that answers
report corrects them, model by model.
"""

from __future__ import annotations

from math import ceil

_MARGIN = 1.08
_WEIGHT = 0.3
_LEAST_CORRECTION, _MOST_CORRECTION = 0.4, 3.0
_FEWEST_OBSERVED = 100
_SHORT = 200  # characters: counting them costs no more than looking them up
_MOST_COUNTED = 5_000


class TokenEstimator:
    """Estimates for any model, corrected for those whose usage was observed. Not thread-safe."""

    __slots__ = ("_corrections", "_counted")

    def __init__(self) -> None:
        self._corrections: dict[str, float] = {}
        # Of a long chat all texts but one are the same after a key press. A hash stands for a text, so that
        # no text is kept alive.
        self._counted: dict[tuple[int, int], float] = {}

    def estimate(self, text: str, model: str = "") -> int:
        """About how many tokens `text` is for `model`; 0 for an empty text only."""
        return ceil(self._count(text) * self._corrections.get(model, 1.0)) if text else 0

    def observe(self, model: str, estimated: int, reported: int) -> None:
        """Learn from an answer: `estimate` said `estimated` for what the API counted as `reported` tokens.

        The correction moves by a part of what the estimate was off, so that one odd request does not spoil
        it, and stays within bounds. Requests of less than 100 tokens are too small to learn from.
        """
        if min(estimated, reported) < _FEWEST_OBSERVED:
            return
        moved = self._corrections.get(model, 1.0) * (reported * _MARGIN / estimated) ** _WEIGHT
        self._corrections[model] = min(max(moved, _LEAST_CORRECTION), _MOST_CORRECTION)

    def _count(self, text: str) -> float:
        if len(text) < _SHORT:
            return _count(text)
        key = hash(text), len(text)
        found = self._counted.get(key)
        if found is None:
            if len(self._counted) >= _MOST_COUNTED:
                self._counted.clear()
            found = self._counted[key] = _count(text)
        return found


def _table(**classes: str) -> bytes:
    """A translation of bytes to one letter each: what a class does not name becomes a space."""
    table = bytearray(b" " * 256)
    for letter, members in classes.items():
        for member in members.encode("latin-1"):
            table[member] = ord(letter)
    return bytes(table)


_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_DIGITS = "0123456789"
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
# The first byte of a UTF-8 sequence tells how long it is; the others are dropped.
_LATER = bytes(range(0x80, 0xC0))
_PAIRS = bytes(range(0xC0, 0xE0)).decode("latin-1")  # accents, Greek, Cyrillic, Hebrew, Arabic
_TRIPLES = bytes(range(0xE0, 0xF0)).decode("latin-1")  # Chinese, Japanese, Korean, Indic, symbols
_QUADS = bytes(range(0xF0, 0x100)).decode("latin-1")  # emoji, rare characters

# l lower case, u upper case, d digit, p punctuation, n line ending, t tab, x, y, z by length in UTF-8
_CLASSES = _table(
    l=_LOWER, u=_UPPER, d=_DIGITS, p=_PUNCTUATION, n="\r\n", t="\t", x=_PAIRS, y=_TRIPLES, z=_QUADS
)
_WORDS = _table(w="lux")
_NUMBERS = _table(d="d")
_RUNS = _table(p="p")
_MARKS = _table(p="p", w="lux", d="dyz", n="n")


def _count(text: str) -> float:
    """Tokens of `text` before any correction."""
    # With a space on either side, every border lies between two bytes.
    encoded = b"".join((b" ", text.encode("utf-8", "surrogatepass"), b" "))
    classes = encoded.translate(_CLASSES, _LATER)
    words, numbers, runs, marks = map(classes.translate, (_WORDS, _NUMBERS, _RUNS, _MARKS))
    tokens = (
        words.count(b" w")
        + 0.5 * words.count(b"wwwwwwww")  # every second long word is cut
        + classes.count(b"lu")
        + 0.5 * classes.count(b"uuuu")
        + numbers.count(b" d")
        + 0.5 * (numbers.count(b"ddd") + numbers.count(b"dddd"))  # three digits are one token
        + classes.count(b" d")  # a space joins the word after it, but not a number
        + runs.count(b" p")
        - 0.6 * (marks.count(b" pw") + marks.count(b"wpw"))  # one mark mostly joins the word after it
        + 0.3 * runs.count(b"pp")
        + marks.count(b"wn") + marks.count(b"dn")  # a line ending joins the mark before it
        + classes.count(b"n  ") + classes.count(b"nt")  # indentation
        + 0.3 * classes.count(b"x")
        + 0.85 * classes.count(b"y")
        + 2.0 * classes.count(b"z")
    )  # fmt: skip
    return tokens * _MARGIN + 1
