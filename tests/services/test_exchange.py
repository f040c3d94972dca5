"""What an exchange stores while its answer arrives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from pygpt_lsp.core.messages import Message, ModelRequest, TextDelta
from pygpt_lsp.services import exchange as exchange_module
from pygpt_lsp.services.exchange import Exchange
from pygpt_lsp.services.history_records import StartedTurn, TurnEnd, TurnStart
from pygpt_lsp.services.sent_requests import SentRequests
from tests.support.api_script import DEADLINE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from pygpt_lsp.core.messages import ModelEvent
    from pygpt_lsp.services.chat_model import ChatModel
    from pygpt_lsp.services.history_worker import HistoryWorker


class Model:
    """A model that says what is put into `said`; None ends the answer."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str | None] = asyncio.Queue()

    async def stream(self, _request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        while (piece := await self.said.get()) is not None:
            yield TextDelta(piece)


class History:
    """A history that answers each checkpoint when the test says whether it was stored."""

    def __init__(self) -> None:
        self.checkpoints: asyncio.Queue[str] = asyncio.Queue()
        self.stored: asyncio.Queue[bool] = asyncio.Queue()
        self.end: TurnEnd | None = None

    async def start(self, _start: TurnStart) -> StartedTurn:
        return StartedTurn(1, "conversation")

    async def checkpoint(self, _turn: StartedTurn, text: str) -> bool:
        self.checkpoints.put_nowait(text)
        return await self.stored.get()

    async def asked_to_store(self) -> str:
        """The text of the next checkpoint."""
        async with asyncio.timeout(DEADLINE):
            return await self.checkpoints.get()

    async def finish(self, _turn: StartedTurn, end: TurnEnd) -> None:
        self.end = end


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def exchange(model: Model, history: History, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    monkeypatch.setattr(exchange_module, "CHECKPOINT_SECONDS", 0)

    async def the_model() -> ChatModel:
        return cast("ChatModel", model)

    messages = (Message("user", "Why?"),)
    return Exchange(
        ModelRequest("m", messages, None, None, None),
        TurnStart(messages, "m", "h", "chat", "t"),
        model=the_model,
        history=cast("HistoryWorker", history),
        sent=SentRequests(),
    )


async def test_what_could_not_be_stored_goes_with_the_next_checkpoint(
    exchange: Exchange, model: Model, history: History
) -> None:
    events = exchange.events()
    model.said.put_nowait("ö")
    await anext(events)
    assert await history.asked_to_store() == "ö"
    model.said.put_nowait("😀")
    await anext(events)
    history.stored.put_nowait(False)
    assert await history.asked_to_store() == "ö😀"
    history.stored.put_nowait(True)
    model.said.put_nowait("!")
    await anext(events)
    assert await history.asked_to_store() == "!"
    model.said.put_nowait(None)
    assert [event async for event in events] == []
    assert history.end is not None
    assert (history.end.status, history.end.answer) == ("done", "ö😀!")


async def test_checkpoints_do_not_pile_up_behind_one_that_waits(
    exchange: Exchange, model: Model, history: History
) -> None:
    events = exchange.events()
    for piece in "abc":
        model.said.put_nowait(piece)
        await anext(events)
        for _ in range(5):
            await asyncio.sleep(0)  # time for a checkpoint, were one to begin
    assert history.checkpoints.qsize() == 1
    await events.aclose()
    assert history.end is not None
    assert (history.end.status, history.end.answer) == ("stopped", "abc")


def test_what_arrives_is_stored_often_enough_that_half_a_second_of_it_is_lost_at_most() -> None:
    assert exchange_module.CHECKPOINT_SECONDS <= 0.5 / 2, "as much again for the disk"
