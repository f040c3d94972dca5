"""Lines from the middle of a private key in a diff, whose hunks show neither of its markers.

Of the file as it is now such lines are known; of the file as it was nobody has the whole. So a line is one of
a key by its looks, if another is beside it. That hides lines of pictures and certificates as well: a model
understands neither.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.kinds import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HUNK: Final = re.compile(r"^@@ -\d.*\n(?:[ +\-\\].*\n?)+", re.MULTILINE)
_MARKER: Final = re.compile(r"-----(?:BEGIN|END) ")
_LINE: Final = re.compile(
    r"^[ +-][ \t]*[\"']?(?P<key>[A-Za-z0-9+/]{8,78}={0,2})(?:\\[rn])*[\"'+ ,;.\\]{0,8}\r?$", re.MULTILINE
)
_WIDE: Final = 60  # characters of base64; all formats have at least 64, but for the last line


def lines_in_hunks(text: str) -> Iterator[Secret]:
    """The lines of private keys in the hunks of a diff that show no marker."""
    if "@@ -" not in text:
        return
    for hunk in _HUNK.finditer(text):
        if _MARKER.search(hunk.group()) is None:
            yield from _in_hunk(text, hunk)


def _in_hunk(text: str, hunk: re.Match[str]) -> Iterator[Secret]:
    beside: list[re.Match[str]] = []
    for line in _LINE.finditer(text, *hunk.span()):
        if beside and text.count("\n", beside[-1].end(), line.start()) > 1:
            yield from _of_key(beside)
            beside = []
        beside.append(line)
    yield from _of_key(beside)


def _of_key(lines: Sequence[re.Match[str]]) -> Iterator[Secret]:
    """Lines that stand together, if two of them are wide."""
    random = [line for line in lines if _is_random(line["key"])]
    if sum(len(line["key"]) >= _WIDE for line in random) >= 2:
        yield from (Secret(*line.span("key"), "PRIVATE_KEY") for line in random)


def _is_random(value: str) -> bool:
    """Whether it has letters of both kinds and numbers, as no word and no checksum has."""
    return any(map(str.isdigit, value)) and value.lower() != value != value.upper()
