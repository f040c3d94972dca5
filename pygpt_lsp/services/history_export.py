"""A conversation as text that other programs read: a chat document, or JSON lines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.chat import ChatRole, render_chat
from pygpt_lsp.core.unicode import visible, well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.services.history_records import StoredConversation, StoredTurn

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_markdown(conversation: StoredConversation) -> str:
    """The conversation as it stood last, as a chat document that can be sent on.

    The system prompt is left out, since it is added anew when the document is sent; so are the questions that
    were edited and the answers that were asked for again. `to_json_lines` has them all.
    """
    front_matter = f"model: {json.dumps(conversation.turns[-1].model)}" if conversation.turns else None
    turns: list[tuple[ChatRole, str]] = [
        (message.role, well_formed(message.content))
        for message in conversation.thread()
        if message.role != "system"
    ]
    title = " ".join(visible(conversation.title, keep="\t").split())
    return render_chat(front_matter, turns, preamble=f"# {title}" if title else "")


def to_json_lines(conversation: StoredConversation) -> Iterator[str]:
    """One JSON object a turn, oldest first, without a line ending. Times are seconds since 1970.

    Every text can be had back exactly, even half a surrogate pair, which stays escaped.
    """
    for turn in conversation.turns:
        line = json.dumps(_turn(conversation, turn), ensure_ascii=False)
        yield _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def _turn(conversation: StoredConversation, turn: StoredTurn) -> dict[str, object]:
    described = turn._asdict()
    described["messages"] = [message._asdict() for message in turn.messages]
    described["usage"] = turn.usage._asdict()
    return {"conversation": conversation.id, "title": conversation.title, **described}
