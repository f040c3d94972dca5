"""`textDocument/inlayHint` in chats: how many tokens would be sent, beside the last heading of the user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.positions import Position
from pygpt_lsp.core.prices import cost, shown_cost
from pygpt_lsp.lsp.chat_cache import chat_of
from pygpt_lsp.lsp.chat_measure import measure_chat

if TYPE_CHECKING:
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_measure import Measure
    from pygpt_lsp.lsp.server import PygptServer

_PATIENCE: Final = 0.03
"""Seconds to wait for a slow disk; then the hint is the last one, and the editor is told of the new one."""
_FIRST_PATIENCE: Final = 2.0
"""The same where there is no hint yet: some editors cannot be told, and libraries are loaded meanwhile."""


async def inlay_hints(server: PygptServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """The hint of an open chat, where the editor shows its line."""
    parsed = chat_of(server, params.text_document.uri)
    if parsed is None:
        return None
    line = hint_line(parsed)
    if line is None or not params.range.start.line <= line <= params.range.end.line:
        return []
    known = server.watch.newest_hint(parsed.snapshot.uri)
    measuring = asyncio.ensure_future(measure_chat(server, parsed))
    done, _ = await asyncio.wait([measuring], timeout=_PATIENCE if known else _FIRST_PATIENCE)
    if done:
        measure = measuring.result()
        label, tooltip = hint_label(server, measure), _tooltip(server, measure)
    else:
        server.watch.keep(measuring)
        label, tooltip = known, None
    server.watch.hint_given(parsed.snapshot.uri, label)
    if not label:
        return []
    text = parsed.snapshot.text
    end = Position(line, len(text.line_content(line)))
    place = types.Position(line, text.to_units(end, server.encoding))
    return [types.InlayHint(place, label, tooltip=tooltip, padding_left=True)]


def hint_line(parsed: ParsedChat) -> int | None:
    """The line (0-based) of the hint: the heading of the user's last turn; None where there is none."""
    return next((turn.heading_line for turn in reversed(parsed.chat.turns) if turn.role == "user"), None)


def hint_label(server: PygptServer, measure: Measure) -> str:
    """The hint."""
    without = f", without {' '.join(measure.pending)}" if measure.pending else ""
    return f"≈ {measure.tokens:,} of {server.session.settings.max_input_tokens:,} tokens{without}"


def _tooltip(server: PygptServer, measure: Measure) -> str:
    parts = [f"Estimated for {measure.model}; the limit is max_input_tokens."]
    price = cost(server.session.settings.prices, measure.model, measure.tokens)
    if price is not None:
        parts.append(f"Sending it costs about {shown_cost(price)}.")
    refused = sum(each.refused is not None for each in measure.given)
    if refused:
        parts.append(f"{counted(refused, 'context line')} cannot be sent.")
    return " ".join(parts)
