"""Private keys: blocks of many lines between two markers (RFC 7468), also in the middle of other code.

A block may be cut, because an excerpt begins or ends in it; what there is of it is found. Markers with
something else between them, as in a program that reads keys, are none.
PuTTY's files count their lines instead.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.kinds import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?"
_BEGIN: Final = re.compile(rf"-----BEGIN {_NAME}-----|---- BEGIN {_NAME} ----")
_END: Final = re.compile(rf"-----END {_NAME}-----|---- END {_NAME} ----")
_ENDING: Final = r"(?:\r\n|\n|\r|\\r\\n|\\n|\\u000a|&#10;|%0A|<br>)"
_BREAK: Final = re.compile(rf"{_ENDING}(?:[ \t+-]*//)?|(?<=[A-Za-z0-9+/=-]{{16}}) (?=[A-Za-z0-9+/=-]{{4}})")
"""Where a line of a key ends, also in strings and markup, in a comment, and where all stands in one line."""
_AROUND: Final = " \t\"'`+,;.()\\|#*>-…"
"""What may stand around the lines of a key in code, in a quotation, in a diff, where a line was cut."""
_LINE: Final = re.compile(r"[A-Za-z0-9+/=]+|[A-Za-z][A-Za-z-]{2,20}: [^\r\n]{0,200}|")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=]+")
_START: Final = r"[+>-]?[ \t]*[\"']?"
_OF_PUTTY: Final = r"[A-Za-z0-9+/]{4,64}={0,2}(?![\w+/=-])"
_PUTTY: Final = re.compile(
    rf"Private-Lines: \d{{1,3}}{_ENDING}{_START}"
    rf"(?P<key>{_OF_PUTTY}(?:[ \t\"'+\\]{{0,8}}{_ENDING}{_START}{_OF_PUTTY}){{0,200}})"
)
_LONGEST: Final = 40_000  # characters
_LEAST: Final = 40  # characters of base64
_LEAST_OF_LINE: Final = 8
_WIDE: Final = 16  # all lines of a key but its last one


def key_blocks(text: str) -> Iterator[Secret]:
    """The private keys in a text."""
    if "Private-Lines: " in text:
        yield from (Secret(*match.span("key"), "PRIVATE_KEY") for match in _PUTTY.finditer(text))
    if "PRIVATE KEY" not in text:
        return
    done = 0
    for end in _END.finditer(text):
        begins = list(_BEGIN.finditer(text, max(done, end.start() - _LONGEST), end.start()))
        if not begins:
            yield from _ended(text, end, done)
        elif _is_key(text[begins[-1].end() : end.start()]):
            yield from _all_begun(text, begins[:-1], begins[-1].start())
            yield Secret(begins[-1].start(), end.end(), "PRIVATE_KEY")
        else:
            yield from _all_begun(text, begins, end.start())
        done = end.end()
    yield from _all_begun(text, list(_BEGIN.finditer(text, done)), len(text))


def key_lines(text: str) -> Iterator[str]:
    """The lines of base64 in the private keys of a text: an excerpt from the middle of a key shows nothing
    else of it."""
    for start, end, _ in key_blocks(text):
        lines = (line.strip(_AROUND) for line in _BREAK.split(text[start:end]))
        yield from (line for line in lines if len(line) >= _LEAST_OF_LINE and _BASE64.fullmatch(line))


def _is_key(body: str) -> bool:
    lines = [line.strip(_AROUND) for line in _BREAK.split(body)]
    least = sum(len(line) for line in lines if ":" not in line)
    return least >= _LEAST and all(_LINE.fullmatch(line) for line in lines)


def _all_begun(text: str, begins: list[re.Match[str]], limit: int) -> Iterator[Secret]:
    for begin, following in zip_longest(begins, begins[1:]):
        yield from _begun(text, begin, following.start() if following is not None else limit)


def _begun(text: str, begin: re.Match[str], limit: int) -> Iterator[Secret]:
    """A key whose end is not there: from its first marker as far as its lines go."""
    limit = min(limit, begin.end() + _LONGEST)
    end = place = begin.end()
    while place < limit:
        found = _BREAK.search(text, place, limit)
        stop = found.start() if found else limit
        if not _LINE.fullmatch(text[place:stop].strip(_AROUND)):
            break
        end = stop if text[place:stop].strip(_AROUND) else end
        place = found.end() if found else limit
    if end - begin.end() >= _LEAST:
        yield Secret(begin.start(), end, "PRIVATE_KEY")


def _ended(text: str, marker: re.Match[str], limit: int) -> Iterator[Secret]:
    """A key whose beginning is not there: the lines before its last marker."""
    limit = max(limit, marker.start() - _LONGEST)
    breaks = [*_BREAK.finditer(text, limit, marker.start())]
    starts = [limit, *(found.end() for found in breaks)]
    stops = [*(found.start() for found in breaks), marker.start()]
    start, wide = marker.start(), False
    for first, stop in zip(reversed(starts), reversed(stops), strict=True):
        line = text[first:stop].strip(_AROUND)
        if not _LINE.fullmatch(line) or (wide and 0 < len(line) < _WIDE):
            break
        start, wide = (first, wide or len(line) >= _WIDE) if line else (start, wide)
    if wide and marker.start() - start >= _LEAST:
        yield Secret(start, marker.end(), "PRIVATE_KEY")
