"""A chat up to one of its turns, and a chat without one of them; all else in it stays as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import HEADINGS
from pygpt_lsp.core.chat_escape import fence_closing, open_fence

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatDocument


class Deletion(NamedTuple):
    """The edit that takes a turn out: `text` in place of the code points `start` to `end` of the document."""

    start: int
    end: int
    text: str


def fork_text(text: str, chat: ChatDocument, index: int) -> str:
    """The chat document `text` up to its turn `index`, that one included, to go on from there.

    Below an answer the next question can be written.
    """
    turn, eol = chat.turns[index], chat.eol
    kept = text[: turn.text_end]
    if turn.role == "user":
        return kept + eol
    closing = fence_closing(open_fence(text[turn.body_start : turn.text_end])).replace("\n", eol)
    return f"{kept}{closing}{eol * 2}{HEADINGS['user']}{eol * 2}"


def deletion(chat: ChatDocument, index: int, heading_start: int) -> Deletion:
    """The edit that takes turn `index` out of a chat document, where its heading is at `heading_start`.

    A place to write the next question is left: where the last turn goes and no question is above it, an empty
    one takes its place.
    """
    turn, eol = chat.turns[index], chat.eol
    if index + 1 < len(chat.turns):
        return Deletion(heading_start, turn.body_end, "")
    if index > 0 and chat.turns[index - 1].role == "user":
        return Deletion(chat.turns[index - 1].text_end, turn.body_end, eol)
    return Deletion(heading_start, turn.body_end, f"{HEADINGS['user']}{eol * 2}")
