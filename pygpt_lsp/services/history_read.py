"""Reading conversations back from the database, within a transaction of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from pygpt_lsp.core.messages import Usage
from pygpt_lsp.services.history_messages import Chains
from pygpt_lsp.services.history_records import (
    ConversationSummary,
    StoredConversation,
    StoredTurn,
    UnknownConversationError,
)
from pygpt_lsp.services.history_turns import partial_answer

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from pygpt_lsp.core.messages import Message


def resolve(db: sqlite3.Connection, wanted: str) -> int:
    """The row of the conversation whose id is `wanted`, or the only one whose id begins so.

    Raises UnknownConversationError.
    """
    if not (wanted.isascii() and wanted.isalnum()):
        raise UnknownConversationError(
            "That is no conversation's id: `pygpt-lsp history list` shows the ids."
        )
    row = db.execute("SELECT id FROM conversations WHERE name = ?", (wanted,)).fetchone()
    if row is not None:
        return cast("int", row[0])
    rows = db.execute(
        "SELECT id FROM conversations WHERE name >= ? AND name < ? LIMIT 2", (wanted, wanted + "\x7f")
    ).fetchall()
    if not rows:
        raise UnknownConversationError(
            f"No conversation has the id {wanted}: `pygpt-lsp history list` shows the ids."
        )
    if len(rows) > 1:
        raise UnknownConversationError(
            f"More than one conversation's id begins with {wanted}: give more of it."
        )
    return cast("int", rows[0][0])


def load(db: sqlite3.Connection, conversation: int, chats_dir: Path) -> StoredConversation:
    """One conversation with its turns, oldest first; `conversation` is its row."""
    name, title, chat, created, updated = db.execute(
        "SELECT name, title, chat, created, updated FROM conversations WHERE id = ?", (conversation,)
    ).fetchone()
    chains = Chains(db, conversation)
    # In the order of StoredTurn's fields.
    rows = db.execute(
        "SELECT id, leaf, answer, status, action, document, host, model, reported_model, finish_reason,"
        " input_tokens, output_tokens, reasoning_tokens, cached_tokens,"
        " error_kind, error, created, first_token, finished FROM turns WHERE conversation = ? ORDER BY id",
        (conversation,),
    ).fetchall()
    turns = tuple(_turn(db, chains, row) for row in rows)
    return StoredConversation(name, title, chat_path(chat, chats_dir), created, updated, turns)


def messages_of(db: sqlite3.Connection, turn_id: int) -> tuple[Message, ...]:
    """What the turn was sent with; none where there is no such turn."""
    row = db.execute("SELECT conversation, leaf FROM turns WHERE id = ?", (turn_id,)).fetchone()
    return () if row is None else Chains(db, row[0]).chain(row[1])


_SUMMARY: Final = (
    "SELECT name, title, chat, created, updated,"
    " (SELECT count(*) FROM turns WHERE conversation = c.id),"
    " (SELECT count(*) FROM conversation_messages JOIN messages AS m ON m.id = message"
    "  WHERE conversation = c.id AND m.role != 'system'),"
    " coalesce((SELECT model FROM turns WHERE conversation = c.id ORDER BY id DESC LIMIT 1), ''),"
    " (SELECT status FROM turns WHERE conversation = c.id ORDER BY id DESC LIMIT 1)"
    " FROM conversations AS c "
)


def summaries(db: sqlite3.Connection, limit: int, offset: int, chats_dir: Path) -> list[ConversationSummary]:
    """Conversations by their last change, newest first."""
    rows = db.execute(f"{_SUMMARY} ORDER BY updated DESC, id DESC LIMIT ? OFFSET ?", (limit, offset))
    return [_summary(row, chats_dir) for row in rows]


def summary(db: sqlite3.Connection, conversation: int, chats_dir: Path) -> ConversationSummary:
    """One conversation's; `conversation` is its row."""
    return _summary(db.execute(f"{_SUMMARY} WHERE id = ?", (conversation,)).fetchone(), chats_dir)


def chat_path(stored: str | None, chats_dir: Path) -> Path | None:
    """The chat document in the cache's `chats/` that `stored` names, None for every other.

    A database may come with a repository, so nothing in it names a file elsewhere: a caller may write what
    this returns.
    """
    if not stored or stored in {".", ".."} or {"/", "\\", ":", "\0"} & set(stored):
        return None
    return chats_dir / stored


def _summary(row: tuple[Any, ...], chats_dir: Path) -> ConversationSummary:
    return ConversationSummary(row[0], row[1], chat_path(row[2], chats_dir), *row[3:])


def _turn(db: sqlite3.Connection, chains: Chains, row: tuple[Any, ...]) -> StoredTurn:
    turn_id, leaf, answer = row[:3]
    text = partial_answer(db, turn_id) if answer is None else chains.text(answer)
    return StoredTurn._make((turn_id, chains.chain(leaf), text, *row[3:10], Usage(*row[10:14]), *row[14:]))
