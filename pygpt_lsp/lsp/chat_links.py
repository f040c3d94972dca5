"""`textDocument/documentLink` and `textDocument/definition` on the context lines of a chat: where they lead.

What leads nowhere is no link. A file may be anywhere in the workspace's folders, links resolved, or be open.
Nothing is sent here, so what may not be sent can be gone to all the same.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.chat_cache import chat_at, chat_of
from pygpt_lsp.lsp.chat_given import ContextRefused
from pygpt_lsp.lsp.convert import path_of_uri, range_to_lsp, uri_of_path
from pygpt_lsp.lsp.sources import SourceFinder, context_candidates
from pygpt_lsp.services.workspace_files import existing_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.server import PygptServer


class Place(NamedTuple):
    """Where a reference leads: lines of a document (0-based, both included); `last` None for none of them in
    particular. `path` where it is a file."""

    uri: str
    first: int
    last: int | None
    path: Path | None


async def document_links(
    server: PygptServer, params: types.DocumentLinkParams
) -> list[types.DocumentLink] | None:
    """The references of an open chat that name a file which is there.

    Only a client that shows tooltips opens the link's address itself, and goes to the line it ends with;
    others hand the address on or take it for a path.
    """
    parsed = chat_of(server, params.text_document.uri)
    if parsed is None:
        return None
    refs = [(ref, span) for ref, span in references(parsed) if ref.path is not None]
    found = await _files(server, parsed, [ref.path for ref, _ in refs if ref.path is not None])
    capabilities = server.client_capabilities.text_document
    theirs = capabilities.document_link if capabilities is not None else None
    with_line = bool(theirs and theirs.tooltip_support)
    links: list[types.DocumentLink] = []
    for ref, span in refs:
        uri = found.get(ref.path or "")
        if uri is not None:
            link = types.DocumentLink(range_to_lsp(parsed.snapshot.text, span, server.encoding), target=uri)
            if with_line and ref.start_line is not None:
                link.target = f"{uri}#L{ref.start_line}"
            links.append(link)
    return links


async def definition(
    server: PygptServer, params: types.DefinitionParams
) -> types.Location | list[types.LocationLink] | None:
    """What the reference at a position names: a file's lines, the selection, its document."""
    found = chat_at(server, params)
    if found is None:
        return None
    parsed, place = found
    text = parsed.snapshot.text
    here = [(ref, span) for ref, span in references(parsed, place.line) if span.start <= place <= span.end]
    if not here:
        return None
    ref, span = here[-1]
    target = await _place_of(server, parsed, ref)
    if target is None:
        return None
    where = await _range(server, target)
    capabilities = server.client_capabilities.text_document
    theirs = capabilities.definition if capabilities is not None else None
    if theirs is None or not theirs.link_support:
        return types.Location(target.uri, where)
    start = types.Range(where.start, where.start)
    origin = range_to_lsp(text, span, server.encoding)
    return [types.LocationLink(target.uri, where, start, origin)]


def references(parsed: ParsedChat, line: int | None = None) -> Iterator[tuple[ContextRef, Range]]:
    """The references of a chat, or of one line of it, with their places, without the `> ` before them."""
    last_line, done = -1, 0
    for turn in parsed.chat.turns:
        for ref in turn.context:
            if line is not None and ref.line != line:
                continue
            content = parsed.snapshot.text.line_content(ref.line)
            start = content.find(ref.raw, done if ref.line == last_line else 0)
            last_line, done = ref.line, start + len(ref.raw)
            yield ref, Range(Position(ref.line, start), Position(ref.line, done))


async def _files(server: PygptServer, parsed: ParsedChat, names: Sequence[str]) -> dict[str, str]:
    """The URIs of the files that are meant, by the names that lead to one."""
    workspace = server.session.workspace
    root = workspace.root_of_document(parsed.snapshot.uri)
    found: dict[str, str] = {}
    asked: dict[str, list[Path]] = {}
    for name in dict.fromkeys(names):
        candidates = context_candidates(name, root, workspace.roots)
        known = name if workspace.documents.get(name) is not None else None
        known = known or next((uri for path in candidates if (uri := workspace.uri_of(path))), None)
        if known is not None:
            found[name] = known
        else:
            asked[name] = candidates
    if asked:
        roots = workspace.roots
        files = await asyncio.to_thread(
            lambda: {name: existing_file(paths, roots) for name, paths in asked.items()}
        )
        found |= {name: uri_of_path(path) for name, path in files.items() if path is not None}
    return found


async def _place_of(server: PygptServer, parsed: ParsedChat, ref: ContextRef) -> Place | None:
    """Where a reference leads; None where it leads nowhere."""
    session = server.session
    if ref.kind == "symbol":
        return await _definition_of(server, parsed, ref)
    if ref.path is not None:
        uri = (await _files(server, parsed, [ref.path])).get(ref.path)
        if uri is None:
            return None
        first = 0 if ref.start_line is None else ref.start_line - 1
        last = None if ref.end_line is None else ref.end_line - 1
        return Place(uri, first, last, path_of_uri(uri))
    selection = session.workspace.last_selection
    document = session.workspace.documents.document(selection.uri) if selection is not None else None
    if ref.kind not in {"selection", "buffer", "diagnostics"} or selection is None or document is None:
        return None
    mapped = document.map_range(selection.range, selection.version)
    if mapped is None:
        return Place(selection.uri, 0, None, session.workspace.path_of(selection.uri))
    start, end = mapped.range
    last = end.line - 1 if end.character == 0 and end.line > start.line else end.line
    return Place(selection.uri, start.line, last, session.workspace.path_of(selection.uri))


async def _definition_of(server: PygptServer, parsed: ParsedChat, ref: ContextRef) -> Place | None:
    """The lines of the definition that a reference names, as they would be sent; None where it means none, or
    not one alone."""
    from pygpt_lsp.lsp.chat_definitions import definition_named

    session = server.session
    root = session.workspace.root_of_document(parsed.snapshot.uri)
    named = [each for turn in parsed.chat.turns for each in turn.context if each.path is not None]
    finder = SourceFinder(server, root, "show")
    try:
        source, spans = await definition_named(server, ref, named, finder.source)
    except ContextRefused:
        return None
    uri = (await _files(server, parsed, [source.shown])).get(source.shown)
    return Place(uri, spans[0].start, spans[0].end - 1, path_of_uri(uri)) if uri is not None else None


async def _range(server: PygptServer, place: Place) -> types.Range:
    """The lines in the client's units, as far as the document has them: some clients go nowhere otherwise."""
    session = server.session
    snapshot = session.workspace.documents.get(place.uri)
    text = snapshot.text if snapshot is not None else None
    if text is None and place.path is not None:
        look = await asyncio.to_thread(session.files.reader.look, place.path, session.workspace.roots)
        text = look.text
    if text is None:  # a file that is not to be read
        return types.Range(types.Position(0, 0), types.Position(0, 0))
    first = min(place.first, text.line_count - 1)
    start = Position(first, 0)
    if place.last is None:
        return range_to_lsp(text, Range(start, start), server.encoding)
    last = max(min(place.last, text.line_count - 1), first)
    return range_to_lsp(text, Range(start, Position(last, len(text.line_content(last)))), server.encoding)
