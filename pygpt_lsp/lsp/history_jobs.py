"""`pygpt.history.search/open/delete`: the history of the first workspace folder, from the editor."""

from __future__ import annotations

import asyncio
import datetime
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.lsp.chat_place import ChatPlace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import Erased, StoredConversation
    from pygpt_lsp.services.jobs import Job

_MOST_HITS = 30
_DELETE = "Delete for good"


def search(server: PygptServer, arguments: Arguments) -> None:
    """Show what matches as a Markdown document; without a query the newest conversations."""
    worker = server.session.history_of(server.session.root_of(None))
    query = arguments.query or ""

    async def work() -> None:
        from pygpt_lsp.services.history_export import search_page

        text = await worker.call(lambda store: search_page(store, query, _MOST_HITS))
        folder = await worker.folder()
        path = folder.search_path
        await asyncio.to_thread(folder.private_write, path, text)
        if not await server.editor.show(path):
            server.editor.tell("info", f"PyGPT: The conversations found are listed in {path}")

    _start(server, "search", work)


def open_conversation(server: PygptServer, arguments: Arguments) -> None:
    """Open a conversation's chat document, written anew where it is gone."""
    conversation_id = _wanted(arguments)
    worker = server.session.history_of(server.session.root_of(None))

    async def work() -> None:
        path = await worker.call(lambda store: _chat_of(store, conversation_id))
        await ChatPlace.of_path(server, path).show()

    _start(server, "open", work)


def _chat_of(store: HistoryStore, conversation_id: str) -> Path:
    """The conversation's chat document; called in the history's thread."""
    from pygpt_lsp.services.history_export import as_chat

    stored = store.conversation(conversation_id)
    if stored.chat_path is not None and stored.chat_path.is_file():
        return stored.chat_path
    today = datetime.datetime.now().astimezone().date()
    path = store.cache.new_chat_path(today, stored.title)
    # Before it holds anything, so that it is deleted with the conversation in any case.
    store.adopt_chat(stored.id, path)
    store.cache.private_write(path, as_chat(stored))
    return path


def delete(server: PygptServer, arguments: Arguments) -> None:
    """Delete a conversation for good, after asking."""
    conversation_id = _wanted(arguments)
    worker = server.session.history_of(server.session.root_of(None))

    async def work() -> None:
        stored: StoredConversation = await worker.call(lambda store: store.conversation(conversation_id))
        choice = await server.editor.ask(
            f"PyGPT: Delete “{stored.title}” with its {len(stored.turns)} answers for good?",
            [_DELETE, "Keep"],
        )
        if choice != _DELETE:
            return
        erased: Erased = await worker.call(lambda store: store.delete(stored.id))
        end = "." if erased.complete else "; its last bytes go when the other program that reads it lets go."
        server.editor.tell("info", f"PyGPT: Deleted “{stored.title}”{end}")

    _start(server, "delete", work)


def _wanted(arguments: Arguments) -> str:
    if arguments.id is None:
        raise PygptError("Say which conversation with its id; pygpt.history.search lists them.")
    return arguments.id


def _start(server: PygptServer, what: str, work: Callable[[], Awaitable[None]]) -> None:
    async def run(_job: Job) -> None:
        try:
            await work()
        except PygptError as error:
            server.editor.tell("error", f"PyGPT: {error.sentence}")
        except OSError as error:
            server.editor.tell("error", f"PyGPT: The chat cannot be written: {error.strerror}.")

    server.session.jobs.start(f"PyGPT: history {what}", set(), run)
