"""From an answer in a chat to the blocks of edits in it.

Models write edits in several formats and each of them in many ways. What is clear is read, however it is
dressed; what is cut or has two readings becomes a block with a problem; what does not ask for an edit (a
sample, some output, a file that is only mentioned) is left alone. Reading must never invent an edit, must
never raise, and takes time in proportion to the answer.

SEARCH/REPLACE blocks, patches and diffs are found by their own marks, wherever they stand. Of the fences that
are left, those that name a file are whole files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.apply_patch import read_patch
from pygpt_lsp.core.edits.lines import ENDING
from pygpt_lsp.core.edits.paths import path_in_line
from pygpt_lsp.core.edits.search_replace import find_markers, read_search_replace
from pygpt_lsp.core.edits.surroundings import Surroundings
from pygpt_lsp.core.edits.unified_diff import read_diff
from pygpt_lsp.core.fences import fence_mark, scan_fences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.edits.blocks import EditBlock

# Some compatible servers leave the reasoning in the answer; one that never ends is all there is.
_REASONING = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)

_USUAL_FENCE = 3


def read_edit_blocks(answer: str) -> tuple[EditBlock, ...]:
    """The edits that `answer` asks for, in its order; their lines are apart from each other.

    The path of a block is "" where nothing says which file it is for.
    """
    reasoning = _REASONING.match(answer)
    thought = reasoning.end() if reasoning else 0
    lines = [""] * len(ENDING.findall(answer, 0, thought)) + ENDING.split(answer[thought:])
    return tuple(Surroundings(lines, _marked_blocks(lines)).blocks())


def _marked_blocks(lines: Sequence[str]) -> list[EditBlock]:
    """The blocks that show by marks of their own what they are, without what stands around them."""
    markers = find_markers(lines)
    marker_at = {marker.line: index for index, marker in enumerate(markers)}
    openings = {fence.first_line for fence in scan_fences(lines)}
    blocks: list[EditBlock] = []
    at = 0
    while at < len(lines):
        found: list[EditBlock] = []
        end = at
        if at in openings and (closing := _end_of_file(lines, at)):
            end = closing
        elif at in marker_at:
            block = read_search_replace(lines, markers, marker_at[at])
            found, end = ([block], block.last_line + 1) if block else ([], at)
        elif lines[at].startswith("*** "):
            found, end = read_patch(lines, at)
        else:
            found, end = read_diff(lines, at, openings)
        blocks += found
        at = max(end, at + 1)
    return blocks


def _end_of_file(lines: Sequence[str], opening: int) -> int:
    """The line after a fence whose content is a file and nothing else, since the line above says so and it is
    longer than usual; 0 for other fences."""
    _, run, _ = fence_mark(lines[opening])
    named = path_in_line(lines[opening - 1]) if opening and len(run) > _USUAL_FENCE else None
    if named is None or not named.whole:
        return 0
    for index in range(opening + 1, len(lines)):
        if lines[index].startswith(run) and not lines[index].strip().strip(run[0]):
            return index + 1
    return 0
