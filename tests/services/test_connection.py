"""The libraries that an answer needs are loaded once, however often the user seems about to ask."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from pygpt_lsp.core.settings import Settings
from pygpt_lsp.services import connection
from pygpt_lsp.services.connection import Connection
from pygpt_lsp.services.jobs import JobRegistry
from pygpt_lsp.services.ledger import Ledger

if TYPE_CHECKING:
    import pytest

MENUS = 100


async def test_menus_in_a_row_leave_threads_to_others_while_libraries_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = threading.Event()
    loads: list[None] = []

    def slow_load() -> None:
        loads.append(None)
        loaded.wait()

    monkeypatch.setattr(connection, "_import_model", slow_load)
    jobs = JobRegistry(lambda _job, _error: None)
    way = Connection(Settings(), {}, jobs, ledger=Ledger, offline=True)
    try:
        for _ in range(MENUS):
            way.warm_up()
        stopped = asyncio.create_task(way.model())
        asked = asyncio.create_task(way.model())
        async with asyncio.timeout(30):
            assert await asyncio.to_thread(lambda: "a free thread") == "a free thread"
        stopped.cancel()
    finally:
        loaded.set()
    async with asyncio.timeout(30):
        assert await asked is await way.model()
    assert len(loads) == 1
    await way.close()
