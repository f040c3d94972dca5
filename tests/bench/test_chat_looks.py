"""What a hover and the hint of a long chat cost, right after each key press in it."""

from __future__ import annotations

import random
import time
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import pytest

from tests.bench.processes import OURS, ServerProcess
from tests.bench.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("compiled")]

SECTION = "Chats"
CHARACTERS = 2_000_000
KEYS = 200
FILES = 10
SETTLED = 2.0
"""Seconds in which the libraries are loaded and the chat is looked at for the first time."""

_ANSWER = (
    "Here is what I found about `code` with ö and 😀. " * 20
    + "\n\n```python\n"
    + "def f(x):\n    return x + 1\n" * 200
    + "```\n"
)


def chat_of(size: int) -> str:
    """A chat of that many characters, every question with context."""
    turns = ["---\nmodel: gpt-5.5\n---\n"]
    length = 0
    while length < size:
        number = len(turns) % FILES
        turns.append(
            f"## User\n\n> #file:src/file{number}.py:1-200\n\nWhy {len(turns)}?\n\n## Assistant\n\n{_ANSWER}"
        )
        length += len(turns[-1])
    return "\n".join([*turns, "## User\n\n> #file:src/app.py\n\nAnd why?\n"])


def test_a_hover_and_the_hint_are_there_at_once_after_each_key_in_a_chat_of_2_mb(
    env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    for number in range(FILES):
        (workspace / f"src/file{number}.py").write_text("def f(x):\n    return x\n" * 200)
    text = chat_of(CHARACTERS)
    lines = text.split("\n")
    context = [index for index, line in enumerate(lines) if line.startswith("> #file")]
    words = [index for index, line in enumerate(lines) if line.startswith(("Why", "Here", "And why"))]
    places = random.Random(1)
    taken: dict[str, list[float]] = {"hover": [], "inlayHint": []}
    with ServerProcess(OURS, env, workspace) as server:
        server.initialize()
        server.notify("initialized", {})
        uri = (workspace / "long.chat.md").as_uri()
        item = {"uri": uri, "languageId": "markdown", "version": 0, "text": text}
        server.notify("textDocument/didOpen", {"textDocument": item})
        server.settle()
        time.sleep(SETTLED)
        document = {"textDocument": {"uri": uri}}
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}
        for version in range(1, KEYS + 1):
            line = places.choice(words)
            at = {"line": line, "character": len(lines[line].encode())}
            change = {"range": {"start": at, "end": at}, "text": " "}
            identifier = {"uri": uri, "version": version}
            server.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
            asked: dict[str, Any] = {
                "hover": document | {"position": {"line": places.choice(context), "character": 5}},
                "inlayHint": document | {"range": whole},
            }
            for name, params in asked.items():
                began = time.perf_counter()
                answer = server.request(f"textDocument/{name}", params)
                taken[name].append((time.perf_counter() - began) * 1e3)
                assert answer["result"], name
    for name, what in (("hover", "hover on a context line"), ("inlayHint", "tokens beside the last heading")):
        cuts = quantiles(taken[name], n=20)
        record(SECTION, Measure(f"{what} in a chat of 2 MB, p50", cuts[9], "ms", most=50))
        record(SECTION, Measure(f"{what} in a chat of 2 MB, p95", cuts[18], "ms", most=50))
