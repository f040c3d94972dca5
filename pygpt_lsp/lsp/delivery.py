"""Edits on their way into the editor: versioned, one request for all files, believed only when they show.

An answer to `applyEdit` proves nothing: Neovim answers `applied: true` for edits it refused, and Helix
changes the files before the one that fails. So each document is looked at: the first change after the version
that an edit was made for decides, whatever was answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types

from pygpt_lsp.core.reconcile import Outcome, outcome
from pygpt_lsp.lsp.made_edits import MadeEdits
from pygpt_lsp.lsp.workspace_edit import (
    Annotation,
    ClosedFile,
    DeletedFile,
    NewFile,
    OpenFile,
    RenamedFile,
    TextEdit,
    uri_of,
    workspace_edit,
)
from pygpt_lsp.services.edited_files import holds, make_empty, stamp, take_away_empty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.workspace_edit import FileChange

ANSWER_SECONDS = 20.0
"""How long an editor may take to answer `applyEdit`; a prompt open in the editor can hold it up."""
STREAM_SECONDS = 30.0
"""How long the change that shows a piece of an answer may take: Neovim tells of none while one types on."""
SHOWN_SECONDS = 5.0
"""How long the change that shows an edit of files may take, before the user is told that it does not show."""
REFUSAL_SECONDS = 1.0
"""How long to wait, after an editor refused an edit, for the change that is the reason."""

_NOT_SHARED = (
    "the editor says that it made the edit, but does not show this file to PyGPT: "
    "look at it there, and save it"
)
_UNCLEAR_LINES = (
    "it holds carriage returns without line feeds, at which editors do not agree that a line ends: "
    "replace them first"
)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_HELD = "the editor may hold an edit of this file that is not saved: save it there, then apply this one again"


class Applied(NamedTuple):
    """How the edit of one file went. `made` is true only where it shows; `reason` says why not.

    `expected` is the text with the edit, None where the file goes away; `outcome` the document right after
    the notification that decided, None where none came. `unanswered`: it is not known whether the edit was
    or will be made. `outdated`: it was not made because the text has changed; plan it for the new one.
    """

    made: bool
    reason: str
    expected: TextSnapshot | None
    outcome: Outcome | None = None
    unanswered: bool = False
    outdated: bool = False


class Delivery:
    """Sends edits to the editor, one request for a document at a time, whichever job wants to make it."""

    def __init__(self, server: PygptServer) -> None:
        self._server = server
        self.made_edits = MadeEdits()
        # By the document's URI: whose turn it is to edit it, and the edit the editor has not answered.
        self._turns: dict[str, asyncio.Lock] = {}
        self._unanswered: dict[str, asyncio.Future[Any]] = {}
        # Files that were edited where nobody here sees it, as they were on the disk then.
        self._unseen: dict[Path, tuple[int, int]] = {}

    async def apply(
        self, document: Document, base: TextSnapshot, version: int, edits: Sequence[TextEdit]
    ) -> Applied:
        """Write into a document as one undo step, on exactly this version of it: a piece of a chat.

        `base` is the text at `version`; edits are in ascending order and do not overlap.
        """
        change = OpenFile(document, base, version, tuple(edits))
        (applied,) = await self._in_turn([change], None, None, STREAM_SECONDS)
        return applied

    async def apply_files(
        self, changes: Sequence[FileChange], label: str, annotation: Annotation | None = None
    ) -> list[Applied]:
        """Change files, all in one request and each on the version that is given; how each went, in order.

        `label` names the undo step; with an `annotation` the editor asks the user first. Where a document has
        changed since its version, nothing is sent; nor where editors disagree about the lines of a text.
        """
        if unclear := [change for change in changes if _has_unclear_lines(change)]:
            return _none_but_for(changes, unclear, _UNCLEAR_LINES)
        # Neovim checks the version of the first document alone: that is the one being typed in.
        typed_in = self._server.sync.last_changed
        order = sorted(range(len(changes)), key=lambda index: uri_of(changes[index]) != typed_in)
        applied = await self._in_turn([changes[index] for index in order], label, annotation, SHOWN_SECONDS)
        return [applied[order.index(index)] for index in range(len(changes))]

    async def _in_turn(
        self, changes: Sequence[FileChange], label: str | None, annotation: Annotation | None, seconds: float
    ) -> list[Applied]:
        async with contextlib.AsyncExitStack() as stack:
            # In order, so that two jobs never block each other.
            for uri in sorted({uri_of(change) for change in changes}):
                await stack.enter_async_context(self._turns.setdefault(uri, asyncio.Lock()))
            return await self._send(changes, label, annotation, seconds)

    async def _send(
        self, changes: Sequence[FileChange], label: str | None, annotation: Annotation | None, seconds: float
    ) -> list[Applied]:
        uris = [uri_of(change) for change in changes]
        for uri in uris:
            if not await self._answered(uri, ANSWER_SECONDS):
                return [_nothing(change, "the editor did not answer", unanswered=True) for change in changes]
        if held := await self._held(changes):
            return _none_but_for(changes, held, _HELD)
        if any(reasons := [self._outdated(change) for change in changes]):
            return [
                _nothing(change, reason or "another file has changed", outdated=True)
                for change, reason in zip(changes, reasons, strict=True)
            ]
        new = [change.path for change in changes if isinstance(change, NewFile)]
        creates = not new or self._server.can_edit_files("create")
        made_here = [] if creates else new
        if made_here:
            await asyncio.to_thread(make_empty, made_here)
        edit = workspace_edit(changes, self._server.encoding, annotation, creates=creates)
        answer = asyncio.ensure_future(
            self._server.editor.request(
                types.WORKSPACE_APPLY_EDIT, types.ApplyWorkspaceEditParams(edit, label)
            )
        )
        self._unanswered.update(dict.fromkeys(uris, answer))
        # Whoever confirms an edit takes the time they need.
        patience = ANSWER_SECONDS if annotation is None else None
        for uri in uris:
            if not await self._answered(uri, patience):
                found = [await self._without_answer(change) for change in changes]
                await self._remember(changes, found)
                return found
        result = answer.result()
        accepted = result is not None and result.applied
        refusal = (result.failure_reason if result is not None else None) or "the editor refused the edit"
        # An editor refuses because of a change that is on its way to us, or because its user said no.
        wait = seconds if accepted else REFUSAL_SECONDS if annotation is None else 0.0
        await self._server.sync.until(lambda: all(map(self._decided, changes)), wait)
        found = [await self._found(change, None if accepted else refusal) for change in changes]
        await self._remember(changes, found)
        if not accepted and any(each.outdated for each in found):  # which is why the others were refused
            found = [each if each.made else each._replace(outdated=True) for each in found]
        if made_here:
            await asyncio.to_thread(take_away_empty, made_here)
        return found

    def _outdated(self, change: FileChange) -> str:
        """Why a change of an open document cannot be made any more; "" where it can."""
        if not isinstance(change, OpenFile):
            return ""
        if not self._is_open(change.document):
            return "the document was closed"
        return "the document has changed" if change.document.snapshot.version != change.version else ""

    async def _held(self, changes: Sequence[FileChange]) -> list[FileChange]:
        """The changes of files that were edited unseen and not saved since: their lines are not known."""
        return [
            change
            for change in changes
            if isinstance(change, (ClosedFile, NewFile))
            and change.path in self._unseen
            and await asyncio.to_thread(stamp, change.path) == self._unseen[change.path]
        ]

    async def _remember(self, changes: Sequence[FileChange], found: Sequence[Applied]) -> None:
        """Remember which files may hold an edit that does not show."""
        for change, applied in zip(changes, found, strict=True):
            if isinstance(change, (ClosedFile, NewFile)):
                self._unseen.pop(change.path, None)
                if applied.unanswered:
                    self._unseen[change.path] = await asyncio.to_thread(stamp, change.path)

    def _is_open(self, document: Document) -> bool:
        return self._server.session.workspace.documents.document(document.snapshot.uri) is document

    def _decided(self, change: FileChange) -> bool:
        """Whether the documents tell what became of a change."""
        if isinstance(change, OpenFile):
            return change.document.snapshot.version != change.version or not self._is_open(change.document)
        if isinstance(change, (DeletedFile, RenamedFile)):
            return True  # the disk tells
        return self._opened_with(change)

    def _opened_with(self, change: ClosedFile | NewFile) -> bool:
        """Whether the editor has opened the file meanwhile, and shows the edit in it."""
        document = self._server.session.workspace.document_of(change.path)
        return document is not None and document.snapshot.text == change.expected

    async def _found(self, change: FileChange, refusal: str | None) -> Applied:
        """What became of a change; `refusal` is what the editor said where it said no."""
        if isinstance(change, OpenFile):
            return self._found_open(change, refusal)
        if isinstance(change, (DeletedFile, RenamedFile)):
            gone = not await asyncio.to_thread(change.path.exists)
            return Applied(gone, "" if gone else refusal or "the file is still there", None)
        if self._opened_with(change) or await asyncio.to_thread(holds, change.path, str(change.expected)):
            return Applied(True, "", change.expected)
        if refusal is not None:
            return Applied(False, refusal, change.expected)
        return Applied(False, _NOT_SHARED, change.expected, unanswered=True)

    async def _without_answer(self, change: FileChange) -> Applied:
        """What became of a change about which the editor says nothing."""
        found = await self._found(change, None)
        return found if found.made else _nothing(change, "the editor did not answer", unanswered=True)

    def _found_open(self, change: OpenFile, refusal: str | None) -> Applied:
        document = change.document
        if document.snapshot.version == change.version:
            if not self._is_open(document):
                return Applied(False, "the document was closed", change.expected)
            if refusal is not None:
                return Applied(False, refusal, change.expected)
            return Applied(False, "the editor did not show the edit", change.expected, unanswered=True)
        result = outcome(document, change.base, change.version, change.expected)
        reason = "" if result.made else refusal or "the document has changed"
        return Applied(result.made, reason, change.expected, result, outdated=not result.made)

    async def _answered(self, uri: str, seconds: float | None) -> bool:
        """Wait until the editor has answered the last edit of the document; False after a while."""
        answer = self._unanswered.get(uri)
        if answer is not None:
            await asyncio.wait([answer], timeout=seconds)
            if not answer.done():
                return False
            self._unanswered.pop(uri, None)
        return True


def _has_unclear_lines(change: FileChange) -> bool:
    """Whether lone carriage returns stand among line feeds: these end a line for LSP, but not for Helix and
    Neovim."""
    if not isinstance(change, (OpenFile, ClosedFile)):
        return False
    text = str(change.base)
    return "\n" in text and _LONE_RETURN.search(text) is not None


def _none_but_for(changes: Sequence[FileChange], refused: Sequence[FileChange], reason: str) -> list[Applied]:
    """Nothing was sent: some changes cannot be made, and the others are to be sent without them."""
    return [
        _nothing(change, reason) if change in refused else _nothing(change, "left out", outdated=True)
        for change in changes
    ]


def _nothing(change: FileChange, reason: str, *, unanswered: bool = False, outdated: bool = False) -> Applied:
    return Applied(False, reason, change.expected, unanswered=unanswered, outdated=outdated)
