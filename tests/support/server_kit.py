"""Short words for what the whole-process tests say again and again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore

from .api_script import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from pygpt_lsp.core.ledger import LedgerRow
    from pygpt_lsp.services.history_records import StoredTurn

    from .editor_document import Document
    from .lsp_client import EditorClient


T = TypeVar("T")


def stored_turns(cache: Path) -> list[StoredTurn]:
    """Every turn in a cache folder's history, oldest conversation first; none where there is no history."""
    folder = CacheFolder(cache)
    if not folder.history_path.exists():
        return []
    store = HistoryStore.open(folder)
    try:
        found = [store.conversation(summary.id) for summary in store.conversations()]
    finally:
        store.close()
    return [turn for conversation in reversed(found) for turn in conversation.turns]


def ledger_rows(cache: Path) -> tuple[LedgerRow, ...]:
    """What the ledger in a cache folder holds, newest first."""
    store = HistoryStore.open(CacheFolder(cache))
    try:
        return store.ledger(1_000).rows
    finally:
        store.close()


async def ask(editor: EditorClient, question: str, about: Document | None = None) -> None:
    """`pygpt.ask`, about the whole of a document where one is given."""
    argument: dict[str, object] = {"question": question}
    if about is not None:
        argument |= {"uri": about.uri, "range": about.range(0, len(about.text))}
    await editor.execute("pygpt.ask", argument)


async def message(editor: EditorClient, part: str) -> str:
    """The first message to the user that holds `part`, once it has come."""

    def found() -> str | None:
        return next((shown.message for shown in editor.messages if part in shown.message), None)

    return await editor.wait_for(found, f"a message with {part!r}") or ""


async def eventually(request: Callable[[], Awaitable[T]], wanted: Callable[[T], bool], what: str) -> T:
    """The first result of a request that is as wanted; it is sent again and again, for `DEADLINE` at most."""
    try:
        async with asyncio.timeout(DEADLINE):
            while not wanted(result := await request()):
                pass
    except TimeoutError:
        raise TimeoutError(f"waited {DEADLINE} s for {what}") from None
    return result


async def heard(editor: EditorClient) -> None:
    """Wait until the server has taken in what it was told of documents. What the API says may reach it sooner
    than what the editor said before."""
    await editor.request("textDocument/foldingRange", {"textDocument": {"uri": "untitled:nothing"}})


async def answered(editor: EditorClient, count: int = 1) -> None:
    """Wait until that many jobs with a progress have ended."""
    await editor.wait_for(
        lambda: sum(progress.ended is not None for progress in editor.progress.values()) >= count,
        f"{count} jobs to end",
    )
