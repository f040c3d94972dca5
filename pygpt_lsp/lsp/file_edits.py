"""The edits that an answer asks for, file by file: planned, and then written for the file as it is.

A file is changed as a whole or not at all: where one of its blocks does not fit, it is left alone, and the
user is told which block and why. The other files are changed.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.documents import DocumentSnapshot
from pygpt_lsp.core.edits.anchored import AnchoredPlan
from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.secrets.masking import names_in
from pygpt_lsp.core.text import TextSnapshot
from pygpt_lsp.lsp.secret_edits import blocks_with_secrets, look_for_secrets, text_of_blocks
from pygpt_lsp.lsp.workspace_edit import ClosedFile, DeletedFile, NewFile, RenamedFile, open_file, text_edits
from pygpt_lsp.services.edit_targets import read_for_edit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.core.edits.lines import LineEdit
    from pygpt_lsp.core.edits.plan import FilePlan
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.workspace_edit import FileChange


class EditedFile(NamedTuple):
    """A file that blocks are for. `shown` is its name for the user; `document` the open document, if it is;
    `path` None for a document that is no file; `new_path` where a rename leads. `known`: the user opened or
    named it; `sent`: a context line of the user's has sent it along.
    """

    shown: str
    path: Path | None
    document: Document | None
    exists: bool
    known: bool
    sent: bool
    blocks: tuple[EditBlock, ...]
    new_path: Path | None = None


class PlannedFile(NamedTuple):
    """What is to be done to a file, planned on `snapshot`; `changes` gives it for the file as it is then."""

    file: EditedFile
    snapshot: DocumentSnapshot
    plan: FilePlan
    anchored: AnchoredPlan

    def summary(self, *, done: bool) -> str:
        """What is to be done, or was `done`, in a few words."""
        file = self.file
        if not file.exists:
            return f"{'made' if done else 'make'} {file.shown}"
        if any(block.kind == "delete" for block in file.blocks):
            return f"{'deleted' if done else 'delete'} {file.shown}"
        parts: list[str] = []
        if edits := self.plan.edits(self.snapshot.text):
            again = sum(refusal.again for refusal in self.plan.refusals)
            note = f" ({again} of {len(file.blocks)} edits {'was' if again == 1 else 'were'} made before)"
            places = f"{counted(len(edits), 'place')}{note if again else ''}"
            parts.append(f"{'changed' if done else 'change'} {file.shown} in {places}")
        if file.new_path is not None:
            parts.append(f"{'renamed' if done else 'rename'} {file.shown} to {file.new_path.name}")
        return " and ".join(parts) or f"{'left' if done else 'leave'} {file.shown} as it is"

    @property
    def touches_disk(self) -> bool:
        """Whether more is changed than an open document."""
        file = self.file
        return (
            file.document is None or file.new_path is not None or any(b.kind == "delete" for b in file.blocks)
        )

    @property
    def doubt(self) -> str:
        """Why the user has to agree, in a few words; "" where they need not."""
        file = self.file
        kinds = {block.kind for block in file.blocks}
        if "delete" in kinds or file.new_path is not None:
            return f"{file.shown} goes away under this name"
        if file.exists and "whole" in kinds and any(line.strip() for line in self.snapshot.text.lines()):
            return f"{file.shown} is written anew as a whole"
        return "" if file.known else f"{file.shown} was neither opened nor named"

    async def changes_now(self, server: PygptServer) -> list[FileChange]:
        """The changes for the file as it is now; none where nothing is to be changed. Raises EditRefused."""
        file = self.file
        gone: list[FileChange] = []
        if file.path is not None and any(block.kind == "delete" for block in file.blocks):
            if (await self._text_now(server, file.path)) != self.snapshot.text:
                raise EditRefused("The file was changed meanwhile, so it was not deleted.")
            return [DeletedFile(file.path)]
        if file.path is not None and file.new_path is not None:
            gone = [RenamedFile(file.path, file.new_path)]
        if file.document is not None:
            return [*self._in_document(server, file.document), *gone]
        if file.path is None:
            raise EditRefused(f"{file.shown} is not open any more.")
        if opened := server.session.workspace.document_of(file.path):
            if opened.snapshot.text != self.snapshot.text:
                raise EditRefused("The file was opened and changed meanwhile.")
            return [*_in_open(opened, self.plan.edits(opened.snapshot.text)), *gone]
        if not file.exists:
            if await asyncio.to_thread(file.path.exists):
                raise EditRefused("A file of that name exists meanwhile.")
            return [NewFile(file.path, self._whole_text())]
        if await asyncio.to_thread(read_for_edit, file.path) != str(self.snapshot.text):
            raise EditRefused("The file was changed on disk meanwhile.")
        edits = text_edits(self.plan.edits(self.snapshot.text))
        return [*([ClosedFile(file.path, self.snapshot.text, edits)] if edits else []), *gone]

    async def _text_now(self, server: PygptServer, path: Path) -> TextSnapshot:
        if opened := server.session.workspace.document_of(path):
            return opened.snapshot.text
        return TextSnapshot.from_string(await asyncio.to_thread(read_for_edit, path))

    def _in_document(self, server: PygptServer, document: Document) -> list[FileChange]:
        uri = document.snapshot.uri
        current = server.session.workspace.documents.document(uri)
        if current is None:
            raise EditRefused("The file was closed meanwhile: apply the edit again.")
        return _in_open(current, self.anchored.edits_now(current, same_document=current is document))

    def _whole_text(self) -> str:
        text = apply_edits(str(self.snapshot.text), self.plan.edits(self.snapshot.text))
        return f"{text}\n" if text and not text.endswith("\n") else text


async def find_secrets_of(
    server: PygptServer, files: Sequence[EditedFile], chat: ChatDocument, root: Path | None
) -> None:
    """Find the secrets of the placeholders in the blocks of files, before they are planned."""
    text = text_of_blocks(block for file in files for block in file.blocks)
    if names_in(text):
        targets: list[TextSnapshot] = []
        for file in files:
            with contextlib.suppress(EditRefused):
                targets.append((await current_text(file)).text)
        await look_for_secrets(server, text, targets, chat, root)


async def plan_edited(server: PygptServer, file: EditedFile) -> PlannedFile:
    """Plan the blocks of a file. Raises EditRefused, with the reason, where one does not fit."""
    _refuse_impossible(server, file)
    snapshot = await current_text(file)
    file = file._replace(blocks=blocks_with_secrets(server, file.blocks, snapshot.text))
    plan = plan_file(
        snapshot.text, file.blocks, snapshot.language_id, server.delivery.made_edits.before(file)
    )
    left = [refusal for refusal in plan.refusals if not refusal.again or not plan.changes]
    if left:
        refusal = next((refusal for refusal in left if not refusal.again), left[0])
        number = f" (edit {refusal.block + 1} of {len(file.blocks)})" if len(file.blocks) > 1 else ""
        nearest = refusal.nearest
        near = f" The nearest lines start at line {nearest.first_line + 1}." if nearest is not None else ""
        raise EditRefused(f"{refusal.reason}{number}{near}")
    return PlannedFile(file, snapshot, plan, AnchoredPlan.of(snapshot, plan))


async def current_text(file: EditedFile) -> DocumentSnapshot:
    """The file's text: the open document's, else that on disk; empty for a new file. Raises EditRefused."""
    if file.document is not None:
        return file.document.snapshot
    text = ""
    if file.exists and file.path is not None:
        text = await asyncio.to_thread(read_for_edit, file.path)
    return DocumentSnapshot(file.shown, "", 0, TextSnapshot.from_string(text))


def _refuse_impossible(server: PygptServer, file: EditedFile) -> None:
    kinds = {block.kind for block in file.blocks}
    if not file.exists and kinds - {"whole", "replace"}:
        raise EditRefused("There is no such file.")
    if not file.exists and file.blocks[0].kind != "whole":
        raise EditRefused("There is no such file, so its lines cannot be found.")
    if "delete" in kinds and len(file.blocks) > 1:
        raise EditRefused("The answer both changes and deletes the file.")
    if "delete" in kinds and not server.can_edit_files("delete"):
        raise EditRefused("This editor cannot delete files for PyGPT: delete it yourself.")
    if file.new_path is not None and not server.can_edit_files("rename"):
        raise EditRefused("This editor cannot rename files for PyGPT: rename it yourself.")
    if (file.new_path is not None or "delete" in kinds) and file.path is None:
        raise EditRefused("It was never saved, so there is no file to rename or delete.")


def _in_open(document: Document, edits: Sequence[LineEdit]) -> list[FileChange]:
    return [open_file(document, edits)] if edits else []
