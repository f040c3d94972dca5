"""One server's connection to a history that it shares with others.

Whatever can happen to the file while a server runs is met here: it is deleted or replaced, locked, damaged,
made newer by another version, or still holds traces of what was deleted. A failure is a HistoryError with a
sentence for the user.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.services import history_database as database
from pygpt_lsp.services import history_erase as erase
from pygpt_lsp.services import history_ledger as ledger_rows
from pygpt_lsp.services import history_turns as turns
from pygpt_lsp.services.history_locks import FileLock, sweep
from pygpt_lsp.services.history_migrations import MIGRATIONS, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pygpt_lsp.services.cache_folder import CacheFolder


class HistoryConnection:
    """The database of one workspace, open.

    `notice` is a sentence to show the user once, "" where there is none: the file was damaged or foreign and
    has been set aside.
    """

    def __init__(self, cache: CacheFolder, now: Callable[[], float], patience: float) -> None:
        """Open the history in `cache`, or start one; raises HistoryError. See `HistoryStore.open`."""
        self.notice = ""
        self._cache = cache
        self._now = now
        self._patience = patience
        self._open()

    @property
    def owner(self) -> str:
        """The name of this server in the rows that it has begun and not ended."""
        return self._owner.path.stem

    @contextlib.contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One transaction that writes; all of it is stored or nothing."""
        with self._transaction("BEGIN IMMEDIATE") as db:
            if version_of(db) != len(MIGRATIONS):
                raise HistoryError(database.newer_version_sentence())
            yield db

    @contextlib.contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """One view of the database, whatever others write meanwhile."""
        with self._transaction("BEGIN") as db:
            yield db

    def follow_the_file(self) -> None:
        """Open anew where the cache was deleted or the file replaced: a row in a nameless file is lost."""
        if database.identity_of(self._cache.history_path) == self._identity:
            return
        self._let_go()
        try:
            self._cache.prepare()
        except OSError as error:
            raise HistoryError(database.sentence_for(error, self._cache.history_path)) from error
        self._open()

    def wait_at_most(self, patience: float) -> None:
        """Wait that many seconds for a lock from now on."""
        self._patience = patience
        with contextlib.suppress(sqlite3.Error):
            self._db.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")

    def erase(self) -> bool:
        """Take what was deleted out of the files; True once no trace is left."""
        try:
            self._erasure = erase.rebuild(self._db)
        except sqlite3.Error:
            return False
        return self.finish_erasure(erase.ATTEMPTS)

    def finish_erasure(self, attempts: int) -> bool:
        """Go on with an erasure that readers in other processes held up; True once no trace is left."""
        if self._erasure is None:
            return True
        try:
            if not erase.finish(self._db, self._erasure, patience=self._patience, attempts=attempts):
                return False
        except sqlite3.Error:
            return False
        self._erasure = None
        return True

    def close(self) -> None:
        """Let go of the database. Never raises: what is committed is safe."""
        self.finish_erasure(attempts=2)
        self._let_go()

    def _open(self, suspect: database.FileIdentity | None = None) -> None:
        path = self._cache.history_path
        opening = FileLock(self._cache.locks_dir / "open.lock")
        self._erasure: int | None = None
        try:
            # One at a time: two servers must not both set the same file aside, nor take each other for dead.
            if not opening.acquire(self._patience):
                raise HistoryError(
                    f"Another program keeps the history {path} locked: close it and start again."
                )
            try:
                self._db, self.notice = database.open_database(
                    path, patience=self._patience, now=self._now(), suspect=suspect
                )
                self._identity = database.identity_of(path)
                self._join()
            finally:
                opening.release()
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(database.sentence_for(error, path)) from error
        if erase.is_unfinished(self._db):
            self.erase()

    def _join(self) -> None:
        """Become one of the servers that share this database, and end what dead ones left unfinished."""
        self._owner = FileLock(self._cache.locks_dir / f"server-{secrets.token_hex(8)}.lock")
        try:
            living = sweep(self._cache.locks_dir, "server-*.lock")
            self._owner.acquire(self._patience)
            with self.writing() as db:
                turns.mark_interrupted(db, living, self._now())
                ledger_rows.mark_unknown(db, living)
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        with contextlib.suppress(sqlite3.Error, OSError):
            self._owner.release(remove=True)

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        try:
            self._db.execute(begin)
            yield self._db
            self._db.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                # SQLite has rolled back by itself after some errors, a full disk among them.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._handled(error) from error
            raise

    def _handled(self, error: sqlite3.Error) -> HistoryError:
        """The error for the user, after what can be done about a damaged file has been done."""
        if not database.is_damage(error):
            return HistoryError(database.sentence_for(error, self._cache.history_path))
        with contextlib.suppress(sqlite3.Error):
            if database.is_index_damage(error):
                self._db.execute("INSERT INTO messages_fts(messages_fts) VALUES('rebuild')")
                return HistoryError(
                    "The history's search index was damaged and has been made anew: try again."
                )
        self._let_go()
        self._open(suspect=self._identity)
        return HistoryError(self.notice or database.sentence_for(error, self._cache.history_path))
