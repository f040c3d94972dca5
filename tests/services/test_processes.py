"""Knowing whether another process lives, and when it ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services import processes
from pygpt_lsp.services.processes import is_alive, until_ended
from tests.support.api_script import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells of a process that nobody has asked"
)


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which lives until it is killed."""
    wait = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.fixture(params=["told", "looking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the end is noticed: the system tells, or we have to look."""
    if request.param == "looking":

        def nothing(_process_id: int) -> None:
            return None

        monkeypatch.setattr(processes, "_open_process", nothing)
        monkeypatch.setattr(processes, "_LOOK_SECONDS", 0.01)
    return request.param


def test_a_living_process_is_alive_and_an_ended_one_is_not(other: subprocess.Popen[bytes]) -> None:
    assert is_alive(os.getpid())
    assert is_alive(other.pid)
    other.kill()
    other.wait()
    assert not is_alive(other.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process 1")
def test_a_process_that_belongs_to_somebody_else_is_alive() -> None:
    assert is_alive(1)


def test_an_id_that_no_process_can_have_does_not_raise() -> None:
    is_alive(2**80)


async def test_waiting_lasts_as_long_as_the_process(other: subprocess.Popen[bytes], way: str) -> None:
    waiting = asyncio.create_task(until_ended(other.pid))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    other.kill()
    other.wait()
    await asyncio.wait_for(waiting, DEADLINE)


async def test_a_process_that_has_ended_is_not_waited_for(other: subprocess.Popen[bytes], way: str) -> None:
    other.kill()
    other.wait()
    await asyncio.wait_for(until_ended(other.pid), DEADLINE)


@linux
async def test_a_process_that_nobody_has_asked_for_its_exit_code_has_ended(
    other: subprocess.Popen[bytes],
) -> None:
    other.kill()
    await asyncio.wait_for(until_ended(other.pid), DEADLINE)
    assert is_alive(other.pid)  # by its id alone one cannot tell


async def test_a_wait_that_is_given_up_leaves_nothing_behind(
    other: subprocess.Popen[bytes], way: str
) -> None:
    before = processes._open_process(other.pid)
    waiting = asyncio.create_task(until_ended(other.pid))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    after = processes._open_process(other.pid)
    for descriptor in (before, after):
        if descriptor is not None:
            os.close(descriptor)
    assert (after is None) == (before is None)
    if before is not None and after is not None:
        assert after == before + 1  # the one between was closed
