"""What a job may ask of the editor: say something, ask something, show progress, open a file.

Each is one path for every editor, chosen by capability.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.unicode import plain_message
from pygpt_lsp.lsp.convert import uri_of_path
from pygpt_lsp.lsp.progress import Progress
from pygpt_lsp.services.logs import crash_summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job
    from pygpt_lsp.session.notices import Severity

logger = logging.getLogger(__name__)

_MESSAGE_TYPES = {
    "error": types.MessageType.Error,
    "warning": types.MessageType.Warning,
    "info": types.MessageType.Info,
}


class Editor:
    """The client, as far as jobs are concerned."""

    def __init__(self, server: PygptServer) -> None:
        self._server = server
        self._progress: dict[int | str, Job] = {}

    @property
    def can_ask(self) -> bool:
        """Whether the client says that it shows the choices of a question (LSP 3.17 § showMessageRequest).

        Some that do not say so can; they are asked only where there is no other way.
        """
        window = self._server.client_capabilities.window
        return window is not None and window.show_message is not None

    @property
    def can_show(self) -> bool:
        """Whether the client opens files for the server (LSP 3.17 § showDocument)."""
        window = self._server.client_capabilities.window
        return window is not None and window.show_document is not None and window.show_document.support

    def tell(self, severity: Severity, sentence: str) -> None:
        """Show a sentence; nothing is awaited."""
        self._server.window_show_message(
            types.ShowMessageParams(_MESSAGE_TYPES[severity], plain_message(sentence))
        )

    async def ask(self, sentence: str, options: Sequence[str], severity: Severity = "warning") -> str | None:
        """Let the user choose; None where nothing was chosen or the editor cannot ask. A choice that can do
        no harm is "info"."""
        params = types.ShowMessageRequestParams(
            _MESSAGE_TYPES[severity],
            plain_message(sentence),
            [types.MessageActionItem(option) for option in options],
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
        if not self.can_show:
            return False
        cursor = types.Position(line, 0) if line is not None else None
        selection = types.Range(cursor, cursor) if cursor is not None else None
        params = types.ShowDocumentParams(uri_of_path(path), take_focus=True, selection=selection)
        result = await self.request(types.WINDOW_SHOW_DOCUMENT, params)
        return result is not None and bool(result.success)

    def refresh_lenses(self) -> None:
        """Have the lenses asked for again, where the editor can (LSP 3.17 § Code Lens Refresh)."""
        workspace = self._server.client_capabilities.workspace
        lenses = workspace.code_lens if workspace is not None else None
        if lenses is not None and lenses.refresh_support:
            asked = self._server.protocol.send_request_async(types.WORKSPACE_CODE_LENS_REFRESH, None)
            asked.add_done_callback(_consume)

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

    def end_progress(self, job: Job, progress: Progress, message: str) -> None:
        """End it with the job, with a message that stays readable; without progress the message is shown by
        itself. Who sees the end can ask for the next thing at once."""
        job.when_ended(lambda: self._end_progress(progress, message))

    def _end_progress(self, progress: Progress, message: str) -> None:
        if progress.token is not None:
            self._progress.pop(progress.token, None)
        if not progress.end(message):
            self.tell("info", message)

    def progress_cancelled(self, params: types.WorkDoneProgressCancelParams) -> None:
        """`window/workDoneProgress/cancel`."""
        job = self._progress.get(params.token)
        if job is not None:
            job.cancel()


def _consume(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
