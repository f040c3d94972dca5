"""A model's answer over real sockets: what is sent, what comes back, and how it stops."""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal

import pytest

from pygpt_lsp.core.errors import ErrorKind, ModelError, RequestRefused
from pygpt_lsp.core.messages import (
    Finished,
    Message,
    ModelEvent,
    ModelRequest,
    ReasoningDelta,
    Retrying,
    TextDelta,
    Usage,
)
from pygpt_lsp.services.api_key import ApiKey, FoundKey, SessionKey
from pygpt_lsp.services.chat_model import OpenAIChatModel
from pygpt_lsp.services.egress import Egress
from tests.support.api_failures import (
    Failure,
    bad_key,
    bad_request,
    no_quota,
    rate_limited,
    server_error,
)
from tests.support.api_wire import Tokens, sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

    from pygpt_lsp.services.api_key import KeySource
    from tests.support.api_server import ScriptedApi

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT
KEY = "sk-canary-0123456789abcdefghij"
ASKED = ModelRequest(
    "gpt-5.5",
    (Message("system", "Be brief."), Message("user", "Was heißt 😀?\r\n"), Message("assistant", "")),
)
API = pytest.mark.parametrize("spoken", ["responses", "chat"])
Spoken = Literal["responses", "chat"]


class Waits:
    """Stands in for `asyncio.sleep` and keeps what was waited for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def make(
    api: ScriptedApi, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., OpenAIChatModel]]:
    """Makes models that ask the scripted API, wait for nothing and are closed after the test."""
    made: list[OpenAIChatModel] = []

    def make_model(
        spoken: Literal["auto", "responses", "chat"] = "chat",
        *,
        idle: float = 10,
        env: Mapping[str, str] | None = None,
        key: ApiKey | KeySource = ApiKey(KEY),  # noqa: B008
        sleep: Callable[[float], Awaitable[None]] = waits,
        jitter: Callable[[], float] = lambda: 0.0,
    ) -> OpenAIChatModel:
        egress = Egress(
            api_base_url=api.base_url, update_url=api.update_url, connect_timeout=5, idle_timeout=idle, env={}
        )
        model = OpenAIChatModel(
            egress, key, api=spoken, env=env or {}, sleep=sleep, jitter=jitter, now=lambda: NOW
        )
        made.append(model)
        return model

    yield make_model
    for model in made:
        await model.aclose()


async def events_of(model: OpenAIChatModel, request: ModelRequest = ASKED) -> list[ModelEvent]:
    return [event async for event in model.stream(request)]


async def failure_of(
    model: OpenAIChatModel, request: ModelRequest = ASKED
) -> tuple[ModelError, list[ModelEvent]]:
    events: list[ModelEvent] = []
    try:
        async for event in model.stream(request):
            events.append(event)  # noqa: PERF401 - what came before the error counts
    except ModelError as error:
        return error, events
    pytest.fail("the model answered")


def text_of(events: Iterable[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


# What is sent


async def test_the_responses_api_gets_the_full_input_and_is_told_to_keep_nothing(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    await events_of(make("responses"), ASKED._replace(max_output_tokens=100, temperature=0.5))
    sent = api.requests[0]
    assert sent.path == "/v1/responses"
    assert sent.json == {
        "model": "gpt-5.5",
        "store": False,
        "stream": True,
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Was heißt 😀?\r\n"},
            {"role": "assistant", "content": ""},
        ],
        "max_output_tokens": 100,
        "temperature": 0.5,
        "reasoning": {"summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    }


@pytest.mark.parametrize(
    ("model", "effort", "reasoning"),
    [
        ("gpt-5.5", "high", {"effort": "high", "summary": "auto"}),
        ("o3-mini", None, {"summary": "auto"}),
        ("gpt-5-chat-latest", None, None),
        ("gpt-4.1", None, None),
        ("my-own-model", None, None),
        ("my-own-model", "low", {"effort": "low", "summary": "auto"}),
    ],
)
async def test_only_who_reasons_is_asked_for_reasoning(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    model: str,
    effort: str | None,
    reasoning: dict[str, str] | None,
) -> None:
    await events_of(make("responses"), ASKED._replace(model=model, reasoning_effort=effort))
    sent = api.requests[0].json
    assert sent.get("reasoning") == reasoning
    assert ("include" in sent) == (reasoning is not None)


async def test_an_effort_of_none_is_sent_and_nothing_else_about_reasoning(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    await events_of(make("responses"), ASKED._replace(reasoning_effort="none"))
    assert api.requests[0].json["reasoning"] == {"effort": "none"}
    assert "include" not in api.requests[0].json


async def test_a_system_message_in_the_middle_stays_in_its_place(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    messages = (Message("user", "a"), Message("system", "b"), Message("user", "c"))
    await events_of(make("responses"), ModelRequest("m", messages))
    assert [message["role"] for message in api.requests[0].json["input"]] == ["user", "developer", "user"]
    assert "instructions" not in api.requests[0].json


async def test_chat_completions_get_every_message_and_are_asked_for_the_usage(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    request = ASKED._replace(max_output_tokens=100, temperature=0.0, reasoning_effort="low")
    await events_of(make("chat"), request)
    assert api.requests[0].path == "/v1/chat/completions"
    assert api.requests[0].json == {
        "model": "gpt-5.5",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Was heißt 😀?\r\n"},
            {"role": "assistant", "content": ""},
        ],
        "max_tokens": 100,
        "temperature": 0.0,
        "reasoning_effort": "low",
    }


async def test_a_compatible_server_is_asked_by_chat_completions_unless_told_otherwise(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    await events_of(make("auto"))
    assert api.requests[0].path == "/v1/chat/completions"


@API
async def test_a_request_tells_nothing_about_the_machine_or_the_user(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    monkeypatch: pytest.MonkeyPatch,
    spoken: Spoken,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://evil.example.com/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Tracking: 1\nAuthorization: Bearer other\nAccept: x")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-process")
    await events_of(make(spoken))
    sent = api.requests[0]
    assert sorted((name.lower(), value) for name, value in sent.headers) == [
        ("accept", "application/json"),
        ("authorization", f"Bearer {KEY}"),
        ("content-length", str(len(sent.body))),
        ("content-type", "application/json"),
        ("host", api.base_url.removeprefix("http://").removesuffix("/v1")),
        ("user-agent", "pygpt-lsp"),
    ]


@API
async def test_organization_and_project_come_from_the_environment_given(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    await events_of(make(spoken, env={"OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj-1"}))
    assert api.requests[0].header("OpenAI-Organization") == "org-1"
    assert api.requests[0].header("OpenAI-Project") == "proj-1"


async def test_nothing_is_sent_before_a_question(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    make()
    assert api.connections == 0


# What comes back


@API
async def test_an_answer_arrives_piece_by_piece_with_its_usage_and_model(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
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
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    reply = api.stream()
    async with aclosing(make(spoken).stream(ASKED)) as events:
        for piece in ("one", "two"):
            reply.send(piece)
            assert await anext(events) == TextDelta(piece)
        reply.finish()
        assert isinstance(await anext(events), Finished)


@API
async def test_reasoning_comes_as_reasoning(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    api.reply("Yes.", reasoning="Thinking hard.")
    events = await events_of(make(spoken))
    thoughts = [event.text for event in events if isinstance(event, ReasoningDelta)]
    assert ("".join(thoughts), text_of(events)) == ("Thinking hard.", "Yes.")


@API
async def test_a_refusal_is_text_that_is_marked_at_the_end(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
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
    make: Callable[..., OpenAIChatModel],
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
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    api.reply("Fine.", usage=None)
    assert (await events_of(make(spoken)))[-1] == Finished("stop", Usage(), "gpt-5.5-2026-01-01")


async def test_several_parts_of_an_answer_are_separated_by_an_empty_line(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    reply = api.stream()
    for part, delta in ((0, "A"), (0, "B"), (1, "C")):
        event = {"type": "response.output_text.delta", "output_index": part, "delta": delta}
        reply.raw(sse(event))
    reply.finish()
    assert text_of(await events_of(make("responses"))) == "AB\n\nC"


async def test_a_chat_stream_that_never_closes_after_its_answer_still_finishes(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pygpt_lsp.services.chat_completions_api._USAGE_WAIT", 0.01)
    reply = api.stream()
    reply.raw(b'data: {"model":"m","choices":[{"delta":{"content":"All."},"finish_reason":"stop"}]}\n\n')
    assert await events_of(make("chat")) == [TextDelta("All."), Finished("stop", Usage(), "m")]


async def test_a_responses_stream_that_never_closes_after_its_answer_still_finishes(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pygpt_lsp.services.model_streams._LAST_BYTES", 0.01)
    reply = api.stream()
    reply.send("All.")
    reply.raw(b'data: {"type":"response.completed","response":{"model":"m"}}\n\n')
    assert await events_of(make("responses")) == [TextDelta("All."), Finished("stop", Usage(), "m")]


async def test_a_server_that_refuses_an_optional_part_is_asked_again_without_it_and_from_then_on(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
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
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    message = "Your organization must be verified to generate reasoning summaries."
    api.fail(Failure(400, message, "invalid_request_error", "unsupported_value", "reasoning.summary"))
    api.reply("Fine.")
    assert text_of(await events_of(make("responses"))) == "Fine."
    assert "reasoning" not in api.requests[1].json


# Stopping


@API
async def test_cancelling_the_reader_closes_the_connection_at_once(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
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
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    reply = api.stream()
    reply.send("Hel")
    events = make(spoken).stream(ASKED)
    assert await anext(events) == TextDelta("Hel")
    await events.aclose()
    await (await reply.until_taken()).until_closed()


@API
async def test_cancelling_before_the_status_line_closes_the_connection(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    reply = api.stream(hang=True)
    task = asyncio.create_task(events_of(make(spoken)))
    request = await reply.until_taken()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await request.until_closed()


async def test_a_stop_while_waiting_for_a_retry_sends_nothing_more(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
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


async def test_one_stopped_answer_leaves_another_alone(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
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


# Retrying


@API
@pytest.mark.parametrize(
    "failure", [rate_limited(), server_error(500), server_error(503), Failure(409), Failure(408)]
)
async def test_a_passing_failure_before_the_first_piece_is_tried_again(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], waits: Waits, spoken: Spoken, failure: Failure
) -> None:
    api.fail(failure)
    api.fail(failure)
    api.reply("At last.")
    events = await events_of(make(spoken))
    retries = [event for event in events if isinstance(event, Retrying)]
    assert [retry.wait for retry in retries] == [0.5, 1.0] == waits.seconds
    assert all(retry.reason.startswith(api.origin.removeprefix("http://")) for retry in retries)
    assert text_of(events) == "At last."


async def test_after_three_tries_the_failure_is_told(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], waits: Waits
) -> None:
    for _ in range(4):
        api.fail(server_error(503))
    error, events = await failure_of(make())
    assert error.kind is ErrorKind.SERVER
    assert error.status == 503
    assert len(api.requests) == 3
    assert [type(event) for event in events] == [Retrying, Retrying]


async def test_jitter_shortens_the_wait_by_a_quarter_at_most(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], waits: Waits
) -> None:
    api.fail(server_error())
    await events_of(make(jitter=lambda: 1.0))
    assert waits.seconds == [0.375]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ([("Retry-After", "20")], 20.0),
        ([("Retry-After", "0.25")], 0.25),
        ([("Retry-After", "-3")], 0.0),
        ([("retry-after-ms", "1500"), ("Retry-After", "2")], 1.5),
        ([("Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT")], 30.0),
        ([("Retry-After", "Fri, 15 Jan 2027 07:00:00 GMT")], 0.0),
        ([("Retry-After", "soon")], 0.5),
        ([("Retry-After", "nan")], 0.5),
    ],
)
async def test_the_wait_that_the_server_asks_for_is_honoured(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    waits: Waits,
    headers: list[tuple[str, str]],
    wait: float,
) -> None:
    api.fail(rate_limited()._replace(headers=tuple(headers)))
    await events_of(make())
    assert waits.seconds == [wait]


async def test_a_wait_of_more_than_a_minute_is_told_instead_of_waited(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], waits: Waits
) -> None:
    api.fail(rate_limited("7200"))
    error, _ = await failure_of(make())
    assert (error.kind, error.status, error.retry_after) == (ErrorKind.RATE_LIMITED, 429, 7200)
    assert "2 h" in error.sentence
    assert waits.seconds == []


@pytest.mark.parametrize(
    "failure",
    [
        no_quota(),
        bad_request(),
        Failure(403),
        server_error()._replace(headers=(("x-should-retry", "false"),)),
    ],
)
async def test_a_failure_that_stays_is_told_at_once(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], failure: Failure
) -> None:
    api.fail(failure)
    await failure_of(make())
    assert len(api.requests) == 1


@API
@pytest.mark.parametrize("cut", ["reset", "close", "end"])
async def test_a_stream_cut_after_a_piece_is_not_repeated_and_keeps_the_piece(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    spoken: Spoken,
    cut: Literal["reset", "close", "end"],
) -> None:
    reply = api.stream()
    reply.send("Half an ")
    events = make(spoken).stream(ASKED)
    assert await anext(events) == TextDelta("Half an ")
    reply.cut(cut)
    with pytest.raises(ModelError) as raised:
        await anext(events)
    assert raised.value.kind is ErrorKind.CUT
    assert "what arrived is kept" in raised.value.sentence
    assert len(api.requests) == 1


@API
@pytest.mark.parametrize("cut", ["reset", "close", "end"])
async def test_a_stream_cut_before_its_first_piece_is_tried_again(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    spoken: Spoken,
    cut: Literal["reset", "close", "end"],
) -> None:
    api.reply("", cut=cut)
    api.reply("Whole.")
    assert text_of(await events_of(make(spoken))) == "Whole."


@API
@pytest.mark.parametrize("reason", ["failed", "error"])
async def test_an_error_inside_the_stream_is_told_after_the_text_before_it(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    spoken: Spoken,
    reason: Literal["failed", "error"],
) -> None:
    api.reply("Half", finish_reason=reason)
    error, events = await failure_of(make(spoken))
    assert error.kind is ErrorKind.SERVER
    assert text_of(events) == "Half"


@API
async def test_a_malformed_stream_is_told_after_the_text_before_it(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    api.reply("Half", malformed=True)
    error, events = await failure_of(make(spoken))
    assert error.kind is ErrorKind.MALFORMED
    assert text_of(events) == "Half"


@API
@pytest.mark.parametrize(
    "data", [b"data: 42\n\n", b'data: "text"\n\n', b"data: [1]\n\n", b"data: \xff\xfe\n\n"]
)
async def test_events_that_are_no_objects_are_a_malformed_stream(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken, data: bytes
) -> None:
    api.stream().raw(data)
    error, _ = await failure_of(make(spoken))
    assert error.kind is ErrorKind.MALFORMED


@API
@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"type":7,"choices":7}',
        b'{"type":"response.output_text.delta","choices":[7]}',
        b'{"type":"response.output_text.delta","delta":null,"choices":[{"delta":null}]}',
        b'{"type":"response.news","choices":[{"delta":{"content":["x"]}}]}',
        b'{"choices":[{"delta":{"content":null,"tool_calls":[{}]}}],"usage":[]}',
    ],
)
async def test_events_of_an_unknown_kind_are_passed_over(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken, data: bytes
) -> None:
    reply = api.stream()
    reply.raw(b"data: " + data + b"\n\n: a comment\n\n")
    reply.send("Fine.")
    reply.finish()
    assert text_of(await events_of(make(spoken))) == "Fine."


@API
async def test_silence_for_too_long_ends_the_answer_and_the_connection(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    reply = api.stream()
    reply.send("Half")
    error, _ = await failure_of(make(spoken, idle=0.05))
    assert error.kind is ErrorKind.TIMEOUT
    assert "0.05 s" in error.sentence
    await (await reply.until_taken()).until_closed()


async def test_silence_before_the_answer_is_not_asked_for_twice(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    api.stream(hang=True)
    error, _ = await failure_of(make(idle=0.05))
    assert error.kind is ErrorKind.TIMEOUT
    assert len(api.requests) == 1


@API
@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("stop", ErrorKind.EMPTY, "ask again"),
        ("length", ErrorKind.EMPTY, "max_output_tokens"),
        ("content_filter", ErrorKind.CONTENT_FILTER, "content rules"),
    ],
)
@pytest.mark.parametrize("text", ["", "\n\n"])
async def test_an_answer_without_a_word_is_a_failure(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    spoken: Spoken,
    text: str,
    reason: Literal["stop", "length", "content_filter"],
    kind: ErrorKind,
    words: str,
) -> None:
    api.reply(text, finish_reason=reason)
    error, _ = await failure_of(make(spoken))
    assert error.kind is kind
    assert words in error.sentence
    assert len(api.requests) == 1


# The key


async def test_a_refused_key_is_looked_for_again_and_the_new_one_used_once(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    found = iter(["old", "new"])

    async def find() -> FoundKey:
        return FoundKey(ApiKey(next(found)), "api_key_command")

    api.fail(bad_key())
    api.reply("Fine.")
    assert text_of(await events_of(make(key=SessionKey(find)))) == "Fine."
    assert [request.header("Authorization") for request in api.requests] == ["Bearer old", "Bearer new"]


async def test_a_refused_key_that_stays_the_same_is_told_with_where_it_came_from(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    async def find() -> FoundKey:
        return FoundKey(ApiKey(KEY), "api_key_command")

    api.fail(bad_key(f"{KEY[:8]}*********{KEY[-4:]}"))
    error, _ = await failure_of(make(key=SessionKey(find)))
    assert error.kind is ErrorKind.BAD_KEY
    assert "api_key_command" in error.sentence
    assert KEY[:8] not in error.sentence
    assert len(api.requests) == 1


async def test_two_refused_keys_end_it(api: ScriptedApi, make: Callable[..., OpenAIChatModel]) -> None:
    names = iter("abcdef")

    async def find() -> FoundKey:
        return FoundKey(ApiKey(next(names)), "the keyring")

    for _ in range(4):
        api.fail(bad_key())
    await failure_of(make(key=SessionKey(find)))
    assert len(api.requests) == 2


async def test_without_a_key_nothing_is_sent(api: ScriptedApi, make: Callable[..., OpenAIChatModel]) -> None:
    async def find() -> None:
        return None

    with pytest.raises(RequestRefused) as refused:
        await events_of(make(key=SessionKey(find)))
    assert refused.value.kind is ErrorKind.NO_KEY
    assert api.connections == 0


# What is told to nobody


async def test_an_error_carries_no_trace_of_the_libraries_which_hold_the_request(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel]
) -> None:
    api.fail(bad_request())
    error, _ = await failure_of(make())
    assert error.__cause__ is None
    assert error.__context__ is None


@API
async def test_neither_key_nor_prompt_nor_answer_are_logged_even_with_openai_log(
    api: ScriptedApi,
    make: Callable[..., OpenAIChatModel],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    spoken: Spoken,
) -> None:
    from openai._utils._logs import setup_logging

    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    setup_logging()
    api.fail(Failure(400, f"Bad: {KEY} asked Was heißt 😀?"))
    api.reply("secret answer")
    model = make(spoken)
    await failure_of(model)
    await events_of(model)
    for hidden in (KEY, "Was heißt", "secret answer"):
        assert hidden not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith(("openai", "http"))]


@API
async def test_nothing_is_left_open_for_the_garbage_collector(
    api: ScriptedApi, make: Callable[..., OpenAIChatModel], spoken: Spoken
) -> None:
    """With warnings as errors, a stream or socket that is only collected would fail here."""
    model = make(spoken)
    api.stream().send("Hel")
    events = model.stream(ASKED)
    await anext(events)
    await events.aclose()
    api.reply("Half", cut="reset")
    await failure_of(model)
    await model.aclose()
    gc.collect()
    await asyncio.sleep(0)
