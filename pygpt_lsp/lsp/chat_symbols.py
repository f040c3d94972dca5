"""`textDocument/documentSymbol` of a chat: its turns, with the headings and the code of answers in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.chat_parts import CodeBlock, Heading
from pygpt_lsp.core.positions import count_units
from pygpt_lsp.lsp.chat_cache import chat_with_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.core.chat_parts import TurnParts
    from pygpt_lsp.core.text import PositionEncoding
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_json import RawJson
    from pygpt_lsp.lsp.server import PygptServer

_ROLES = {"user": "User", "assistant": "Assistant"}
_TURN_KINDS = {"user": types.SymbolKind.Event.value, "assistant": types.SymbolKind.Namespace.value}
_HEADING_KIND = types.SymbolKind.String.value  # as servers for Markdown have it
_CODE_KIND = types.SymbolKind.Object.value
_FILE_KIND = types.SymbolKind.File.value


async def document_symbols(server: PygptServer, params: types.DocumentSymbolParams) -> RawJson | None:
    """The outline of an open chat; flat for a client that knows no other (LSP 3.17 § DocumentSymbol)."""
    parsed = await chat_with_parts(server, params.text_document.uri)
    if parsed is None:
        return None
    capabilities = server.client_capabilities.text_document
    theirs = capabilities.document_symbol if capabilities is not None else None
    nested = theirs is not None and bool(theirs.hierarchical_document_symbol_support)

    def symbols_of(index: int) -> list[dict[str, Any]]:
        symbol = _turn(parsed, parsed.chat.turns[index], parsed.parts[index], server.encoding)
        return [symbol] if nested else list(_flat([symbol], None, parsed.snapshot.uri))

    return parsed.json["symbols"].render(parsed, symbols_of)


def turn_name(turn: ChatTurn, parts: TurnParts) -> str:
    """A turn in one line: who speaks, and with what they begin."""
    return f"{_ROLES[turn.role]}: {parts.title}" if parts.title else _ROLES[turn.role]


def _turn(parsed: ParsedChat, turn: ChatTurn, parts: TurnParts, encoding: PositionEncoding) -> dict[str, Any]:
    first = turn.heading_line
    heading_end = len(parsed.snapshot.text.line_content(first))  # in any unit: a role heading is ASCII
    end = count_units(parts.last_written, encoding) if parts.last_line else heading_end
    return {
        "name": turn_name(turn, parts),
        "kind": _TURN_KINDS[turn.role],
        "range": _range(first, first + parts.last_line, end),
        "selectionRange": _range(first, first, heading_end),
        "children": _children(first, parts, encoding) if turn.role == "assistant" else [],
    }


def _children(turn_line: int, parts: TurnParts, encoding: PositionEncoding) -> list[dict[str, Any]]:
    """The headings, with what is below each of them, and the code of the turn whose heading is there."""
    outermost: list[dict[str, Any]] = []
    around: list[tuple[int, list[dict[str, Any]]]] = []  # last line and children of the sections we are in
    for part in sorted([*parts.headings, *parts.blocks], key=_first_line):
        while around and around[-1][0] < part.first_line:
            around.pop()
        name, kind, written, last_written = _described(part)
        first = turn_line + part.first_line
        symbol: dict[str, Any] = {
            "name": name,
            "kind": kind,
            "range": _range(first, turn_line + part.last_line, count_units(last_written, encoding)),
            "selectionRange": _range(first, first, count_units(written, encoding)),
        }
        (around[-1][1] if around else outermost).append(symbol)
        if isinstance(part, Heading):
            around.append((part.last_line, symbol.setdefault("children", [])))
        elif part.language:
            symbol["detail"] = part.language
    return outermost


def _first_line(part: Heading | CodeBlock) -> int:
    return part.first_line


def _described(part: Heading | CodeBlock) -> tuple[str, int, str, str]:
    """The name and kind of a symbol, and its first and last line as written."""
    if isinstance(part, Heading):
        return part.title, _HEADING_KIND, part.written, part.last_written
    kind = _FILE_KIND if part.path else _CODE_KIND
    return part.path or part.title or part.language or "code", kind, part.opening, part.closing


def _flat(symbols: list[dict[str, Any]], container: str | None, uri: str) -> Iterator[dict[str, Any]]:
    """The same as `SymbolInformation`, in the order of the document."""
    for symbol in symbols:
        found: dict[str, Any] = {
            "name": symbol["name"],
            "kind": symbol["kind"],
            "location": {"uri": uri, "range": symbol["range"]},
        }
        if container is not None:
            found["containerName"] = container
        yield found
        yield from _flat(symbol.get("children", []), symbol["name"], uri)


def _range(first: int, last: int, end: int) -> dict[str, Any]:
    return {"start": {"line": first, "character": 0}, "end": {"line": last, "character": end}}
