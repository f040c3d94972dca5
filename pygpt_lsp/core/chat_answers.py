"""Sending from a chat document: what is sent, where the answer goes, and what the chat is called.

On send the server writes two headings at once: `## Assistant`, below which the answer streams, and below it
the next `## User`, where the user may type on meanwhile. Every function here works on the document as it is
now. Must never send an empty turn, and never touch a turn other than the one it is about.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pygpt_lsp.core.chat import HEADINGS, ChatDocument, ChatTurn, parse_chat
from pygpt_lsp.core.chat_context import parse_context_line
from pygpt_lsp.core.chat_escape import StreamEscaper, fence_closing, note_below, open_fence

_TITLE_CHARACTERS = 60
_LINE_DRESS = re.compile(r"^[ \t]*(?:(?:[#>*+-]+|[0-9]{1,3}[.)])[ \t]+)*")


class ToSend(NamedTuple):
    """The turns to send, oldest first; or, where `refusal` is a sentence for the user, none."""

    turns: tuple[ChatTurn, ...]
    refusal: str | None


class AnswerSlot(NamedTuple):
    """One edit that makes room for an answer.

    Replace the code points `start` to `end` of the document by `text`; in the document that results, the
    answer's text starts at offset `anchor`, with its blank lines and the next heading below it already.
    """

    start: int
    end: int
    text: str
    anchor: int


def messages_to_send(document: ChatDocument, before: int | None = None) -> ToSend:
    """The turns of `document` that make up a request, those before turn `before` where it is given.

    Turns without text are no turns. The last of the others has to be a user's that asks something.
    """
    turns = tuple(turn for turn in document.turns[:before] if turn.text.strip())
    if turns and turns[-1].role == "user" and turns[-1].question:
        return ToSend(turns, None)
    if before is not None:
        return ToSend((), "There is no question above this answer: write one under a `## User` heading.")
    refusal = "There is nothing to send: write your question under the last `## User` heading first."
    if not document.turns and document.preamble.strip():
        refusal = "There is nothing to send: write your question below a line `## User`."
    if document.open_fence_line is not None:
        line = document.open_fence_line + 1
        refusal += f" The code fence opened in line {line} is never closed and hides the headings below it."
    return ToSend((), refusal)


def last_answer(document: ChatDocument) -> int | None:
    """The index of the last turn of the assistant, the one to regenerate; None where there is none."""
    indexes = [index for index, turn in enumerate(document.turns) if turn.role == "assistant"]
    return indexes[-1] if indexes else None


def open_answer(text: str) -> AnswerSlot:
    """Where the answer to the last question of the chat document `text` goes.

    An empty answer right below the question (a request that failed) is used again, and so is an empty
    turn of the user. The final line ending stays the final one. ValueError where `messages_to_send`
    refuses.
    """
    document = parse_chat(text)
    to_send = messages_to_send(document)
    if to_send.refusal:
        raise ValueError(to_send.refusal)
    asked = document.turns.index(to_send.turns[-1])
    eol = document.eol
    opened = HEADINGS["assistant"] + eol * 2
    if asked + 1 < len(document.turns):
        following = document.turns[asked + 1]
        if following.role == "assistant":
            return reopen_answer(text, asked + 1)
        end = document.turns[asked].body_end
        opened = eol * missing_blank(text[:end]) + opened
        return AnswerSlot(end, end, opened + eol * 2, end + len(opened))
    end = before_ending(text)
    fence = open_fence(text[document.turns[asked].body_start :])
    if fence:
        opened = fence_closing(fence).replace("\n", eol) + eol * 2 + opened
    else:
        opened = eol * missing_blank(text[:end]) + opened
    return AnswerSlot(end, end, opened + _next_question(text, eol), end + len(opened))


def reopen_answer(text: str, turn_index: int) -> AnswerSlot:
    """The edit that empties the answer `turn_index` of the chat document `text` for a new one.

    A `## User` heading is added where none follows. ValueError if the turn is not the assistant's.
    """
    document = parse_chat(text)
    turn = document.turns[turn_index]
    if turn.role != "assistant":
        raise ValueError(f"turn {turn_index} is no answer")
    eol = document.eol
    if turn_index + 1 < len(document.turns):
        start = turn.body_start
        return AnswerSlot(start, turn.body_end, eol * 3, start + len(eol))
    # From the end of the heading to before the final line ending, so that this stays as it is.
    start, end = before_ending(text[: turn.body_start]), before_ending(text)
    return AnswerSlot(start, end, eol * 2 + _next_question(text, eol), start + 2 * len(eol))


def with_answer(text: str, answer: str, note: str = "") -> str:
    """The chat document `text` with an answer to its last question, and a note below that where one is given.

    ValueError where `messages_to_send` refuses.
    """
    slot = open_answer(text)
    opened = text[: slot.start] + slot.text + text[slot.end :]
    eol = parse_chat(text).eol
    escaper = StreamEscaper(eol)
    written = escaper.feed(answer) + escaper.finish() + (note_below(note, eol) if note else "")
    return opened[: slot.anchor] + written + opened[slot.anchor :]


def chat_title(question: str) -> str:
    """A title of one line and at most 60 characters: the first line of `question` that says something, in
    code where none does elsewhere."""
    return first_words(question) or first_words(question, in_code=True) or "Chat"


def first_words(text: str, *, in_code: bool = False) -> str:
    """The first line of `text` outside code, or in it, that says something, without its Markdown dress, in at
    most 60 characters; "" where none does."""
    in_fence = False
    for line in text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            in_fence = not in_fence
        elif in_fence is in_code and not parse_context_line(line, 0):
            shown = (character if character.isprintable() else " " for character in _LINE_DRESS.sub("", line))
            title = " ".join("".join(shown).replace("`", "").split())
            if any(character.isalnum() for character in title):
                return _shortened(title)
    return ""


def _shortened(title: str) -> str:
    if len(title) <= _TITLE_CHARACTERS:
        return title
    cut = title[: _TITLE_CHARACTERS - 1]
    words = cut.rpartition(" ")[0]
    return (words if len(words) > _TITLE_CHARACTERS // 2 else cut).rstrip(" ,;:.") + "…"


def _next_question(text: str, eol: str) -> str:
    """What follows an answer at the end of `text`, before its final line ending where it has one."""
    ending = "" if before_ending(text) < len(text) else eol
    return eol * 2 + HEADINGS["user"] + eol + ending


def before_ending(text: str) -> int:
    """The offset before the line ending at the end of `text`; its length where there is none."""
    return len(text) - (2 if text.endswith("\r\n") else text.endswith(("\n", "\r")))


def missing_blank(text: str) -> int:
    """How many line endings `text` lacks to end with a blank line."""
    end = before_ending(text)
    if end == len(text):
        return 2
    return int(before_ending(text[:end]) == end)
