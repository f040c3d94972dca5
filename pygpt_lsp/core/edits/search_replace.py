"""SEARCH/REPLACE blocks: old lines, `=======`, new lines, between markers of `<` and `>`.

The markers decide, not the fences around them: models close a fence too early, or never. What is edited may
hold such lines itself (headings, merge conflicts, texts about this format). Where it is not clear which line
divides old from new, the block gets a problem; must never choose one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.file_kinds import is_prose
from pygpt_lsp.core.edits.paths import path_in_comment, path_in_line
from pygpt_lsp.core.fences import fence_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORTEST = 5
# What models write after seven characters; longer runs are made so because the content holds shorter ones.
_USUAL = 7
_OLD_WORDS = frozenset(["SEARCH", "FIND", "ORIGINAL", "OLD", "BEFORE"])
_OTHER_OLD_WORDS = frozenset(["", "HEAD", "UPDATED", "CURRENT"])
_NEW_WORDS = frozenset(["REPLACE", "REPLACEMENT", "UPDATED", "UPDATE", "NEW", "AFTER", "END", "SEARCH"])

CUT = "The answer ends within this edit, so it was not made; ask for the rest."
_NO_DIVIDER = (
    "This edit has no ======= line between its old and its new lines, so it was not made; ask again."
)
_NO_END = "This edit has no >>>>>>> REPLACE line at its end, so it was not made; ask again."
_TWO_DIVIDERS = (
    "This edit has several ======= lines and any could divide the old lines from the new, so it was not "
    "made; ask for it with longer markers."
)

_Strength = Literal["sure", "usual", "foreign"]


class Marker(NamedTuple):
    """A line of `length` times `sign` (`<`, `=` or `>`). `strength` tells whether its word is one of this
    format, none, or another one, as after a merge; `path` is what it names besides."""

    line: int
    sign: str
    length: int
    strength: _Strength
    path: str = ""


class _Found(NamedTuple):
    """What follows an opening: the lines that may divide, the closing if there is one, the line where the
    next block begins (or the number of lines), and whether all this is a merge conflict and no edit."""

    dividers: tuple[Marker, ...]
    closing: Marker | None
    limit: int
    is_conflict: bool = False


def find_markers(lines: Sequence[str]) -> list[Marker]:
    """All lines that could be markers, in order."""
    markers: list[Marker] = []
    for index, line in enumerate(lines):
        text = line.strip()
        sign = text[:1]
        if not sign or sign not in "<=>":
            continue
        rest = text.lstrip(sign)
        length = len(text) - len(rest)
        if length >= _SHORTEST and not (sign == "=" and rest):
            strength, path = _read_words(sign, rest.strip())
            markers.append(Marker(index, sign, length, strength, path))
    return markers


def _read_words(sign: str, rest: str) -> tuple[_Strength, str]:
    if sign == "=":
        return "usual", ""
    first, _, after = rest.partition(" ")
    word, colon, glued = first.partition(":")
    word = word.upper()
    if word in (_OLD_WORDS if sign == "<" else _NEW_WORDS):
        strength: _Strength = "sure"
    elif word in (_OTHER_OLD_WORDS if sign == "<" else {""}):
        strength = "usual"
    else:
        named = path_in_line(rest)
        return ("usual", named.path) if named and named.sure else ("foreign", "")
    named = path_in_line((glued + " " + after if colon else after).strip().strip("()"))
    return strength, named.path if named else ""


def read_search_replace(lines: Sequence[str], markers: Sequence[Marker], at: int) -> EditBlock | None:
    """The block that `markers[at]` opens, from this line to its last; None if it opens none.

    Its path is "" where the marker names none. A marker is looked at for few blocks, however many there are.
    """
    opening = markers[at]
    if opening.sign != "<" or opening.strength == "foreign":
        return None
    found = _search(len(lines), markers, at, same_length=True)
    if found.closing is None or not found.dividers:
        found = _search(len(lines), markers, at, same_length=False)
    if found.is_conflict or (opening.strength != "sure" and not found.dividers):
        return None
    if found.closing is None or not found.dividers:
        return _incomplete(lines, opening, found)
    divider = _dividing(lines, found.dividers, opening.length)
    block = EditBlock("replace", opening.path, first_line=opening.line, last_line=found.closing.line)
    if divider is None:
        return block._replace(problem=_TWO_DIVIDERS)
    old, new = _parts(lines, opening.line, divider.line, found.closing.line)
    if not any(map(str.strip, old)):
        return block._replace(kind="whole", new_lines=new, is_new=True)
    return block._replace(old_lines=old, new_lines=new)


def without_fences(block: EditBlock, outer: str) -> EditBlock:
    """`block` without fences that stand inside its markers but belong to the answer.

    `outer` is the run of characters of the fence which the block is in, "" where it is in none. Each part may
    have a fence of its own, or the last line of one part may close the outer fence too early.
    """
    old, new = block.old_lines, block.new_lines
    if not is_prose(block.path):
        old, new = _unfenced(old, outer), _unfenced(new, outer)
    if outer and (_fences(old) + _fences(new)) % 2:
        old, new = (_closed_early(part, outer) if _fences(part) % 2 else part for part in (old, new))
    return block._replace(old_lines=old, new_lines=new)


def _search(line_count: int, markers: Sequence[Marker], at: int, *, same_length: bool) -> _Found:
    opening = markers[at]
    dividers: list[Marker] = []
    inner = 0  # merge conflicts that the block is about
    foreign: Marker | None = None
    limit = line_count
    for index in range(at + 1, len(markers)):
        marker = markers[index]
        if marker.sign == "<" and _begins_next(opening, marker, same_length=same_length):
            limit = marker.line
            break
        if same_length and marker.length != opening.length:
            continue
        if marker.sign == "<":
            inner += 1
        elif marker.sign == "=":
            dividers += [] if inner else [marker]
        elif inner and marker.strength != "sure":
            inner -= 1
        elif marker.strength != "foreign":
            return _Found(tuple(dividers), marker, limit)
        else:
            foreign = foreign or marker
    if foreign is None:
        return _Found(tuple(dividers), None, limit)
    # A closing with a word of its own; but with an opening of no word, that is how merge conflicts look.
    before = tuple(marker for marker in dividers if marker.line < foreign.line)
    return _Found(before, foreign, limit, is_conflict=opening.strength != "sure")


def _begins_next(opening: Marker, marker: Marker, *, same_length: bool) -> bool:
    """Whether `marker`, an opening, begins another block and is not part of what `opening` is about."""
    if opening.strength != "sure":
        return True
    inside = same_length and marker.length < opening.length and opening.length > _USUAL
    return marker.strength == "sure" and not inside


def _incomplete(lines: Sequence[str], opening: Marker, found: _Found) -> EditBlock:
    """The block that lacks its divider or its end: up to what closes its fence, or to the next block."""
    last_known = found.dividers[-1] if found.dividers and found.closing is None else opening
    if found.closing:
        end, problem = found.closing.line + 1, _NO_DIVIDER
    else:
        end, problem = found.limit, CUT if found.limit == len(lines) else _NO_END
        inner = 0  # fences that open in the edit
        for index in range(last_known.line + 1, found.limit):
            _, run, info = fence_mark(lines[index], inside=True)
            if run and not info and not inner:
                end, problem = index, _NO_END
                break
            inner += (1 if info else -1) if run else 0
    while end - 1 > last_known.line and _is_between(lines[end - 1]):
        end -= 1
    old: tuple[str, ...] = ()
    if len(found.dividers) == 1:
        old, _ = _parts(lines, opening.line, found.dividers[0].line, found.dividers[0].line + 1)
    return EditBlock(
        "replace", opening.path, old, first_line=opening.line, last_line=end - 1, problem=problem
    )


def _is_between(line: str) -> bool:
    """Whether the last line before another block belongs to neither, or names the other's file."""
    return not line.strip() or bool(fence_mark(line)[1] or path_in_line(line) or path_in_comment(line))


def _dividing(lines: Sequence[str], dividers: Sequence[Marker], length: int) -> Marker | None:
    """The one of the lines of `=` which divides old from new, None if that is not clear."""
    same = [marker for marker in dividers if marker.length == length] or list(dividers)
    if len(same) == 1:
        return same[0]
    titles = [lines[marker.line - 1].rstrip() for marker in same]
    middle = len(same) // 2
    if len(same) % 2 and titles[:middle] == titles[middle + 1 :] and all(map(str.strip, titles[:middle])):
        return same[middle]  # the same headings before and after
    # What is exactly as long as the line above underlines it.
    others = [
        marker for marker, title in zip(same, titles, strict=True) if len(title.strip()) != marker.length
    ]
    return others[0] if len(others) == 1 else None


def _parts(
    lines: Sequence[str], opening: int, divider: int, closing: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines between the markers, without the indentation that a list's item gives to all."""
    indent = len(lines[opening]) - len(lines[opening].lstrip(" \t"))
    margin = lines[opening][:indent]
    old, new = lines[opening + 1 : divider], lines[divider + 1 : closing]
    if margin and all(line.startswith(margin) or not line.strip() for line in (*old, *new)):
        old, new = ([line[indent:] if line.strip() else "" for line in part] for part in (old, new))
    return tuple(old), tuple(new)


def _unfenced(part: tuple[str, ...], outer: str) -> tuple[str, ...]:
    """`part` without a fence around the whole of it, unless the outer one was made longer than that."""
    filled = [index for index, line in enumerate(part) if line.strip()]
    if _fences(part) != 2 or len(filled) < 2:
        return part
    _, run, _ = fence_mark(part[filled[0]], inside=True)
    _, closing, info = fence_mark(part[filled[-1]], inside=True)
    # An outer fence that is longer, or other, was made so because of this one.
    around = run and closing and not info and (not outer or run.startswith(outer))
    return part[filled[0] + 1 : filled[-1]] if around else part


def _closed_early(part: tuple[str, ...], outer: str) -> tuple[str, ...]:
    _, run, info = fence_mark(part[-1], inside=True)
    return part[:-1] if run == outer and not info else part


def _fences(part: Sequence[str]) -> int:
    return sum(bool(fence_mark(line, inside=True)[1]) for line in part)
