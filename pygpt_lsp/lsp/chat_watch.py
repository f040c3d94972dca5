"""Looks at the open chats again, a moment after something has changed, and tells the editor what is new:
diagnostics, and that a hint is another one now.

Nothing is looked at while the user types, and nothing at all while no chat is open.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from pygpt_lsp.core.pages import CHAT_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.lsp.chat_measure import Measure, Memory
    from pygpt_lsp.lsp.server import PygptServer

DELAY: Final = 0.3  # seconds without a change
_MEMORY_SECONDS: Final = 5.0
"""How late a change on the disk may be noticed while the user types in a chat."""


class ChatWatch:
    """The watch of one server."""

    def __init__(self, server: PygptServer) -> None:
        self._server = server
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._told: dict[str, Sequence[types.Diagnostic]] = {}
        self._shown: dict[str, str] = {}
        self._newest: dict[str, str] = {}
        self._kept: set[asyncio.Future[Measure]] = set()
        self._memories: dict[str, tuple[float, Memory]] = {}

    def touched(self, uri: str | None = None) -> None:
        """Something has changed that a chat may depend on: the document `uri`, a setting, the selection."""
        for chat in [chat for chat in self._memories if chat != uri]:
            del self._memories[chat]
        if not self._chats():
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(DELAY, self._look)

    def memory_of(self, uri: str) -> Memory:
        """What the context lines of a chat gave in the last seconds, if nothing but the chat has changed."""
        now = time.monotonic()
        since, memory = self._memories.get(uri, (0.0, None))
        if memory is None or now - since > _MEMORY_SECONDS:
            memory = {}
            self._memories[uri] = now, memory
        return memory

    def closed(self, uri: str) -> None:
        """A document was closed: its diagnostics go."""
        self._shown.pop(uri, None)
        self._newest.pop(uri, None)
        self._memories.pop(uri, None)
        if self._told.pop(uri, ()):
            self._publish(uri, [], None)

    def hint_given(self, uri: str, label: str) -> None:
        """The editor shows this hint in a chat now."""
        self._shown[uri] = label

    def newest_hint(self, uri: str) -> str:
        """The hint that was found last for a chat; "" where none was."""
        return self._newest.get(uri, "")

    def keep(self, measuring: asyncio.Future[Measure]) -> None:
        """Look again when a measure that takes its time has come to its end."""
        self._kept.add(measuring)
        measuring.add_done_callback(self._measured)

    def stop(self) -> None:
        """The server ends."""
        if self._timer is not None:
            self._timer.cancel()
        for running in (self._looking, *self._kept):
            if running is not None:
                running.cancel()

    def _measured(self, measuring: asyncio.Future[Measure]) -> None:
        self._kept.discard(measuring)
        if not measuring.cancelled() and measuring.exception() is None:
            self.touched()

    def _chats(self) -> list[str]:
        documents = self._server.session.workspace.documents
        return [uri for document in documents if (uri := document.snapshot.uri).endswith(CHAT_SUFFIX)]

    def _look(self) -> None:
        self._timer = None
        if self._looking is not None and not self._looking.done():
            self.touched()  # a slow disk; later, when that one has ended
            return
        self._looking = asyncio.get_running_loop().create_task(self._look_at_all())
        self._looking.add_done_callback(self._ended)

    def _ended(self, looking: asyncio.Task[None]) -> None:
        if not looking.cancelled() and (error := looking.exception()) is not None:
            self._server.crashed("a look at the chats", error, once=True)

    async def _look_at_all(self) -> None:
        from pygpt_lsp.lsp.chat_cache import chat_of
        from pygpt_lsp.lsp.chat_diagnostics import chat_diagnostics
        from pygpt_lsp.lsp.chat_hints import hint_label
        from pygpt_lsp.lsp.chat_measure import measure_chat

        is_new = False
        for uri in self._chats():
            parsed = chat_of(self._server, uri)
            if parsed is None:
                continue
            measure = await measure_chat(self._server, parsed)
            found = await chat_diagnostics(self._server, parsed, measure)
            if self._server.session.workspace.documents.get(uri) is not parsed.snapshot:
                continue  # typed in meanwhile, so there is another look to come; or closed
            if found != list(self._told.get(uri, ())):
                self._told[uri] = found
                self._publish(uri, found, parsed.snapshot.version)
            label = self._newest[uri] = hint_label(self._server, measure)
            is_new = is_new or self._shown.get(uri, label) != label
        if is_new and self._can_refresh():
            await self._server.editor.request(types.WORKSPACE_INLAY_HINT_REFRESH, None)

    def _publish(self, uri: str, found: Sequence[types.Diagnostic], version: int | None) -> None:
        theirs = self._server.client_capabilities.text_document
        publish = theirs.publish_diagnostics if theirs is not None else None
        known = version if publish is not None and publish.version_support else None
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, list(found), version=known)
        )

    def _can_refresh(self) -> bool:
        workspace = self._server.client_capabilities.workspace
        hints = workspace.inlay_hint if workspace is not None else None
        return hints is not None and bool(hints.refresh_support)
