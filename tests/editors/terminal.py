"""A program in a terminal of its own: real key presses go in, the screen comes out.

The terminal is a tmux server of our own on a private socket, so nothing of the user's tmux is seen or
touched. What a test waits for is polled until a deadline: a wait is never a guess at how long something
takes. `close` ends the processes that were started here and no others.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

DEADLINE = 20.0
"""Seconds any wait may take; far above what is needed, so that only a real failure meets it."""
_POLL = 0.02
_WIDTH, _HEIGHT = 240, 60
"""Wide, since a message with a path that does not fit into a line makes Neovim wait for a key."""

_T = TypeVar("_T")


def wait_until(condition: Callable[[], _T], what: str, show: Callable[[], str] = str) -> _T:
    """The first true value of `condition`. Raises TimeoutError, with what `show` returns, at the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {DEADLINE} s for {what}\n{show()}")
        time.sleep(_POLL)
    return value


class Terminal:
    """A program that runs in `cwd` with exactly the environment `env`; a context manager.

    `env` must not hold TERM: the terminal sets it.
    """

    def __init__(
        self, tmux: Path, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]
    ) -> None:
        self._tmux_program = tmux
        self._env = {**env, "TERM": "xterm-256color"}
        # A socket's path has about a hundred bytes: too few for a test's own folder.
        self._folder = Path(tempfile.mkdtemp(prefix="editor-"))
        # Escape reaches the program at once; the whole screen is the program's; its last words stay readable.
        settings = self._folder / "tmux.conf"
        settings.write_text("set -sg escape-time 0\nset -g status off\nset -g remain-on-exit on\n")
        size = ("-x", str(_WIDTH), "-y", str(_HEIGHT))
        self._tmux("-f", settings, "new-session", "-d", *size, "-c", cwd, "--", *command)
        self.pid = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        """The program's process."""
        self._children: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program, the children that were seen, and the terminal."""
        children = {**self._children, **self.children()}
        self._tmux("kill-server")
        for pid, command in children.items():
            if _command_of(pid) == command:  # still the same process
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self._folder)

    # Keys in

    def keys(self, *names: str) -> None:
        """Press keys by their tmux names: `Escape`, `Enter`, `Down`, `C-s`."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """Press the key of each character, one after the other."""
        for character in text:
            self._tmux("send-keys", "-l", "--", character)

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal smaller, for a picture; the program is told, and draws anew."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    # Screen out

    def screen(self, *, styled: bool = False) -> str:
        """What is to be seen, line by line, without the blanks at line ends; `styled` with the escape
        sequences where the style changes, and with those blanks, which may have a style."""
        return self._tmux("capture-pane", "-p", *(["-e", "-N"] if styled else []))

    def wait_until(self, condition: Callable[[], _T], what: str) -> _T:
        """`wait_until` that shows the screen if it fails."""
        return wait_until(condition, what, self.screen)

    def wait_for(self, text: str) -> str:
        """The screen, once it shows `text`. Wait for nothing that a menu may cover."""
        return self.wait_until(lambda: screen if text in (screen := self.screen()) else "", repr(text))

    # Processes

    def children(self, name: str = "") -> dict[int, str]:
        """The running processes below the program whose command line holds `name`, by process id."""
        found: dict[int, str] = {}
        waiting = [self.pid]
        while waiting:
            for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    waiting += (below := [int(pid) for pid in task.read_text().split()])
                    found |= {pid: _command_of(pid) for pid in below}
        self._children |= found
        return {pid: command for pid, command in found.items() if name in command}

    def wait_for_end(self) -> None:
        """Wait until the program and every child it was seen with have ended."""
        processes = {self.pid: _command_of(self.pid), **self._children}

        def left() -> list[str]:
            return [command for pid, command in processes.items() if command and _command_of(pid) == command]

        self.wait_until(lambda: not left(), f"the end of {left()}")

    def _tmux(self, *arguments: str | Path) -> str:
        command = [self._tmux_program, "-S", self._folder / "socket", *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=self._env).stdout


def _command_of(pid: int) -> str:
    """The command line of a running process; empty if there is none (any more)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
