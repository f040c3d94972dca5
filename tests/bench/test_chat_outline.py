"""What the lenses, the outline and the folds of a long chat cost, right after each key press in it."""

from __future__ import annotations

import random
from statistics import quantiles
from typing import TYPE_CHECKING

import pytest

from tests.bench.processes import OURS, ServerProcess
from tests.bench.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("compiled")]

SECTION = "Chats"
BYTES = 2_000_000
KEYS = 100
REQUESTS = {"codeLens": "lenses", "documentSymbol": "outline", "foldingRange": "folds"}

PROSE = "This is what such a paragraph says about `code`, with ö and 😀, as long as models make it. " * 5
CODE = "```python\n" + "def function(ö: int) -> int:\n    return ö + 1  # 😀\n\n" * 12 + "```\n"
EDIT = "src/app.py\n```python\n<<<<<<< SEARCH\nold = 1\n=======\nnew = 2\n>>>>>>> REPLACE\n```\n"


def long_chat() -> tuple[str, list[int]]:
    """A chat of 2 MB, and the offsets of its questions, each of which is answered with prose and code."""
    text = "---\nmodel: gpt-5.5\n---\n\n"
    pieces, places, length, size = [text], list[int](), len(text), 0
    for number in range(1_000_000):
        question = (
            f"## User\n\n> #file:src/app.py:1-20\n> #diagnostics\n\nWhy is that so in case {number}?\n\n"
        )
        places.append(length + len(question) - 2)
        answer = f"# Case {number}\n\n{PROSE}\n\n{CODE}\n## Better\n\n{PROSE}\n\n{CODE}\n"
        edit = EDIT if number % 5 == 0 else ""
        pieces.append(f"{question}## Assistant\n\n{answer}{edit}\n{PROSE}\n\n")
        length += len(pieces[-1])
        size += len(pieces[-1].encode())
        if size > BYTES:
            break
    pieces.append("## User\n\nAnd now?")
    return "".join(pieces), [*places, length + len(pieces[-1])]


def test_lenses_outline_and_folds_are_there_at_once_after_each_key_in_a_chat_of_2_mb(
    env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    text, places = long_chat()
    where = random.Random(1)
    taken: dict[str, list[float]] = {name: [] for name in REQUESTS}
    lines = [(text.count("\n", 0, at), at - text.rfind("\n", 0, at) - 1) for at in places]
    with ServerProcess(OURS, env, workspace) as server:
        server.initialize()
        server.notify("initialized", {})
        uri = (workspace / "long.chat.md").as_uri()
        item = {"uri": uri, "languageId": "markdown", "version": 0, "text": text}
        server.notify("textDocument/didOpen", {"textDocument": item})
        document = {"textDocument": {"uri": uri}}
        for name in REQUESTS:  # the first answers read the whole chat
            server.request(f"textDocument/{name}", document)
        for version in range(1, KEYS + 1):
            # Most are typed where the next question is written, the others all over the chat.
            line, character = lines[-1] if version % 4 else where.choice(lines)
            at = {"line": line, "character": character}
            change = {"range": {"start": at, "end": at}, "text": "x"}
            identifier = {"uri": uri, "version": version}
            server.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
            # Any of them may be the first to ask, and pay for reading the change.
            for name in where.sample(list(REQUESTS), len(REQUESTS)):
                answer, seconds = server.timed_request(f"textDocument/{name}", document)
                taken[name].append(seconds * 1e3)
                assert answer["result"], name
    for name, what in REQUESTS.items():
        cuts = quantiles(taken[name], n=20)
        record(SECTION, Measure(f"{what} of a chat of 2 MB, p50", cuts[9], "ms"))
        record(SECTION, Measure(f"{what} of a chat of 2 MB, p95", cuts[18], "ms", most=50))
