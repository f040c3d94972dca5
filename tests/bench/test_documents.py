"""What typing and the menu cost in documents of any size, beside bare pygls in the same run."""

from __future__ import annotations

import random
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pytest

from tests.bench.processes import BARE, OURS, ServerProcess
from tests.bench.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.editor_text import Json

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("compiled")]

SECTION = "Documents"
MENUS = 500
STARTS = 7
EARLY_MENUS = 100
"""Asked for while the version check and the SDK are loaded in the background."""
SERIES = 7
CHANGES = 100
"""Changes in a series."""
WARM_UP = 3.0
"""Seconds after the first menu, in which the SDK is loaded in the background."""


@pytest.fixture
def ours(env: dict[str, str], workspace: Path) -> Iterator[ServerProcess]:
    with ServerProcess(OURS, env, workspace) as server:
        yield server


@pytest.fixture
def bare(env: dict[str, str], workspace: Path) -> Iterator[ServerProcess]:
    with ServerProcess(BARE, env, workspace) as server:
        yield server


def start(server: ServerProcess) -> None:
    """As an editor does, until the server has settled."""
    server.initialize()
    server.notify("initialized", {})
    server.settle()


def open_document(server: ServerProcess, root: Path, lines: int) -> str:
    """Open a Python document of that many lines; its URI."""
    uri = (root / f"lines{lines}.py").as_uri()
    definition = "def function_{0}(ö: int) -> int:\n    total = ö + {0}\n    return total  # 😀\n\n\n"
    text = "".join(definition.format(number) for number in range(lines // 5))
    item = {"uri": uri, "languageId": "python", "version": 0, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": item})
    server.settle()
    return uri


def menu(server: ServerProcess, uri: str, line: int) -> float:
    """The seconds that a menu for three selected lines takes."""
    where = {"start": {"line": line, "character": 0}, "end": {"line": line + 3, "character": 0}}
    context: Json = {"diagnostics": [], "triggerKind": 1}
    began = time.perf_counter()
    answer = server.request(
        "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": where, "context": context}
    )
    taken = time.perf_counter() - began
    assert answer["result"], "an empty menu"
    return taken


def test_the_menu_is_there_at_once_in_a_document_of_10000_lines(
    ours: ServerProcess, bare: ServerProcess, workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    servers = (ours, bare)
    for server in servers:
        start(server)
    uris = [open_document(server, workspace, 10_000) for server in servers]
    for server, uri in zip(servers, uris, strict=True):
        menu(server, uri, 5_000)
    time.sleep(WARM_UP)
    lines = random.Random(1).sample(range(9_990), MENUS)
    cuts: list[list[float]] = []
    for server, uri in zip(servers, uris, strict=True):
        taken = [menu(server, uri, line) * 1e3 for line in lines]
        cuts.append(quantiles(taken, n=100))
    for name, cut in (("p50", 49), ("p99", 98)):
        what = f"code actions at 10,000 lines, {name}"
        record(SECTION, Measure(what, cuts[0][cut], "ms", cuts[1][cut], most=5))


def test_the_menu_is_there_while_everything_is_being_loaded(
    env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    first: list[float] = []
    worst: list[float] = []
    for _ in range(STARTS):
        with ServerProcess(OURS, env, workspace) as server:
            start(server)
            uri = open_document(server, workspace, 10_000)
            first.append(menu(server, uri, 0) * 1e3)
            worst.append(max(menu(server, uri, line) for line in range(EARLY_MENUS)) * 1e3)
    record(SECTION, Measure("the first code actions after the start", median(first), "ms", most=50))
    record(SECTION, Measure("the slowest of the next hundred", median(worst), "ms", most=50))


def changes(lines: int, seed: int) -> list[Json]:
    """One character typed at as many places all over the document."""
    places = random.Random(seed)
    where = [{"line": places.randrange(lines), "character": 0} for _ in range(CHANGES)]
    return [{"range": {"start": place, "end": place}, "text": "x"} for place in where]


def change_ms(server: ServerProcess, root: Path, lines: int) -> float:
    """What a change costs the server in a document of that many lines, in milliseconds."""
    uri = open_document(server, root, lines)
    version = 0
    took: list[float] = []
    idle: list[float] = []
    for seed in range(SERIES):
        began = time.perf_counter()
        server.settle()
        idle.append(time.perf_counter() - began)
        began = time.perf_counter()
        for change in changes(lines, seed):
            version += 1
            identifier = {"uri": uri, "version": version}
            server.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        server.settle()
        took.append(time.perf_counter() - began)
    return (min(took) - median(idle)) / CHANGES * 1e3


def test_typing_costs_the_same_in_a_document_of_any_size(
    ours: ServerProcess, bare: ServerProcess, workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    for server in (ours, bare):
        start(server)
    small = 0.0
    for lines in (1_000, 10_000, 100_000):
        mine, beside = (change_ms(server, workspace, lines) for server in (ours, bare))
        small = small or mine
        record(SECTION, Measure(f"didChange at {lines:,} lines", mine, "ms", beside))
    record(SECTION, Measure("didChange, 100,000 lines to 1,000", mine / small, "times", most=2))
