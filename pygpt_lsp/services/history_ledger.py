"""The ledger in the history's database: see `core.ledger` for what a row is.

A row outlives the conversation that it belongs to: when that is deleted, so is everything in the row that
came from what was said (the documents, the hash and the frame of the body), and the numbers stay. A row that
belongs to no question therefore never holds any of it.

Each function is one step within a transaction of the caller's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from pygpt_lsp.core.ledger import (
    VERSION_CHECK,
    Contribution,
    HostSum,
    LedgerRow,
    LedgerView,
    Outcome,
    added,
)
from pygpt_lsp.core.unicode import well_formed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

_COLUMNS: Final = (
    "key, sent, purpose, host, proxy, sources, masked, turn, body_hash, body_bytes, body_shape, finished,"
    " bytes_out, bytes_in, status, outcome"
)
_FORGET: Final = "UPDATE ledger SET turn = NULL, sources = '[]', body_hash = '', body_shape = ''"
_OUTCOMES: Final = frozenset(get_args(Outcome))


def record(db: sqlite3.Connection, rows: Iterable[LedgerRow], owner: str) -> None:
    """Store new rows, and what is new about rows that are there."""
    for row in rows:
        # The question may have been deleted meanwhile.
        asked = db.execute("SELECT id FROM turns WHERE id = ?", (row.turn,)).fetchone()
        told = asked is not None
        sources = [(well_formed(source.path), source.first, source.last) for source in row.sources]
        db.execute(
            f"INSERT INTO ledger({_COLUMNS}, owner) VALUES(?{', ?' * 16})"
            " ON CONFLICT(key) DO UPDATE SET finished = excluded.finished, bytes_out = excluded.bytes_out,"
            " bytes_in = excluded.bytes_in, status = excluded.status, outcome = excluded.outcome",
            (
                row.key,
                row.sent,
                row.purpose,
                row.host,
                row.proxy,
                json.dumps(sources if told else []),
                json.dumps(row.masked),
                row.turn if told else None,
                row.body_hash if told else "",
                row.body_bytes,
                row.body_shape if told else "",
                row.finished,
                row.bytes_out,
                row.bytes_in,
                row.status,
                row.outcome,
                owner,
            ),
        )


def mark_unknown(db: sqlite3.Connection, living: set[str]) -> None:
    """End the rows whose process died, which is one that is not among the `living`."""
    owners = db.execute("SELECT DISTINCT owner FROM ledger WHERE outcome IS NULL").fetchall()
    dead = [owner for owner in owners if owner[0] not in living]
    db.executemany("UPDATE ledger SET outcome = 'unknown' WHERE outcome IS NULL AND owner = ?", dead)


def forget(db: sqlite3.Connection, conversation: int) -> None:
    """Take out of the rows what came from a conversation, before that is deleted."""
    own = "WHERE turn IN (SELECT id FROM turns WHERE conversation = ?)"
    db.execute(f"{_FORGET} {own}", (conversation,))


def forget_all(db: sqlite3.Connection) -> None:
    """`forget` for everything, and the list of workspaces too."""
    db.execute(_FORGET)
    db.execute("DELETE FROM ledger_places")


def view(db: sqlite3.Connection, most_rows: int) -> LedgerView:
    """The sums over the whole ledger and its newest rows."""
    since: Any = db.execute("SELECT min(began) FROM ledger_began").fetchone()[0]
    sums = db.execute(
        "SELECT host, purpose = ?, count(*), coalesce(sum(bytes_out), 0), coalesce(sum(bytes_in), 0),"
        " sum(bytes_out IS NULL OR bytes_in IS NULL) FROM ledger GROUP BY host, purpose = ?",
        (VERSION_CHECK, VERSION_CHECK),
    )
    found = db.execute(
        f"SELECT l.*, coalesce(c.name, '') FROM (SELECT {_COLUMNS} FROM ledger"  # noqa: S608 - our own names
        " ORDER BY id DESC LIMIT ?) AS l"
        " LEFT JOIN turns AS t ON t.id = l.turn LEFT JOIN conversations AS c ON c.id = t.conversation",
        (most_rows,),
    )
    rows = sorted((_row(row) for row in found), key=lambda row: -row.sent)
    return LedgerView(
        since, added(HostSum(str(host), bool(check), *numbers) for host, check, *numbers in sums), tuple(rows)
    )


def note_place(db: sqlite3.Connection, path: str) -> None:
    """Remember that a workspace has a ledger of its own."""
    db.execute("INSERT OR IGNORE INTO ledger_places(path) VALUES(?)", (well_formed(path),))


def places(db: sqlite3.Connection) -> list[str]:
    """The workspaces that were remembered."""
    return [path for (path,) in db.execute("SELECT path FROM ledger_places ORDER BY path")]


def _row(found: Sequence[Any]) -> LedgerRow:
    """A row as it was stored; the file may come with a repository, so nothing in it is relied on."""
    key, sent, purpose, host, proxy, sources, masked, turn, body_hash, body_bytes, body_shape = found[:11]
    finished, bytes_out, bytes_in, status, outcome, conversation = found[11:]
    return LedgerRow(
        str(key),
        _number(sent),
        str(purpose),
        str(host),
        str(proxy),
        tuple(Contribution(str(path), int(first), int(last)) for path, first, last in _triples(sources)),
        tuple((str(kind), int(count)) for kind, count in _pairs(masked)),
        turn,
        str(conversation),
        str(body_hash),
        int(_number(body_bytes)),
        str(body_shape),
        None if finished is None else _number(finished),
        None if bytes_out is None else int(_number(bytes_out)),
        None if bytes_in is None else int(_number(bytes_in)),
        None if status is None else int(_number(status)),
        cast("Outcome", outcome) if outcome in _OUTCOMES else None,
    )


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _triples(text: object) -> list[tuple[object, int, int]]:
    return [(a, b, c) for a, b, c in _lists(text, 3) if isinstance(b, int) and isinstance(c, int)]


def _pairs(text: object) -> list[tuple[object, int]]:
    return [(a, b) for a, b in _lists(text, 2) if isinstance(b, int)]


def _lists(text: object, length: int) -> list[list[object]]:
    """The lists of that length in a JSON list of lists."""
    try:
        found: object = json.loads(str(text))
    except ValueError:
        return []
    rows = cast("list[object]", found) if isinstance(found, list) else []
    lists = [cast("list[object]", row) for row in rows if isinstance(row, list)]
    return [row for row in lists if len(row) == length]
