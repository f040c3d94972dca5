"""A server that listens (`--tcp`, `--ws`), and an editor that talks to it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Self, cast

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from .api_script import DEADLINE
from .editor_profiles import HELIX_25_07, Profile
from .lsp_client import SERVER, EditorClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from websockets.asyncio.client import ClientConnection


class ListeningServer:
    """`pygpt-lsp --tcp` or `--ws` on any free port; a context manager, which kills what still runs."""

    process: asyncio.subprocess.Process

    def __init__(
        self, env: Mapping[str, str], workspace: Path, way: str, command: Sequence[str] = SERVER
    ) -> None:
        self._env, self._workspace, self._way, self._command = env, workspace, way, command
        self.host, self.port = "", 0
        self.said = ""
        """What it said on stderr after the first line, once it has ended."""

    async def __aenter__(self) -> Self:
        pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        self.process = await asyncio.create_subprocess_exec(
            *self._command, self._way, "127.0.0.1:0", stdin=null, stdout=null, stderr=pipe,
            env=self._env, cwd=self._workspace,
        )  # fmt: skip
        assert self.process.stderr is not None
        async with asyncio.timeout(DEADLINE):
            line = (await self.process.stderr.readline()).decode()
        found = re.fullmatch(r"pygpt-lsp: listening on (?:ws://)?(\S+):(\d+)\n", line.replace("\r\n", "\n"))
        assert found is not None, line
        self.host, self.port = found[1], int(found[2])
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.ended()

    async def ended(self) -> int:
        """The exit code, once the process has ended."""
        async with asyncio.timeout(DEADLINE):
            _, said = await self.process.communicate()
        self.said += said.decode()
        assert self.process.returncode is not None
        return self.process.returncode

    async def editor(self, profile: Profile = HELIX_25_07) -> EditorClient:
        """An initialized editor on a connection of its own."""
        client = EditorClient(profile, self._workspace)
        if self._way == "--tcp":
            client.attach(*await asyncio.open_connection(self.host, self.port))
        else:
            client.attach(*await _websocket_streams(f"ws://{self.host}:{self.port}"))
        await client.initialize()
        return client


class _WebSocketWriter:
    """What a `Peer` needs of a writer, over a WebSocket: one message a frame, without a header."""

    def __init__(self, socket: ClientConnection, reader: asyncio.StreamReader) -> None:
        self._outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._pumps = asyncio.gather(self._send(socket), _receive(socket, reader))

    def write(self, data: bytes) -> None:
        """One whole message, framed for a stream."""
        self._outgoing.put_nowait(data.partition(b"\r\n\r\n")[2])

    def close(self) -> None:
        """End the connection once all is sent."""
        self._outgoing.put_nowait(None)

    async def wait_closed(self) -> None:
        """Wait until it has ended."""
        await self._pumps

    async def _send(self, socket: ClientConnection) -> None:
        while (body := await self._outgoing.get()) is not None:
            with contextlib.suppress(ConnectionClosed):
                await socket.send(body, text=True)
        await socket.close()


async def _receive(socket: ClientConnection, reader: asyncio.StreamReader) -> None:
    """Give what comes to the reader, framed as on a stream."""
    async for body in socket:
        assert isinstance(body, str)  # LSP is text
        data = body.encode()
        reader.feed_data(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
    reader.feed_eof()


async def _websocket_streams(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    socket = await connect(url, max_size=None)
    reader = asyncio.StreamReader()
    return reader, cast("asyncio.StreamWriter", _WebSocketWriter(socket, reader))
