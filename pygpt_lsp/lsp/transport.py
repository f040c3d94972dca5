"""How bytes reach the protocol: stdio, and on request TCP or WebSocket on loopback, one client a process.

Who may connect to the latter is decided by `lsp/gate.py`, before any message is read.

Reading and writing on stdio each have a thread of their own. The reader uses the raw file descriptor, so
that a process that ends while a read is pending never waits for a lock; the writer takes messages from a
queue, so that an editor that does not read (a prompt is open, say) never stops the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.http11 import Request, Response

    from pygpt_lsp.lsp.gate import Gate
    from pygpt_lsp.lsp.server import PygptServer

MAX_MESSAGE_BYTES = 1 << 30
_FLUSH_SECONDS = 0.5
_FORBIDDEN = 403


def guard_stdout() -> BinaryIO:
    """Keep the real stdout for LSP alone and send whatever else prints there to stderr.

    The file descriptor is duplicated and 1 is pointed at stderr, so that even a C library or a child
    process cannot write between two messages.
    """
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdout.flush()  # only now: what was printed while Python started must not come first
    sys.stdout = sys.stderr
    return out


class FrameParser:
    """Cuts a byte stream into message bodies (LSP 3.17 § Base Protocol).

    Header names are matched without regard to case and unknown headers are ignored; a part without a
    usable Content-Length is dropped, and what follows is read on.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = -1

    def feed(self, data: bytes) -> list[bytes]:
        """Add bytes; the bodies that are now complete."""
        self._buffer += data
        bodies: list[bytes] = []
        while True:
            if self._need < 0:
                end = self._buffer.find(b"\r\n\r\n")
                if end < 0:
                    return bodies
                self._need = _content_length(bytes(self._buffer[:end]))
                del self._buffer[: end + 4]
                continue
            if len(self._buffer) < self._need:
                return bodies
            bodies.append(bytes(self._buffer[: self._need]))
            del self._buffer[: self._need]
            self._need = -1


def _content_length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            with contextlib.suppress(ValueError):
                length = int(value)
                if 0 <= length <= MAX_MESSAGE_BYTES:
                    return length
    return -1


class _QueueWriter:
    """Writes to a blocking stream from a thread; the writer interface that pygls expects."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lsp writer", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._queue.put(data)

    def close(self) -> None:
        """Write what is queued and stop, waiting a bounded time for a client that does not read."""
        self._queue.put(None)
        self._thread.join(_FLUSH_SECONDS)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            view = memoryview(data)
            try:
                while view:
                    view = view[self._stream.write(view) :]
            except (OSError, ValueError):
                return  # the client is gone; the reader sees the end of its stream


async def serve_stdio(server: PygptServer, out: BinaryIO) -> None:
    """Serve the client on stdin and `out` until it says exit, or its stream ends."""
    loop = asyncio.get_running_loop()
    writer = _QueueWriter(out)
    server.protocol.set_writer(writer)
    parser = FrameParser()

    def received(data: bytes) -> None:
        for body in parser.feed(data):
            server.protocol.receive(body)

    def post(callback: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has ended
            loop.call_soon_threadsafe(callback, *args)

    def read() -> None:
        while True:
            try:
                data = os.read(0, 1 << 16)
            except OSError:
                data = b""
            if not data:
                post(server.stop)
                return
            post(received, data)

    threading.Thread(target=read, name="lsp reader", daemon=True).start()
    await server.stopped.wait()
    await server.clean_up()
    await asyncio.to_thread(writer.close)


async def serve_tcp(server: PygptServer, host: str, port: int, gate: Gate) -> None:
    """Listen, serve the first client that `gate` admits, refuse others, and end with it."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
        first = b""
        if server.protocol.writer is None and await gate.admits(*ends):
            first = await gate.first_of_lsp(reader)
        if not first or server.protocol.writer is not None:
            writer.close()
            return
        server.protocol.set_writer(_StreamWriter(writer))
        parser = FrameParser()
        with contextlib.suppress(ConnectionError):
            data = first
            while data:
                for body in parser.feed(data):
                    server.protocol.receive(body)
                data = await reader.read(1 << 16)
        server.stop()

    listener = await asyncio.start_server(connected, host, port)
    address = listener.sockets[0].getsockname()
    gate.opened(f"{address[0]}:{address[1]}")
    await server.stopped.wait()
    await server.clean_up()
    listener.close()
    if isinstance(server.protocol.writer, _StreamWriter):
        await server.protocol.writer.flush_and_close()


class _StreamWriter:
    """An asyncio stream as the writer interface that pygls expects; never awaited, so order is kept."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()

    async def flush_and_close(self) -> None:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            await asyncio.wait_for(self._stream.drain(), _FLUSH_SECONDS)
        self._stream.close()


async def serve_websocket(server: PygptServer, host: str, port: int, gate: Gate) -> None:
    """Listen for one WebSocket client that `gate` admits, one LSP message a frame, and end with it.

    Needs the extra `pygpt-lsp[ws]`.
    """
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    async def judged(socket: ServerConnection, request: Request) -> Response | None:
        hosts, origins = (request.headers.get_all(name) for name in ("Host", "Origin"))
        if gate.admits_request(hosts, origins) and await gate.admits(
            socket.remote_address, socket.local_address
        ):
            return None
        return socket.respond(_FORBIDDEN, "This server is not for you.\n")

    async def connected(socket: ServerConnection) -> None:
        if server.protocol.writer is not None:
            await socket.close()
            return
        outgoing: asyncio.Queue[bytes] = asyncio.Queue()

        async def write() -> None:
            while True:
                await socket.send((await outgoing.get()).decode("utf-8"))
                outgoing.task_done()

        server.protocol.set_writer(_WebSocketWriter(outgoing), include_headers=False)
        writing = asyncio.create_task(write())
        with contextlib.suppress(ConnectionClosed):
            while not server.stopped.is_set():
                data = await socket.recv(decode=False)
                server.protocol.receive(data)
        server.stop()
        await server.cleaned.wait()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(outgoing.join(), _FLUSH_SECONDS)
        writing.cancel()

    async with serve(connected, host, port, process_request=judged, max_size=MAX_MESSAGE_BYTES) as listener:
        address = next(iter(listener.sockets)).getsockname()
        gate.opened(f"ws://{address[0]}:{address[1]}")
        await server.stopped.wait()
        await server.clean_up()


class _WebSocketWriter:
    """A queue of outgoing messages as the writer interface that pygls expects."""

    def __init__(self, outgoing: asyncio.Queue[bytes]) -> None:
        self._outgoing = outgoing

    def write(self, data: bytes) -> None:
        self._outgoing.put_nowait(data)

    def close(self) -> None:
        """Nothing to close: the connection ends with the handler."""
