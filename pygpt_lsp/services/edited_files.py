"""Files on disk before and after an edit that the editor is asked to make.

The editor writes. The one exception is a new file for an editor that cannot make any: it finds an empty one,
which goes away again if nothing came into it. Must never change a file that has something in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def holds(path: Path, text: str) -> bool:
    """Whether the file holds this text, with or without a byte-order mark."""
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf") == text.encode()
    except OSError:
        return False


def stamp(path: Path) -> tuple[int, int]:
    """What is another once a file was saved, though with the same text; (0, 0) where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def make_empty(paths: Iterable[Path]) -> None:
    """Make empty files, with their folders. EditRefused where one exists or cannot be made."""
    for path in paths:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)
        except FileExistsError as error:
            raise EditRefused(f"{path.name} exists already, so nothing was changed.") from error
        except OSError as error:
            raise EditRefused(f"{path.name} cannot be made: {error.strerror}.") from error


def take_away_empty(paths: Iterable[Path]) -> None:
    """Take those files away again that are still empty."""
    for path in paths:
        try:
            if path.stat().st_size == 0:
                path.unlink()
        except OSError:
            continue
