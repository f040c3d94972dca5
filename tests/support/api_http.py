"""HTTP/1.1 over raw streams: just what the scripted API needs, and no more than a test can break at will."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from .api_failures import Failure
from .api_script import Break, Cut, Finish, Raw, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .api_wire import Json, Wire


_END = b"0\r\n\r\n"
"""The end of a chunked body."""


class BreakOffError(Exception):
    """The script says that the connection goes away now."""

    def __init__(self, how: Cut) -> None:
        super().__init__(how)
        self.how: Cut = how


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The request on this connection; None where the client went away without a whole one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        length = re.search(rb"\r\ncontent-length:\s*(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b""
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Request(method, target, head, body)


async def until_closed(reader: asyncio.StreamReader) -> None:
    """Wait until the client hangs up."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass


async def send(writer: asyncio.StreamWriter, reply: Failure) -> None:
    """Write a whole reply."""
    body = reply.content()
    headers = [("Content-Length", str(len(body))), *reply.headers]
    writer.write(_head(reply.status, reply.content_type, headers) + body)
    await writer.drain()


def json_reply(body: Json) -> Failure:
    """A whole reply that is no failure."""
    return Failure(200, body=json.dumps(body).encode())


def _head(status: int, content_type: str, headers: Sequence[tuple[str, str]]) -> bytes:
    fixed = [("Content-Type", content_type), ("x-request-id", "req_test"), ("Connection", "close")]
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in [*fixed, *headers])]
    return "\r\n".join([*lines, "", ""]).encode()


def break_off(writer: asyncio.StreamWriter, how: Cut) -> None:
    """Let the connection go away."""
    if how == "reset":  # lingering zero seconds makes the kernel send RST instead of FIN
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def answer(request: Request, reply: Reply, wire: Wire, writer: asyncio.StreamWriter) -> None:
    """Write the answer as the test feeds it; BreakOffError where the script says that the connection goes."""
    await reply.begin()
    streamed = request.json.get("stream") is True

    async def say(data: bytes, end: bytes = b"") -> None:
        if streamed and data:
            writer.write(b"%x\r\n%s\r\n%s" % (len(data), data, end))
            await writer.drain()

    if streamed:
        writer.write(_head(200, "text/event-stream; charset=utf-8", [("Transfer-Encoding", "chunked")]))
    await say(wire.begin())
    while True:
        match await reply.step():
            case Finish(reason, usage):
                # With the last bytes in one write: nobody reads on for long who has the whole answer.
                await say(wire.finish(reason, usage), _END)
                if not streamed:
                    await send(writer, json_reply(wire.plain(reason, usage)))
                return
            case Break(how):
                if how != "end":
                    raise BreakOffError(how)
                break
            case Raw(data):
                await say(wire.malformed() if data is None else data)
            case piece:
                await say(getattr(wire, piece.kind)(piece.delta))
                request.delta_times.append(time.monotonic())
    if streamed:
        writer.write(_END)
        await writer.drain()
