"""The chat document: a Markdown file that is the conversation, read whole and written piece by piece.

    ---
    model: "gpt-5.5"
    ---

    ## User

    > #file:src/app.py:10-40

    Why is this slow?

    ## Assistant

    ...

A front matter between `---` lines may come first, then a preamble, which is never sent, then the turns, each
under a heading of level two, `User` or `Assistant` in any case, outside code fences. One blank line after a
heading and one before the next belong to the layout, all else to the text. What a text may hold is settled in
`chat_escape`, so that reading what was written gives back every text exactly.

Lines end as in LSP: at `\\n`, `\\r\\n` or a lone `\\r`, at nothing else. Must never keep anything of a
document that the document does not show, and never fail: every text is a chat document.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.chat_context import ContextRef, parse_context_line
from pygpt_lsp.core.chat_escape import SpecialLine, special_lines, unescape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

ChatRole: TypeAlias = Literal["user", "assistant"]
ChatEol: TypeAlias = Literal["\n", "\r\n"]

HEADINGS: dict[ChatRole, str] = {"user": "## User", "assistant": "## Assistant"}

ENDING = re.compile(r"\r\n|\n|\r")
_FRONT_MATTER_START = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
FRONT_MATTER_END = re.compile(r"[\r\n]---[ \t]*(?:\r\n|\n|\r|\Z)")
_BLANK_LINES = re.compile(r"(?:[ \t]*[\r\n])*")
_MOST_INDENT = 3
# What may be a role heading, where at most three spaces stand before it; `special_lines` decides. It starts
# with what can be searched for as it is, which is many times faster than to try each line.
_LIKE_HEADING = re.compile(
    r"##[ \t]+(?:[uU][sS][eE][rR]|[aA][sS][sS][iI][sS][tT][aA][nN][tT])(?:[ \t]+#+)?[ \t]*(?![^\r\n])"
)


class ChatTurn(NamedTuple):
    """One turn of a chat document.

    `text` is what was said, without the layout and the escapes; `question` is the same without context
    lines and blank edges in a user's turn, and just `text` in an answer. Lines are 0-based:
    the turn covers `heading_line` and the body, from `body_start_line` up to, not including,
    `body_end_line`. Offsets count code points of the document: the body is `body_start` to `body_end`,
    the text as written (escaped) `text_start` to `text_end` of it.
    """

    role: ChatRole
    text: str
    question: str
    context: tuple[ContextRef, ...]
    heading_line: int
    body_start_line: int
    body_end_line: int
    body_start: int
    body_end: int
    text_start: int
    text_end: int


class ChatDocument(NamedTuple):
    """A chat document taken apart.

    `front_matter` is the raw text between the `---` lines, with `\\n` line endings and without the last
    one, None where there is none. `open_fence_line` is the 0-based line of a code fence which is never
    closed, so that headings below it are text; None where there is none.
    """

    front_matter: str | None
    preamble: str
    turns: tuple[ChatTurn, ...]
    eol: ChatEol
    open_fence_line: int | None

    def turn_at(self, line: int) -> int | None:
        """The index of the turn that covers `line` (0-based); None above the first one."""
        indexes = [index for index, turn in enumerate(self.turns) if turn.heading_line <= line]
        return indexes[-1] if indexes else None


def parse_chat(text: str) -> ChatDocument:
    """Take the chat document `text` apart.

    Where its first line ends with `\\r\\n`, `\\n` stands for `\\r\\n` in the texts.
    """
    return ChatReader().read(text)


class ChatReader:
    """Takes a chat document apart again and again; what is as it was the last time costs next to nothing.

    It remembers by the text itself, so what it remembers is never out of date.
    """

    def __init__(self) -> None:
        self._segments: dict[tuple[str, str], _Segment] = {}
        self._turns: dict[tuple[str, bool, ChatEol], ChatTurn] = {}

    def read(self, text: str) -> ChatDocument:
        """What `parse_chat` gives for `text`."""
        ending = ENDING.search(text)
        eol: ChatEol = "\r\n" if ending and ending[0] == "\r\n" else "\n"
        front_matter, start = _front_matter(text)
        _, *pieces = all_pieces = self._pieces(text, start)
        ends = [*(piece.start for piece in pieces), len(text)]
        first, last = _text_span(text, start, ends[0], eol, is_last=not pieces)
        preamble = _decoded(text[first:last], eol)
        known, self._turns = self._turns, {}
        turns: list[ChatTurn] = []
        line = _line_ends(text[: ends[0]])
        for piece, end in zip(pieces, ends[1:], strict=True):
            key = text[piece.start : end], end == len(text), eol
            turn = self._turns[key] = known.get(key) or _turn(*key, piece.segment)
            turns.append(_moved(turn, piece.start, line))
            line = turns[-1].body_end_line
        open_line = _open_fence_line(text, all_pieces[-1].start) if all_pieces[-1].segment.fence else None
        return ChatDocument(front_matter, preamble, tuple(turns), eol, open_line)

    def _pieces(self, text: str, start: int) -> list[_Piece]:
        """The preamble, which starts at `start`, and the turns."""
        known, self._segments = self._segments, {}
        pieces: list[_Piece] = []
        fence = ""
        for first, end in pairwise((start, *_like_headings(text, start), len(text))):
            key = text[first:end], fence
            segment = self._segments[key] = known.get(key) or _segment(*key)
            if pieces and fence:
                pieces[-1] = pieces[-1].and_then(segment, first)
            else:
                pieces.append(_Piece(first, segment))
            fence = segment.fence
        return pieces


class _Segment(NamedTuple):
    """What matters in the lines from one that looks like a role heading to the next.

    `fence` is the one open below it ("" is none); `plain`: nothing in it is escaped; `context` are the lines
    that may name context, with offsets in the segment.
    """

    fence: str
    plain: bool
    context: tuple[SpecialLine, ...]


class _Piece(NamedTuple):
    """A preamble or a turn: where it starts, and its segments as one."""

    start: int
    segment: _Segment

    def and_then(self, segment: _Segment, start: int) -> _Piece:
        """The piece with one more segment, which starts at offset `start` of the document."""
        shift = start - self.start
        more = (each._replace(start=each.start + shift, end=each.end + shift) for each in segment.context)
        plain = self.segment.plain and segment.plain
        return _Piece(self.start, _Segment(segment.fence, plain, (*self.segment.context, *more)))


def _like_headings(text: str, start: int) -> Iterator[int]:
    """The offsets of the lines, from offset `start` (a line start) on, that look like role headings."""
    for match in _LIKE_HEADING.finditer(text, start):
        line = match.start()
        while line > start and text[line - 1] == " ":
            line -= 1
        if match.start() - line <= _MOST_INDENT and (line == start or text[line - 1] in "\r\n"):
            yield line


def _segment(written: str, fence: str) -> _Segment:
    """What matters in `written`, where `fence` is open above it."""
    plain = True
    context: list[SpecialLine] = []
    for special in special_lines(written, fence=fence):
        if special.kind in {"open", "close"}:
            fence = special.mark if special.kind == "open" else ""
        elif special.kind == "context":
            context.append(special)
        elif special.kind != "heading" or special.escaped:
            plain = False
    return _Segment(fence, plain, tuple(context))


def _open_fence_line(text: str, start: int) -> int:
    """The line of the last fence that opens from offset `start` on."""
    opened = [special.start for special in special_lines(text, start) if special.kind == "open"]
    return _line_ends(text[: opened[-1]])


def _line_ends(text: str) -> int:
    """How many line endings `text` has."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _turn(written: str, is_last: bool, eol: ChatEol, segment: _Segment) -> ChatTurn:
    """The turn that is `written` from its heading on, as if the document began with it."""
    heading = next(special_lines(written))
    role: ChatRole = "user" if heading.mark == "user" else "assistant"
    ending = ENDING.match(written, heading.end)
    start = ending.end() if ending else heading.end
    first, last = _text_span(written, start, len(written), eol, is_last=is_last)
    said = _decoded(written[first:last], eol, plain=segment.plain)
    question = said
    context: list[ContextRef] = []
    if role == "user":
        kept: list[str] = []
        done = first
        for line in segment.context:
            refs = parse_context_line(line.mark, _line_ends(written[: line.start]))
            context += refs
            if refs and refs[0].kind != "unknown":
                kept.append(written[done : line.start])
                done = line.end
        kept.append(written[done:last])
        asked = _decoded("".join(kept), eol, plain=segment.plain)
        question = _BLANK_LINES.sub("", asked, count=1).rstrip()
    return ChatTurn(
        role=role,
        text=said,
        question=question,
        context=tuple(context),
        heading_line=0,
        body_start_line=1,
        body_end_line=_line_ends(written) + is_last,
        body_start=start,
        body_end=len(written),
        text_start=first,
        text_end=last,
    )


def _moved(turn: ChatTurn, offset: int, line: int) -> ChatTurn:
    """A turn that `_turn` gave as it is `offset` code points and `line` lines further down."""
    return ChatTurn(
        role=turn.role,
        text=turn.text,
        question=turn.question,
        context=tuple([ref._replace(line=ref.line + line) for ref in turn.context]),
        heading_line=line,
        body_start_line=line + 1,
        body_end_line=turn.body_end_line + line,
        body_start=turn.body_start + offset,
        body_end=turn.body_end + offset,
        text_start=turn.text_start + offset,
        text_end=turn.text_end + offset,
    )


def _front_matter(text: str) -> tuple[str | None, int]:
    """The front matter, and the offset where the rest begins."""
    opening = _FRONT_MATTER_START.match(text)
    closing = opening and FRONT_MATTER_END.search(text, opening.end() - 1)
    if not opening or not closing:
        return None, 0
    raw = text[opening.end() : closing.start()]
    if text[closing.start()] == "\n":
        raw = raw.removesuffix("\r")
    return ENDING.sub("\n", raw), closing.end()


def _text_span(text: str, start: int, end: int, eol: str, *, is_last: bool) -> tuple[int, int]:
    """Where between offsets `start` and `end` the text stands that the layout leaves it."""
    if text.startswith(eol, start, end):
        start += len(eol)
    for _ in range(1 if is_last else 2):
        if text.endswith(eol, start, end):
            end -= len(eol)
    return start, end


def _decoded(written: str, eol: str, *, plain: bool = False) -> str:
    text = written if eol == "\n" else written.replace(eol, "\n")
    return text if plain else unescape_text(text)
