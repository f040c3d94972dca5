"""`textDocument/documentSymbol` of a chat: its turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.chat_answers import chat_title
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.chat_cache import chat_of
from pygpt_lsp.lsp.convert import range_to_lsp

if TYPE_CHECKING:
    from pygpt_lsp.lsp.server import PygptServer

_ROLES = {"user": "User", "assistant": "Assistant"}


def document_symbols(server: PygptServer, params: types.DocumentSymbolParams) -> list[Any] | None:
    """The outline of an open chat."""
    parsed = chat_of(server, params.text_document.uri)
    if parsed is None:
        return None
    text = parsed.snapshot.text
    found: list[Any] = []
    for turn in parsed.chat.turns:
        start = Position(turn.heading_line, 0)
        end = text.position_at(turn.text_end)
        heading = Range(start, Position(turn.heading_line, len(text.line_content(turn.heading_line))))
        found.append(
            types.DocumentSymbol(
                f"{_ROLES[turn.role]}: {chat_title(turn.question)}",
                types.SymbolKind.Event,
                range_to_lsp(text, Range(start, max(end, heading.end)), server.encoding),
                range_to_lsp(text, heading, server.encoding),
            )
        )
    return found
