"""Conversations that no answer made: copies of stored ones, and those that come from another program.

Each function is one step within a transaction of the caller's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, cast

from pygpt_lsp.core.messages import Message
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.history_messages import store_chain
from pygpt_lsp.services.history_turns import ID_ALPHABET, ID_LENGTH, new_name

if TYPE_CHECKING:
    import sqlite3

    from pygpt_lsp.services.history_records import AddedConversation

_ADDED: Final = "import"

_COPIED_TURN: Final = """
    INSERT INTO turns(conversation, leaf, answer, owner, status, action, document, host, model,
                      reported_model, finish_reason, created, first_token, finished)
    SELECT :copy, leaf, answer, owner,
           CASE WHEN status IN ('pending', 'streaming') THEN 'interrupted' ELSE status END,
           action, document, host, model, reported_model, finish_reason, created, first_token, finished
    FROM turns WHERE id = :turn"""
_COPIED_MESSAGES: Final = """
    WITH RECURSIVE chain(id) AS (
        SELECT leaf FROM turns WHERE id = :turn
        UNION SELECT m.parent FROM messages AS m JOIN chain ON m.id = chain.id WHERE m.parent IS NOT NULL
    )
    INSERT OR IGNORE INTO conversation_messages(message, conversation)
    SELECT id, :copy FROM chain
    UNION SELECT answer, :copy FROM turns WHERE id = :turn AND answer IS NOT NULL"""


def copy(db: sqlite3.Connection, conversation: int, chat: str, now: float) -> str:
    """A conversation of its own with what was said last in `conversation` (its row); its id.

    It shares the messages, has the chat document `chat`, as stored, and counts no tokens: none were spent.
    """
    name = new_name(db)
    cursor = db.execute(
        "INSERT INTO conversations(name, title, chat, created, updated)"
        " SELECT ?, title, ?, ?, ? FROM conversations WHERE id = ?",
        (name, chat, now, now, conversation),
    )
    (turn,) = db.execute("SELECT max(id) FROM turns WHERE conversation = ?", (conversation,)).fetchone()
    rows = {"copy": cursor.lastrowid, "turn": turn}
    db.execute(_COPIED_TURN, rows)
    db.execute(_COPIED_MESSAGES, rows)
    return name


def add(db: sqlite3.Connection, added: AddedConversation, *, owner: str) -> str | None:
    """Store a conversation from elsewhere with the times it had there; its id, None where it is here."""
    name = _name_of(added.source)
    if db.execute("SELECT 1 FROM conversations WHERE name = ?", (name,)).fetchone() is not None:
        return None
    created, updated = added.turns[0].created, max(turn.finished for turn in added.turns)
    cursor = db.execute(
        "INSERT INTO conversations(name, title, chat, created, updated) VALUES(?, ?, NULL, ?, ?)",
        (name, well_formed(added.title), created, updated),
    )
    conversation = cast("int", cursor.lastrowid)
    said: int | None = None
    for turn in added.turns:
        asked = [Message("user", turn.question)]
        leaf = store_chain(db, conversation, asked, parent=said, now=turn.created)
        answer = None
        if turn.answer:
            answered = [Message("assistant", turn.answer)]
            answer = store_chain(db, conversation, answered, parent=leaf, now=turn.finished)
        db.execute(
            "INSERT INTO turns(conversation, leaf, answer, owner, status, action, document, host, model,"
            " created, finished) VALUES(?, ?, ?, ?, 'done', ?, '', '', ?, ?, ?)",
            (conversation, leaf, answer, owner, _ADDED, well_formed(turn.model), turn.created, turn.finished),
        )
        said = answer or leaf
    return name


def _name_of(source: str) -> str:
    """The id that a conversation from elsewhere gets, the same each time."""
    number = int.from_bytes(hashlib.sha256(well_formed(source).encode()).digest())
    letters: list[str] = []
    for _ in range(ID_LENGTH):
        number, letter = divmod(number, len(ID_ALPHABET))
        letters.append(ID_ALPHABET[letter])
    return "".join(letters)
