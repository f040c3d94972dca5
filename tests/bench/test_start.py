"""What a user pays for having the server at all: the time until it answers, and memory."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.bench.processes import BARE, OURS, ServerProcess, resident_mb
from tests.bench.report import Measure
from tests.support.editors import Editors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.support.api_server import ScriptedApi

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("compiled")]

SECTION = "Start and memory"
STARTS = 25
PROCESSES = 3
IDLE = 4.0  # seconds
LOOKS = 8


def start_seconds(command: Sequence[str], env: dict[str, str], root: Path) -> float:
    """From the creation of the process to the answer to `initialize`."""
    began = time.perf_counter()
    with ServerProcess(command, env, root) as server:
        server.initialize()
        return time.perf_counter() - began


def idle_mb(command: Sequence[str], env: dict[str, str], root: Path) -> float:
    """The resident memory some seconds after `initialized`."""
    with ServerProcess(command, env, root) as server:
        server.initialize()
        server.notify("initialized", {})
        for _ in range(LOOKS):  # what it asks meanwhile is answered
            server.settle()
            time.sleep(IDLE / LOOKS)
        return resident_mb(server.pid)


def test_initialize_is_answered_about_as_fast_as_by_bare_pygls(
    env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(STARTS):
        ours.append(start_seconds(OURS, env, workspace))
        bare.append(start_seconds(BARE, env, workspace))
    fast, beside = median(ours) * 1e3, median(bare) * 1e3
    record(SECTION, Measure("process created → initialize answered", fast, "ms", beside, most_ratio=1.15))


def test_an_idle_server_is_hardly_larger_than_bare_pygls(
    api: ScriptedApi, env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    ours = median(idle_mb(OURS, env, workspace) for _ in range(PROCESSES))
    bare = median(idle_mb(BARE, env, workspace) for _ in range(PROCESSES))
    assert len(api.updates) == PROCESSES, "the version check is part of being idle"
    record(SECTION, Measure("resident, idle", ours, "MB", bare, most_ratio=1.3))


async def test_memory_after_a_first_answer_is_known(
    env: dict[str, str], workspace: Path, record: Callable[[str, Measure], None]
) -> None:
    editors = Editors(env, workspace)
    editor = await editors()
    await editor.execute("pygpt.ask", "Why?")
    await editor.wait_for(lambda: any(job.ended for job in editor.progress.values()), "the answer")
    assert editor.process is not None
    record(SECTION, Measure("resident, after a first answer", resident_mb(editor.process.pid), "MB"))
    assert await editors.close() == []
