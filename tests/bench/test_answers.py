"""How fast an answer comes through, what that costs, and how fast it stops."""

from __future__ import annotations

import time
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.lsp.chat_writer import INTERVAL
from tests.bench.processes import processor_seconds
from tests.bench.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.api_script import Reply, Request
    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("compiled")]

SECTION = "Answers"
ROUNDS = 25
DELTAS = 3_000
PACE_MS = 2.0


async def asked(editor: EditorClient, api: ScriptedApi, reply: Reply) -> Request:
    """Ask, and wait until the request is there and the chat is open in the editor."""
    chats = len(editor.documents)
    await editor.execute("pygpt.ask", "Why ö😀?")
    request = await reply.until_taken()
    await editor.wait_for(lambda: len(editor.documents) > chats, "the chat")
    return request


async def until_over(editor: EditorClient) -> None:
    """Wait until no job of the server's runs."""
    await editor.wait_for(lambda: all(job.ended for job in editor.progress.values()), "the end of the job")


def arrival(editor: EditorClient, text: str) -> float:
    """When the edit that holds a text came, by `time.monotonic`; 0 where it has not come."""
    for entry in editor.peer.journal:
        if entry.way == "in" and entry.message.get("method") == "workspace/applyEdit":
            changes = entry.message["params"]["edit"]["documentChanges"]
            if any(text in edit["newText"] for change in changes for edit in change["edits"]):
                return entry.time
    return 0.0


async def test_the_first_text_is_in_the_editor_at_once(
    api: ScriptedApi, editor: Editors, record: Callable[[str, Measure], None]
) -> None:
    helix = await editor()
    taken: list[float] = []
    for number in range(ROUNDS):
        reply = api.stream()
        request = await asked(helix, api, reply)
        helix.peer.journal.clear()
        text = f"first{number} "
        reply.send(text)
        await helix.wait_for(lambda text=text: arrival(helix, text), "the first text")
        taken.append((arrival(helix, text) - request.delta_times[0]) * 1e3)
        reply.finish()
        await until_over(helix)
    cuts = quantiles(taken, n=20)
    most = INTERVAL * 1e3 + 10
    record(SECTION, Measure("first delta → first text in the editor, p50", median(taken), "ms", most=most))
    record(SECTION, Measure("first delta → first text in the editor, p95", cuts[18], "ms", most=most))


async def test_what_streaming_costs_is_known(
    api: ScriptedApi, editor: Editors, record: Callable[[str, Measure], None]
) -> None:
    helix = await editor()
    await helix.execute("pygpt.ask", "The first one loads the libraries.")
    await helix.wait_for(lambda: bool(helix.progress), "the job")
    await until_over(helix)
    assert helix.process is not None
    words = [f"word{number} " for number in range(DELTAS)]
    reply = api.reply(deltas=words, delta_ms=PACE_MS)
    request = await asked(helix, api, reply)
    before = processor_seconds(helix.process.pid)
    await helix.wait_for(lambda: arrival(helix, words[-1]), "the last text")
    used = processor_seconds(helix.process.pid) - before
    assert len(request.delta_times) == DELTAS
    record(SECTION, Measure("processor time for 1,000 deltas", used / DELTAS * 1e6, "ms"))


async def test_stop_hangs_up_at_once(
    api: ScriptedApi, editor: Editors, record: Callable[[str, Measure], None]
) -> None:
    helix = await editor()
    taken: list[float] = []
    for number in range(ROUNDS):
        reply = api.stream()
        request = await asked(helix, api, reply)
        text = f"begun{number} "
        reply.send(text)
        await helix.wait_for(lambda text=text: arrival(helix, text), "the first text")
        stopped = time.monotonic()
        await helix.execute("pygpt.stop")
        await request.until_closed()
        assert request.closed_at is not None
        taken.append((request.closed_at - stopped) * 1e3)
        await until_over(helix)
    cuts = quantiles(taken, n=20)
    record(SECTION, Measure("stop → connection closed, p50", median(taken), "ms", most=50))
    record(SECTION, Measure("stop → connection closed, p95", cuts[18], "ms", most=50))
