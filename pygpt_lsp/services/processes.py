"""What we need to know of other processes, with a counterpart for each platform."""

from __future__ import annotations

import os
import sys
from typing import Any


def is_alive(process_id: int) -> bool:
    """Whether a process with that id exists. True where it cannot be told."""
    if sys.platform == "win32":
        return _is_alive_windows(process_id)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_alive_windows(process_id: int) -> bool:  # pragma: no cover (Windows only)
    import ctypes

    synchronize, timed_out = 0x00100000, 0x102
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 (the type checker knows it on Windows alone)
    handle = kernel.OpenProcess(synchronize, False, process_id)
    if not handle:
        return False
    try:
        return kernel.WaitForSingleObject(handle, 0) == timed_out
    finally:
        kernel.CloseHandle(handle)
