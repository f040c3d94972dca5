"""The history from the event loop's side: every call runs in one thread, and no failure stops an answer.

SQLite blocks, so the store lives in a thread of its own, opened at the first use. A history that cannot be
used (read-only, full, locked) is told once for each reason, and the assistant works on without it: after a
failure the next step hardly waits for a lock, so that a database locked for long slows one question down and
not every one.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from pygpt_lsp.core.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.ledger import LedgerRow
    from pygpt_lsp.services.cache_folder import CacheFolder
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import StartedTurn, TurnEnd, TurnStart

T = TypeVar("T")

_PATIENCE_AFTER_FAILURE = 0.2  # seconds
_CLOSE_SECONDS = 0.3
_DAY = 86_400.0  # seconds


class HistoryWorker:
    """The cache folder and the history of one workspace."""

    def __init__(self, root: Path | None, tell: Callable[[str], None]) -> None:
        """`tell` is called on the event loop with a sentence for the user, each sentence once."""
        self._loop = asyncio.get_running_loop()
        self._root = root
        self._tell = tell
        self._told: set[str] = set()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._folder: CacheFolder | None = None
        self._store: HistoryStore | None = None
        self._failed = False

    async def folder(self) -> CacheFolder:
        """The workspace's cache folder, created. Raises HistoryError where none can be written."""
        return await self._run(self._open_folder)

    async def start(self, start: TurnStart) -> StartedTurn | None:
        """Store a question before it is sent; None where it could not be stored (the user was told)."""
        return await self._try(lambda store: store.start_turn(start))

    async def checkpoint(self, turn: StartedTurn, text: str) -> bool:
        """Store what has arrived since the last checkpoint; False where it could not be stored."""

        def work(store: HistoryStore) -> bool:
            store.checkpoint(turn.turn_id, text)
            return True

        return bool(await self._try(work))

    async def finish(self, turn: StartedTurn, end: TurnEnd) -> None:
        """Store the whole answer and how it ended."""
        await self._try(lambda store: store.finish_turn(turn.turn_id, end))

    async def record(self, rows: Sequence[LedgerRow]) -> bool:
        """Store rows of the ledger; False where they could not be stored."""

        def work(store: HistoryStore) -> bool:
            store.record(rows)
            return True

        return bool(await self._try(work))

    async def note_place(self, root: Path) -> None:
        """Remember that a workspace folder has a ledger of its own."""

        def work(store: HistoryStore) -> None:
            from pygpt_lsp.services.ledger_notes import take_in

            take_in(store)
            store.note_place(root)

        await self._try(work)

    async def prune(self, days: int) -> None:
        """Delete the conversations unchanged for that many days; makes no history where there is none."""
        if await self.exists():
            await self._try(lambda store: store.prune(days * _DAY))

    async def call(self, work: Callable[[HistoryStore], T]) -> T:
        """Run `work` with the store in the history's thread. Raises HistoryError."""
        return await self._run(lambda: self._use(work))

    async def exists(self) -> bool:
        """Whether there is a history; makes none."""
        return await self._run(self._exists)

    async def look(self, work: Callable[[HistoryStore], T]) -> T | None:
        """What `work` finds in the history; None where there is none yet, or where it cannot be used now."""
        if not await self.exists():
            return None
        try:
            return await self.call(work)
        except HistoryError:
            return None

    async def close(self) -> None:
        """Finish what is under way and close the database; where a lock or a slow disk holds that up it is
        left open, which loses nothing that was committed."""
        if self._store is not None:
            closing = self._loop.run_in_executor(self._executor, self._store.close)
            await asyncio.wait([closing], timeout=_CLOSE_SECONDS)
            self._store = None
        self._executor.shutdown(wait=False)

    async def _try(self, work: Callable[[HistoryStore], T]) -> T | None:
        try:
            return await self.call(work)
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

    # In the thread

    def _open_folder(self) -> CacheFolder:
        if (
            self._folder is None or not self._folder.chats_dir.is_dir()
        ):  # removed meanwhile, by `git clean` say
            from pygpt_lsp.services.workspace_cache import open_cache

            location = open_cache(self._root)
            self._folder = location.folder
            if location.reason:
                self._say_from_thread(location.reason)
        return self._folder

    def _exists(self) -> bool:
        from pygpt_lsp.services.workspace_cache import find_cache

        return self._store is not None or find_cache(self._root) is not None

    def _use(self, work: Callable[[HistoryStore], T]) -> T:
        try:
            result = work(self._open_store())
        except HistoryError:
            self._note(failed=True)
            raise
        self._note(failed=False)
        return result

    def _open_store(self) -> HistoryStore:
        if self._store is None:
            from pygpt_lsp.services.history import HistoryStore

            self._store = HistoryStore.open(self._open_folder(), patience=self._patience())
            if self._store.notice:
                self._say_from_thread(self._store.notice)
        return self._store

    def _note(self, *, failed: bool) -> None:
        if failed != self._failed:
            self._failed = failed
            if self._store is not None:
                self._store.wait_at_most(self._patience())

    def _patience(self) -> float:
        from pygpt_lsp.services.history import PATIENCE

        return _PATIENCE_AFTER_FAILURE if self._failed else PATIENCE
