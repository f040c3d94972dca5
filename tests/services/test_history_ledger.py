"""The ledger's rows in the database outlive what was said, and keep nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.ledger import Contribution, HostSum, LedgerRow
from pygpt_lsp.services.history import HistoryStore
from tests.support.history_kit import Clock, bytes_in, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder

PATH = "src/canary-ö-😀.py"
HASH = "c0ffee" * 10


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return new_cache(tmp_path / "cache")


@pytest.fixture
def clock() -> Clock:
    return Clock(1_760_000_000.0)


@pytest.fixture
def store(cache: CacheFolder, clock: Clock) -> Iterator[HistoryStore]:
    opened = HistoryStore.open(cache, now=clock)
    yield opened
    opened.close()


def row(turn: int | None, key: str = "k", *, ended: bool = True) -> LedgerRow:
    begun = LedgerRow(
        key,
        1.0,
        "ask",
        "api.example.com",
        sources=(Contribution(PATH, 1, 2),),
        masked=(("aws", 2),),
        turn=turn,
        body_hash=HASH,
        body_bytes=7,
        body_shape='{"canary":1}',
    )
    if not ended:
        return begun
    return begun._replace(finished=2.0, bytes_out=10, bytes_in=20, status=200, outcome="answered")


def test_a_row_comes_out_as_it_went_in_with_its_conversation(store: HistoryStore) -> None:
    started = exchange(store, question("Why?"), "Because.")
    store.record([row(started.turn_id, ended=False)])
    store.record([row(started.turn_id)])
    view = store.ledger(10)
    assert view.rows == (row(started.turn_id)._replace(conversation=started.conversation_id),)
    assert view.sums == (HostSum("api.example.com", False, 1, 10, 20, 0),)


def delete_one(store: HistoryStore, _clock: Clock, conversation: str) -> None:
    store.delete(conversation)


def delete_all(store: HistoryStore, _clock: Clock, _conversation: str) -> None:
    store.delete_all()


def retention(store: HistoryStore, clock: Clock, _conversation: str) -> None:
    clock.seconds += 100
    assert store.prune(50) == 1


@pytest.mark.parametrize("gone", [delete_one, delete_all, retention])
def test_with_its_conversation_goes_all_that_came_from_it_and_the_numbers_stay(
    store: HistoryStore, cache: CacheFolder, clock: Clock, gone: Callable[[HistoryStore, Clock, str], None]
) -> None:
    started = exchange(store, question("Why?"), "Because.")
    store.record([row(started.turn_id)])
    gone(store, clock, started.conversation_id)
    nothing = row(None)._replace(sources=(), body_hash="", body_shape="")
    assert store.ledger(10).rows == (nothing,)
    store.close()
    files = bytes_in(cache.path)
    assert b"canary" not in files
    assert HASH.encode() not in files


def test_what_ends_after_its_conversation_was_deleted_brings_nothing_back(store: HistoryStore) -> None:
    started = exchange(store, question("Why?"), "Because.")
    other = exchange(store, question("And?"), "So.")
    store.record([row(started.turn_id, "a", ended=False)])
    store.delete(started.conversation_id)
    store.record([row(started.turn_id, "a"), row(started.turn_id, "b"), row(other.turn_id, "c")])
    kept, new, old = store.ledger(10).rows
    assert (kept.key, kept.sources) == ("c", (Contribution(PATH, 1, 2),))
    for each in (new, old):
        assert (each.turn, each.sources, each.body_hash, each.body_shape) == (None, (), "", "")
        assert (each.bytes_out, each.outcome) == (10, "answered")


def test_a_row_without_a_question_names_no_document(store: HistoryStore) -> None:
    store.record([row(None)])
    assert store.ledger(10).rows[0].sources == ()


def test_the_sums_are_over_all_rows_and_not_over_those_that_are_shown(store: HistoryStore) -> None:
    store.record([row(None, str(number)) for number in range(30)])
    view = store.ledger(5)
    assert len(view.rows) == 5
    assert view.sums[0].requests == 30


def test_a_prepared_ledger_is_read_as_far_as_it_makes_sense(store: HistoryStore, cache: CacheFolder) -> None:
    store.record([row(None)])
    store._connection._db.execute(
        "UPDATE ledger SET sources = '[[1],{},[\"p\",1,2],\"x\"]', masked = 'no', outcome = 'great',"
        " bytes_in = 'many', sent = 'now', status = x'00'"
    )
    [found] = store.ledger(10).rows
    assert found.sources == (Contribution("p", 1, 2),)
    assert (found.masked, found.outcome, found.bytes_in, found.sent, found.status) == ((), None, 0, 0, 0)


def test_a_place_is_remembered_once_until_everything_is_deleted(store: HistoryStore, tmp_path: Path) -> None:
    store.note_place(tmp_path)
    store.note_place(tmp_path)
    assert store.places() == [str(tmp_path)]
    store.delete_all()
    assert store.places() == []
