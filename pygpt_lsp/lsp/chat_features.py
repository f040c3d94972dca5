"""What the editor can ask about `*.chat.md` documents, in one table, and how each is registered.

A feature of chats must not appear in code. So it is registered for the names of chats alone, dynamically,
wherever the client allows that (LSP 3.17 § client/registerCapability). Elsewhere it is one of the server's
capabilities, and a request about another document is answered with nothing, before anything is imported.

A handler answers at once, from memory; what needs the disk is a coroutine and reads in a thread.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from lsprotocol import types

from pygpt_lsp.core.pages import CHAT_SUFFIX, read_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pygpt_lsp.lsp.server import PygptServer


class Feature(NamedTuple):
    """One kind of request about chats.

    `answer(server, params)` gives the result; it may be a coroutine function. `capability` is the feature's
    attribute in the client's text document capabilities, `options` are the server's as in its capabilities
    (without a selector). `suffixes` end the names of the documents that it is for. `on_page` answers where
    the document is one of our pages (`core.pages`), which is never taken for a chat; it is no coroutine.
    """

    method: str
    capability: str
    answer: Callable[[PygptServer, Any], Any]
    options: Any = None
    suffixes: tuple[str, ...] = (CHAT_SUFFIX,)
    on_page: Callable[[PygptServer, Any], Any] | None = None

    def is_dynamic(self, capabilities: types.ClientCapabilities) -> bool:
        """Whether the client lets the server register this after `initialize`."""
        theirs = getattr(capabilities.text_document, self.capability, None)
        return bool(getattr(theirs, "dynamic_registration", False))

    def handler(self, server: PygptServer) -> Callable[[Any], Any]:
        """What serves the method: null for the documents of others."""
        if inspect.iscoroutinefunction(self.answer):

            async def serve_later(params: Any) -> Any:
                result = self._result(server, params)
                return await result if inspect.isawaitable(result) else result

            return serve_later

        def serve(params: Any) -> Any:
            return self._result(server, params)

        return serve

    def registration(self) -> types.Registration:
        """The registration for the names of chats (LSP 3.17 § DocumentFilter)."""
        selector = [types.TextDocumentFilterPattern(pattern=f"**/*{suffix}") for suffix in self.suffixes]
        make = cast("Callable[..., Any]", types.METHOD_TO_TYPES[self.method][3])
        fields: Iterable[Any] = getattr(self.options, "__attrs_attrs__", ())
        given = {field.name: getattr(self.options, field.name) for field in fields}
        options = make(document_selector=selector, **given)
        return types.Registration(f"pygpt-{self.method}", self.method, options)

    def _result(self, server: PygptServer, params: Any) -> Any:
        """The answer, or a promise of it; None for a document of others."""
        uri = params.text_document.uri
        if not uri.endswith(self.suffixes):
            return None
        snapshot = server.session.workspace.documents.get(uri)
        is_page = snapshot is not None and read_mark(snapshot.text.line_content(0)) is not None
        answer = self.on_page if is_page else self.answer
        return answer(server, params) if answer is not None else None


def declare_chat_features(server: PygptServer, capabilities: types.ClientCapabilities) -> None:
    """Before `initialize` is answered: name the features that cannot be registered later."""
    for feature in FEATURES:
        if not feature.is_dynamic(capabilities):
            server.protocol.add(feature.method, feature.handler(server), feature.options)


def serve_dynamic_features(server: PygptServer) -> list[types.Registration]:
    """With `initialized`: serve the others too; their registrations, which are still to be sent."""
    dynamic = [feature for feature in FEATURES if feature.is_dynamic(server.client_capabilities)]
    for feature in dynamic:
        server.protocol.add(feature.method, feature.handler(server))
    return [feature.registration() for feature in dynamic]


async def _document_symbol(server: PygptServer, params: types.DocumentSymbolParams) -> Any:
    from pygpt_lsp.lsp.chat_symbols import document_symbols

    return await document_symbols(server, params)


async def _document_link(server: PygptServer, params: types.DocumentLinkParams) -> Any:
    from pygpt_lsp.lsp.chat_links import document_links

    return await document_links(server, params)


def _page_links(server: PygptServer, params: types.DocumentLinkParams) -> Any:
    from pygpt_lsp.lsp.page_features import page_links

    return page_links(server, params)


async def _code_lens(server: PygptServer, params: types.CodeLensParams) -> Any:
    from pygpt_lsp.lsp.chat_menu import code_lenses

    return await code_lenses(server, params)


def _page_lenses(server: PygptServer, params: types.CodeLensParams) -> Any:
    from pygpt_lsp.lsp.page_features import page_lenses

    return page_lenses(server, params)


async def _definition(server: PygptServer, params: types.DefinitionParams) -> Any:
    from pygpt_lsp.lsp.chat_links import definition

    return await definition(server, params)


async def _folding_range(server: PygptServer, params: types.FoldingRangeParams) -> Any:
    from pygpt_lsp.lsp.chat_folding import folding_ranges

    return await folding_ranges(server, params)


async def _inlay_hint(server: PygptServer, params: types.InlayHintParams) -> Any:
    from pygpt_lsp.lsp.chat_hints import inlay_hints

    return await inlay_hints(server, params)


async def _completion(server: PygptServer, params: types.CompletionParams) -> Any:
    from pygpt_lsp.lsp.completion import completion

    return await completion(server, params)


async def _hover(server: PygptServer, params: types.HoverParams) -> Any:
    from pygpt_lsp.lsp.chat_hover import hover

    return await hover(server, params)


FEATURES: tuple[Feature, ...] = (
    Feature(
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,
        "document_symbol",
        _document_symbol,
        types.DocumentSymbolOptions(label="PyGPT"),
    ),
    Feature(
        types.TEXT_DOCUMENT_DOCUMENT_LINK,
        "document_link",
        _document_link,
        types.DocumentLinkOptions(),
        on_page=_page_links,
    ),
    # No resolve: a lens has its command.
    Feature(
        types.TEXT_DOCUMENT_CODE_LENS,
        "code_lens",
        _code_lens,
        types.CodeLensOptions(resolve_provider=False),
        on_page=_page_lenses,
    ),
    Feature(types.TEXT_DOCUMENT_DEFINITION, "definition", _definition, types.DefinitionOptions()),
    Feature(types.TEXT_DOCUMENT_FOLDING_RANGE, "folding_range", _folding_range, types.FoldingRangeOptions()),
    Feature(
        types.TEXT_DOCUMENT_INLAY_HINT,
        "inlay_hint",
        _inlay_hint,
        types.InlayHintOptions(resolve_provider=False),
    ),
    Feature(
        types.TEXT_DOCUMENT_COMPLETION,
        "completion",
        _completion,
        types.CompletionOptions(trigger_characters=["#", "/", "@", ":"]),
    ),
    Feature(types.TEXT_DOCUMENT_HOVER, "hover", _hover, types.HoverOptions()),
)
