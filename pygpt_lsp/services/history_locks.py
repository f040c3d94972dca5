"""A lock between processes that ends with its holder, however the holder ends.

A running server holds one for as long as it lives, which is how others know that its unfinished turns are
still being written. A process id cannot tell that: ids are used again, and a container has its own.

The lock is SQLite's own lock on an empty database, because SQLite has one on every system and also tells two
stores in one process apart. A lock file never holds a byte; whatever does was not made here.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CODE = 0xFF  # the low byte of an extended result code is the primary one (sqlite.org/rescode.html)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether `error` says that another connection holds a lock which this one needs."""
    return primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def primary_code(error: sqlite3.Error) -> int:
    """The primary result code of `error`; 0 where SQLite did not raise it (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & _CODE


def create_private(path: Path) -> None:
    """Create `path`, empty and 0600, where it does not exist; SQLite itself would let others read it.

    A file that exists is never opened by hand: to close it again would drop the locks that SQLite holds on it
    in this process (POSIX, fcntl). Raises OSError.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


class FileLock:
    """A lock on `path`, whose folder exists. Not for use by two threads at once."""

    __slots__ = ("_connection", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def acquire(self, patience: float) -> bool:
        """Take the lock, waiting at most `patience` seconds; False where another one held it all that time.

        Raises OSError or sqlite3.Error where the file cannot be used.
        """
        self._make_file()
        # It may be given back by another thread than the one that took it.
        connection = sqlite3.connect(
            self.path, timeout=patience, isolation_level=None, check_same_thread=False
        )
        try:
            # A journal in a file would be one more file to clean up after a crash.
            connection.execute("PRAGMA journal_mode=MEMORY")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if is_busy(error):
                return False
            raise
        self._connection = connection
        return True

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back; with `remove` delete its file too. Harmless where the lock is not held."""
        if self._connection is None:
            return
        self._connection.close()
        self._connection = None
        if remove:
            self.path.unlink(missing_ok=True)

    def _make_file(self) -> None:
        # A named pipe or a link, as a repository may bring one, is no lock either.
        with contextlib.suppress(FileNotFoundError):
            status = self.path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size:
                self.path.unlink()
        create_private(self.path)


def sweep(folder: Path, pattern: str) -> set[str]:
    """Delete the lock files in `folder` that nobody holds; return the stems of those that are held.

    Of the callers that create such files, only one at a time may be in here or between creating its file and
    taking the lock. Raises OSError or sqlite3.Error.
    """
    held: set[str] = set()
    for path in folder.glob(pattern):
        if path.is_dir():
            continue
        lock = FileLock(path)
        if lock.acquire(0):
            lock.release(remove=True)
        else:
            held.add(path.stem)
    return held
