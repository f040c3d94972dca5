"""The ledger: one row for each request that leaves, and what the rows add up to.

A row says what a security officer would ask of it and holds nothing of what was said. Bytes are those of
HTTP as they are written to and read from the connection: request line, headers and body, before TLS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pygpt_lsp.core.context import ContextPart

VERSION_CHECK: Final = "version check"
"""The purpose of a request to the update address; every other request goes to the API."""

Outcome: TypeAlias = Literal["answered", "stopped", "failed", "unknown"]
"""The answer was read to its end, whatever its status; it was let go before; the connection failed or broke;
the process died meanwhile."""


class Contribution(NamedTuple):
    """A document that contributed to a request: lines `first` to `last`, 1-based, both included; 0 where it
    is not lines (a diff, rules)."""

    path: str
    first: int = 0
    last: int = 0

    @property
    def shown(self) -> str:
        """`path:first-last`."""
        if not self.first:
            return self.path
        return (
            f"{self.path}:{self.first}"
            if self.first == self.last
            else f"{self.path}:{self.first}-{self.last}"
        )


def sources_of(parts: Iterable[ContextPart]) -> tuple[Contribution, ...]:
    """The documents that pieces of context were taken from, each place once."""
    return tuple(dict.fromkeys(Contribution(part.path, part.start_line, part.end_line) for part in parts))


class LedgerRow(NamedTuple):
    """One request. Times are seconds since 1970.

    `key` names it for good. `purpose` is an action's id, `models`, `doctor` or VERSION_CHECK. `host` is the
    one it was meant for, with its port where that is not the usual; `proxy` the one it was handed to, "" for
    none. `bytes_out` and `bytes_in` are None while nobody knows them; where the connection broke in the
    middle of the request, `bytes_out` may be more than left. `body_hash` is the SHA-256 of the body and
    `body_shape` its frame around the messages (see `core.body_shape`), "" where there is none; `turn` the
    history's number of the question, with `conversation` its id. `masked` are kinds of secrets with numbers.
    `outcome` is None while it is under way.
    """

    key: str
    sent: float
    purpose: str
    host: str
    proxy: str = ""
    sources: tuple[Contribution, ...] = ()
    masked: tuple[tuple[str, int], ...] = ()
    turn: int | None = None
    conversation: str = ""
    body_hash: str = ""
    body_bytes: int = 0
    body_shape: str = ""
    finished: float | None = None
    bytes_out: int | None = None
    bytes_in: int | None = None
    status: int | None = None
    outcome: Outcome | None = None


class HostSum(NamedTuple):
    """What went to one host for one of the two reasons there are, and what came from it.

    `uncounted` are requests whose bytes nobody knows: under way, or of a process that died.
    """

    host: str
    is_version_check: bool
    requests: int
    bytes_out: int
    bytes_in: int
    uncounted: int


class LedgerView(NamedTuple):
    """A ledger, or a part of one, as it is now.

    `since` is when it began, None where there is none. `sums` are over all of it, `rows` its newest rows,
    the newest first.
    """

    since: float | None
    sums: tuple[HostSum, ...] = ()
    rows: tuple[LedgerRow, ...] = ()


def sums_of(rows: Iterable[LedgerRow]) -> tuple[HostSum, ...]:
    """What the rows add up to, by host and reason."""
    sums: list[HostSum] = []
    for row in rows:
        known = row.bytes_out is not None and row.bytes_in is not None
        sums.append(
            HostSum(
                row.host,
                row.purpose == VERSION_CHECK,
                1,
                row.bytes_out or 0,
                row.bytes_in or 0,
                int(not known),
            )
        )
    return added(sums)


def added(sums: Iterable[HostSum]) -> tuple[HostSum, ...]:
    """Those of the same host and reason made one; the most requests first, version checks last."""
    found: dict[tuple[str, bool], HostSum] = {}
    for each in sums:
        key = (each.host, each.is_version_check)
        have = found.get(key, HostSum(*key, 0, 0, 0, 0))
        found[key] = HostSum(
            *key,
            have.requests + each.requests,
            have.bytes_out + each.bytes_out,
            have.bytes_in + each.bytes_in,
            have.uncounted + each.uncounted,
        )
    return tuple(sorted(found.values(), key=lambda each: (each.is_version_check, -each.requests, each.host)))


def together(views: Iterable[LedgerView], most_rows: int) -> LedgerView:
    """Several ledgers as one, which began with the first of them."""
    all_views = list(views)
    rows = sorted((row for view in all_views for row in view.rows), key=lambda row: -row.sent)
    return LedgerView(
        min((view.since for view in all_views if view.since is not None), default=None),
        added(each for view in all_views for each in view.sums),
        tuple(rows[:most_rows]),
    )


def sum_sentence(view: LedgerView, since: str) -> str:
    """The ledger in one sentence; `since` is when it began, in words, "" where there is none."""
    asked = [each for each in view.sums if not each.is_version_check]
    checks = [each for each in view.sums if each.is_version_check]
    said = [_counted(each, "request") for each in asked] or ["no request"]
    said += [_counted(each, "version check") for each in checks] or ["no version check"]
    begin = f"Since {since}: " if since else "So far: "
    return f"{begin}{', '.join(said)}, nothing else."


def bytes_sentence(view: LedgerView) -> str:
    """What all requests add up to in bytes."""
    out, back = sum(each.bytes_out for each in view.sums), sum(each.bytes_in for each in view.sums)
    uncounted = sum(each.uncounted for each in view.sums)
    without = f", without {uncounted} whose bytes are not known" if uncounted else ""
    return f"{out:,} bytes out, {back:,} bytes in{without}."


def _counted(each: HostSum, what: str) -> str:
    return f"{counted(each.requests, what)} to {each.host}"
