"""Several servers share a history; one may die at any moment."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.messages import Message
from pygpt_lsp.services.history import HistoryStore
from tests.support.history_kit import OtherProcess, another_process, exchange, new_cache, question

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return new_cache(tmp_path / "cache")


def test_servers_that_write_at_once_lose_no_row_and_see_no_lock(cache: CacheFolder) -> None:
    names = ["left", "right", "middle"]
    with ExitStack() as stack:
        servers = [stack.enter_context(another_process("write", cache, name)) for name in names]
        assert [server.end() for server in servers] == [0, 0, 0]
    store = HistoryStore.open(cache)
    stored = [store.conversation(found.id) for found in store.conversations(limit=1000)]
    said = {(turn.messages[-1].content, turn.answer, turn.status) for found in stored for turn in found.turns}
    expected = {(f"{name} question {n}", f"{name} answer {n}", "done") for name in names for n in range(100)}
    assert len(stored) == 300
    assert said == expected
    assert {len(store.search(f'"{name} answer"', 1000)) for name in names} == {100}
    store.close()


def test_killed_at_any_moment_it_has_kept_all_that_it_said_was_stored(cache: CacheFolder) -> None:
    moments = random.Random(7)
    for round_number in range(20):
        server = OtherProcess("stream", cache, f"round {round_number}")
        said = [server.line() for _ in range(moments.randrange(1, 60))]
        said += server.kill().splitlines()
        server.end()
        store = HistoryStore.open(cache)
        assert store.notice == ""
        last: dict[str, tuple[str, str]] = {}
        for line in said:
            conversation_id, asked, answer = line.split("\t")
            last[conversation_id] = (asked, answer)
        for conversation_id, (asked, answer) in last.items():
            [turn] = store.conversation(conversation_id).turns
            assert turn.messages == (Message("system", "Be brief."), Message("user", asked))
            assert turn.answer.startswith(answer)
            assert turn.status in {"done", "interrupted"}
        assert store._connection._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store._connection._db.execute(
            "INSERT INTO messages_fts(messages_fts, rank) VALUES('integrity-check', 1)"
        )
        store.close()


def test_what_a_dead_server_was_writing_is_readable_and_marked(cache: CacheFolder) -> None:
    server = OtherProcess("serve", cache, "dead")
    conversation_id = server.line()
    survivor = HistoryStore.open(cache)
    server.kill()
    server.end()
    [streaming] = survivor.conversation(conversation_id).turns
    assert (streaming.status, streaming.answer) == ("streaming", "half an ")
    opened_later = HistoryStore.open(cache)
    [turn] = opened_later.conversation(conversation_id).turns
    assert (turn.status, turn.answer, turn.finished) == ("interrupted", "half an ", None)
    assert [hit.snippet for hit in opened_later.search("half")] == ["half an"]
    survivor.close()
    opened_later.close()
    assert [path.name for path in cache.locks_dir.iterdir()] == ["open.lock"]


def test_what_a_living_server_is_writing_is_left_alone(cache: CacheFolder) -> None:
    with another_process("serve", cache, "living") as server:
        conversation_id = server.line()
        for _ in range(2):
            store = HistoryStore.open(cache)
            assert store.conversation(conversation_id).turns[0].status == "streaming"
            store.close()
        assert server.end() == 0
    store = HistoryStore.open(cache)
    [turn] = store.conversation(conversation_id).turns
    assert (turn.status, turn.answer) == ("done", "half an answer")
    store.close()


def test_two_histories_in_one_process_know_each_other_alive(cache: CacheFolder) -> None:
    first = HistoryStore.open(cache)
    started = first.start_turn(question("q"))
    second = HistoryStore.open(cache)
    assert second.conversation(started.conversation_id).turns[0].status == "pending"
    first.close()
    second.close()
    third = HistoryStore.open(cache)
    assert third.conversation(started.conversation_id).turns[0].status == "interrupted"
    third.close()


def test_no_server_touches_the_turns_of_another(cache: CacheFolder) -> None:
    first, second = HistoryStore.open(cache), HistoryStore.open(cache)
    started = first.start_turn(question("q"))
    second.checkpoint(started.turn_id, "not mine")
    assert first.conversation(started.conversation_id).turns[0].answer == ""
    first.close()
    second.close()


def test_servers_that_find_the_same_damage_set_it_aside_once(cache: CacheFolder) -> None:
    cache.history_path.write_bytes(b"broken" * 1000)
    with ExitStack() as stack:
        servers = [stack.enter_context(another_process("write", cache, name)) for name in ("left", "right")]
        assert [server.end() for server in servers] == [0, 0]
    assert len(list(cache.path.glob("history.sqlite3.set-aside-*"))) == 1
    store = HistoryStore.open(cache)
    assert len(store.conversations(limit=1000)) == 200
    store.close()


def test_a_conversation_goes_on_in_another_server(cache: CacheFolder) -> None:
    first, second = HistoryStore.open(cache), HistoryStore.open(cache)
    started = exchange(first, question("one"), "a")
    exchange(second, question("one", "a", "two", conversation=started.conversation_id), "b")
    assert [turn.answer for turn in first.conversation(started.conversation_id).turns] == ["a", "b"]
    first.close()
    second.close()
