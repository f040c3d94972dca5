"""How code from an answer gets the indentation of the place it goes to.

Models mostly keep the indentation they are shown. Sometimes they move a block to the left margin, lose the
indentation of the first line alone, or write spaces where the file has tabs. Each of these shows in the first
line, next to the code that it replaces; what shows no such thing is left as it is. Must never change
the indentation of lines relative to one another, but for that one first line.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_OPENS = re.compile(r"(?:[:{(\[>]|\b(?:do|then|begin|else|try))[ \t]*(?:(?:#|//).*)?\Z")


def indent_of(line: str) -> str:
    """The spaces and tabs that `line` starts with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def opens_block(line: str) -> bool:
    """Whether the line after `line` is expected deeper, in most languages."""
    return _OPENS.search(line) is not None


def fit_indentation(old: Sequence[str], new: Sequence[str], around: Iterable[str] = ()) -> list[str]:
    """The lines `new` with the indentation of the lines `old` which they replace.

    All lines without endings. `around` are other lines of the file: where `old` has no indentation they
    tell whether the file is indented by tabs or spaces.
    """
    new = match_style(new, old, around)
    old_filled = [line for line in old if line.strip()]
    new_filled = [line for line in new if line.strip()]
    if not old_filled or not new_filled or new_filled[0] in old:
        return new
    indent = indent_of(old_filled[0])
    if len(indent_of(new_filled[0])) < len(indent) and _only_first_moved(old_filled, new_filled):
        first = new.index(new_filled[0])
        return [*new[:first], indent + new[first].lstrip(" \t"), *new[first + 1 :]]
    return shift_to(new, indent)


def shift_to(lines: Sequence[str], indent: str) -> list[str]:
    """`lines` moved together so that the first one that is not blank is indented by `indent`.

    Lines that cannot be moved together (to the left past the margin, other characters) stay as they are.
    """
    filled = [line for line in lines if line.strip()]
    current = indent_of(filled[0]) if filled else indent
    if indent.endswith(current):
        more = indent[: len(indent) - len(current)]
        return [more + line if line.strip() else line for line in lines]
    if current.endswith(indent):
        less = current[: len(current) - len(indent)]
        if all(line.startswith(less) for line in filled):
            return [line.removeprefix(less) for line in lines]
    return list(lines)


def match_style(lines: Sequence[str], old: Sequence[str], around: Iterable[str] = ()) -> list[str]:
    """`lines` indented by tabs or by spaces as `old` is, or `around` where that does not tell.

    Only lines which all use the other character are changed.
    """
    around = list(around)
    wanted, given = _style(old) or _style(around), _style(lines)
    if not wanted or not given or wanted == given:
        return list(lines)
    if wanted == "\t":
        width = indent_width(lines)
        return [_with_tabs(line, width) for line in lines]
    spaces = " " * indent_width([*old, *around])
    return [spaces * (len(line) - len(line.lstrip("\t"))) + line.lstrip("\t") for line in lines]


def indent_step(lines: Sequence[str]) -> str:
    """What one level of indentation is in `lines`: a tab or some spaces (four where they do not tell)."""
    return "\t" if _style(lines) == "\t" else " " * indent_width(lines)


def indent_width(lines: Iterable[str]) -> int:
    """The number of spaces of one level: what all indentations are multiples of.

    Where some are aligned to other things, it is the step to the right that occurs most often.
    """
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    steps = Counter(deep - less for less, deep in pairwise(widths) if deep - less > 1)
    if not steps:
        return next((width for width in (4, 2, 3) if any(widths) and not any(w % width for w in widths)), 4)
    common = gcd(*widths)
    return common if common > 1 else steps.most_common(1)[0][0]


def _style(lines: Iterable[str]) -> str:
    """The one character that `lines` are indented by, "" where there are both or neither."""
    starts = {line[:2] for line in lines if line.strip()}
    tabs, spaces = any(start[:1] == "\t" for start in starts), "  " in starts
    return "" if tabs == spaces else "\t" if tabs else " "


def _with_tabs(line: str, width: int) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    return "\t" * (spaces // width) + " " * (spaces % width) + line[spaces:]


def _only_first_moved(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the first line of `new` lost its indentation and the others kept theirs. No blank lines."""
    rest = min((len(indent_of(line)) for line in new[1:]), default=-1)
    first = len(indent_of(old[0]))
    old_rest = min((len(indent_of(line)) for line in old[1:]), default=first)
    if rest != old_rest:
        return False
    # Lines as deep as the first: then a new first line that opens a block has the others inside it.
    return old_rest != first or not opens_block(new[0]) or opens_block(old[0])
