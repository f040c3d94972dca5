"""`pygpt.chat.insert` and `pygpt.chat.copy`: code of an answer put into the code, or into a file of its own.

Neither takes anything away: an insertion replaces a blank line at most, and no file is written over.
"""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat_parts import code_of
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.file_languages import ending_of
from pygpt_lsp.core.placement import region_of
from pygpt_lsp.lsp.chat_spot import find_spot
from pygpt_lsp.lsp.region_edits import RegionEdit, apply_region
from pygpt_lsp.lsp.secret_edits import code_with_secrets, look_for_secrets
from pygpt_lsp.lsp.targets import is_selection
from pygpt_lsp.lsp.workspace_edit import NewFile
from pygpt_lsp.services.edit_targets import resolve_edit_path

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job

_INSERT = "PyGPT: Insert at cursor"
_COPY = "PyGPT: Copy as new file"


class _Code(NamedTuple):
    """A code block of a chat: its text with `\\n` line endings, its language and the path it names, either of
    which may be "", the workspace folder of its chat, and the chat."""

    text: str
    language: str
    path: str
    root: Path | None
    chat: ChatDocument


def insert(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.insert`: put a code block where the cursor was last seen in a document that is no chat."""
    code = _code(server, arguments)
    edit = _insertion(server, code.text)
    shown, text = server.session.workspace.name_of(edit.uri), edit.document.snapshot.text

    async def work(_job: Job) -> None:
        await look_for_secrets(server, code.text, [text], code.chat, code.root)
        whole = code_with_secrets(server, code.text, text)
        done = await apply_region(server, edit._replace(code=whole))
        server.editor.tell("info", f"PyGPT: {done} in {shown}.")

    server.start_job(_INSERT, {edit.uri}, work)


def copy(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.copy`: put a code block into a new file and show it: into the one that the block names, if
    there is none yet, or else into one in the workspace's cache."""
    code = _code(server, arguments)

    async def work(_job: Job) -> None:
        await look_for_secrets(server, code.text, [], code.chat, code.root)
        await _copy(server, code._replace(text=code_with_secrets(server, code.text, None)))

    server.start_job(_COPY, set(), work)


def _code(server: PygptServer, arguments: Arguments) -> _Code:
    spot = find_spot(server, arguments)
    index, block = spot.code_block()
    parsed = spot.parsed
    text = code_of(parsed.text, parsed.chat.turns[index], block)
    if not text.strip():
        raise PygptError("There is nothing in this code block.")
    root = server.session.workspace.root_of_document(parsed.snapshot.uri)
    return _Code(text, block.language, block.path, root, parsed.chat)


def _insertion(server: PygptServer, code: str) -> RegionEdit:
    """The edit that puts `code` at the cursor, or below what is selected. Raises PygptError."""
    workspace = server.session.workspace
    cursor = workspace.cursor
    document = workspace.documents.document(cursor.uri) if cursor is not None else None
    if cursor is None or document is None:
        raise PygptError(
            "I have not seen your cursor in code yet: open the code-action menu where the code belongs, "
            "then insert it."
        )
    mapped = document.map_range(cursor.range, cursor.version)
    if mapped is None:
        raise PygptError("The text has changed too much: open the code-action menu where the code belongs.")
    text, (start, end) = document.snapshot.text, mapped.range
    line = start.line
    if is_selection(text, mapped.range):
        line = end.line - 1 if end.character == 0 and end.line > start.line else end.line
    region = region_of(text, document.snapshot.version, line, line)
    return RegionEdit(document, region, code, _INSERT, insertion=True, reindent=True)


async def _copy(server: PygptServer, code: _Code) -> None:
    path, reason = await _own_path(server, code)
    if path is not None:
        (applied,) = await server.delivery.apply_files([NewFile(path, code.text)], _COPY)
        if applied.made:
            await server.editor.show(path)
            server.editor.tell("info", f"PyGPT: made {server.session.workspace.display_path(path)}.")
            return
        reason = f"{server.session.workspace.display_path(path)} was not made ({applied.reason})"
    folder = await server.session.storage.folder_of(code.root)
    name = PurePosixPath(code.path)
    stem = f"copy of {name.stem}" if code.path else "snippet"
    ending = name.suffix.removeprefix(".") or ending_of(code.language)
    try:
        path = await asyncio.to_thread(folder.new_scratch_file, stem, ending, code.text)
    except OSError as error:
        raise PygptError(f"The code cannot be written to {folder.scratch_dir}: {error.strerror}.") from error
    shown = await server.editor.show(path)
    if reason or not shown:
        before = f"{reason}, so the code" if reason else "The code"
        server.editor.tell("info", f"PyGPT: {before} is in {path}")


async def _own_path(server: PygptServer, code: _Code) -> tuple[Path | None, str]:
    """The file that the code names, if it may be made; else None, and why where it names one."""
    if not code.path:
        return None, ""
    workspace = server.session.workspace
    try:
        target = await asyncio.to_thread(
            resolve_edit_path,
            code.path,
            roots=workspace.roots,
            named=workspace.open_files,
            prefer=code.root,
            rules=server.session.files.rules_of,
        )
    except EditRefused as refusal:
        return None, refusal.sentence.removesuffix(".")
    if target.exists or workspace.uri_of(target.path) is not None:
        return None, f"{workspace.display_path(target.path)} exists"
    return target.path, ""
