"""Fenced code blocks that are whole files, because a line before, the info string or a first comment says so.

Many blocks in an answer are samples, output or parts of a file. Must never take one of these for the file:
what is in doubt is no edit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.file_kinds import extension, fits, is_prose
from pygpt_lsp.core.edits.paths import Named, path_in_comment, path_in_info
from pygpt_lsp.core.edits.search_replace import CUT, find_markers
from pygpt_lsp.core.fences import fence_language, fence_lines, fence_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.fences import Fence

_DIFFS = {"diff", "patch", "udiff"}
# Between an old and a new version of some lines.
_AND_THEN = re.compile(
    r"\W*(?:to|with|by|becomes?|into|after|instead|should (?:be|become|read))\W*", re.IGNORECASE
)
_TWO_NAMES = "Two files are named for this code, so it was not written; ask which one is meant."
_SEVERAL = "This code holds several files, so it was not written; ask for a block for each."
_CONFLICT = "This code begins with a merge conflict, so it was not written; ask for the resolved file."
_WHERE_IT_ENDS = (
    "It is not clear where this file ends, since it may hold fences as long as its own, so it was not "
    "written; ask for it in a longer fence."
)


def named_as_whole(lines: Sequence[str], fence: Fence, above: Named | None) -> Named | None:
    """The file that the block is, None if it is none; `above` is what the line before it names."""
    outside = path_in_info(fence.info) or above
    language = fence_language(fence.info)
    named = outside or _first_comment(lines, fence, language)
    if named is None or not named.sure or named.part or (above and above.part):
        return None
    if language in _DIFFS and extension(named.path) not in _DIFFS:
        return None
    return named if fits(language, named.path) and not _has_successor(lines, fence) else None


def read_whole_file(lines: Sequence[str], fence: Fence, above: Named | None) -> EditBlock | None:
    """The block of a fence without edits in it, from its opening to its closing; None if it is no file."""
    named = named_as_whole(lines, fence, above)
    if named is None:
        return None
    content = fence_lines(lines, fence)
    info = path_in_info(fence.info)
    comment = _first_comment(lines, fence, fence_language(fence.info))
    names = [name.path for name in (above, info, comment) if name and name.sure]
    problem = ""
    if above is None and info is None:
        # The comment is there to name the file, and so is the blank line below it.
        content = content[2 if len(content) > 1 and not content[1].strip() else 1 :]
        problem = _SEVERAL if any(map(_names_file, content)) else ""
    if not fence.closed:
        problem = CUT
    elif not problem and not named.whole:
        problem = _doubt(lines, fence, content, names)
    return EditBlock(
        "whole",
        named.path,
        (),
        content,
        first_line=fence.first_line,
        last_line=fence.last_line,
        problem=problem,
    )


def _doubt(lines: Sequence[str], fence: Fence, content: Sequence[str], names: Sequence[str]) -> str:
    """Why the content may not be the file, "" where it is."""
    longest = max(names, key=len)
    if not all(longest == name or longest.endswith("/" + name) for name in names):
        return _TWO_NAMES
    filled = [line for line in content if line.strip()]
    if any(marker.sign == "<" for marker in find_markers(filled[:1])):
        return _CONFLICT
    if is_prose(names[0]) and _goes_on(lines, fence):
        return _WHERE_IT_ENDS
    return ""


def _goes_on(lines: Sequence[str], fence: Fence) -> bool:
    """Whether the next fence after the block could be of the file itself: one as long without a language."""
    for index in range(fence.last_line + 1, len(lines)):
        _, run, info = fence_mark(lines[index])
        if run:
            return not info and run[0] == fence.run[0] and len(run) >= len(fence.run)
    return False


def _has_successor(lines: Sequence[str], fence: Fence) -> bool:
    """Whether the block is the old one of two."""
    after = [line for line in lines[fence.last_line + 1 : fence.last_line + 6] if line.strip()]
    return len(after) > 1 and bool(_AND_THEN.fullmatch(after[0]) and fence_mark(after[1])[1])


def _first_comment(lines: Sequence[str], fence: Fence, language: str) -> Named | None:
    first = fence.first_line + 1
    return path_in_comment(lines[first], language) if first <= fence.last_line else None


def _names_file(line: str) -> bool:
    """Whether a line at the margin is a comment that names a file."""
    named = path_in_comment(line) if line[:1].strip() else None
    return named is not None and named.sure
