"""A client for what no editor sends: it writes any bytes to the server and reads what comes back as messages.

async with RawClient(env, cwd) as client:
    client.write(b"content-length: 2\r\n\r\n{}")
    answer = await client.answer(client.request("initialize", {...}))
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

from .api_script import DEADLINE
from .lsp_client import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .editor_text import Json

INITIALIZE: Json = {"processId": None, "rootUri": None, "capabilities": {}}
"""The params of the smallest client there is."""


class RawClient:
    """A server process and the two ends of its pipe; a context manager, which kills what still runs."""

    process: asyncio.subprocess.Process

    def __init__(self, env: Mapping[str, str], cwd: Path, args: Sequence[str] = ()) -> None:
        self._env, self._cwd, self._args = env, cwd, args
        self._last_id = 0
        self.messages: list[Json] = []
        """Everything that was read, in order."""

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            *SERVER, *self._args, stdin=pipe, stdout=pipe, stderr=pipe, env=self._env, cwd=self._cwd
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.ended()

    # Writing

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def send(self, message: object) -> None:
        """One framed message, of whatever shape."""
        body = json.dumps(message).encode()
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def request(self, method: object, params: object = None) -> int:
        """Send a request; its id."""
        self._last_id += 1
        self.send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def notify(self, method: object, params: object = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def hang_up(self) -> None:
        """Close the server's stdin."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    # Reading

    async def read(self) -> Json:
        """The next message. Fails when the server ended or said something that is no LSP."""
        assert self.process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            head = await self.process.stdout.readuntil(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode("ascii").split("\r\n") if line)
            body = await self.process.stdout.readexactly(int(fields["Content-Length"]))
        message: Json = json.loads(body)
        self.messages.append(message)
        return message

    async def answer(self, ident: int | str | None) -> Json:
        """The answer with that id, whatever comes before it."""
        while True:
            message = await self.read()
            if "method" not in message and message.get("id") == ident:
                return message

    async def error_code(self, ident: int | str | None) -> int:
        """The code of the error that answers a request."""
        message = await self.answer(ident)
        assert "result" not in message
        return message["error"]["code"]

    async def initialize(self, **params: Any) -> Json:
        """`initialize` and `initialized`; the server's capabilities."""
        answer = await self.answer(self.request("initialize", INITIALIZE | params))
        self.notify("initialized", {})
        return answer["result"]["capabilities"]

    async def ended_by_itself(self) -> int:
        """The exit code, once the process has ended although its stdin is open."""
        async with asyncio.timeout(DEADLINE):
            return await self.process.wait()

    async def ended(self) -> int:
        """The exit code, once the process has ended; its stdin is closed."""
        async with asyncio.timeout(DEADLINE):
            # Not `wait` alone: a process that still writes into a full pipe would never end.
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode
