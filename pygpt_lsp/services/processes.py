"""What we need to know of other processes, with a counterpart for each platform."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any

_LOOK_SECONDS = 2.0


async def until_ended(process_id: int) -> None:
    """Return when the process has ended: at once on Linux, within two seconds elsewhere.

    On Linux a process counts as ended even while nobody has asked for its exit code.
    """
    descriptor = _open_process(process_id)
    if descriptor is None:
        while is_alive(process_id):  # noqa: ASYNC110 (nobody tells us; we have to look)
            await asyncio.sleep(_LOOK_SECONDS)
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _open_process(process_id: int) -> int | None:
    """A descriptor that is readable once the process has ended; None where there is no such thing."""
    if sys.platform == "linux":
        # An old kernel or a sandbox may not know the call; a process that is gone is found by looking.
        with contextlib.suppress(OSError):
            return os.pidfd_open(process_id)
    return None


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
