"""One question to a model and its answer, recorded on the way: the only road from a request to the API.

The question is stored before anything is sent and what arrives is stored while it arrives, so that a killed
process loses at most the last half second of an answer. Nothing is sent that was not recorded as a turn
(unless the history is off or cannot be written, which the user was told).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import ErrorKind, ModelError, RequestRefused
from pygpt_lsp.core.messages import Finished, TextDelta, Usage
from pygpt_lsp.services.history_records import TurnEnd
from pygpt_lsp.services.ledger import Account, accounted
from pygpt_lsp.services.witness import witnessed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from pygpt_lsp.core.messages import ModelEvent, ModelRequest
    from pygpt_lsp.core.wire import WireRequest
    from pygpt_lsp.services.chat_model import ChatModel
    from pygpt_lsp.services.history_records import StartedTurn, TurnStart
    from pygpt_lsp.services.history_worker import HistoryWorker
    from pygpt_lsp.services.sent_requests import SentRequest, SentRequests

CHECKPOINT_SECONDS = 0.25
"""How far the stored answer may lag behind; half of what is promised, so that a slow disk has room."""


class Exchange:
    """Ask once with `events()`; afterwards `text`, `finished` and `conversation_id` tell what happened."""

    def __init__(
        self,
        request: ModelRequest,
        start: TurnStart,
        *,
        model: Callable[[], Awaitable[ChatModel]],
        history: HistoryWorker | None,
        sent: SentRequests,
    ) -> None:
        """`model` gives the model to ask, or raises RequestRefused (no key); `history` None: not kept;
        `sent` remembers what went out last."""
        self.request = request
        self.finished: Finished | None = None
        self.conversation_id: str | None = None
        self._start = start
        self._model = model
        self._history = history
        self._requests = sent
        self._sent: SentRequest | None = None
        self._turn: StartedTurn | None = None
        self._parts: list[str] = []
        self._storing: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    async def events(self) -> AsyncGenerator[ModelEvent]:
        """Store the question, send it, and pass on what arrives.

        Raises RequestRefused or ModelError with the sentence for the user; the turn then carries it. When
        the task is cancelled or the iteration is closed, the connection is closed at once and the turn is
        kept as stopped.
        """
        if self._history is not None:
            self._turn = await self._history.start(self._start)
            self.conversation_id = self._turn.conversation_id if self._turn else None
        end = TurnEnd("stopped")
        try:
            model = await self._model()
            async with contextlib.aclosing(model.stream(self.request)) as events:
                while (event := await self._next(events)) is not None:
                    if isinstance(event, TextDelta):
                        self._arrived(event.text)
                    elif isinstance(event, Finished):
                        self.finished = event
                    yield event
            end = TurnEnd("done")
        except (ModelError, RequestRefused) as error:
            end = TurnEnd("failed", error_kind=error.kind.value, error=error.sentence)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except Exception:
            end = TurnEnd("failed", error_kind=ErrorKind.INTERNAL.value, error="An internal error.")
            raise
        finally:
            await self._close(self._whole(end))

    async def _next(self, events: AsyncGenerator[ModelEvent]) -> ModelEvent | None:
        """The next event, None after the last one. What goes out meanwhile is noted, each try of it."""
        with witnessed(self._went_out), accounted(self._account()):
            return await anext(events, None)

    def _went_out(self, wire: WireRequest) -> None:
        self._sent = self._requests.went_out(self.request, self._start, wire, self._sent)

    def _account(self) -> Account:
        request, start, turn = self.request, self._start, self._turn
        turn_id = None if turn is None else turn.turn_id
        return Account(start.action, self._history, start.sources, request.masked, turn_id, request.messages)

    def _arrived(self, text: str) -> None:
        self._parts.append(text)
        if self._history is not None and self._turn is not None and self._storing is None:
            progress = self._store_progress(self._history, self._turn)
            self._storing = asyncio.get_running_loop().create_task(progress)

    async def _store_progress(self, history: HistoryWorker, turn: StartedTurn) -> None:
        """Store what arrives until `_close`, one step at a time: what could not be stored goes with the next,
        and steps do not pile up behind a lock."""
        stored = 0
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            count = len(self._parts)
            if count > stored and await history.checkpoint(turn, "".join(self._parts[stored:count])):
                stored = count

    def _whole(self, end: TurnEnd) -> TurnEnd:
        """The end with what has arrived."""
        finished = self.finished
        return end._replace(
            answer=self.text,
            finish_reason=finished.finish_reason if finished else None,
            usage=finished.usage if finished else Usage(),
            model=finished.model if finished else None,
        )

    async def _close(self, end: TurnEnd) -> None:
        if self._sent is not None:
            self._sent.end = end
        if self._history is None or self._turn is None:
            return
        if self._storing is not None:
            self._storing.cancel()
        # A second cancellation must not leave the turn half written: the thread finishes it in any case.
        await asyncio.shield(self._history.finish(self._turn, end))
