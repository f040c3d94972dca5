"""What went out to the API last: kept in memory alone, for the user who wants to see it.

It holds the request byte for byte, without the key. Nothing of it is ever written by this module.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.core.wire import WireRequest
    from pygpt_lsp.services.history_records import TurnEnd, TurnStart


class SentRequest:
    """One request that went out.

    `sent` is the time of its last try, in seconds since 1970, and `tries` how often it went out in all. `end`
    stays None while it is under way.
    """

    __slots__ = ("end", "request", "sent", "start", "tries", "wire")

    def __init__(self, request: ModelRequest, start: TurnStart, wire: WireRequest, sent: float) -> None:
        self.request = request
        self.start = start
        self.wire = wire
        self.sent = sent
        self.tries = 1
        self.end: TurnEnd | None = None


class SentRequests:
    """The requests of one server."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """`now` gives seconds since 1970."""
        self._now = now
        self.last: SentRequest | None = None
        """The one that was sent last, of all jobs."""

    def went_out(
        self, request: ModelRequest, start: TurnStart, wire: WireRequest, before: SentRequest | None
    ) -> SentRequest:
        """Note a request that goes out now; `before` is its last try."""
        self.last = SentRequest(request, start, wire, self._now())
        self.last.tries += before.tries if before is not None else 0
        return self.last
