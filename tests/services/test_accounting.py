"""No request without a row, and its bytes are those of the wire, whatever becomes of it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

import httpx2
import pytest

from pygpt_lsp.core.errors import RequestRefused
from pygpt_lsp.core.messages import Message
from pygpt_lsp.services import ledger as ledger_module
from pygpt_lsp.services.egress import Egress
from pygpt_lsp.services.ledger import Account, Ledger, accounted
from tests.support.api_script import DEADLINE
from tests.support.api_server import ScriptedApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from pygpt_lsp.core.ledger import LedgerRow
    from pygpt_lsp.services.history_worker import HistoryWorker

BODY = b'{"ok":"\xc3\xb6"}'
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: id=1\r\n"
    b'Alt-Svc: h3=":443"; ma=86400\r\nContent-Length: %d\r\n\r\n%s' % (len(BODY), BODY)
)


class KeptAlive:
    """A server that answers every request on a connection the same, and keeps what it heard."""

    def __init__(self) -> None:
        self.connections = 0
        self.heard: list[bytes] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or b"0")
                self.heard.append(head + await reader.readexactly(length))
                writer.write(REPLY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[KeptAlive]:
    made = KeptAlive()
    await made.start()
    yield made
    await made.close()


class Keeper:
    """Stands in for a history's thread: stores, fails, or hangs."""

    def __init__(self) -> None:
        self.stored: list[list[LedgerRow]] = []
        self.works = True
        self.hangs = False

    async def record(self, rows: Sequence[LedgerRow]) -> bool:
        if self.hangs:
            await asyncio.Event().wait()
        if self.works:
            self.stored.append(list(rows))
        return self.works

    @property
    def worker(self) -> HistoryWorker:
        return cast("HistoryWorker", self)


def door(base_url: str, ledger: Ledger, env: Mapping[str, str] | None = None) -> Egress:
    return Egress(
        api_base_url=base_url,
        update_url="https://pygpt.net/api/version",
        connect_timeout=5,
        idle_timeout=5,
        env=env or {},
        ledger=ledger,
    )


def rows_of(ledger: Ledger) -> list[LedgerRow]:
    """The rows in memory, oldest first."""
    return list(reversed(ledger.view(None).rows))


async def test_requests_on_one_connection_are_counted_each_by_itself_and_nothing_is_remembered(
    server: KeptAlive,
) -> None:
    ledger = Ledger()
    async with door(server.base_url, ledger).api_client() as client:
        for text in ("a", "ö" * 70_000, "a"):
            await client.post(f"{server.base_url}/responses", json={"text": text})
    assert server.connections == 1
    rows = rows_of(ledger)
    assert [row.bytes_out for row in rows] == [len(heard) for heard in server.heard]
    assert [row.bytes_in for row in rows] == [len(REPLY)] * 3
    assert {(row.status, row.outcome) for row in rows} == {(200, "answered")}
    # Neither the cookie nor the other address that was offered has changed anything.
    assert server.heard[0] == server.heard[2]


async def test_inside_tls_the_same_is_counted() -> None:
    with ScriptedApi(tls=True) as api:
        ledger = Ledger()
        env = {"SSL_CERT_FILE": str(api.ca_pem)}
        async with door(api.base_url, ledger, env).api_client() as client:
            await client.get(f"{api.base_url}/models")
        [row] = rows_of(ledger)
        assert row.bytes_out == len(api.journal[0].raw)
        assert row.bytes_in


async def test_a_connection_that_is_refused_has_a_row_of_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ledger = Ledger()
    async with door(f"http://127.0.0.1:{port}/v1", ledger).api_client() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/v1/models")
    [row] = rows_of(ledger)
    assert (row.bytes_out, row.bytes_in, row.status, row.outcome) == (0, 0, None, "failed")


async def test_what_is_asked_of_a_proxy_is_counted_and_the_proxy_named() -> None:
    asked: list[bytes] = []
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(refusal)
        await writer.drain()
        writer.close()

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    ledger = Ledger()
    env = {"HTTPS_PROXY": f"http://user:hunter2@127.0.0.1:{port}"}
    async with door("https://api.example.com/v1", ledger, env).api_client() as client:
        with pytest.raises(httpx2.ProxyError):
            await client.get("https://api.example.com/v1/models")
    proxy.close()
    await proxy.wait_closed()
    [row] = rows_of(ledger)
    assert (row.host, row.proxy) == ("api.example.com", f"127.0.0.1:{port}")
    assert (row.bytes_out, row.bytes_in, row.outcome) == (len(asked[0]), len(refusal), "failed")


async def test_an_answer_that_is_let_go_counts_as_stopped(api: ScriptedApi) -> None:
    stream = api.stream()
    stream.send("So far")
    ledger = Ledger()
    body: dict[str, object] = {"model": "m", "messages": [], "stream": True}
    async with (
        door(api.base_url, ledger).api_client() as client,
        client.stream("POST", f"{api.base_url}/chat/completions", json=body) as response,
    ):
        await anext(response.aiter_raw())
        [row] = rows_of(ledger)
        assert row.outcome is None
    [row] = rows_of(ledger)
    assert (row.status, row.outcome, row.bytes_out) == (200, "stopped", len(stream.taken().raw))


async def test_what_the_door_refuses_and_what_is_only_shown_has_no_row(api: ScriptedApi) -> None:
    ledger = Ledger()
    egress = door(api.base_url, ledger)
    async with egress.api_client() as client, egress.preview_client(lambda _wire: None) as preview:
        await preview.post(f"{api.base_url}/responses", json={})
        with pytest.raises(RequestRefused):
            await client.get("https://evil.example.com/")
    assert rows_of(ledger) == []


async def test_a_row_is_stored_before_its_request_leaves_and_again_when_it_ended(server: KeptAlive) -> None:
    keeper, ledger = Keeper(), Ledger()
    heard_before: list[int] = []
    record = keeper.record

    async def watched(rows: Sequence[LedgerRow]) -> bool:
        heard_before.append(len(server.heard))
        return await record(rows)

    keeper.record = watched
    account = Account("ask", keeper.worker, turn=7, messages=(Message("user", "Why?"),))
    async with door(server.base_url, ledger).api_client() as client:
        with accounted(account):
            await client.post(f"{server.base_url}/responses", json={"content": "Why?"})
    await ledger.settle()
    [[begun], [ended]] = keeper.stored
    assert heard_before == [0, 1]
    assert (begun.outcome, begun.purpose, begun.turn) == (None, "ask", 7)
    assert begun.body_shape
    assert "Why" not in begun.body_shape
    assert ended == begun._replace(
        finished=ended.finished,
        bytes_out=len(server.heard[0]),
        bytes_in=len(REPLY),
        status=200,
        outcome="answered",
    )
    assert ledger.view(keeper.worker).rows == ()


async def test_rows_that_cannot_be_stored_are_kept_and_go_with_the_next(server: KeptAlive) -> None:
    keeper, ledger = Keeper(), Ledger()
    async with door(server.base_url, ledger).api_client() as client:
        with accounted(Account("ask", keeper.worker)):
            keeper.works = False
            await client.get(f"{server.base_url}/models")
            await ledger.settle()
            [lost] = ledger.view(keeper.worker).rows
            assert lost.outcome == "answered"
            keeper.works = True
            await client.get(f"{server.base_url}/models")
    await ledger.settle()
    assert keeper.stored[0][0] == lost
    assert len({row.key for rows in keeper.stored for row in rows}) == 2
    assert ledger.view(keeper.worker).rows == ()


async def test_a_history_that_hangs_keeps_no_request_waiting(
    server: KeptAlive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "_PATIENCE", 0.01)
    monkeypatch.setattr(ledger_module, "_CLOSING", 0.01)
    keeper, ledger = Keeper(), Ledger()
    keeper.hangs = True
    async with asyncio.timeout(DEADLINE), door(server.base_url, ledger).api_client() as client:
        with accounted(Account("ask", keeper.worker)):
            assert (await client.get(f"{server.base_url}/models")).status_code == 200
        await ledger.settle()
    [row] = ledger.view(keeper.worker).rows
    assert row.outcome == "answered"
