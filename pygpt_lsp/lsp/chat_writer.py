"""Writes an answer into its chat document while it arrives and while the user types there.

Deltas are gathered, then go out as one versioned edit; the next one waits until the document shows it. The
place for the next piece is followed through the user's own changes, so that both texts stay whole. A document
that the editor does not have open is written as a file; when it is opened or closed midway, the answer's
place is found again from what the document says.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_escape import StreamEscaper
from pygpt_lsp.core.documents import common_prefix
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.reconcile import follow, outcome, place_now
from pygpt_lsp.core.text import Position, Range, TextSnapshot
from pygpt_lsp.lsp.editor import TextEdit

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.lsp.chat_place import ChatPlace
    from pygpt_lsp.lsp.server import PygptServer

logger = logging.getLogger(__name__)

INTERVAL = 0.15
"""Seconds between two edits while an answer streams; the first text goes out at once."""
_LAST_TRIES = 12
_REFUSAL_SECONDS = 1.0


class AnswerLost(PygptError):
    """The place of the answer is not in the chat document any more."""


class ChatWriter:
    """The text of one answer on its way into one chat document."""

    def __init__(self, server: PygptServer, place: ChatPlace, ordinal: int, eol: str) -> None:
        """`ordinal`: how many answers stand above this one in the document."""
        self._server = server
        self._place = place
        self._ordinal = ordinal
        self._escaper = StreamEscaper(eol)
        self._eol = eol
        self._rendered = ""
        self._written = 0
        self._ending = asyncio.Event()
        self._more = asyncio.Event()
        # Where the next piece goes: a position in a version of an open document, while it is open.
        self._document: Document | None = None
        self._version = 0
        self._anchor = Position(0, 0)
        # An edit the editor has not answered: it may still be made.
        self._undecided: tuple[TextSnapshot, TextSnapshot, str, int] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())

    def wait_for(self, ready: asyncio.Future[None]) -> None:
        """Write nothing before this is done: the editor is opening the document."""
        self._ready = ready

    def close(self) -> None:
        """Let go of what may still run."""
        self._task.cancel()
        if self._ready is not None:
            self._ready.cancel()

    def feed(self, delta: str) -> None:
        """Add a piece of the answer."""
        self._rendered += self._escaper.feed(delta)
        self._more.set()

    async def finish(self, note: str = "", seconds: float | None = None) -> None:
        """End the answer, with a note for the reader below it, and wait until the document has it all.

        Raises AnswerLost where the document has no place for it any more; what was not written within
        `seconds` is left to the history.
        """
        self._rendered += self._escaper.finish()
        if note:
            gap = self._eol * 2 if self._rendered.strip() else ""
            self._rendered = self._rendered.rstrip() + gap + note_line(note)
        self._ending.set()
        self._more.set()
        done, _ = await asyncio.wait([self._task], timeout=seconds)
        if not done:
            self._task.cancel()
            raise AnswerLost("the editor did not take the rest of the answer")
        self._task.result()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        tries = 0
        while True:
            await self._more.wait()
            self._more.clear()
            if self._ready is not None:
                await asyncio.wait([self._ready])
                self._ready = None
            next_edit = loop.time() + INTERVAL
            while self._written < len(self._rendered):
                written = await self._write()
                tries = 0 if written else tries + 1
                if self._ending.is_set() and tries > _LAST_TRIES:
                    raise AnswerLost("the editor does not take the rest of the answer")
                if written and not self._ending.is_set():
                    break
            if self._ending.is_set() and self._written >= len(self._rendered):
                return
            if not self._ending.is_set():
                await self._pause(next_edit - loop.time())

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than until the answer ends."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), seconds)

    async def _write(self) -> bool:
        """Write what is pending, all at once; False where it has to be tried again."""
        document = self._server.session.documents.document(self._place.uri)
        if document is None:
            self._document = None
            await self._place.write(self._append_to_file)
            return True
        if self._document is not document:
            self._find_place(document)
        return await self._write_to_buffer(document)

    async def _write_to_buffer(self, document: Document) -> bool:
        if self._undecided is not None:
            base, expected, piece, version = self._undecided
            if document.snapshot.version != version:
                self._undecided = None
                result = outcome(document, base, version, expected)
                if result.made:
                    offset = base.offset_at(self._anchor) + len(piece)
                    return self._advance(document, follow(expected, result, document, offset), piece)
        anchor = place_now(document, self._anchor, self._version)
        if anchor is None:
            self._find_place(document)
            anchor = self._anchor
        snapshot = document.snapshot
        self._anchor, self._version = anchor, snapshot.version
        piece = self._undecided[2] if self._undecided else self._rendered[self._written :]
        edit = TextEdit(Range(anchor, anchor), piece)
        applied = await self._server.editor.apply(document, snapshot.text, snapshot.version, [edit], None)
        if applied.made and applied.outcome is not None:
            self._undecided = None
            offset = snapshot.text.offset_at(anchor) + len(piece)
            after = follow(applied.expected, applied.outcome, document, offset)
            return self._advance(document, after, piece)
        if applied.unanswered:
            self._undecided = (snapshot.text, applied.expected, piece, snapshot.version)
        elif applied.outcome is None:
            # Refused because of a change that is on its way to us.
            await self._server.sync.until_changed(document, snapshot.version, _REFUSAL_SECONDS)
        return False

    def _advance(self, document: Document, anchor: Position | None, piece: str) -> bool:
        self._written += len(piece)
        if anchor is None:
            self._document = None  # found again from the text at the next piece
        else:
            self._anchor, self._version = anchor, document.snapshot.version
        return True

    def _find_place(self, document: Document) -> None:
        text = document.snapshot.text
        offset, self._written = self._locate(str(text))
        self._document = document
        self._undecided = None
        self._anchor, self._version = text.position_at(offset), document.snapshot.version

    def _append_to_file(self, text: str) -> str:
        """The file's new text; called with the text it has."""
        offset, written = self._locate(text)
        rest = self._rendered[written:]
        self._written = written + len(rest)
        return text[:offset] + rest + text[offset:]

    def _locate(self, text: str) -> tuple[int, int]:
        """The offset where the answer goes on in a document, and how much of it stands there already.

        A document opened or closed midway may be older than what was written last. The answer is known by
        its place among the answers and by its own beginning.
        """
        answers = [turn for turn in parse_chat(text).turns if turn.role == "assistant"]
        if self._ordinal >= len(answers):
            raise AnswerLost("the place of the answer has been deleted from the chat")
        start = answers[self._ordinal].text_start
        there = common_prefix(text[start : start + len(self._rendered)], self._rendered)
        rest = text[start + there :].lstrip()
        if rest and not rest.lower().startswith(("## user", "## assistant")) and there < self._written:
            raise AnswerLost("the answer's beginning has been changed in the chat")
        return start + there, there


def note_line(note: str) -> str:
    """A remark of ours below an answer: visible where one edits, not shown as text, never sent."""
    return f"{NOTE_OPENING} {note.replace('--', '—')} -->"


NOTE_OPENING = "<!-- pygpt:"


def without_notes(text: str) -> str:
    """An answer's text without our remarks."""
    lines = text.split("\n")
    kept = [line for line in lines if not (line.startswith(NOTE_OPENING) and line.rstrip().endswith("-->"))]
    return text if len(kept) == len(lines) else "\n".join(kept).rstrip("\n")
