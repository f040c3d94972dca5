"""Asking the user before an edit is made: by the editor's own means where it has some, else by a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.lsp.workspace_edit import Annotation

if TYPE_CHECKING:
    from pygpt_lsp.lsp.server import PygptServer

NOT_CONFIRMED = "The edit was not confirmed, so nothing was changed."


async def confirmed(
    server: PygptServer, title: str, summary: str, *, files: bool = False, otherwise: str = "Show in chat"
) -> Annotation | None:
    """The annotation by which the editor asks itself; None once the user has agreed to our question.

    `summary` says what changes, in a few words, `otherwise` what a user chooses who does not agree. `files`:
    some are not open, so no version tells the editor that one was changed while its user thought about it;
    and Neovim makes, renames and deletes files without asking, whatever the annotation says. Raises
    EditRefused where the user did not agree.
    """
    if server.confirms_edits and not files:
        return Annotation(title, summary)
    if await server.editor.ask(f"{title}: {summary}. Make this edit?", ["Apply", otherwise]) != "Apply":
        raise EditRefused(NOT_CONFIRMED)
    return None
