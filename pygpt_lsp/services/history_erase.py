"""Deletion that leaves no byte of the deleted text in any file of the database.

Deleting rows is the least of it. The search index keeps deleted words until its segments are merged; pages
keep copies of rows that SQLite moved, `secure_delete` notwithstanding, until the file is rebuilt; the
write-ahead log keeps old pages until it is truncated, which a reader in another process can hold up. A row in
`erasures` remembers, over a crash too, that this is not finished.

FTS5's own option `secure-delete` is not used: it makes the index unreadable for every SQLite before 3.42 that
shares the workspace, and the merge does the same on all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pygpt_lsp.services import history_ledger as ledger_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

ATTEMPTS: Final = 20
_WAIT: Final = 0.1  # seconds an attempt waits for readers; it keeps writers waiting as long


def remove(db: sqlite3.Connection, conversations: Iterable[int], now: float) -> None:
    """Delete the conversations with these rows and the messages only they need. Within a transaction."""
    for conversation in conversations:
        own = (conversation,)
        ledger_rows.forget(db, conversation)
        db.execute(
            "DELETE FROM partial_answers WHERE turn IN (SELECT id FROM turns WHERE conversation = ?)", own
        )
        db.execute("DELETE FROM turns WHERE conversation = ?", own)
        # A message is needed together with all before it, so what is left over is never another's parent.
        orphans = [
            (message,)
            for (message,) in db.execute(
                "SELECT message FROM conversation_messages AS used WHERE conversation = ? AND NOT EXISTS"
                " (SELECT 1 FROM conversation_messages AS other"
                "  WHERE other.message = used.message AND other.conversation <> used.conversation)"
                " ORDER BY message DESC",
                own,
            )
        ]
        db.execute("DELETE FROM conversation_messages WHERE conversation = ?", own)
        db.executemany(
            "INSERT INTO messages_fts(messages_fts, rowid, content)"
            " SELECT 'delete', id, content FROM messages WHERE id = ?",
            orphans,
        )
        db.executemany("DELETE FROM messages WHERE id = ?", orphans)
        db.execute("DELETE FROM conversations WHERE id = ?", own)
    db.execute("INSERT INTO erasures(started) VALUES(?)", (now,))


def remove_all(db: sqlite3.Connection, now: float) -> None:
    """Delete everything but the ledger's numbers. Within a transaction."""
    ledger_rows.forget_all(db)
    for table in ("partial_answers", "turns", "conversation_messages", "conversations", "messages"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
    db.execute("INSERT INTO messages_fts(messages_fts) VALUES('delete-all')")
    db.execute("INSERT INTO erasures(started) VALUES(?)", (now,))


def is_unfinished(db: sqlite3.Connection) -> bool:
    """Whether a deletion has left traces in the files."""
    return db.execute("SELECT 1 FROM erasures LIMIT 1").fetchone() is not None


def rebuild(db: sqlite3.Connection) -> int:
    """Take the deleted text out of the search index and out of every page. Outside a transaction.

    The time is in proportion to the whole database: about a second per 100 MB. Returns the newest deletion
    that this covers, for `finish`. Raises sqlite3.Error.
    """
    newest: int = db.execute("SELECT coalesce(max(id), 0) FROM erasures").fetchone()[0]
    db.execute("INSERT INTO messages_fts(messages_fts) VALUES('optimize')")
    db.execute("VACUUM")
    return newest


def finish(db: sqlite3.Connection, newest: int, *, patience: float, attempts: int) -> bool:
    """Empty the write-ahead log after `rebuild`, which returned `newest`; True once no trace is left.

    Tries `attempts` times, a tenth of a second each, to get past readers in other processes. Leaves the
    connection's busy timeout at `patience` seconds. Raises sqlite3.Error.
    """
    db.execute(f"PRAGMA busy_timeout={int(_WAIT * 1000)}")
    try:
        # The first column is 1 as long as another connection is in the way (sqlite.org/pragma.html).
        if not any(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0 for _ in range(attempts)):
            return False
    finally:
        db.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")
    # Another server's deletion may have come since; it is for that server's rebuild to forget.
    db.execute("DELETE FROM erasures WHERE id <= ?", (newest,))
    return True
