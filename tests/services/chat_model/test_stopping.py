"""Stop means stop: the connection to the model is closed at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.messages import (
    Finished,
    TextDelta,
)
from tests.services.chat_model.kit import (
    API,
    ASKED,
    events_of,
)
from tests.support.api_failures import (
    rate_limited,
)

if TYPE_CHECKING:
    from tests.services.chat_model.kit import Make, Spoken
    from tests.support.api_server import ScriptedApi


@API
async def test_cancelling_the_reader_closes_the_connection_at_once(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    reply = api.stream()
    reply.send("Hel")
    first = asyncio.Event()

    async def read() -> None:
        async for _ in make(spoken).stream(ASKED):
            first.set()

    task = asyncio.create_task(read())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    request = await reply.until_taken()
    await request.until_closed()
    assert not request.finished.is_set()


@API
async def test_closing_the_generator_between_two_pieces_closes_the_connection_at_once(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    reply = api.stream()
    reply.send("Hel")
    events = make(spoken).stream(ASKED)
    assert await anext(events) == TextDelta("Hel")
    await events.aclose()
    await (await reply.until_taken()).until_closed()


@API
async def test_cancelling_before_the_status_line_closes_the_connection(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    reply = api.stream(hang=True)
    task = asyncio.create_task(events_of(make(spoken)))
    request = await reply.until_taken()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await request.until_closed()


async def test_a_stop_while_waiting_for_a_retry_sends_nothing_more(api: ScriptedApi, make: Make) -> None:
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    api.fail(rate_limited("7"))
    task = asyncio.create_task(events_of(make(sleep=sleep)))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(api.requests) == 1


async def test_one_stopped_answer_leaves_another_alone(api: ScriptedApi, make: Make) -> None:
    model = make()
    kept, stopped = api.stream(), api.stream()
    kept.send("kept")
    stopped.send("stopped")
    first = model.stream(ASKED)
    assert await anext(first) == TextDelta("kept")
    second = model.stream(ASKED)
    assert await anext(second) == TextDelta("stopped")
    await second.aclose()
    kept.finish()
    assert [type(event) async for event in first] == [Finished]
