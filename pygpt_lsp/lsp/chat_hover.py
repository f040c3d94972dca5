"""`textDocument/hover` in chats: what a context line will send, exactly, and what is known of a turn.

What is shown of a file stands in a code block, so that nothing in it is rendered: no link, no image.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from lsprotocol import types

from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.pages import prose
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.core.prices import cost, shown_cost
from pygpt_lsp.core.secrets.kinds import summary_of
from pygpt_lsp.lsp.chat_cache import chat_at
from pygpt_lsp.lsp.chat_links import references
from pygpt_lsp.lsp.chat_material import ContextResolver
from pygpt_lsp.lsp.chat_measure import answering_model, measure_chat
from pygpt_lsp.lsp.convert import range_to_lsp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_given import Given
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.history_records import StoredAnswer

_MOST_LINES: Final = 60
_MOST_CHARACTERS: Final = 4_000
_NOTHING: Final = {"diagnostics": "nothing was reported there", "diff": "nothing has changed"}
"""Why nothing is sent for a context line, by its kind; of the others what is named is empty."""


class Code(NamedTuple):
    """A text that is shown as it is."""

    text: str


async def hover(server: PygptServer, params: types.HoverParams) -> types.Hover | None:
    """What is to be said about a place in an open chat; None where that is nothing."""
    found = chat_at(server, params)
    if found is None:
        return None
    parsed, place = found
    text = parsed.snapshot.text
    index = parsed.chat.turn_at(place.line)
    if index is None:
        return None
    turn = parsed.chat.turns[index]
    paragraphs: list[str | Code] = []
    span = Range(Position(place.line, 0), Position(place.line, len(text.line_content(place.line))))
    if turn.heading_line == place.line:
        paragraphs = await _about_turn(server, parsed, index)
    else:
        refs = dict(references(parsed, place.line))
        here = [ref for ref, at in refs.items() if at.start <= place <= at.end] or list(refs)[:1]
        if here:
            span = refs[here[-1]]
            paragraphs = await _about_line(server, parsed, turn, here[-1])
    if not paragraphs:
        return None
    return types.Hover(_content(server, paragraphs), range_to_lsp(text, span, server.encoding))


async def _about_line(
    server: PygptServer, parsed: ParsedChat, turn: ChatTurn, ref: ContextRef
) -> list[str | Code]:
    """What a context line gives, as the request will resolve it."""
    session = server.session
    root = session.workspace.root_of_document(parsed.snapshot.uri)
    resolver = ContextResolver(server, root, "show")
    # What the lines above give is not given again, in rules files in no turn below either.
    for above in parsed.chat.turns[: parsed.chat.turns.index(turn)]:
        if rules := tuple(each for each in above.context if each.kind == "rules"):
            await resolver.turn(above._replace(context=rules))
    until = turn.context.index(ref) + 1
    given = (await resolver.turn(turn._replace(context=turn.context[:until])))[-1]
    if given.refused is not None:
        return [f"It stops the request. {given.refused.here}"]
    if not given.blocks:
        alone = ContextResolver(server, root, "show")
        above = (await alone.turn(turn._replace(context=(ref,))))[-1].blocks
        why = "lines above have given it all" if above else _NOTHING.get(ref.kind, "it is empty")
        return [f"Nothing is sent for this line: {why}."]
    blocks = await session.masked(given.blocks, session.workspace.root_of_document(parsed.snapshot.uri))
    tokens = session.estimator.estimate("\n\n".join(blocks), await answering_model(server, parsed))
    size = f"Sent for this line: about {tokens:,} tokens, {sum(map(len, blocks)):,} characters."
    ceiling = session.settings.max_input_tokens
    if tokens > ceiling:
        size += f" That is more than your limit of {ceiling:,} (max_input_tokens): you are asked first."
    masked = summary_of(session.secrets.counts(blocks))
    return [size, *([f"{masked}."] if masked else []), *_rule(given), *_shown(blocks)]


def _rule(given: Given) -> list[str | Code]:
    note: list[str | Code] = [f"{given.note}."] if given.note else []
    if given.rule is None:
        return note
    excluded = f"The file is excluded by {given.rule.words}"
    asked = "; you have agreed to send it" if given.agreed else ": you are asked first"
    return [*note, f"{excluded}{asked}."]


def _shown(blocks: Sequence[str]) -> list[str | Code]:
    """The blocks as they are sent, capped."""
    whole = "\n\n".join(blocks)
    lines = whole[:_MOST_CHARACTERS].split("\n")
    shown = "\n".join(lines[:_MOST_LINES])
    left = len(whole) - len(shown)
    return [Code(shown), *([f"… and {left:,} characters more."] if left else [])]


async def _about_turn(server: PygptServer, parsed: ParsedChat, index: int) -> list[str | Code]:
    """What is known of a turn: what it will send, or what its answer took."""
    turns = parsed.chat.turns
    turn = turns[index]
    paragraphs: list[str | Code] = []
    answer = turn if turn.role == "assistant" else None
    if answer is None:
        measure = await measure_chat(server, parsed)
        size = measure.sizes.get(turn.heading_line, 0)
        paragraphs.append(f"This turn is about {size:,} tokens, its context included.")
        if not any(other.role == "user" for other in turns[index + 1 :]):
            ceiling = server.session.settings.max_input_tokens
            paragraphs.append(
                f"All that would be sent to {measure.model}: about {measure.tokens:,} of {ceiling:,} tokens"
                f"{_priced(server, measure.model, measure.tokens, 0)}."
            )
        following = turns[index + 1 : index + 2]
        answer = following[0] if following and following[0].role == "assistant" else None
    stored = await _stored(server, parsed, answer) if answer is not None else None
    return [*paragraphs, _told(server, stored)] if stored is not None else paragraphs


async def _stored(server: PygptServer, parsed: ParsedChat, answer: ChatTurn) -> StoredAnswer | None:
    session = server.session
    if not session.settings.history_enabled or not answer.text.strip():
        return None
    path = session.workspace.path_of(parsed.snapshot.uri)
    worker = session.storage.history_of(session.workspace.root_of(path))
    return await worker.look(lambda store: store.answer(answer.text, path))


def _told(server: PygptServer, stored: StoredAnswer) -> str:
    """An answer in one line: who, how much, how long, when."""
    model = stored.reported_model or stored.model
    parts = [model]
    tokens_in, tokens_out = stored.usage.input_tokens, stored.usage.output_tokens
    if tokens_in is not None and tokens_out is not None:
        price = _priced(server, stored.model, tokens_in, tokens_out)
        parts.append(f"{tokens_in:,} tokens in, {tokens_out:,} out{price}")
    if stored.finished is not None:
        parts.append(f"{stored.finished - stored.created:.1f} s")
    parts.append(f"{datetime.datetime.fromtimestamp(stored.created).astimezone():%Y-%m-%d %H:%M}")
    if stored.status != "done":
        parts.append(f"{stored.status}: {stored.error}" if stored.error else stored.status)
    return " · ".join(parts)


def _priced(server: PygptServer, model: str, tokens_in: int, tokens_out: int) -> str:
    price = cost(server.session.settings.prices, model, tokens_in, tokens_out)
    return f", at a price of {shown_cost(price)}" if price is not None else ""


def _content(server: PygptServer, paragraphs: list[str | Code]) -> types.MarkupContent:
    """The paragraphs in a form that the client shows (LSP 3.17 § HoverClientCapabilities, contentFormat)."""
    theirs = server.client_capabilities.text_document
    formats = (theirs.hover.content_format if theirs is not None and theirs.hover is not None else None) or ()
    if types.MarkupKind.Markdown in formats:
        marked = [_fenced(each.text) if isinstance(each, Code) else prose(each) for each in paragraphs]
        return types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join(marked))
    plain = [each.text if isinstance(each, Code) else each for each in paragraphs]
    return types.MarkupContent(types.MarkupKind.PlainText, "\n\n".join(plain))


def _fenced(text: str) -> str:
    fence = fence_for(text)
    return f"{fence}text\n{text}\n{fence}"
