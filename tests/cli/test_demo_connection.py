"""The demo's line to a server holds up against servers that are not at their best."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.lsp import demo_connection
from pygpt_lsp.lsp.demo_connection import Connection, DemoFailed, UnknownMethod

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A server that asks for what it is told to, and then answers each request with what it has read.
ASKS = """
import json, sys
def send(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
    sys.stdout.buffer.flush()
def read():
    size = int(sys.stdin.buffer.readline().split(b":")[1])
    sys.stdin.buffer.readline()
    return json.loads(sys.stdin.buffer.read(size))
request = read()
send(id=7, method="what/is/it", params="ö😀")
answer = read()
send(id=request["id"], result=answer)
while read()["method"] != "exit":
    send(id=2, error={"code": -32603, "message": "no"})
"""
STAYS = "import time\nwhile True: time.sleep(3600)"


def asked(method: str, params: object) -> object:
    return [method, params]


def unable(method: str, params: object) -> object:
    raise UnknownMethod(method)


def broken(method: str, params: object) -> object:
    raise BrokenPipeError


async def connect(
    tmp_path: Path, program: str, handle: Callable[[str, object], object] = asked
) -> Connection:
    command = [sys.executable, "-c", program]
    return await Connection.start(
        command, env=os.environ, folder=tmp_path, log=tmp_path / "log", handle=handle
    )


async def test_what_the_server_asks_is_answered(tmp_path: Path):
    connection = await connect(tmp_path, ASKS)
    answer = await connection.request("x", None)
    assert answer == {"jsonrpc": "2.0", "id": 7, "result": ["what/is/it", "ö😀"]}
    with pytest.raises(DemoFailed, match="The server refused: no"):
        await connection.request("y", None)
    await connection.close()


async def test_what_the_demo_cannot_do_is_answered_with_an_error(tmp_path: Path):
    connection = await connect(tmp_path, ASKS, unable)
    assert (await connection.request("x", None))["error"]["code"] == -32601
    await connection.close()


async def test_a_screen_that_is_gone_ends_the_wait_and_the_server(tmp_path: Path):
    connection = await connect(tmp_path, ASKS, broken)
    with pytest.raises(BrokenPipeError):
        await connection.request("x", None)
    await connection.close()


async def test_a_server_that_ends_is_a_failure_with_a_sentence(tmp_path: Path):
    connection = await connect(tmp_path, "import sys; sys.stderr.write('ö'); sys.exit(3)")
    with pytest.raises(DemoFailed, match="The server has ended"):
        await connection.request("initialize", {})
    await connection.close()
    assert (tmp_path / "log").read_bytes() != b""


async def test_a_server_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(demo_connection, "_END_SECONDS", 0.1)
    connection = await connect(tmp_path, STAYS)
    async with asyncio.timeout(30):
        await connection.close()
