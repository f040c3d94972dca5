"""Finding the stored turn of an answer that a document shows: by its text, for it holds nothing else.

Editors disagree about line endings, and a layout may hide blank ends, so both are left out of account.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.messages import Usage
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.history_records import StoredAnswer

if TYPE_CHECKING:
    import sqlite3

_BLANK: Final = "\t\n "
_PHRASE: Final = 80  # characters: enough to find few, and quick to look up
_ENDING: Final = re.compile(r"\r\n|\r")

_FOUND: Final = """
    SELECT t.status, t.model, t.reported_model, t.error, t.created, t.first_token, t.finished,
           t.input_tokens, t.output_tokens, t.reasoning_tokens, t.cached_tokens
    FROM {source} WHERE {condition}
    AND rtrim(replace(replace(m.content, char(13, 10), char(10)), char(13), char(10)), char(9, 10, 32))
        = :shown
    ORDER BY t.id DESC LIMIT 1"""
_IN_CHAT: Final = _FOUND.format(
    source="turns AS t JOIN messages AS m ON m.id = t.answer",
    condition="t.conversation IN (SELECT id FROM conversations WHERE chat = :chat)",
)
_ANYWHERE: Final = _FOUND.format(
    source=(
        "messages_fts CROSS JOIN messages AS m ON m.id = messages_fts.rowid"
        " CROSS JOIN turns AS t ON t.answer = m.id"
    ),
    condition="messages_fts MATCH :phrase",
)


def find_answer(db: sqlite3.Connection, text: str, chat: str | None) -> StoredAnswer | None:
    """The newest turn whose answer is `text`, None where there is none.

    `chat` is the chat document as stored, where there is one: its own turns come first. A copy or a fork of a
    chat finds the turn that its answer came from.
    """
    shown = _ENDING.sub("\n", well_formed(text)).rstrip(_BLANK)
    if not shown:
        return None
    start = shown[:_PHRASE].replace('"', " ").replace("\0", " ")
    # A string and a prefix (sqlite.org/fts5.html, section 3), since the last word may be cut.
    values = {"shown": shown, "chat": chat, "phrase": f'"{start}" *'}
    row = db.execute(_IN_CHAT, values).fetchone()
    if row is None and any(character.isalnum() for character in start):
        row = db.execute(_ANYWHERE, values).fetchone()
    return StoredAnswer._make((*row[:7], Usage(*row[7:]))) if row is not None else None
