"""Showing pages: what the server writes for the user to choose from, one file a kind, used each time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.pages import CHAT_SUFFIX, read_mark
from pygpt_lsp.core.text import Position, Range
from pygpt_lsp.lsp.workspace_edit import TextEdit

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.documents import Document, DocumentSnapshot
    from pygpt_lsp.core.pages import PageMark
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.cache_folder import CacheFolder

_TRIES = 3


def page_mark(snapshot: DocumentSnapshot) -> PageMark | None:
    """What an open document says of itself where it is one of our pages, and no chat."""
    return read_mark(snapshot.text.line_content(0)) if snapshot.uri.endswith(CHAT_SUFFIX) else None


async def show_page(server: PygptServer, folder: CacheFolder, path: Path, text: str, told: str) -> None:
    """Show `text` as the page at `path`, which lies in `folder`; `told` says so where it cannot be opened.

    An open page is changed in the editor alone: a file that changes under its buffer is asked about when that
    is saved. Raises PygptError, OSError.
    """
    document = server.session.workspace.document_of(path)
    if document is None:
        await asyncio.to_thread(folder.private_write, path, text)
    else:
        await replace_page(server, document, text)
    if not await server.editor.show(path, 0):
        server.editor.tell("info", f"PyGPT: {told} {path}")


async def replace_page(server: PygptServer, document: Document, text: str) -> None:
    """Make `text` the whole of an open page. Raises PygptError where the editor does not take it."""
    for _ in range(_TRIES):
        snapshot = document.snapshot
        whole = Range(Position(0, 0), snapshot.text.end)
        edit = TextEdit(whole, text)
        applied = await server.delivery.apply(document, snapshot.text, snapshot.version, [edit])
        if applied.made:
            return
        if not applied.outdated:
            break
    raise PygptError("The page that is open cannot be changed: close it, then try again.")
