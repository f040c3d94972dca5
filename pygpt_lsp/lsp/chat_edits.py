"""`pygpt.applyLast`: the edits that an answer in a chat asks for, all of them or those at the cursor.

What the chat shows is what is applied: the document is read anew each time. Which files are meant, and which
of them the user has opened or named, is decided here; what may be edited at all in `services/edit_targets`.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_edits import blocks_near, touched_by
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.chat_place import ChatPlace, open_chats
from pygpt_lsp.lsp.file_edits import EditedFile, PlannedFile, find_secrets_of, plan_edited
from pygpt_lsp.lsp.review import NOT_CONFIRMED, confirmed
from pygpt_lsp.lsp.sources import context_candidates
from pygpt_lsp.services.edit_targets import is_same_file, resolve_edit_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.workspace_edit import Annotation, FileChange
    from pygpt_lsp.services.edit_targets import EditTarget
    from pygpt_lsp.services.jobs import Job

_TRIES = 6
_TITLE = "PyGPT: Apply"
_MENU_IS_OLD = "The chat has changed since the menu was shown: choose the edit again."


class Refused(NamedTuple):
    """A file that is left alone, and why."""

    shown: str
    reason: str


def apply_last(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.applyLast`: make the edits that a chat shows."""
    place = _place(server, arguments.uri)

    async def work(job: Job) -> None:
        place.worked_on_by(job)
        await _apply(server, place, arguments)

    server.start_job(_TITLE, {place.uri}, work)


def _place(server: PygptServer, uri: str | None) -> ChatPlace:
    """The chat that is meant: the one named, the last one for a document, the only one open."""
    if uri is not None and uri.endswith(CHAT_SUFFIX):
        return ChatPlace.of_uri(server, uri)
    if (chat := server.proposals.last(uri)) is not None:
        return ChatPlace.of_path(server, chat)
    chats = open_chats(server)
    if uri is None and len(chats) == 1:
        return ChatPlace.of_uri(server, chats[0])
    raise PygptError(
        "There is no edit waiting to be applied: open the chat that shows it, then apply it there."
    )


async def _apply(server: PygptServer, place: ChatPlace, arguments: Arguments) -> None:
    blocks, chat = await _chosen(place, arguments)
    files, refused = await edited_files(server, place, chat, blocks)
    await find_secrets_of(server, files, chat, server.session.workspace.root_of(place.path))
    planned: list[PlannedFile] = []
    for file in files:
        try:
            planned.append(await plan_edited(server, file))
        except EditRefused as refusal:
            refused.append(Refused(file.shown, refusal.sentence))
    made: list[PlannedFile] = []
    if planned:
        annotation = await _agreement(server, planned)
        made = await _deliver(server, planned, annotation, refused)
    _report(server, made, refused)


async def _chosen(place: ChatPlace, arguments: Arguments) -> tuple[list[EditBlock], ChatDocument]:
    """The blocks to apply. Raises PygptError where there are none."""
    text = await place.read()
    chat = parse_chat(text)
    document, span = place.document(), arguments.span
    if span is None or document is None:
        found = blocks_near(text, chat, None)
    else:
        first, last = sorted((span.start[0], span.end[0]))
        lines = Range(Position(first, 0), Position(last, 0))
        shown = arguments.version
        if shown is not None and shown != document.snapshot.version:
            mapped = document.map_range(lines, shown)
            if mapped is None or not mapped.intact:
                raise PygptError(_MENU_IS_OLD)
            lines = mapped.range
        near = blocks_near(text, chat, lines.start.line)
        found = touched_by(near, lines.start.line, lines.end.line)
        if not found and shown is None:
            found = near
    if not found:
        raise PygptError("This chat shows no edit: ask for one, as SEARCH/REPLACE blocks.")
    return [block.block for block in found], chat


async def edited_files(
    server: PygptServer, place: ChatPlace, chat: ChatDocument, blocks: Sequence[EditBlock]
) -> tuple[list[EditedFile], list[Refused]]:
    """The files that blocks are for, in the order in which the answer names them, and those that may not be
    edited."""
    finding = _Finding(server, place, chat)
    files: dict[str, EditedFile] = {}
    refused: dict[str, Refused] = {}
    for block in blocks:
        try:
            file = await finding.file(block)
        except EditRefused as refusal:
            shown = block.path or "a file that is not named"
            refused.setdefault(shown, Refused(shown, refusal.sentence))
            continue
        known = files.get(file.shown) or await asyncio.to_thread(_by_another_name, file, files.values())
        if known is not None:
            file = known._replace(
                blocks=(*known.blocks, *file.blocks), new_path=file.new_path or known.new_path
            )
        files[file.shown] = file
    kept = [file for shown, file in files.items() if shown not in refused]
    return kept, list(refused.values())


def _by_another_name(file: EditedFile, others: Iterable[EditedFile]) -> EditedFile | None:
    """The one of the other files that is the same: under two names, one would be saved over the other."""
    path = file.path
    if path is None:
        return None
    return next((one for one in others if one.path is not None and is_same_file(one.path, path)), None)


class _Finding:
    """Finds the files of one answer."""

    def __init__(self, server: PygptServer, place: ChatPlace, chat: ChatDocument) -> None:
        self._server = server
        self._root = server.session.workspace.root_of(place.path)
        refs = [ref for turn in chat.turns if turn.role == "user" for ref in turn.context if ref.path]
        self._names = [ref.path for ref in refs if ref.path]
        self._asked = "\n".join(turn.text for turn in chat.turns if turn.role == "user")
        roots = server.session.workspace.roots
        self._named = [path for name in self._names for path in context_candidates(name, self._root, roots)]
        # Other context lines send something about a file, not the file.
        self._files = {ref.path for ref in refs if ref.path and ref.kind == "file"}
        self._sent = {path for name in self._files for path in context_candidates(name, self._root, roots)}

    async def file(self, block: EditBlock) -> EditedFile:
        """The file of a block. Raises EditRefused where it may not be edited."""
        if beside := self._beside(block):
            return beside
        workspace = self._server.session.workspace
        open_paths = [path for path in workspace.open_files if not path.name.endswith(CHAT_SUFFIX)]
        named = await asyncio.to_thread(lambda: [path for path in self._named if path.is_file()])
        target = await self._resolved(block.path, [*named, *open_paths] if block.path else named)
        path, new_path = target.path, None
        if block.kind == "rename":
            moved = await self._resolved(block.new_path, ())
            if moved.exists:
                raise EditRefused(f"{block.new_path} exists already.")
            new_path = moved.path
        document = workspace.document_of(path)
        shown = workspace.display_path(path)
        known = target.named or document is not None or _names(self._asked, shown)
        exists = target.exists or document is not None
        return EditedFile(shown, path, document, exists, known, path in self._sent, (block,), new_path)

    async def _resolved(self, written: str, named: Sequence[Path]) -> EditTarget:
        session = self._server.session
        return await asyncio.to_thread(
            resolve_edit_path,
            written,
            roots=session.workspace.roots,
            named=list(dict.fromkeys(named)),
            prefer=self._root,
            rules=session.files.rules_of,
        )

    def _beside(self, block: EditBlock) -> EditedFile | None:
        """An open document that a context line of the user names and no workspace folder holds: one that was
        never saved, lies elsewhere, or is the message of a commit."""
        workspace = self._server.session.workspace
        name = block.path or (self._names[0] if len(set(self._names)) == 1 else None)
        if name not in self._names:
            return None
        for document in workspace.documents:
            uri = document.snapshot.uri
            path = workspace.path_of(uri)
            is_commit = canonical(document.snapshot.language_id) == "gitcommit"
            if workspace.name_of(uri) == name and (
                path is None or workspace.root_of(path) is None or is_commit
            ):
                sent = name in self._files
                return EditedFile(name, path, document, exists=True, known=True, sent=sent, blocks=(block,))
        return None


def _names(asked: str, path: str) -> bool:
    """Whether the text of a question names a path, and not a longer one that holds it."""
    return re.search(rf"(?<![\w./\\-]){re.escape(path)}(?![\w/\\-]|\.\w)", asked) is not None


async def _agreement(server: PygptServer, planned: Sequence[PlannedFile]) -> Annotation | None:
    """What the user has to agree to before the edits are made. Raises EditRefused where they do not."""
    doubts = [file.doubt for file in planned if file.doubt]
    if not doubts and server.session.settings.review != "confirm":
        return None
    summary = ", ".join(file.summary(done=False) for file in planned)
    if doubts:
        summary += f" ({'; '.join(doubts)})"
    files = any(file.touches_disk for file in planned)
    return await confirmed(server, _TITLE, summary, files=files, otherwise="Cancel")


async def _deliver(
    server: PygptServer,
    planned: Sequence[PlannedFile],
    annotation: Annotation | None,
    refused: list[Refused],
) -> list[PlannedFile]:
    """Make the edits, all in one request; those made. What was not made is added to `refused`."""
    todo = list(planned)
    done: list[PlannedFile] = []
    for attempt in range(_TRIES):
        changes: list[tuple[PlannedFile, FileChange]] = []
        for file in tuple(todo):
            try:
                now = await file.changes_now(server)
            except EditRefused as refusal:
                refused.append(Refused(file.file.shown, refusal.sentence))
                todo.remove(file)
                continue
            if not now:
                done.append(file)
                todo.remove(file)
            changes += [(file, change) for change in now]
        if not changes:
            break
        applied = await server.delivery.apply_files([change for _, change in changes], _TITLE, annotation)
        again = False
        for file in tuple(todo):
            results = [result for (of, _), result in zip(changes, applied, strict=True) if of is file]
            if all(result.made for result in results):
                done.append(file)
            elif attempt + 1 < _TRIES and all(result.outdated for result in results if not result.made):
                again = True
                continue
            else:
                failed = next(result for result in results if not result.made)
                declined = annotation is not None and failed.outcome is None
                reason = NOT_CONFIRMED if declined else f"Not made: {failed.reason}."
                refused.append(Refused(file.file.shown, reason))
            todo.remove(file)
        if not again:
            break
    for file in done:
        server.delivery.made_edits.add(file.file, file.plan.fits)
    return done


def _report(server: PygptServer, made: Sequence[PlannedFile], refused: Sequence[Refused]) -> None:
    """Say what was done and what was not."""
    parts: list[str] = []
    if made:
        parts.append(f"{', '.join(file.summary(done=True) for file in made)}.")
    if refused:
        parts += [f"Not changed: {file.shown}. {file.reason}" for file in refused]
    server.editor.tell("warning" if refused else "info", f"PyGPT: {' '.join(parts)}")
