"""kill -9 while an answer streams, at fifty moments: the question is there, and all of the answer that was
stored, and the database is whole.

The servers are real processes on one workspace, several at once, so each also meets what the dead ones left.
How soon an answer is stored no clock of a busy machine can tell: `tests/services/test_exchange.py` does.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from tests.support.api_server import ScriptedApi
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.server_kit import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.history_records import StoredTurn

ROUNDS = 50
AT_ONCE = 4


class Stream(NamedTuple):
    """One answer until its server is killed: its pieces, the seconds after each of the second half, and
    whether it ends."""

    name: str
    pieces: list[str]
    pauses: list[float]
    ends: bool


def streams() -> list[Stream]:
    """The fifty, always the same: from no piece at all to some seconds of them."""
    moments = random.Random(50)
    lengths = [0, *(moments.randrange(250) for _ in range(ROUNDS - 1))]
    return [
        Stream(
            f"round{number}",
            [f"{number}.{piece} ö😀\n" for piece in range(length)],
            [moments.uniform(0, 0.016) for _ in range(length - length // 2)],
            moments.random() < 0.1,
        )
        for number, length in enumerate(lengths)
    ]


async def stream_and_kill(stream: Stream, home: Path, workspace: Path) -> str:
    """Ask a new server, let the answer stream, and kill the server; the half of the answer that was seen in
    the history before the other half came."""
    half = len(stream.pieces) // 2
    kept = "".join(stream.pieces[:half])
    with ScriptedApi() as api:
        editors = Editors(clean_env(home, **api.env()), workspace)
        editor = await editors()
        try:
            reply = api.stream()
            await editor.execute("pygpt.ask", f"What is {stream.name}?")
            await reply.until_taken()
            for piece in stream.pieces[:half]:
                reply.send(piece)
            await eventually(
                lambda: asyncio.to_thread(stored, workspace, stream),
                lambda turn: turn.answer == kept,
                f"half of {stream.name} in the history",
            )
            for piece, pause in zip(stream.pieces[half:], stream.pauses, strict=True):
                reply.send(piece)
                await asyncio.sleep(pause)  # the model thinks
            if stream.ends:
                reply.finish()
        finally:
            await editor.kill()
        assert editor.problems == []
    return kept


def stored(workspace: Path, stream: Stream) -> StoredTurn:
    """The turn as another server finds it."""
    store = HistoryStore.open(CacheFolder(workspace / ".pygpt/cache"))
    try:
        assert store.notice == ""
        [conversation] = {hit.conversation_id for hit in store.search(f'"What is {stream.name}"')}
        [turn] = store.conversation(conversation).turns
        return turn
    finally:
        store.close()


@pytest.mark.timeout(900)  # fifty servers start in it, where others start one or two
async def test_a_server_killed_at_any_moment_loses_nothing_that_it_had_stored(
    home: Path, workspace: Path
) -> None:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def play(stream: Stream) -> tuple[Stream, str, StoredTurn]:
        async with at_once:
            kept = await stream_and_kill(stream, home, workspace)
            return stream, kept, await asyncio.to_thread(stored, workspace, stream)

    async with asyncio.TaskGroup() as group:
        rounds = [group.create_task(play(stream)) for stream in streams()]
    for stream, kept, turn in (task.result() for task in rounds):
        assert f"What is {stream.name}?" in turn.messages[-1].content
        assert turn.status in {"interrupted", "done"}
        assert turn.answer.startswith(kept)
        assert "".join(stream.pieces).startswith(turn.answer)
