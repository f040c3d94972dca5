"""From a chat document's text to the request that is sent: the turns, with their context lines resolved now.

What is sent is what the document says. A context line that cannot be resolved stops the request: an answer to
half a question would mislead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import is_front_matter_open, parse_chat
from pygpt_lsp.core.chat_answers import (
    chat_title,
    last_answer,
    messages_to_send,
    open_answer,
    reopen_answer,
)
from pygpt_lsp.core.chat_mentions import may_be_mention
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.messages import ModelRequest
from pygpt_lsp.core.prompts import chat_system
from pygpt_lsp.lsp.chat_material import ContextResolver
from pygpt_lsp.lsp.chat_prompts import chosen_for, messages_for, wishes_of
from pygpt_lsp.services.front_matter import read_front_matter

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.chat_answers import AnswerSlot
    from pygpt_lsp.core.ledger import Contribution
    from pygpt_lsp.lsp.chat_given import Purpose
    from pygpt_lsp.lsp.server import PygptServer


class ChatRequest(NamedTuple):
    """A request made from a chat document.

    `ordinal`: how many answers stand above the one that is asked for. `regenerate`: the last answer is asked
    for again, and says `before` now. `said`: what was sent of the document, to tell whether it has changed.
    `excluded`: what the user would be asked about first, where it is only shown. `sources`: the documents
    that it holds parts of.
    """

    request: ModelRequest
    title: str
    ordinal: int
    regenerate: bool
    before: str
    said: tuple[str, ...]
    excluded: tuple[str, ...]
    sources: tuple[Contribution, ...]

    def slot_in(self, text: str) -> AnswerSlot:
        """Where the answer goes in the document as it is now. Raises ChatChanged where the document says
        something else than was sent."""
        to_send = _to_send(parse_chat(text), self.regenerate)
        if to_send.said != self.said:
            raise ChatChanged("The chat has changed meanwhile: send it again.")
        return open_answer(text) if to_send.again is None else reopen_answer(text, to_send.again)


class ChatChanged(PygptError):
    """The document no longer says what is about to be sent."""


class _ToSend(NamedTuple):
    """The turns to send, and those with the front matter as text. `again`: the turn that is answered anew."""

    turns: tuple[ChatTurn, ...]
    said: tuple[str, ...]
    again: int | None


def _to_send(document: ChatDocument, regenerate: bool) -> _ToSend:
    """Raises PygptError where there is nothing to send."""
    again = last_answer(document) if regenerate else None
    if regenerate and again is None:
        raise PygptError("There is no answer in this chat yet: send it first.")
    found = messages_to_send(document, again)
    if found.refusal is not None:
        raise PygptError(found.refusal)
    said = (document.front_matter or "", *(text for turn in found.turns for text in (turn.role, turn.text)))
    return _ToSend(found.turns, said, again)


async def build_request(
    server: PygptServer,
    text: str,
    root: Path | None,
    *,
    regenerate: bool = False,
    purpose: Purpose = "send",
) -> ChatRequest:
    """The request for the next answer of the chat `text`, or for its last answer once more.

    Raises PygptError with a sentence: nothing to send, a front matter, a context line, a prompt or a preset
    that cannot be used.
    """
    if is_front_matter_open(text):
        raise PygptError("The chat's front matter has no end: close it with a line `---`.")
    document = parse_chat(text)
    to_send = _to_send(document, regenerate)
    settings = server.session.settings
    front = read_front_matter(document.front_matter)
    if front.preset is not None or any(may_be_mention(turn.question) for turn in to_send.turns):
        await server.session.prompts.refresh(root)
    wishes = wishes_of(server, root, to_send.turns)
    chosen = chosen_for(server, root, front, wishes[-1])
    resolver = ContextResolver(server, root, purpose)
    messages = await messages_for(resolver, to_send.turns, wishes)
    request = ModelRequest(
        model=chosen.model or settings.model,
        messages=(chat_system(settings.system_prompt, chosen.system), *messages),
        max_output_tokens=settings.max_output_tokens,
        temperature=chosen.temperature,
        reasoning_effort=chosen.reasoning_effort,
    )
    request = await server.session.masked_request(request, root)
    above = document.turns.index(to_send.turns[-1]) if to_send.again is None else to_send.again
    ordinal = sum(turn.role == "assistant" for turn in document.turns[:above])
    before = document.turns[to_send.again].text if to_send.again is not None else ""
    (question,) = await server.session.masked([to_send.turns[0].question], root)
    title = chat_title(question)  # which may end in the middle of a secret
    excluded = tuple(dict.fromkeys(resolver.excluded))
    sources = tuple(dict.fromkeys(resolver.sources))
    return ChatRequest(request, title, ordinal, regenerate, before, to_send.said, excluded, sources)
