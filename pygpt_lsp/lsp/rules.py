"""The project's rules in requests: context lines of a new chat, which the user can delete, and a part of what
an edit asks. What goes along is named where the user sees it. What cannot be used is said once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat_context import format_context_ref
from pygpt_lsp.core.rules import rules_part

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.context import ContextPart
    from pygpt_lsp.lsp.server import PygptServer


async def rules_lines(server: PygptServer, root: Path | None, document: Path | None) -> list[str]:
    """The context lines that name the rules for a document, or for none, in a workspace folder."""
    parts = await rules_parts(server, root, document)
    return [format_context_ref("rules", part.path) for part in parts]


async def rules_parts(server: PygptServer, root: Path | None, document: Path | None) -> list[ContextPart]:
    """The rules themselves, those nearest to the document last."""
    if root is None:
        return []
    from pygpt_lsp.services.rules_files import find_rules

    session = server.session
    found = await asyncio.to_thread(find_rules, session.files.reader, root, session.workspace.roots, document)
    for sentence in found.refused:
        session.notices.tell_once("warning", f"PyGPT: These rules are not used: {sentence}")
    return [rules_part(session.workspace.display_path(file.path), file.text) for file in found.files]
