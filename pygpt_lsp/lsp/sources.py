"""Texts that context can be taken from, and those of them that are open in the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.lsp.consent import ruled_path

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.ignore_rules import IgnoreRule


class Source(NamedTuple):
    """A text that context is taken from; `rule` as in `Given`, with the path that rules go by."""

    shown: str
    text: TextSnapshot
    language_id: str
    rule: IgnoreRule | None = None
    path: Path | None = None


def open_sources(server: PygptServer) -> list[Source]:
    """The documents open in the editor that are no chats."""
    session = server.session
    found: list[Source] = []
    for document in session.documents.documents():
        snapshot = document.snapshot
        if not snapshot.uri.endswith(CHAT_SUFFIX):
            path, shown = ruled_path(server, snapshot.uri), session.name_of(snapshot.uri)
            found.append(Source(shown, snapshot.text, snapshot.language_id, path=path))
    return found
