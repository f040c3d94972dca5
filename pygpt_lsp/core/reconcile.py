"""Whether an edit that was sent to an editor is in the document, told from the document alone.

An editor's answer proves nothing: one answers "applied" for an edit it refused because the user had typed.
What decides is the first notification after the version the edit was made for. It shows the edit, or what
the user typed instead, or both (an editor may gather its changes into one notification). Then the text is
nearer to the edited text than to the old one exactly if the edit was made: what the user typed in that
moment is the same distance from both, and the edit comes on top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.documents import common_prefix

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.text import Position, TextSnapshot


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
        for change in changes:
            if change.version != first:
                break
            after = after.replace(change.range, change.text)
    else:  # nothing changed, or the log does not reach back: the present text has to do
        first, after = document.snapshot.version, document.snapshot.text
    if after == expected:
        return Outcome(True, first, after)
    if after == base:
        return Outcome(False, first, after)
    now = str(after)
    return Outcome(_distance(str(expected), now) < _distance(str(base), now), first, after)


def follow(expected: TextSnapshot, result: Outcome, document: Document, offset: int) -> Position | None:
    """Where a place in the edited text is in the document now; None if that is not known.

    `offset` counts code points of `expected`. What the user typed exactly there comes after the place.
    """
    if result.text != expected:
        offset = _moved(str(expected), str(result.text), offset)
    return document.map_position(result.text.position_at(offset), result.version, "left")


def _distance(one: str, two: str) -> int:
    """The characters of both texts between their common beginning and their common end."""
    start = common_prefix(one, two)
    end = common_prefix(one[start:][::-1], two[start:][::-1])
    return len(one) + len(two) - 2 * (start + end)


def _moved(before: str, after: str, offset: int) -> int:
    start = common_prefix(before, after)
    if offset <= start:
        return offset
    end = common_prefix(before[start:][::-1], after[start:][::-1])
    return start if offset < len(before) - end else offset + len(after) - len(before)
