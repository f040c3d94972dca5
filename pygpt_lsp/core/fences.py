"""The fenced code blocks of a text, with their places.

One scanner for all who read answers, so that they agree where a block ends. It must stay linear in the
text and never raise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPENING = re.compile(r"([ \t]*(?:[-*+]|[0-9]{1,3}[.)])[ \t]+|[ \t]*)(`{3,}|~{3,})(.*)", re.DOTALL)
_INNER = re.compile(r"([ \t]*)(`{3,}|~{3,})(.*)", re.DOTALL)


class Fence(NamedTuple):
    """A fenced block: lines `first_line` (its opening) to `last_line` (its closing) of a text, 0-based.

    `run` are the fence characters it opens with, `info` what follows them, `indent` the characters before
    them, `depth` the number of blocks it is in. Where it is not `closed`, its last line is one of its own.
    """

    info: str
    run: str
    indent: int
    depth: int
    first_line: int
    last_line: int
    closed: bool


def fence_mark(line: str, *, inside: bool = False) -> tuple[str, str, str]:
    """What stands before a fence, its run of characters, its info string; three times "" for other lines.

    The opening of an outermost fence may follow a list's bullet on the same line; one `inside` may not.
    """
    if "```" not in line and "~~~" not in line:
        return "", "", ""
    match = (_INNER if inside else _OPENING).fullmatch(line)
    if match is None:
        return "", "", ""
    prefix, run, info = match.groups()
    return ("", "", "") if run[0] == "`" and "`" in info else (prefix, run, info.strip())


def scan_fences(lines: Sequence[str], spans: Sequence[tuple[int, int]] = ()) -> list[Fence]:
    """The fenced blocks of `lines`, which have no endings, by their first line; only the last outermost
    one, and blocks in it, can be left open.

    Unlike in CommonMark, a fence with a language inside a block opens a block within it if it is at least
    as long: models write Markdown files that way.

    `spans` (first and last line, ascending) hold edits, whose fences are part of what they edit. A block
    that holds one and is not closed ends with it where another one opens by a language; a fence without one
    just after a span, where no block is open, closes what was closed before, and means nothing.
    """
    found: list[Fence] = []
    stack: list[Fence] = []
    holders: set[int] = set()  # first lines of the blocks that hold a span
    deepest = after_span = -1
    at = 0
    todo = iter([*spans, (len(lines), len(lines))])
    span = next(todo)
    while at < len(lines):
        if at == span[0]:
            if stack:
                holders.add(stack[-1].first_line)
            at = after_span = span[1] + 1
            span = next(todo)
            continue
        prefix, run, info = fence_mark(lines[at], inside=bool(stack))
        if not stack:
            if run and (info or at != after_span):
                stack.append(Fence(info, run, len(prefix), 0, at, at, closed=False))
                deepest = max(_columns(prefix), 3)
        # Deeper than the block itself it is part of the code, say of a docstring.
        elif run[:1] == stack[-1].run[0] and len(run) >= len(stack[-1].run) and _columns(prefix) <= deepest:
            if info:
                if stack[-1].first_line in holders:
                    found.append(stack.pop()._replace(last_line=after_span - 1))
                stack.append(Fence(info, run, len(prefix), len(stack), at, at, closed=False))
            else:
                found.append(stack.pop()._replace(last_line=at, closed=True))
        at += 1
    found += (fence._replace(last_line=len(lines) - 1) for fence in stack)
    return sorted(found, key=lambda fence: fence.first_line)


def fence_lines(lines: Sequence[str], fence: Fence) -> tuple[str, ...]:
    """The lines inside `fence`; an indented block loses its indentation."""
    end = fence.last_line if fence.closed else fence.last_line + 1
    inside = lines[fence.first_line + 1 : end]
    return tuple(line[min(fence.indent, len(line) - len(line.lstrip(" \t"))) :] for line in inside)


def fence_language(info: str) -> str:
    """The language of an info string: `python`, `python title="x"`, `{.python}`, `python:src/app.py`."""
    words = info.split(maxsplit=1)
    return words[0].strip("{}").lstrip(".").split(":")[0].lower() if words else ""


def _columns(indent: str) -> int:
    return len(indent.expandtabs(4))
