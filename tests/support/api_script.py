"""What the scripted API is told to say, and what it saw.

Everything here is used from two threads, the test's and the server's: a `Reply` is fed by the test and read
by the server, a `Request` is filled by the server and read by the test. Nothing here knows sockets.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from .api_wire import FinishReason, Json, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from .api_failures import Failure

Cut: TypeAlias = Literal["reset", "close", "end"]
"""A TCP RST; a FIN inside the chunked body; a body that ends in good order but too early."""

VERSION_PATHS = ("/update", "/api/version")
"""Of the version endpoint: the one that `ScriptedApi.update_url` names, and the real one."""

DEADLINE = 30.0
"""Seconds any wait may take; far above what is needed, so that only a real failure meets it."""


class Say(NamedTuple):
    """A piece of the answer, of a refusal or of a reasoning summary."""

    kind: Literal["text", "refusal", "reasoning"]
    delta: str


class Finish(NamedTuple):
    """The end of the answer."""

    reason: FinishReason
    usage: Tokens | None


class Break(NamedTuple):
    """The connection goes away."""

    how: Cut


class Raw(NamedTuple):
    """Bytes for the body as they are; None stands for an event with broken JSON."""

    data: bytes | None


Step: TypeAlias = Say | Finish | Break | Raw


class Request:
    """One request as it came in, and what became of it."""

    def __init__(self, method: str, target: str, head: bytes, body: bytes) -> None:
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.raw = head + body
        self.body = body
        lines = head.decode("latin-1").split("\r\n")[1:]
        self.headers = [(name, value.strip()) for name, _, value in (x.partition(":") for x in lines if x)]
        self.finished = threading.Event()
        """Our reply went out whole (faults that were scripted included)."""
        self.client_closed = threading.Event()
        """The client hung up before our reply was out."""
        self.closed_at: float | None = None
        """When either side closed the connection (`time.monotonic`)."""
        self.delta_times: list[float] = []
        """When each piece was written to the socket (`time.monotonic`)."""

    def closed(self) -> None:
        """Called by the server: the connection is at its end."""
        if self.closed_at is None:
            self.closed_at = time.monotonic()

    def hung_up(self) -> None:
        """Called by the server: the client ended it."""
        self.closed()
        self.client_closed.set()

    @property
    def json(self) -> Json:
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        """Everything that was said to the model in this request, in order, one piece a line."""
        body = self.json
        said = [body["instructions"]] if body.get("instructions") else []
        messages: Any = body.get("input", body.get("messages", []))
        if isinstance(messages, str):
            return "\n".join([*said, messages])
        for message in messages:
            content = message.get("content", "")
            said += [content] if isinstance(content, str) else [part.get("text", "") for part in content]
        return "\n".join(said)

    async def until_closed(self) -> None:
        """Wait until the client hung up in the middle of our reply."""
        await until(self.client_closed, "the client to hang up")

    async def until_finished(self) -> None:
        """Wait until our reply is out."""
        await until(self.finished, "the reply to be written")


class Reply:
    """One answer that the test writes, all at once or piece by piece while it is being read.

    Pieces may be sent before a request has come for it; each call returns at once.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, hang: bool = False, delay: float = 0.0) -> None:
        self._loop = loop
        self._steps: asyncio.Queue[Step] = asyncio.Queue()
        self._begin = asyncio.Event()
        if not hang:
            self._begin.set()
        self._taken = threading.Event()
        self._request: Request | None = None
        self.delay = delay
        self.pace = 0.0
        """Seconds before each piece, for a stream of a given speed."""

    def send(self, delta: str) -> None:
        """A piece of the answer."""
        self._put(Say("text", delta))

    def refuse(self, delta: str) -> None:
        """A piece of a refusal."""
        self._put(Say("refusal", delta))

    def think(self, delta: str) -> None:
        """A piece of a reasoning summary."""
        self._put(Say("reasoning", delta))

    def finish(self, reason: FinishReason = "stop", usage: Tokens | None = Tokens()) -> None:  # noqa: B008
        """The end of the answer; with `usage` None it does not say what it cost."""
        self._put(Finish(reason, usage))

    def cut(self, how: Cut = "reset") -> None:
        """The connection breaks off."""
        self._put(Break(how))

    def malformed(self) -> None:
        """An event with broken JSON, after which the body ends."""
        self._put(Raw(None))
        self._put(Break("end"))

    def raw(self, data: bytes) -> None:
        """Bytes for the body, as they are."""
        self._put(Raw(data))

    def release(self) -> None:
        """Let a reply that hangs begin."""
        self._loop.call_soon_threadsafe(self._begin.set)

    def taken(self, timeout: float = DEADLINE) -> Request:
        """The request this reply was given to; waits for it, blocking the thread."""
        if not self._taken.wait(timeout):
            raise TimeoutError("no request came for this reply")
        assert self._request is not None
        return self._request

    async def until_taken(self) -> Request:
        """The request this reply was given to; waits for it."""
        return await asyncio.to_thread(self.taken)

    def _put(self, step: Step) -> None:
        self._loop.call_soon_threadsafe(self._steps.put_nowait, step)

    def give_to(self, request: Request) -> None:
        """Called by the server when a request takes this reply."""
        self._request = request
        self._taken.set()

    async def begin(self) -> None:
        """Called by the server: wait until the reply may begin."""
        await self._begin.wait()
        await asyncio.sleep(self.delay)

    async def step(self) -> Step:
        """Called by the server: the next thing to do."""
        step = await self._steps.get()
        if self.pace and isinstance(step, Say):
            await asyncio.sleep(self.pace)
        return step


class UpdateReply(NamedTuple):
    """What the version endpoint says; with `hang` it accepts and says nothing until the client goes away."""

    json: Json = {"version_lsp": "0.0.0"}  # noqa: RUF012
    failure: Failure | None = None
    hang: bool = False


class Journal:
    """The requests that came, in order; written by the server, read by the test."""

    def __init__(self) -> None:
        self.journal: list[Request] = []
        """Every request."""
        self._changed = threading.Condition()

    def enter(self, request: Request) -> None:
        """Called by the server."""
        with self._changed:
            self.journal.append(request)
            self._changed.notify_all()

    @property
    def requests(self) -> list[Request]:
        """The requests for an answer."""
        return [request for request in self.journal if request.method == "POST"]

    @property
    def updates(self) -> list[Request]:
        """The requests to the version endpoint."""
        return [request for request in self.journal if request.path in VERSION_PATHS]

    def wait_for_requests(self, count: int, timeout: float = DEADLINE) -> list[Request]:
        """The requests for an answer, once there are `count`; blocks the thread (`timeout` in seconds)."""
        return self._wait(lambda: self.requests, count, timeout)

    def wait_for_updates(self, count: int = 1, timeout: float = DEADLINE) -> list[Request]:
        """The requests to the version endpoint, once there are `count`; blocks the thread."""
        return self._wait(lambda: self.updates, count, timeout)

    async def until_requests(self, count: int) -> list[Request]:
        """`wait_for_requests` for a test whose own loop has to go on."""
        return await asyncio.to_thread(self.wait_for_requests, count)

    async def until_updates(self, count: int = 1) -> list[Request]:
        """`wait_for_updates` for a test whose own loop has to go on."""
        return await asyncio.to_thread(self.wait_for_updates, count)

    def _wait(self, seen: Callable[[], list[Request]], count: int, timeout: float) -> list[Request]:
        with self._changed:
            if not self._changed.wait_for(lambda: len(seen()) >= count, timeout):
                raise TimeoutError(f"waited {timeout} s for {count} requests, {len(seen())} came")
            return seen()


def words(text: str) -> list[str]:
    """The text in pieces of a word with the space after it, as models stream."""
    return re.findall(r"\S+\s*|\s+", text)


async def until(event: threading.Event, what: str) -> None:
    """Wait for an event of another thread without blocking this one's loop."""
    if not await asyncio.to_thread(event.wait, DEADLINE):
        raise TimeoutError(f"waited {DEADLINE} s for {what}")
