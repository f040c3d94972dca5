"""Counts the bytes of each request where they are written to and read from its connection.

That is below the HTTP library, so that the numbers are what leaves and arrives and not what was meant to:
with plain http a capture of the network sees the same to the byte, with https they are the bytes inside TLS.
A connection serves one request at a time (HTTP/1.1), and belongs to the one that wrote to it last.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpcore2

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator, Iterable

    import httpx2


class ByteCount:
    """What one request took."""

    __slots__ = ("received", "sent")

    def __init__(self) -> None:
        self.sent = 0
        self.received = 0


_count: ContextVar[ByteCount | None] = ContextVar("byte_count", default=None)


@contextmanager
def counted_in(count: ByteCount) -> Generator[None]:
    """Count the request that this task sends inside of the block in `count`, its answer included."""
    token = _count.set(count)
    try:
        yield
    finally:
        _count.reset(token)


def count_bytes_of(transport: httpx2.AsyncHTTPTransport) -> bool:
    """Have the connections that the transport makes from now on counted; False where that cannot be done.

    httpx2 has no argument for it: should its inside change, no number is told rather than a wrong one.
    """
    pool: Any = getattr(transport, "_pool", None)
    backend: Any = getattr(pool, "_network_backend", None)
    if not isinstance(backend, httpcore2.AsyncNetworkBackend):
        return False
    pool._network_backend = _CountingBackend(backend)
    return True


class _CountingBackend(httpcore2.AsyncNetworkBackend):
    """Makes connections that are counted."""

    def __init__(self, inner: httpcore2.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        return _CountedStream(
            await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _CountedStream(httpcore2.AsyncNetworkStream):
    """A connection; what is counted before TLS began is counted too (the question to a proxy)."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner
        self._user: ByteCount | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        data = await self._inner.read(max_bytes, timeout)
        if self._user is not None:
            self._user.received += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._user = _count.get()
        if self._user is not None:
            # Before it is written: where that breaks off, rather too much is told than too little.
            self._user.sent += len(buffer)
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        return _CountedStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
