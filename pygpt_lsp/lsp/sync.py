"""Document synchronisation: what the client opens, changes and closes, and who waits for it.

Documents with a scheme that is not ours (git:, output:, vscode-chat-code-block:, ...) are ignored. A job
that has sent an edit waits here for the change that shows it, because an answer to `applyEdit` proves nothing
(Neovim answers `applied: true` for edits it refused).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from pygpt_lsp.core.documents import ContentChange
from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.lsp.convert import path_of_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygpt_lsp.lsp.server import PygptServer

OUR_SCHEMES = ("file", "untitled")


class DocumentSync:
    """Feeds the session's document store."""

    def __init__(self, server: PygptServer) -> None:
        self._server = server
        self._waiting: list[asyncio.Future[None]] = []
        self.last_changed = ""
        """The URI of the document that was changed last."""

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """`textDocument/didOpen`."""
        item = params.text_document
        if item.uri.partition(":")[0].lower() not in OUR_SCHEMES:
            return
        workspace = self._server.session.workspace
        workspace.documents.open(item.uri, item.language_id, item.version, item.text)
        workspace.opened(item.uri, path_of_uri(item.uri))
        self._wake()

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """`textDocument/didChange`; a document that was never opened is ignored."""
        changes = [_content_change(change) for change in params.content_changes]
        identifier = params.text_document
        store = self._server.session.workspace.documents
        if store.change(identifier.uri, identifier.version, changes, self._server.encoding) is not None:
            self.last_changed = identifier.uri
            self._wake(identifier.uri)

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """`textDocument/didClose`."""
        uri = params.text_document.uri
        workspace = self._server.session.workspace
        workspace.documents.close(uri)
        workspace.closed(uri)
        if uri.endswith(CHAT_SUFFIX):
            self._server.chats.forget(uri)
        self._server.watch.closed(uri)
        self._wake()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until `condition` holds, looking after each event of any document; False after `seconds`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            left = deadline - loop.time()
            if left <= 0:
                return False
            event: asyncio.Future[None] = loop.create_future()
            self._waiting.append(event)
            try:
                await asyncio.wait([event], timeout=left)
            finally:
                if event in self._waiting:
                    self._waiting.remove(event)
        return True

    def _wake(self, changed: str | None = None) -> None:
        self._server.watch.touched(changed)
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            if not event.done():
                event.set_result(None)


def _content_change(change: types.TextDocumentContentChangeEvent) -> ContentChange:
    if isinstance(change, types.TextDocumentContentChangePartial):
        start, end = change.range.start, change.range.end
        return ContentChange((start.line, start.character, end.line, end.character), change.text)
    return ContentChange(None, change.text)
