"""The account that one process keeps of its requests: in the history beside the work, or in memory alone.

A row is stored before its request leaves, so that a killed process leaves it behind, and again when it ended.
A database in trouble keeps no request waiting: its rows stay in memory, and go with the next one that can be
stored. Where the history is off nothing is ever written.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from pygpt_lsp.core.body_shape import hash_of, shape_of
from pygpt_lsp.core.ledger import LedgerRow, LedgerView, sums_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from pygpt_lsp.core.ledger import Contribution, Outcome
    from pygpt_lsp.core.messages import Message

_PATIENCE: Final = 0.2  # seconds that a request waits for its row to be stored
_CLOSING: Final = 0.3  # seconds


class Keeper(Protocol):
    """Stores rows: the history of a workspace, or who writes down what concerns none."""

    async def record(self, rows: Sequence[LedgerRow]) -> bool:
        """Store rows, or what is new about them; False where that failed."""
        ...


class Account(NamedTuple):
    """What a request is for. `keeper` stores its row, None: it stays in memory; the other fields are those
    of `core.ledger.LedgerRow`, `messages` what the body is made of."""

    purpose: str
    keeper: Keeper | None = None
    sources: tuple[Contribution, ...] = ()
    masked: tuple[tuple[str, int], ...] = ()
    turn: int | None = None
    messages: Sequence[Message] = ()


_account: ContextVar[Account] = ContextVar("account")
_UNNAMED: Final = Account("request")


@contextmanager
def accounted(account: Account) -> Generator[None]:
    """Say what the requests are for that this task sends inside of the block."""
    token = _account.set(account)
    try:
        yield
    finally:
        _account.reset(token)


class OpenRow:
    """A row of this process: what is known of it, and what of that is stored (None: nothing)."""

    __slots__ = ("keeper", "messages", "row", "stored")

    def __init__(self, row: LedgerRow, account: Account) -> None:
        self.row = row
        self.keeper = account.keeper
        self.messages = account.messages
        self.stored: LedgerRow | None = None


class Ledger:
    """The rows of this process that are in no database, or not yet."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """`now` gives seconds since 1970."""
        self._now = now
        self._since = now()
        self._rows: dict[str, OpenRow] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, host: str, proxy: str, body: bytes) -> OpenRow:
        """A new row for a request that is about to leave this task."""
        account = _account.get(_UNNAMED)
        row = LedgerRow(
            key=secrets.token_hex(8),
            sent=self._now(),
            purpose=account.purpose,
            host=host,
            proxy=proxy,
            sources=account.sources,
            masked=account.masked,
            turn=account.turn,
            body_hash=hash_of(body),
            body_bytes=len(body),
        )
        opened = self._rows[row.key] = OpenRow(row, account)
        return opened

    async def begun(self, opened: OpenRow, body: bytes) -> None:
        """Store a new row, waiting for a moment at most."""
        if opened.keeper is None:
            return
        if opened.row.turn is not None:
            shape = await asyncio.to_thread(shape_of, body, opened.messages)
            opened.row = opened.row._replace(body_shape=shape)
        await asyncio.wait([self._store(opened.keeper)], timeout=_PATIENCE)

    def ended(
        self, opened: OpenRow, outcome: Outcome, status: int | None, sent: int | None, received: int | None
    ) -> None:
        """Note how a request ended; it is stored without anybody waiting."""
        opened.row = opened.row._replace(
            finished=self._now(), outcome=outcome, status=status, bytes_out=sent, bytes_in=received
        )
        opened.messages = ()
        if opened.keeper is not None:
            self._store(opened.keeper)

    def view(self, keeper: Keeper | None) -> LedgerView:
        """The rows that only this process knows: those for that database which are not in it, or for None
        those that are in none, which go back to the start of the process."""
        known = self._rows.values()
        rows = [each.row for each in known if each.keeper is keeper and each.stored is None]
        rows.sort(key=lambda row: -row.sent)
        return LedgerView(self._since if keeper is None else None, sums_of(rows), tuple(rows))

    async def settle(self) -> None:
        """Wait a moment until everything is stored."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSING)

    def _store(self, keeper: Keeper) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._stored(keeper))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _stored(self, keeper: Keeper) -> None:
        """Store what is new of the rows for a database; what fails goes with the next."""
        new = [each for each in self._rows.values() if each.keeper is keeper and each.stored is not each.row]
        rows = [each.row for each in new]
        with contextlib.suppress(RuntimeError):  # the server ends, and its threads with it
            if not rows or not await keeper.record(rows):
                return
            for each, row in zip(new, rows, strict=True):
                each.stored = row
                if row.outcome is not None:
                    self._rows.pop(row.key, None)
