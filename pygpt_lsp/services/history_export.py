"""A conversation as text that other programs read, and what a search found as a page to read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.chat_writing import render_chat
from pygpt_lsp.core.unicode import visible, well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.chat import ChatRole
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import StoredConversation, StoredTurn

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def as_chat(conversation: StoredConversation) -> str:
    """The conversation as it stood last, as a chat document that can be sent on.

    The system prompt is left out, since it is added anew when the document is sent; so are the questions that
    were edited and the answers that were asked for again. `as_json_lines` has them all.
    """
    front_matter = f"model: {json.dumps(conversation.turns[-1].model)}" if conversation.turns else None
    turns: list[tuple[ChatRole, str]] = [
        (message.role, well_formed(message.content))
        for message in conversation.thread()
        if message.role != "system"
    ]
    title = _one_line(conversation.title)
    return render_chat(front_matter, turns, preamble=f"# {title}" if title else "")


def as_json_lines(conversation: StoredConversation) -> Iterator[str]:
    """One JSON object a turn, oldest first, without a line ending. Times are seconds since 1970.

    Every text can be had back exactly, even half a surrogate pair, which stays escaped.
    """
    for turn in conversation.turns:
        line = json.dumps(_turn(conversation, turn), ensure_ascii=False)
        yield _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def search_page(store: HistoryStore, query: str, limit: int) -> str:
    """What `store.search` finds, at most `limit` messages, as Markdown to read.

    An empty query lists the newest conversations. Raises HistoryError.
    """
    query = _one_line(query)
    if query:
        found = [
            f"- `{hit.conversation_id}` {local_time(hit.when)} **{_prose(hit.title)}**\n"
            f"  {hit.role}: {_prose(hit.snippet)}\n"
            for hit in store.search(query, limit)
        ]
    else:
        found = [
            f"- `{each.id}` {local_time(each.updated)} **{_prose(each.title)}**\n"
            for each in store.conversations(limit)
        ]
    heading = f"# History: {_prose(query)}" if query else "# History"
    hint = "`pygpt.history.open` opens one and `pygpt.history.delete` deletes one, by its id.\n"
    body = "".join(found) or "Nothing found.\n"
    return f"{heading}\n\n{body}\n{hint}"


def local_time(seconds: float) -> str:
    """A time for the eye, in the local zone. A prepared database can hold one that no calendar has."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return "????-??-?? ??:??"


def _turn(conversation: StoredConversation, turn: StoredTurn) -> dict[str, object]:
    described = turn._asdict()
    described["messages"] = [message._asdict() for message in turn.messages]
    described["usage"] = turn.usage._asdict()
    return {"conversation": conversation.id, "title": conversation.title, **described}


def _one_line(text: str) -> str:
    return " ".join(visible(text, keep="\n\t").split())


def _prose(text: str) -> str:
    # Stored text must not become a link or an image in an editor's preview.
    return re.sub(r"([\\`*_\[\]<>!#|~&])", r"\\\1", _one_line(text))
