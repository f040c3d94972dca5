"""Writes the page of a session down while it happens: what the user does, and the messages that go by."""

from __future__ import annotations

import re
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from tests.sessions.messages import WIDTH, Names, laid_out, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator

    from tests.support.editor_text import Json
    from tests.support.json_rpc import Entry
    from tests.support.lsp_client import EditorClient

_ARROWS = {"out": "→", "in": "←"}
_END = "``` "
"""The end of messages while it may not be the last."""


class Recorder:
    """The page of one session."""

    def __init__(self, client: EditorClient, names: Names) -> None:
        self.names = names
        self._client = client
        self._lines: list[str] = []
        self._steps = 0

    def step(self, title: str, says: str) -> None:
        """A new step: what the user does and sees."""
        self._steps += 1
        self._lines += ["", f"## {self._steps}. {title}"]
        self.say(says)

    def say(self, says: str) -> None:
        """A paragraph."""
        self._lines += ["", *wrap(says, WIDTH, break_on_hyphens=False)]

    def show(self, language: str, text: str) -> None:
        """A text as it is now."""
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        lines = self.names.in_text(text).removesuffix("\n").split("\n")
        self._lines += ["", f"{fence}{language}", *(line.rstrip("\r") for line in lines), fence]

    @contextmanager
    def messages(self, *methods: str, without: Collection[str] = (), last: bool = False) -> Generator[None]:
        """The messages of these methods that go by inside, each request with its answer.

        `without`: keys of params that are left out. `last`: only the last of them, where it is asked until
        the answer is known. Reports of a progress come when they come: they are left out too.
        """
        journal = self._client.peer.journal
        start = len(journal)
        yield
        went = [entry for entry in journal[start:] if entry.message.get("method") in methods]
        lines = [line for entry in (went[-1:] if last else went) for line in self._written(entry, without)]
        if self._lines[-1] == _END:  # they follow each other
            self._lines.pop()
        else:
            self._lines += ["", "```text"]
        self._lines += [*lines, _END]

    def page(self, title: str, introduction: str) -> str:
        """The whole page."""
        lines = [f"# {title}", "", introduction, *self._lines, ""]
        return "\n".join(line.rstrip() if line == _END else line for line in lines)

    def _written(self, entry: Entry, without: Collection[str]) -> Iterator[str]:
        message = entry.message
        params: Json = message.get("params") or {}
        if message["method"] == "$/progress" and params["value"]["kind"] == "report":
            return
        kept = {key: value for key, value in params.items() if key not in without}
        short = shortened(kept, self.names.in_text)
        yield from laid_out(f"{_ARROWS[entry.way]} {message['method']} ", short)
        if "id" in message:
            yield from laid_out("  = ", shortened(self._result(entry), self.names.in_text))

    def _result(self, request: Entry) -> Any:
        """The answer that went the other way."""
        answer = next(
            entry.message
            for entry in self._client.peer.journal
            if entry.way != request.way
            and "method" not in entry.message
            and entry.message.get("id") == request.message["id"]
        )
        return answer.get("result")
