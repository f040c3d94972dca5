"""The `*** Begin Patch` format: files to add, update, move and delete, with hunks that have no line numbers.

Must never take a patch without its end for a whole one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.hunks import ONLY_ADDS, read_head, read_hunk
from pygpt_lsp.core.edits.paths import normalised
from pygpt_lsp.core.edits.search_replace import CUT
from pygpt_lsp.core.fences import fence_mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BEGIN = re.compile(r"\*\*\* Begin Patch\s*")
_END = re.compile(r"\*\*\* End Patch\s*")
_FILE = re.compile(r"\*\*\* (Add|Update|Delete) File: *(\S.*?)\s*")
_MOVE = re.compile(r"\*\*\* Move to: *(\S.*?)\s*")
_END_OF_FILE = re.compile(r"\*\*\* End of File\s*")
_MIXED = "Some lines of this new file have no + before them, so it was not made; ask for the file as a whole."


def read_patch(lines: Sequence[str], start: int) -> tuple[list[EditBlock], int]:
    """The blocks of the patch that begins at line `start`, and the line after it; no blocks where none does.

    Without its end the last block has a problem: the answer may have been cut in it.
    """
    if not _BEGIN.fullmatch(lines[start]) and not _FILE.fullmatch(lines[start]):
        return [], start
    sections: list[int] = []
    at = start
    is_ended = False
    while at < len(lines) and not is_ended:
        if _FILE.fullmatch(lines[at]):
            sections.append(at)
        elif at > start and _ends_early(lines[at]):
            break
        is_ended = _END.fullmatch(lines[at]) is not None
        at += 1
    if not sections:
        return [], at
    ends = [*sections[1:], at - is_ended]
    blocks = [
        block for first, end in zip(sections, ends, strict=True) for block in _section(lines, first, end)
    ]
    # The first and the last take the patch's own lines with them.
    blocks[0] = blocks[0]._replace(first_line=start)
    if is_ended:
        blocks[-1] = blocks[-1]._replace(last_line=at - 1)
    else:
        blocks[-1] = blocks[-1]._replace(problem=CUT)
    return blocks, at


def _ends_early(line: str) -> bool:
    """Whether `line`, which has no sign before it, is outside of the patch."""
    return _BEGIN.fullmatch(line) is not None or (bool(fence_mark(line)[1]) and line[0] in "`~")


def _section(lines: Sequence[str], first: int, end: int) -> Iterator[EditBlock]:
    """The blocks of one file: lines `first`, which names it, up to `end`. At least one."""
    match = _FILE.fullmatch(lines[first])
    kind, path = (match[1], normalised(match[2].strip("`\"'"))) if match else ("", "")
    last = _last_filled(lines, first, end)
    if kind == "Delete":
        yield EditBlock("delete", path, first_line=first, last_line=last)
    elif kind == "Add":
        new, problem = _added(lines[first + 1 : last + 1])
        yield EditBlock(
            "whole", path, (), new, first_line=first, last_line=last, problem=problem, is_new=True
        )
    else:
        yield from _update(lines, first, last + 1, path)


def _update(lines: Sequence[str], first: int, end: int, path: str) -> Iterator[EditBlock]:
    at = block_start = first + 1
    moved = _MOVE.fullmatch(lines[at]) if at < end else None
    if moved:
        new_path = normalised(moved[1].strip("`\"'"))
        yield EditBlock("rename", path, new_path=new_path, first_line=first, last_line=at)
        at = block_start = at + 1
    else:
        block_start = first
    within: list[str] = []
    body: list[str] = []
    found = bool(moved)
    for index in range(at, end + 1):
        line = lines[index] if index < end else ""
        is_mark = index == end or line.startswith("@@") or _END_OF_FILE.fullmatch(line) is not None
        if not is_mark:
            body.append(line)
            continue
        if any(map(str.strip, body)):
            block = _change(path, tuple(within), body)
            last = index if line.startswith("***") else _last_filled(lines, block_start, index)
            yield block._replace(first_line=block_start, last_line=last)
            found = True
            block_start = last + 1 if line.startswith("***") else index
            within = []
        body = []
        if line.startswith("@@"):
            within += read_head(line).within
    if not found:
        yield EditBlock("replace", path, first_line=first, last_line=end - 1, problem=ONLY_ADDS)


def _change(path: str, within: tuple[str, ...], body: Sequence[str]) -> EditBlock:
    hunk = read_hunk(body)
    problem = "" if any(map(str.strip, hunk.old)) else ONLY_ADDS
    return EditBlock("replace", path, hunk.old, hunk.new, "", within, problem=problem)


def _added(body: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The lines of a new file, and what is wrong with them."""
    with_sign = [line.startswith("+") for line in body if line.strip()]
    if all(with_sign):
        return tuple(line[1:] for line in body), ""
    return (tuple(body), "") if not any(with_sign) else ((), _MIXED)


def _last_filled(lines: Sequence[str], first: int, end: int) -> int:
    last = end - 1
    while last > first and not lines[last].strip():
        last -= 1
    return last
