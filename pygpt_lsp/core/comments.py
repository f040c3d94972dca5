"""Instructions written as comments: `# ai: make it async`, found, read and cut out of the text.

This is how an instruction is given in an editor without a plugin. It runs whenever an editor asks for code
actions, so the lines are searched for the letters `ai:` first and only the hits are looked at closely.

Must never take code for an instruction: a string that holds `# ai: x`, a word like `mail:`, a URL or a C++
scope `ai::` is none. In doubt nothing is found, since the comment is deleted with the edit.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.comment_scan import (
    MOST_COMMENT_LINES,
    block_comment_over,
    comments_in,
    in_long_string,
    is_comment_line,
    last_comment,
)
from pygpt_lsp.core.languages import comment_syntax
from pygpt_lsp.core.text import Position, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.comment_scan import Comment
    from pygpt_lsp.core.languages import CommentSyntax
    from pygpt_lsp.core.text import TextSnapshot

_MOST_HITS = 50
_CHUNK_LINES = 256


class Instruction(NamedTuple):
    """A comment that says what to do.

    `text` holds the words alone, with the line breaks of the comment. `start` to `end` is what to delete:
    whole lines, the last line's ending included, where the comment stands alone; otherwise the comment and
    the spaces that set it off from the code.
    """

    text: str
    start: Position
    end: Position


def find_instruction(
    text: TextSnapshot, first_line: int, last_line: int, language_id: str
) -> Instruction | None:
    """The instruction for lines `first_line` to `last_line` (0-based, both included), or None.

    The first one in these lines counts, else the nearest in the comment lines directly above, with no blank
    line between. It reaches over the comment lines that follow with the same leader in the same column, up
    to an empty comment line or a comment with a purpose of its own. Lines outside the text are ignored.
    """
    syntax = comment_syntax(language_id)
    first_line, last_line = max(first_line, 0), min(last_line, text.line_count - 1)
    for line in islice(_lines_with_marker(text, first_line, last_line), _MOST_HITS):
        if instruction := _instruction_in(text, line, syntax):
            return instruction
    for line in _comment_lines_above(text, min(first_line, last_line), syntax):
        if _has_marker(text.line(line)) and (instruction := _instruction_in(text, line, syntax)):
            return instruction
    return None


def remove_instruction(text: TextSnapshot, first_line: int, last_line: int, instruction: Instruction) -> str:
    """Lines `first_line` to `last_line` (0-based, both included), with their endings, without the comment.

    What of the comment lies outside these lines makes no difference.
    """
    start, end = text.clamp(Position(first_line, 0)), text.clamp(Position(last_line + 1, 0))
    cut_start = min(max(instruction.start, start), end)
    cut_end = min(max(instruction.end, start), end)
    return text.slice(Range(start, cut_start)) + text.slice(Range(cut_end, end))


def _lines_with_marker(text: TextSnapshot, first_line: int, last_line: int) -> Iterator[int]:
    for start in range(first_line, last_line + 1, _CHUNK_LINES):
        lines = list(text.lines(start, min(start + _CHUNK_LINES, last_line + 1)))
        if _has_marker("".join(lines)):
            yield from (start + offset for offset, line in enumerate(lines) if _has_marker(line))


def _has_marker(text: str) -> bool:
    return "ai:" in text.lower()


def _comment_lines_above(text: TextSnapshot, line: int, syntax: CommentSyntax) -> Iterator[int]:
    """The lines of the comments that end directly above `line` or reach into it, from below."""
    lowest = max(line - MOST_COMMENT_LINES, 0)
    opened = block_comment_over(text, line, syntax)
    while line > lowest:
        line -= 1
        content = text.line_content(line)
        if opened is None and not is_comment_line(content, syntax):
            if any(closer in content for _, closer in syntax.block):
                opened = block_comment_over(text, line, syntax)
            if opened is None:
                return
        yield line
        if opened == line:
            opened = None


def _instruction_in(text: TextSnapshot, line: int, syntax: CommentSyntax) -> Instruction | None:
    """The instruction whose `ai:` stands in `line`."""
    opened = block_comment_over(text, line, syntax)
    if opened is not None:
        comment = last_comment(text.line_content(opened), syntax)
        return _from_block(text, opened, comment, line) if comment else None
    content = text.line_content(line)
    for comment in comments_in(content, syntax):
        if _marker().match(content, comment.words, comment.words_end):
            if in_long_string(text, line, syntax):
                return None
            if comment.closer:
                return _from_block(text, line, comment, line)
            return _from_line_comment(text, line, comment)
    return None


def _from_line_comment(text: TextSnapshot, line: int, comment: Comment) -> Instruction | None:
    content = text.line_content(line)
    words = [_without_marker(content[comment.words :])]
    last = line
    for following in text.lines(line + 1, line + MOST_COMMENT_LINES):
        indent, rest = following[: comment.start], following[comment.start :]
        body = rest.removeprefix(comment.leader)
        # A longer leader is another comment: `///` after `//`.
        if indent.strip() or body == rest or body.startswith(comment.leader[-1]):
            break
        if not body.strip() or _other_purpose().match(body):
            break
        words.append(body.strip())
        last += 1
    code = content[: comment.start].rstrip()
    if code:
        end = Position(last, len(text.line_content(last)))
        return _instruction(words, Position(line, len(code)), end)
    return _instruction(words, *_whole_lines(text, line, last))


def _from_block(text: TextSnapshot, opened: int, comment: Comment, line: int) -> Instruction | None:
    """The instruction that starts in `line`, in the block comment that opens in line `opened`."""
    first = text.line_content(opened)
    words = [first[comment.words : comment.words_end]]
    closed, end = opened, comment.end
    for following in text.lines(opened + 1, opened + MOST_COMMENT_LINES):
        if end is not None:
            break
        closed += 1
        position = following.find(comment.closer)
        words.append(following[:position] if position >= 0 else following)
        end = position + len(comment.closer) if position >= 0 else None
    if end is None:
        return None  # never closed, or too far down to be an instruction
    starred = comment.closer.startswith("*")
    words = [_without_star(each) if starred else each.strip() for each in words]
    before, words = words[: line - opened], words[line - opened :]
    if not words or not _marker().match(words[0]):
        return None
    words[0] = _without_marker(words[0])
    if not any(before):
        start, stop = _around_block(text, Position(opened, comment.start), Position(closed, end))
        return _instruction(words, start, stop)
    # A part of a longer comment, which stays: one paragraph of it.
    length = next((n for n, each in enumerate(words) if n and (not each or each.startswith("@"))), len(words))
    last = line + length - 1
    if last < closed:
        return _instruction(words[:length], *_whole_lines(text, line, last))
    kept = text.line_content(closed)[: end - len(comment.closer)].rstrip()
    return _instruction(words, Position(line, 0), Position(closed, len(kept)))


def _around_block(text: TextSnapshot, start: Position, end: Position) -> tuple[Position, Position]:
    """What to delete with a block comment: its lines, or the spaces that set it off."""
    before = text.line_content(start.line)[: start.character]
    after = text.line_content(end.line)[end.character :]
    if not before.strip() and not after.strip():
        return _whole_lines(text, start.line, end.line)
    kept = len(before.rstrip())
    if not after.strip():
        return Position(start.line, kept), Position(end.line, end.character + len(after))
    if 0 < kept < start.character:
        return Position(start.line, kept), end
    return start, Position(end.line, end.character + len(after) - len(after.lstrip()))


def _whole_lines(text: TextSnapshot, first: int, last: int) -> tuple[Position, Position]:
    return Position(first, 0), text.clamp(Position(last + 1, 0))


def _instruction(words: list[str], start: Position, end: Position) -> Instruction | None:
    text = "\n".join(words).strip()
    return Instruction(text, start, end) if text else None


def _without_marker(words: str) -> str:
    return words.partition(":")[2].strip()


def _without_star(words: str) -> str:
    return words.strip().lstrip("*").strip()


@cache
def _marker() -> re.Pattern[str]:
    """`ai:` as the first word, but neither `ai::scope` nor `ai://host`."""
    return re.compile(r"[\s*!]*ai:(?!:|//)", re.IGNORECASE)


@cache
def _other_purpose() -> re.Pattern[str]:
    """How a comment begins that does not continue an instruction: a directive, a tag, a note."""
    return re.compile(
        r"\s*(?:ai:|@\w|(?:todo|fixme|xxx|hack|note)\b|type:|noqa|nolint|pylint:|pyright:|mypy:|go:"
        r"|[\w-]+-(?:disable|enable|ignore|expect)\b)",
        re.IGNORECASE,
    )
