"""The history's thread: what it does where the history cannot be used for a while."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services import history
from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_records import TurnEnd
from pygpt_lsp.services.history_worker import HistoryWorker
from tests.support.history_kit import Clock, another_process, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_DAY = 86_400.0


@pytest.fixture
def told() -> list[str]:
    """What the user was told."""
    return []


@pytest.fixture
async def worker(tmp_path: Path, told: list[str]) -> AsyncIterator[HistoryWorker]:
    worker = HistoryWorker(tmp_path, told.append)
    yield worker
    await worker.close()


def cache_in(root: Path) -> CacheFolder:
    return CacheFolder(root / ".pygpt/cache")


def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that stores are told to wait for a lock, from now on; nobody waits that long."""
    seconds: list[float] = []

    def wait_at_most(store: HistoryStore, patience: float) -> None:
        seconds.append(patience)

    monkeypatch.setattr(history, "PATIENCE", 0.05)
    monkeypatch.setattr(HistoryStore, "wait_at_most", wait_at_most)
    return seconds


async def test_after_a_lock_was_met_the_next_steps_hardly_wait(
    worker: HistoryWorker, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told_to_wait = waits(monkeypatch)
    assert await worker.start(question("Before?")) is not None
    with another_process("lock", cache_in(tmp_path)) as other:
        await asyncio.to_thread(other.line)
        assert await worker.start(question("One?")) is None
        assert await worker.start(question("Two?")) is None
        await worker.folder()  # succeeds, and says nothing about the database
    assert told_to_wait == [0.2]
    assert len(told) == 1
    assert await worker.start(question("After?")) is not None
    assert told_to_wait == [0.2, 0.05]


async def test_a_checkpoint_says_whether_it_was_stored(
    worker: HistoryWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits(monkeypatch)
    turn = await worker.start(question("ö?"))
    assert turn is not None
    assert await worker.checkpoint(turn, "one ")
    with another_process("lock", cache_in(tmp_path)) as other:
        await asyncio.to_thread(other.line)
        assert not await worker.checkpoint(turn, "two 😀")
    assert await worker.checkpoint(turn, "two 😀")
    stored = await worker.call(lambda store: store.conversation(turn.conversation_id))
    assert stored.turns[0].answer == "one two 😀"


async def test_closing_does_not_wait_for_a_lock(worker: HistoryWorker, tmp_path: Path) -> None:
    turn = await worker.start(question("ö?"))
    assert turn is not None
    with another_process("lock", cache_in(tmp_path)) as other:
        await asyncio.to_thread(other.line)
        finishing = asyncio.create_task(worker.finish(turn, TurnEnd("done", "An answer.")))
        await asyncio.sleep(0)  # the thread has it
        await worker.close()
        assert not finishing.done()
    await finishing
    store = HistoryStore.open(cache_in(tmp_path))
    assert store.conversation(turn.conversation_id).turns[0].answer == "An answer."
    store.close()


async def test_pruning_deletes_what_is_too_old_and_nothing_else(
    worker: HistoryWorker, tmp_path: Path, told: list[str]
) -> None:
    clock = Clock()
    store = HistoryStore.open(new_cache(tmp_path / ".pygpt/cache"), now=clock)
    exchange(store, question("long ago"), "ö")
    store.close()
    assert await worker.start(question("now")) is not None
    days = int((await worker.call(lambda store: store._now()) - clock.seconds) / _DAY)
    await worker.prune(days + 1)
    assert await _titles(worker) == ["now", "long ago"]
    await worker.prune(days - 1)
    assert await _titles(worker) == ["now"]
    assert told == []


async def test_pruning_makes_no_history_where_there_is_none(
    worker: HistoryWorker, tmp_path: Path, told: list[str]
) -> None:
    await worker.prune(1)
    assert not (tmp_path / ".pygpt").exists()
    assert told == []


async def _titles(worker: HistoryWorker) -> list[str]:
    return [found.title for found in await worker.call(lambda store: store.conversations())]


async def test_a_cache_removed_under_a_running_server_is_made_again(tmp_path: Path) -> None:
    worker = HistoryWorker(tmp_path, lambda _sentence: None)
    first = await worker.folder()
    shutil.rmtree(first.path)
    assert (await worker.folder()).chats_dir.is_dir()
    await worker.close()


async def test_where_chats_go_without_a_workspace_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def users_cache(*_: object, **__: object) -> Path:
        return tmp_path

    monkeypatch.setattr("platformdirs.user_cache_path", users_cache)
    told: list[str] = []
    worker = HistoryWorker(None, told.append)
    folder = await worker.folder()
    await worker.folder()
    await worker.close()
    assert len(told) == 1
    assert str(folder.path) in told[0]
