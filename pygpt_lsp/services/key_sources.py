"""The two outside sources of a key: the user's own command, and the operating system's keyring.

Neither may hang the server or write into the editor's streams: a command gets no input, its own process
group and a limited time; the keyring, which may wait for a password dialog, gets a thread that nobody
waits for at exit.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shlex
import signal
import subprocess
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Any

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.services.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYRING_SERVICE = "pygpt-lsp"
_NOT_STARTED = "cannot be started; check that its program exists and may be run"
TIMEOUT = 30.0
"""Seconds for the command, which may ask for a password in a window of its own."""


async def from_command(command: str | Sequence[str], *, limit: float = TIMEOUT) -> str:
    """What the command prints, stripped. It is run without a shell; a string is split as a shell would.

    It runs in the user's home and is never looked for in the current folder: that may be a repository, and
    what lies there (a program, a module, a tool's settings) must not be run or heeded.

    Raises `RequestRefused` (NO_KEY) where the command cannot be started, fails, prints nothing or takes more
    than `limit` seconds; it is ended then, with all that it started.
    """
    argv = _split(command) if isinstance(command, str) else list(command)
    if not argv:
        raise _refused("is empty; set it to a command that prints the key")
    program = find_program(argv[0])
    if program is None:
        raise _refused(_NOT_STARTED)
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *argv[1:],
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=_home(),
            **_own_group(),
        )
    except (OSError, ValueError):
        raise _refused(_NOT_STARTED) from None
    try:
        async with asyncio.timeout(limit):
            printed, _ = await process.communicate()
    except TimeoutError:
        await _end(process)
        raise _refused(f"printed no key within {limit:g} s; run it in a terminal to see why") from None
    except BaseException:
        await _end(process)
        raise
    if process.returncode != 0:
        raise _refused(f"failed with exit code {process.returncode}; run it in a terminal to see why")
    key = printed.decode("utf-8", errors="replace").strip()
    if not key:
        raise _refused("printed nothing; run it in a terminal to see why")
    return key


async def from_keyring(host: str) -> str | None:
    """The password of user `host` of service "pygpt-lsp"; None where there is none or no keyring.

    One that is locked or broken counts as none: the message about the missing key says what else to do.
    """
    if importlib.util.find_spec("keyring") is None:
        return None
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()

    def ask() -> None:
        found = _ask_keyring(host)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: answer.done() or answer.set_result(found))

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    return await answer


def _ask_keyring(host: str) -> str | None:
    try:
        import keyring

        return keyring.get_password(KEYRING_SERVICE, host)
    except Exception:  # each backend has errors of its own
        return None


def _split(command: str) -> list[str]:
    words = shlex.shlex(command, posix=True, punctuation_chars=False)
    words.whitespace_split = True
    words.commenters = ""
    if sys.platform == "win32":
        words.escape = ""  # a backslash is part of a path there
    try:
        return list(words)
    except ValueError:
        raise _refused("has a quote that is not closed; correct it") from None


def _home() -> str | None:
    """The user's home; where there is none, the top of the file system, which is nobody's repository."""
    home = os.path.expanduser("~")  # noqa: PTH111 - `Path.home` raises where there is none
    return home if os.path.isdir(home) else os.path.abspath(os.sep)  # noqa: PTH100, PTH112


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a command that is not wanted any more, with all that it started."""
    if sys.platform == "win32":
        tree = ("taskkill", "/F", "/T", "/PID", str(process.pid))
        await (
            await asyncio.create_subprocess_exec(*tree, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        ).wait()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await process.wait()


def _refused(reason: str) -> RequestRefused:
    return RequestRefused(ErrorKind.NO_KEY, f"Nothing was sent: `api_key_command` {reason}.")
