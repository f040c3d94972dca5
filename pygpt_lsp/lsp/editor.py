"""What a job may ask of the editor: say something, ask something, show progress, open a file, make an edit.

Each is one path for every editor, chosen by capability. Edits are always versioned, and one counts as made
only when the document shows it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types

from pygpt_lsp.core.reconcile import Outcome, outcome
from pygpt_lsp.lsp.convert import range_to_lsp, uri_of_path
from pygpt_lsp.services.logs import crash_summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.text import Range, TextSnapshot
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job
    from pygpt_lsp.session import Severity

logger = logging.getLogger(__name__)

_MESSAGE_TYPES = {
    "error": types.MessageType.Error,
    "warning": types.MessageType.Warning,
    "info": types.MessageType.Info,
}
ANSWER_SECONDS = 20.0
"""How long an editor may take to answer `applyEdit`; a prompt open in the editor can hold it up."""
SHOWN_SECONDS = 30.0
"""How long the change that shows an accepted edit may take: Neovim tells of none while one types on."""


class TextEdit(NamedTuple):
    """One replacement in a document; ranges in code points."""

    range: Range
    text: str


class Applied(NamedTuple):
    """How an edit went. `made` is true only where the document shows it; `reason` says why not.

    `expected` is the text with the edit; `outcome` the document right after the notification that decided,
    None where none came.
    """

    made: bool
    reason: str
    expected: TextSnapshot
    outcome: Outcome | None = None
    unanswered: bool = False


class Editor:
    """The client, as far as jobs are concerned."""

    def __init__(self, server: PygptServer) -> None:
        self._server = server
        self._progress: dict[int | str, Job] = {}
        # By the document's URI: whose turn it is to edit it, and the edit the editor has not answered.
        self._turns: dict[str, asyncio.Lock] = {}
        self._unanswered: dict[str, asyncio.Future[Any]] = {}

    def tell(self, severity: Severity, sentence: str) -> None:
        """Show a sentence; nothing is awaited."""
        self._server.window_show_message(types.ShowMessageParams(_MESSAGE_TYPES[severity], sentence))

    async def ask(self, sentence: str, options: Sequence[str]) -> str | None:
        """Let the user choose; None where nothing was chosen or the editor cannot ask."""
        params = types.ShowMessageRequestParams(
            types.MessageType.Warning, sentence, [types.MessageActionItem(option) for option in options]
        )
        answer = await self.request(types.WINDOW_SHOW_MESSAGE_REQUEST, params)
        return answer.title if answer is not None else None

    async def request(self, method: str, params: Any) -> Any:
        """Send a request; its result, or None where the editor answered with an error.

        Cancelling the caller leaves the request alone: pygls cannot cancel one that was sent.
        """
        future = self._server.protocol.send_request_async(method, params)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            future.add_done_callback(_consume)
            raise
        except Exception as error:
            logger.info("the editor refused %s: %s", method, crash_summary(error))
            return None

    async def show(self, path: Path, line: int | None = None) -> bool:
        """Open a file in the editor and go there, to the start of `line` (0-based) where it is given.

        False where the editor cannot or would not.
        """
        window = self._server.client_capabilities.window
        if window is None or window.show_document is None or not window.show_document.support:
            return False
        cursor = types.Position(line, 0) if line is not None else None
        selection = types.Range(cursor, cursor) if cursor is not None else None
        params = types.ShowDocumentParams(uri_of_path(path), take_focus=True, selection=selection)
        result = await self.request(types.WINDOW_SHOW_DOCUMENT, params)
        return result is not None and bool(result.success)

    async def apply(
        self,
        document: Document,
        base: TextSnapshot,
        version: int,
        edits: Sequence[TextEdit],
        label: str | None,
    ) -> Applied:
        """Make edits to a document as one undo step, on exactly this version of it.

        `base` is the text at `version`; edits are in ascending order and do not overlap.

        One edit of a document is under way at a time, whichever job wants to make it: the next waits for its
        turn. The first change of the document after that version decides: an editor that accepted the edit
        shows it there, whatever it answered.
        """
        async with self._turns.setdefault(document.snapshot.uri, asyncio.Lock()):
            return await self._apply(document, base, version, edits, label)

    async def _apply(
        self,
        document: Document,
        base: TextSnapshot,
        version: int,
        edits: Sequence[TextEdit],
        label: str | None,
    ) -> Applied:
        expected = apply_edits(base, edits)
        store = self._server.session.documents
        if not await self._answered(document.snapshot.uri):
            return Applied(False, "the editor did not answer", expected, unanswered=True)
        before = document.snapshot
        if store.document(before.uri) is not document:
            return Applied(False, "the document was closed", expected)
        if before.version != version:
            return Applied(False, "the document has changed", expected)
        encoding = self._server.encoding
        change = types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(before.uri, version),
            [types.TextEdit(range_to_lsp(base, edit.range, encoding), edit.text) for edit in edits],
        )
        params = types.ApplyWorkspaceEditParams(types.WorkspaceEdit(document_changes=[change]), label)
        answer = asyncio.ensure_future(self.request(types.WORKSPACE_APPLY_EDIT, params))
        self._unanswered[before.uri] = answer
        if not await self._answered(before.uri):
            return Applied(False, "the editor did not answer", expected, unanswered=True)
        result = answer.result()
        if result is None or not result.applied:
            reason = result.failure_reason if result is not None else None
            return Applied(False, reason or "the editor refused the edit", expected)

        def decided() -> bool:
            return document.snapshot.version != version or store.document(before.uri) is not document

        if not await self._server.sync.until(decided, SHOWN_SECONDS):
            return Applied(False, "the editor did not show the edit", expected, unanswered=True)
        if document.snapshot.version == version:
            return Applied(False, "the document was closed", expected)
        result = outcome(document, base, version, expected)
        return Applied(result.made, "" if result.made else "the document has changed", expected, result)

    async def _answered(self, uri: str) -> bool:
        """Wait until the editor has answered the last edit of the document; False after a while."""
        answer = self._unanswered.get(uri)
        if answer is not None:
            await asyncio.wait([answer], timeout=ANSWER_SECONDS)
            if not answer.done():
                return False
            del self._unanswered[uri]
        return True

    # Progress

    async def begin_progress(self, job: Job, title: str) -> Progress:
        """A progress indicator for a job; its Cancel cancels the job."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return Progress(self._server, None)
        token = str(uuid.uuid4())
        created = self._server.protocol.send_request_async(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token)
        )
        self._progress[token] = job
        progress = Progress(self._server, token)

        def begin(future: asyncio.Future[Any]) -> None:
            if future.cancelled() or future.exception() is not None:
                progress.give_up()
            else:
                progress.begin(title)

        created.add_done_callback(begin)
        return progress

    def end_progress(self, progress: Progress, message: str) -> None:
        """End it with a message that stays readable; without progress the message is shown by itself."""
        if progress.token is not None:
            self._progress.pop(progress.token, None)
        if not progress.end(message):
            self.tell("info", message)

    def progress_cancelled(self, params: types.WorkDoneProgressCancelParams) -> None:
        """`window/workDoneProgress/cancel`."""
        job = self._progress.get(params.token)
        if job is not None:
            job.cancel()


class Progress:
    """One indicator. It begins when the client has agreed to it (LSP 3.17 § Work Done Progress), with what
    was reported last until then; an end that comes earlier is sent right after the beginning."""

    def __init__(self, server: PygptServer, token: str | None) -> None:
        self._server = server
        self.token = token
        self._begun = False
        self._message: str | None = None
        self._end: str | None = None

    def begin(self, title: str) -> None:
        """Show the indicator."""
        self._begun = True
        self._send(types.WorkDoneProgressBegin(title, cancellable=True, message=self._message))
        if self._end is not None:
            self._send(types.WorkDoneProgressEnd(message=self._end))

    def give_up(self) -> None:
        """The client refused the token."""
        self.token = None
        if self._end is not None:
            self._server.editor.tell("info", self._end)

    def report(self, message: str) -> None:
        """Show what is going on, in a few words."""
        self._message = message
        if self._begun and self._end is None:
            self._send(types.WorkDoneProgressReport(message=message))

    def end(self, message: str) -> bool:
        """Take the indicator away with a last message; False where there is none."""
        if self.token is None:
            return False
        self._end = message
        if self._begun:
            self._send(types.WorkDoneProgressEnd(message=message))
        return True

    def _send(self, value: Any) -> None:
        if self.token is not None:
            self._server.progress(types.ProgressParams(self.token, value))


def apply_edits(base: TextSnapshot, edits: Sequence[TextEdit]) -> TextSnapshot:
    """The text after edits that do not overlap, given in ascending order of the same text."""
    for edit in reversed(edits):
        base = base.replace(edit.range, edit.text)
    return base


def _consume(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
