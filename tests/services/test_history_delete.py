"""What is deleted is gone: from every view, and from every byte of every file."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.services import history_erase
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_export import found_page
from pygpt_lsp.services.history_records import Erased, TurnEnd, UnknownConversationError
from pygpt_lsp.services.shown_requests import ShownRequests
from tests.support.history_kit import Clock, another_process, bytes_in, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder

MARK = "zvjq"
"""Part of every word that is to leave no trace."""


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return new_cache(tmp_path / "cache")


@pytest.fixture
def store(cache: CacheFolder) -> Iterator[HistoryStore]:
    store = HistoryStore.open(cache)
    yield store
    store.close()


def secret_conversation(store: HistoryStore) -> str:
    asked = question("question-zvjq ömzvjqläut", title="title-zvjq", document="file:///zvjq")
    started = store.start_turn(asked)
    store.checkpoint(started.turn_id, "partial-zvjq answer-zvjq")
    store.finish_turn(started.turn_id, TurnEnd("failed", "answerzvjq ömzvjqläut", error="error-zvjq"))
    unfinished = store.start_turn(question("two zvjq", conversation=started.conversation_id))
    store.checkpoint(unfinished.turn_id, "partial-zvjq")
    return started.conversation_id


def has_traces(cache: CacheFolder) -> bool:
    """Whether a file still holds a marked text, or the search index a marked word."""
    database = sqlite3.connect(cache.history_path)
    database.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'messages_fts', 'row')")
    words = {
        word for (word,) in database.execute("SELECT term FROM temp.words WHERE instr(term, ?)", (MARK,))
    }
    database.close()
    return bool(words) or MARK.encode() in bytes_in(cache.path)


def test_no_byte_of_a_deleted_conversation_is_left(store: HistoryStore, cache: CacheFolder) -> None:
    kept = exchange(store, question("keep me"), "kept answer")
    secret = secret_conversation(store)
    page = cache.search_path
    cache.private_write(page, found_page(store.find("question", 10), "question", 10, page))
    ShownRequests().write(cache, "preview", "a request with zvjq")
    (cache.requests_dir / "prepared").mkdir()
    for folder in (cache.path, cache.chats_dir):  # a server was killed while it wrote
        (folder / ".x.pygpt-tmp").write_text("zvjq")
    assert has_traces(cache)
    assert store.delete(secret) == Erased(conversations=1, complete=True)
    assert not has_traces(cache)
    with pytest.raises(UnknownConversationError):
        store.conversation(secret)
    assert store.search("question-zvjq") == []
    assert [found.id for found in store.conversations()] == [kept.conversation_id]
    assert len(store.search("keep")) == 1


def test_no_byte_is_left_where_sqlite_moved_it_around(store: HistoryStore, cache: CacheFolder) -> None:
    # `secure_delete` alone fails this: pages that were split keep copies of rows that moved to others.
    source = random.Random(2)
    ids: dict[str, str] = {}
    for number in range(500):
        secret = f"zsecret{number:04d}q"
        filler = " ".join(source.choices(["alpha", "beta", "gamma"], k=source.choice([3, 30, 300, 2000])))
        ids[secret] = exchange(
            store, question(f"{secret} {filler} {secret}"), f"{filler} {secret}"
        ).conversation_id
    gone = source.sample(sorted(ids), 250)
    assert store.delete(*(ids[secret] for secret in gone)).complete
    content = bytes_in(cache.path)
    assert [secret for secret in gone if secret[1:].encode() in content] == []
    assert [secret for secret in ids if secret not in gone and len(store.search(secret)) != 2] == []


def test_what_others_need_stays(store: HistoryStore, cache: CacheFolder) -> None:
    shared = question("shared question", system="Shared rules.")
    first, second = exchange(store, shared, "first-zvjq"), exchange(store, shared, "second")
    store.delete(first.conversation_id)
    [turn] = store.conversation(second.conversation_id).turns
    assert [message.content for message in turn.messages] == ["Shared rules.", "shared question"]
    assert turn.answer == "second"
    assert not has_traces(cache)
    store.delete(second.conversation_id)
    assert b"Shared rules" not in bytes_in(cache.path)


def test_everything_can_be_deleted(store: HistoryStore, cache: CacheFolder) -> None:
    secret_conversation(store)
    exchange(store, question("other-zvjq"), "answer-zvjq")
    assert store.delete_all() == Erased(conversations=2, complete=True)
    assert not has_traces(cache)
    assert store.conversations() == []
    exchange(store, question("new"), "a")
    assert len(store.search("new")) == 1


def test_the_chat_document_in_the_cache_goes_and_no_other(
    store: HistoryStore, cache: CacheFolder, tmp_path: Path
) -> None:
    cached, shared, elsewhere = (
        cache.chats_dir / "a.chat.md",
        cache.chats_dir / "b.chat.md",
        tmp_path / "c.chat.md",
    )
    ids: list[str] = []
    for path in (cached, shared, elsewhere):
        path.write_text("question-zvjq")
        ids.append(store.start_turn(question("question-zvjq")._replace(chat_path=path)).conversation_id)
    other = store.start_turn(question("moved into the same document")).conversation_id
    store.start_turn(question("more", conversation=other)._replace(chat_path=shared))
    store.delete(*ids)
    assert [path.exists() for path in (cached, shared, elsewhere)] == [False, True, True]
    store.delete(other)
    assert not shared.exists()


def test_a_prepared_database_cannot_have_other_files_deleted(store: HistoryStore, cache: CacheFolder) -> None:
    precious = cache.path.parent / "precious"
    precious.write_text("mine")
    for name in ("../../precious", str(precious), "..\\..\\precious", "..", ".", ""):
        started = store.start_turn(question("q"))
        store._connection._db.execute(
            "UPDATE conversations SET chat = ? WHERE name = ?", (name, started.conversation_id)
        )
    assert store.delete_all().conversations == 6
    assert precious.read_text() == "mine"


def test_a_chat_document_that_cannot_be_deleted_keeps_the_whole_conversation(
    store: HistoryStore, cache: CacheFolder
) -> None:
    path = cache.chats_dir / "a.chat.md"
    started = store.start_turn(question("q")._replace(chat_path=path))
    path.mkdir()
    with pytest.raises(HistoryError, match="Nothing was deleted: close"):
        store.delete(started.conversation_id)
    assert store.conversation(started.conversation_id).turns


def test_one_unknown_id_deletes_nothing(store: HistoryStore) -> None:
    started = exchange(store, question("q"), "a")
    with pytest.raises(UnknownConversationError):
        store.delete(started.conversation_id, "gone")
    assert store.conversation(started.conversation_id).turns


def test_an_answer_that_streams_into_a_deleted_conversation_is_dropped(
    store: HistoryStore, cache: CacheFolder
) -> None:
    started = store.start_turn(question("question-zvjq"))
    store.checkpoint(started.turn_id, "partial-zvjq")
    store.delete(started.conversation_id)
    following = store.start_turn(question("next"))
    store.checkpoint(started.turn_id, "partial-zvjq")
    store.finish_turn(started.turn_id, TurnEnd("done", "answer-zvjq"))
    assert following.turn_id != started.turn_id
    assert store.conversation(following.conversation_id).turns[0].status == "pending"
    assert not has_traces(cache)


def test_what_is_older_than_asked_goes(cache: CacheFolder) -> None:
    clock = Clock(1000.0)
    store = HistoryStore.open(cache, now=clock)
    exchange(store, question("old-zvjq"), "a")
    lively = exchange(store, question("old but lively"), "a").conversation_id
    clock.seconds = 5000.0
    exchange(store, question("again", conversation=lively), "a")
    assert store.prune(4000.0) == 0
    assert store.prune(3999.0) == 1
    assert [found.id for found in store.conversations()] == [lively]
    assert not has_traces(cache)
    store.close()


def test_a_reader_that_holds_up_a_deletion_is_reported_and_it_ends_later(
    store: HistoryStore, cache: CacheFolder
) -> None:
    secret = secret_conversation(store)
    with another_process("read", cache) as reader:
        assert reader.line() == "reading"
        assert store.delete(secret) == Erased(conversations=1, complete=False)
        assert store.search("question-zvjq") == []
        exchange(store, question("others write on"), "a")
        assert reader.end() == 0
    exchange(store, question("the next answer finds the files free"), "a")
    assert not has_traces(cache)
    assert not history_erase.is_unfinished(store._connection._db)


@pytest.mark.parametrize("step", ["rebuild", "finish"])
def test_a_deletion_that_a_crash_or_a_full_disk_interrupts_ends_at_the_next_open(
    cache: CacheFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*arguments: object, **options: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    store = HistoryStore.open(cache)
    kept = exchange(store, question("keep me"), "a")
    secret = secret_conversation(store)
    with monkeypatch.context() as patch:
        patch.setattr(history_erase, step, full)
        assert store.delete(secret) == Erased(conversations=1, complete=False)
        store.close()
    store = HistoryStore.open(cache)
    assert not history_erase.is_unfinished(store._connection._db)
    assert [found.id for found in store.conversations()] == [kept.conversation_id]
    assert not has_traces(cache)
    store.close()


def test_a_deletion_by_another_server_meanwhile_is_not_forgotten(
    store: HistoryStore, cache: CacheFolder
) -> None:
    newest = history_erase.rebuild(store._connection._db)
    with store._connection.writing() as db:
        history_erase.remove(db, [], 0.0)
    assert history_erase.finish(store._connection._db, newest, patience=1.0, attempts=1)
    assert history_erase.is_unfinished(store._connection._db)
