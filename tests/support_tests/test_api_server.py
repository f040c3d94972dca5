"""The scripted API speaks to the real SDK exactly as OpenAI does, faults included."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, cast

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from tests.support import api_failures as failures
from tests.support.api_server import KEY, ScriptedApi, UpdateReply
from tests.support.api_wire import Tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.api_script import Cut

TEXT = "Grüße, 😀 world.\nSecond line\n"


@pytest.fixture
async def sdk(api: ScriptedApi) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client, without retries and without the proxies of this machine."""
    http = httpx2.AsyncClient(trust_env=False)
    async with openai.AsyncOpenAI(
        base_url=api.base_url, api_key=KEY, max_retries=0, http_client=http
    ) as client:
        yield client


async def respond(sdk: openai.AsyncOpenAI, **more: Any) -> list[Any]:
    """Every event of one streamed request to the Responses API."""
    async with await sdk.responses.create(model="gpt-5.5", input="Hi ö", stream=True, **more) as stream:
        return [event async for event in stream]


async def chat(sdk: openai.AsyncOpenAI, **more: Any) -> list[ChatCompletionChunk]:
    """Every chunk of one streamed chat completion."""
    messages: Any = [{"role": "user", "content": "Hi ö"}]
    stream = await sdk.chat.completions.create(model="gpt-5.5", messages=messages, stream=True, **more)
    async with stream:
        return [chunk async for chunk in stream]


def said(events: list[Any]) -> str:
    return "".join(e.delta for e in events if e.type == "response.output_text.delta")


async def test_a_responses_stream_has_the_events_of_the_real_one_in_order(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    api.reply(deltas=["Grü", "ße"], reasoning="Hm. ", usage=Tokens(5, 3, 2, 1))
    events = await respond(sdk, include=["reasoning.encrypted_content"])
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(16))
    final = events[-1].response
    assert final.output_text == "Grüße"
    assert (final.usage.input_tokens, final.usage.output_tokens) == (5, 3)
    assert final.usage.output_tokens_details.reasoning_tokens == 2
    assert final.output[0].encrypted_content


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter", "failed"])
async def test_every_responses_event_has_the_sdks_own_shape(
    api: ScriptedApi, sdk: openai.AsyncOpenAI, reason: Any
) -> None:
    api.reply(TEXT, reasoning="Think first.", refusal="No, sorry.", finish_reason=reason)
    check = TypeAdapter[object](ResponseStreamEvent)
    for event in await respond(sdk):
        check.validate_python(event.to_dict(), strict=True)


async def test_every_chat_chunk_has_the_sdks_own_shape(api: ScriptedApi, sdk: openai.AsyncOpenAI) -> None:
    api.reply(TEXT, refusal="No.", usage=Tokens(5, 3, 2, 1))
    chunks = await chat(sdk, stream_options={"include_usage": True})
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.to_dict(), strict=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == TEXT
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 8


async def test_without_include_usage_a_chat_does_not_say_what_it_cost(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    assert all(chunk.usage is None for chunk in await chat(sdk))


@pytest.mark.parametrize(
    ("reason", "event", "why"),
    [
        ("length", "response.incomplete", "max_output_tokens"),
        ("content_filter", "response.incomplete", "content_filter"),
    ],
)
async def test_an_answer_that_stops_early_says_why(
    api: ScriptedApi, sdk: openai.AsyncOpenAI, reason: Any, event: str, why: str
) -> None:
    api.reply("Half", finish_reason=reason)
    api.reply("Half", finish_reason=reason)
    last = (await respond(sdk))[-1]
    assert last.type == event
    assert last.response.incomplete_details.reason == why
    assert (await chat(sdk))[-1].choices[0].finish_reason == reason


async def test_a_stream_can_fail_in_the_middle_in_every_way_the_api_has(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    api.reply("Half", finish_reason="failed")
    last = (await respond(sdk))[-1]
    assert (last.type, last.response.error.code) == ("response.failed", "server_error")
    api.reply("Half", finish_reason="error")
    assert (await respond(sdk))[-1].type == "error"
    api.reply("Half", finish_reason="error")
    with pytest.raises(openai.APIError, match="server had an error"):
        await chat(sdk)


async def test_a_refusal_and_an_empty_answer_look_like_the_real_ones(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    api.reply(refusal="I cannot help.")
    assert (
        "".join(e.delta for e in await respond(sdk) if e.type == "response.refusal.delta") == "I cannot help."
    )
    api.reply(refusal="I cannot help.")
    assert "".join(c.choices[0].delta.refusal or "" for c in await chat(sdk)) == "I cannot help."
    api.reply("")
    events = await respond(sdk)
    assert events[-1].type == "response.completed"
    assert said(events) == ""


async def test_without_stream_the_answer_is_one_json_body(api: ScriptedApi, sdk: openai.AsyncOpenAI) -> None:
    api.default = TEXT
    response = await sdk.responses.create(model="gpt-5.5", input="Hi")
    assert response.output_text == TEXT
    completion = await sdk.chat.completions.create(
        model="gpt-5.5", messages=[{"role": "user", "content": "Hi"}]
    )
    assert completion.choices[0].message.content == TEXT
    assert [model.id async for model in sdk.models.list()] == ["gpt-5.5"]


@pytest.mark.parametrize(
    ("failure", "error", "code"),
    [
        (failures.bad_key(), openai.AuthenticationError, "invalid_api_key"),
        (failures.forbidden(), openai.PermissionDeniedError, "unsupported_country_region_territory"),
        (failures.unknown_model(), openai.NotFoundError, "model_not_found"),
        (failures.too_long(), openai.BadRequestError, "context_length_exceeded"),
        (failures.bad_request(), openai.BadRequestError, "unsupported_parameter"),
        (failures.content_filter(), openai.BadRequestError, "content_filter"),
        (failures.rate_limited("1"), openai.RateLimitError, "rate_limit_exceeded"),
        (failures.no_quota(), openai.RateLimitError, "insufficient_quota"),
        (failures.server_error(), openai.InternalServerError, None),
        (failures.server_error(503), openai.InternalServerError, None),
        (failures.html_error(), openai.InternalServerError, None),
    ],
)
async def test_each_failure_is_the_error_the_sdk_has_for_it(
    api: ScriptedApi,
    sdk: openai.AsyncOpenAI,
    failure: failures.Failure,
    error: type[openai.APIStatusError],
    code: str | None,
) -> None:
    api.fail(failure)
    with pytest.raises(error) as caught:
        await respond(sdk)
    assert caught.value.status_code == failure.status
    assert caught.value.code == code
    for name, value in failure.headers:
        assert caught.value.response.headers[name] == value


@pytest.mark.parametrize(
    ("how", "cause"), [("reset", httpx2.ReadError), ("close", httpx2.RemoteProtocolError)]
)
@pytest.mark.parametrize("ask", [respond, chat])
async def test_a_connection_that_breaks_off_is_an_error_after_the_text_so_far(
    api: ScriptedApi, sdk: openai.AsyncOpenAI, how: Cut, cause: type[Exception], ask: Any
) -> None:
    stream = api.stream()
    stream.send("Half")
    stream.cut(how)
    with pytest.raises(openai.APIConnectionError) as caught:
        await ask(sdk)
    assert isinstance(caught.value.__cause__, cause)
    assert len(api.requests[0].delta_times) == 1


async def test_a_body_can_end_properly_and_yet_too_early(api: ScriptedApi, sdk: openai.AsyncOpenAI) -> None:
    api.reply("Half", cut="end")
    events = await respond(sdk)
    assert said(events) == "Half"
    assert events[-1].type == "response.output_text.delta"


async def test_broken_json_in_the_stream_is_an_error(api: ScriptedApi, sdk: openai.AsyncOpenAI) -> None:
    for ask in (respond, chat):
        api.reply("Half", malformed=True)
        with pytest.raises(ValueError, match="Unterminated string"):
            await ask(sdk)


async def test_a_reply_can_hang_before_its_first_byte_until_it_is_released(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    reply = api.reply("Late", hang=True)
    with pytest.raises(openai.APITimeoutError):
        await respond(sdk.with_options(timeout=0.05))
    await reply.taken().until_closed()
    reply = api.reply("Late", hang=True)
    reply.release()
    assert said(await respond(sdk)) == "Late"


async def test_the_test_can_write_an_answer_while_it_is_read(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    answer = api.stream()
    async with await sdk.responses.create(model="gpt-5.5", input="Hi", stream=True) as stream:
        events = aiter(stream)

        async def next_text() -> str:
            while True:
                event = await anext(events)
                if event.type == "response.output_text.delta":
                    return event.delta

        for piece in ("one", "two 😀"):
            answer.send(piece)
            assert await next_text() == piece
        request = await answer.until_taken()
        assert not request.finished.is_set()
        answer.finish()
        assert [e.type async for e in events][-1] == "response.completed"
    await request.until_finished()
    assert not request.client_closed.is_set()


async def test_a_client_that_hangs_up_is_seen_at_once(api: ScriptedApi, sdk: openai.AsyncOpenAI) -> None:
    answer = api.stream()
    answer.send("one")
    async with await sdk.responses.create(model="gpt-5.5", input="Hi", stream=True) as stream:
        async for event in stream:
            if event.type == "response.output_text.delta":
                break
    request = await answer.until_taken()
    await request.until_closed()
    assert not request.finished.is_set()


async def test_the_journal_holds_each_request_byte_for_byte(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    await respond(sdk, instructions="Be brief.")
    await chat(sdk)
    first, second = await api.until_requests(2)
    assert (first.method, first.path) == ("POST", "/v1/responses")
    assert first.raw.startswith(b"POST /v1/responses HTTP/1.1\r\n")
    assert first.raw.endswith(first.body)
    assert first.json["input"] == "Hi ö"
    assert first.text == "Be brief.\nHi ö"
    assert second.text == "Hi ö"
    assert first.header("authorization") == f"Bearer {KEY}"
    assert first.header("X-Nothing") is None


async def test_the_default_answer_may_depend_on_the_request(
    api: ScriptedApi, sdk: openai.AsyncOpenAI
) -> None:
    api.default = lambda request: request.text.upper()
    assert said(await respond(sdk)) == "HI Ö"


async def test_the_version_endpoint_is_scripted_and_kept_apart_from_the_answers(api: ScriptedApi) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{api.update_url}?v=1.0")).json() == {"version_lsp": "0.0.0"}
        api.update = UpdateReply({"version_lsp": "99.0"})
        assert (await http.get(api.update_url)).json() == {"version_lsp": "99.0"}
        api.update = UpdateReply(failure=failures.server_error(500))
        assert (await http.get(api.update_url)).status_code == 500
        api.update = UpdateReply(hang=True)
        with pytest.raises(httpx2.TimeoutException):
            await http.get(api.update_url, timeout=0.05)
    assert [update.query for update in api.updates] == ["v=1.0", "", "", ""]
    assert api.requests == []
    await api.updates[-1].until_closed()


async def test_over_tls_only_its_own_authority_vouches_for_it() -> None:
    with ScriptedApi(tls=True) as api:
        assert api.env()["SSL_CERT_FILE"] == str(api.ca_pem)
        trusting = ssl.create_default_context(cafile=api.ca_pem)
        async with httpx2.AsyncClient(trust_env=False, verify=trusting) as http:
            assert (await http.get(api.update_url)).status_code == 200
        async with httpx2.AsyncClient(trust_env=False) as http:
            with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await http.get(api.update_url)
    assert len(api.journal) == api.connections == 1


def test_what_goes_wrong_inside_the_script_fails_the_test() -> None:
    def broken(_: object) -> str:
        raise RuntimeError("a mistake in the test")

    api = ScriptedApi().start()
    api.default = broken
    with (
        pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)),
        httpx2.Client(trust_env=False) as http,
    ):
        http.post(f"{api.base_url}/responses", json={"model": "m"})
    with pytest.raises(ExceptionGroup) as caught:
        api.close()
    assert "a mistake in the test" in str(cast("Exception", caught.value.exceptions[0]))
