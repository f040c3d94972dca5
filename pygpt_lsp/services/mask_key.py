"""The key by which a workspace's placeholders are made: a small file in its cache that only the user can
read.

The cache may come with a repository. A key that others may know would let them try passwords against the
placeholders, so one that is not private is replaced; git, for one, brings no private files.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING, Final

from pygpt_lsp.services.workspace_cache import possible_caches

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder

_BYTES: Final = 32


def new_key() -> bytes:
    """A key that nobody knows."""
    return secrets.token_bytes(_BYTES)


def kept_key(folder: CacheFolder) -> bytes:
    """The key of a cache, made where there is none. Raises OSError."""
    found = _read(folder.mask_key_path)
    if found is not None:
        return found
    made = new_key()
    folder.private_write(folder.mask_key_path, made.hex())
    return _read(folder.mask_key_path) or made  # another server may have written in the same moment


def find_key(root: Path | None, *, user_cache: Path | None = None) -> bytes | None:
    """The key of the workspace at `root` (None: of no workspace), None where there is none.

    Creates nothing, never raises.
    """
    folders = possible_caches(root, user_cache=user_cache)
    return next((key for folder in folders if (key := _read(folder.mask_key_path)) is not None), None)


def _read(path: Path) -> bytes | None:
    try:
        status = path.lstat()  # opening a named pipe would wait for somebody to write
        if not stat.S_ISREG(status.st_mode) or status.st_size != 2 * _BYTES or not _is_private(status):
            return None
        return bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _is_private(status: os.stat_result) -> bool:
    """Whether the user alone can read it; on Windows the cache's access list decides that."""
    if os.name == "nt":
        return True
    return status.st_mode & 0o077 == 0 and status.st_uid == os.geteuid()
