"""The server: pygls' LanguageServer with our protocol, and the features plugged into it.

Handlers answer at once. Whatever takes time is a job of the session.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from pygpt_lsp import __version__
from pygpt_lsp.core.actions import CODE_ACTION_KINDS
from pygpt_lsp.lsp.commands import COMMANDS
from pygpt_lsp.lsp.editor import Editor
from pygpt_lsp.lsp.lifecycle import Lifecycle
from pygpt_lsp.lsp.proposals import Proposals
from pygpt_lsp.lsp.protocol import PygptProtocol
from pygpt_lsp.lsp.sync import DocumentSync
from pygpt_lsp.services.logs import crash_summary
from pygpt_lsp.session import Session

if TYPE_CHECKING:
    from pygls.server import ServerErrors

    from pygpt_lsp.core.text import PositionEncoding
    from pygpt_lsp.services.jobs import Job

logger = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 0.6
"""How long jobs may take to clean up; with the history's closing the whole stays within a second."""


class PygptServer(LanguageServer):
    """One running server and its one client."""

    protocol: PygptProtocol

    def __init__(self, *, offline: bool = False) -> None:
        self.stopped = asyncio.Event()
        self.cleaned = asyncio.Event()
        self.encoding: PositionEncoding = "utf-16"
        self._cleaning: asyncio.Task[None] | None = None
        super().__init__("pygpt-lsp", __version__, protocol_cls=PygptProtocol)
        self.editor = Editor(self)
        self.sync = DocumentSync(self)
        self.lifecycle = Lifecycle(self)
        self.proposals = Proposals()
        self.session = Session(
            tell=self.editor.tell,
            on_crash=lambda job, error: self.crashed(job.title, error),
            offline=offline,
        )
        _register(self)

    @property
    def exit_code(self) -> int:
        """LSP 3.17 § Exit: 0 after a shutdown, 1 otherwise."""
        return 0 if self.protocol.shut_down else 1

    def stop(self) -> None:
        """The client said exit or is gone: end the process."""
        self.stopped.set()

    @property
    def cleaning(self) -> bool:
        """Whether the server is on its way out: nothing more is asked of the editor."""
        return self._cleaning is not None

    async def clean_up(self) -> None:
        """Cancel the jobs, let them clean up, close the history; once, however often it is asked for."""
        if self._cleaning is None:
            self._cleaning = asyncio.create_task(self._clean_up())
        await asyncio.shield(self._cleaning)

    async def _clean_up(self) -> None:
        self.lifecycle.stop()
        self.session.jobs.stop()
        await self.session.jobs.wait(SHUTDOWN_SECONDS)
        await self.session.close()
        self.cleaned.set()

    def crashed(self, where: str, error: BaseException) -> None:
        """A defect of ours: the log says where, the user is told that there is something to report."""
        logger.error("%s failed: %s", where, crash_summary(error))
        self.editor.tell(
            "error",
            f"PyGPT met an error of its own ({type(error).__name__}); the server's log says where, "
            "and holds nothing of your text: please report it.",
        )

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        """Replaces pygls' message with the exception's text, which may quote a document."""
        logger.error("a message failed: %s (%s)", crash_summary(error), source.__name__)


def _register(server: PygptServer) -> None:
    feature = server.feature

    def initialize(params: types.InitializeParams) -> None:
        server.lifecycle.initialize(params)

    def initialized(_params: types.InitializedParams) -> None:
        server.lifecycle.initialized()

    def configuration(params: types.DidChangeConfigurationParams) -> None:
        server.lifecycle.configuration_changed(params)

    def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        from pygpt_lsp.lsp.code_actions import code_actions

        return code_actions(server, params)

    feature(types.INITIALIZE)(initialize)
    feature(types.INITIALIZED)(initialized)
    feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(configuration)
    # No resolve: Helix blocks its screen while it waits for one.
    options = types.CodeActionOptions(code_action_kinds=list(CODE_ACTION_KINDS), resolve_provider=False)
    feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)
    for name in COMMANDS:
        # Not by the decorator, which would hand the server over as the first argument.
        server.protocol.fm.commands[name] = _command(server, name)


def _command(server: PygptServer, name: str) -> Any:
    def run(*arguments: object) -> None:
        from pygpt_lsp.lsp.commands import run_command

        run_command(server, name, arguments)

    return run
