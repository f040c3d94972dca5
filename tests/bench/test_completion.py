"""How fast completion in a chat answers: in a workspace of 100,000 files, and in a chat of 2 MB."""

from __future__ import annotations

import random
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pytest

from tests.bench.processes import OURS, ServerProcess, resident_mb
from tests.bench.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("compiled")]

SECTION = "Chats"
FILES = 100_000
FOLDERS = 8_000
STARTS = 5
KEY_PRESSES = 60
EMPTY = "## User\n\n\n"
MOST_MS = 50
NAMES = """
    app core server client chat request model test utils index main handler service config parser lexer
    token user account order item list view controller factory builder helper common shared lib src
    plugin render engine graph node tree cache store queue worker thread event socket proxy route auth
    login session cookie form widget button panel dialog window page layout style theme color font icon
    image audio video stream buffer file folder archive message error logger trace metric monitor alert
    board report chart table column row cell grid größe
    """
WORDS = NAMES.split()
QUERIES = (
    "chat",
    "request",
    "serverconf",
    "crq",
    "srcindex",
    "Handler",
    "user/ord",
    "größe",
    "zzz",
    "tstview",
)
SIGNS = 40
"""Files whose names tell when the listing has come to them."""
SETTLE = 2.0
"""Seconds after the start, when the version is checked, and after the last of those files was found."""


class Chat:
    """A chat that is open in a server as Helix starts it, and typed in at one line."""

    def __init__(self, server: ServerProcess, root: Path, text: str) -> None:
        server.initialize()
        server.notify("initialized", {})
        server.settle()
        self._server = server
        self._uri = (root / "talk.chat.md").as_uri()
        self._version = 0
        item = {"uri": self._uri, "languageId": "markdown", "version": 0, "text": text}
        server.notify("textDocument/didOpen", {"textDocument": item})
        server.settle()
        self.labels: list[str] = []
        """What the last answer offered."""

    def write(self, content: str, line: int = 2) -> float:
        """Make this the content of a line and ask at its end; the milliseconds until the answer is there."""
        began = time.perf_counter()
        self.change(content, line)
        at = {"line": line, "character": len(content.encode())}
        params = {"textDocument": {"uri": self._uri}, "position": at}
        answer = self._server.request("textDocument/completion", params)
        taken = time.perf_counter() - began
        self.labels = [item["label"] for item in answer["result"]["items"]]
        return taken * 1e3

    def change(self, content: str, line: int = 2) -> None:
        """Make this the content of a line."""
        self._version += 1
        span = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 1_000}}
        document = {"uri": self._uri, "version": self._version}
        changes = [{"range": span, "text": content}]
        self._server.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})


@pytest.fixture(scope="module")
def many_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of 100,000 files."""
    root = tmp_path_factory.mktemp("many")
    chance = random.Random(1)
    folders = [root / "/".join(chance.choices(WORDS, k=chance.randint(1, 5))) for _ in range(FOLDERS)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for number in range(FILES - SIGNS):
        name = chance.choice(("_", "-", "")).join(chance.choices(WORDS, k=chance.randint(1, 3)))
        (folders[number % FOLDERS] / f"{name}{number}.{chance.choice(('py', 'ts', 'md'))}").touch()
    for number in range(SIGNS):
        (folders[number * FOLDERS // SIGNS] / f"sign{number}.of").touch()
    return root


def test_files_are_found_at_once_among_100000(
    env: dict[str, str], many_files: Path, record: Callable[[str, Measure], None]
) -> None:
    first: list[float] = []
    for _ in range(STARTS):
        with ServerProcess(OURS, env, many_files) as server:
            chat = Chat(server, many_files, EMPTY)
            chat.change("Why")
            time.sleep(SETTLE)
            first.append(chat.write("> #file:c"))
    record(
        SECTION,
        Measure(f"completion: the very first answer, slowest of {STARTS}", max(first), "ms", most=MOST_MS),
    )
    with ServerProcess(OURS, env, many_files) as server:
        chat = Chat(server, many_files, EMPTY)
        before = resident_mb(server.pid)
        chance = random.Random(2)
        typed = ["#" + chance.choice(QUERIES)[: chance.randint(1, 9)] for _ in range(KEY_PRESSES)]
        taken = [chat.write(content) for content in typed]
        record(
            SECTION,
            Measure("completion: a key press while files are listed, p95", p95(taken), "ms", most=MOST_MS),
        )
        for number in range(SIGNS):
            while f"sign{number}.of" not in {label.rpartition("/")[2] for label in chat.labels}:
                chat.write(f"> #file:sign{number}.of")
        time.sleep(SETTLE)
        record(
            SECTION, Measure("completion: memory for 100,000 files", resident_mb(server.pid) - before, "MB")
        )
        typed = [f"> #file:{query[:length]}" for query in QUERIES for length in range(len(query) + 1)]
        taken = [chat.write(content) for content in typed * 3]
        record(SECTION, Measure("completion: a key press among 100,000 files, p50", median(taken), "ms"))
        record(
            SECTION,
            Measure("completion: a key press among 100,000 files, p95", p95(taken), "ms", most=MOST_MS),
        )


def test_a_chat_of_2_mb_is_completed_at_once(
    env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    code = "\n```python\ndef f(ö):\n    return ö\n```\n\n"
    question = "## User\n\n> #file:src/app.py:1-9\n\nWarum ö?\n\n"
    turn = question + "## Assistant\n\n" + "Weil 😀 it is so.\n" * 400 + code
    text = turn * (2_000_000 // len(turn.encode())) + EMPTY
    last = text.count("\n") - 1
    early = (turn * 3).count("\n") + 2
    with ServerProcess(OURS, env, workspace) as server:
        chat = Chat(server, workspace, text)
        for where, line in (("at its end", last), ("near its start", early)):
            typed = ["#", "#s", "> #file:ap", "> #symbol:g"] * 25
            taken = [chat.write(content, line) for content in typed]
            what = f"completion: a key press in a chat of 2 MB, {where}, p95"
            record(SECTION, Measure(what, p95(taken), "ms", most=MOST_MS))


def p95(milliseconds: list[float]) -> float:
    """What 19 of 20 do not exceed."""
    return quantiles(milliseconds, n=20)[18]
