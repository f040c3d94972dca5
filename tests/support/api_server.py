"""A scripted OpenAI-compatible server on loopback, for tests that need the whole way over a socket.

It is written on raw asyncio streams so that every fault can be produced, and runs in a thread of its own so
that neither the test nor the process under test can starve it::

    with ScriptedApi() as api:
        api.reply("Hello", cut="reset")   # queued; used in order, then `api.default`
        stream = api.stream()             # or written while it is read: stream.send("Hel"), stream.finish()
        api.fail(rate_limited("1"))       # see api_failures
        ...
        request = api.wait_for_requests(1)[0]  # the journal: `api.requests`, `api.updates`, `api.journal`

By hand: `python -m tests.support.api_server --port 8080 --reply "Hello there" --delta-ms 20`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ssl
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

from .api_failures import Failure
from .api_http import BreakOffError, answer, break_off, json_reply, read_request, send, until_closed
from .api_script import DEADLINE, VERSION_PATHS, Cut, Journal, Reply, Request, UpdateReply, words
from .api_wire import CREATED_AT, ChatWire, FinishReason, Json, ResponsesWire, Tokens, Wire

if TYPE_CHECKING:
    from types import TracebackType

KEY = "sk-test-not-a-real-key"
"""The key that `env` hands to a process; never checked."""

Default: TypeAlias = str | Callable[[Request], str]
_WIRES: dict[str, Callable[[Json], Wire]] = {
    "/v1/responses": ResponsesWire,
    "/v1/chat/completions": ChatWire,
}


class ScriptedApi(Journal):
    """The server; a context manager."""

    def __init__(
        self,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        names: Sequence[str] = ("127.0.0.1", "localhost"),
    ) -> None:
        """`names` are those its certificate is for, with `tls`."""
        super().__init__()
        self.default: Default = "An answer from the scripted model."
        """What is said when nothing is queued; a function sees the request."""
        self.default_delta_ms = 0.0
        """The pace of those answers, in milliseconds a piece."""
        self.models = ["gpt-5.5"]
        """The models that it lists."""
        self.update = UpdateReply()
        self.connections = 0
        """How many were made (with TLS: past the handshake), with or without a request on them."""
        self._address = address
        self._port = port
        self._tls = tls
        self._names = names
        self._queue: deque[Reply | Failure] = deque()
        self._errors: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="scripted-api", daemon=True)
        self._ready = threading.Event()

    # Life

    def start(self) -> Self:
        """Listen; returns when a client can connect."""
        if self._tls:
            self._certify()
        self._thread.start()
        if not self._ready.wait(DEADLINE):
            raise TimeoutError("the scripted API did not start")
        return self

    def close(self) -> None:
        """Drop every connection and end the thread; raises what went wrong inside."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE)
        if self._tls:
            self._folder.cleanup()
        if self._errors:
            raise ExceptionGroup(
                "inside the scripted API", [e for e in self._errors if isinstance(e, Exception)]
            )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._tls else 'http'}://{self._address}:{self._port}"

    @property
    def base_url(self) -> str:
        """For `OPENAI_BASE_URL`."""
        return f"{self.origin}/v1"

    @property
    def update_url(self) -> str:
        """For `PYGPT_UPDATE_URL`."""
        return f"{self.origin}/update"

    def env(self) -> dict[str, str]:
        """What a process needs in its environment to talk to this server and to nothing else."""
        env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.base_url, "PYGPT_UPDATE_URL": self.update_url}
        return env | {"SSL_CERT_FILE": str(self.ca_pem)} if self._tls else env

    # The script

    def stream(self, *, hang: bool = False, delay: float = 0.0) -> Reply:
        """Queue an answer that the test writes itself. With `hang` nothing is sent, not even the status line,
        before `release()`; `delay` is a wait before that line, in seconds."""
        reply = Reply(self._loop, hang=hang, delay=delay)
        self._queue.append(reply)
        return reply

    def reply(
        self,
        text: str | None = None,
        *,
        deltas: Sequence[str] | None = None,
        reasoning: str = "",
        refusal: str = "",
        finish_reason: FinishReason = "stop",
        usage: Tokens | None = Tokens(),  # noqa: B008
        cut: Cut | None = None,
        malformed: bool = False,
        hang: bool = False,
        delay: float = 0.0,
        delta_ms: float = 0.0,
    ) -> Reply:
        """Queue a whole answer: `text` goes out word by word, or exactly as in `deltas`; an empty text is an
        empty answer. After the pieces it ends with `finish_reason`, or is `cut`, or `malformed`."""
        reply = self.stream(hang=hang, delay=delay)
        reply.pace = delta_ms / 1000
        for piece in words(reasoning):
            reply.think(piece)
        for piece in words(text or "") if deltas is None else deltas:
            reply.send(piece)
        for piece in words(refusal):
            reply.refuse(piece)
        if cut is not None:
            reply.cut(cut)
        elif malformed:
            reply.malformed()
        else:
            reply.finish(finish_reason, usage)
        return reply

    def fail(self, failure: Failure) -> None:
        """Queue a reply that is no answer (see `api_failures`)."""
        self._queue.append(failure)

    # The server

    def _certify(self) -> None:
        import trustme

        self._folder = tempfile.TemporaryDirectory(prefix="scripted-api-")
        self.ca_pem = Path(self._folder.name) / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_pem)
        self._ssl = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*self._names).configure_cert(self._ssl)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        tls = self._ssl if self._tls else None
        server = await asyncio.start_server(self._accept, self._address, self._port, ssl=tls)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._connection(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its reply; both sides use a connection once."""
        # So that drain() means "handed to the kernel"; asyncio's TLS takes 0 for full at once, and waits.
        writer.transport.set_write_buffer_limits(high=1 if self._tls else 0)
        request: Request | None = None
        try:
            request = await read_request(reader)
            if request is not None:
                await self._respond(request, reader, writer)
        finally:
            writer.transport.abort()
            if request is not None:
                request.closed()

    async def _respond(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        replied = asyncio.create_task(self._route(request, writer))
        hang_up = asyncio.create_task(until_closed(reader))
        try:
            done, _ = await asyncio.wait((replied, hang_up), return_when=asyncio.FIRST_COMPLETED)
            if replied not in done:
                request.hung_up()
                return
            try:
                replied.result()
            except BreakOffError as error:
                break_off(writer, error.how)
            except ConnectionError:
                request.hung_up()
                return
            request.finished.set()
        finally:
            replied.cancel()
            hang_up.cancel()
            await asyncio.gather(replied, hang_up, return_exceptions=True)

    async def _route(self, request: Request, writer: asyncio.StreamWriter) -> None:
        # The reply is taken before the request shows in the journal: what is queued then is for the next.
        wire = _WIRES.get(request.path) if request.method == "POST" else None
        reply = self._next_reply(request) if wire is not None else None
        self.enter(request)
        if wire is not None and isinstance(reply, Reply):
            await answer(request, reply, wire(request.json), writer)
        elif isinstance(reply, Failure):
            await send(writer, reply)
        elif request.path in VERSION_PATHS:
            if self.update.hang:
                await asyncio.Event().wait()
            await send(writer, self.update.failure or json_reply(self.update.json))
        elif request.path == "/v1/models":
            models = [
                {"id": name, "object": "model", "created": CREATED_AT, "owned_by": "system"}
                for name in self.models
            ]
            await send(writer, json_reply({"object": "list", "data": models}))
        else:
            await send(writer, Failure(404, f"Invalid URL ({request.method} {request.path})"))

    def _next_reply(self, request: Request) -> Reply | Failure:
        if not self._queue:
            text = self.default if isinstance(self.default, str) else self.default(request)
            self.reply(text, delta_ms=self.default_delta_ms)
        reply = self._queue.popleft()
        if isinstance(reply, Reply):
            reply.give_to(request)
        return reply


def main() -> None:
    """Serve one answer to everybody until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.api_server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--reply", default="An answer from the scripted model.")
    parser.add_argument("--delta-ms", type=float, default=20.0)
    options = parser.parse_args()
    with ScriptedApi(port=options.port) as api, contextlib.suppress(KeyboardInterrupt):
        api.default, api.default_delta_ms = options.reply, options.delta_ms
        print(f"OPENAI_BASE_URL={api.base_url} PYGPT_UPDATE_URL={api.update_url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
