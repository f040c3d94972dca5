"""`pygpt.history.search/open/fork/delete`: the history from the editor.

A command is about the history of the workspace folder that its `uri` lies in: the page's own, or that of the
document the user is in. Without one, or outside of all folders, it is that of the first folder.

Where nothing is to be kept, a history from before can still be looked at and deleted from. Then nothing is
written to it, and pages and chats are temporary files.
"""

from __future__ import annotations

import asyncio
import datetime
from typing import TYPE_CHECKING

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.pages import one_line
from pygpt_lsp.lsp.chat_place import ChatPlace
from pygpt_lsp.lsp.convert import path_of_uri
from pygpt_lsp.lsp.pages import page_mark, replace_page, show_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.cache_folder import CacheFolder
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import Erased, StoredConversation
    from pygpt_lsp.services.history_worker import HistoryWorker
    from pygpt_lsp.services.jobs import Job

_MOST_FOUND = 30
_TITLE_CHARACTERS = 80
_DELETE = "Delete for good"


def search(server: PygptServer, arguments: Arguments) -> None:
    """Show the conversations that match as a page; without a query the newest ones."""
    root = _root(server, arguments)
    query = arguments.query or ""

    async def work(worker: HistoryWorker) -> None:
        folder = await server.session.storage.folder_of(root)
        text = await worker.call(lambda store: _page(store, query, folder))
        told = "The conversations found are listed in"
        await show_page(server, folder, folder.search_path, text, told)

    _start(server, "search", root, work)


def open_conversation(server: PygptServer, arguments: Arguments) -> None:
    """Open a conversation's chat document, written anew where it is gone."""
    conversation_id = _wanted(arguments)
    root = _root(server, arguments)

    async def work(worker: HistoryWorker) -> None:
        folder = await server.session.storage.folder_of(root)
        path = await worker.call(lambda store: _chat_of(store, conversation_id, folder))
        await ChatPlace.of_path(server, path).show()

    _start(server, "open", root, work)


def fork(server: PygptServer, arguments: Arguments) -> None:
    """Open a copy of a conversation, as its chat document stands now, that goes on by itself."""
    conversation_id = _wanted(arguments)
    root = _root(server, arguments)

    async def work(worker: HistoryWorker) -> None:
        folder = await server.session.storage.folder_of(root)
        stored: StoredConversation = await worker.call(lambda store: store.conversation(conversation_id))
        written = stored.chat_path is not None and await asyncio.to_thread(stored.chat_path.is_file)
        text: str | None = None
        if stored.chat_path is not None and written:
            text = await ChatPlace.of_path(server, stored.chat_path).read()
        path = await worker.call(lambda store: _fork(store, stored, text, folder))
        await ChatPlace.of_path(server, path).show()

    _start(server, "fork", root, work)


def delete(server: PygptServer, arguments: Arguments) -> None:
    """Delete a conversation for good, after asking."""
    conversation_id = _wanted(arguments)
    root = _root(server, arguments)

    async def work(worker: HistoryWorker) -> None:
        stored: StoredConversation = await worker.call(lambda store: store.conversation(conversation_id))
        title = one_line(stored.title)[:_TITLE_CHARACTERS] or "Chat"
        answers = counted(len(stored.turns), "answer")
        choice = await server.editor.ask(
            f"PyGPT: Delete “{title}” with its {answers} for good?", [_DELETE, "Keep"]
        )
        if choice != _DELETE:
            return
        erased: Erased = await worker.call(lambda store: store.delete(stored.id))
        end = "." if erased.complete else "; its last bytes go when the other program that reads it lets go."
        server.editor.tell("info", f"PyGPT: Deleted “{title}”{end}")
        await _renew_page(server, root, worker)

    _start(server, "delete", root, work)


def _page(store: HistoryStore, query: str, folder: CacheFolder) -> str:
    """The page in `folder` of what a search finds; called in the history's thread."""
    from pygpt_lsp.services.history_export import found_page

    found = store.find(query, _MOST_FOUND + 1)
    return found_page(found, query, _MOST_FOUND, folder.search_path)


async def _renew_page(server: PygptServer, root: Path | None, worker: HistoryWorker) -> None:
    """Take what was deleted off the page, where the editor has it open."""
    folder = await server.session.storage.folder_of(root)
    document = server.session.workspace.document_of(folder.search_path)
    mark = page_mark(document.snapshot) if document is not None else None
    if document is not None and mark is not None:
        text = await worker.call(lambda store: _page(store, mark.note, folder))
        await replace_page(server, document, text)


def _chat_of(store: HistoryStore, conversation_id: str, folder: CacheFolder) -> Path:
    """The conversation's chat document, new ones in `folder`; called in the history's thread."""
    from pygpt_lsp.services.history_export import as_chat

    stored = store.conversation(conversation_id)
    if stored.chat_path is not None and stored.chat_path.is_file():
        return stored.chat_path
    path = folder.new_chat_path(_today(), stored.title)
    if folder.path == store.cache.path:
        # Before it holds anything, so that it is deleted with the conversation in any case.
        store.adopt_chat(stored.id, path)
    folder.private_write(path, as_chat(stored))
    return path


def _fork(store: HistoryStore, stored: StoredConversation, text: str | None, folder: CacheFolder) -> Path:
    """The chat document of a copy in `folder`, which holds `text` where it is given; called in the history's
    thread."""
    from pygpt_lsp.services.history_export import as_chat

    path = folder.new_chat_path(_today(), stored.title)
    if folder.path == store.cache.path:
        store.copy(stored.id, path)
    folder.private_write(path, as_chat(stored) if text is None else text)
    return path


def _today() -> datetime.date:
    return datetime.datetime.now().astimezone().date()


def _root(server: PygptServer, arguments: Arguments) -> Path | None:
    workspace = server.session.workspace
    path = path_of_uri(arguments.uri) if arguments.uri is not None else None
    return (workspace.root_of(path) if path is not None else None) or workspace.root_of(None)


def _wanted(arguments: Arguments) -> str:
    if arguments.id is None:
        raise PygptError("Say which conversation with its id; pygpt.history.search lists them.")
    return arguments.id


def _start(
    server: PygptServer, what: str, root: Path | None, work: Callable[[HistoryWorker], Awaitable[None]]
) -> None:
    """Start `work` with the history of a workspace folder, or say that there is none and none is kept."""

    async def run(_job: Job) -> None:
        worker = server.session.storage.history_of(root)
        if not server.session.settings.history_enabled and not await worker.exists():
            raise PygptError("There is no history here, and none is kept: history.enabled is false.")
        await work(worker)

    server.start_job(f"PyGPT: history {what}", set(), run, what_it_writes="The page or the chat")
