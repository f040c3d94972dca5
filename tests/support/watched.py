"""Environments for a process under test that is watched, or made to misbehave, from within.

Python's own hooks are used (a `sitecustomize` module, audit events), so the process runs the code as it is.
"""

from __future__ import annotations

import re
from pathlib import Path

_PATH = {"PYTHONPATH": str(Path(__file__).parent / "watched_process")}

NOISE = "a library prints: Content-Length: 5"


def noisy() -> dict[str, str]:
    """The process prints `NOISE` in every way there is: at its start, when it loads libraries, at its end."""
    return _PATH | {"WATCHED_NOISE": NOISE}


def crashing(module: str, function: str, message: str) -> dict[str, str]:
    """The function of the process raises ValueError(message) whenever it is called."""
    return _PATH | {"WATCHED_CRASH": f"{module}:{function}:{message}"}


def with_umask(umask: int) -> dict[str, str]:
    """The process was started with this umask."""
    return _PATH | {"WATCHED_UMASK": f"{umask:o}"}


class FileWatch:
    """Notes every file and folder that a process is about to write."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self.env = _PATH | {"WATCHED_FILES": str(journal), "PYTHONDONTWRITEBYTECODE": "1"}

    @property
    def written(self) -> set[Path]:
        """What was written, links followed; devices aside."""
        return {path for _, _, path in self._events() if not path.is_relative_to("/dev")}

    @property
    def moved(self) -> list[tuple[str, Path]]:
        """The mode, in octal digits, and path of each file that was about to take another's place."""
        return [(mode, path) for event, mode, path in self._events() if event == "os.rename"]

    def _events(self) -> list[tuple[str, str, Path]]:
        lines = self._journal.read_text("utf-8").splitlines()
        return [(event, mode, Path(path)) for event, mode, path in (line.split(" ", 2) for line in lines)]


class Watch:
    """Notes every connection, name look-up and child process of a process, and with a `folder` every file in
    that folder that it opens, by whatever way."""

    def __init__(self, journal: Path, folder: Path | None = None) -> None:
        self._journal = journal
        self.env = _PATH | {"WATCHED_JOURNAL": str(journal)}
        if folder is not None:
            self.env["WATCHED_FOLDER"] = str(folder.resolve())

    @property
    def events(self) -> list[str]:
        """One line for each, as Python's audit events name them."""
        return self._journal.read_text("utf-8").splitlines() if self._journal.exists() else []

    @property
    def places(self) -> set[str]:
        """`host:port` of everything that was connected to."""
        text = "\n".join(event for event in self.events if event.startswith("socket.connect "))
        return {f"{host}:{port}" for host, port in re.findall(r"\('([^']+)', (\d+)", text)}
