"""What the two APIs' readers share: the contract they fulfil, and the care of requests and streams."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

import openai

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.services.error_sentences import Facts
from pygpt_lsp.services.model_errors import StreamFault

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping

    from pygpt_lsp.core.messages import Api, ModelEvent, ModelRequest

_LAST_BYTES = 0.1


class Dialect(Protocol):
    """One of the ways to ask for an answer and to read it."""

    name: Api

    async def open(self, request: ModelRequest, headers: Mapping[str, str]) -> openai.AsyncStream[Any]:
        """Send the request; returns when the API has accepted it. Raises what the SDK raises."""
        ...

    def over(self, client: openai.AsyncOpenAI) -> Dialect:
        """The same by another client, which asks for what this one would ask for now."""
        ...

    def read(self, stream: openai.AsyncStream[Any]) -> AsyncGenerator[ModelEvent, None]:
        """The events of the answer, `Finished` last; closes the stream. Raises what the SDK raises, or
        `StreamFault`."""
        ...


class OptionalParts:
    """The parts of a request that are nice to have, without those that the server has refused so far.

    Compatible servers know different parts of the API. A request that is refused because of an optional
    part is sent once more without it, and none after it asks for that part again.
    """

    def __init__(self, *names: str) -> None:
        self._wanted = list(names)

    def __contains__(self, name: str) -> bool:
        return name in self._wanted

    async def send(self, create: Callable[[], Awaitable[openai.AsyncStream[Any]]]) -> openai.AsyncStream[Any]:
        """The stream that `create` opens; it builds its request anew each time it is called."""
        while True:
            try:
                return await create()
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                named = [name for name in self._wanted if name in f"{error.param} {error.message}"]
                if not named:
                    raise
                self._wanted.remove(named[0])


def field(value: object, *path: str) -> Any:
    """The value under these attributes, None where one is missing: the SDK does not check what it reads."""
    for name in path:
        value = getattr(value, name, None)
    return value


def words(value: object, *path: str) -> str:
    """The string under these attributes, "" where there is none."""
    found = field(value, *path)
    return found if isinstance(found, str) else ""


def count(value: object, *path: str) -> int | None:
    """The number under these attributes, None where there is none."""
    found = field(value, *path)
    return found if isinstance(found, int) else None


def check_is_events(stream: openai.AsyncStream[Any]) -> None:
    """Raise `StreamFault` where the body is a web page or plain JSON instead of events."""
    kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/json"):
        raise StreamFault(ErrorKind.MALFORMED, Facts(detail=kind))


def check_is_object(event: object) -> None:
    """Raise `StreamFault` where an event is not a JSON object."""
    if not isinstance(event, openai.BaseModel):
        raise StreamFault(ErrorKind.MALFORMED)


async def read_out(stream: AsyncIterator[object]) -> None:
    """Read what little follows the end of an answer, so that the connection can serve the next request.

    Whatever goes wrong here no longer matters, and a server that does not end is not waited for.
    """
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_LAST_BYTES):
            async for _ in stream:
                pass
