"""A wire-tap: passes bytes between clients and a server on loopback, and counts them in each direction.

It stands for a capture of the network, with an end of its own: what it counts was on the wire. It runs in a
thread of its own, and knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Self

from .api_script import DEADLINE

if TYPE_CHECKING:
    from types import TracebackType

    from .api_server import ScriptedApi


class Relay:
    """The tap in front of a server; a context manager. `sent` is what clients said, `received` what they were
    told, in bytes."""

    def __init__(self, port: int) -> None:
        """`port` is the server's."""
        self.sent = 0
        self.received = 0
        self.connections = 0
        self._server_port = port
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="relay", daemon=True)

    def env(self, api: ScriptedApi) -> dict[str, str]:
        """What a process needs to talk to the scripted API through the tap."""
        own, through = f":{self._server_port}/", f":{self.port}/"
        return {name: value.replace(own, through) for name, value in api.env().items()}

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(DEADLINE):
            raise TimeoutError("the relay did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            task = asyncio.create_task(self._pass_on(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        ends = [
            asyncio.create_task(self._one_way(client, to_server, "sent")),
            asyncio.create_task(self._one_way(server, to_client, "received")),
        ]
        try:
            # Either side's end is the end of both, as on a wire that is cut in order.
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            for writer in (to_client, to_server):
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    async def _one_way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: str) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                setattr(self, count, getattr(self, count) + len(data))
                writer.write(data)
                await writer.drain()
