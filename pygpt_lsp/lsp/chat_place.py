"""One chat document: its URI, its file, and how to read and change it whether it is open or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import ChatEol, parse_chat
from pygpt_lsp.core.chat_writing import last_line
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.core.reconcile import follow
from pygpt_lsp.core.text import Position, Range, TextSnapshot
from pygpt_lsp.lsp.convert import path_of_uri, uri_of_path
from pygpt_lsp.lsp.pages import page_mark
from pygpt_lsp.lsp.workspace_edit import TextEdit
from pygpt_lsp.services.chat_files import leads_out, read_chat, write_chat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.core.chat_answers import AnswerSlot
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.reconcile import Outcome
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job

PATIENCE = 10.0
"""Seconds in which an editor has to take an edit of a chat that nobody else keeps it from taking."""
_OPEN_SECONDS = 2.0


class Mark(NamedTuple):
    """An answer in an open document at a version: where its heading's line starts and where it goes on."""

    document: Document
    version: int
    heading: Position
    anchor: Position


class Room(NamedTuple):
    """The place that was made for an answer; `mark` tells where it is in a document that is open."""

    eol: ChatEol
    mark: Mark | None


class ChatPlace:
    """A chat document by its URI; `path` is None for one that was never saved."""

    def __init__(self, server: PygptServer, uri: str, path: Path | None) -> None:
        self._server = server
        self._job: Job | None = None
        self.uri = uri
        self.path = path

    @classmethod
    def of_uri(cls, server: PygptServer, uri: str) -> ChatPlace:
        """The chat that a command names."""
        path = path_of_uri(uri)
        return cls(server, uri, None) if path is None else cls.of_path(server, path)

    @classmethod
    def of_path(cls, server: PygptServer, path: Path) -> ChatPlace:
        """The chat in a file."""
        return cls(server, server.session.workspace.uri_of(path) or uri_of_path(path), path)

    def worked_on_by(self, job: Job) -> None:
        """Let the job be known by this document too."""
        self._job = job
        job.uris.add(self.uri)

    def document(self) -> Document | None:
        """The document as the editor has it open, under whatever spelling of its URI."""
        workspace = self._server.session.workspace
        document = workspace.documents.document(self.uri)
        if document is None and self.path is not None and (known := workspace.uri_of(self.path)):
            self.uri = known
            if self._job is not None:
                self._job.uris.add(known)
            document = workspace.documents.document(known)
        return document

    async def read(self) -> str:
        """The text as it is now: the buffer's where it is open. Raises PygptError where there is none."""
        document = self.document()
        return str(document.snapshot.text) if document is not None else await self.read_file()

    async def read_file(self) -> str:
        """The file's text. Raises PygptError."""
        if self.path is None:
            raise PygptError("That chat is not open in the editor and was never saved.")
        await self._see_that_it_is_here(self.path)
        return await asyncio.to_thread(read_chat, self.path)

    async def write_file(self, text: str) -> None:
        """Replace the file's text, where the editor does not have it open. Raises PygptError."""
        if self.path is None:
            raise PygptError("That chat is not open in the editor and was never saved.")
        await self._see_that_it_is_here(self.path)
        await asyncio.to_thread(write_chat, self.path, text)

    async def _see_that_it_is_here(self, path: Path) -> None:
        """Raises PygptError for a link in the workspace by which a repository leads us out of it."""
        if await asyncio.to_thread(leads_out, path, self._server.session.workspace.roots):
            raise PygptError(f"{path} is a link out of the workspace: open the chat in the editor first.")

    async def make_room(self, slot_in: Callable[[str], AnswerSlot]) -> Room:
        """Make the edit that `slot_in` gives for the document's text, now.

        The user may type at the same time: then it is asked for again. Raises PygptError, `slot_in`'s too.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while loop.time() < deadline:
            document = self.document()
            if document is None:
                text = await self.read_file()
                slot = slot_in(text)
                if self.document() is None:
                    await self.write_file(text[: slot.start] + slot.text + text[slot.end :])
                    return Room(parse_chat(text).eol, None)
                continue
            snapshot = document.snapshot
            slot = slot_in(str(snapshot.text))
            span = Range(snapshot.text.position_at(slot.start), snapshot.text.position_at(slot.end))
            edit = TextEdit(span, slot.text)
            applied = await self._server.delivery.apply(document, snapshot.text, snapshot.version, [edit])
            if applied.made and applied.outcome is not None and applied.expected is not None:
                chat = parse_chat(str(applied.expected))
                line = next(turn.heading_line for turn in chat.turns if turn.body_end >= slot.anchor)
                return Room(chat.eol, mark(document, applied.expected, applied.outcome, line, slot.anchor))
        raise PygptError("The editor does not take changes to the chat just now: send it again.")

    async def show(self, *, to_write: bool = False) -> None:
        """Open the chat in the editor, or say where it is, and say so if the editor keeps it from us.

        `to_write`: with the cursor in its last line, where the user types on.
        """
        session, editor = self._server.session, self._server.editor
        if self.path is None:
            return
        line = last_line(await self.read()) if to_write else None
        if await editor.show(self.path, line):
            if not await self._server.sync.until(lambda: self.document() is not None, _OPEN_SECONDS):
                session.notices.tell_once(
                    "warning",
                    "PyGPT: The chat is open, but the editor does not share *.chat.md with PyGPT, so the "
                    "answer goes to the file: map *.chat.md to pygpt-lsp (see the README), and reload it.",
                )
        elif self.document() is None:
            editor.tell("info", f"PyGPT: The chat is in {self.path}")


def open_chats(server: PygptServer) -> list[str]:
    """The URIs of the chats that are open in the editor; a page of ours is no chat."""
    return [
        document.snapshot.uri
        for document in server.session.workspace.documents
        if document.snapshot.uri.endswith(CHAT_SUFFIX) and page_mark(document.snapshot) is None
    ]


def mark(
    document: Document, expected: TextSnapshot, outcome: Outcome, heading_line: int, offset: int
) -> Mark | None:
    """Where an answer is after an edit that was made: its heading's line and its offset are those in the text
    that was expected. None where that cannot be told any more."""
    heading = follow(expected, outcome, document, expected.offset_at(Position(heading_line, 0)))
    anchor = follow(expected, outcome, document, offset)
    if heading is None or anchor is None:
        return None
    return Mark(document, document.snapshot.version, heading, anchor)
