"""`textDocument/completion` in chats: context, prompts, presets and the front matter.

Nothing is sent to anybody for it: models are those that the user asked the API for before. What takes longer
than an editor should wait (a large workspace that is being listed, a slow disk) is left for the next key
press; lists that depend on the disk are marked as incomplete, so that editors ask again.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from pygpt_lsp.core import completion_items as items
from pygpt_lsp.core.chat_completion import wanted_at
from pygpt_lsp.core.chat_context import ContextRef
from pygpt_lsp.core.fuzzy import rank
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.chat_cache import chat_at
from pygpt_lsp.lsp.convert import range_to_lsp
from pygpt_lsp.lsp.sources import open_sources
from pygpt_lsp.services.file_index import MOST_FILES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat_completion import Wanted
    from pygpt_lsp.core.completion_items import Item
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.sources import Source
    from pygpt_lsp.session.session import Session

_LIMIT: Final = 50  # files, and definitions
_MOST_NAMED: Final = 20  # files named in a chat whose definitions are offered, the last ones
_WAIT_SECONDS: Final = 0.01
_KINDS: Final = {
    "context": types.CompletionItemKind.Keyword,
    "file": types.CompletionItemKind.File,
    "symbol": types.CompletionItemKind.Reference,
    "prompt": types.CompletionItemKind.Function,
    "preset": types.CompletionItemKind.Module,
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Value,
}


async def completion(server: PygptServer, params: types.CompletionParams) -> types.CompletionList | None:
    """What can be completed at a position of a chat."""
    there = chat_at(server, params)
    if there is None:
        return None
    parsed, at = there
    text = parsed.snapshot.text
    wanted = wanted_at(text, parsed.chat, at)
    if wanted is None:
        return None
    session = server.session
    root = session.workspace.root_of_document(parsed.snapshot.uri)
    found = await _items(server, parsed, wanted, root, at.line)
    place = Range(Position(at.line, wanted.start), Position(at.line, wanted.end))
    span = range_to_lsp(text, place, server.encoding)
    markdown = _reads_markdown(server)
    return types.CompletionList(
        is_incomplete=wanted.wish != "key",
        items=[_to_lsp(item, number, span, markdown=markdown) for number, item in enumerate(found)],
    )


async def _items(
    server: PygptServer, parsed: ParsedChat, wanted: Wanted, root: Path | None, line: int
) -> list[Item]:
    session = server.session
    match wanted.wish:
        case "mention":
            kinds = items.context_items(wanted)
            return kinds if wanted.bare else kinds + await _files(server, wanted, root)
        case "path":
            return await _files(server, wanted, root)
        case "symbol":
            return await _symbols(server, parsed, wanted, root, line)
        case "key":
            lines = (parsed.chat.front_matter or "").split("\n")
            others = (each for number, each in enumerate(lines, 1) if number != line)
            return items.key_items({each.partition(":")[0] for each in others})
        case "prompt" | "preset" | "value":
            await session.prompts.refresh(root, _WAIT_SECONDS)
    if wanted.wish == "prompt":
        return items.prompt_items(session.prompts.prompts(root))
    presets = session.prompts.presets(root)
    if wanted.wish == "preset":
        return items.preset_items(presets)
    return items.value_items(wanted, _models(server, root), presets)


async def _files(server: PygptServer, wanted: Wanted, root: Path | None) -> list[Item]:
    """The files that fit, of the workspace and of what is open; without a letter that comes first."""
    session = server.session
    opened = open_sources(server)
    await session.files.index.refresh(session.workspace.roots, _WAIT_SECONDS)
    names = await to_thread(_file_names, session, wanted.query, root, opened)
    if session.files.index.capped:
        session.notices.tell_once(
            "info",
            f"PyGPT: A workspace folder has more than {MOST_FILES:,} files, and completion knows no more of "
            "them: name others by hand, or exclude folders in .gitignore.",
        )
    return items.file_items(wanted, names.items())


def _file_names(session: Session, query: str, root: Path | None, opened: Sequence[Source]) -> dict[str, str]:
    """The names of the files that fit, the best first, with a detail each; in a thread."""
    several = len(session.workspace.roots) > 1
    found = session.files.index.find(query, _LIMIT, root)
    names = {file.name: file.root.name if several else "" for file in found}
    fitting = [source for source in opened if rank(query, source.shown) is not None]
    allowed = {source.shown: "open" for source in fitting if not _is_excluded(session, source)}
    return names | allowed if query else allowed | names


def _is_excluded(session: Session, source: Source) -> bool:
    """Whether a rule keeps an open document back."""
    return source.path is not None and session.files.excluded(source.path) is not None


async def _symbols(
    server: PygptServer, parsed: ParsedChat, wanted: Wanted, root: Path | None, line: int
) -> list[Item]:
    """The definitions that fit; and where no file was named yet, the files to look in."""
    from pygpt_lsp.lsp.chat_definitions import definitions_in, definitions_known

    if wanted.about:
        ref = ContextRef("symbol", wanted.about, None, None, line, "")
        return items.symbol_items(wanted, await definitions_in(server, root, [ref]), _LIMIT)
    named = {ref.path: ref for turn in parsed.chat.turns for ref in turn.context if ref.path}
    known = await definitions_known(server, root, list(named.values())[-_MOST_NAMED:])
    return items.symbol_items(wanted, known, _LIMIT) + await _files(server, wanted, root)


def _models(server: PygptServer, root: Path | None) -> list[str]:
    """The models that are known without asking: the one in force, those of presets, and those that the API
    listed when the user asked for them."""
    session = server.session
    named = [preset.model for preset in session.prompts.presets(root)]
    models = [session.settings.model, *named, *session.listed_models]
    return list(dict.fromkeys(model for model in models if model))


def _reads_markdown(server: PygptServer) -> bool:
    """LSP 3.17 § CompletionClientCapabilities, documentationFormat."""
    document = server.client_capabilities.text_document
    item = document.completion.completion_item if document and document.completion else None
    formats = (item.documentation_format if item else None) or ()
    return types.MarkupKind.Markdown in formats


def _to_lsp(item: Item, number: int, span: types.Range, *, markdown: bool) -> types.CompletionItem:
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    said = item.documentation(markdown=markdown)
    return types.CompletionItem(
        label=item.label,
        kind=_KINDS[item.sort],
        detail=item.detail or None,
        documentation=types.MarkupContent(kind, said) if said else None,
        sort_text=f"{number:04}",
        filter_text=item.filter_text,
        text_edit=types.TextEdit(span, item.insert),
    )
