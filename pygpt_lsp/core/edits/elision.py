"""Lines such as `# ... existing code ...`, by which an answer leaves out code that should stay.

Among the lines to be found they are gaps. Among the lines to be written they must never reach a file. Models
forget the dots, too: what only says in words that code stays is no gap, but must never replace code.
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

_LONGEST_REMARK = 200  # characters; longer lines say more than that code stays
_STAYS = (
    r"(?:(?:is|are|remains?|stays?|kept|left)\s+)?(?:exactly\s+)?"
    r"(?:(?:the\s+)?same(?:\s+as\s+before)?|unchanged|untouched|unmodified|omitted|not\s+shown|as[\s-]+(?:before|is)"
    r"|as\s+it\s+(?:is|was))(?:\s+here|\s+for\s+brevity)?"
)
_CODE = r"(?:code|body|implementation|logic)"
_UNIT = rf"(?:{_CODE}|file|function|method|class|component|module|script)"
_ALL = r"(?:(?:the|all|keep|your|this)\s+)*"
_REST = (
    rf"(?:rest|remainder)(?:\s+of\s+(?:\w+\s+){{0,3}}{_UNIT}"
    rf"|(?:\s+of(?:\s+\w+){{1,4}}?)?\s+(?:{_STAYS}|here))"
)
_OTHER = (
    r"(?:existing|other|remaining|previous|original)\s+"
    rf"(?:(?:\w+\s+){{0,2}}{_CODE}|(?:\w+\s+){{1,3}}?(?:{_STAYS}|here))(?:\s+(?:{_STAYS}|here))?"
)
_IN_WORDS = (
    r"(?:#(?!#)|//+|--\s|/\*+|<!--|;+|%+|\{/\*+)\W*"
    rf"{_ALL}(?:{_REST}|{_OTHER}|(?:{_UNIT}\s+)?{_STAYS}|no\s+changes?(?:\s+here)?)"
)
_BEHIND_CODE = rf"\S.*[\s{{](?:#|//|/\*|<!--|--)\s*\W?{_DOTS}.*\b(?:{_STAYS}|\w+\W*{_DOTS})"
_DOTS_AROUND = rf"{_OPENING}\s*[\[(]?{_DOTS}.*\w\W*{_DOTS}"
_SAYS_IT_STAYS = re.compile(rf"\s*(?:{_IN_WORDS}|{_DOTS_AROUND}|{_BEHIND_CODE})\W*\Z", re.IGNORECASE)


def says_code_stays(line: str) -> bool:
    """Whether `line` says that code stays which is not shown: in any answer, on a line of its own or behind
    other code. With dots, or where a comment says nothing else, without."""
    if _STANDS_FOR_CODE.match(line):
        return True
    return len(line) <= _LONGEST_REMARK and bool(_SAYS_IT_STAYS.match(line))


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


def loses_code(line: str) -> bool:
    """Whether `line`, in the place of code, loses what should stay."""
    return is_elision(line) or says_code_stays(line)


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
