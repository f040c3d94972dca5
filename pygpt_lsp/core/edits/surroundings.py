"""What stands around the edits of an answer: the fences they are in and the lines that name their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.file_kinds import extension
from pygpt_lsp.core.edits.paths import Named, path_in_comment, path_in_info, path_in_line, path_in_sentence
from pygpt_lsp.core.edits.search_replace import without_fences
from pygpt_lsp.core.edits.whole_files import named_as_whole, read_whole_file
from pygpt_lsp.core.fences import Fence, fence_mark, scan_fences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pygpt_lsp.core.edits.blocks import EditBlock

# The most blank lines between a file's name and its block.
_BLANKS = 2


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
        """The edits in order, each with what belongs to it; a path is "" where nothing names the file."""
        free = 0  # the first line that belongs to no block
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
                free = block.last_line + 1
                yield block

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
        return nested or named.whole or extension(named.path) in {"diff", "patch"}

    def _whole_file(self, fence: Fence, free: int) -> EditBlock | None:
        above, line = self._named_above(fence.first_line, free)
        block = read_whole_file(self._lines, fence, above)
        return block and block._replace(first_line=line)

    def _dressed(self, block: EditBlock, free: int) -> tuple[EditBlock, Fence | None]:
        """The block with the fence it opens with and its file's name, and this fence."""
        first, path, fence = block.first_line, block.path, None
        named, first = self._named_above(first, free, comments=True)
        path = path or (named.path if named else "")
        at = self._filled_above(first, free)
        if at is not None and (fence := self._fence_before(at, free)):
            first = fence.first_line if fence.last_line < block.first_line else at
            at_name = self._early_name(fence) if fence.last_line < block.first_line else None
            named = at_name or path_in_info(fence.info)
            path = path or (named.path if named else "")
            named, first = self._named_above(first, free)
            path = path or (named.path if named else "")
        if not path:
            at = self._filled_above(first, free)
            path = path_in_sentence(self._lines[at]) if at is not None and not self._in_fence[at] else ""
            first = at if path and at is not None else first
        path = path or self._heading_above(first, free)
        return block._replace(path=path, first_line=first, last_line=self._last_line(block)), fence

    def _named_above(self, first: int, free: int, *, comments: bool = False) -> tuple[Named | None, int]:
        """The file that the line above line `first` names, and the line that the block then begins with."""
        at = self._filled_above(first, free)
        if at is None:
            return None, first
        named = path_in_line(self._lines[at]) if comments or not self._in_fence[at] else None
        if named is None and comments:
            named = path_in_comment(self._lines[at])
        return (named, at) if named else (None, first)

    def _filled_above(self, first: int, free: int) -> int | None:
        for at in range(first - 1, max(first - 2 - _BLANKS, free - 1), -1):
            if self._lines[at].strip():
                return at
        return None

    def _fence_before(self, at: int, free: int) -> Fence | None:
        """The fence whose opening is line `at`, or whose end it is, if there is nothing but a name in it."""
        if fence := self._opening.get(at):
            return fence
        fence = self._closing.get(at)
        if fence is None or fence.first_line < free - 1:
            return None
        return fence if fence.first_line < free or self._early_name(fence) else None

    def _early_name(self, fence: Fence) -> Named | None:
        """The file that is all there is in a fence."""
        if not fence.closed or fence.last_line - fence.first_line != 2:
            return None
        line = self._lines[fence.first_line + 1]
        return path_in_line(line) or path_in_comment(line)

    def _heading_above(self, first: int, free: int) -> str:
        """The last file named on a line of its own since the block before."""
        for at in range(first - 1, free - 1, -1):
            if not self._in_fence[at] and (named := path_in_line(self._lines[at])) and named.sure:
                return named.path
        return ""

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
