"""One chat document: its URI, its file, and how to read and change it whether it is open or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.text import Range
from pygpt_lsp.lsp.convert import path_of_uri, uri_of_path
from pygpt_lsp.lsp.editor import TextEdit
from pygpt_lsp.services.chat_files import read_chat, write_chat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.core.chat_answers import AnswerSlot
    from pygpt_lsp.lsp.server import PygptServer

_OPEN_SECONDS = 2.0
_TRIES = 6


class ChatPlace:
    """A chat document by its URI; `path` is None for one that was never saved."""

    def __init__(self, server: PygptServer, uri: str, path: Path | None) -> None:
        self._server = server
        self.uri = uri
        self.path = path

    @classmethod
    def of_uri(cls, server: PygptServer, uri: str) -> ChatPlace:
        """The chat that a command names."""
        path = path_of_uri(uri)
        known = server.session.uri_of(path) if path is not None else None
        return cls(server, known or uri, path)

    @classmethod
    def of_path(cls, server: PygptServer, path: Path) -> ChatPlace:
        """The chat in a file of ours."""
        return cls(server, server.session.uri_of(path) or uri_of_path(path), path)

    @property
    def is_open(self) -> bool:
        """Whether the editor has told us of the document."""
        return self._server.session.documents.document(self.uri) is not None

    async def read(self) -> str:
        """The text as it is now: the buffer's where it is open. Raises PygptError where there is none."""
        snapshot = self._server.session.documents.get(self.uri)
        if snapshot is not None:
            return str(snapshot.text)
        if self.path is None:
            raise PygptError("That chat is not open in the editor: open it, then send it.")
        return await asyncio.to_thread(read_chat, self.path)

    async def write(self, change: Callable[[str], str]) -> None:
        """Change the file, which the editor does not have open."""
        path = self.path
        if path is None:
            raise PygptError("The chat was closed before it was saved; the answer is in the history.")
        await asyncio.to_thread(lambda: write_chat(path, change(read_chat(path))))

    async def make_room(self, slot_in: Callable[[str], AnswerSlot]) -> str:
        """Make the edit that `slot_in` gives for the document's text, now; the text that results.

        The user may type at the same time: then it is asked for again. Raises PygptError.
        """
        for _ in range(_TRIES):
            document = self._server.session.documents.document(self.uri)
            if document is None:
                changed = ""

                def change(text: str) -> str:
                    nonlocal changed
                    changed = _with_slot(text, slot_in(text))
                    return changed

                await self.write(change)
                return changed
            snapshot = document.snapshot
            text = str(snapshot.text)
            slot = slot_in(text)
            span = Range(snapshot.text.position_at(slot.start), snapshot.text.position_at(slot.end))
            edit = TextEdit(span, slot.text)
            applied = await self._server.editor.apply(document, snapshot.text, snapshot.version, [edit], None)
            if applied.made:
                return str(applied.expected)
            if applied.outcome is None:
                await self._server.sync.until_changed(document, snapshot.version, 1.0)
        raise PygptError("The editor does not take changes to the chat just now: send it again.")

    async def show(self) -> None:
        """Open the chat in the editor, or say where it is, and say so if the editor keeps it from us."""
        session, editor = self._server.session, self._server.editor
        if self.is_open and self.path is None:
            return
        if self.path is not None and await editor.show(self.path):
            if not await self._server.sync.until(self.uri, self._opened, _OPEN_SECONDS):
                session.tell_once(
                    "warning",
                    "PyGPT: The chat is open, but the editor does not share *.chat.md with PyGPT, so the "
                    "answer goes to the file: map *.chat.md to pygpt-lsp (see the README), and reload it.",
                )
        elif not self.is_open:
            editor.tell("info", f"PyGPT: The answer is being written to {self.path}")

    def _opened(self) -> bool:
        if not self.is_open and self.path is not None and (uri := self._server.session.uri_of(self.path)):
            self.uri = uri  # the client writes the URI in another way
        return self.is_open


def _with_slot(text: str, slot: AnswerSlot) -> str:
    return text[: slot.start] + slot.text + text[slot.end :]
