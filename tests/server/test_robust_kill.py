"""kill -9 while an answer streams, at fifty moments: nothing is lost but the last half second of the answer.

The servers are real processes on one workspace, several at once, so each also meets what the dead ones left.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.workspace_cache import CacheFolder
from tests.support.api_server import ScriptedApi
from tests.support.editors import Editors
from tests.support.environment import clean_env

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.history_records import StoredTurn

ROUNDS = 50
AT_ONCE = 4
MAY_BE_LOST = 0.5
"""Seconds of the answer before the kill."""


class Stream(NamedTuple):
    """One answer until its server is killed: its pieces, the seconds after each, whether it ends."""

    name: str
    pieces: list[str]
    pauses: list[float]
    ends: bool


def streams() -> list[Stream]:
    """The fifty, always the same: from no piece at all to some two seconds of them."""
    moments = random.Random(50)
    lengths = [0, *(moments.randrange(250) for _ in range(ROUNDS - 1))]
    return [
        Stream(
            f"round{number}",
            [f"{number}.{piece} ö😀\n" for piece in range(length)],
            [moments.uniform(0, 0.016) for _ in range(length)],
            moments.random() < 0.1,
        )
        for number, length in enumerate(lengths)
    ]


async def stream_and_kill(stream: Stream, home: Path, workspace: Path) -> str:
    """Ask a new server, let the answer stream, and kill the server; what it must have stored by then."""
    with ScriptedApi() as api:
        editors = Editors(clean_env(home, **api.env()), workspace)
        editor = await editors()
        try:
            reply = api.stream()
            await editor.execute("pygpt.ask", f"What is {stream.name}?")
            request = await reply.until_taken()
            for piece, pause in zip(stream.pieces, stream.pauses, strict=True):
                reply.send(piece)
                await asyncio.sleep(pause)  # the model thinks
            if stream.ends:
                reply.finish()
        finally:
            moment = time.monotonic()
            await editor.kill()
        assert editor.problems == []
    due = sum(sent < moment - MAY_BE_LOST for sent in request.delta_times)
    return "".join(stream.pieces[:due])


def stored(workspace: Path, stream: Stream) -> StoredTurn:
    """The turn as the next server finds it."""
    store = HistoryStore.open(CacheFolder(workspace / ".pygpt/cache"))
    try:
        assert store.notice == ""
        [conversation] = {hit.conversation_id for hit in store.search(f'"What is {stream.name}"')}
        [turn] = store.conversation(conversation).turns
        return turn
    finally:
        store.close()


async def test_a_server_killed_at_any_moment_loses_half_a_second_of_its_answer_at_most(
    home: Path, workspace: Path
) -> None:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def play(stream: Stream) -> tuple[Stream, str, StoredTurn]:
        async with at_once:
            promised = await stream_and_kill(stream, home, workspace)
            return stream, promised, await asyncio.to_thread(stored, workspace, stream)

    async with asyncio.TaskGroup() as group:
        rounds = [group.create_task(play(stream)) for stream in streams()]
    for stream, promised, turn in (task.result() for task in rounds):
        assert f"What is {stream.name}?" in turn.messages[-1].content
        assert turn.status in {"interrupted", "done"}
        assert turn.answer.startswith(promised)
        assert "".join(stream.pieces).startswith(turn.answer)
    late = [promised for _, promised, _ in (task.result() for task in rounds) if promised]
    assert len(late) > ROUNDS / 4, "hardly a kill came late enough to lose anything"
