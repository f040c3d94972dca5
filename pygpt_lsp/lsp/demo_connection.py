"""The demo's line to a server: a process of its own, and JSON-RPC over its stdio.

Not pygls' client: that one takes a code action that carries a command for a bare command, and loses its
argument. It must never print; who uses it decides what a user sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar, cast

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.lsp.transport import FrameParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")

_END_SECONDS = 5.0
"""How long a server may take to shut down; it promises one second."""

_METHOD_NOT_FOUND = -32601


class DemoFailed(PygptError):
    """The demo cannot go on; the sentence says why."""


class UnknownMethod(Exception):
    """The server asked for something that this client cannot do."""


class Connection:
    """A running server. `handle` is called with each request and notification of its, in order; what it
    returns is the answer to a request. What it raises ends the connection, but for `UnknownMethod`."""

    def __init__(self, process: asyncio.subprocess.Process, handle: Callable[[str, Any], object]) -> None:
        self._process = process
        self._handle = handle
        self._out = cast("asyncio.StreamWriter", process.stdin)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read(cast("asyncio.StreamReader", process.stdout)))

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        log: Path,
        handle: Callable[[str, Any], object],
    ) -> Self:
        """Start the server in `folder`; its standard error goes to the file `log`."""
        # Ctrl-C is for the demo, which then ends the server as an editor would.
        alone: dict[str, Any] = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        pipe = asyncio.subprocess.PIPE
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=errors, cwd=folder, env=dict(env), **alone
            )
        return cls(process, handle)

    async def request(self, method: str, params: object) -> Any:
        """The result of a request. Raises DemoFailed."""
        number = len(self._answers) + 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._send({"id": number, "method": method, "params": params})
        return await self.until(answer)

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def until(self, future: asyncio.Future[T]) -> T:
        """The future's result. Raises DemoFailed where the server ends before there is one."""
        await asyncio.wait({future, self._reading}, return_when=asyncio.FIRST_COMPLETED)
        if future.done():
            return future.result()
        self._reading.result()  # raises what failed on our side
        raise DemoFailed("The server has ended in the middle of the demo: run `pygpt-lsp doctor`.")

    async def close(self) -> None:
        """End the server as an editor does, or for good where it does not end. Never raises."""
        try:
            async with asyncio.timeout(_END_SECONDS):
                with contextlib.suppress(PygptError, OSError):
                    await self.request("shutdown", None)
                    self.notify("exit", None)
                self._out.close()  # ends a server that could not be told
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, stdout: asyncio.StreamReader) -> None:
        parser = FrameParser()
        while data := await stdout.read(1 << 16):
            for body in parser.feed(data):
                self._take(cast("Json", json.loads(body)))

    def _take(self, message: Json) -> None:
        if "method" not in message:
            self._answered(message)
            return
        asked = "id" in message
        try:
            result = self._handle(message["method"], message.get("params"))
        except UnknownMethod:
            if asked:
                error = {"code": _METHOD_NOT_FOUND, "message": "The demo cannot do this."}
                self._send({"id": message["id"], "error": error})
            return
        if asked:
            self._send({"id": message["id"], "result": result})

    def _answered(self, message: Json) -> None:
        answer = self._answers.get(message["id"])
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(DemoFailed(f"The server refused: {message['error']['message']}"))
        else:
            answer.set_result(message["result"])

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._out.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
