"""Temporary folders that only the user can read, for what must have a file and must not be kept.

Editors open files, so even where nothing is kept (`history.enabled = false`) a chat has one, in such a
folder, which goes when the server does. A server that was killed leaves it behind; the next one to start
takes it away, which it may once the lock in it is free: that ends with its holder, however the holder ends.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pygpt_lsp.services.cache_folder import CacheFolder

if TYPE_CHECKING:
    from pygpt_lsp.services.history_locks import FileLock

_PREFIX: Final = "pygpt-lsp-private-"
_LOCK: Final = "lock"
_LEFT_BEHIND: Final = 24 * 3600  # seconds: what is older and has no lock is nobody's any more


class PrivateFolder:
    """The temporary folder of one server, with a cache in it for each workspace folder that needs one."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._base: Path | None = None
        self._lock: FileLock | None = None
        self._caches: dict[Path | None, CacheFolder] = {}
        self._numbers: dict[Path | None, int] = {}

    def cache_for(self, root: Path | None) -> CacheFolder:
        """What stands in for the cache of the workspace folder, made at its first use. Raises OSError."""
        with self._making:
            cache = self._caches.get(root)
            if cache is None or not cache.chats_dir.is_dir():  # a system may clean up its temporary files
                number = self._numbers.setdefault(root, len(self._numbers))
                cache = CacheFolder(self._folder() / str(number))
                cache.prepare()
                self._caches[root] = cache
            return cache

    def remove(self) -> None:
        """Delete it with all that is in it. Never raises."""
        base, self._base = self._base, None
        lock, self._lock = self._lock, None
        self._caches.clear()
        if base is not None:
            _remove(base, lock)

    def _folder(self) -> Path:
        if self._base is None or not self._base.is_dir():
            import sqlite3

            from pygpt_lsp.services.history_locks import FileLock

            # 0700 on POSIX; on Windows the user's own folder for temporary files is private.
            self._base = Path(os.path.realpath(tempfile.mkdtemp(prefix=_PREFIX)))
            self._lock = FileLock(self._base / _LOCK)
            # Where the file system has no locks, what a killed server leaves is the system's to clean up.
            with contextlib.suppress(sqlite3.Error):
                self._lock.acquire(0)
        return self._base


def sweep_private_folders() -> None:
    """Take away what servers that were killed have left behind. Never raises."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                with contextlib.suppress(OSError):
                    _sweep(Path(entry.path))


def _sweep(folder: Path) -> None:
    """Take a folder away if it is ours and its server has gone. Raises OSError."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (os.name == "posix" and status.st_uid != os.geteuid()):
        return
    # A folder is locked before anything is put into it, so an empty one may be about to be locked.
    has_contents = any(path.name != _LOCK for path in folder.iterdir())
    if not has_contents or not (folder / _LOCK).is_file():
        if time.time() - status.st_mtime > _LEFT_BEHIND:
            _remove(folder, None)
        return
    import sqlite3

    from pygpt_lsp.services.history_locks import FileLock

    lock = FileLock(folder / _LOCK)
    with contextlib.suppress(sqlite3.Error):
        if lock.acquire(0):
            _remove(folder, lock)


def _remove(folder: Path, lock: FileLock | None) -> None:
    """Delete the contents, then the lock, then the folder: one that is not locked has nothing in it."""
    if os.name == "nt":
        for parent, _, names in os.walk(folder):
            for name in names:
                with contextlib.suppress(OSError):
                    Path(parent, name).chmod(0o600)  # Windows deletes no file that is read-only
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        lock.release(remove=True)
    shutil.rmtree(folder, ignore_errors=True)
