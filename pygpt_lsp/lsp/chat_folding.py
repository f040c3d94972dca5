"""`textDocument/foldingRange` of a chat: front matter, turns, context lines, sections and code of answers.

Folds are whole lines, which every client takes (LSP 3.17 § FoldingRangeClientCapabilities, lineFoldingOnly).
The blank lines above the next heading stay, so that folded turns are told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.lsp.chat_cache import chat_with_parts
from pygpt_lsp.lsp.chat_symbols import turn_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.server import PygptServer

# Context lines are to a question what imports are to code, and some editors fold those when asked to.
_CONTEXT_KIND = types.FoldingRangeKind.Imports.value


async def folding_ranges(
    server: PygptServer, params: types.FoldingRangeParams
) -> list[dict[str, Any]] | None:
    """What can be folded in an open chat, as plain JSON; the turns come first, should there be a limit."""
    parsed = await chat_with_parts(server, params.text_document.uri)
    if parsed is None:
        return None
    capabilities = server.client_capabilities.text_document
    theirs = capabilities.folding_range if capabilities is not None else None
    shows_text = bool(theirs and theirs.folding_range and theirs.folding_range.collapsed_text)
    limit = theirs.range_limit if theirs is not None else None
    return [*_outer(parsed, with_text=shows_text), *_inner(parsed)][:limit]


def _outer(parsed: ParsedChat, *, with_text: bool) -> Iterator[dict[str, Any]]:
    """The front matter and the turns; `with_text`: the client shows a text of ours in place of a fold."""
    if parsed.chat.front_matter is not None:
        lines = enumerate(parsed.snapshot.text.lines(1), 1)
        yield from _fold(0, next(index for index, line in lines if line.rstrip(" \t\r\n") == "---"))
    for turn, parts in zip(parsed.chat.turns, parsed.parts, strict=True):
        for fold in _fold(turn.heading_line, turn.heading_line + parts.last_line):
            yield fold | {"collapsedText": turn_name(turn, parts)} if with_text else fold


def _inner(parsed: ParsedChat) -> Iterator[dict[str, Any]]:
    """What is in the turns."""
    for turn, parts in zip(parsed.chat.turns, parsed.parts, strict=True):
        first = turn.heading_line
        for part in (*parts.headings, *parts.blocks):
            yield from _fold(first + part.first_line, first + part.last_line)
        for edit in parts.edits:
            if edit.block.kind != "whole":  # that one is a code block, too
                yield from _fold(first + edit.first_line, first + edit.last_line)
        for start, end in _context_runs(turn):
            yield from (fold | {"kind": _CONTEXT_KIND} for fold in _fold(start, end))


def _context_runs(turn: ChatTurn) -> list[tuple[int, int]]:
    """The first and last lines of context lines without another line between them."""
    runs: list[tuple[int, int]] = []
    for ref in turn.context:
        if runs and ref.line <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], ref.line
        else:
            runs.append((ref.line, ref.line))
    return runs


def _fold(first: int, last: int) -> Iterator[dict[str, Any]]:
    """The fold of these lines, if there are two at least."""
    if last > first:
        yield {"startLine": first, "endLine": last}
