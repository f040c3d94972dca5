"""JSON-RPC over a pair of streams as LSP frames it, keeping every byte and message.

Small and our own, so that what a server writes is judged as it is: a stray byte on its output, a message of
the wrong shape or an answer nobody asked for is a problem that fails the test, not something to read past.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .editor_text import Json

_HEAD = re.compile(rb"Content-Length: (\d+)\r\n(?:Content-Type: [^\r\n]*\r\n)?\r\n")


class LspError(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['message']} ({error['code']})")
        self.code: int = error["code"]


class ServerGoneError(Exception):
    """The server ended while something was expected of it."""


class Entry(NamedTuple):
    """One message that went by, with the time (`time.monotonic`) at this end."""

    way: Literal["in", "out"]
    time: float
    message: Json


class Call:
    """A request under way; await it for its result."""

    def __init__(self, peer: Peer, ident: int, answer: asyncio.Future[Any]) -> None:
        self._peer = peer
        self.id = ident
        self.answer = answer

    def __await__(self) -> Generator[Any, None, Any]:
        return self.answer.__await__()

    def cancel(self) -> None:
        """Send `$/cancelRequest`; the server still has to answer."""
        self._peer.notify("$/cancelRequest", {"id": self.id})


class Peer:
    """This end of the connection.

    `on_message` gets each request and notification; `on_problem` a sentence on what the server did wrong.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_message: Callable[[Json], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self.journal: list[Entry] = []
        self.received = bytearray()
        """Every byte that came."""
        self.cut_short = False
        """The server is killed by us and may end inside a message."""
        self._reader = reader
        self._writer = writer
        self._on_message = on_message
        self._on_problem = on_problem
        self._calls: dict[int, Call] = {}
        self._last = 0

    def call(self, method: str, params: Any) -> Call:
        """Send a request."""
        self._last += 1
        call = Call(self, self._last, asyncio.get_running_loop().create_future())
        self._calls[call.id] = call
        self._send({"id": call.id, "method": method, "params": params})
        return call

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def answer(self, ident: int | str, result: Any) -> None:
        """Answer a request of the server."""
        self._send({"id": ident, "result": result})

    def refuse(self, ident: int | str, code: int, message: str) -> None:
        """Answer a request of the server with an error."""
        self._send({"id": ident, "error": {"code": code, "message": message}})

    async def close(self) -> None:
        """End our side of the connection."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def read(self, after: Callable[[], None]) -> None:
        """Take in messages until the server closes its side; `after` runs after each."""
        buffer = bytearray()
        while chunk := await self._reader.read(65536):
            self.received += chunk
            buffer += chunk
            while (message := self._cut(buffer)) is not None:
                self._take(message)
                after()
            after()
        if buffer and not self.cut_short:
            self._on_problem(f"the server's output ends inside a message: {bytes(buffer[:200])!r}")
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(ServerGoneError("the server ended without an answer"))
                call.answer.exception()  # seen, should nobody await it
        after()

    def _cut(self, buffer: bytearray) -> Json | None:
        """Take the first whole message out of the buffer."""
        head = _HEAD.match(buffer)
        if head is None:
            if b"\r\n\r\n" in buffer or not b"Content-Length: ".startswith(bytes(buffer[:16])):
                self._on_problem(f"the server's output is not LSP: {bytes(buffer[:200])!r}")
                next_head = buffer.find(b"Content-Length: ", 1)
                del buffer[: next_head if next_head > 0 else len(buffer)]
                return self._cut(buffer) if buffer else None
            return None
        end = head.end() + int(head[1])
        if len(buffer) < end:
            return None
        body = bytes(buffer[head.end() : end])
        del buffer[:end]
        return json.loads(body)

    def _take(self, message: Json) -> None:
        self.journal.append(Entry("in", time.monotonic(), message))
        if "method" in message:
            self._on_message(message)
            return
        call = self._calls.pop(message.get("id", -1), None)
        if call is None:
            self._on_problem(f"an answer to nothing: {message}")
        elif not call.answer.done():
            if "error" in message:
                call.answer.set_exception(LspError(message["error"]))
                call.answer.exception()  # seen, should nobody await it
            elif "result" in message:
                call.answer.set_result(message["result"])
            else:
                self._on_problem(f"an answer without result and error: {message}")

    def _send(self, message: Json) -> None:
        message = {"jsonrpc": "2.0", **message}
        self.journal.append(Entry("out", time.monotonic(), message))
        body = json.dumps(message, ensure_ascii=False).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
