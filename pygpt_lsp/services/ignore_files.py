"""The ignore files of a workspace: each is read when needed, and again once it changed.

Must never read one that lies elsewhere, wherever links lead, nor open a device. One that is too long or that
cannot be read excludes everything beside it.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from pygpt_lsp.core.ignore_patterns import IgnorePatterns, TooMuchToTryError, parse_patterns

MAX_IGNORE_BYTES: Final = 1 << 20
_CACHED_BYTES: Final = 4 << 20
# git too takes upper and lower case for the same where the file system does.
_FOLDED: Final = sys.platform in {"win32", "darwin"}
_EVERYTHING: Final = parse_patterns(b"*", folded=False)
# Two changes within one tick of the file system's clock look the same; FAT's ticks are the longest.
_TICK_NS: Final = 2_000_000_000


class IgnoreFile(NamedTuple):
    """What an ignore file held when it had this `stamp`: its time, size and number on the disk."""

    stamp: tuple[int, int, int]
    patterns: IgnorePatterns
    trouble: str


class IgnoreFiles:
    """The ignore files of one workspace folder, and what was read of them."""

    def __init__(self) -> None:
        self._files: dict[str, IgnoreFile] = {}
        self._bytes = 0

    def read(self, path: str, within: str) -> IgnoreFile | None:
        """The patterns of an ignore file, None where there is none below the folder `within`, links followed.
        One that cannot be read excludes all."""
        try:
            status = os.stat(path)  # noqa: PTH116 - most folders have none, and this is the fastest way to know
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            known = self._files.get(path)
            if known is not None and known.stamp == stamp:
                return known
            inside = names_below(os.path.realpath(path), within) is not None
            if not inside or not stat.S_ISREG(status.st_mode):
                return None
            with open(path, "rb") as file:  # noqa: PTH123
                patterns, trouble = parsed_patterns(file.read(MAX_IGNORE_BYTES + 1))
        except PermissionError:
            return IgnoreFile((0, 0, 0), _EVERYTHING, ", which cannot be read")
        except (OSError, ValueError):
            return None
        read = IgnoreFile(stamp, patterns, trouble)
        if abs(time.time_ns() - status.st_mtime_ns) > _TICK_NS:
            self._keep(path, read)
        return read

    def _keep(self, path: str, file: IgnoreFile) -> None:
        self._bytes += file.stamp[1]
        if self._bytes > _CACHED_BYTES:
            self._files.clear()
            self._bytes = file.stamp[1]
        self._files[path] = file


def parsed_patterns(data: bytes) -> tuple[IgnorePatterns, str]:
    """The patterns, and what is wrong with the file that they stand in, to be said after its name."""
    try:
        if len(data) > MAX_IGNORE_BYTES:
            raise TooMuchToTryError("too many bytes")
        return parse_patterns(data, folded=_FOLDED), ""
    except TooMuchToTryError:
        return _EVERYTHING, ", which is too long to be read"


def names_below(path: str, root: str) -> tuple[str, ...] | None:
    """The names that lead from `root` to `path`, None where they do not; both are normalised."""
    try:
        return Path(path).relative_to(root).parts
    except ValueError:
        return None
