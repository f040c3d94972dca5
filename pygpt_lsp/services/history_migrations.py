"""The schema of the history, as the ordered list of steps that made it.

A step that has been released is never changed: databases in the field have it behind them. A change of the
schema is a new step at the end; a test opens a database of each past version. The version of a database is
its `PRAGMA user_version`, the number of steps behind it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

Migration: TypeAlias = Callable[[sqlite3.Connection], None]

APPLICATION_ID: Final = 0x50594750  # "PYGP": says whose database this is (sqlite.org/pragma.html)


def m001_conversations(db: sqlite3.Connection) -> None:
    """Messages by content, conversations and turns that refer to them, answers on their way.

    `messages.exact` is the text as UTF-8 with surrogates, only where `content` could not hold it exactly.
    `conversation_messages` says who needs a message: one that nobody needs is deleted. Turns and
    conversations are AUTOINCREMENT: a server that still streams into a deleted turn never hits a later one.
    `erasures` has a row while a deletion has left traces in the files.
    """
    for statement in (
        """CREATE TABLE messages(
            id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE,
            parent INTEGER REFERENCES messages(id),
            role TEXT NOT NULL,
            content TEXT NOT NULL,
            exact BLOB,
            created REAL NOT NULL)""",
        "CREATE INDEX messages_parent ON messages(parent)",
        """CREATE TABLE conversations(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            chat TEXT,
            created REAL NOT NULL,
            updated REAL NOT NULL)""",
        "CREATE INDEX conversations_updated ON conversations(updated)",
        "CREATE INDEX conversations_chat ON conversations(chat)",
        """CREATE TABLE conversation_messages(
            message INTEGER NOT NULL REFERENCES messages(id),
            conversation INTEGER NOT NULL REFERENCES conversations(id),
            PRIMARY KEY(message, conversation)) WITHOUT ROWID""",
        "CREATE INDEX conversation_messages_conversation ON conversation_messages(conversation)",
        """CREATE TABLE turns(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation INTEGER NOT NULL REFERENCES conversations(id),
            leaf INTEGER NOT NULL REFERENCES messages(id),
            answer INTEGER REFERENCES messages(id),
            owner TEXT NOT NULL,
            status TEXT NOT NULL,
            action TEXT NOT NULL,
            document TEXT NOT NULL,
            host TEXT NOT NULL,
            model TEXT NOT NULL,
            reported_model TEXT,
            finish_reason TEXT,
            input_tokens INTEGER,
            output_tokens INTEGER,
            reasoning_tokens INTEGER,
            cached_tokens INTEGER,
            error_kind TEXT,
            error TEXT,
            created REAL NOT NULL,
            first_token REAL,
            finished REAL)""",
        "CREATE INDEX turns_conversation ON turns(conversation)",
        "CREATE INDEX turns_leaf ON turns(leaf)",
        "CREATE INDEX turns_answer ON turns(answer)",
        "CREATE INDEX turns_unfinished ON turns(owner) WHERE status IN ('pending', 'streaming')",
        """CREATE TABLE partial_answers(
            id INTEGER PRIMARY KEY,
            turn INTEGER NOT NULL REFERENCES turns(id),
            text BLOB NOT NULL)""",
        "CREATE INDEX partial_answers_turn ON partial_answers(turn)",
        "CREATE TABLE erasures(id INTEGER PRIMARY KEY AUTOINCREMENT, started REAL NOT NULL)",
    ):
        db.execute(statement)


def m002_search(db: sqlite3.Connection) -> None:
    """Full-text search over every message, those already stored included.

    The index keeps no copy of the texts. The prefix index of one character makes the first key of a search
    as one types as quick as the others; longer prefixes are quick without.
    """
    db.execute(
        """CREATE VIRTUAL TABLE messages_fts USING fts5(
            content, content='messages', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2', prefix='1')"""
    )
    db.execute("INSERT INTO messages_fts(messages_fts) VALUES('rebuild')")


def m003_ledger(db: sqlite3.Connection) -> None:
    """A row for each request that left, which may outlive the question it was sent for.

    `ledger_began` says since when. `ledger_places` lists workspaces with ledgers of their own, in the
    database of no workspace alone.
    """
    for statement in (
        """CREATE TABLE ledger(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            sent REAL NOT NULL,
            purpose TEXT NOT NULL,
            host TEXT NOT NULL,
            proxy TEXT NOT NULL,
            sources TEXT NOT NULL,
            masked TEXT NOT NULL,
            turn INTEGER REFERENCES turns(id),
            body_hash TEXT NOT NULL,
            body_bytes INTEGER NOT NULL,
            body_shape TEXT NOT NULL,
            finished REAL,
            bytes_out INTEGER,
            bytes_in INTEGER,
            status INTEGER,
            outcome TEXT)""",
        "CREATE INDEX ledger_turn ON ledger(turn)",
        "CREATE INDEX ledger_unfinished ON ledger(owner) WHERE outcome IS NULL",
        "CREATE TABLE ledger_began(began REAL NOT NULL)",
        "INSERT INTO ledger_began VALUES((julianday('now') - 2440587.5) * 86400.0)",
        "CREATE TABLE ledger_places(path TEXT PRIMARY KEY)",
    ):
        db.execute(statement)


MIGRATIONS: Final[Sequence[Migration]] = (m001_conversations, m002_search, m003_ledger)


def version_of(db: sqlite3.Connection) -> int:
    """The number of migrations behind `db`."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(db: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring `db` to the newest version, all steps or none. `db` is at version 0 only if it is empty.

    Raises sqlite3.Error; then the database is as it was.
    """
    db.execute("BEGIN EXCLUSIVE")
    try:
        for step in migrations[version_of(db) :]:
            step(db)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={len(migrations)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def schema_of(db: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """What `db` consists of, comparable with another database of the same version.

    Tables are described by their columns, everything else by its SQL. The tables inside the search index and
    SQLite's own are named only, since their SQL is that of the SQLite that made them.
    """
    found: set[tuple[str, ...]] = set()
    for kind, name, table, sql in db.execute(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
    ):
        if name.startswith("sqlite_"):
            # Names that SQLite reserves: nobody else can make an object called so.
            continue
        if name.startswith("messages_fts_"):
            found.add((kind, name))
        elif kind == "table" and name != "messages_fts":
            columns = db.execute(
                'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)', (name,)
            )
            found.add((kind, name, *(str(value) for column in columns for value in column)))
        else:
            found.add((kind, name, table, " ".join(sql.split())))
    return frozenset(found)


def expected_schema(version: int) -> frozenset[tuple[str, ...]]:
    """The schema of an untouched database of that version."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(db, MIGRATIONS[:version])
        return schema_of(db)
    finally:
        db.close()
