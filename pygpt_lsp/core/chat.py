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
from bisect import bisect_left
from itertools import pairwise
from typing import NamedTuple

from pygpt_lsp.core.chat_document import ENDING, HEADINGS, ChatDocument, ChatEol, ChatRole, ChatTurn
from pygpt_lsp.core.chat_escape import special_lines
from pygpt_lsp.core.chat_segments import Piece, Segment, decoded, like_headings, line_ends, text_span
from pygpt_lsp.core.documents import common_prefix

__all__ = [
    "ENDING",
    "HEADINGS",
    "ChatDocument",
    "ChatEol",
    "ChatReader",
    "ChatRole",
    "ChatTurn",
    "is_front_matter_open",
    "parse_chat",
]

_FRONT_MATTER_START = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
FRONT_MATTER_END = re.compile(r"[\r\n]---[ \t]*(?:\r\n|\n|\r|\Z)")


def parse_chat(text: str) -> ChatDocument:
    """Take the chat document `text` apart.

    Where its first line ends with `\\r\\n`, `\\n` stands for `\\r\\n` in the texts.
    """
    return ChatReader().read(text)


def is_front_matter_open(text: str) -> bool:
    """Whether the chat document `text` begins with a front matter that no line `---` ends."""
    return _FRONT_MATTER_START.match(text) is not None and _front_matter(text)[0] is None


class ChatReader:
    """Takes a chat document apart again and again; what is as it was the last time costs next to nothing.

    Turns above the first change are kept. What is below it is remembered by its text, so that it is never out
    of date.
    """

    def __init__(self) -> None:
        self._last: _Reading | None = None
        self._segments: dict[tuple[str, str], Segment] = {}

    def read(self, text: str) -> ChatDocument:
        """What `parse_chat` gives for `text`."""
        last = self._last
        kept = last.unchanged(text) if last is not None else 0
        if last is not None and kept:
            chat, above, line = last.chat, last.pieces[:kept], last.chat.turns[kept].heading_line
            pieces = below = self._pieces(text, last.pieces[kept].start, above)
        else:
            above: list[Piece] = []
            ending = ENDING.search(text)
            eol: ChatEol = "\r\n" if ending and ending[0] == "\r\n" else "\n"
            front_matter, start = _front_matter(text)
            _, *below = pieces = self._pieces(text, start, above)
            end = below[0].start if below else len(text)
            first, stop = text_span(text, start, end, eol, is_last=not below)
            chat = ChatDocument(front_matter, decoded(text[first:stop], eol), (), eol, None)
            line = line_ends(text[:end])
        turns = list(chat.turns[:kept])
        for index, piece in enumerate(below, 1):
            end = below[index].start if index < len(below) else len(text)
            turns.append(_moved(piece.turn(text, end, chat.eol), piece.start, line))
            line = turns[-1].body_end_line
        open_line = _open_fence_line(text, pieces[-1].start) if pieces[-1].segments[-1].fence else None
        chat = chat._replace(turns=tuple(turns), open_fence_line=open_line)
        self._last = _Reading(text, chat, [*above, *below])
        return chat

    def _pieces(self, text: str, start: int, above: list[Piece]) -> list[Piece]:
        """What is in `text` from `start` on: the turns, below the preamble where no turns are `above`."""
        known, self._segments = self._segments, {}
        self._segments.update((segment.key, segment) for piece in above for segment in piece.segments)
        bounds = [start, *like_headings(text, start), len(text)]
        pieces: list[Piece] = []
        fence = ""
        for first, end in pairwise(bounds[1:] if above else bounds):
            key = text[first:end], fence
            segment = self._segments[key] = known.get(key) or self._segments.get(key) or Segment(*key)
            if pieces and fence:
                pieces[-1].segments.append(segment)
            else:
                pieces.append(Piece(first, [segment]))
            fence = segment.fence
        return pieces


class _Reading(NamedTuple):
    """What was read, with the piece of each turn."""

    text: str
    chat: ChatDocument
    pieces: list[Piece]

    def unchanged(self, text: str) -> int:
        """How many turns are the same in `text`, with another one below them."""
        if self.chat.front_matter is None and _FRONT_MATTER_START.match(self.text):
            return 0  # it is never closed; it might be now
        same = common_prefix(self.text, text)
        # A turn is the same if the heading below it is, and more than that one's line.
        below = bisect_left(self.chat.turns, same, key=lambda turn: turn.body_start)
        return max(below - 1, 0)


def _open_fence_line(text: str, start: int) -> int:
    """The line of the last fence that opens from offset `start` on."""
    opened = [special.start for special in special_lines(text, start) if special.kind == "open"]
    return line_ends(text[: opened[-1]])


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
