"""How a chat document is cut into turns: at the lines that look like role headings, into segments.

What a segment means depends on its text and on the code fence that is open above it, and on nothing else. So
`chat.ChatReader` keeps segments from one reading to the next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat_context import ContextRef, parse_context_line
from pygpt_lsp.core.chat_document import ENDING, ChatRole, ChatTurn
from pygpt_lsp.core.chat_escape import SpecialLine, special_lines, unescape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.chat_document import ChatEol

BLANK_LINES = re.compile(r"(?:[ \t]*[\r\n])*")
_MOST_INDENT = 3
# What may be a role heading, where at most three spaces stand before it; `special_lines` decides. It starts
# with what can be searched for as it is, which is many times faster than to try each line.
_LIKE_HEADING = re.compile(
    r"##[ \t]+(?:[uU][sS][eE][rR]|[aA][sS][sS][iI][sS][tT][aA][nN][tT])(?:[ \t]+#+)?[ \t]*(?![^\r\n])"
)


class Segment:
    """The lines from one that looks like a role heading to the next, and what matters in them.

    `fence` is the one open below them ("" is none); `plain`: nothing in them is escaped; `context` are the
    lines that may name context, with offsets in the segment.
    """

    __slots__ = ("_turns", "context", "fence", "key", "plain")

    def __init__(self, written: str, fence: str) -> None:
        """`fence` is the one open above."""
        self.key = written, fence
        self.plain = True
        self.context: list[SpecialLine] = []
        for special in special_lines(written, fence=fence):
            if special.kind in {"open", "close"}:
                fence = special.mark if special.kind == "open" else ""
            elif special.kind == "context":
                self.context.append(special)
            elif special.kind != "heading" or special.escaped:
                self.plain = False
        self.fence = fence
        self._turns: dict[tuple[bool, ChatEol], ChatTurn] = {}

    def turn(self, eol: ChatEol, *, is_last: bool) -> ChatTurn:
        """The turn that these lines are by themselves, as if the document began with them."""
        key = is_last, eol
        if key not in self._turns:
            self._turns[key] = _turn(self.key[0], self.context, eol, is_last=is_last, plain=self.plain)
        return self._turns[key]


class Piece(NamedTuple):
    """A preamble or a turn: where it starts, and its segments, of which most have one."""

    start: int
    segments: list[Segment]

    def turn(self, text: str, end: int, eol: ChatEol) -> ChatTurn:
        """The turn up to offset `end` of `text`, as if the document began with it."""
        is_last = end == len(text)
        if len(self.segments) == 1:
            return self.segments[0].turn(eol, is_last=is_last)
        context: list[SpecialLine] = []
        shift = 0
        for segment in self.segments:
            context += (
                line._replace(start=line.start + shift, end=line.end + shift) for line in segment.context
            )
            shift += len(segment.key[0])
        plain = all(segment.plain for segment in self.segments)
        return _turn(text[self.start : end], context, eol, is_last=is_last, plain=plain)


def like_headings(text: str, start: int) -> Iterator[int]:
    """The offsets of the lines, from offset `start` (a line start) on, that look like role headings."""
    for match in _LIKE_HEADING.finditer(text, start):
        line = match.start()
        while line > start and text[line - 1] == " ":
            line -= 1
        if match.start() - line <= _MOST_INDENT and (line == start or text[line - 1] in "\r\n"):
            yield line


def line_ends(text: str) -> int:
    """How many line endings `text` has."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def text_span(text: str, start: int, end: int, eol: str, *, is_last: bool) -> tuple[int, int]:
    """Where between offsets `start` and `end` the text stands that the layout leaves it."""
    if text.startswith(eol, start, end):
        start += len(eol)
    for _ in range(1 if is_last else 2):
        if text.endswith(eol, start, end):
            end -= len(eol)
    return start, end


def decoded(written: str, eol: str, *, plain: bool = False) -> str:
    text = written if eol == "\n" else written.replace(eol, "\n")
    return text if plain else unescape_text(text)


def _turn(written: str, marked: list[SpecialLine], eol: ChatEol, *, is_last: bool, plain: bool) -> ChatTurn:
    """The turn that is `written` from its heading on, as if the document began with it.

    `marked` are the lines that may name context; with `plain` nothing in it is escaped.
    """
    heading = next(special_lines(written))
    role: ChatRole = "user" if heading.mark == "user" else "assistant"
    ending = ENDING.match(written, heading.end)
    start = ending.end() if ending else heading.end
    first, last = text_span(written, start, len(written), eol, is_last=is_last)
    said = decoded(written[first:last], eol, plain=plain)
    question = said
    context: list[ContextRef] = []
    if role == "user":
        kept: list[str] = []
        done = first
        for line in marked:
            refs = parse_context_line(line.mark, line_ends(written[: line.start]))
            context += refs
            if refs and refs[0].kind != "unknown":
                kept.append(written[done : line.start])
                done = line.end
        kept.append(written[done:last])
        asked = decoded("".join(kept), eol, plain=plain)
        question = BLANK_LINES.sub("", asked, count=1).rstrip()
    return ChatTurn(
        role=role,
        text=said,
        question=question,
        context=tuple(context),
        heading_line=0,
        body_start_line=1,
        body_end_line=line_ends(written) + is_last,
        body_start=start,
        body_end=len(written),
        text_start=first,
        text_end=last,
    )
