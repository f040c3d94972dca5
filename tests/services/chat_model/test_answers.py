"""An answer over a real socket, piece by piece."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal

import pytest

from pygpt_lsp.core.messages import (
    Finished,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from tests.services.chat_model.kit import (
    API,
    ASKED,
    events_of,
    text_of,
)
from tests.support.api_failures import (
    Failure,
)
from tests.support.api_script import DEADLINE
from tests.support.api_wire import Tokens, sse

if TYPE_CHECKING:
    from tests.services.chat_model.kit import Make, Spoken
    from tests.support.api_server import ScriptedApi


@API
async def test_an_answer_arrives_piece_by_piece_with_its_usage_and_model(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    api.reply(deltas=["Grüße", " 😀\r\n", "\n\n"], usage=Tokens(11, 7, 5, 3))
    assert await events_of(make(spoken)) == [
        TextDelta("Grüße"),
        TextDelta(" 😀\r\n"),
        TextDelta("\n\n"),
        Finished("stop", Usage(11, 7, 5, 3), "gpt-5.5-2026-01-01"),
    ]


@API
async def test_each_piece_is_passed_on_before_the_next_is_sent(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    reply = api.stream()
    async with aclosing(make(spoken).stream(ASKED)) as events:
        for piece in ("one", "two"):
            reply.send(piece)
            assert await anext(events) == TextDelta(piece)
        reply.finish()
        assert isinstance(await anext(events), Finished)


@API
async def test_reasoning_comes_as_reasoning(api: ScriptedApi, make: Make, spoken: Spoken) -> None:
    api.reply("Yes.", reasoning="Thinking hard.")
    events = await events_of(make(spoken))
    thoughts = [event.text for event in events if isinstance(event, ReasoningDelta)]
    assert ("".join(thoughts), text_of(events)) == ("Thinking hard.", "Yes.")


@API
async def test_a_refusal_is_text_that_is_marked_at_the_end(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    api.reply(refusal="I cannot help with that.")
    events = await events_of(make(spoken))
    assert text_of(events) == "I cannot help with that."
    assert isinstance(events[-1], Finished)
    assert events[-1].finish_reason == "refusal"


@API
@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_an_answer_that_was_stopped_early_says_why(
    api: ScriptedApi,
    make: Make,
    spoken: Spoken,
    reason: Literal["length", "content_filter"],
) -> None:
    api.reply("Half an", finish_reason=reason)
    events = await events_of(make(spoken))
    assert text_of(events) == "Half an"
    assert isinstance(events[-1], Finished)
    assert events[-1].finish_reason == reason


@API
async def test_an_answer_without_usage_is_whole_all_the_same(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    api.reply("Fine.", usage=None)
    assert (await events_of(make(spoken)))[-1] == Finished("stop", Usage(), "gpt-5.5-2026-01-01")


async def test_several_parts_of_an_answer_are_separated_by_an_empty_line(
    api: ScriptedApi, make: Make
) -> None:
    reply = api.stream()
    for part, delta in ((0, "A"), (0, "B"), (1, "C")):
        event = {"type": "response.output_text.delta", "output_index": part, "delta": delta}
        reply.raw(sse(event))
    reply.finish()
    assert text_of(await events_of(make("responses"))) == "AB\n\nC"


async def test_a_chat_stream_that_never_closes_after_its_answer_still_finishes(
    api: ScriptedApi, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pygpt_lsp.services.chat_completions_api._USAGE_WAIT", 0.01)
    reply = api.stream()
    reply.raw(b'data: {"model":"m","choices":[{"delta":{"content":"All."},"finish_reason":"stop"}]}\n\n')
    async with asyncio.timeout(DEADLINE):
        events = await events_of(make("chat", idle=3600))
    assert events == [TextDelta("All."), Finished("stop", Usage(), "m")]


async def test_a_responses_stream_that_never_closes_after_its_answer_still_finishes(
    api: ScriptedApi, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pygpt_lsp.services.model_streams._LAST_BYTES", 0.01)
    reply = api.stream()
    reply.send("All.")
    reply.raw(b'data: {"type":"response.completed","response":{"model":"m"}}\n\n')
    async with asyncio.timeout(DEADLINE):
        events = await events_of(make("responses", idle=3600))
    assert events == [TextDelta("All."), Finished("stop", Usage(), "m")]


async def test_a_server_that_refuses_an_optional_part_is_asked_again_without_it_and_from_then_on(
    api: ScriptedApi, make: Make
) -> None:
    model = make("chat")
    api.fail(Failure(400, "Unknown field `stream_options`."))
    api.fail(Failure(422, "Unsupported parameter: 'max_tokens' is not supported with this model."))
    api.reply("Fine.")
    assert text_of(await events_of(model, ASKED._replace(max_output_tokens=9))) == "Fine."
    assert text_of(await events_of(model, ASKED._replace(max_output_tokens=9)))
    last_two = [request.json for request in api.requests[2:]]
    assert len(last_two) == 2
    for sent in last_two:
        assert "stream_options" not in sent
        assert "max_tokens" not in sent
        assert sent["max_completion_tokens"] == 9


async def test_an_organization_that_may_not_see_summaries_gets_its_answer_without(
    api: ScriptedApi, make: Make
) -> None:
    message = "Your organization must be verified to generate reasoning summaries."
    api.fail(Failure(400, message, "invalid_request_error", "unsupported_value", "reasoning.summary"))
    api.reply("Fine.")
    assert text_of(await events_of(make("responses"))) == "Fine."
    assert "reasoning" not in api.requests[1].json
