"""Messages by content: the hash of a message covers what was said before it.

So threads, forks and retries share what they share, and a message is stored once however often it is sent.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from pygpt_lsp.core.messages import Message, Role
from pygpt_lsp.core.unicode import well_formed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_NO_PARENT = bytes(32)


def store_chain(
    db: sqlite3.Connection, conversation: int, messages: Iterable[Message], *, parent: int | None, now: float
) -> int | None:
    """Store `messages`, each the child of the one before and the first a child of `parent`, as needed by
    `conversation`; return the row of the last one (`parent` where there are none). Within a transaction."""
    digest = _NO_PARENT if parent is None else _hash_of_row(db, parent)
    for message in messages:
        digest = message_hash(digest, message)
        row = db.execute("SELECT id FROM messages WHERE hash = ?", (digest,)).fetchone()
        parent = _insert(db, digest, parent, message, now) if row is None else cast("int", row[0])
        db.execute(
            "INSERT OR IGNORE INTO conversation_messages(message, conversation) VALUES(?, ?)",
            (parent, conversation),
        )
    return parent


def message_hash(parent: bytes, message: Message) -> bytes:
    """The 32 bytes that identify `message` said after the message with hash `parent` (zeros: said first)."""
    # A role holds no NUL, so no two messages run together to the same bytes.
    return hashlib.sha256(parent + message.role.encode() + b"\0" + encode(message.content)).digest()


def encode(text: str) -> bytes:
    """`text` as bytes, exactly; half of a surrogate pair included, which UTF-8 proper has no bytes for."""
    return text.encode("utf-8", "surrogatepass")


def decode(stored: bytes) -> str:
    """The text that `encode` was given. Bytes that it never makes are replaced, not refused."""
    try:
        return stored.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return stored.decode("utf-8", "replace")


class Chains:
    """The messages of one conversation, to be read as chains."""

    def __init__(self, db: sqlite3.Connection, conversation: int) -> None:
        self._rows: dict[int, tuple[int | None, Message]] = {
            row: (parent, Message(cast("Role", role), content if exact is None else decode(exact)))
            for row, parent, role, content, exact in db.execute(
                "SELECT id, parent, role, content, exact FROM messages WHERE id IN"
                " (SELECT message FROM conversation_messages WHERE conversation = ?)",
                (conversation,),
            )
        }

    def text(self, row: int | None) -> str:
        """The content of one message; "" where there is none."""
        return self._rows[row][1].content if row in self._rows else ""

    def chain(self, leaf: int) -> tuple[Message, ...]:
        """Everything said up to and with `leaf`, first message first."""
        found: list[Message] = []
        row: int | None = leaf
        while row in self._rows:
            parent, message = self._rows[row]
            found.append(message)
            # A parent is always stored before its child; a prepared file must not send us round in circles.
            row = parent if parent is not None and parent < row else None
        return tuple(reversed(found))


def _insert(db: sqlite3.Connection, digest: bytes, parent: int | None, message: Message, now: float) -> int:
    content = well_formed(message.content)
    exact = None if content == message.content else encode(message.content)
    cursor = db.execute(
        "INSERT INTO messages(hash, parent, role, content, exact, created) VALUES(?, ?, ?, ?, ?, ?)",
        (digest, parent, message.role, content, exact, now),
    )
    row = cast("int", cursor.lastrowid)
    db.execute("INSERT INTO messages_fts(rowid, content) VALUES(?, ?)", (row, content))
    return row


def _hash_of_row(db: sqlite3.Connection, row: int) -> bytes:
    return cast("bytes", db.execute("SELECT hash FROM messages WHERE id = ?", (row,)).fetchone()[0])
