"""Takes out of a server's own words what must not be repeated: keys, and what the user wrote.

An API's error message may quote the key (with its middle starred out) or a part of the request. It is shown
and logged only after it went through here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REMOVED = "…"
LONGEST = 200
"""Characters of a server's message that are worth showing."""

_KEY_OVERLAP = 6
_TEXT_OVERLAP = 12
_KEY_LIKE = re.compile(
    r"(?i:bearer)\s+\S+"
    r"|\b(?:sk|pk|rk|key|gsk|xai|org|proj|sess)[-_][\w*-]{4,}"  # the usual beginnings
    r"|[\w-]*\*{3,}[\w*-]*"  # starred out
    r"|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}"  # long and random
)


def scrub(message: str, *, key: str, texts: Iterable[str]) -> str:
    """The message on one line of at most 200 characters, without anything key-like and without any piece
    (of 12 characters or more) of `texts`, what was said in the request.

    `key` is the key in use; six characters in a row of it are one piece too many.
    """
    printable = "".join(char if char.isprintable() else " " for char in message[: 2 * LONGEST])
    line = _KEY_LIKE.sub(REMOVED, " ".join(printable.split()))
    line = _without(line, [key], _KEY_OVERLAP)
    line = _without(line, [" ".join(text.split()) for text in texts], _TEXT_OVERLAP)
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + REMOVED


def _without(line: str, secrets: list[str], overlap: int) -> str:
    """The line with every run of `overlap` or more characters that also stands in a secret replaced."""
    shared = [False] * len(line)
    for start in range(len(line) - overlap + 1):
        window = line[start : start + overlap]
        if any(window in secret for secret in secrets):
            shared[start : start + overlap] = [True] * overlap
    kept: list[str] = []
    for char, secret in zip(line, shared, strict=True):
        if not secret:
            kept.append(char)
        elif not kept or kept[-1] != REMOVED:
            kept.append(REMOVED)
    return "".join(kept)
