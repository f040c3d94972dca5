"""Each way the network fails: its kind, and the one sentence the user reads."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from pygpt_lsp.core.errors import ErrorKind, ModelError
from pygpt_lsp.core.messages import Message, ModelRequest, TextDelta
from tests.services.chat_model.kit import OPENAI, PROMPT, error_of, model_at
from tests.support.api_server import ScriptedApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


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
