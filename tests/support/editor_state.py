"""What the editor under test holds, and how it answers what the server sends.

It follows the editor's `Profile` where editors differ. Whatever the server does that LSP or this editor's
capabilities do not allow goes into `problems`. Each message must have the shape lsprotocol gives it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

from .editor_document import Document, path_of
from .editor_edits import Edit, EditsOfFiles, Refused
from .editor_profiles import Profile, capability
from .json_rpc import LspError, Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from .editor_text import Encoding, Json

LANGUAGES: Mapping[str, str] = {".py": "python", ".md": "markdown", ".toml": "toml", ".txt": "plaintext"}
"""The language of a file by the end of its name; a file of none is shown, but not told to the server."""
CONVERTER = get_converter()

_NEEDS: dict[str, str] = {
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/configuration": "workspace.configuration",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "workspace/inlayHint/refresh": "workspace.inlayHint.refreshSupport",
    "window/showDocument": "window.showDocument.support",
    "window/workDoneProgress/create": "window.workDoneProgress",
}
"""The capability without which a server must not send a request."""


class Unanswered:
    """The user neither chooses nor closes the question."""


UNANSWERED = Unanswered()


class Progress:
    """One work-done progress."""

    def __init__(self) -> None:
        self.begun: types.WorkDoneProgressBegin | None = None
        self.reports: list[types.WorkDoneProgressReport] = []
        self.ended: types.WorkDoneProgressEnd | None = None


class EditorState:
    """The editor's side of a session, without the process and without the user."""

    encoding: Encoding
    peer: Peer

    def __init__(self, profile: Profile, root: Path | None, languages: Mapping[str, str] = LANGUAGES) -> None:
        self.profile = profile
        self.root = root
        self.languages = languages
        self.problems: list[str] = []
        """What the server did that it may not do."""
        self.capabilities: Json = {}
        self.documents: dict[str, Document] = {}
        self.closed: set[str] = set()
        """URIs of documents that were open once."""
        self.unshared: dict[str, Document] = {}
        """Documents that the server is not told of."""
        self.messages: list[types.ShowMessageParams] = []
        self.questions: list[types.ShowMessageRequestParams] = []
        self.answers: deque[str | Unanswered | None] = deque()
        """Titles to choose in the questions to come; without one a question is closed unanswered."""
        self.logs: list[types.LogMessageParams] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.edits: list[Edit] = []
        self.progress: dict[int | str, Progress] = {}
        self.diagnostics: dict[str, Sequence[types.Diagnostic]] = {}
        self.registrations: dict[str, Json] = {}
        """The options of what the server has registered dynamically, by method."""
        self.configuration: Json = {}
        """What `workspace/configuration` is answered with, by section."""
        self.refuse_edits = 0
        """That many of the next edits are refused, as in a buffer that is read-only."""
        self.pretend_edits = 0
        """That many of the next edits are answered as if they were applied, and are not."""
        self.mute_edits = 0
        """That many of the next edits are applied, and never answered."""
        self.before_edit: Callable[[], None] | None = None
        """Called when an edit has come and is not applied yet, when a key of the user's may win the race."""
        self.confirms = True
        """What the user answers where this editor asks about an annotated edit."""
        self.confirmations: list[str] = []
        """What this editor has asked about annotated edits."""
        self.while_confirming: Callable[[], None] | None = None
        """Called while it asks."""
        self.busy = False
        """A prompt is open, say: requests wait, see `catch_up`."""
        self.waiting: list[Json] = []
        """The requests that wait."""
        self.late: list[Callable[[], None]] = []
        """What this editor does only after it has answered."""

    def open_text(self, uri: str, language: str, text: str) -> Document:
        """Open a text under any URI."""
        document = Document(uri, language, text, self.profile, self.encoding, self.peer)
        self.documents[uri] = document
        item = {"uri": uri, "languageId": language, "version": document.version, "text": document.text}
        self.peer.notify("textDocument/didOpen", {"textDocument": item})
        return document

    def close_document(self, document: Document) -> None:
        """Close it; what is unsaved is lost."""
        document.flush()
        del self.documents[document.uri]
        self.closed.add(document.uri)
        self.peer.notify("textDocument/didClose", {"textDocument": {"uri": document.uri}})

    def language_of(self, path: Path) -> str | None:
        """The language of a file by its name; None if the server is not told about such files."""
        return next((name for end, name in self.languages.items() if path.name.endswith(end)), None)

    def receive(self, message: Json) -> None:
        """A request or notification of the server's."""
        method, ident = message["method"], message.get("id")
        if self.busy and ident is not None:
            self.waiting.append(message)
            return
        need, handle = _NEEDS.get(method), _HANDLERS.get(method)
        try:
            params = CONVERTER.structure(message, types.METHOD_TO_TYPES[method][0]).params
            if handle is None:
                raise LookupError("not known to this client")
            if need is not None and not capability(self.capabilities, need):
                raise LookupError(f"sent to a client without {need}")
        except Exception as error:
            self.problems.append(f"{method}: {error!r}: {message}")
            if ident is not None:
                self.peer.refuse(ident, -32600, "invalid request")
            return
        try:
            result = handle(self, params)
        except LspError as error:
            assert ident is not None
            self.peer.refuse(ident, error.code, str(error))
            return
        if ident is not None and result is not UNANSWERED:
            self.peer.answer(ident, result)

    def catch_up(self) -> None:
        """Be busy no longer, and do what has waited."""
        self.busy = False
        waiting, self.waiting = self.waiting, []
        for message in waiting:
            self.receive(message)

    def _log(self, params: types.LogMessageParams) -> None:
        self.logs.append(params)

    def _show_message(self, params: types.ShowMessageParams) -> None:
        self.messages.append(params)

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.diagnostics[params.uri] = params.diagnostics

    def _ask(self, params: types.ShowMessageRequestParams) -> Json | Unanswered | None:
        self.questions.append(params)
        chosen = self.answers.popleft() if self.answers else None
        if chosen is None or isinstance(chosen, Unanswered):
            return chosen
        titles = [action.title for action in params.actions or []]
        if chosen not in titles:
            self.problems.append(f"{chosen!r} was to be chosen, offered: {titles}")
            return None
        return {"title": chosen}

    def _show_document(self, params: types.ShowDocumentParams) -> Json:
        self.shown.append(params)
        if params.external:
            return {"success": True}
        path = path_of(params.uri)
        if not params.uri.startswith("file:") or not (path.exists() or self.profile.shows_missing):
            return {"success": False}
        language = self.language_of(path)
        if language is not None and params.uri not in self.documents:
            text = path.read_bytes().decode() if path.exists() else ""
            if self.profile.opens_late:
                self.late.append(lambda: self.open_text(params.uri, language, text) and None)
            else:
                self.open_text(params.uri, language, text)
        if params.selection is not None and params.uri in self.documents:
            text = self.documents[params.uri].text
            lines = text.count("\n") + (not self.profile.final_newline or not text.endswith("\n"))
            if params.selection.start.line >= lines:  # which Neovim answers with an error
                self.problems.append(f"cursor in line {params.selection.start.line} of {lines}: {params.uri}")
        return {"success": True}

    def _create_progress(self, params: types.WorkDoneProgressCreateParams) -> None:
        if params.token in self.progress:
            self.problems.append(f"progress {params.token!r} was created twice")
        self.progress[params.token] = Progress()

    def _progress(self, params: types.ProgressParams) -> None:
        progress = self.progress.get(params.token)
        if progress is None:
            self.problems.append(f"progress {params.token!r} was never created")
            return
        value: Json = params.value or {}
        kind = value.get("kind")
        if (kind == "begin") != (progress.begun is None):
            self.problems.append(f"progress {params.token!r}: {kind} out of order")
        if progress.ended is not None:
            self.problems.append(f"progress {params.token!r}: {kind} after its end")
        if kind == "begin":
            progress.begun = CONVERTER.structure(value, types.WorkDoneProgressBegin)
        elif kind == "report":
            progress.reports.append(CONVERTER.structure(value, types.WorkDoneProgressReport))
        elif kind == "end":
            progress.ended = CONVERTER.structure(value, types.WorkDoneProgressEnd)
        else:
            self.problems.append(f"progress of the kind {kind!r}")

    def _configure(self, params: types.ConfigurationParams) -> list[Any]:
        return [capability(self.configuration, item.section or "") for item in params.items]

    def _folders(self, _: None) -> list[Json]:
        return [] if self.root is None else [{"uri": self.root.as_uri(), "name": self.root.name}]

    def _register(self, params: types.RegistrationParams) -> None:
        for registration in params.registrations:
            path = registration.method.replace("/", ".") + ".dynamicRegistration"
            if not capability(self.capabilities, path):
                self.problems.append(f"{registration.method} registered with a client without {path}")
            if registration.method in self.registrations:
                self.problems.append(f"{registration.method} registered twice")
            options = CONVERTER.unstructure(registration.register_options)
            self.registrations[registration.method] = options or {}

    def _nothing(self, _: Any) -> None:
        return None

    # Edits

    def _apply_edit(self, params: types.ApplyWorkspaceEditParams) -> Json | Unanswered:
        if self.before_edit is not None:
            self.before_edit()
        refused: Refused | None
        if self.refuse_edits:
            self.refuse_edits -= 1
            refused = Refused("the buffer is read-only")
        elif self.pretend_edits:
            self.pretend_edits -= 1
            refused = Refused("it only says so", told=False)
        else:
            refused = self.apply(CONVERTER.unstructure(params.edit))
        applied = refused is None or not refused.told
        self.edits.append(Edit(params, applied, done=refused is None))
        if self.mute_edits:
            self.mute_edits -= 1
            return UNANSWERED
        if refused is None or applied:
            return {"applied": True}
        if refused.stale and self.profile.stale == "error":
            raise LspError({"code": -32603, "message": refused.reason})
        return {"applied": False, "failureReason": refused.reason}

    def apply(self, edit: Json) -> Refused | None:
        """Apply a WorkspaceEdit; what of it was not applied first."""
        return EditsOfFiles(self, edit).apply()


_HANDLERS: dict[str, Callable[[EditorState, Any], Any]] = {
    "window/logMessage": EditorState._log,
    "window/showMessage": EditorState._show_message,
    "window/showMessageRequest": EditorState._ask,
    "window/showDocument": EditorState._show_document,
    "window/workDoneProgress/create": EditorState._create_progress,
    "$/progress": EditorState._progress,
    "textDocument/publishDiagnostics": EditorState._publish,
    "workspace/applyEdit": EditorState._apply_edit,
    "workspace/configuration": EditorState._configure,
    "workspace/workspaceFolders": EditorState._folders,
    "workspace/codeLens/refresh": EditorState._nothing,
    "workspace/inlayHint/refresh": EditorState._nothing,
    "client/registerCapability": EditorState._register,
    "client/unregisterCapability": EditorState._nothing,
}
