"""The version check: what it sends, byte for byte, and what it makes of the reply."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from pygpt_lsp import __version__
from pygpt_lsp.services.egress import Egress
from pygpt_lsp.services.update_check import OFFICIAL_URL, UpdateCheck, UpdateNotice, is_newer
from tests.support.api_failures import redirect
from tests.support.api_script import DEADLINE, UpdateReply
from tests.support.api_server import ScriptedApi

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator


def check(
    url: str, version: str = "1.2.3", transport: httpx2.AsyncBaseTransport | None = None
) -> UpdateCheck:
    egress = Egress(
        api_base_url="https://api.openai.com/v1",
        update_url=url,
        connect_timeout=5,
        idle_timeout=60,
        env={},
        transport=transport,
    )
    return UpdateCheck(egress, version)


class Reply(httpx2.AsyncBaseTransport):
    """Answers every request alike."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._body = body
        self._status = status
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(self._status, stream=httpx2.ByteStream(self._body))


async def notice_for(
    reply: object, *, url: str = "https://updates.example.com/v", version: str = "1.2.3", status: int = 200
) -> UpdateNotice | None:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return await check(url, version, Reply(body, status)).run()


@asynccontextmanager
async def raw_server(answer: bytes | None) -> AsyncGenerator[tuple[int, list[bytes]]]:
    """A server on bare sockets: its port, and every byte each connection brought until it closed."""
    received: list[bytes] = []
    ended = asyncio.Queue[None]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        received.append(head + await reader.read())
        writer.close()
        ended.put_nowait(None)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], received
        async with asyncio.timeout(DEADLINE):
            await ended.get()


async def test_the_request_is_these_bytes_and_no_others() -> None:
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 23\r\nSet-Cookie: a=1\r\n\r\n{"version_lsp": "1.2.4"}'
    async with raw_server(answer.replace(b"23", b"24")) as (port, received):
        notice = await check(f"http://127.0.0.1:{port}/api/version").run()
    assert notice == UpdateNotice("1.2.4", "https://pygpt.net")
    assert received == [
        b"GET /api/version?v=1.2.3 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: pygpt-lsp\r\n\r\n" % port
    ]


async def test_the_version_sent_is_the_one_in_use() -> None:
    network = Reply(b"{}")
    egress = Egress(
        api_base_url="", update_url=OFFICIAL_URL, connect_timeout=5, idle_timeout=5, env={}, transport=network
    )
    await UpdateCheck(egress).run()
    assert str(network.requests[0].url) == f"https://pygpt.net/api/version?v={__version__}"


async def test_a_process_asks_once(api: ScriptedApi) -> None:
    api.update = UpdateReply({"version_lsp": "9.0"})
    one = check(api.update_url)
    assert await asyncio.gather(one.run(), one.run(), one.run()) == [UpdateNotice("9.0"), None, None]
    assert await one.run() is None
    assert api.connections == 1


async def test_a_failure_is_not_asked_again_either(api: ScriptedApi) -> None:
    api.fail(redirect("/elsewhere"))
    api.update = UpdateReply(failure=redirect("/elsewhere"))
    one = check(api.update_url)
    assert await one.run() is None
    assert await one.run() is None
    assert api.connections == 1


async def test_a_redirect_is_not_followed(api: ScriptedApi) -> None:
    with ScriptedApi() as other:
        other.update = UpdateReply({"version_lsp": "9.0"})
        for place in (other.update_url, f"{api.origin}/v1/models"):
            api.update = UpdateReply(failure=redirect(place))
            assert await check(api.update_url).run() is None
        assert other.connections == 0
    assert api.connections == 2


async def test_an_endpoint_that_hangs_is_given_up_after_five_seconds(
    api: ScriptedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float | None] = []
    clock = asyncio.timeout(None)

    def limit(seconds: float | None) -> asyncio.Timeout:
        limits.append(seconds)
        return clock

    api.update = UpdateReply(hang=True)
    monkeypatch.setattr(asyncio, "timeout", limit)
    checking = asyncio.create_task(check(api.update_url).run())
    request = (await api.until_updates())[0]
    monkeypatch.undo()
    assert limits == [5.0]
    clock.reschedule(asyncio.get_running_loop().time())
    assert await checking is None
    await request.until_closed()


async def test_the_time_that_loading_takes_is_not_the_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[str] = []
    load, timeout = Egress.update_client, asyncio.timeout

    def loaded(self: Egress) -> httpx2.AsyncClient:
        came.append("loaded")
        return load(self)

    def begun(seconds: float | None) -> asyncio.Timeout:
        came.append("clock")
        return timeout(seconds)

    monkeypatch.setattr(Egress, "update_client", loaded)
    monkeypatch.setattr(asyncio, "timeout", begun)
    assert await notice_for({"version_lsp": "9.0"}) is not None
    assert came == ["loaded", "clock"]


async def test_the_check_can_be_cancelled(api: ScriptedApi) -> None:
    api.update = UpdateReply(hang=True)
    task = asyncio.create_task(check(api.update_url).run())
    request = (await api.until_updates())[0]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await request.until_closed()


async def test_only_the_language_servers_own_version_counts_at_the_official_address() -> None:
    reply = {"version": "99.0", "version_lsp": "1.2.4"}
    assert await notice_for(reply, url=OFFICIAL_URL) == UpdateNotice("1.2.4")
    assert await notice_for({"version": "99.0"}, url=OFFICIAL_URL) is None
    assert await notice_for({"version": "1.2.5"}) == UpdateNotice("1.2.5")
    assert await notice_for(reply) == UpdateNotice("1.2.4")


@pytest.mark.parametrize(
    "reply",
    [
        {"version_lsp": "1.2.3"},
        {"version_lsp": "1.2.2"},
        {"version_lsp": "2.0 — click https://evil.example.com"},
        {"version_lsp": "2.0\n"},
        {"version_lsp": "２.0"},
        {"version_lsp": "9" * 100},
        {"version_lsp": 2},
        {"version_lsp": None},
        {"version_lsp": ["2.0"]},
        {},
        [],
        None,
        "2.0",
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[" * 60_000,
    ],
)
async def test_anything_else_than_a_newer_version_is_silent(reply: object) -> None:
    assert await notice_for(reply) is None


@pytest.mark.parametrize("status", [204, 301, 304, 404, 500])
async def test_any_other_status_is_silent(status: int) -> None:
    assert await notice_for({"version_lsp": "9.0"}, status=status) is None


async def test_a_reply_of_more_than_64_kib_is_dropped() -> None:
    largest = json.dumps({"version_lsp": "9.0"}).encode().ljust(64 * 1024)
    assert await notice_for(largest) == UpdateNotice("9.0")
    assert await notice_for(largest + b" ") is None


async def test_an_endless_reply_is_not_read_to_its_end() -> None:
    sent = 0

    class Endless(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 1024
                yield b" " * 1024

    class Network(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(200, stream=Endless())

    assert await check("https://updates.example.com/v", transport=Network()).run() is None
    assert sent == 65 * 1024


@pytest.mark.parametrize("url", ["", "http://pygpt.net/api/version", "https://me:pw@pygpt.net/", "nonsense"])
async def test_an_address_that_is_refused_is_silent(url: str) -> None:
    network = Reply(b'{"version_lsp": "9.0"}')
    assert await check(url, transport=network).run() is None
    assert network.requests == []


async def test_a_name_that_is_not_found_is_silent_and_only_noted_for_debugging(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    caplog.set_level(logging.DEBUG, "pygpt_lsp")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await check(OFFICIAL_URL).run() is None
    ours = [record for record in caplog.records if record.name.startswith("pygpt_lsp")]
    assert [record.levelname for record in ours] == ["DEBUG"]


def test_the_notice_is_a_sentence_with_version_and_address() -> None:
    assert UpdateNotice("1.2.4").sentence == "pygpt-lsp 1.2.4 is out: see https://pygpt.net."


def test_versions_are_ordered_as_pep_440_says() -> None:
    ordered = [
        "0.9", "1.0.dev1", "1.0a1.dev2", "1.0a1", "1.0a2", "1.0b1", "1.0rc1", "1.0rc10", "1.0", "1.0.post1",
        "1.0.1.dev1", "1.0.1", "1.9", "1.10", "2", "10.0",
    ]  # fmt: skip
    for index, older in enumerate(ordered):
        for newer in ordered[index + 1 :]:
            assert is_newer(newer, older), (newer, older)
            assert not is_newer(older, newer), (older, newer)


def test_equal_versions_are_not_newer_however_they_are_written() -> None:
    for same in ("1.0", "1", "1.0.0", "v1.0"):
        assert not is_newer(same, "1.0")


@pytest.mark.parametrize("current", ["", "unknown", "1.0+local", "1!2.0"])
def test_against_a_version_that_is_none_nothing_is_newer(current: str) -> None:
    assert not is_newer("9.0", current)
