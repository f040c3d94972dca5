"""Every way a request can fail: which kind it is, and the one sentence the user reads."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any, Literal

import httpx2
import pytest
import respx

from pygpt_lsp.core.errors import ErrorKind, ModelError
from pygpt_lsp.core.messages import Message, ModelRequest, TextDelta
from pygpt_lsp.services.api_key import ApiKey, FixedKey
from pygpt_lsp.services.chat_model import OpenAIChatModel
from pygpt_lsp.services.egress import Egress
from pygpt_lsp.services.error_sentences import duration
from tests.support import api_failures
from tests.support.api_failures import Failure
from tests.support.api_server import ScriptedApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OPENAI = "https://api.openai.com/v1"
KEY = "sk-canary-0123456789abcdefghij"
PROMPT = "the canary sings in the mine at dawn"


async def no_wait(_: float) -> None:
    pass


def model_at(
    base_url: str,
    *,
    api: Literal["auto", "responses", "chat"] = "auto",
    env: dict[str, str] | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> OpenAIChatModel:
    egress = Egress(
        api_base_url=base_url,
        update_url="https://pygpt.net/api/version",
        connect_timeout=10,
        idle_timeout=120,
        env=env or {},
        transport=transport,
    )
    key = FixedKey(ApiKey(KEY), "api_key_command")
    return OpenAIChatModel(egress, key, api=api, env={}, sleep=no_wait, jitter=lambda: 0.0)


async def error_of(model: OpenAIChatModel) -> ModelError:
    try:
        async for _ in model.stream(ModelRequest("gpt-5.5", (Message("user", PROMPT),))):
            pass
    except ModelError as error:
        return error
    finally:
        await model.aclose()
    pytest.fail("the model answered")


async def error_for(failure: Failure, base_url: str = OPENAI) -> ModelError:
    """The error when OpenAI answers so; respx stands in for the network."""
    with respx.mock(assert_all_called=False) as network:
        network.post(url__startswith=base_url).respond(
            failure.status,
            content=failure.content(),
            headers=[("content-type", failure.content_type), *failure.headers],
        )
        return await error_of(model_at(base_url))


TOO_LONG = (
    "The request is longer than gpt-5.5 can take: select less code, leave out #file and #buffer lines, or "
    "delete old turns of the chat."
)
ANSWERS: list[tuple[Failure, ErrorKind, str]] = [
    (
        api_failures.bad_key(),
        ErrorKind.BAD_KEY,
        "api.openai.com did not accept the API key (401): replace it (api_key_command), then ask again.",
    ),
    (
        Failure(401, "x", code="mismatched_project"),
        ErrorKind.BAD_KEY,
        "api.openai.com says that the API key belongs elsewhere: check OPENAI_ORG_ID and OPENAI_PROJECT_ID.",
    ),
    (
        api_failures.forbidden(),
        ErrorKind.FORBIDDEN,
        "api.openai.com forbids this (403), saying “Country, region, or territory not supported”: check what "
        "your key, project and country may use.",
    ),
    (
        api_failures.unknown_model("gpt-5.5"),
        ErrorKind.UNKNOWN_MODEL,
        "api.openai.com does not offer the model gpt-5.5 to you: choose another one in the setting `model`.",
    ),
    (
        Failure(404, body=b'{"error":"model \'gpt-5.5\' not found, try pulling it first"}'),
        ErrorKind.UNKNOWN_MODEL,
        "api.openai.com does not offer the model gpt-5.5 to you: choose another one in the setting `model`.",
    ),
    (
        api_failures.html_error(404),
        ErrorKind.BAD_REQUEST,
        "api.openai.com has nothing at this address (404): check `base_url`, which usually ends in /v1, or "
        "set `api` to chat.",
    ),
    (
        api_failures.too_long(),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        Failure(400, "Your input exceeds the context window of this model."),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        Failure(429, "Request too large for gpt-5.5: Limit 30000", "tokens", "rate_limit_exceeded"),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        Failure(413),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        api_failures.bad_request("temperature"),
        ErrorKind.BAD_REQUEST,
        "api.openai.com refused the request (400), saying “Unsupported parameter: 'temperature' is not "
        "supported with this model”: remove or change the setting `temperature`, or choose another `model`.",
    ),
    (
        Failure(422, body=b'{"detail":"messages: too few"}'),
        ErrorKind.BAD_REQUEST,
        "api.openai.com refused the request (422), saying “messages: too few”: change what it names, or "
        "choose another `model`.",
    ),
    (
        Failure(418, body=b"[]"),
        ErrorKind.BAD_REQUEST,
        "api.openai.com refused the request (418): change what it names, or choose another `model`.",
    ),
    (
        api_failures.content_filter(),
        ErrorKind.CONTENT_FILTER,
        "The content rules of api.openai.com stopped this request: ask differently, or leave some code out.",
    ),
    (
        api_failures.rate_limited("90"),
        ErrorKind.RATE_LIMITED,
        "api.openai.com gets too many requests from you (429): ask again in 90 s.",
    ),
    (
        api_failures.rate_limited(),
        ErrorKind.RATE_LIMITED,
        "api.openai.com gets too many requests from you (429): ask again in a minute.",
    ),
    (
        api_failures.no_quota(),
        ErrorKind.QUOTA,
        "Your OpenAI account has no credit left (429): add some at "
        "https://platform.openai.com/settings/organization/billing, then ask again.",
    ),
    (
        api_failures.server_error(500),
        ErrorKind.SERVER,
        "api.openai.com has a problem of its own (500): ask again in a moment.",
    ),
    (
        api_failures.html_error(502),
        ErrorKind.SERVER,
        "api.openai.com has a problem of its own (502): ask again in a moment.",
    ),
    (
        api_failures.server_error(503, "240"),
        ErrorKind.SERVER,
        "api.openai.com has a problem of its own (503): ask again in 4 min.",
    ),
    (
        api_failures.redirect("https://evil.example.com/v1/responses"),
        ErrorKind.NOT_ALLOWED,
        "api.openai.com answered with a redirect (307), which is not followed: correct `base_url`.",
    ),
    (
        api_failures.html_error(200),
        ErrorKind.MALFORMED,
        "api.openai.com sent something that is no answer (text/html): check that `base_url` is the address "
        "of an OpenAI-compatible API, usually ending in /v1.",
    ),
]


@pytest.mark.parametrize(("failure", "kind", "sentence"), ANSWERS)
async def test_an_answer_that_is_no_answer_becomes_one_sentence_that_says_what_to_do(
    failure: Failure, kind: ErrorKind, sentence: str
) -> None:
    error = await error_for(failure)
    assert (error.kind, error.sentence) == (kind, sentence)
    assert error.status == (None if failure.status == 200 else failure.status)


async def test_a_used_up_quota_elsewhere_names_that_server_and_the_wait() -> None:
    failure = Failure(402, headers=(("Retry-After", "600"),))
    error = await error_for(failure, "https://models.example.com/v1")
    assert error.kind is ErrorKind.QUOTA
    assert error.sentence == (
        "Your quota at models.example.com is used up (402): raise it there, or ask again in 10 min."
    )


@pytest.mark.parametrize("status", [400, 403])
async def test_an_api_that_quotes_key_and_prompt_is_not_quoted(status: int) -> None:
    message = f"Key {KEY} ({KEY[:9]}*****{KEY[-5:]}) may not ask: {PROMPT!r}\n{KEY[-12:]}\x1b[31m"
    error = await error_for(Failure(status, message))
    assert "may not ask" in error.sentence
    assert "\x1b" not in error.sentence
    for hidden in (KEY, KEY[:9], KEY[-5:], PROMPT, "canary sings"):
        assert hidden not in error.sentence


# The network


async def test_a_name_that_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await error_of(model_at("https://models.example.com/v1"))
    assert error.kind is ErrorKind.DNS
    assert error.sentence == (
        "The name of models.example.com could not be found: check the network connection and `base_url`."
    )


async def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{bound.getsockname()[1]}"
        error = await error_of(model_at(f"http://{host}/v1"))
    assert error.kind is ErrorKind.REFUSED
    assert error.sentence == (
        f"Nothing answers at {host}: check that it runs there and that `base_url` is right."
    )


async def test_a_proxy_that_does_not_run_is_named_instead_of_the_host() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        proxy = f"127.0.0.1:{bound.getsockname()[1]}"
        error = await error_of(model_at(OPENAI, env={"HTTPS_PROXY": f"http://me:hunter2@{proxy}"}))
    assert error.kind is ErrorKind.REFUSED
    assert error.sentence.startswith(f"Nothing answers at the proxy {proxy}:")


async def test_a_certificate_that_nobody_vouches_for() -> None:
    with ScriptedApi(tls=True) as server:
        error = await error_of(model_at(server.base_url))
        assert server.requests == []
    assert error.kind is ErrorKind.TLS
    assert "its certificate is not trusted" in error.sentence
    assert "SSL_CERT_FILE" in error.sentence


async def test_a_certificate_of_another_host() -> None:
    with ScriptedApi(tls=True, names=["other.example.com"]) as server:
        error = await error_of(model_at(server.base_url, env={"SSL_CERT_FILE": str(server.ca_pem)}))
        assert server.requests == []
    assert error.kind is ErrorKind.TLS
    assert "mismatch" in error.sentence


async def test_a_server_that_does_not_speak_tls() -> None:
    async def say_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(say_http, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await error_of(model_at(f"https://127.0.0.1:{port}/v1"))
    assert error.kind is ErrorKind.TLS
    assert "does not speak TLS" in error.sentence


class Broken(httpx2.AsyncBaseTransport):
    """A network that breaks before an answer, or after its first piece."""

    def __init__(self, error: Exception, first: bytes | None = None) -> None:
        self._error = error
        self._first = first
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        if self._first is None:
            raise self._error
        return httpx2.Response(
            200, headers={"Content-Type": "text/event-stream"}, stream=_BrokenBody(self._first, self._error)
        )


class _BrokenBody(httpx2.AsyncByteStream):
    def __init__(self, first: bytes, error: Exception) -> None:
        self._first = first
        self._error = error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._first
        raise self._error


@pytest.mark.parametrize(
    ("broken", "kind", "sentence", "requests"),
    [
        (
            httpx2.ConnectTimeout("x"),
            ErrorKind.TIMEOUT,
            "api.openai.com took no connection within 10 s: check the network, or raise `timeouts.connect`.",
            3,
        ),
        (
            httpx2.ReadTimeout("x"),
            ErrorKind.TIMEOUT,
            "api.openai.com sent nothing for 120 s: ask again, or raise `timeouts.idle`.",
            1,
        ),
        (
            httpx2.ReadError("x"),
            ErrorKind.NETWORK,
            "The connection to api.openai.com failed: check the network, then ask again.",
            3,
        ),
        (
            httpx2.RemoteProtocolError("Server disconnected without sending a response."),
            ErrorKind.NETWORK,
            "The connection to api.openai.com failed: check the network, then ask again.",
            3,
        ),
        (
            RuntimeError(PROMPT),
            ErrorKind.INTERNAL,
            "pygpt-lsp failed while asking (RuntimeError): please report it.",
            1,
        ),
    ],
)
async def test_a_network_that_breaks_before_the_answer(
    broken: Exception, kind: ErrorKind, sentence: str, requests: int
) -> None:
    network = Broken(broken)
    error = await error_of(model_at(OPENAI, transport=network))
    assert (error.kind, error.sentence, network.requests) == (kind, sentence, requests)


@pytest.mark.parametrize(
    ("broken", "kind", "sentence"),
    [
        (
            httpx2.ReadTimeout("x"),
            ErrorKind.TIMEOUT,
            "api.openai.com sent nothing for 120 s: ask again, or raise `timeouts.idle`; what "
            "arrived is kept.",
        ),
        (
            httpx2.ReadError("x"),
            ErrorKind.CUT,
            "The connection to api.openai.com broke before the answer was complete: ask again; what arrived "
            "is kept.",
        ),
        (
            httpx2.DecodingError("x"),
            ErrorKind.MALFORMED,
            "api.openai.com sent something that is no answer: check that `base_url` is the address of an "
            "OpenAI-compatible API, usually ending in /v1; what arrived is kept.",
        ),
    ],
)
async def test_a_network_that_breaks_within_the_answer_keeps_what_arrived(
    broken: Exception, kind: ErrorKind, sentence: str
) -> None:
    piece = b'data: {"type":"response.output_text.delta","delta":"Half"}\n\n'
    model = model_at(OPENAI, transport=Broken(broken, piece))
    events = model.stream(ModelRequest("gpt-5.5", (Message("user", PROMPT),)))
    assert await anext(events) == TextDelta("Half")
    with pytest.raises(ModelError) as raised:
        await anext(events)
    assert (raised.value.kind, raised.value.sentence) == (kind, sentence)
    await model.aclose()


# Which API, by host


@pytest.mark.parametrize(
    ("base_url", "path", "limit"),
    [
        (OPENAI, "/v1/responses", "max_output_tokens"),
        ("https://eu.api.openai.com/v1", "/v1/responses", "max_output_tokens"),
        ("https://me.openai.azure.com/openai/v1", "/openai/v1/chat/completions", "max_completion_tokens"),
        ("https://api.openai.com.example.com/v1", "/v1/chat/completions", "max_tokens"),
        ("https://models.example.com/api", "/api/chat/completions", "max_tokens"),
    ],
)
async def test_the_api_is_chosen_by_the_host(base_url: str, path: str, limit: str) -> None:
    with respx.mock() as network:
        route = network.post(url__startswith=base_url).respond(400)
        model = model_at(base_url)
        with pytest.raises(ModelError):
            await anext(model.stream(ModelRequest("m", (Message("user", "q"),), max_output_tokens=5)))
        await model.aclose()
    sent = route.calls.last.request
    assert sent.url.path == path
    assert json.loads(sent.content)[limit] == 5


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (20.1, "21 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7200, "2 h")],
)
def test_waits_are_told_in_round_words_that_are_long_enough(seconds: float, words: str) -> None:
    assert duration(seconds) == words
