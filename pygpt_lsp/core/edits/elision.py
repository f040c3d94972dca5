"""Lines such as `# ... existing code ...`, by which an answer leaves out code that should stay.

Among the lines to be found they are gaps. Among the lines to be written they must never reach a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_OPENING = r"(?:#|//|--|/\*|<!--|;|%|'|\{/\*)+"
_DOTS = r"(?:\.{3}|…)"
_WORDS = r"(?:the\s+)?(?:rest|remain|existing|unchanged|same|previous|other|original|omitted|as before)"
_LEFT_OUT = rf"{_DOTS}\W*{_WORDS}"
# In a comment, or between dots: prose may begin a line with "...".
_STANDS_FOR_CODE = re.compile(
    rf"\s*(?:{_OPENING}\s*\W?{_LEFT_OUT}|\W?{_LEFT_OUT}.*{_DOTS}\W?\s*\Z)", re.IGNORECASE
)
_DOTS_LAST = re.compile(rf"\s*{_OPENING}\s*\W?{_WORDS}\b.*{_DOTS}\W*\Z", re.IGNORECASE)
_DOTS_ALONE = re.compile(rf"\s*[\[(]?{_DOTS}[\])]?\s*\Z")
_DOTS_IN_COMMENT = re.compile(rf"\s*{_OPENING}\s*[\[(]?{_DOTS}[\])]?\s*(?:\*/\}}?|-->)?\s*\Z")


def stands_for_code(line: str) -> bool:
    """Whether `line` says in words that it stands for code: in any answer, wherever it is."""
    return _STANDS_FOR_CODE.match(line) is not None


def is_dots(line: str) -> bool:
    """Whether `line` is nothing but dots, which are code in some languages."""
    return _DOTS_ALONE.match(line) is not None


def is_elision(line: str) -> bool:
    """Whether `line` can stand for code in a block that quotes code."""
    if "..." not in line and "…" not in line:
        return False
    return is_dots(line) or is_elision_comment(line)


def is_elision_comment(line: str) -> bool:
    """Whether `line` can stand for code, and is no code itself in any language."""
    return any(form.match(line) for form in (_STANDS_FOR_CODE, _DOTS_LAST, _DOTS_IN_COMMENT))


def split_at_elisions(lines: Iterable[str], known: Collection[str]) -> tuple[list[list[str]], list[str]]:
    """The runs of lines between the elisions, and the elisions, of which there is one less.

    `known` are the lines of the file without the space around them: what is among them is a line like any.
    """
    runs: list[list[str]] = [[]]
    elisions: list[str] = []
    for line in lines:
        if is_elision(line) and line.strip() not in known:
            runs.append([])
            elisions.append(line)
        else:
            runs[-1].append(line)
    return runs, elisions
