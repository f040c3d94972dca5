"""What went out last is known while the server runs: each byte, what it was for, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import ModelError
from pygpt_lsp.core.messages import Message, ModelRequest
from pygpt_lsp.services.exchange import Exchange
from pygpt_lsp.services.history_records import TurnStart
from pygpt_lsp.services.sent_requests import SentRequests
from tests.services.chat_model.kit import KEY, Make, Waits
from tests.support.api_failures import bad_key, rate_limited

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pygpt_lsp.services.chat_model import ChatModel
    from tests.support.api_server import ScriptedApi


@pytest.fixture
async def model(api: ScriptedApi) -> AsyncIterator[ChatModel]:
    made = Make(api, Waits())()
    yield made
    await made.aclose()


def exchange_of(model: ChatModel, sent: SentRequests, question: str, purpose: str = "chat") -> Exchange:
    async def the_model() -> ChatModel:
        return model

    messages = (Message("user", question),)
    start = TurnStart(messages, "gpt-5.5", "127.0.0.1", purpose, "A title")
    return Exchange(ModelRequest("gpt-5.5", messages), start, model=the_model, history=None, sent=sent)


async def test_nothing_is_known_before_anything_went_out() -> None:
    assert SentRequests().last is None


async def test_the_last_request_is_known_to_the_byte_with_its_purpose_and_end(
    api: ScriptedApi, model: ChatModel
) -> None:
    sent = SentRequests(now=lambda: 1000.0)
    api.reply("Because ö.")
    async for _ in exchange_of(model, sent, "Why 😀?", "explain").events():
        assert sent.last is not None
        assert sent.last.end is None
    last = sent.last
    assert last is not None
    assert (last.wire.body, last.wire.url) == (api.requests[0].body, f"{api.base_url}/chat/completions")
    assert (last.start.action, last.sent, last.tries) == ("explain", 1000.0, 1)
    assert last.end is not None
    assert (last.end.status, last.end.answer) == ("done", "Because ö.")
    assert last.end.usage.input_tokens


async def test_each_try_goes_out_and_is_counted(api: ScriptedApi, model: ChatModel) -> None:
    sent = SentRequests()
    api.fail(rate_limited("1"))
    api.fail(bad_key())
    with pytest.raises(ModelError):
        async for _ in exchange_of(model, sent, "Why?").events():
            pass
    assert sent.last is not None
    assert sent.last.tries == 2
    assert sent.last.end is not None
    assert sent.last.end.status == "failed"
    assert KEY not in repr(sent.last.wire)


async def test_of_two_that_run_at_once_each_is_told_how_it_ended(api: ScriptedApi, model: ChatModel) -> None:
    sent = SentRequests()
    first = exchange_of(model, sent, "first").events()
    api.reply("one")
    await anext(first)
    of_first = sent.last
    second = exchange_of(model, sent, "second").events()
    api.reply("two")
    await anext(second)
    of_second = sent.last
    async for _ in first:
        pass
    await second.aclose()
    assert of_first is not None
    assert of_second is not None
    assert sent.last is of_second
    assert b"first" in of_first.wire.body
    assert b"second" in of_second.wire.body
    assert (of_first.end and of_first.end.status, of_second.end and of_second.end.status) == (
        "done",
        "stopped",
    )
