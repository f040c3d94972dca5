"""The network behind the door out, with an account of it: no request leaves without a row in the ledger.

The row is begun before the first byte goes and ended when the answer has been read or let go, however that
comes. Keeping it never keeps an answer waiting for long, and never costs one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import httpx2

from pygpt_lsp.services.byte_counts import ByteCount, count_bytes_of, counted_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pygpt_lsp.core.ledger import Outcome
    from pygpt_lsp.services.ledger import Ledger, OpenRow


class AccountedTransport(httpx2.AsyncBaseTransport):
    """A transport whose requests the ledger knows."""

    def __init__(self, inner: httpx2.AsyncHTTPTransport, ledger: Ledger, proxy: str) -> None:
        """`proxy` is the host that everything is handed to, "" for none."""
        self._counts = count_bytes_of(inner)
        self._inner = inner
        self._ledger = ledger
        self._proxy = proxy

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        count = ByteCount()
        account = _Account(self._ledger, count if self._counts else None)
        try:
            await account.begin(request.url.netloc.decode("ascii"), self._proxy, await request.aread())
            with counted_in(count):
                response = await self._inner.handle_async_request(request)
        except BaseException as error:
            account.end(_outcome_of(error))
            raise
        account.status = response.status_code
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_AccountedAnswer(cast("httpx2.AsyncByteStream", response.stream), account),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Account:
    """One request on its way."""

    def __init__(self, ledger: Ledger, count: ByteCount | None) -> None:
        self.status: int | None = None
        self._ledger = ledger
        self._count = count
        self._row: OpenRow | None = None

    async def begin(self, host: str, proxy: str, body: bytes) -> None:
        self._row = self._ledger.open(host, proxy, body)
        await self._ledger.begun(self._row, body)

    def end(self, outcome: Outcome) -> None:
        """Only the first end counts."""
        if self._row is not None:
            count = self._count
            numbers = (None, None) if count is None else (count.sent, count.received)
            self._ledger.ended(self._row, outcome, self.status, *numbers)
            self._row = None


class _AccountedAnswer(httpx2.AsyncByteStream):
    """An answer's body as it is read."""

    def __init__(self, inner: httpx2.AsyncByteStream, account: _Account) -> None:
        self._inner = inner
        self._account = account

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                yield chunk
        except BaseException as error:
            self._account.end(_outcome_of(error))
            raise
        self._account.end("answered")

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._account.end("stopped")


def _outcome_of(error: BaseException) -> Outcome:
    return "stopped" if isinstance(error, asyncio.CancelledError | GeneratorExit) else "failed"
