"""What stands around the edits of an answer: the fences they are in and the lines that name their files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.file_kinds import extension
from pygpt_lsp.core.edits.paths import (
    Named,
    path_in_comment,
    path_in_info,
    path_in_line,
    path_in_sentence,
    paths_mentioned,
)
from pygpt_lsp.core.edits.search_replace import find_markers, without_fences
from pygpt_lsp.core.edits.whole_files import named_as_whole, read_whole_file
from pygpt_lsp.core.fences import Fence, fence_mark, scan_fences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pygpt_lsp.core.edits.blocks import EditBlock

_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
# The most blank lines between a file's name and its block.
_BLANKS = 2
_UNCLEAR = (
    "It is not clear which file this edit is for, so it was not made; ask for the path on a line of its own."
)


class Surroundings:
    """An answer's lines with the blocks that were found in them by their marks (`marked`, ascending)."""

    def __init__(self, lines: Sequence[str], marked: Sequence[EditBlock]) -> None:
        self._lines = lines
        fences = scan_fences(lines, [(block.first_line, block.last_line) for block in marked])
        self._opening = {fence.first_line: fence for fence in fences}
        self._closing = {fence.last_line: fence for fence in fences if fence.closed}
        self._in_fence = bytearray(len(lines))
        outermost = [fence for fence in fences if not fence.depth]
        for fence in outermost:
            size = fence.last_line + 1 - fence.first_line
            self._in_fence[fence.first_line : fence.last_line + 1] = b"\1" * size
        self._items = self._sorted_out(outermost, marked)

    def blocks(self) -> Iterator[EditBlock]:
        """The edits in order, each with what belongs to it.

        One that names no file is for the file of the block before, but not where the line above it speaks of
        another. A path is "" where nothing names the file.
        """
        free = 0  # the first line that belongs to no block
        before = ""
        outer: Fence | None = None
        for item in self._items:
            if isinstance(item, Fence):
                block = self._whole_file(item, free)
            else:
                block, around = self._dressed(item, free)
                outer = around or outer
                inside = outer is not None and item.first_line <= outer.last_line
                block = without_fences(block, outer.run if outer and inside else "")
            if block:
                if not block.path:
                    block = self._by_the_line_above(block, free, before)
                free, before = block.last_line + 1, block.path
                yield block

    def _by_the_line_above(self, block: EditBlock, free: int, before: str) -> EditBlock:
        at = self._filled_above(block.first_line, free)
        says = at is not None and not self._in_fence[at] and not self._is_listed(at)
        mentioned = paths_mentioned(self._lines[at]) if at is not None and says else ()
        if len(mentioned) > 1:
            return block._replace(path=before, problem=block.problem or _UNCLEAR)
        return block._replace(path=next(iter(mentioned), before))

    def _sorted_out(self, outermost: Sequence[Fence], marked: Sequence[EditBlock]) -> list[Fence | EditBlock]:
        """The blocks that are edits, and the fences which may be files, in order."""
        items: list[Fence | EditBlock] = []
        todo = list(reversed(marked))
        for fence in outermost:
            while todo and todo[-1].first_line < fence.first_line:
                items.append(todo.pop())
            inside: list[EditBlock] = []
            while todo and todo[-1].first_line <= fence.last_line:
                inside.append(todo.pop())
            if inside and not self._are_content(fence, inside[0]):
                items += inside
            else:
                items.append(fence)
        return items + todo[::-1]

    def _are_content(self, fence: Fence, edit: EditBlock) -> bool:
        """Whether `edit`, the first in a fence, is part of a file about edits, in a fence there."""
        if not fence.closed:
            return False
        named = named_as_whole(self._lines, fence, self._named_above(fence.first_line, 0)[0])
        if named is None:
            return False
        before = self._lines[fence.first_line + 1 : edit.first_line]
        nested = any(fence_mark(line)[1] for line in before)
        is_diff = not find_markers(self._lines[edit.first_line : edit.first_line + 1])
        return nested or named.whole or (is_diff and extension(named.path) in {"diff", "patch"})

    def _whole_file(self, fence: Fence, free: int) -> EditBlock | None:
        above, line = self._named_above(fence.first_line, free)
        block = read_whole_file(self._lines, fence, above)
        return block and block._replace(first_line=line)

    def _dressed(self, block: EditBlock, free: int) -> tuple[EditBlock, Fence | None]:
        """The block with the fence it opens with and its file's name, and this fence."""
        named, first = self._named_above(block.first_line, free, comments=True)
        names = [named]
        fence = self._fence_above(first, free, block.first_line)
        if fence:
            first = fence.first_line if fence.first_line >= free else first - 1
            named, above = self._named_above(first, free)
            names += [self._early_name(fence, block), path_in_info(fence.info), named]
            first = above
        path = block.path or next((named.path for named in names if named), "")
        at = self._filled_above(first, free)
        if not path and at is not None and not self._in_fence[at]:
            path = path_in_sentence(self._lines[at])
            first = at if path else first
        path = path or self._heading_above(first, free)
        return block._replace(path=path, first_line=first, last_line=self._last_line(block)), fence

    def _named_above(self, first: int, free: int, *, comments: bool = False) -> tuple[Named | None, int]:
        """The file that the line above line `first` names, and the line that the block then begins with."""
        at = self._filled_above(first, free)
        if at is None or not (comments or not self._in_fence[at]):
            return None, first
        named = path_in_line(self._lines[at]) or (path_in_comment(self._lines[at]) if comments else None)
        return (named, at) if named and not self._is_listed(at) else (None, first)

    def _filled_above(self, first: int, free: int) -> int | None:
        for at in range(first - 1, max(first - 2 - _BLANKS, free - 1), -1):
            if self._lines[at].strip():
                return at
        return None

    def _fence_above(self, first: int, free: int, edit: int) -> Fence | None:
        """The fence that an edit at line `edit` is in or stands after: one that opens below all other edits,
        one before that has nothing but a name in it, or one that an earlier edit left open."""
        at = self._filled_above(first, free)
        before = self._closing.get(at) if at is not None else None
        if before and (before.first_line < free or self._name_inside(before)):
            return before
        opening = (self._opening.get(line) for line in range(first - 1, free - 1, -1))
        return next((fence for fence in opening if fence and fence.last_line >= edit), None)

    def _early_name(self, fence: Fence, block: EditBlock) -> Named | None:
        return self._name_inside(fence) if fence.last_line < block.first_line else None

    def _name_inside(self, fence: Fence) -> Named | None:
        """The file that is all there is in a fence."""
        if not fence.closed or fence.last_line - fence.first_line != 2:
            return None
        line = self._lines[fence.first_line + 1]
        return path_in_line(line) or path_in_comment(line)

    def _heading_above(self, first: int, free: int) -> str:
        """The last file named on a line of its own since the block before."""
        for at in range(first - 1, free - 1, -1):
            if self._in_fence[at] or not (named := path_in_line(self._lines[at])):
                continue
            if named.sure and not self._is_listed(at):
                return named.path
        return ""

    def _is_listed(self, at: int) -> bool:
        """Whether the line is one of a list of files."""
        around = (line for line in (at - 1, at + 1) if 0 <= line < len(self._lines))
        return _is_item(self._lines[at]) and any(_is_item(self._lines[line]) for line in around)

    def _last_line(self, block: EditBlock) -> int:
        """The line that closes the fence of the block, if nothing else is in it, or its own last line."""
        for at in range(block.last_line + 1, min(block.last_line + 2 + _BLANKS, len(self._lines))):
            if self._lines[at].strip():
                fence = self._closing.get(at)
                if fence:
                    return at if fence.first_line < block.first_line else block.last_line
                _, run, info = fence_mark(self._lines[at])
                stray = at == block.last_line + 1 and run and not info and at not in self._opening
                return at if stray else block.last_line
        return block.last_line


def _is_item(line: str) -> bool:
    return _ITEM.match(line) is not None and path_in_line(line) is not None
