"""The history: what was asked is stored before it is sent, what arrives is stored while it arrives.

One store serves one running server, from one worker thread; several servers share a workspace's database. It
never imports asyncio and never calls back. A failure is a HistoryError with a sentence for the user, who is
told once and works on without a history; no failure here may cost an answer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services import history_copies as copies
from pygpt_lsp.services import history_erase as erase
from pygpt_lsp.services import history_ledger as ledger_rows
from pygpt_lsp.services import history_read as read
from pygpt_lsp.services import history_turns as turns
from pygpt_lsp.services.history_answers import find_answer
from pygpt_lsp.services.history_connection import HistoryConnection
from pygpt_lsp.services.history_records import (
    AddedConversation,
    ConversationSummary,
    Erased,
    FoundConversation,
    SearchHit,
    StartedTurn,
    StoredAnswer,
    StoredConversation,
    TurnEnd,
    TurnStart,
)
from pygpt_lsp.services.history_search import find_conversations, search
from pygpt_lsp.services.own_files import remove_page

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.ledger import LedgerRow, LedgerView
    from pygpt_lsp.core.messages import Message
    from pygpt_lsp.services.cache_folder import CacheFolder

PATIENCE = 10.0
"""Seconds to wait for a lock before the user hears of it; other servers hold one for milliseconds."""


class HistoryStore:
    """The history of one workspace; `cache` is the folder it lies in."""

    def __init__(self, cache: CacheFolder, now: Callable[[], float], patience: float) -> None:
        """For `open`."""
        self.cache = cache
        self._now = now
        self._connection = HistoryConnection(cache, now, patience)

    @classmethod
    def open(
        cls, cache: CacheFolder, *, now: Callable[[], float] = time.time, patience: float = PATIENCE
    ) -> HistoryStore:
        """Open the history in `cache`, which is prepared, or start one. `now` gives seconds since 1970.

        Turns that a server left unfinished when it died become `interrupted`, with what had arrived of their
        answers. Raises HistoryError: a newer version's database, a lock held for `patience` seconds, no
        permission, no FTS5.
        """
        return cls(cache, now, patience)

    @property
    def notice(self) -> str:
        """A sentence to show the user once: the file was damaged or foreign and is set aside; "" if not."""
        return self._connection.notice

    def start_turn(self, turn: TurnStart) -> StartedTurn:
        """Store a question, whole, before it is sent. Raises HistoryError; ValueError without a message."""
        if not turn.messages:
            raise ValueError("a turn has at least one message")
        self._connection.follow_the_file()
        chat = None if turn.chat_path is None else self._stored_chat(turn.chat_path)
        with self._connection.writing() as db:
            return turns.start(db, turn, chat, owner=self._connection.owner, now=self._now())

    def checkpoint(self, turn_id: int, text: str) -> None:
        """Store `text`, what arrived since the last call.

        Called first at the first delta, whose time is kept, and then at most 0.5 s apart. Dropped where the
        turn was deleted meanwhile. Raises HistoryError.
        """
        with self._connection.writing() as db:
            turns.append(db, turn_id, text, owner=self._connection.owner, now=self._now())

    def finish_turn(self, turn_id: int, end: TurnEnd) -> None:
        """Store how a turn ended and its whole answer; a turn ends once. Raises HistoryError."""
        with self._connection.writing() as db:
            turns.finish(db, turn_id, end, owner=self._connection.owner, now=self._now())
        self._connection.finish_erasure(attempts=1)

    def conversations(self, limit: int = 50, offset: int = 0) -> list[ConversationSummary]:
        """A page of the conversations, the one changed last first. Raises HistoryError."""
        with self._connection.reading() as db:
            return read.summaries(db, limit, offset, self.cache.chats_dir)

    def conversation(self, conversation_id: str) -> StoredConversation:
        """The conversation with that id, or the only one whose id begins so.

        An unfinished answer is there as far as it is stored. Raises UnknownConversationError, HistoryError.
        """
        with self._connection.reading() as db:
            return read.load(db, read.resolve(db, conversation_id), self.cache.chats_dir)

    def answer(self, text: str, chat_path: Path | None) -> StoredAnswer | None:
        """The newest turn that was answered by `text`, one of the chat document `chat_path` before others.

        None where there is none. Raises HistoryError.
        """
        chat = None if chat_path is None else self._stored_chat(chat_path)
        with self._connection.reading() as db:
            return find_answer(db, text, chat)

    def adopt_chat(self, conversation_id: str, chat_path: Path) -> None:
        """Make `chat_path` the conversation's chat document, to be sent on from there and deleted with it.

        Ids as in `conversation`. Raises UnknownConversationError or HistoryError.
        """
        with self._connection.writing() as db:
            row = read.resolve(db, conversation_id)
            db.execute("UPDATE conversations SET chat = ? WHERE id = ?", (self._stored_chat(chat_path), row))

    def copy(self, conversation_id: str, chat_path: Path) -> str:
        """Make a conversation of its own of what was said last in one, with `chat_path` as its chat document;
        its id.

        Ids as in `conversation`. Raises UnknownConversationError or HistoryError.
        """
        with self._connection.writing() as db:
            row = read.resolve(db, conversation_id)
            return copies.copy(db, row, self._stored_chat(chat_path), self._now())

    def add(self, conversation: AddedConversation) -> str | None:
        """Keep a conversation from elsewhere, whole; its id, None where it is here already.

        Raises HistoryError.
        """
        self._connection.follow_the_file()
        with self._connection.writing() as db:
            return copies.add(db, conversation, owner=self._connection.owner)

    def find(self, text: str, limit: int) -> list[FoundConversation]:
        """Conversations in which something matches, newest first; see `history_search.find_conversations`.

        The newest conversations where `text` is blank. Raises HistoryError, never because of what it holds.
        """
        with self._connection.reading() as db:
            if text.strip():
                return find_conversations(db, text, limit, self.cache.chats_dir)
            found = read.summaries(db, limit, 0, self.cache.chats_dir)
            return [FoundConversation(summary, ()) for summary in found]

    def search(self, text: str, limit: int = 50) -> list[SearchHit]:
        """Messages in which every word of `text` begins one, newest first; see `history_search.search`.

        Raises HistoryError, never because of what `text` holds.
        """
        with self._connection.reading() as db:
            return search(db, text, limit)

    def delete(self, *conversation_ids: str) -> Erased:
        """Delete conversations for good, and their chat documents where they lie in the cache's `chats/`.

        Messages that other conversations hold too stay. Ids as in `conversation`. The time is in proportion
        to the database, about two seconds per 100 MB. Raises UnknownConversationError or HistoryError; then
        none is gone.
        """
        with self._connection.writing() as db:
            rows = {read.resolve(db, conversation_id) for conversation_id in conversation_ids}
            self._remove_chats(db, rows)
            erase.remove(db, rows, self._now())
        return Erased(len(rows), self._connection.erase())

    def delete_all(self) -> Erased:
        """Delete every conversation as `delete` does. What no conversation has stays (`cache_files`).

        Raises HistoryError.
        """
        with self._connection.writing() as db:
            rows = {row for (row,) in db.execute("SELECT id FROM conversations")}
            self._remove_chats(db, rows)
            erase.remove_all(db, self._now())
        return Erased(len(rows), self._connection.erase())

    def prune(self, older_than_seconds: float) -> int:
        """Delete the conversations unchanged for that long, as `delete` does; return how many they were.

        Raises HistoryError.
        """
        with self._connection.writing() as db:
            limit = self._now() - older_than_seconds
            rows = {row for (row,) in db.execute("SELECT id FROM conversations WHERE updated < ?", (limit,))}
            if not rows:
                return 0
            self._remove_chats(db, rows)
            erase.remove(db, rows, self._now())
        self._connection.erase()
        return len(rows)

    def record(self, rows: Sequence[LedgerRow]) -> None:
        """Store rows of the ledger, or what is new about them. Raises HistoryError."""
        self._connection.follow_the_file()
        with self._connection.writing() as db:
            ledger_rows.record(db, rows, self._connection.owner)

    def ledger(self, most_rows: int) -> LedgerView:
        """What the ledger adds up to, and its newest rows. Raises HistoryError."""
        with self._connection.reading() as db:
            return ledger_rows.view(db, most_rows)

    def messages_of(self, turn_id: int) -> tuple[Message, ...]:
        """What a question was sent with; none where it was deleted. Raises HistoryError."""
        with self._connection.reading() as db:
            return read.messages_of(db, turn_id)

    def note_place(self, path: Path) -> None:
        """Remember that the workspace at `path` has a ledger of its own. Raises HistoryError."""
        with self._connection.writing() as db:
            ledger_rows.note_place(db, str(path))

    def places(self) -> list[str]:
        """The workspaces that were remembered. Raises HistoryError."""
        with self._connection.reading() as db:
            return ledger_rows.places(db)

    def wait_at_most(self, patience: float) -> None:
        """Wait that many seconds for a lock from now on."""
        self._connection.wait_at_most(patience)

    def close(self) -> None:
        """Let go of the database. Never raises: what is committed is safe."""
        self._connection.close()

    def _stored_chat(self, chat_path: Path) -> str:
        """A chat document as the database knows it: by its bare name where it lies in the cache."""
        return well_formed(self.cache.chat_name(chat_path) or str(chat_path))

    def _remove_chats(self, db: sqlite3.Connection, rows: set[int]) -> None:
        """Delete the cached chat documents that no conversation but those in `rows` has.

        The page of what was found last goes too, since it may quote them, and so do requests that were shown
        and what a server left unfinished that was killed while it wrote.
        """
        chats: dict[str, set[int]] = {}
        for row, chat in db.execute("SELECT id, chat FROM conversations WHERE chat IS NOT NULL"):
            chats.setdefault(chat, set()).add(row)
        cache = self.cache
        doomed = [cache.search_path, *cache.shown_requests(), *cache.unfinished_writes()]
        for chat, users in chats.items():
            path = read.chat_path(chat, self.cache.chats_dir)
            if path is not None and users <= rows:
                doomed.append(path)
        for path in doomed:
            try:
                remove_page(path)
            except OSError as error:
                raise HistoryError(
                    f"Nothing was deleted: close {path}, which cannot be removed, and try again."
                ) from error
