"""Search over everything that was said, newest first.

What the user typed is never FTS5 syntax: no text is an error, whatever quotes and operators it holds.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.history_read import summary
from pygpt_lsp.services.history_records import FoundConversation, SearchHit

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_MAX_WORDS: Final = 32  # FTS5 refuses expressions that nest deeper than 256; nobody searches for that much
_SNIPPET_TOKENS: Final = 16
_SNIPPET_CHARACTERS: Final = 160
_HITS_OF_ONE: Final = 3
_MOST_PAIRS: Final = 5000
_PIECES: Final = re.compile(r'"([^"]*)"|([^\s"]+)')
# Characters that no text holds (Unicode 15, section 23.7), around the words that were found.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"

_WORDS: Final = (
    "messages_fts CROSS JOIN messages AS m ON m.id = messages_fts.rowid",
    "messages_fts MATCH :query",
)
_TEXT: Final = "messages AS m", "instr(m.content, :query)"
_SNIPPETS: Final = {
    _WORDS: f"snippet(messages_fts, 0, '{_OPEN}', '{_CLOSE}', '…', {_SNIPPET_TOKENS})",
    _TEXT: f"substr(m.content, max(1, instr(m.content, :query) - 40), {_SNIPPET_CHARACTERS})",
}
_ORDERS: Final = {_WORDS: "messages_fts.rowid", _TEXT: "m.id"}

_HITS: Final = """
    SELECT c.name, c.title, hit.role, hit.created, hit.snippet
    FROM (
        SELECT m.id, m.role, m.created, {snippet} AS snippet,
               (SELECT conversation FROM conversation_messages WHERE message = m.id
                ORDER BY conversation DESC LIMIT 1) AS conversation
        FROM {source} WHERE {condition} ORDER BY {order} DESC LIMIT :limit
    ) AS hit JOIN conversations AS c ON c.id = hit.conversation
    ORDER BY hit.id DESC"""
_PAIRS: Final = """
    SELECT m.id, holding.conversation
    FROM {source} CROSS JOIN conversation_messages AS holding ON holding.message = m.id
    WHERE {condition} AND m.role != 'system' ORDER BY {order} DESC LIMIT :limit"""
# The plus keeps FTS5 from looking each of the rows up by a search of its own.
_CHOSEN: Final = """
    SELECT m.id, m.role, m.created, {snippet}
    FROM {source}
    WHERE {condition} AND {order} >= :first AND +{order} IN (SELECT value FROM json_each(:ids))"""


def search(db: sqlite3.Connection, text: str, limit: int) -> list[SearchHit]:
    """At most `limit` messages that hold every word of `text`, newest first.

    The beginning of a word is enough, case and accents do not matter, and text in double quotes is a phrase,
    of whole words. Text without a letter or digit (an emoji, an operator) is looked for as it stands; empty
    text finds nothing.
    """
    text = well_formed(text).strip()
    if not text:
        return []
    query = fts_query(text)
    rows = db.execute(_sql(_HITS, query), {"query": query or text, "limit": limit})
    return [
        SearchHit(name, title, role, created, *_marked(snippet, "" if query else text))
        for name, title, role, created, snippet in rows
    ]


def find_conversations(
    db: sqlite3.Connection, text: str, limit: int, chats_dir: Path
) -> list[FoundConversation]:
    """At most `limit` conversations in which a message of the user's or the model's matches as in `search`,
    the one whose newest match is newest first."""
    text = well_formed(text).strip()
    if not text:
        return []
    query = fts_query(text)
    found: dict[int, list[int]] = {}
    rows = db.execute(_sql(_PAIRS, query), {"query": query or text, "limit": _MOST_PAIRS})
    for message, conversation in rows:
        if conversation not in found and len(found) == limit:
            break
        messages = found.setdefault(conversation, [])
        if len(messages) < _HITS_OF_ONE:
            messages.append(message)
    if not found:
        return []
    chosen = sorted({message for messages in found.values() for message in messages})
    rows = db.execute(
        _sql(_CHOSEN, query), {"query": query or text, "first": chosen[0], "ids": json.dumps(chosen)}
    )
    said = {
        message: (role, when, *_marked(snippet, "" if query else text))
        for message, role, when, snippet in rows
    }
    conversations: list[FoundConversation] = []
    for conversation, messages in found.items():
        about = summary(db, conversation, chats_dir)
        hits = (SearchHit(about.id, about.title, *said[message]) for message in sorted(messages))
        conversations.append(FoundConversation(about, tuple(hits)))
    return conversations


def fts_query(text: str) -> str:
    """`text` as an FTS5 query (sqlite.org/fts5.html, section 3); "" where it has no word.

    Every word and every quoted phrase becomes a string, and all of them must occur. A word, unless it is
    quoted, matches as a prefix.
    """
    terms: list[str] = []
    for match in _PIECES.finditer(text.replace("\0", " ")):
        phrase, word = match.groups()
        if _has_token(phrase or word or ""):
            terms.append(f'"{phrase}"' if word is None else f'"{word}" *')
    return " ".join(terms[:_MAX_WORDS])


def _has_token(text: str) -> bool:
    # What the tokenizer unicode61 counts as part of a word (sqlite.org/fts5.html, section 4.3.1).
    categories = {unicodedata.category(character) for character in text}
    return any(category[0] in "LN" or category == "Co" for category in categories)


def _sql(statement: str, query: str) -> str:
    kind = _WORDS if query else _TEXT
    source, condition = kind
    return statement.format(source=source, condition=condition, snippet=_SNIPPETS[kind], order=_ORDERS[kind])


def _marked(snippet: str, text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The snippet in one line, and where the words in it are that were looked for, or `text` where it is not
    looked for by words."""
    written = " ".join(snippet.split())
    if text:
        start = written.find(text)
        return written, ((start, start + len(text)),) if start >= 0 else ()
    plain, opened = "", 0
    marks: list[tuple[int, int]] = []
    for piece in re.split(f"([{_OPEN}{_CLOSE}])", written):
        if piece == _OPEN:
            opened = len(plain)
        elif piece == _CLOSE and opened < len(plain):
            marks.append((opened, len(plain)))
        elif piece != _CLOSE:
            plain += piece
    return plain, tuple(marks)
