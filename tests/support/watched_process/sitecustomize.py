"""Runs inside the process under test, before any of its own code: Python imports a module of this name.

What it does is in the environment; see `tests/support/watched.py`.
"""

import atexit
import importlib
import os
import subprocess
import sys
from pathlib import Path

_NETWORK = {
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "subprocess.Popen",
}
_RUN = {"os.system", "os.exec", "os.posix_spawn", "os.startfile"}
_JOURNAL = os.environ.get("WATCHED_JOURNAL")
_FILES = os.environ.get("WATCHED_FILES")
_FOLDER = os.environ.get("WATCHED_FOLDER")
_NOISE = os.environ.get("WATCHED_NOISE")
_CRASH = os.environ.get("WATCHED_CRASH")


def _make_noise() -> None:
    """Print in every way there is: buffered, past the buffer, on what was stdout once, and by a child."""
    print(_NOISE)
    print(_NOISE, file=sys.__stdout__, flush=True)
    os.write(1, f"{_NOISE}\n".encode())
    subprocess.run([sys.executable, "-S", "-c", f"print({_NOISE!r})"], check=True, stdin=subprocess.DEVNULL)


def _is_inside(path: object, folder: str) -> bool:
    """Whether a path leads into the folder, whatever links it goes by."""
    return isinstance(path, str | bytes | Path) and os.path.realpath(os.fsdecode(path)).startswith(folder)


def _write_journal(event: str, arguments: tuple[object, ...]) -> None:
    # Addresses follow the socket itself, which is nobody's business.
    shown = [argument for argument in arguments if not hasattr(argument, "fileno")]
    if shown:
        with Path(_JOURNAL or "").open("a", encoding="utf-8") as journal:
            journal.write(f"{event} {shown!r}\n")


def _watch_files(event: str, arguments: tuple[object, ...], journal: int) -> None:
    """A line for each file that is about to be written: how, its mode if it is there already, its path."""
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & writes
    if (opened or event in {"os.mkdir", "os.rename", "sqlite3.connect"}) and isinstance(
        arguments[0], str | Path
    ):
        path = Path(os.path.realpath(arguments[0]))
        try:
            mode = f"{path.stat().st_mode & 0o777:o}"
        except FileNotFoundError:
            mode = "new"
        os.write(journal, f"{event} {mode} {path}\n".encode())


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _files is not None:
        _watch_files(event, arguments, _files)
    opens = _FOLDER and event == "open" and _is_inside(arguments[0], _FOLDER)
    if _JOURNAL and (event in _NETWORK or event in _RUN or opens):
        _write_journal(event, arguments)
    elif (
        _NOISE
        and event == "import"
        and arguments[0] in {"pygpt_lsp.lsp.code_actions", "pygpt_lsp.lsp.chat_jobs"}
    ):
        _make_noise()


def _plant_crash(place: str) -> None:
    """`module:function:message`: from now on the function raises a ValueError with that message."""
    module, function, message = place.split(":")

    def crash(*_arguments: object, **_keywords: object) -> object:
        raise ValueError(message)

    target = importlib.import_module(module)
    assert callable(getattr(target, function))
    setattr(target, function, crash)


_files = os.open(_FILES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if _FILES else None
if umask := os.environ.get("WATCHED_UMASK"):
    os.umask(int(umask, 8))
sys.addaudithook(_watch)
if _NOISE:
    print(_NOISE)  # stays in a buffer until somebody flushes it
    atexit.register(_make_noise)
if _CRASH:
    _plant_crash(_CRASH)
