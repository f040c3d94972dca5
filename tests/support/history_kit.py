"""Short words for what the history's tests say again and again, and other processes for them to meet."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hypothesis import strategies as st

from pygpt_lsp.core.messages import Message
from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history_records import StartedTurn, TurnEnd, TurnStart

if TYPE_CHECKING:
    from collections.abc import Generator

    from pygpt_lsp.services.history import HistoryStore

ANY_TEXT = st.lists(st.text() | st.sampled_from("\ud83d\ude00\0\r\n\u2028ö😀")).map("".join)
"""Every text that a string can hold, often with halves of surrogate pairs."""

_PROJECT = Path(__file__).parents[2]


class Clock:
    """A clock that stands still until a test moves it; seconds since 1970."""

    def __init__(self, seconds: float = 1_760_000_000.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def new_cache(path: Path) -> CacheFolder:
    """A prepared cache folder at `path`."""
    cache = CacheFolder(path)
    cache.prepare()
    return cache


def question(
    *said: str,
    system: str = "Be brief.",
    conversation: str | None = None,
    title: str | None = None,
    action: str = "chat",
    document: str = "",
    model: str = "gpt-test",
    host: str = "api.example.com",
) -> TurnStart:
    """A turn whose messages are `system` and what was `said` by user and assistant in turn."""
    messages = [Message("system", system)]
    for number, text in enumerate(said):
        messages.append(Message("assistant" if number % 2 else "user", text))
    name = said[0] if title is None else title
    return TurnStart(messages, model, host, action, name, document, conversation_id=conversation)


def exchange(store: HistoryStore, asked: TurnStart, answer: str) -> StartedTurn:
    """Ask and answer at once."""
    started = store.start_turn(asked)
    store.finish_turn(started.turn_id, TurnEnd("done", answer))
    return started


_READER = """
import contextlib, os, sys
for parent, _, files in sorted(os.walk(sys.argv[1])):
    for name in sorted(files):
        with contextlib.suppress(FileNotFoundError), open(os.path.join(parent, name), "rb") as file:
            sys.stdout.buffer.write(file.read())
"""


def bytes_in(folder: Path) -> bytes:
    """Every byte of every file in `folder`; a file may go while others are read.

    Another process reads them: to open and close a database's file here would drop this process's locks.
    """
    return subprocess.run(
        [sys.executable, "-c", _READER, str(folder)], check=True, capture_output=True
    ).stdout


@contextmanager
def another_process(part: str, cache: CacheFolder, *arguments: str) -> Generator[OtherProcess]:
    """`tests.support.history_process` playing `part`; it ends at the end of the block."""
    process = OtherProcess(part, cache, *arguments)
    try:
        yield process
    finally:
        process.end()


class OtherProcess:
    """A process that prints a line for each thing done and ends when its stdin does."""

    def __init__(self, part: str, cache: CacheFolder, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.history_process", part, str(cache.path), *arguments],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    @property
    def output(self) -> IO[str]:
        """What it prints."""
        assert self._process.stdout is not None
        return self._process.stdout

    def line(self) -> str:
        """The next line it prints; fails where it ended before."""
        line = self.output.readline()
        assert line, f"the other process ended with {self._process.wait()}"
        return line.removesuffix("\n")

    def kill(self) -> str:
        """kill -9; what it had printed and nobody had read."""
        self._process.kill()
        return self.output.read()

    def end(self) -> int:
        """Let it end, and wait; its exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait()
        self.output.close()
        return code
