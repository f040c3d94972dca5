"""What a workspace's cache holds beside the history itself, for whoever wants all of it gone.

Chats that no conversation has (never sent, or sent while no history was kept), copies of code, histories that
were set aside: deleting conversations leaves them. Must never follow a link out of the cache.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.services.history_database import SET_ASIDE, set_aside_files
from pygpt_lsp.services.own_files import remove_page

if TYPE_CHECKING:
    from pygpt_lsp.services.cache_folder import CacheFolder


class CacheFiles(NamedTuple):
    """Files of a cache: chat documents, code copied from chats, and histories that were set aside."""

    chats: tuple[Path, ...]
    copies: tuple[Path, ...]
    set_aside: tuple[Path, ...]


def files_of(cache: CacheFolder) -> CacheFiles:
    """What there is."""
    return CacheFiles(
        tuple(_files_below(cache.chats_dir)),
        tuple(_files_below(cache.scratch_dir)),
        tuple(set_aside_files(cache.history_path)),
    )


def remove_files(cache: CacheFolder) -> None:
    """Delete these files, and what belongs to the histories that were set aside. Raises OSError."""
    files = files_of(cache)
    companions = cache.path.glob(f"{cache.history_path.name}{SET_ASIDE}*")
    for path in (*files.chats, *files.copies, *companions):
        remove_page(path)


def _files_below(folder: Path) -> list[Path]:
    """The files and links below a folder, which is none itself."""
    if folder.is_symlink():
        return []
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found += [Path(parent, name) for name in (*files, *links)]
    return sorted(found)
