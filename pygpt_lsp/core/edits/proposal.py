"""Edits that were planned but not made, as blocks that can be placed again: what a chat shows of them.

The blocks stand for themselves. Whoever applies them later, in another process even, finds their place by the
text alone, so each takes along as many lines around it as make it the only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.line_diff import changed_hunks
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.edits.lines import LineEdit


def blocks_for(text: TextSnapshot, edits: Sequence[LineEdit], path: str) -> tuple[EditBlock, ...]:
    """The edits of `text`, ascending and apart from each other, as blocks for the file `path`.

    One `replace` for each place, whose old lines stand in the text once, or one `whole` where the text has
    nothing to be found by.
    """
    old, new = _lines(text), _lines(TextSnapshot.from_string(apply_edits(str(text), edits)))
    if not any(line.strip() for line in old):
        return (EditBlock("whole", path, new_lines=tuple(new)),)
    keys = [" ".join(line.split()) for line in old]
    spans: list[tuple[int, int, int, int]] = []
    for hunk in changed_hunks(old, new):
        start, end = _unique(keys, hunk.old_start, hunk.old_end)
        new_start = hunk.new_start - (hunk.old_start - start)
        while spans and start < spans[-1][1]:
            # Lines around one hunk are, for the other, lines that it changes: each counts from its own.
            first = spans.pop()
            start, end = min(first[0], start), max(first[1], end)
            new_start = first[2] - (first[0] - start)
        spans.append((start, end, new_start, hunk.new_end + end - hunk.old_end))
    return tuple(
        EditBlock("replace", path, tuple(old[start:end]), tuple(new[new_start:new_end]))
        for start, end, new_start, new_end in spans
    )


def _unique(keys: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The span with as many lines around it as make it stand in `keys` once, whatever the white space.

    A block is placed again later, when its own lines may be gone: a twin must not look like them then.
    """
    while (start > 0 or end < len(keys)) and not _alone(keys, start, end):
        start, end = max(start - 1, 0), min(end + 1, len(keys))
    return start, end


def _alone(keys: Sequence[str], start: int, end: int) -> bool:
    filled = [index for index in range(start, end) if keys[index]]
    if not filled:
        return False
    wanted = list(keys[filled[0] : filled[-1] + 1])
    return not any(
        key == wanted[0] and index != filled[0] and list(keys[index : index + len(wanted)]) == wanted
        for index, key in enumerate(keys)
    )


def _lines(text: TextSnapshot) -> list[str]:
    """The lines without endings, and without the empty one after a final line ending."""
    lines = [text.line_content(index) for index in range(text.line_count)]
    if not lines[-1]:
        lines.pop()
    return lines
