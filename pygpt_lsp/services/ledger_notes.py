"""Rows of the ledger that wait in small files, one each, until somebody opens the database.

A version check is made by every server that starts, and SQLite would cost it more time and memory than the
check itself. So its row is written down here, before the check leaves and again when it ended, and goes into
the database with the next look at the ledger. It holds the version check's numbers and no word of the user's.
Everything here but `LedgerNotes.record` touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Final, cast

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.ledger import LedgerRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder
    from pygpt_lsp.services.history import HistoryStore

_ABANDONED: Final = 60.0  # seconds: who wrote an older one without an end is dead
_NAME: Final = "ledger-"
_FIELDS: Final = (
    "key", "sent", "purpose", "host", "proxy", "finished", "bytes_out", "bytes_in", "status", "outcome",
)  # fmt: skip


class LedgerNotes:
    """Writes rows that concern no workspace."""

    def __init__(self) -> None:
        self._writing = asyncio.Lock()

    async def record(self, rows: Sequence[LedgerRow]) -> bool:
        """Write rows down, or what is new about them; False where they cannot be.

        One after the other: the end of a request that ends at once must not be overtaken by its beginning.
        """
        async with self._writing:
            return await asyncio.to_thread(_write, rows)


def notes_of(folder: CacheFolder) -> list[Path]:
    """The notes that wait in a folder. Raises OSError."""
    return sorted(folder.path.glob(f"{_NAME}*.json"))


def take_in(store: HistoryStore, now: Callable[[], float] = time.time) -> None:
    """Store what waits beside the database, and delete the notes but for those whose end may still come.

    `now` gives seconds since 1970. Raises HistoryError.
    """
    waiting = {path: row for path in notes_of(store.cache) if (row := _read(path)) is not None}
    store.record(list(waiting.values()))
    for path, row in waiting.items():
        if row.outcome is not None or now() - row.sent > _ABANDONED:
            with contextlib.suppress(OSError):
                path.unlink()


def _read(path: Path) -> LedgerRow | None:
    try:
        said = cast("dict[str, Any]", json.loads(path.read_bytes()))
        return LedgerRow(**{name: said[name] for name in _FIELDS})
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _write(rows: Sequence[LedgerRow]) -> bool:
    from pygpt_lsp.services.workspace_cache import open_cache

    try:
        folder = open_cache(None).folder
        for row in rows:
            text = json.dumps({name: getattr(row, name) for name in _FIELDS})
            folder.private_write(folder.path / f"{_NAME}{row.key}.json", text)
    except (HistoryError, OSError):
        return False
    return True
