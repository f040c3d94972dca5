"""A conversation as text that other programs read, and what a search found as a page to read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_writing import render_chat
from pygpt_lsp.core.context_fold import fold_context
from pygpt_lsp.core.history_page import Entry, Excerpt, render_page
from pygpt_lsp.core.pages import one_line, prose
from pygpt_lsp.core.unicode import well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatRole
    from pygpt_lsp.services.history_records import FoundConversation, StoredConversation, StoredTurn

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def as_chat(conversation: StoredConversation, *, folded: bool = False) -> str:
    """The conversation as it stood last, as a chat document to go on in, below its last answer.

    The system prompt is left out, since it is added anew when the document is sent; so are the questions that
    were edited and the answers that were asked for again. `as_json_lines` has them all. With `folded` the
    context that was sent is brought back to the lines that named it.
    """
    model = conversation.turns[-1].model if conversation.turns else ""
    front_matter = f"model: {json.dumps(model)}" if model else None
    title = one_line(conversation.title)
    turns = list(_said(conversation, folded=folded))
    if turns and turns[-1][0] == "assistant":
        turns.append(("user", ""))
    return render_chat(front_matter, turns, preamble=f"# {title}" if title else "")


def as_page(conversation: StoredConversation, document: str | None) -> str:
    """The conversation as Markdown to read, several of which can follow each other: without a front matter.

    `document` is its chat document, where that is there: then it is what that says. Otherwise the context
    that was sent is brought back to the lines that named it.
    """
    turns: list[tuple[ChatRole, str]] = []
    if document is not None:
        turns = [(turn.role, turn.text) for turn in parse_chat(document).turns if turn.text.strip()]
    if not turns:
        turns = list(_said(conversation, folded=True))
    model = conversation.turns[-1].model if conversation.turns else ""
    facts = [f"`{conversation.id}`", local_time(conversation.updated), prose(model)]
    title = prose(conversation.title) or "Chat"
    return render_chat(None, turns, preamble=f"# {title}\n\n{' · '.join(fact for fact in facts if fact)}")


def as_json_lines(conversation: StoredConversation) -> Iterator[str]:
    """One JSON object a turn, oldest first, without a line ending. Times are seconds since 1970.

    Every text can be had back exactly, even half a surrogate pair, which stays escaped.
    """
    for turn in conversation.turns:
        line = json.dumps(_turn(conversation, turn), ensure_ascii=False)
        yield _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def found_page(found: Sequence[FoundConversation], query: str, limit: int, page: Path) -> str:
    """The page at `page` of the conversations that `HistoryStore.find` gave for `query`, at most `limit`."""
    return render_page(query, [_entry(each, page) for each in found[:limit]], more=len(found) > limit)


def local_time(seconds: float) -> str:
    """A time for the eye, in the local zone. A prepared database can hold one that no calendar has."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return "????-??-?? ??:??"


def _said(conversation: StoredConversation, *, folded: bool) -> Iterator[tuple[ChatRole, str]]:
    """What the user and the model said, as the conversation stood last."""
    for message in conversation.thread():
        if message.role != "system":
            text = well_formed(message.content)
            yield message.role, fold_context(text) if folded and message.role == "user" else text


def _turn(conversation: StoredConversation, turn: StoredTurn) -> dict[str, object]:
    described = turn._asdict()
    described["messages"] = [message._asdict() for message in turn.messages]
    described["usage"] = turn.usage._asdict()
    return {"conversation": conversation.id, "title": conversation.title, **described}


def _entry(found: FoundConversation, page: Path) -> Entry:
    about = found.summary
    chat = about.chat_path
    here = chat is not None and chat.is_relative_to(page.parent) and chat.is_file()
    return Entry(
        about.id,
        about.title,
        local_time(about.updated),
        about.model,
        about.messages,
        tuple(Excerpt(hit.role, hit.snippet, hit.marks) for hit in found.hits),
        chat.relative_to(page.parent).as_posix() if chat is not None and here else None,
    )
