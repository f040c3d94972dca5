"""The server: pygls' LanguageServer with our protocol, and the features plugged into it.

Handlers answer at once. Whatever takes time is a job of the session.
"""

# pygls leaves some types of its constructor open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import asyncio
import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from pygpt_lsp import __version__
from pygpt_lsp.core.actions import CODE_ACTION_KINDS
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.lsp.chat_watch import ChatWatch
from pygpt_lsp.lsp.commands import COMMANDS, run_command
from pygpt_lsp.lsp.delivery import Delivery
from pygpt_lsp.lsp.editor import Editor
from pygpt_lsp.lsp.lifecycle import Lifecycle
from pygpt_lsp.lsp.proposals import Proposals
from pygpt_lsp.lsp.protocol import PygptProtocol
from pygpt_lsp.lsp.sync import DocumentSync
from pygpt_lsp.services.logs import crash_summary
from pygpt_lsp.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from pygls.server import ServerErrors

    from pygpt_lsp.core.symbols import SymbolCache
    from pygpt_lsp.core.text import PositionEncoding
    from pygpt_lsp.lsp.chat_cache import ChatCache
    from pygpt_lsp.services.jobs import Job

logger = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 0.6
"""How long jobs may take to clean up; with the history's closing the whole stays within a second."""


class PygptServer(LanguageServer):
    """One running server and its one client."""

    protocol: PygptProtocol  # pyright: ignore[reportIncompatibleVariableOverride] (set once, by protocol_cls)

    def __init__(self, *, offline: bool = False) -> None:
        self.stopped = asyncio.Event()
        self.cleaned = asyncio.Event()
        self.encoding: PositionEncoding = "utf-16"
        self._cleaning: asyncio.Task[None] | None = None
        super().__init__("pygpt-lsp", __version__, protocol_cls=PygptProtocol)
        self.editor = Editor(self)
        self.delivery = Delivery(self)
        self.sync = DocumentSync(self)
        self.lifecycle = Lifecycle(self)
        self.proposals = Proposals()
        self.watch = ChatWatch(self)
        self.session = Session(
            tell=self.editor.tell,
            on_crash=lambda job, error: self.crashed(job.title, error),
            on_settings=self.watch.touched,
            offline=offline,
        )
        self.session.jobs.watch(self._job_changed)
        _register(self)

    @property
    def exit_code(self) -> int:
        """LSP 3.17 § Exit: 0 after a shutdown, 1 otherwise."""
        return 0 if self.protocol.shut_down else 1

    def stop(self, _params: object = None) -> None:
        """The client said exit or is gone: end the process."""
        self.stopped.set()

    @property
    def cleaning(self) -> bool:
        """Whether the server is on its way out: nothing more is asked of the editor."""
        return self._cleaning is not None

    def start_job(
        self,
        title: str,
        uris: set[str],
        work: Callable[[Job], Coroutine[Any, Any, None]],
        *,
        what_it_writes: str = "",
    ) -> None:
        """Start `work(job)` on the documents `uris`; where it ends with a PygptError, the user is told so.

        `what_it_writes` begins the sentence for an OSError; without it that is a defect, as any other.
        Who reads the sentence can ask for the next thing at once: the job has ended then.
        """

        async def run(job: Job) -> None:
            try:
                await work(job)
            except PygptError as error:
                job.when_ended(partial(self.refused, error))
            except OSError as error:
                if not what_it_writes:
                    raise
                refusal = PygptError(f"{what_it_writes} cannot be written: {error.strerror}.")
                job.when_ended(partial(self.refused, refusal))

        self.session.jobs.start(title, uris, run)

    def refused(self, error: PygptError) -> None:
        """What the user wished cannot be done: tell them why."""
        self.editor.tell("error", f"PyGPT: {error.sentence}")

    def can_edit_files(self, operation: Literal["create", "rename", "delete"]) -> bool:
        """Whether the client does this to files when an edit asks for it (LSP 3.17 § WorkspaceEdit)."""
        workspace = self.client_capabilities.workspace
        edits = workspace.workspace_edit if workspace is not None else None
        known = (edits.resource_operations if edits is not None else None) or ()
        return operation in {getattr(kind, "value", kind) for kind in known}

    @property
    def confirms_edits(self) -> bool:
        """Whether the client asks the user about an annotated edit. Some name annotations without heeding
        them; those that show them say how they group them (LSP 3.17 § changeAnnotationSupport)."""
        workspace = self.client_capabilities.workspace
        edits = workspace.workspace_edit if workspace is not None else None
        support = edits.change_annotation_support if edits is not None else None
        return support is not None and bool(support.groups_on_label)

    @cached_property
    def chats(self) -> ChatCache:
        """The open chats taken apart; see `chat_cache.chat_of`."""
        from pygpt_lsp.lsp.chat_cache import ChatCache

        return ChatCache()

    @cached_property
    def symbols(self) -> SymbolCache:
        """The definitions in the texts that chats name them in."""
        from pygpt_lsp.core.symbols import SymbolCache

        return SymbolCache()

    async def clean_up(self) -> None:
        """Cancel the jobs, let them clean up, close the history; once, however often it is asked for."""
        if self._cleaning is None:
            self._cleaning = asyncio.create_task(self._clean_up())
        await asyncio.shield(self._cleaning)

    async def _clean_up(self) -> None:
        self.watch.stop()
        jobs = self.session.jobs
        jobs.stop()
        await asyncio.gather(self.lifecycle.stop(SHUTDOWN_SECONDS), jobs.wait(SHUTDOWN_SECONDS))
        await self.session.close()
        self.cleaned.set()

    def _job_changed(self, job: Job) -> None:
        """A job has begun or ended: a chat that it works on offers other things now."""
        if not self.cleaning and any(uri.endswith(CHAT_SUFFIX) for uri in job.uris):
            self.editor.refresh_lenses()

    def crashed(self, where: str, error: BaseException, *, once: bool = False) -> None:
        """A defect of ours: the log says where, the user is told that there is something to report.

        `once` is for what the user did not ask for, which may fail again and again.
        """
        logger.error("%s failed: %s", where, crash_summary(error))
        tell = self.session.notices.tell_once if once else self.editor.tell
        tell(
            "error",
            f"PyGPT met an error of its own ({type(error).__name__}); the server's log says where, "
            "and holds nothing of your text: please report it.",
        )

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        """Replaces pygls' message with the exception's text, which may quote a document."""
        logger.error("a message failed: %s (%s)", crash_summary(error), source.__name__)


def _register(server: PygptServer) -> None:
    def code_action(params: types.CodeActionParams) -> Generator[Any, Any, list[types.CodeAction]]:
        from pygpt_lsp.lsp.code_actions import code_actions

        return (yield from code_actions(server, params))

    def execute_command(params: types.ExecuteCommandParams) -> None:
        if params.command not in COMMANDS:
            raise JsonRpcInvalidParams(f"There is no command {params.command}.")
        run_command(server, params.command, params.arguments or ())

    # What pygls serves itself too, and calls these from:
    server.protocol.add(types.INITIALIZE, server.lifecycle.initialize)
    server.protocol.add(types.INITIALIZED, server.lifecycle.initialized)
    server.protocol.add(types.WORKSPACE_DID_CHANGE_CONFIGURATION, server.lifecycle.configuration_changed)
    # No resolve: Helix blocks its screen while it waits for one.
    options = types.CodeActionOptions(code_action_kinds=list(CODE_ACTION_KINDS), resolve_provider=False)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)
    server.protocol.declare_commands(COMMANDS)
    # What we serve in its place:
    handle = server.protocol.handle
    handle(types.SHUTDOWN, server.protocol.shutdown)
    handle(types.EXIT, server.stop)
    handle(types.TEXT_DOCUMENT_DID_OPEN, server.sync.did_open)
    handle(types.TEXT_DOCUMENT_DID_CHANGE, server.sync.did_change)
    handle(types.TEXT_DOCUMENT_DID_CLOSE, server.sync.did_close)
    handle(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, server.lifecycle.folders_changed)
    handle(types.WORKSPACE_EXECUTE_COMMAND, execute_command)
    handle(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, server.editor.progress_cancelled)
