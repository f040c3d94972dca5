"""What one running server owns: settings, open documents, workspaces, services and jobs.

It is created before the first message and closed at shutdown. Services that need heavy libraries are built
at their first use, never at start. It must not know the editor protocol: whatever it has to say to the user
goes through `tell`.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from pygpt_lsp.core.documents import DocumentStore
from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.settings import ChosenModel, Layer, Resolved, Settings, resolve, resolve_with_choice
from pygpt_lsp.services.connection import Connection
from pygpt_lsp.services.jobs import JobRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pygpt_lsp.core.context import Diagnostic
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.core.settings import SettingProblem
    from pygpt_lsp.core.text import Range
    from pygpt_lsp.core.tokens import TokenEstimator
    from pygpt_lsp.services.config_files import Found
    from pygpt_lsp.services.exchange import Exchange
    from pygpt_lsp.services.file_index import FileIndex
    from pygpt_lsp.services.history_records import TurnStart
    from pygpt_lsp.services.history_worker import HistoryWorker
    from pygpt_lsp.services.ignore_rules import IgnoreRule, IgnoreRules
    from pygpt_lsp.services.jobs import Job
    from pygpt_lsp.services.ledger import Account, Ledger
    from pygpt_lsp.services.ledger_notes import LedgerNotes
    from pygpt_lsp.services.private_folder import PrivateFolder
    from pygpt_lsp.services.prompt_library import PromptLibrary
    from pygpt_lsp.services.secret_masks import SecretMasks
    from pygpt_lsp.services.sent_requests import SentRequests
    from pygpt_lsp.services.shown_requests import ShownRequests
    from pygpt_lsp.services.workspace_cache import CacheFolder
    from pygpt_lsp.services.workspace_files import WorkspaceFiles

_GOES_AGAIN = (
    "PyGPT: Nothing is kept (history.enabled is false): save elsewhere what you need of chats and copies, "
    "which go when the server ends."
)

Severity: TypeAlias = Literal["error", "warning", "info"]


class Tell(Protocol):
    """Shows one sentence to the user, without waiting."""

    def __call__(self, severity: Severity, sentence: str) -> None: ...


class Selection(NamedTuple):
    """What the user had selected when a menu was last opened: a range of the document at a version."""

    uri: str
    version: int
    range: Range
    diagnostics: tuple[Diagnostic, ...] = ()


class Cursor(NamedTuple):
    """Where the cursor was, or what was selected, in the document at a version."""

    uri: str
    version: int
    range: Range


class Session:
    """The state of one server; every method is called on the event loop."""

    def __init__(
        self,
        *,
        tell: Tell,
        on_crash: Callable[[Job, BaseException], None],
        on_settings: Callable[[], None] = lambda: None,
        env: Mapping[str, str] = os.environ,
        offline: bool = False,
    ) -> None:
        """`on_settings` is called when other settings are in force. `offline`: answers come from the embedded
        offline model of the demo and nothing is sent."""
        self.env = env
        self.offline = offline
        self.documents = DocumentStore()
        self.jobs = JobRegistry(on_crash)
        self.selections: dict[str, Selection] = {}
        self.last_selection: Selection | None = None
        self.cursor: Cursor | None = None
        """The cursor as it was last seen in a document that is no chat."""
        self._tell = tell
        self._on_settings = on_settings
        self._told: set[str] = set()
        self._roots: tuple[Path, ...] = ()
        self._paths: dict[str, Path] = {}
        self._files: Found | None = None
        self._editor_layers: dict[str, Layer] = {}
        self._chosen: ChosenModel | None = None
        self._resolved = resolve(())
        self._histories: dict[Path | None, HistoryWorker] = {}
        self._private: PrivateFolder | None = None
        self._folders: dict[Path, Path | None] = {}
        """The workspace folders, or None, whose chats the folders hold."""
        self._ignore_rules: dict[Path, IgnoreRules] = {}
        self._workspace_files: WorkspaceFiles | None = None
        self.agreed_files: set[tuple[Path, IgnoreRule]] = set()
        """Open files that the user has agreed to send, each with the rule that excludes it."""
        self._machine_history: HistoryWorker | None = None
        self._ledger: Ledger | None = None
        self._ledger_notes: LedgerNotes | None = None
        self._noted: set[Path] = set()
        self._notes: set[asyncio.Task[None]] = set()
        self._estimator: TokenEstimator | None = None
        self._secrets: SecretMasks | None = None
        self._sent_requests: SentRequests | None = None
        self._shown_requests: ShownRequests | None = None
        self._file_index: FileIndex | None = None
        self._prompts: PromptLibrary | None = None
        self.listed_models: tuple[str, ...] = ()
        """The models that the API listed when the user last asked for them."""
        self.connection = Connection(
            self.settings, env, self.jobs, ledger=lambda: self.ledger, offline=offline
        )

    # Settings

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._resolved.settings

    @property
    def resolved(self) -> Resolved:
        """The settings with where each came from."""
        return self._resolved

    def tell(self, severity: Severity, sentence: str) -> None:
        """Show a sentence to the user."""
        self._tell(severity, sentence)

    def tell_once(self, severity: Severity, sentence: str) -> None:
        """Show a sentence to the user unless this server has shown it before."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(severity, sentence)

    def read_settings_files(self) -> None:
        """Read the user's and the workspace's settings files, and which model was chosen there, and bring
        them into force."""
        from pygpt_lsp.services.chosen_model import find_choice
        from pygpt_lsp.services.config_files import find_layers

        root = self._roots[0] if self._roots else None
        self._files = find_layers(self.env, root)
        self._chosen = find_choice(root)
        self._settings_changed()

    def set_editor_settings(self, source: str, values: object) -> None:
        """Bring what the editor sent into force; `source` names the road it came by. Later roads win."""
        self._editor_layers.pop(source, None)
        self._editor_layers[source] = Layer(source, values, trusted=True)
        self._settings_changed()

    def choose_model(self, model: str) -> ChosenModel | None:
        """Use this model from now on; the choice to keep, None where the settings name it anyway."""
        named = resolve(self._layers()).settings.model
        self._chosen = None if model == named else ChosenModel(model, named)
        self._settings_changed()
        return self._chosen

    def _layers(self) -> tuple[Layer, ...]:
        return (*(self._files.layers if self._files else ()), *self._editor_layers.values())

    def _settings_changed(self) -> None:
        excluded = self.settings.privacy_ignore
        self._resolved = resolve_with_choice(self._layers(), self._chosen)
        if self.settings.privacy_ignore != excluded:
            self._ignore_rules.clear()
            self._workspace_files = None  # it remembers which files are excluded
        for problem in (*(self._files.problems if self._files else ()), *self._resolved.problems):
            self._tell_problem(problem)
        self.connection.use(self.settings)
        self._on_settings()

    def _tell_problem(self, problem: SettingProblem) -> None:
        """Say it once, and once for all roads from the editor: Helix sends the same settings by two."""
        told = problem.sentence
        if problem.layer in self._editor_layers:
            told = told.replace(problem.layer, "", 1)
        if told not in self._told:
            self._told.add(told)
            self._tell("warning", problem.sentence)

    # Workspaces and documents

    @property
    def roots(self) -> tuple[Path, ...]:
        """The workspace folders, in the client's order."""
        return self._roots

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Take over the client's workspace folders; settings are read again where the first one changed."""
        before = self._roots[:1]
        self._roots = tuple(roots)
        if self._files is not None and self._roots[:1] != before:
            self.read_settings_files()

    def opened(self, uri: str, path: Path | None) -> None:
        """Note which file an open document is."""
        if path is not None:
            self._paths[uri] = path

    def closed(self, uri: str) -> None:
        """Forget a document that was closed."""
        self._paths.pop(uri, None)
        self.selections.pop(uri, None)
        if self.last_selection is not None and self.last_selection.uri == uri:
            self.last_selection = None
        if self.cursor is not None and self.cursor.uri == uri:
            self.cursor = None

    def path_of(self, uri: str) -> Path | None:
        """The file of an open document, None where it has none."""
        return self._paths.get(uri)

    def uri_of(self, path: Path) -> str | None:
        """The URI under which the client has this file open, None where it has not."""
        return next((uri for uri, known in self._paths.items() if known == path), None)

    def document_of(self, path: Path) -> Document | None:
        """The document that the client has open of this file, None where it has none."""
        uri = self.uri_of(path)
        return self.documents.document(uri) if uri is not None else None

    def root_of(self, path: Path | None) -> Path | None:
        """The innermost workspace folder that holds the file, or whose chat it is, though it lies elsewhere;
        without a file the first folder."""
        if path is None:
            return self._roots[0] if self._roots else None
        holding = [root for root in self._roots if path.is_relative_to(root)]
        if holding:
            return max(holding, key=lambda root: len(root.parts))
        return next((root for folder, root in self._folders.items() if path.is_relative_to(folder)), None)

    def display_path(self, path: Path) -> str:
        """The path as the user and the model see it: relative to its workspace folder where it has one."""
        root = self.root_of(path)
        within = root is not None and path.is_relative_to(root)
        return path.relative_to(root).as_posix() if root is not None and within else str(path)

    def name_of(self, uri: str) -> str:
        """What context lines and edit blocks call an open document: its path in the workspace, its whole path
        where no folder holds it, its URI where it is no file."""
        path = self.path_of(uri)
        return self.display_path(path) if path is not None else uri

    def note_selection(self, selection: Selection) -> None:
        """Remember what is selected, for a command that does not say."""
        self.selections[selection.uri] = selection
        self.last_selection = selection

    # Services

    def ignore_rules(self, root: Path) -> IgnoreRules:
        """What must not be sent or edited in a workspace folder."""
        rules = self._ignore_rules.get(root)
        if rules is None:
            from pygpt_lsp.services.ignore_rules import IgnoreRules

            rules = self._ignore_rules[root] = IgnoreRules(root, self.settings.privacy_ignore)
        return rules

    def excluded(self, path: Path) -> IgnoreRule | None:
        """The rule that keeps a file back, as named or where its links lead; to be called in a thread."""
        return self.workspace_files.rule(path, self._roots)

    @property
    def workspace_files(self) -> WorkspaceFiles:
        """The files that chats name."""
        if self._workspace_files is None:
            from pygpt_lsp.services.workspace_files import WorkspaceFiles

            self._workspace_files = WorkspaceFiles(self.ignore_rules)
        return self._workspace_files

    @property
    def file_index(self) -> FileIndex:
        """The files that a chat may name, to be found by a few letters."""
        if self._file_index is None:
            from pygpt_lsp.services.file_index import FileIndex

            self._file_index = FileIndex(self.ignore_rules)
        return self._file_index

    @property
    def prompts(self) -> PromptLibrary:
        """The user's and the workspaces' prompts and presets."""
        if self._prompts is None:
            from pygpt_lsp.services.prompt_library import PromptLibrary

            self._prompts = PromptLibrary(
                self.env,
                lambda: self.settings.prompts_paths,
                lambda sentence: self.tell_once("warning", f"PyGPT: {sentence}"),
            )
        return self._prompts

    def history_of(self, root: Path | None) -> HistoryWorker:
        """The cache folder and history of a workspace folder; None: of no workspace."""
        worker = self._histories.get(root)
        if worker is None:
            from pygpt_lsp.services.history_worker import HistoryWorker

            worker = self._histories[root] = HistoryWorker(
                root, lambda sentence: self.tell_once("warning", sentence)
            )
        return worker

    async def folder_of(self, root: Path | None) -> CacheFolder:
        """Where chats and pages of a workspace folder are written; None: of no workspace.

        Its cache, or, where nothing is to be kept, what stands in for it until the server ends. Raises
        HistoryError where nothing can be written.
        """
        if not self.settings.history_enabled:
            folder = await self.private_folder_of(root)
            self.tell_once("info", _GOES_AGAIN)
            return folder
        folder = await self.history_of(root).folder()
        self._folders[folder.path] = root
        return folder

    async def private_folder_of(self, root: Path | None) -> CacheFolder:
        """What stands in for a workspace folder's cache until the server ends. Raises HistoryError."""
        from pygpt_lsp.services.private_folder import PrivateFolder

        self._private = self._private or PrivateFolder()
        try:
            folder = await asyncio.to_thread(self._private.cache_for, root)
        except OSError as error:
            raise HistoryError(
                f"The folder for temporary files cannot be used ({error.strerror}): make it writable."
            ) from error
        self._folders[folder.path] = root
        return folder

    @property
    def machine_history(self) -> HistoryWorker:
        """Where the account of what concerns no workspace ends up: beside what is asked without a folder.

        Nobody asked for it, so nobody is told where it lies or what is wrong with it.
        """
        if self._machine_history is None:
            from pygpt_lsp.services.history_worker import HistoryWorker

            self._machine_history = HistoryWorker(None, lambda _sentence: None)
        return self._machine_history

    @property
    def ledger_notes(self) -> LedgerNotes:
        """Who writes that account down on the way."""
        if self._ledger_notes is None:
            from pygpt_lsp.services.ledger_notes import LedgerNotes

            self._ledger_notes = LedgerNotes()
        return self._ledger_notes

    @property
    def ledger(self) -> Ledger:
        """The account of what leaves this process."""
        if self._ledger is None:
            from pygpt_lsp.services.ledger import Ledger

            self._ledger = Ledger()
        return self._ledger

    def account(self, purpose: str, root: Path | None) -> Account:
        """What requests that concern a workspace folder are for; kept in its history unless that is off."""
        from pygpt_lsp.services.ledger import Account

        self._note_place(root)
        return Account(purpose, self.history_of(root) if self.settings.history_enabled else None)

    def machine_account(self, purpose: str) -> Account:
        """What requests that concern no workspace are for."""
        from pygpt_lsp.services.ledger import Account

        return Account(purpose, self.ledger_notes if self.settings.history_enabled else None)

    def _note_place(self, root: Path | None) -> None:
        """Remember which folders have an account, for who wants to see them all."""
        if root is None or root in self._noted or self.offline or not self.settings.history_enabled:
            return
        self._noted.add(root)
        note = asyncio.get_running_loop().create_task(self._place_noted(root))
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def _place_noted(self, root: Path) -> None:
        # A folder for temporary files is gone tomorrow, and the demo leaves nothing behind.
        if not await asyncio.to_thread(_is_temporary, root):
            await self.machine_history.note_place(root)

    async def prune_histories(self) -> None:
        """Delete what `history.retention_days` says is too old, in the histories that there are."""
        if days := self.settings.history_retention_days:
            for root in (*self._roots, None):
                await self.history_of(root).prune(days)

    @property
    def estimator(self) -> TokenEstimator:
        """The token estimates, corrected by what answers reported."""
        if self._estimator is None:
            from pygpt_lsp.core.tokens import TokenEstimator

            self._estimator = TokenEstimator()
        return self._estimator

    @property
    def sent_requests(self) -> SentRequests:
        """What was sent to the API last."""
        if self._sent_requests is None:
            from pygpt_lsp.services.sent_requests import SentRequests

            self._sent_requests = SentRequests()
        return self._sent_requests

    @property
    def shown_requests(self) -> ShownRequests:
        """The requests that the user looks at."""
        if self._shown_requests is None:
            from pygpt_lsp.services.shown_requests import ShownRequests

            self._shown_requests = ShownRequests()
        return self._shown_requests

    @property
    def secrets(self) -> SecretMasks:
        """The secrets that were masked."""
        if self._secrets is None:
            from pygpt_lsp.services.secret_masks import SecretMasks

            self._secrets = SecretMasks(lambda root: self.history_of(root).folder())
        return self._secrets

    async def masked(self, texts: Sequence[str], root: Path | None) -> list[str]:
        """The texts with placeholders for secrets, those of the workspace at `root`, unless the user said
        `privacy.redact_secrets = false`."""
        if not self.settings.privacy_redact_secrets:
            return list(texts)
        return await self.secrets.mask(texts, root, keep=self.settings.history_enabled)

    async def masked_request(self, request: ModelRequest, root: Path | None) -> ModelRequest:
        """The request as it may be stored and sent, under the same conditions."""
        if not self.settings.privacy_redact_secrets:
            return request
        return await self.secrets.mask_request(request, root, keep=self.settings.history_enabled)

    async def exchange(self, request: ModelRequest, start: TurnStart, root: Path | None) -> Exchange:
        """A question about to be asked, recorded in the workspace's history unless that is off.

        Here all secrets in it are masked, whoever asks: what is recorded is what is sent.
        """
        from pygpt_lsp.services.exchange import Exchange

        request = await self.masked_request(request, root)
        (title,) = await self.masked([start.title], root)
        start = start._replace(messages=request.messages, title=title)
        history = self.history_of(root) if self.settings.history_enabled else None
        self._note_place(root)
        return Exchange(request, start, model=self.connection.model, history=history, sent=self.sent_requests)

    async def close(self) -> None:
        """Close the connections and the histories."""
        await self.connection.close()
        for note in self._notes:
            note.cancel()
        if self._ledger is not None:
            await self._ledger.settle()
        for worker in (*self._histories.values(), *filter(None, [self._machine_history])):
            await worker.close()
        if self._file_index is not None:
            self._file_index.close()
        if self._shown_requests is not None:
            self._shown_requests.remove()
        if self._private is not None:
            self._private.remove()


def _is_temporary(folder: Path) -> bool:
    """Whether a folder lies among the temporary files."""
    import tempfile

    return folder.resolve().is_relative_to(os.path.realpath(tempfile.gettempdir()))
