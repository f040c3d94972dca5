"""The texts that context is taken from: those open in the editor, and those that a context line names.

Files come from the editor's buffers first, then from disk, and only from inside the workspace's folders, with
links followed before that is decided. A file that a rule keeps back is refused; where it is open in the
editor, the user can allow it once, unless it is private.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.lsp.chat_given import ContextRefused
from pygpt_lsp.lsp.consent import agreed, may_be_sent, ruled_path
from pygpt_lsp.lsp.convert import path_of_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.chat_given import Purpose
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.ignore_rules import IgnoreRule
    from pygpt_lsp.services.workspace_files import Look

_WATCH_SECONDS: Final = 1.0  # how old what is known of a file may be while the user types


class Source(NamedTuple):
    """A text that context is taken from; `rule` as in `Given`, with the path that rules go by."""

    shown: str
    text: TextSnapshot
    language_id: str
    rule: IgnoreRule | None = None
    path: Path | None = None


def open_sources(server: PygptServer) -> list[Source]:
    """The documents open in the editor that are no chats."""
    workspace, found = server.session.workspace, list[Source]()
    for document in workspace.documents:
        snapshot = document.snapshot
        if not snapshot.uri.endswith(CHAT_SUFFIX):
            path, shown = ruled_path(server, snapshot.uri), workspace.name_of(snapshot.uri)
            found.append(Source(shown, snapshot.text, snapshot.language_id, path=path))
    return found


class SourceFinder:
    """Finds the texts that the context lines of one chat mean; `root` is the chat's workspace folder."""

    def __init__(self, server: PygptServer, root: Path | None, purpose: Purpose) -> None:
        self._server = server
        self._root = root
        self._purpose: Purpose = purpose
        self.excluded: list[str] = []
        """Sentences about files that the user would be asked about before they are sent."""

    async def source(self, ref: ContextRef) -> Source:
        """The text of the file or document that `ref` names. Raises ContextRefused."""
        workspace = self._server.session.workspace
        named = ref.path or ""
        unsaved = workspace.documents.get(named)
        if unsaved is not None and workspace.path_of(named) is None:
            place = ruled_path(self._server, named)
            rule = await self.rule(ref, place, named) if place is not None else None
            return Source(named, unsaved.text, unsaved.language_id, rule, place)
        candidates = context_candidates(named, self._root, workspace.roots)
        for candidate in candidates:
            document = workspace.document_of(candidate)
            if document is not None:
                snapshot = document.snapshot
                shown = workspace.display_path(candidate)
                rule = await self.rule(ref, candidate, shown)
                return Source(shown, snapshot.text, snapshot.language_id, rule, candidate)
        for candidate in candidates:
            look = await self._look(candidate)
            if look.refused is not None:
                raise ContextRefused(
                    ref, look.refused.problem, f"cannot be resolved: {look.refused.sentence}"
                )
            if look.text is not None:
                return Source(workspace.display_path(candidate), look.text, "")
        raise ContextRefused(ref, "missing-file", f"names {named}, which is no file of the workspace.")

    async def rule(self, ref: ContextRef, path: Path, shown: str) -> IgnoreRule | None:
        """The rule that excludes an open file, where it may be sent all the same. Raises ContextRefused."""
        files = self._server.session.files
        known = files.reader.remembered_rule(path, _WATCH_SECONDS) if self._purpose == "watch" else None
        rule = known[0] if known is not None else await asyncio.to_thread(files.excluded, path)
        if rule is None:
            return None
        if rule.kind == "private":
            raise ContextRefused(ref, "private", f"names {shown}, which is excluded by {rule.words}.")
        if self._purpose == "send":
            if not await may_be_sent(self._server, path, shown, rule):
                because = f"is excluded by {rule.words}: you chose not to send it."
                raise ContextRefused(ref, "ignored", f"names {shown}, which {because}")
        elif not agreed(self._server, path, rule):
            self.excluded.append(f"you would be asked about {shown}, which is excluded by {rule.words}")
        return rule

    async def _look(self, path: Path) -> Look:
        files, roots = self._server.session.files.reader, self._server.session.workspace.roots
        if self._purpose == "watch" and (known := files.remembered(path, _WATCH_SECONDS)) is not None:
            return known
        return await asyncio.to_thread(files.look, path, roots)


def context_candidates(named: str, root: Path | None, roots: Sequence[Path]) -> list[Path]:
    """The files that a context line may mean by a path, the likeliest first; `root` is the chat's folder."""
    path = path_of_uri(named) or Path(named)
    first = [root] if root is not None else []
    # Without `..`, so that a buffer is found by it; an absolute path replaces the root.
    # Without a workspace there are absolute paths alone.
    bases = [*first, *roots] or [Path()]
    found = (os.path.normpath(base / path) for base in bases)
    return [Path(name) for name in dict.fromkeys(found)]
