"""What `doctor`'s one question to the API promises: a small request, and a judgement that says what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import pytest

from pygpt_lsp.core.errors import RequestRefused
from pygpt_lsp.services.api_key import ApiKey
from pygpt_lsp.services.api_probe import probe, request_lines
from pygpt_lsp.services.egress import Egress

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = ApiKey("sk-canary-1234567890")
MODELS = json.dumps({"object": "list", "data": [{"id": "gpt-5.5"}, {"id": "ö😀"}]}).encode()


def egress(
    handler: Callable[[httpx2.Request], httpx2.Response], base_url: str = "https://api.openai.com/v1"
) -> Egress:
    return Egress(
        api_base_url=base_url,
        update_url="https://pygpt.net/api/version",
        connect_timeout=10,
        idle_timeout=120,
        env={},
        transport=httpx2.MockTransport(handler),
    )


def answering(status: int, body: bytes = b"") -> Egress:
    return egress(lambda _: httpx2.Response(status, content=body))


@pytest.mark.parametrize(
    ("status", "body", "verdict", "words"),
    [
        (200, MODELS, "ok", "takes the key and has the model gpt-5.5"),
        (200, b'{"data": []}', "note", "does not list the model gpt-5.5"),
        (200, b"<html>", "note", "not with a list of models"),
        (200, b"[" * 100_000, "note", "not with a list of models"),
        (200, b'{"data": [1]}', "note", "not with a list of models"),
        (200, b"", "note", "not with a list of models"),
        (401, b"sk-canary-1234567890", "fail", "refuses the key"),
        (403, b"", "note", "may not list the models"),
        (404, b"", "note", "lists no models"),
        (429, b"", "note", "too many requests"),
        (301, b"", "fail", "status 301"),
        (503, b"", "fail", "status 503"),
    ],
)
async def test_every_answer_is_judged_in_a_sentence(status: int, body: bytes, verdict: str, words: str):
    found = await probe(answering(status, body), KEY, "gpt-5.5")
    assert found.verdict == verdict
    assert found.sentence.startswith("api.openai.com ")
    assert words in found.sentence
    assert KEY.reveal() not in found.sentence


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx2.ConnectError("[Errno -2] Name or service not known"), "cannot be reached ([Errno -2] Name"),
        (httpx2.ConnectTimeout("slow"), "did not answer in time"),
        (httpx2.ReadTimeout("slow"), "did not answer in time"),
        (httpx2.RemoteProtocolError("cut"), "broke (RemoteProtocolError)"),
    ],
)
async def test_every_failure_of_the_network_is_judged_in_a_sentence(error: Exception, words: str):
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise error

    found = await probe(egress(fail), KEY, "gpt-5.5")
    assert found.verdict == "fail"
    assert words in found.sentence


async def test_a_list_without_end_is_not_read_to_its_end():
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield b" " * 1_000_000

    found = await probe(egress(lambda _: httpx2.Response(200, content=endless())), KEY, "gpt-5.5")
    assert found.verdict == "note"
    assert read < 10


@pytest.mark.parametrize("base_url", ["https://llm.example:8443/v1", "https://llm.example:8443/v1/"])
async def test_what_is_announced_is_what_is_sent(base_url: str):
    sent: list[httpx2.Request] = []

    def keep(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, content=MODELS)

    door = egress(keep, base_url)
    await probe(door, KEY, "gpt-5.5")
    (request,) = sent
    headers = [f"{name.decode()}: {value.decode()}" for name, value in request.headers.raw]
    lines = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1", *headers]
    assert lines == [line.replace("(your key)", KEY.reveal()) for line in request_lines(door)]
    assert lines[0] == "GET /v1/models HTTP/1.1"
    assert await request.aread() == b""


@pytest.mark.parametrize("base_url", ["", "http://llm.example/v1"])
async def test_an_address_that_cannot_be_used_is_refused_before_anything_is_sent(base_url: str):
    def never(_: httpx2.Request) -> httpx2.Response:
        raise AssertionError("sent")

    door = egress(never, base_url)
    with pytest.raises(RequestRefused):
        request_lines(door)
    with pytest.raises(RequestRefused):
        await probe(door, KEY, "gpt-5.5")
