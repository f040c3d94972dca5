"""Asking again in a chat that is there: lines of context for the question that is written next.

They go below the last `## User` heading, which is added where an answer ends the chat, after the context
lines that stand there and above what the user has begun to write. Must never touch anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.chat import ENDING, HEADINGS, parse_chat
from pygpt_lsp.core.chat_answers import AnswerSlot, before_ending, missing_blank
from pygpt_lsp.core.chat_context import parse_context_line
from pygpt_lsp.core.chat_escape import fence_closing, open_fence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.chat_context import ContextRef


def add_context(text: str, lines: Sequence[str]) -> AnswerSlot | None:
    """The edit that adds these context lines to the question that the chat document `text` ends with.

    None where they stand there already. `anchor` is where they end in the document that results.
    """
    document = parse_chat(text)
    if not document.turns or document.turns[-1].role == "assistant":
        return _new_question(text, document, lines)
    turn = document.turns[-1]
    there = {_named(ref) for ref in turn.context}
    new = [line for line in lines if not there.issuperset(map(_named, parse_context_line(line, 0)))]
    if not new:
        return None
    written = "".join(f"{line}{document.eol}" for line in new)
    place, before, after = _place(text, turn, document.eol)
    return _slot(text, place, before + written + after)


def _new_question(text: str, document: ChatDocument, lines: Sequence[str]) -> AnswerSlot:
    eol = document.eol
    fence = ""
    if document.open_fence_line is not None:
        fence = open_fence(text[_line_start(text, document.open_fence_line) :])
    if fence:
        opened = fence_closing(fence).replace("\n", eol) + eol * 2
    else:
        opened = eol * missing_blank(text[: before_ending(text)]) if text.strip("\r\n") else ""
    written = "".join(f"{line}{eol}" for line in lines)
    end = before_ending(text)
    opened += HEADINGS["user"] + eol * 2 + written
    return AnswerSlot(end, end, opened + ("" if end < len(text) else eol), end + len(opened))


def _place(text: str, turn: ChatTurn, eol: str) -> tuple[int, str, str]:
    """Where in the last turn the lines go, with what belongs before and after them."""
    known = [ref.line for ref in turn.context if ref.kind != "unknown"]
    if known:
        place = _line_start(text, max(known) + 1)
        before = "" if text[:place].endswith(("\n", "\r")) else eol
    else:
        place = turn.text_start
        has_blank = turn.text_start > turn.body_start
        heading_ended = text[: turn.body_start].endswith(("\n", "\r"))
        before = "" if has_blank else eol * (1 if heading_ended else 2)
    follows = text[place:]
    return place, before, "" if follows.startswith(eol) or (known and follows.strip()) else eol


def _slot(text: str, place: int, written: str) -> AnswerSlot:
    """The edit that puts lines at an offset; at the end of the text it goes before the final line ending."""
    end = before_ending(text)
    if place == len(text) and end < place:
        ending = text[end:]
        written = ending + written
        return AnswerSlot(end, end, written[: before_ending(written)], end + len(written))
    return AnswerSlot(place, place, written, place + len(written))


def _line_start(text: str, line: int) -> int:
    """The offset where a line (0-based) starts; the end of the text where there is none."""
    start = 0
    for _ in range(line):
        ending = ENDING.search(text, start)
        if ending is None:
            return len(text)
        start = ending.end()
    return start


def _named(ref: ContextRef) -> tuple[object, ...]:
    return ref._replace(line=0, raw="")
