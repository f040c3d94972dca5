"""The history from the event loop's side: every call runs in one thread, and no failure stops an answer.

SQLite blocks, so the store lives in a thread of its own, opened at the first use. A history that cannot be
used (read-only, full, locked) is told once for each reason, and the assistant works on without it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from pygpt_lsp.core.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import StartedTurn, TurnEnd, TurnStart
    from pygpt_lsp.services.workspace_cache import CacheFolder

T = TypeVar("T")


class HistoryWorker:
    """The cache folder and the history of one workspace."""

    def __init__(self, root: Path | None, tell: Callable[[str], None], *, retention_days: int) -> None:
        """`tell` is called on the event loop with a sentence for the user, each sentence once.

        `retention_days`: conversations older than that are deleted when the store opens; 0 keeps them.
        """
        self._loop = asyncio.get_running_loop()
        self._root = root
        self._tell = tell
        self._told: set[str] = set()
        self._retention_days = retention_days
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._folder: CacheFolder | None = None
        self._store: HistoryStore | None = None

    async def folder(self) -> CacheFolder:
        """The workspace's cache folder, created. Raises HistoryError where none can be written."""
        return await self._run(self._open_folder)

    async def start(self, start: TurnStart) -> StartedTurn | None:
        """Store a question before it is sent; None where it could not be stored (the user was told)."""
        return await self._try(lambda: self._open_store().start_turn(start))

    async def checkpoint(self, turn: StartedTurn, text: str) -> None:
        """Store what has arrived since the last checkpoint."""
        await self._try(lambda: self._open_store().checkpoint(turn.turn_id, text))

    async def finish(self, turn: StartedTurn, end: TurnEnd) -> None:
        """Store the whole answer and how it ended."""
        await self._try(lambda: self._open_store().finish_turn(turn.turn_id, end))

    async def call(self, work: Callable[[HistoryStore], T]) -> T:
        """Run `work` with the store in the history's thread. Raises HistoryError."""
        return await self._run(lambda: work(self._open_store()))

    async def close(self) -> None:
        """Finish what is under way and close the database."""
        if self._store is not None:
            await self._try(self._store.close)
            self._store = None
        self._executor.shutdown(wait=False)

    async def _try(self, work: Callable[[], T]) -> T | None:
        try:
            return await self._run(work)
        except HistoryError as error:
            self._say(error.sentence)
            return None

    async def _run(self, work: Callable[[], T]) -> T:
        return await self._loop.run_in_executor(self._executor, work)

    def _say(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)

    def _say_from_thread(self, sentence: str) -> None:
        self._loop.call_soon_threadsafe(self._say, sentence)

    def _open_folder(self) -> CacheFolder:
        if self._folder is None:
            from pygpt_lsp.services.workspace_cache import open_cache

            location = open_cache(self._root)
            self._folder = location.folder
            if location.reason and self._root is not None:
                self._say_from_thread(location.reason)
        return self._folder

    def _open_store(self) -> HistoryStore:
        if self._store is None:
            from pygpt_lsp.services.history import HistoryStore

            store = HistoryStore.open(self._open_folder())
            self._store = store
            if store.notice:
                self._say_from_thread(store.notice)
            if self._retention_days:
                store.prune(self._retention_days * 86_400)
        return self._store
