"""Search over everything that was said, newest first.

What the user typed is never FTS5 syntax: no text is an error, whatever quotes and operators it holds.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.history_records import SearchHit

if TYPE_CHECKING:
    import sqlite3

_MAX_WORDS: Final = 32  # FTS5 refuses expressions that nest deeper than 256; nobody searches for that much
_SNIPPET_TOKENS: Final = 16
_SNIPPET_CHARACTERS: Final = 160
_PIECES: Final = re.compile(r'"([^"]*)"|([^\s"]+)')

_HITS: Final = """
    SELECT c.name, c.title, hit.role, hit.created, hit.snippet
    FROM (
        SELECT m.id, m.role, m.created, {snippet} AS snippet,
               (SELECT conversation FROM conversation_messages WHERE message = m.id
                ORDER BY conversation DESC LIMIT 1) AS conversation
        FROM {source} WHERE {condition} ORDER BY {order} DESC LIMIT :limit
    ) AS hit JOIN conversations AS c ON c.id = hit.conversation
    ORDER BY hit.id DESC"""
_BY_WORDS: Final = _HITS.format(
    snippet=f"snippet(messages_fts, 0, '', '', '…', {_SNIPPET_TOKENS})",
    source="messages_fts JOIN messages AS m ON m.id = messages_fts.rowid",
    condition="messages_fts MATCH :query",
    order="messages_fts.rowid",
)
_BY_TEXT: Final = _HITS.format(
    snippet=f"substr(m.content, max(1, instr(m.content, :query) - 40), {_SNIPPET_CHARACTERS})",
    source="messages AS m",
    condition="instr(m.content, :query)",
    order="m.id",
)


def search(db: sqlite3.Connection, text: str, limit: int) -> list[SearchHit]:
    """At most `limit` messages that hold every word of `text`, newest first.

    Case and accents do not matter, text in double quotes is a phrase, and the last word may be incomplete.
    Text without a letter or digit (an emoji, an operator) is looked for as it stands; empty text finds
    nothing.
    """
    text = well_formed(text).strip()
    if not text:
        return []
    query = fts_query(text)
    rows = db.execute(_BY_WORDS if query else _BY_TEXT, {"query": query or text, "limit": limit})
    return [
        SearchHit(name, title, role, created, " ".join(snippet.split()))
        for name, title, role, created, snippet in rows
    ]


def fts_query(text: str) -> str:
    """`text` as an FTS5 query (sqlite.org/fts5.html, section 3); "" where it has no word.

    Every word and every quoted phrase becomes a string, and all of them must occur. The last word, unless it
    is quoted, matches as a prefix.
    """
    terms: list[str] = []
    for match in _PIECES.finditer(text.replace("\0", " ")):
        phrase, word = match.groups()
        if _has_token(phrase or word or ""):
            terms.append(f'"{phrase}"' if word is None else f'"{word}" *')
    terms = terms[:_MAX_WORDS]
    return " ".join([*(term.removesuffix(" *") for term in terms[:-1]), *terms[-1:]])


def _has_token(text: str) -> bool:
    # What the tokenizer unicode61 counts as part of a word (sqlite.org/fts5.html, section 4.3.1).
    categories = {unicodedata.category(character) for character in text}
    return any(category[0] in "LN" or category == "Co" for category in categories)
