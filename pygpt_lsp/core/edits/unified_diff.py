"""Unified diffs, as git makes them and as models write them: each hunk is a block, a created file is a whole.

Line numbers are never used, counts only to tell where a diff without a fence ends. Must never take a list in
prose for lines to remove, nor a hunk that says not where it belongs for one that does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.hunks import ONLY_ADDS, HunkHead, read_head, read_hunk
from pygpt_lsp.core.edits.paths import normalised
from pygpt_lsp.core.edits.search_replace import CUT, find_markers
from pygpt_lsp.core.fences import fence_language, fence_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_LANGUAGES = {"diff", "patch", "udiff", "gitdiff", "git-diff"}
_GIT = re.compile(r'diff --git (?:"?a/(.*?)"? "?b/(.*?)"?|(\S+) (\S+))\s*')
_RANGES = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_GIT_LINE = re.compile(
    r"(?:index|old mode|new mode|new file|deleted file|similarity index|dissimilarity index|Binary files"
    r"|(?:rename|copy) (?:from|to)|Index:) |={20,}\Z"
)
_MOVE = re.compile(r"(rename|copy) (from|to) (.+)")
_LOOKS_NAMED = re.compile(r"[/\\.]|(?i:makefile|dockerfile|license)\Z")
_STAMP = re.compile(r"(?:\t.*|\s+\d{4}-\d\d-\d\d\b.*|\s+\([^()]*\))\Z")
# git's own, and those of its option `diff.mnemonicPrefix`.
_PREFIXES = {("a/", "b/"), ("i/", "w/"), ("c/", "i/"), ("c/", "w/"), ("o/", "w/")}
_NOWHERE = "/dev/null"
_TWO_FILES = "This diff names two files, so it was not made; ask which one is meant."
_COPY = (
    "This diff copies a file, which is not supported, so it was not made; ask for the new file as a whole."
)


class _Hunk(NamedTuple):
    first_line: int
    head: HunkHead
    body_line: int  # where the body begins
    body: list[str]


class _FileDiff:
    """What a diff says about one file; paths as they stand in it, "" where it has none."""

    __slots__ = (
        "copied",
        "created",
        "deleted",
        "first_line",
        "hunks",
        "last_line",
        "moved",
        "named",
        "sides",
    )

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.last_line = first_line
        self.sides: tuple[str, str] = ("", "")
        self.named = False  # by `---` and `+++`
        self.moved: dict[str, str] = {}  # "from" and "to"
        self.created = self.deleted = self.copied = False
        self.hunks: list[_Hunk] = []

    def add(self, hunk: _Hunk) -> None:
        """Add a hunk; where nothing names the file, the diff begins with it."""
        if not (self.hunks or self.named or any(self.sides)):
            self.first_line = hunk.first_line
        self.hunks.append(hunk)


def read_diff(lines: Sequence[str], start: int, openings: Collection[int]) -> tuple[list[EditBlock], int]:
    """The blocks of the diff that begins at line `start`, from its first line to its last, and the line after
    it; no blocks where none begins there.

    `openings` are the lines where fences open. A path is "" where the diff names none.
    """
    if fence_mark(lines[start])[1]:
        if fence_language(fence_mark(lines[start])[2]) not in _LANGUAGES:
            return [], start
        end, _ = _closing(lines, start)
        return ([], start) if _is_other_format(lines[start + 1 : end]) else _fenced(lines, start, start + 1)
    if not _begins(lines, start):
        return [], start
    above = start - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above in openings:
        return _fenced(lines, above, start)
    end = _end_of_bare(lines, start)
    return _read(lines[start:end], start, closed=end < len(lines)), end


def _begins(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    if line.startswith("--- "):
        return _is_header(lines, at)
    return line.startswith("diff --git ") or _RANGES.match(line) is not None


def _is_header(lines: Sequence[str], at: int) -> bool:
    """Whether the two lines from `at` on name the old and the new file."""
    return 0 <= at < len(lines) - 1 and lines[at].startswith("--- ") and lines[at + 1].startswith("+++ ")


def _closing(lines: Sequence[str], opening: int) -> tuple[int, bool]:
    """Where the fence ends, and whether it is closed there: at a fence that begins where the opening does,
    since the lines of a diff have a sign before them."""
    prefix, run, _ = fence_mark(lines[opening])
    for index in range(opening + 1, len(lines)):
        line = lines[index]
        if line.startswith(run, len(prefix)) and not line[: len(prefix)].strip():
            return index, not line.strip().strip(run[0])
    return len(lines), False


def _is_other_format(lines: Sequence[str]) -> bool:
    """Whether a fence that says `diff` holds a patch or SEARCH/REPLACE blocks instead."""
    return any(line.startswith("*** Begin Patch") for line in lines) or any(
        marker.sign == "<" and marker.strength == "sure" for marker in find_markers(lines)
    )


def _end_of_bare(lines: Sequence[str], start: int) -> int:
    """The line after a diff without a fence."""
    at, old, new, in_hunk = start, 0, 0, False
    end = start  # after the last line that is certainly its own
    while at < len(lines):
        line = lines[at]
        if line.startswith("@@"):
            _, old, new, _ = read_head(line)
            in_hunk = True
        elif _is_header(lines, at) and not _is_changed_lines(lines, at, old + new):
            in_hunk = False
            at += 1
        elif line.startswith("diff --git "):
            in_hunk = False
        elif not line.strip():
            at += 1
            old, new = old - 1, new - 1
            continue
        elif in_hunk:
            separated = end < at
            is_over = old <= 0 and new <= 0
            if fence_mark(line)[1] or (is_over and (separated or line[0] not in "+- \\")):
                break
            old -= line[0] not in "+\\"
            new -= line[0] not in "-\\"
        elif not _GIT_LINE.match(line):
            break
        at += 1
        end = at
    return end


def _is_changed_lines(lines: Sequence[str], at: int, expected: int) -> bool:
    """Whether what looks like the header of a file is a line `-- x` removed and a line `++ x` added."""
    after = lines[at + 2] if at + 2 < len(lines) else ""
    return expected > 0 and not after.startswith("@@")


def _read(lines: Sequence[str], first_line: int, *, closed: bool) -> list[EditBlock]:
    """The blocks of a diff which has these lines, from line `first_line` of the answer on. Where it is not
    `closed` the answer ends in it."""
    files = _files(lines, first_line)
    blocks = [block for file in files for block in _blocks(file)]
    if blocks and not closed and not _is_complete(files[-1]):
        blocks[-1] = blocks[-1]._replace(problem=CUT)
    return blocks


def _fenced(lines: Sequence[str], opening: int, start: int) -> tuple[list[EditBlock], int]:
    """The blocks from line `start` on in the fence that opens at line `opening`, and the line of its end."""
    end, closed = _closing(lines, opening)
    margin = len(fence_mark(lines[opening])[0])
    inside = lines[start:end]
    if all(not line[:margin].strip() for line in inside):
        inside = [line[margin:] for line in inside]
    return _read(inside, start, closed=closed), end


def _files(lines: Sequence[str], first_line: int) -> list[_FileDiff]:
    """What the diff says about each file."""
    has_heads = any(line.startswith("@@") for line in lines)
    file = _FileDiff(first_line)
    files = [file]
    hunk: _Hunk | None = None
    left = 0  # lines that the hunk's counts promise
    for index, line in enumerate(lines):
        at = first_line + index
        if git := _GIT.fullmatch(line):
            file, hunk = _FileDiff(at), None
            files.append(file)
            file.sides = (git[1] or git[3], git[2] or git[4])
        elif _is_header(lines, index) and not (hunk and _is_changed_lines(lines, index, left)):
            if file.named or file.hunks:
                file = _FileDiff(at)
                files.append(file)
            file.sides, file.named, hunk = (_side(line), _side(lines[index + 1])), True, None
        elif line.startswith("@@"):
            hunk = _Hunk(at, read_head(line), at + 1, [])
            left = hunk.head.old_count + hunk.head.new_count
            file.add(hunk)
        elif hunk is not None:
            hunk.body.append(line)
            left -= 1 if line[:1] in {"+", "-"} else 2
        elif _take_git_line(file, line) or _is_header(lines, index - 1):
            pass
        elif not has_heads and line.startswith(("+", "-", " ")):
            hunk = _Hunk(at, HunkHead(()), at, [line])
            file.add(hunk)
        if line.strip():
            file.last_line = at
    return files


def _take_git_line(file: _FileDiff, line: str) -> bool:
    """Take what one of git's lines before the hunks says."""
    if not _GIT_LINE.match(line):
        return False
    file.created = file.created or line.startswith("new file")
    file.deleted = file.deleted or line.startswith("deleted file")
    if match := _MOVE.fullmatch(line):
        file.moved[match[2]] = match[3].strip().strip('"')
        file.copied = file.copied or match[1] == "copy"
    return True


def _blocks(file: _FileDiff) -> list[EditBlock]:
    old, new = _unprefixed(*file.sides)
    if file.moved:
        old, new = file.moved.get("from", old), file.moved.get("to", new)
    path = new if old in ("", _NOWHERE) else old
    all_of_it = EditBlock(
        "whole", normalised(path), first_line=file.first_line, last_line=file.last_line, is_new=True
    )
    if not (file.hunks or file.named or any(file.sides)):
        return []
    if file.copied:
        return [all_of_it._replace(problem=_COPY)]
    if file.deleted or new == _NOWHERE:
        return [all_of_it._replace(kind="delete", is_new=False)]
    read = [(hunk, read_hunk(hunk.body)) for hunk in file.hunks]
    read = [(hunk, body) for hunk, body in read if body.changes]
    from_nothing = len(read) == 1 and read[0][0].head.of_nothing and not read[0][1].old
    if file.created or old == _NOWHERE or from_nothing:
        return [all_of_it._replace(new_lines=tuple(line for _, body in read for line in body.new))]
    blocks: list[EditBlock] = []
    if file.moved:
        blocks.append(all_of_it._replace(kind="rename", new_path=normalised(new), is_new=False))
    for hunk, body in read:
        filled = (index for index in reversed(range(len(hunk.body))) if hunk.body[index].strip())
        last = hunk.body_line + next(filled, 0)
        block = EditBlock("replace", all_of_it.path, body.old, body.new, "", hunk.head.within)
        problem = "" if any(map(str.strip, body.old)) else ONLY_ADDS
        blocks.append(block._replace(first_line=hunk.first_line, last_line=last, problem=problem))
    if blocks and file.moved and len(blocks) > 1:
        blocks[0] = blocks[0]._replace(last_line=blocks[1].first_line - 1)
    elif blocks:
        blocks[0] = blocks[0]._replace(first_line=file.first_line)
    if not file.moved and old and new and old != new:
        return [block._replace(problem=_TWO_FILES) for block in blocks]
    return blocks


def _is_complete(file: _FileDiff) -> bool:
    """Whether the last hunk has all lines that its header promises."""
    if not file.hunks:
        return file.deleted or bool(file.moved)
    hunk = file.hunks[-1]
    body = read_hunk(hunk.body)
    return (len(body.old), len(body.new)) == (hunk.head.old_count, hunk.head.new_count)


def _side(line: str) -> str:
    """The path of a `---` or `+++` line, "" where it names no file (`--- original`)."""
    path = _STAMP.sub("", line[4:]).strip().strip('"')
    return path if _LOOKS_NAMED.search(path) else ""


def _unprefixed(old: str, new: str) -> tuple[str, str]:
    """The paths without `a/` and `b/`, where both have them or the other is no file."""
    for first, second in _PREFIXES:
        both = (old.startswith(first) or old in ("", _NOWHERE)) and (
            new.startswith(second) or new in ("", _NOWHERE)
        )
        # One side without its prefix is a slip; then the other shows it.
        slip = old == first + new or new == second + old
        if both or slip:
            return old.removeprefix(first), new.removeprefix(second)
    return old, new
