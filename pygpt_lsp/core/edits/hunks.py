"""The lines of one hunk of a diff, as models write them: with spaces missing or too many, and wrong numbers.

The numbers are never used. What a line means is in its first character; where the hunk shows that its writer
left that character out, or put a space after it, the lines are read as they were meant. A wrong guess makes
lines that are not in the file, so that the hunk is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_RANGES = re.compile(r"@@+ *-(\d+)(?:,(\d+))? +\+(\d+)(?:,(\d+))? *@@+ ?(.*)", re.DOTALL)
_NO_TEXT = re.compile(r"[-+\d,\s.…]*")


ONLY_ADDS = (
    "This change only adds lines and does not say where, so it was not made; "
    "ask for it with the lines around."
)


class HunkHead(NamedTuple):
    """What the `@@` line says: the headings of the place, the numbers of old and new lines (-1 where it has
    none), and whether there is no old file."""

    within: tuple[str, ...]
    old_count: int = -1
    new_count: int = -1
    of_nothing: bool = False


class HunkLines(NamedTuple):
    """The lines before and after, without endings, and whether any is added or removed."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    changes: bool


def read_head(line: str) -> HunkHead:
    """The `@@` line of a hunk: `@@ -1,2 +1,3 @@ def f():`, `@@`, `@@ ... @@`, `@@ class A`."""
    if match := _RANGES.match(line):
        counts = [1 if match[group] is None else int(match[group][:9]) for group in (2, 4)]
        within = (match[5].strip(),) if match[5].strip() else ()
        return HunkHead(within, counts[0], counts[1], not counts[0] and not match[1].strip("0"))
    parts = (part.strip() for part in line.lstrip("@").split("@@"))
    return HunkHead(tuple(part for part in parts if not _NO_TEXT.fullmatch(part)))


def read_hunk(body: Sequence[str]) -> HunkLines:
    """The lines of a hunk's `body`, the lines below its `@@`.

    Empty lines at its end are not part of it: they part it from what follows.
    """
    lines = [line for line in body if not line.startswith("\\ ")]
    while lines and not lines[-1]:
        lines.pop()
    signs = [line[:1] if line[:1] in {"+", "-"} else " " for line in lines]
    texts = _texts(lines, signs)
    old = tuple(text for sign, text in zip(signs, texts, strict=True) if sign != "+")
    new = tuple(text for sign, text in zip(signs, texts, strict=True) if sign != "-")
    return HunkLines(old, new, "+" in signs or "-" in signs)


def _texts(lines: Sequence[str], signs: Sequence[str]) -> list[str]:
    changed = [line[1:] for line, sign in zip(lines, signs, strict=True) if sign != " "]
    context = [line for line, sign in zip(lines, signs, strict=True) if sign == " " and line.strip()]
    # Where some context has lost its space, the rest may have, too: an even indentation is the code's.
    some_bare = any(not line.startswith((" ", "\t")) for line in context)
    all_bare = _all_even(context) and _all_even(changed)
    spaced = _all_odd(changed) and (not context or some_bare or all(_depth(line) % 2 for line in context))

    def text_of(line: str, sign: str) -> str:
        if sign != " ":
            return line[2:] if spaced and line[1:].strip() and context else line[1:]
        if not line.startswith(" ") or all_bare or (some_bare and _depth(line) % 2 == 0):
            return line if line.strip() else ""
        return line[1:]

    return [text_of(line, sign) for line, sign in zip(lines, signs, strict=True)]


def _all_even(texts: Sequence[str]) -> bool:
    """Whether all are indented, or some, by whole steps of two spaces."""
    depths = [_depth(text) for text in texts if text.strip() and not text.lstrip().startswith("*")]
    return any(depths) and not any(depth % 2 for depth in depths)


def _all_odd(texts: Sequence[str]) -> bool:
    depths = [_depth(text) for text in texts if text.strip()]
    starred = any(text.lstrip().startswith("*") for text in texts)
    return bool(depths) and not starred and all(depth % 2 for depth in depths)


def _depth(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
