"""Writes an answer into its chat document while it arrives and while the user types there.

Deltas are gathered, then go out as one versioned edit; the next one waits until the document shows it. The
place for the next piece is followed through the user's own changes, so that both texts stay whole. A document
that the editor does not have open is written as a file. What goes where is decided by `StreamingAnswer`.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.reconcile import outcome
from pygpt_lsp.core.streaming_answer import Place, Step, StreamingAnswer
from pygpt_lsp.core.text import Position, Range
from pygpt_lsp.lsp.chat_place import PATIENCE, Mark, mark
from pygpt_lsp.lsp.delivery import REFUSAL_SECONDS
from pygpt_lsp.lsp.workspace_edit import TextEdit, apply_edits

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.reconcile import Outcome
    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.chat_place import ChatPlace, Room
    from pygpt_lsp.lsp.server import PygptServer

INTERVAL = 0.15
"""Seconds between two edits while an answer streams; the first text goes out at once."""
_SHOW_SECONDS = 5.0
"""How long an editor may take to open the document before the answer goes to the file."""


class AnswerLost(PygptError):
    """The answer, or its rest, could not be written into its chat document; the sentence says why."""


class _Sent(NamedTuple):
    """An edit as it goes out. One that was not answered may have been made, and may still be: it alone is
    sent again, on the version it was made for, so that it is made once."""

    document: Document
    base: TextSnapshot
    version: int
    edits: tuple[TextEdit, ...]
    expected: TextSnapshot
    heading_line: int
    step: Step


class ChatWriter:
    """The text of one answer on its way into one chat document."""

    def __init__(
        self,
        server: PygptServer,
        place: ChatPlace,
        room: Room,
        ordinal: int,
        before: str = "",
        showing: asyncio.Future[None] | None = None,
    ) -> None:
        """`ordinal`: how many answers stand above this one in the document. `before`: the answer that stood
        there, which comes back if nothing comes in its place. `showing` is done when the editor has opened
        the document, which is waited for."""
        self._server = server
        self._place = place
        self._before = before
        self._answer = StreamingAnswer(ordinal, room.eol)
        self._mark = room.mark
        self._sent: _Sent | None = None
        self._showing = showing
        self._ending = asyncio.Event()
        self._more = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def feed(self, delta: str) -> None:
        """Add a piece of the answer."""
        if delta.strip():
            self._before = ""
        self._answer.feed(delta)
        self._more.set()

    async def finish(self, note: str = "", seconds: float | None = None) -> None:
        """End the answer, with a note for the reader below it, and wait until the document has it all.

        Raises AnswerLost where the document has no place for it any more, or does not have it all after
        `seconds`.
        """
        if self._before:
            self._answer.feed(self._before)
            note = f"asked again: {note}"
        self._answer.finish(note)
        self._ending.set()
        self._more.set()
        done, _ = await asyncio.wait([self._task], timeout=seconds)
        if not done:
            self._task.cancel()
            raise AnswerLost("The editor did not take the rest of the answer.")
        self._task.result()

    def close(self) -> None:
        """Let go of what may still run."""
        if self._showing is not None:
            self._showing.cancel()
        if not self._task.cancel() and not self._task.cancelled():
            self._task.exception()  # whoever waited for the end was told; nobody did where it was stopped

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        if self._showing is not None:
            await asyncio.wait([self._showing], timeout=_SHOW_SECONDS)
        if (document := self._place.document()) is not None:
            self._place_in(document)  # before the user changes what it is known by
        patient_until: float | None = None
        while self._answer.pending or not self._answer.ended:
            if not self._answer.pending:
                await self._more.wait()
                self._more.clear()
                continue
            began = loop.time()
            try:
                written = await self._write()
            except AnswerLost:
                if self._answer.ended:
                    raise
                # The place may come back: by an undo, or pasted elsewhere.
                await self._pause(REFUSAL_SECONDS)
                continue
            if written:
                patient_until = None
                await self._pause(began + INTERVAL - loop.time())
            elif self._answer.ended:
                patient_until = patient_until or loop.time() + PATIENCE
                if loop.time() > patient_until:
                    raise AnswerLost("The editor does not take the rest of the answer.")

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than until the answer ends."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), seconds)

    async def _write(self) -> bool:
        """Write what is pending, all at once; False where it has to be tried again. Raises AnswerLost."""
        self._settle()
        document = self._place.document()
        if self._mark is not None and self._mark.document is not document:
            self._leave(self._mark)
        if document is not None:
            return await self._write_to_buffer(document)
        return await self._write_to_file()

    async def _write_to_file(self) -> bool:
        try:
            text = await self._place.read_file()
            place = self._answer.find(text)
            step = self._answer.step(text, place) if place is not None else None
            if step is None:
                raise AnswerLost("The place of the answer has been deleted from the chat.")
            if self._place.document() is not None:
                return False  # opened just now
            await self._place.write_file(step.applied_to(text))
        except AnswerLost:
            raise
        except PygptError as error:
            raise AnswerLost(error.sentence) from error
        self._answer.made(step)
        return True

    async def _write_to_buffer(self, document: Document) -> bool:
        again = self._sent is not None
        sent = self._sent or self._next_edit(document)
        if not sent.edits:
            self._answer.made(sent.step)
            return True
        applied = await self._server.delivery.apply(document, sent.base, sent.version, sent.edits)
        unknown = not applied.made and (again or applied.unanswered)
        self._sent = sent if unknown else None
        if applied.made and applied.outcome is not None:
            self._made(sent, applied.outcome)
            return True
        return False

    def _next_edit(self, document: Document) -> _Sent:
        """The edit that writes what is pending. Raises AnswerLost where the document has no place for it."""
        snapshot = document.snapshot
        base = snapshot.text
        place = self._place_in(document)
        step = self._answer.step(str(base), place) if place is not None else None
        if place is None or step is None:
            raise AnswerLost("The place of the answer has been deleted from the chat.")
        edits = tuple(
            TextEdit(Range(base.position_at(start), base.position_at(end)), new)
            for start, end, new in step.edits
        )
        expected = apply_edits(base, edits)
        return _Sent(document, base, snapshot.version, edits, expected, place.heading_line, step)

    def _settle(self) -> None:
        """Find out what became of an edit that was not answered, once the document has changed since."""
        sent = self._sent
        if sent is None:
            return
        if sent.document.snapshot.version != sent.version:
            self._sent = None
            result = outcome(sent.document, sent.base, sent.version, sent.expected)
            if result.made:
                self._made(sent, result)
        elif self._place.document() is not sent.document:
            self._sent = None

    def _made(self, sent: _Sent, result: Outcome) -> None:
        self._answer.made(sent.step)
        self._mark = mark(sent.document, sent.expected, result, sent.heading_line, sent.step.offset)

    def _place_in(self, document: Document) -> Place | None:
        """Where the answer goes on in the document as it is now."""
        snapshot = document.snapshot
        text = str(snapshot.text)
        known = self._mark
        place = _moved(known) if known is not None and known.document is document else None
        if place is None or not self._answer.look(text, place):
            place = self._answer.find(text)
        if place is not None:
            heading = Position(place.heading_line, 0)
            anchor = snapshot.text.position_at(place.offset)
            self._mark = Mark(document, snapshot.version, heading, anchor)
        return place

    def _leave(self, known: Mark) -> None:
        """The document was closed: remember how it showed the answer last."""
        place = _moved(known)
        if place is not None:
            self._answer.look(str(known.document.snapshot.text), place)
        self._mark = None


def _moved(known: Mark) -> Place | None:
    """The marked place in the document as it is now."""
    document = known.document
    heading = document.map_position(known.heading, known.version, "right")
    anchor = document.map_position(known.anchor, known.version, "left")
    if heading is None or anchor is None:
        return None
    return Place(heading.line, document.snapshot.text.offset_at(anchor))
