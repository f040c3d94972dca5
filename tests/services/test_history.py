"""The history keeps what was asked and what arrived, exactly, at every moment of a turn."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.core.messages import Message, Usage
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_records import TurnEnd, TurnStart, UnknownConversationError
from tests.support.history_kit import ANY_TEXT, Clock, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return new_cache(tmp_path / "cache")


@pytest.fixture
def store(cache: CacheFolder, clock: Clock) -> Iterator[HistoryStore]:
    store = HistoryStore.open(cache, now=clock)
    yield store
    store.close()


@pytest.fixture(scope="module")
def lasting_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    store = HistoryStore.open(new_cache(tmp_path_factory.mktemp("history") / "cache"))
    yield store
    store.close()


def test_a_turn_is_stored_whole_before_anything_is_sent(store: HistoryStore, cache: CacheFolder) -> None:
    asked = question(
        "why ö?", action="explain", document="file:///a.py", model="gpt-5.5", host="api.openai.com"
    )
    started = store.start_turn(asked)
    other = HistoryStore.open(cache)
    stored = other.conversation(started.conversation_id)
    other.close()
    [turn] = stored.turns
    assert turn.messages == tuple(asked.messages)
    assert (turn.status, turn.answer, turn.created, turn.first_token, turn.finished) == (
        "pending",
        "",
        1000.0,
        None,
        None,
    )
    assert (turn.action, turn.document, turn.model, turn.host) == (
        "explain",
        "file:///a.py",
        "gpt-5.5",
        "api.openai.com",
    )
    assert stored.title == "why ö?"


def test_an_answer_can_be_read_while_it_streams(store: HistoryStore, clock: Clock) -> None:
    started = store.start_turn(question("why?"))
    clock.seconds = 1001.5
    store.checkpoint(started.turn_id, "Because \ud83d")
    clock.seconds = 1002.0
    store.checkpoint(started.turn_id, "\ude00 of")
    [turn] = store.conversation(started.conversation_id).turns
    assert (turn.status, turn.answer, turn.first_token) == ("streaming", "Because \ud83d\ude00 of", 1001.5)


def test_a_finished_turn_says_all_about_its_answer(store: HistoryStore, clock: Clock) -> None:
    started = store.start_turn(question("why?"))
    store.checkpoint(started.turn_id, "Beca")
    clock.seconds = 1003.0
    usage = Usage(input_tokens=7, output_tokens=5, reasoning_tokens=3, cached_tokens=0)
    store.finish_turn(started.turn_id, TurnEnd("done", "Because.", "stop", usage, "gpt-5.5-2026-01-01"))
    [turn] = store.conversation(started.conversation_id).turns
    assert (turn.status, turn.answer, turn.finish_reason, turn.usage) == ("done", "Because.", "stop", usage)
    assert (turn.reported_model, turn.finished, turn.error) == ("gpt-5.5-2026-01-01", 1003.0, None)


@pytest.mark.parametrize("arrived", ["", "half an ans"])
def test_a_failure_leaves_its_row_and_what_had_arrived(store: HistoryStore, arrived: str) -> None:
    started = store.start_turn(question("why?"))
    end = TurnEnd("failed", arrived, error_kind=ErrorKind.NO_KEY, error="Set OPENAI_API_KEY.")
    store.finish_turn(started.turn_id, end)
    [turn] = store.conversation(started.conversation_id).turns
    assert (turn.status, turn.answer, turn.error_kind) == ("failed", arrived, "no_key")
    assert turn.error == "Set OPENAI_API_KEY."
    assert turn.messages[-1] == Message("user", "why?")


def test_a_turn_ends_once(store: HistoryStore) -> None:
    started = exchange(store, question("why?"), "first")
    store.finish_turn(started.turn_id, TurnEnd("stopped", "second"))
    store.checkpoint(started.turn_id, "third")
    [turn] = store.conversation(started.conversation_id).turns
    assert (turn.status, turn.answer) == ("done", "first")


@pytest.mark.parametrize("tokens", [-1, 2**63, 10**40])
def test_a_count_that_no_column_holds_does_not_cost_the_answer(store: HistoryStore, tokens: int) -> None:
    started = store.start_turn(question("why?"))
    store.finish_turn(started.turn_id, TurnEnd("done", "answer", usage=Usage(output_tokens=tokens)))
    [turn] = store.conversation(started.conversation_id).turns
    assert (turn.answer, turn.usage.output_tokens) == ("answer", None)


@given(
    st.lists(ANY_TEXT, min_size=1, max_size=4),
    ANY_TEXT,
    ANY_TEXT,
)
def test_every_text_comes_out_as_it_went_in(
    lasting_store: HistoryStore, said: list[str], answer: str, other: str
) -> None:
    started = lasting_store.start_turn(question(*said, system=other, title="x", document=other, model=other))
    lasting_store.checkpoint(started.turn_id, answer)
    [streaming] = lasting_store.conversation(started.conversation_id).turns
    assert streaming.answer == answer
    lasting_store.finish_turn(started.turn_id, TurnEnd("done", answer, error=other, model=other))
    [turn] = lasting_store.conversation(started.conversation_id).turns
    assert [message.content for message in turn.messages] == [other, *said]
    assert turn.answer == answer


def test_threads_forks_and_retries_share_what_they_share(store: HistoryStore) -> None:
    first = exchange(store, question("one"), "answer")
    chat = first.conversation_id
    exchange(store, question("one", "answer", "two", conversation=chat), "a")
    exchange(store, question("one", "answer", "two", conversation=chat), "b")  # asked again
    exchange(store, question("one", "answer", "other", conversation=chat), "c")  # edited
    exchange(store, question("one"), "answer")  # another conversation
    rows = store._connection._db.execute("SELECT role, content FROM messages ORDER BY id").fetchall()
    assert [content for _, content in rows] == ["Be brief.", "one", "answer", "two", "a", "b", "other", "c"]
    turns = store.conversation(chat).turns
    assert [(turn.messages[-1].content, turn.answer) for turn in turns] == [
        ("one", "answer"), ("two", "a"), ("two", "b"), ("other", "c"),
    ]  # fmt: skip
    assert [message.content for message in store.conversation(chat).thread()][1:] == [
        "one",
        "answer",
        "other",
        "c",
    ]


def test_the_same_words_in_another_role_or_place_are_another_message(store: HistoryStore) -> None:
    messages = [Message("user", "x"), Message("assistant", "x"), Message("user", "x"), Message("system", "x")]
    started = store.start_turn(TurnStart(messages, "m", "h", "chat", "t"))
    assert store.conversation(started.conversation_id).turns[0].messages == tuple(messages)


def test_a_turn_without_a_message_is_a_defect(store: HistoryStore) -> None:
    with pytest.raises(ValueError, match="at least one message"):
        store.start_turn(TurnStart([], "m", "h", "chat", "t"))


def test_conversations_are_listed_by_their_last_change(store: HistoryStore, clock: Clock) -> None:
    ids: list[str] = []
    for number in range(3):
        clock.seconds = 1000.0 + number
        ids.append(exchange(store, question(f"q{number}"), "a").conversation_id)
    clock.seconds = 2000.0
    exchange(store, question("more", conversation=ids[0]), "b")
    listed = store.conversations()
    assert [found.title for found in listed] == ["q0", "q2", "q1"]
    assert [(found.turns, found.status) for found in listed] == [(2, "done"), (1, "done"), (1, "done")]
    assert (listed[0].created, listed[0].updated) == (1000.0, 2000.0)
    assert store.conversations(limit=1, offset=1) == listed[1:2]
    assert store.conversations(limit=0) == []


def test_a_conversation_is_found_by_the_beginning_of_its_id(store: HistoryStore) -> None:
    ids = [exchange(store, question(f"q{number}"), "a").conversation_id for number in range(40)]
    assert store.conversation(ids[0]).id == ids[0]
    assert {store.conversation(wanted[:6]).id for wanted in ids} == set(ids)
    twice = next(wanted[0] for wanted in ids if sum(other[0] == wanted[0] for other in ids) > 1)
    with pytest.raises(UnknownConversationError, match="More than one"):
        store.conversation(twice)


@pytest.mark.parametrize("wanted", ["", "0", "zzzzzzzzzz", "%", "*", "' OR 1=1", "ö", "\0", "\ud800"])
def test_an_unknown_id_is_one_clear_sentence(store: HistoryStore, wanted: str) -> None:
    exchange(store, question("q"), "a")
    with pytest.raises(UnknownConversationError, match="`pygpt-lsp history list` shows the ids"):
        store.conversation(wanted)


@pytest.mark.parametrize("gone", ["gone", "", "\ud800"])
def test_an_unknown_conversation_starts_a_new_one(store: HistoryStore, gone: str) -> None:
    started = store.start_turn(question("q", conversation=gone))
    assert started.conversation_id != gone
    assert len(store.conversation(started.conversation_id).turns) == 1


def test_a_chat_document_goes_on_with_its_conversation(
    store: HistoryStore, cache: CacheFolder, tmp_path: Path
) -> None:
    cached, elsewhere = cache.chats_dir / "a.chat.md", tmp_path / "nötes" / "b.chat.md"
    paths = (cached, elsewhere, tmp_path / "a.chat.md", cached, elsewhere)
    ids = [exchange(store, question("q")._replace(chat_path=path), "a").conversation_id for path in paths]
    assert ids[3:] == ids[:2]
    assert len(set(ids)) == 3
    assert store.conversation(ids[0]).chat_path == cached
    # The database may come with a repository: no path out of it is handed on.
    assert store.conversation(ids[1]).chat_path is None


def test_a_conversation_follows_its_chat_document(store: HistoryStore, cache: CacheFolder) -> None:
    old, new = cache.chats_dir / "old.chat.md", cache.chats_dir / "new.chat.md"
    started = exchange(store, question("one")._replace(chat_path=old), "a")
    exchange(store, question("two", conversation=started.conversation_id)._replace(chat_path=new), "b")
    exchange(store, question("three", conversation=started.conversation_id), "c")
    assert store.conversation(started.conversation_id).chat_path == new
    assert (
        store.start_turn(question("four")._replace(chat_path=old)).conversation_id != started.conversation_id
    )


def test_the_history_is_kept_when_the_cache_is_deleted_under_a_running_server(
    store: HistoryStore, cache: CacheFolder
) -> None:
    lost = store.start_turn(question("before"))
    for file in (*cache.locks_dir.iterdir(), *cache.path.glob("history*")):
        file.unlink()
    cache.locks_dir.rmdir()
    store.finish_turn(lost.turn_id, TurnEnd("done", "into the void"))
    started = exchange(store, question("after"), "kept")
    other = HistoryStore.open(cache)
    assert [found.id for found in other.conversations()] == [started.conversation_id]
    assert other.conversation(started.conversation_id).turns[0].status == "done"
    other.close()


def test_closing_twice_is_harmless(cache: CacheFolder) -> None:
    store = HistoryStore.open(cache)
    store.close()
    store.close()
    assert sorted(path.name for path in cache.path.iterdir()) == [
        ".gitignore",
        "chats",
        "history.sqlite3",
        "locks",
        "requests",
    ]


def test_the_history_never_imports_asyncio() -> None:
    code = "import sys, pygpt_lsp.services.history; sys.exit('asyncio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
