"""Whether an edit that was sent to an editor is in the document, told from the document alone.

An editor's answer proves nothing: one answers "applied" for an edit it refused because the user had typed.
What decides is the first notification after the version the edit was made for. It shows the edit, or what
the user typed instead, or both (an editor may gather its changes into one notification). Then the text is
nearer to the edited text than to the old one exactly if the edit was made: what the user typed in that
moment is the same distance from both, and the edit comes on top. The distance is that of the words that
differ, because the user may change some before and some behind the edit at once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.documents import common_prefix
from pygpt_lsp.core.line_diff import Hunk, changed_hunks
from pygpt_lsp.core.positions import Position, Range

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.text import TextSnapshot


_WORD = re.compile(r"\w+|\W")


class Outcome(NamedTuple):
    """What became of an edit. `version` and `text` are the document right after the deciding notification."""

    made: bool
    version: int
    text: TextSnapshot


def outcome(document: Document, base: TextSnapshot, version: int, expected: TextSnapshot) -> Outcome:
    """Whether the edit that turns `base` (the text at `version`) into `expected` was made.

    The document must have had a notification after `version`.
    """
    changes = document.changes_since(version)
    if changes:
        first = changes[0].version
        after = base
        untouched = base.end, len(base)
        for change in changes:
            if change.version != first:
                break
            below = len(after) - after.offset_at(change.range.end)
            untouched = min(untouched[0], change.range.start), min(untouched[1], below)
            after = after.replace(change.range, change.text)
        if after not in (base, expected) and _differ_beside(base, expected, *untouched):
            return Outcome(False, first, after)
    else:  # nothing changed, or the log does not reach back: the present text has to do
        first, after = document.snapshot.version, document.snapshot.text
    if after == expected:
        return Outcome(True, first, after)
    if after == base:
        return Outcome(False, first, after)
    return Outcome(_distance(expected, after) < _distance(base, after), first, after)


def _differ_beside(base: TextSnapshot, expected: TextSnapshot, start: Position, below: int) -> bool:
    """Whether two texts differ before `start` (a position in `base`) or in their last `below` characters.

    What changes left alone there is as it was in `base`: then they did not make `expected` of it.
    """
    one, other = str(base), str(expected)
    above = base.offset_at(start)
    return one[:above] != other[:above] or (below > 0 and one[-below:] != other[-below:])


def follow(expected: TextSnapshot, result: Outcome, document: Document, offset: int) -> Position | None:
    """Where a place in the edited text is in the document now; None if that is not known.

    `offset` counts code points of `expected`. What the user typed exactly there comes after the place.
    """
    place: Position | None = expected.position_at(offset)
    if result.text != expected:
        place = _moved(_contents(expected), _contents(result.text), place)
    return None if place is None else place_now(document, place, result.version)


def place_now(document: Document, place: Position, version: int) -> Position | None:
    """Where `place` in the text at `version` is now; None if that is not known.

    What was typed exactly there comes after it. In the midst of a stretch that was replaced it is not known:
    an editor that reports a substitution in the whole file as one change says nothing of what lies in it.
    """
    mapped = document.map_range(Range(place, place), version)
    return document.map_position(place, version, "left") if mapped is not None and mapped.intact else None


def _distance(one: TextSnapshot, two: TextSnapshot) -> int:
    """How many characters of both texts differ."""
    hunks = _differences(_contents(one), _contents(two))
    return sum(hunk.old_end - hunk.old_start + hunk.new_end - hunk.new_start for hunk in hunks)


def _moved(before: list[str], after: list[str], place: Position) -> Position | None:
    """Where `place` of one text is in the other; None where the text around it was replaced."""
    offset = _starts(before)[place.line] + place.character
    shift = 0
    for hunk in _differences(before, after):
        if offset <= hunk.old_start:
            break
        if offset < hunk.old_end:
            return None
        shift = hunk.new_end - hunk.old_end
    starts = _starts(after)
    line = bisect_right(starts, offset + shift, hi=len(after)) - 1
    return Position(line, offset + shift - starts[line])


def _differences(old: list[str], new: list[str]) -> list[Hunk]:
    """Where two texts differ: in the lines that do the words, without what their beginnings and ends share.

    In characters, each line counted with one for its ending.
    """
    old_starts, new_starts = _starts(old), _starts(new)
    found: list[Hunk] = []
    for lines in changed_hunks(old, new):
        before = _words(old[lines.old_start : lines.old_end])
        after = _words(new[lines.new_start : lines.new_end])
        old_at = [*accumulate(map(len, before), initial=old_starts[lines.old_start])]
        new_at = [*accumulate(map(len, after), initial=new_starts[lines.new_start])]
        for words in changed_hunks(before, after):
            out = "".join(before[words.old_start : words.old_end])
            come = "".join(after[words.new_start : words.new_end])
            start = common_prefix(out, come)
            end = common_prefix(out[start:][::-1], come[start:][::-1])
            found.append(
                Hunk(
                    old_at[words.old_start] + start,
                    old_at[words.old_end] - end,
                    new_at[words.new_start] + start,
                    new_at[words.new_end] - end,
                )
            )
    return found


def _words(lines: list[str]) -> list[str]:
    """The lines in words and single characters, with an ending after each."""
    return _WORD.findall("\n".join([*lines, ""]))


def _contents(text: TextSnapshot) -> list[str]:
    """The lines without their endings, which an editor may convert, and which the last line may get."""
    return [line.rstrip("\r\n") for line in text.lines()]


def _starts(lines: list[str]) -> list[int]:
    return [*accumulate((len(line) + 1 for line in lines), initial=0)]
