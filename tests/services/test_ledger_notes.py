"""Rows that wait in files come into the ledger, once, whenever somebody looks."""

from __future__ import annotations

import asyncio
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.ledger import VERSION_CHECK, LedgerRow
from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.ledger_notes import LedgerNotes, notes_of, take_in
from pygpt_lsp.services.workspace_cache import possible_caches
from tests.support.platforms import needs_modes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGUN = LedgerRow("k1", 100.0, VERSION_CHECK, "pygpt.net")
ENDED = BEGUN._replace(finished=101.0, bytes_out=90, bytes_in=200, status=200, outcome="answered")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CacheFolder:
    def user_cache(*_arguments: object, **_options: object) -> Path:
        return tmp_path / "user"

    monkeypatch.setattr("platformdirs.user_cache_path", user_cache)
    return possible_caches(None)[0]


@pytest.fixture
def store(folder: CacheFolder) -> Iterator[HistoryStore]:
    folder.prepare()
    opened = HistoryStore.open(folder)
    yield opened
    opened.close()


async def test_a_row_comes_in_once_and_its_note_goes(folder: CacheFolder, store: HistoryStore) -> None:
    notes = LedgerNotes()
    assert await notes.record([BEGUN])
    assert await notes.record([ENDED])
    for _ in range(2):
        take_in(store)
        assert store.ledger(10).rows == (ENDED,)
        assert notes_of(folder) == []


async def test_the_end_of_a_row_that_was_under_way_comes_in_too(
    folder: CacheFolder, store: HistoryStore
) -> None:
    notes = LedgerNotes()
    await notes.record([BEGUN])
    take_in(store, lambda: 101.0)
    assert store.ledger(10).rows == (BEGUN,)
    assert len(notes_of(folder)) == 1
    await notes.record([ENDED])
    take_in(store, lambda: 102.0)
    assert store.ledger(10).rows == (ENDED,)


async def test_the_end_of_a_request_is_not_overtaken_by_its_beginning(
    folder: CacheFolder, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, overtaken = CacheFolder.private_write, threading.Event()

    def slow_at_first(self: CacheFolder, path: Path, text: str) -> None:
        if '"outcome": null' in text:
            overtaken.wait(0.2)
        write(self, path, text)
        overtaken.set()

    monkeypatch.setattr(CacheFolder, "private_write", slow_at_first)
    notes = LedgerNotes()
    await asyncio.gather(notes.record([BEGUN]), notes.record([ENDED]))
    take_in(store)
    assert store.ledger(10).rows == (ENDED,)


async def test_the_note_of_a_killed_server_is_taken_in_and_goes(
    folder: CacheFolder, store: HistoryStore
) -> None:
    await LedgerNotes().record([BEGUN])
    take_in(store, lambda: 1000.0)
    assert notes_of(folder) == []
    store.close()
    again = HistoryStore.open(folder)
    assert [row.outcome for row in again.ledger(10).rows] == ["unknown"]
    again.close()


async def test_a_note_that_cannot_be_read_is_in_nobodys_way(folder: CacheFolder, store: HistoryStore) -> None:
    (folder.path / "ledger-x.json").write_bytes(b"{")
    await LedgerNotes().record([ENDED])
    take_in(store)
    assert store.ledger(10).rows == (ENDED,)


async def test_where_nothing_can_be_written_there_is_no_note(tmp_path: Path, folder: CacheFolder) -> None:
    (tmp_path / "user").write_bytes(b"a file in the way")
    assert not await LedgerNotes().record([ENDED])


@needs_modes
async def test_a_note_is_private(folder: CacheFolder) -> None:
    await LedgerNotes().record([ENDED])
    [note] = notes_of(folder)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
