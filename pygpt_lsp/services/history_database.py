"""Opening the history's file: trust nothing in it, lose nothing of it.

The file may come with a cloned repository, from a newer version, from a broken disk. One that is ours is
migrated; one that is not is set aside under another name, never overwritten and never deleted; one of a newer
version stays where it is, since a newer server may be using it.
"""

from __future__ import annotations

import functools
import os
import sqlite3
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.services.history_locks import create_private, primary_code
from pygpt_lsp.services.history_migrations import (
    APPLICATION_ID,
    MIGRATIONS,
    expected_schema,
    migrate,
    schema_of,
    version_of,
)

SET_ASIDE: Final = ".set-aside-"
_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")
_SMALLEST_PAGE: Final = 512  # bytes
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class FileIdentity(NamedTuple):
    """Which file a path led to when it was opened: a name can come to mean another one."""

    device: int
    inode: int


class _NotOursError(Exception):
    """The file is no history that can be used; the text completes "The history … "."""


def open_database(
    path: Path, *, patience: float, now: float, suspect: FileIdentity | None = None
) -> tuple[sqlite3.Connection, str]:
    """Open or create the history at `path`, at its newest version; the caller holds the folder's open lock.

    Returns the connection, in autocommit mode, and a sentence for the user where the file had to be set
    aside ("" otherwise). A lock of another program is waited for `patience` seconds. `now` dates the name
    of what is set aside. `suspect` is a file known to be damaged. Raises HistoryError (a newer version),
    OSError or sqlite3.Error.
    """
    notice = ""
    try:
        if suspect is not None and identity_of(path) == suspect:
            raise _NotOursError("was damaged")
        connection = _open(path, patience)
    except _NotOursError as reason:
        kept = set_aside(path, now)
        notice = f"The history {reason}; it was kept as {kept} and a new one was started."
        connection = _open(path, patience)
    return connection, notice


def set_aside(path: Path, now: float) -> Path:
    """Rename the database and what belongs to it, and return its new name; nothing is overwritten."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    target = path.with_name(f"{path.name}{SET_ASIDE}{stamp}")
    number = 1
    while any(os.path.lexists(f"{target}{companion}") for companion in _COMPANIONS):
        number += 1
        target = path.with_name(f"{path.name}{SET_ASIDE}{stamp}-{number}")
    for companion in _COMPANIONS:
        if os.path.lexists(f"{path}{companion}"):
            Path(f"{path}{companion}").rename(f"{target}{companion}")
    return target


def set_aside_files(path: Path) -> list[Path]:
    """The databases that were set aside beside `path`, oldest first."""
    return sorted(
        file
        for file in path.parent.glob(f"{path.name}{SET_ASIDE}*")
        if not file.name.endswith(_COMPANIONS[1:])
    )


def identity_of(path: Path) -> FileIdentity | None:
    """The file that `path` leads to now, None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return FileIdentity(status.st_dev, status.st_ino)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether `error` says that the file itself is broken."""
    return primary_code(error) in _DAMAGED


def is_index_damage(error: sqlite3.Error) -> bool:
    """Whether `error` says that only the search index is broken, which can be made anew."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CORRUPT_VTAB


def sentence_for(error: sqlite3.Error | OSError, path: Path) -> str:
    """What to tell the user when the history at `path` failed with `error`: what happened and what to do."""
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return f"The history in {path.parent} cannot be used ({reason}): check its permissions."
    match primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"Another program keeps the history {path} locked; what you ask is not kept until it lets go."
            )
        case sqlite3.SQLITE_FULL:
            return f"The disk is full, so the history {path} keeps nothing new: free some space."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return f"The history {path} cannot be written: check the permissions of the file and its folder."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"The history {path} is damaged: close every editor that uses it and start again."
        case _ if "fts5" in str(error):
            return (
                "This Python's SQLite has no FTS5, so no history is kept: use a Python whose SQLite has it."
            )
        case _:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            return f"The history {path} failed ({name}); what you ask is not kept: check the disk it is on."


def _open(path: Path, patience: float) -> sqlite3.Connection:
    _secure_files(path)
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        _distrust(connection)
        _check(connection)
        _configure(connection)
        migrate(connection)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
            raise _NotOursError("was damaged") from error
        raise
    return connection


def _secure_files(path: Path) -> None:
    """See that SQLite will open plain files of ours only, and that nobody else can read them."""
    for companion in _COMPANIONS:
        file = Path(f"{path}{companion}")
        try:
            mode = file.lstat().st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(mode):
            raise _NotOursError("was not a plain file")
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            file.chmod(0o600)
    # SQLite gives the files it makes beside this one the same mode.
    create_private(path)
    # SQLite would delete the log of a database that has lost its first page, and with it what could be saved.
    log = Path(f"{path}-wal")
    if path.stat().st_size < _SMALLEST_PAGE and log.exists() and log.stat().st_size:
        raise _NotOursError("was damaged")


def _distrust(connection: sqlite3.Connection) -> None:
    # Bytes that are no UTF-8 must not make the conversation around them unreadable.
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    # Advice for files from elsewhere: sqlite.org/security.html, section 1.2.
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)


def _check(connection: sqlite3.Connection) -> None:
    version = version_of(connection)
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    schema = schema_of(connection)
    if version == 0 and application == 0 and not schema:
        return
    if application != APPLICATION_ID or version < 1:
        raise _NotOursError("was not made by pygpt-lsp")
    if version > len(MIGRATIONS):
        raise HistoryError(newer_version_sentence())
    if schema != expected_schema(version):
        raise _NotOursError("was changed by something else than pygpt-lsp")


def newer_version_sentence() -> str:
    """What to tell the user about a history that this version must leave alone."""
    return "The history belongs to a newer pygpt-lsp, so this one keeps none: update pygpt-lsp."


def _configure(connection: sqlite3.Connection) -> None:
    # WAL: readers and a writer do not wait for each other. Where the file system cannot share memory SQLite
    # stays with its journal, which is slower and as safe.
    connection.execute("PRAGMA journal_mode=WAL")
    # In WAL a killed process loses nothing so, and a power cut at most the last commits.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    # What SQLite sorts or rewrites never goes to a temporary file outside the cache.
    connection.execute("PRAGMA temp_store=MEMORY")
