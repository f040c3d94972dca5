"""`#symbol:NAME` in a chat: from the name of a definition to its lines.

There is no index of the workspace, so a bare name is looked for where the user is at work: in the documents
open in the editor first, then in the files that the chat names. `#symbol:PATH:NAME` looks in that file alone.
Definitions of one name in one file (overloads, a getter and its setter) belong together; where it could mean
yet another one, or none, the request is stopped.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.file_languages import language_of
from pygpt_lsp.core.symbols import Symbol, is_called, lines_of
from pygpt_lsp.lsp.chat_given import ContextRefused
from pygpt_lsp.lsp.consent import agreed
from pygpt_lsp.lsp.sources import Source, SourceFinder, open_sources

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.core.outline import LineSpan
    from pygpt_lsp.lsp.server import PygptServer

_MOST_NAMED: Final = 3


class Definition(NamedTuple):
    """The lines that a name stands for, in their text."""

    source: Source
    spans: tuple[LineSpan, ...]


async def definition_named(
    server: PygptServer,
    ref: ContextRef,
    named: Sequence[ContextRef],
    source_of: Callable[[ContextRef], Awaitable[Source]],
) -> Definition:
    """What the context line `ref` means; `named` are the chat's context lines.

    Raises ContextRefused where that is nothing, or not one thing.
    """
    if ref.path is not None:
        source = await source_of(ref)
        found = await _search(server, ref, [source])
        missing = f"{source.shown} does not define: name its lines with #file:{ref.path}:FIRST-LAST."
    else:
        found = await _search(server, ref, open_sources(server))
        found = [each for each in found if await _may_be_shown(server, each[0])]
        if not found:
            found = await _search(server, ref, await _named_sources(named, source_of))
        missing = "no open document and no file named in the chat defines: write #symbol:PATH:NAME."
    if not found:
        raise ContextRefused(ref, "missing-symbol", f"names {ref.name}, which {missing}")
    source, symbol = found[0]
    if any((other.shown, each.name) != (source.shown, symbol.name) for other, each in found):
        raise ContextRefused(ref, "ambiguous-symbol", _which(ref, found))
    spans = await asyncio.to_thread(_spans, found)
    if not spans:
        reason = (
            f"names {ref.name}, which is too long: name lines of it with #file:{source.shown}:FIRST-LAST."
        )
        raise ContextRefused(ref, "missing-symbol", reason)
    return Definition(source, spans)


async def definitions_known(
    server: PygptServer, root: Path | None, named: Sequence[ContextRef]
) -> list[tuple[str, str, int]]:
    """The definitions in the documents open in the editor and in the files that context lines name, without
    those that cannot be sent or only after a question: name, file and line (0-based) of each."""
    opened = [source for source in open_sources(server) if await _may_be_shown(server, source)]
    return await asyncio.to_thread(_listed, server, opened) + await definitions_in(server, root, named)


async def definitions_in(
    server: PygptServer, root: Path | None, refs: Sequence[ContextRef]
) -> list[tuple[str, str, int]]:
    """The definitions in the files that context lines name; as in `definitions_known`."""
    sources = await _named_sources(refs, SourceFinder(server, root, "watch").source)
    return await asyncio.to_thread(_listed, server, [source for source in sources if source.rule is None])


def _listed(server: PygptServer, sources: Sequence[Source]) -> list[tuple[str, str, int]]:
    return [(each.name, source.shown, each.header) for source in sources for each in _symbols(server, source)]


def _symbols(server: PygptServer, source: Source) -> tuple[Symbol, ...]:
    """The definitions in a text; found once for each version of it."""
    return server.symbols.of(source.shown, source.text, _language(source))


async def _named_sources(
    named: Sequence[ContextRef], source_of: Callable[[ContextRef], Awaitable[Source]]
) -> list[Source]:
    """The files that other lines name, once each. What is wrong with one is said about its own line."""
    found: dict[str, Source] = {}
    for ref in named:
        if ref.path is not None:
            try:
                source = await source_of(ref)
            except ContextRefused:
                continue
            found[source.shown] = source
    return list(found.values())


async def _may_be_shown(server: PygptServer, source: Source) -> bool:
    """Whether no rule keeps an open document back, or the user has agreed to send it: nobody named it."""
    if source.path is None:
        return True
    rule = await asyncio.to_thread(server.session.files.excluded, source.path)
    return rule is None or agreed(server, source.path, rule)


async def _search(
    server: PygptServer, ref: ContextRef, sources: Sequence[Source]
) -> list[tuple[Source, Symbol]]:
    """All definitions of that name in the texts."""

    def search() -> list[tuple[Source, Symbol]]:
        return [
            (source, symbol)
            for source in sources
            for symbol in _symbols(server, source)
            if is_called(symbol, ref.name or "")
        ]

    return await asyncio.to_thread(search)


def _spans(found: Sequence[tuple[Source, Symbol]]) -> tuple[LineSpan, ...]:
    spans = (lines_of(source.text, symbol, _language(source)) for source, symbol in found)
    return tuple(span for span in spans if span is not None)


def _language(source: Source) -> str:
    return source.language_id or language_of(source.shown)


def _which(ref: ContextRef, found: Sequence[tuple[Source, Symbol]]) -> str:
    places: dict[str, int] = {}
    for source, symbol in found:
        places.setdefault(f"{symbol.name} in {source.shown}", symbol.header + 1)
    some = ", ".join(f"{place} (line {line})" for place, line in list(places.items())[:_MOST_NAMED])
    more = " and others" if len(places) > _MOST_NAMED else ""
    return f"names {ref.name}, which could be {some}{more}: say which by #symbol:PATH:NAME."
