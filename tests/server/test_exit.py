"""How the process ends: with which exit code, promptly whatever is under way, and with nothing lost."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.processes import until_ended
from tests.support.api_script import DEADLINE
from tests.support.editor_profiles import NEOVIM_0_12
from tests.support.editor_state import UNANSWERED
from tests.support.server_kit import ask, stored_turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.api_script import Request
    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient
    from tests.support.raw_client import RawClient

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


async def test_exit_without_shutdown_ends_with_1(raw: RawClient) -> None:
    await raw.initialize()
    raw.notify("exit")
    assert await raw.ended() == 1


async def test_exit_before_initialize_ends_with_1(raw: RawClient) -> None:
    raw.notify("exit")
    assert await raw.ended() == 1


async def test_an_exit_sent_on_the_heels_of_shutdown_ends_with_0(raw: RawClient) -> None:
    await raw.initialize()
    raw.request("shutdown")
    raw.notify("exit")
    assert await raw.ended() == 0


async def test_the_process_ends_with_0_when_stdin_closes_after_shutdown(raw: RawClient) -> None:
    await raw.initialize()
    await raw.answer(raw.request("shutdown"))
    raw.hang_up()
    assert await raw.ended() == 0


@pytest.mark.parametrize("initialized", [True, False])
async def test_the_process_ends_when_stdin_closes(raw: RawClient, initialized: bool) -> None:
    if initialized:
        await raw.initialize()
    raw.hang_up()
    assert await raw.ended() == 1


@posix
async def test_the_process_ends_on_sigterm(raw: RawClient) -> None:
    await raw.initialize()
    raw.process.send_signal(signal.SIGTERM)
    assert await raw.ended() == 1


async def test_the_process_ends_although_nobody_reads_what_it_says(raw: RawClient) -> None:
    await raw.initialize()
    for _ in range(40):  # each answer repeats the name: more than any pipe holds
        raw.request("no/such/" + 50_000 * "x")
    raw.hang_up()
    async with asyncio.timeout(DEADLINE):
        await until_ended(raw.process.pid)  # asyncio's own way waits for the end of the output too
    assert await raw.ended() == 1


# The parent


@pytest.fixture
async def parent() -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that plays the editor's, until it is killed."""
    wait = (sys.executable, "-S", "-c", "import sys; sys.stdin.read()")
    process = await asyncio.create_subprocess_exec(*wait, stdin=asyncio.subprocess.PIPE)
    yield process
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def test_the_process_ends_with_its_editor_even_if_stdin_stays_open(
    raw: RawClient, parent: asyncio.subprocess.Process
) -> None:
    await raw.initialize(processId=parent.pid)
    assert (await raw.answer(raw.request("workspace/executeCommand", {"command": "pygpt.showStatus"})))["id"]
    parent.kill()
    await parent.wait()
    assert await raw.ended_by_itself() == 1


async def test_an_editor_that_is_gone_already_is_noticed(
    raw: RawClient, parent: asyncio.subprocess.Process
) -> None:
    parent.kill()
    await parent.wait()
    await raw.initialize(processId=parent.pid)
    assert await raw.ended_by_itself() == 1


# With answers under way


async def two_streams(client: EditorClient, api: ScriptedApi, workspace: Path) -> list[Request]:
    """Two answers that have begun and do not end."""
    doc = client.open(workspace / "src/app.py")
    for number in range(2):
        reply = api.stream()
        await ask(client, f"question {number}", doc)
        await reply.until_taken()
        reply.send(f"answer {number} begins")
    await client.wait_for(
        lambda: all(
            any(f"answer {number} begins" in chat.text for chat in client.documents.values())
            for number in range(2)
        ),
        "both answers in their chats",
    )
    return api.requests


async def test_shutdown_stops_the_answers_under_way_and_keeps_what_came(
    patient: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await patient(NEOVIM_0_12)
    requests = await two_streams(client, api, workspace)
    await client.request("shutdown", None)
    # All of it before the answer to shutdown, after which an editor may kill us:
    turns = stored_turns(workspace / ".pygpt/cache")
    assert [(turn.status, turn.answer) for turn in turns] == [
        ("stopped", "answer 0 begins"),
        ("stopped", "answer 1 begins"),
    ]
    assert all(progress.ended is not None for progress in client.progress.values() if progress.begun)
    for request in requests:
        await request.until_closed()
    client.notify("exit", None)
    assert await client.ended() == 0


@pytest.mark.parametrize("way", ["stdin closes", pytest.param("sigterm", marks=posix)])
async def test_an_end_without_a_word_stops_the_answers_too(
    patient: Editors, workspace: Path, api: ScriptedApi, way: str
) -> None:
    client = await patient()
    requests = await two_streams(client, api, workspace)
    assert client.process is not None
    assert client.process.stdin is not None
    if way == "sigterm":
        client.process.send_signal(signal.SIGTERM)
    else:
        client.process.stdin.close()
    assert await client.ended() == 1
    turns = stored_turns(workspace / ".pygpt/cache")
    assert [(turn.status, turn.answer) for turn in turns] == [
        ("stopped", "answer 0 begins"),
        ("stopped", "answer 1 begins"),
    ]
    for request in requests:
        await request.until_closed()


async def test_shutdown_does_not_wait_for_a_question_to_the_user(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(options={"max_input_tokens": 256})
    client.answers.append(UNANSWERED)
    await ask(client, "why? " * 2000, client.open(workspace / "src/app.py"))
    await client.wait_for(lambda: client.questions, "the question whether to send it")
    assert await client.close() == 0
    assert api.requests == []
