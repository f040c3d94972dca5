"""Where a workspace's cache lies.

The cache is `<root>/.pygpt/cache/`: it belongs to the workspace and leaves with it. Without a root, or with
one that cannot be written, it is a folder of the user's own cache.

A repository is not trusted: a link prepared in it must never lead a write out of the workspace.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final, NamedTuple

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.services.cache_folder import CacheFolder, LeadsOutsideError, UnfitFolderError
from pygpt_lsp.services.own_files import is_link, real_path

_INSIDE: Final = Path(".pygpt", "cache")


class CacheLocation(NamedTuple):
    """The cache of a workspace.

    `reason` is empty where it lies in the workspace; otherwise it is the sentence that tells the user, once,
    where it lies instead and why.
    """

    folder: CacheFolder
    reason: str


def open_cache(root: Path | None, *, user_cache: Path | None = None) -> CacheLocation:
    """Find, create and secure the cache of the workspace at `root`; None: no folder is open.

    `user_cache` stands in for the platform's own cache folder of this user. Raises HistoryError where
    neither place can be written.
    """
    problem = "This is in no open folder"
    if root is not None:
        folder = CacheFolder(root / _INSIDE)
        try:
            _refuse_links_out_of(root)
            folder.prepare()
        except LeadsOutsideError:
            problem = f"A link at {root / _INSIDE} leads out of the workspace"
        except UnfitFolderError as error:
            problem = str(error.strerror)
        except OSError:
            problem = f"{root} cannot be written"
        else:
            return CacheLocation(folder, "")
    folder = _user_folder(root, user_cache)
    try:
        folder.prepare()
    except OSError as error:
        raise HistoryError(
            f"{problem} and nor can {folder.path}, so nothing is kept: make one of them writable."
        ) from error
    return CacheLocation(folder, f"{problem}, so chats and history are kept in {folder.path}.")


def find_cache(root: Path | None, *, user_cache: Path | None = None) -> CacheFolder | None:
    """The cache that holds a history of the workspace at `root`, None where there is none.

    Creates nothing.
    """
    folders = possible_caches(root, user_cache=user_cache)
    return next((folder for folder in folders if folder.history_path.is_file()), None)


def possible_caches(root: Path | None, *, user_cache: Path | None = None) -> list[CacheFolder]:
    """Where a cache of the workspace at `root` can lie, the likelier first. Creates nothing."""
    folders = [_user_folder(root, user_cache)]
    if root is not None:
        with contextlib.suppress(LeadsOutsideError):
            _refuse_links_out_of(root)
            folders.insert(0, CacheFolder(root / _INSIDE))
    return folders


def nearest_workspace(start: Path) -> Path:
    """The nearest folder at or above `start` with a cache of its own; `start` where there is none."""
    return next((folder for folder in (start, *start.parents) if (folder / _INSIDE).is_dir()), start)


def _user_folder(root: Path | None, user_cache: Path | None) -> CacheFolder:
    if user_cache is None:
        import platformdirs

        user_cache = platformdirs.user_cache_path("pygpt-lsp", appauthor=False)
    if root is None:
        return CacheFolder(user_cache / "workspaces" / "no-workspace")
    key = hashlib.sha256(os.fsencode(real_path(root))).hexdigest()[:16]
    return CacheFolder(user_cache / "workspaces" / key)


def _refuse_links_out_of(root: Path) -> None:
    real_root = real_path(root)
    for path in (root / _INSIDE.parent, root / _INSIDE):
        if not real_path(path).is_relative_to(real_root):
            raise LeadsOutsideError(f"{path} is a link")
    for name in ("chats", "locks", "requests", "scratch"):
        if is_link(root / _INSIDE / name):
            raise LeadsOutsideError(f"{root / _INSIDE / name} is a link")
