"""Finding the programs that we run: never in the current folder, which may be a stranger's repository.

Windows looks there first, and so does a `PATH` with an empty or a relative entry.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENDINGS = ("", ".exe", ".com") if sys.platform == "win32" else ("",)


def find_program(name: str, env: Mapping[str, str] = os.environ) -> str | None:
    """The program that `name` means: its absolute path, in the absolute folders of `PATH`; None where there
    is none. A name with a folder in it stays what it is. Touches the disk."""
    if os.path.dirname(name):  # noqa: PTH120 - `Path` takes `./x` for `x`
        return name
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(folder):  # noqa: PTH117
            for ending in _ENDINGS:
                path = Path(folder, name + ending)
                if os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH113 - it never raises
                    return str(path)
    return None
