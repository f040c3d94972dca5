"""Whatever lies where the history should be: ours is used, all else is kept, and the user is told."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.services import history_database
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_migrations import MIGRATIONS, expected_schema, migrate, schema_of, version_of
from pygpt_lsp.services.history_records import TurnEnd
from tests.support.history_kit import Clock, another_process, exchange, new_cache, question
from tests.support.platforms import needs_modes

if TYPE_CHECKING:
    from pygpt_lsp.services.cache_folder import CacheFolder

VERSIONS = Path(__file__).parent / "history_versions"
DATED = "history.sqlite3.set-aside-20251009-085320"  # what the clock below says


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return new_cache(tmp_path / "cache")


def opened(cache: CacheFolder, patience: float = 5.0) -> HistoryStore:
    return HistoryStore.open(cache, now=Clock(1_760_000_000.0), patience=patience)


def database(cache: CacheFolder, script: str = "") -> None:
    connection = sqlite3.connect(cache.history_path, isolation_level=None)
    connection.executescript(script)
    connection.close()


def history_with_one_conversation(cache: CacheFolder) -> str:
    store = opened(cache)
    conversation_id = exchange(store, question("old question"), "old answer").conversation_id
    store.close()
    return conversation_id


def assert_kept_aside(cache: CacheFolder, store: HistoryStore, content: bytes | None = None) -> None:
    kept = cache.path / DATED
    assert str(kept) in store.notice
    assert store.notice.endswith("and a new one was started.")
    if content is not None:
        assert kept.read_bytes() == content
    exchange(store, question("new question"), "new answer")
    assert [found.title for found in store.conversations()] == ["new question"]
    assert history_database.set_aside_files(cache.history_path) == [kept]
    store.close()
    again = opened(cache)
    assert (again.notice, len(again.conversations())) == ("", 1)
    again.close()


@needs_modes
def test_every_file_of_the_history_is_private(cache: CacheFolder) -> None:
    history_with_one_conversation(cache)
    cache.history_path.chmod(0o644)
    store = opened(cache)
    exchange(store, question("q"), "a")
    files = [*cache.path.glob("history*"), *cache.locks_dir.iterdir()]
    assert len(files) == 5  # the database, its log, the log's index, two locks
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    store.close()


def test_a_new_history_is_at_the_newest_version_and_says_nothing(cache: CacheFolder) -> None:
    cache.history_path.touch()
    store = opened(cache)
    assert (store.notice, version_of(store._connection._db)) == ("", len(MIGRATIONS))
    assert schema_of(store._connection._db) == expected_schema(len(MIGRATIONS))
    store.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_history_of_every_past_version_comes_along_whole(cache: CacheFolder, version: int) -> None:
    database(cache, (VERSIONS / f"{version}.sql").read_text("utf-8"))
    store = opened(cache)
    assert store.notice == ""
    assert version_of(store._connection._db) == len(MIGRATIONS)
    [turn] = store.conversation("abcdefgh").turns
    assert [message.content for message in turn.messages] == ["Be brief.", "Why ö 😀?"]
    assert (turn.answer, turn.status) == ("Because of the weather.", "done")
    assert [hit.snippet for hit in store.search("weather")] == ["Because of the weather."]
    started = exchange(
        store, question("Why ö 😀?", "Because of the weather.", "Really?", conversation="abcdefgh"), "No."
    )
    assert started.conversation_id == "abcdefgh"
    assert store.delete("abcdefgh").complete
    store.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_released_migration_is_never_changed(cache: CacheFolder, version: int) -> None:
    database(cache, (VERSIONS / f"{version}.sql").read_text("utf-8"))
    connection = sqlite3.connect(cache.history_path)
    assert schema_of(connection) == expected_schema(version)
    connection.close()


def test_a_migration_that_fails_leaves_the_history_as_it_was(
    cache: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation_id = history_with_one_conversation(cache)

    def fails_half_way(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half(way)")
        db.execute("INSERT INTO nowhere VALUES(1)")

    def migrate_further(db: sqlite3.Connection) -> None:
        migrate(db, [*MIGRATIONS, fails_half_way])

    with monkeypatch.context() as patch:
        patch.setattr(history_database, "MIGRATIONS", [*MIGRATIONS, fails_half_way])
        patch.setattr(history_database, "migrate", migrate_further)
        with pytest.raises(HistoryError, match="what you ask is not kept"):
            opened(cache)
    store = opened(cache)
    assert store.conversation(conversation_id).turns[0].answer == "old answer"
    store.close()


def test_a_history_of_the_future_stays_where_it_is(cache: CacheFolder) -> None:
    history_with_one_conversation(cache)
    database(cache, f"PRAGMA user_version={len(MIGRATIONS) + 1}; CREATE TABLE from_the_future(x)")
    before = cache.history_path.read_bytes()
    with pytest.raises(
        HistoryError, match="belongs to a newer pygpt-lsp, so this one keeps none: update pygpt-lsp"
    ):
        opened(cache)
    assert cache.history_path.read_bytes() == before
    assert [path.name for path in cache.path.glob("history*")] == ["history.sqlite3"]


def test_a_server_stops_writing_once_a_newer_one_has_taken_over(cache: CacheFolder) -> None:
    store = opened(cache)
    started = store.start_turn(question("q"))
    database(cache, f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    with pytest.raises(HistoryError, match="newer pygpt-lsp"):
        store.checkpoint(started.turn_id, "text")
    store.close()


@pytest.mark.parametrize(
    "content", [b"not a database", os.urandom(100_000), b"SQLite format 3\0" + bytes(4096)]
)
def test_a_file_that_is_no_database_is_kept_aside(cache: CacheFolder, content: bytes) -> None:
    cache.history_path.write_bytes(content)
    store = opened(cache)
    assert "was damaged" in store.notice
    assert_kept_aside(cache, store, content)


def test_a_database_cut_short_is_kept_aside(cache: CacheFolder) -> None:
    history_with_one_conversation(cache)
    content = cache.history_path.read_bytes()[:2000]
    cache.history_path.write_bytes(content)
    assert_kept_aside(cache, opened(cache), content)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE bookmarks(x); INSERT INTO bookmarks VALUES('mine')",
        "PRAGMA user_version=1; CREATE TABLE messages(x)",
        "PRAGMA user_version=99",
        "PRAGMA user_version=-1; PRAGMA application_id=1348028240",
    ],
)
def test_a_database_of_another_program_is_kept_aside(cache: CacheFolder, script: str) -> None:
    database(cache, script)
    content = cache.history_path.read_bytes()
    store = opened(cache)
    assert "was not made by pygpt-lsp" in store.notice
    assert_kept_aside(cache, store, content)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TRIGGER spy AFTER INSERT ON messages BEGIN UPDATE messages SET content = 'x'; END",
        "CREATE VIEW spy AS SELECT * FROM messages",
        "CREATE TABLE extra(x)",
        "CREATE INDEX extra ON messages(content)",
        "CREATE VIRTUAL TABLE extra USING fts5(content)",
        "DROP INDEX messages_parent",
        "DROP TABLE partial_answers",
        "ALTER TABLE turns ADD COLUMN extra",
        "ALTER TABLE turns ADD COLUMN extra TEXT AS (hex(zeroblob(1e9)))",
        "DROP TABLE messages_fts; CREATE VIRTUAL TABLE messages_fts USING fts5(content, content='turns')",
        "DROP TABLE partial_answers; CREATE VIEW partial_answers AS SELECT load_extension('x') AS turn",
    ],
)
def test_a_prepared_database_is_kept_aside(cache: CacheFolder, script: str) -> None:
    history_with_one_conversation(cache)
    database(cache, script)
    store = opened(cache)
    assert "was changed by something else than pygpt-lsp" in store.notice
    assert_kept_aside(cache, store)


def test_nothing_in_a_database_is_trusted(cache: CacheFolder) -> None:
    """Its schema is compared; should a way around that be found, it still calls no function with effects."""
    history_with_one_conversation(cache)
    connection, _ = history_database.open_database(cache.history_path, patience=5.0, now=0.0)
    assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
    assert connection.execute("PRAGMA cell_size_check").fetchone() == (1,)
    connection.close()


def test_a_folder_in_its_place_is_kept_aside(cache: CacheFolder) -> None:
    cache.history_path.mkdir()
    (cache.history_path / "precious").write_text("mine")
    store = opened(cache)
    assert "was not a plain file" in store.notice
    assert_kept_aside(cache, store)
    assert (cache.path / DATED / "precious").read_text() == "mine"


@pytest.mark.parametrize("name", ["history.sqlite3", "history.sqlite3-wal", "history.sqlite3-journal"])
def test_a_link_is_never_written_through(cache: CacheFolder, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "another.sqlite3"
    connection = sqlite3.connect(elsewhere)
    connection.execute("CREATE TABLE precious(x)")
    connection.close()
    before = elsewhere.read_bytes()
    (cache.path / name).symlink_to(elsewhere)
    store = opened(cache)
    assert "was not a plain file" in store.notice
    exchange(store, question("q"), "a")
    store.close()
    assert elsewhere.read_bytes() == before


def test_what_was_set_aside_is_never_overwritten(cache: CacheFolder) -> None:
    for number in range(3):
        cache.history_path.write_bytes(b"broken %d" % number)
        Path(f"{cache.history_path}-wal").write_bytes(b"log %d" % number)
        opened(cache).close()
    kept = history_database.set_aside_files(cache.history_path)
    assert [path.name for path in kept] == [DATED, f"{DATED}-2", f"{DATED}-3"]
    assert [path.read_bytes() for path in kept] == [b"broken 0", b"broken 1", b"broken 2"]
    assert [Path(f"{path}-wal").read_bytes() for path in kept] == [b"log 0", b"log 1", b"log 2"]


def test_the_log_of_a_history_that_was_deleted_is_kept(cache: CacheFolder) -> None:
    Path(f"{cache.history_path}-wal").write_bytes(b"log")
    opened(cache).close()
    assert (cache.path / f"{DATED}-wal").read_bytes() == b"log"


def test_damage_found_later_is_set_aside_and_the_history_goes_on(cache: CacheFolder) -> None:
    history_with_one_conversation(cache)
    connection = sqlite3.connect(cache.history_path)
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()[0]
    connection.close()
    content = bytearray(cache.history_path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    cache.history_path.write_bytes(content)
    store = opened(cache)
    with pytest.raises(HistoryError, match="The history was damaged; it was kept as"):
        store.start_turn(question("q"))
    assert_kept_aside(cache, store)


def test_a_damaged_search_index_is_made_anew_and_no_conversation_lost(cache: CacheFolder) -> None:
    conversation_id = history_with_one_conversation(cache)
    database(cache, "UPDATE messages_fts_data SET block = x'ffff' WHERE id > 10")
    store = opened(cache)
    with pytest.raises(HistoryError, match="index was damaged and has been made anew: try again"):
        store.search("answer")
    assert [hit.conversation_id for hit in store.search("answer")] == [conversation_id]
    store.close()


def test_a_locked_history_is_one_sentence_at_the_start(cache: CacheFolder) -> None:
    history_with_one_conversation(cache)
    with another_process("lock", cache) as other:
        other.line()
        with pytest.raises(HistoryError, match=r"Another program keeps the history .* locked"):
            opened(cache, patience=0.05)
    assert [path.name for path in cache.locks_dir.iterdir()] == ["open.lock"]
    opened(cache).close()


def test_a_locked_history_is_one_sentence_later_and_goes_on_when_it_is_free(cache: CacheFolder) -> None:
    store = opened(cache, patience=0.05)
    with another_process("lock", cache) as other:
        other.line()
        with pytest.raises(HistoryError, match="what you ask is not kept until it lets go"):
            store.start_turn(question("q"))
        assert store.conversations() == []
    exchange(store, question("q"), "a")
    assert len(store.conversations()) == 1
    store.close()


def test_a_full_disk_is_one_sentence_and_what_was_stored_stays(cache: CacheFolder) -> None:
    store = opened(cache)
    started = store.start_turn(question("q"))
    pages = store._connection._db.execute("PRAGMA page_count").fetchone()[0]
    store._connection._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(HistoryError, match=r"The disk is full, so the history .* free some space"):
        store.checkpoint(started.turn_id, "x" * 100_000)
    store._connection._db.execute("PRAGMA max_page_count=1000000")
    store.checkpoint(started.turn_id, "room again")
    store.finish_turn(started.turn_id, TurnEnd("done", "room again"))
    assert store.conversation(started.conversation_id).turns[0].answer == "room again"
    store.close()


def test_a_history_that_may_not_be_written_is_one_sentence(cache: CacheFolder) -> None:
    store = opened(cache)
    store._connection._db.execute("PRAGMA query_only=ON")
    with pytest.raises(HistoryError, match="cannot be written: check the permissions"):
        store.start_turn(question("q"))
    store.close()


def test_a_cache_that_is_gone_and_cannot_be_made_is_one_sentence(cache: CacheFolder) -> None:
    store = opened(cache)
    exchange(store, question("q"), "a")
    cache.path.rename(cache.path.with_name("moved"))
    cache.path.write_text("in the way")
    for _ in range(2):
        with pytest.raises(HistoryError, match="cannot be used"):
            store.start_turn(question("q"))
    cache.path.unlink()
    exchange(store, question("back"), "a")
    assert [found.title for found in store.conversations()] == ["back"]
    store.close()


def test_an_sqlite_without_fts5_is_one_sentence(cache: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(db: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(history_database, "migrate", without)
    with pytest.raises(HistoryError, match="SQLite has no FTS5"):
        opened(cache)


@pytest.mark.parametrize("content", [b"", b"not a lock", b"SQLite format 3\0" + bytes(100)])
def test_prepared_locks_stop_nobody(cache: CacheFolder, tmp_path: Path, content: bytes) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    (cache.locks_dir / "open.lock").write_bytes(content)
    (cache.locks_dir / "server-0123456789abcdef.lock").write_bytes(content)
    (cache.locks_dir / "server-1123456789abcdef.lock").symlink_to(precious)
    (cache.locks_dir / "server-2123456789abcdef.lock").mkdir()
    store = opened(cache)
    exchange(store, question("q"), "a")
    store.close()
    assert precious.read_bytes() == b"mine"


def test_prepared_rows_do_not_send_a_reader_in_circles(cache: CacheFolder) -> None:
    conversation_id = history_with_one_conversation(cache)
    database(
        cache,
        "PRAGMA foreign_keys=OFF; UPDATE messages SET parent = id WHERE id = 1;"
        " UPDATE messages SET parent = 3 WHERE id = 2; UPDATE messages SET content = x'ff41' WHERE id = 3",
    )
    store = opened(cache)
    [turn] = store.conversation(conversation_id).turns
    assert len(turn.messages) <= 2
    store.close()
