"""The files of the workspace folders: what keeps them back, what is in them, and how they are found."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.settings import Settings
    from pygpt_lsp.services.file_index import FileIndex
    from pygpt_lsp.services.ignore_rules import IgnoreRule, IgnoreRules
    from pygpt_lsp.services.workspace_files import WorkspaceFiles
    from pygpt_lsp.session.workspace import Workspace


class Files:
    """What one server knows of the files on the disk."""

    def __init__(self, settings: Settings, workspace: Workspace) -> None:
        self._ignored = settings.privacy_ignore
        self._workspace = workspace
        self._rules: dict[Path, IgnoreRules] = {}
        self.agreed: set[tuple[Path, IgnoreRule]] = set()
        """Open files that the user has agreed to send, each with the rule that excludes it."""

    def use(self, settings: Settings) -> None:
        """Go on with these settings."""
        if settings.privacy_ignore != self._ignored:
            self._ignored = settings.privacy_ignore
            self._rules.clear()
            vars(self).pop("reader", None)  # it remembers which files are excluded

    def rules_of(self, root: Path) -> IgnoreRules:
        """What must not be sent or edited in a workspace folder."""
        rules = self._rules.get(root)
        if rules is None:
            from pygpt_lsp.services.ignore_rules import IgnoreRules

            rules = self._rules[root] = IgnoreRules(root, self._ignored)
        return rules

    def excluded(self, path: Path) -> IgnoreRule | None:
        """The rule that keeps a file back, as named or where its links lead; to be called in a thread."""
        return self.reader.rule(path, self._workspace.roots)

    @cached_property
    def reader(self) -> WorkspaceFiles:
        """Reads the files that chats name."""
        from pygpt_lsp.services.workspace_files import WorkspaceFiles

        return WorkspaceFiles(self.rules_of)

    @cached_property
    def index(self) -> FileIndex:
        """The files that a chat may name, to be found by a few letters."""
        from pygpt_lsp.services.file_index import FileIndex

        return FileIndex(self.rules_of)

    def close(self) -> None:
        """End the listing of files."""
        if "index" in vars(self):
            self.index.close()
