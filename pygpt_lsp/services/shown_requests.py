"""Requests written down for the user to look at, each in a file of its own that goes when the server ends.

They lie in the workspace's cache, where an editor trusts what it opens, or in what stands in for it where
nothing may be kept (`services/private_folder.py`).
The files are read-only: what is changed in them changes nothing.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.own_files import remove_page, take_name

if TYPE_CHECKING:
    from pygpt_lsp.services.cache_folder import CacheFolder

_KEPT: Final = 20
_LEFT_BEHIND: Final = 24 * 3600  # seconds: older files are those of a server that was killed


class ShownRequests:
    """The files of one server."""

    def __init__(self) -> None:
        self._written: list[Path] = []

    def write(self, cache: CacheFolder, name: str, text: str) -> Path:
        """Write a page of that name. Raises OSError."""
        _sweep(cache.requests_dir)
        path = take_name(cache.requests_dir, name, ".md")
        self._written.append(path)
        path.write_bytes(well_formed(text).encode())
        path.chmod(0o400)
        while len(self._written) > _KEPT:
            with contextlib.suppress(OSError):
                remove_page(self._written.pop(0))
        return path

    def remove(self) -> None:
        """Delete them all. Never raises."""
        for path in self._written:
            with contextlib.suppress(OSError):
                remove_page(path)
        self._written.clear()


def _sweep(folder: Path) -> None:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if time.time() - entry.stat(follow_symlinks=False).st_mtime > _LEFT_BEHIND:
                remove_page(Path(entry.path))
