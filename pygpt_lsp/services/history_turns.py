"""The life of a turn in the database: asked, answered bit by bit, ended; or left behind by a dead server.

Each function is one step within a transaction of the caller's. A turn that was deleted meanwhile stays
deleted: what still arrives for it is dropped.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, cast

from pygpt_lsp.core.messages import Message
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.history_messages import decode, encode, store_chain
from pygpt_lsp.services.history_records import StartedTurn, TurnEnd, TurnStart

if TYPE_CHECKING:
    import sqlite3

ID_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that looks like something else
ID_LENGTH: Final = 8
_MAX_INTEGER: Final = 2**63 - 1


def start(
    db: sqlite3.Connection, turn: TurnStart, chat: str | None, *, owner: str, now: float
) -> StartedTurn:
    """Store the whole request and the turn. `chat` is the conversation's chat document as stored."""
    conversation, name = _conversation(db, turn, chat, now)
    leaf = store_chain(db, conversation, turn.messages, parent=None, now=now)
    cursor = db.execute(
        "INSERT INTO turns(conversation, leaf, owner, status, action, document, host, model, created)"
        " VALUES(?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
        (
            conversation,
            leaf,
            owner,
            *(well_formed(text) for text in (turn.action, turn.document, turn.host, turn.model)),
            now,
        ),
    )
    return StartedTurn(cast("int", cursor.lastrowid), name)


def append(db: sqlite3.Connection, turn_id: int, text: str, *, owner: str, now: float) -> None:
    """Store what arrived since the last call; the first call marks the first token."""
    cursor = db.execute(
        "UPDATE turns SET status = 'streaming', first_token = coalesce(first_token, ?)"
        " WHERE id = ? AND owner = ? AND status IN ('pending', 'streaming')",
        (now, turn_id, owner),
    )
    if cursor.rowcount:
        db.execute("INSERT INTO partial_answers(turn, text) VALUES(?, ?)", (turn_id, encode(text)))


def finish(db: sqlite3.Connection, turn_id: int, end: TurnEnd, *, owner: str, now: float) -> None:
    """Store the whole answer as a message and how the turn ended; its parts go."""
    row = db.execute(
        "SELECT conversation, leaf FROM turns"
        " WHERE id = ? AND owner = ? AND status IN ('pending', 'streaming')",
        (turn_id, owner),
    ).fetchone()
    if row is None:
        return
    conversation, leaf = row
    answer = _store_answer(db, conversation, leaf, end.answer, now)
    db.execute(
        "UPDATE turns SET status = ?, answer = ?, reported_model = ?, finish_reason = ?, error_kind = ?,"
        " error = ?, input_tokens = ?, output_tokens = ?, reasoning_tokens = ?, cached_tokens = ?,"
        " finished = ? WHERE id = ?",
        (
            end.status,
            answer,
            *(None if text is None else well_formed(text) for text in (end.model, end.finish_reason)),
            *(None if text is None else well_formed(text) for text in (end.error_kind, end.error)),
            *(_count(tokens) for tokens in end.usage),
            now,
            turn_id,
        ),
    )
    db.execute("DELETE FROM partial_answers WHERE turn = ?", (turn_id,))
    db.execute("UPDATE conversations SET updated = ? WHERE id = ?", (now, conversation))


def mark_interrupted(db: sqlite3.Connection, living: set[str], now: float) -> None:
    """End the unfinished turns whose owner is not among the `living`; what had arrived becomes the answer."""
    for turn_id, owner, conversation, leaf in db.execute(
        "SELECT id, owner, conversation, leaf FROM turns WHERE status IN ('pending', 'streaming')"
    ).fetchall():
        if owner in living:
            continue
        answer = _store_answer(db, conversation, leaf, partial_answer(db, turn_id), now)
        db.execute("UPDATE turns SET status = 'interrupted', answer = ? WHERE id = ?", (answer, turn_id))
        db.execute("DELETE FROM partial_answers WHERE turn = ?", (turn_id,))


def partial_answer(db: sqlite3.Connection, turn_id: int) -> str:
    """What has been stored so far of an answer that is not finished."""
    parts = db.execute("SELECT text FROM partial_answers WHERE turn = ? ORDER BY id", (turn_id,))
    return decode(b"".join(part for (part,) in parts))


def _conversation(db: sqlite3.Connection, turn: TurnStart, chat: str | None, now: float) -> tuple[int, str]:
    row = db.execute(
        "SELECT id, name FROM conversations WHERE name = ?", (well_formed(turn.conversation_id or ""),)
    ).fetchone()
    if row is None and chat is not None:
        # A chat document belongs to one conversation, also after a restart.
        row = db.execute(
            "SELECT id, name FROM conversations WHERE chat = ? ORDER BY id DESC LIMIT 1", (chat,)
        ).fetchone()
    if row is not None:
        db.execute(
            "UPDATE conversations SET updated = ?, chat = coalesce(?, chat) WHERE id = ?", (now, chat, row[0])
        )
        return row
    name = new_name(db)
    cursor = db.execute(
        "INSERT INTO conversations(name, title, chat, created, updated) VALUES(?, ?, ?, ?, ?)",
        (name, well_formed(turn.title), chat, now, now),
    )
    return cast("int", cursor.lastrowid), name


def new_name(db: sqlite3.Connection) -> str:
    """An id that no conversation has."""
    while True:
        name = "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))
        if db.execute("SELECT 1 FROM conversations WHERE name = ?", (name,)).fetchone() is None:
            return name


def _store_answer(
    db: sqlite3.Connection, conversation: int, leaf: int, answer: str, now: float
) -> int | None:
    if not answer:
        return None
    return store_chain(db, conversation, [Message("assistant", answer)], parent=leaf, now=now)


def _count(tokens: int | None) -> int | None:
    # The number comes from a server: one that SQLite cannot hold must not cost the answer.
    return tokens if tokens is not None and 0 <= tokens <= _MAX_INTEGER else None
