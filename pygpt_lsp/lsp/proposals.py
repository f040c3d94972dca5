"""Answers that did not become an edit: each is shown in a chat, from where it can be applied.

The chat holds the edit as text, so it can be applied later, by another server too. What is remembered here is
only which chat was the last one for a document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat_context import format_context_ref
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.lsp.convert import path_of_uri

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.lsp.region_edits import RegionEdit
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_MOST = 50
_TITLE_CHARACTERS = 40


class Proposals:
    """The chats that show an edit, by the document it is for; the oldest are forgotten."""

    def __init__(self) -> None:
        self._chats: list[tuple[str, Path]] = []

    def add(self, uri: str, chat: Path) -> None:
        """Remember that this chat shows an edit of that document."""
        self._chats = [*self._chats[1 - _MOST :], (uri, chat)]

    def last(self, uri: str | None) -> Path | None:
        """The newest chat for a document, which may be written in another way; of all where `uri` is None."""
        path = path_of_uri(uri) if uri is not None else None
        for known, chat in reversed(self._chats):
            if uri is None or uri == known or (path is not None and path == path_of_uri(known)):
                return chat
        return None


async def show_proposal(
    server: PygptServer,
    target: Target,
    question: str,
    rules: Sequence[str],
    answer: str,
    reason: str,
    edit: RegionEdit | None,
) -> None:
    """Show what did not become an edit in a new chat, with the reason: the edit where one could be planned,
    else the answer as it came. `rules` are the files of the project's rules that went along, and go along
    with the next question there."""
    from pygpt_lsp.lsp.chat_jobs import write_new_chat

    server.editor.tell("warning", f"PyGPT: {reason} The answer is in the chat.")
    context = [
        *(format_context_ref("rules", name) for name in rules),
        format_context_ref("file", target.chat_name, target.first_line + 1, target.last_line + 1),
    ]
    shown = (_rendered(target, answer, edit) if edit is not None else None) or answer
    question, shown = await server.session.masked([question, shown], target.root)
    try:
        place = await write_new_chat(
            server,
            question,
            context,
            question[:_TITLE_CHARACTERS],
            target.root,
            shown,
            f"not applied: {reason}",
        )
        if edit is not None and place.path is not None:
            server.proposals.add(edit.uri, place.path)
        await place.show()
    except PygptError as error:
        server.editor.tell("error", f"PyGPT: {error.sentence} The answer is in the history.")


def _rendered(target: Target, answer: str, edit: RegionEdit) -> str | None:
    """What the answer says above its code, and the edit of the text that it was asked for, as blocks."""
    # Here, since a server has this module from its start, and the edits' only when there is one.
    from pygpt_lsp.core.edits.proposal import blocks_for
    from pygpt_lsp.core.edits.rendering import render_blocks
    from pygpt_lsp.lsp.region_edits import plan_at

    text = target.snapshot.text
    try:
        edits = plan_at(text, edit.region.first_line, edit)
    except EditRefused:
        return None
    if not edits:
        return None
    said = _FENCE.split(answer, maxsplit=1)[0].strip()
    blocks = render_blocks(blocks_for(text, edits, target.chat_name))
    return f"{said}\n\n{blocks}" if said else blocks
