"""Requests written down for the user to look at, each in a file of its own that goes when the server ends.

They lie in the workspace's cache, where an editor trusts what it opens. Where nothing may be kept, or the
cache cannot be written, they lie in a folder for temporary files that only the user can read.
The files are read-only: what is changed in them changes nothing.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.workspace_cache import remove_page, take_name

if TYPE_CHECKING:
    from pygpt_lsp.services.workspace_cache import CacheFolder

_KEPT: Final = 20
_LEFT_BEHIND: Final = 24 * 3600  # seconds: older files are those of a server that was killed


class ShownRequests:
    """The files of one server."""

    def __init__(self) -> None:
        self._written: list[Path] = []
        self._temporary: Path | None = None

    def write(self, cache: CacheFolder | None, name: str, text: str) -> Path:
        """Write a page of that name; None as cache: nothing may be kept. Raises OSError."""
        folder = self._temporary_folder() if cache is None else cache.requests_dir
        if cache is not None:
            _sweep(folder)
        path = take_name(folder, name, ".md")
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
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def _temporary_folder(self) -> Path:
        if self._temporary is None:
            # 0700 on POSIX; on Windows the user's own folder for temporary files is private.
            self._temporary = Path(tempfile.mkdtemp(prefix="pygpt-lsp-"))
        return self._temporary


def _sweep(folder: Path) -> None:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if time.time() - entry.stat(follow_symlinks=False).st_mtime > _LEFT_BEHIND:
                remove_page(Path(entry.path))
