"""How the editor under test applies a `WorkspaceEdit`: texts, files, and the questions it asks its user.

It follows LSP 3.17, "WorkspaceEdit", and where editors differ, the profile. What the server may not send to
this editor goes into `problems`, and is not applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .editor_document import Document, path_of
from .editor_profiles import capability
from .editor_text import changes_of

if TYPE_CHECKING:
    from lsprotocol import types

    from .editor_state import EditorState
    from .editor_text import Json

_SECOND_LINE = {"line": 1, "character": 0}


class Edit(NamedTuple):
    """One `workspace/applyEdit` as it was received, and what was answered."""

    params: types.ApplyWorkspaceEditParams
    applied: bool
    """What was answered."""
    done: bool
    """What is true: Neovim answers that it applied what it dropped."""


class Refused(NamedTuple):
    """Why an edit, or a part of it, is not applied."""

    reason: str
    stale: bool = False
    """It was made for another version."""
    told: bool = True
    """The editor says so."""


class _Mute:
    """In place of the server, for documents that it is not told of."""

    def notify(self, method: str, params: Any) -> None:
        pass


class EditsOfFiles:
    """Applies one WorkspaceEdit."""

    def __init__(self, editor: EditorState, edit: Json) -> None:
        self._editor = editor
        self._annotations: Json = edit.get("changeAnnotations") or {}
        unversioned: Json = edit.get("changes") or {}
        listed = edit.get("documentChanges")
        self._changes: list[Json] = (
            listed
            if listed is not None
            else [{"textDocument": {"uri": uri}, "edits": edits} for uri, edits in unversioned.items()]
        )
        self._listed = listed is not None
        self._opened: set[str] = set()

    def apply(self) -> Refused | None:
        """Apply all of it, or as much as this editor applies; the first that it did not."""
        profile = self._editor.profile
        for change in self._changes:
            if problem := self._problem(change):
                self._editor.problems.append(problem)
                return Refused("an edit that is not understood here")
        if profile.asks == "all" and any(map(self._to_confirm, self._changes)) and not self._confirmed():
            return Refused("the user discarded the edit")
        if profile.several == "whole":
            for change in self._changes:
                if "kind" not in change and (refused := self._stale(change)) is not None:
                    return refused
        first: Refused | None = None
        for index, change in enumerate(self._changes):
            refused = self._file(change) if "kind" in change else self._text(change, is_first=index == 0)
            first = first or refused
            if refused is not None and profile.several != "skip":
                break
        return first

    def _problem(self, change: Json) -> str:
        """What the server may not do; "" where there is nothing."""
        editor = self._editor
        parts: list[Json] = [change] if "kind" in change else change["edits"]
        annotated = [part["annotationId"] for part in parts if part.get("annotationId") is not None]
        if annotated and not capability(
            editor.capabilities, "workspace.workspaceEdit.changeAnnotationSupport"
        ):
            return f"an annotation for a client without any: {change}"
        if unknown := set(annotated) - set(self._annotations):
            return f"annotations that are not there: {unknown}"
        if any("snippet" in part for part in parts):
            return f"a snippet: {change}"
        if "kind" in change:
            known: list[str] = (
                capability(editor.capabilities, "workspace.workspaceEdit.resourceOperations") or []
            )
            return "" if change["kind"] in known else f"{change['kind']} for a client without it: {change}"
        uri, version = change["textDocument"]["uri"], change["textDocument"].get("version")
        if uri in editor.documents:
            if version is None and self._listed:
                return f"an edit of an open document without its version: {change}"
            if version is not None and version > editor.documents[uri].version:
                return f"an edit for version {version}, which is still to come"
        elif version is not None and uri not in editor.closed:
            # One that the user closes may well cross with an edit.
            return f"an edit for {uri}, which was never open"
        return ""

    def _to_confirm(self, change: Json) -> bool:
        parts: list[Json] = [change] if "kind" in change else change["edits"]
        marks = {part.get("annotationId") for part in parts}
        return any(self._annotations[mark].get("needsConfirmation") for mark in marks if mark is not None)

    def _confirmed(self) -> bool:
        """Ask the user."""
        editor = self._editor
        editor.confirmations.append(
            "; ".join(f"{each['label']}: {each.get('description')}" for each in self._annotations.values())
        )
        if editor.while_confirming is not None:
            editor.while_confirming()
        return editor.confirms

    def _stale(self, change: Json) -> Refused | None:
        uri, version = change["textDocument"]["uri"], change["textDocument"].get("version")
        document = self._editor.documents.get(uri)
        if version is None or document is None or version == document.version:
            return None
        reason = f"an edit for version {version}, here is {document.version}"
        return Refused(reason, stale=True, told=self._editor.profile.stale != "drop")

    def _text(self, change: Json, *, is_first: bool) -> Refused | None:
        """Edit a document, which is opened where it is not."""
        editor, uri = self._editor, change["textDocument"]["uri"]
        refused = self._stale(change)
        # Neovim checks the version of the first document of a list alone.
        if refused is not None and (is_first or editor.profile.several != "skip"):
            return refused
        if editor.profile.asks == "each" and self._to_confirm(change) and not self._confirmed():
            return Refused("the user said no", told=False)
        document = editor.documents.get(uri)
        if document is None:
            if change["textDocument"].get("version") is not None:
                return Refused(f"{uri} is not open")
            document = self._open(uri)
            if document is None:
                editor.problems.append(f"an edit for {uri}, which does not exist")
                return Refused(f"{uri} does not exist")
        if not document.text:  # as every editor does, for the range that holds whatever there is
            beyond = [edit["range"] for edit in change["edits"] if edit["range"]["end"] == _SECOND_LINE]
            for span in beyond:
                span["end"] = span["start"]
        try:
            changes = changes_of(document.text, change["edits"], editor.encoding)
        except ValueError as error:
            editor.problems.append(f"an edit that does not fit the text: {error}: {change['edits']}")
            return Refused(str(error))
        document.change(changes)
        return None

    def _open(self, uri: str) -> Document | None:
        """Open a file to edit it; the server is told where it is one for it."""
        editor, path = self._editor, path_of(uri)
        if not path.is_file():
            return None
        text = path.read_bytes().decode("utf-8-sig")  # every editor hides a byte-order mark
        language = editor.language_of(path)
        if language is not None:
            return editor.open_text(uri, language, text)
        mute: Any = _Mute()
        return editor.unshared.setdefault(uri, Document(uri, "", text, editor.profile, editor.encoding, mute))

    def _file(self, change: Json) -> Refused | None:
        """Make, rename or delete a file."""
        editor = self._editor
        options: Json = change.get("options") or {}
        path = path_of(change["oldUri"] if change["kind"] == "rename" else change["uri"])
        goal = path_of(change["newUri"]) if change["kind"] == "rename" else path
        if change["kind"] != "delete":
            if goal.exists() and not options.get("ignoreIfExists"):
                # Helix and Neovim empty it; others refuse.
                editor.problems.append(f"to {change['kind']}: {goal}, which is there")
                return Refused(f"{goal} exists")
            goal.parent.mkdir(parents=True, exist_ok=True)
        if change["kind"] == "create":
            path.touch()
            return None
        if not path.exists():
            return Refused(f"{path} does not exist")
        document = editor.documents.get(path.as_uri())
        if document is not None:
            editor.close_document(document)
        if change["kind"] == "delete":
            path.unlink()
            return None
        path.rename(goal)
        if document is not None:
            editor.open_text(goal.as_uri(), document.language, document.text)
        return None
