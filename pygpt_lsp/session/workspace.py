"""What the editor has open: its workspace folders and documents, which file each document is, what it is
called, and what is selected in it.

Must never touch the disk: paths are compared as they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.documents import DocumentStore

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.context import Diagnostic
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.text import Range


class Selection(NamedTuple):
    """What the user had selected, or where the cursor was, when the editor asked for a menu: a range of the
    document at a version."""

    uri: str
    version: int
    range: Range
    diagnostics: tuple[Diagnostic, ...] = ()


class Workspace:
    """The folders, documents and selections of one editor."""

    def __init__(self) -> None:
        self.roots: tuple[Path, ...] = ()
        """The workspace folders, in the client's order."""
        self.documents = DocumentStore()
        self.selections: dict[str, Selection] = {}
        self.last_selection: Selection | None = None
        self.cursor: Selection | None = None
        """Where the cursor, or a selection, was last seen in a document that is no chat."""
        self._paths: dict[str, Path] = {}
        self._roots_of_folders: dict[Path, Path | None] = {}

    def opened(self, uri: str, path: Path | None) -> None:
        """Note which file an open document is."""
        if path is not None:
            self._paths[uri] = path

    def closed(self, uri: str) -> None:
        """Forget a document that was closed."""
        self._paths.pop(uri, None)
        self.selections.pop(uri, None)
        if self.last_selection is not None and self.last_selection.uri == uri:
            self.last_selection = None
        if self.cursor is not None and self.cursor.uri == uri:
            self.cursor = None

    def note_selection(self, selection: Selection) -> None:
        """Remember what is selected, for a command that does not say."""
        self.selections[selection.uri] = selection
        self.last_selection = selection

    def assign(self, folder: Path, root: Path | None) -> None:
        """Note that the chats in `folder`, wherever it lies, are those of the workspace folder `root`; None:
        of no workspace."""
        self._roots_of_folders[folder] = root

    def path_of(self, uri: str) -> Path | None:
        """The file of an open document, None where it has none."""
        return self._paths.get(uri)

    def uri_of(self, path: Path) -> str | None:
        """The URI under which the client has this file open, None where it has not."""
        return next((uri for uri, known in self._paths.items() if known == path), None)

    @property
    def open_files(self) -> tuple[Path, ...]:
        """The files of the open documents."""
        return tuple(self._paths.values())

    def document_of(self, path: Path) -> Document | None:
        """The document that the client has open of this file, None where it has none."""
        uri = self.uri_of(path)
        return self.documents.document(uri) if uri is not None else None

    def root_of(self, path: Path | None) -> Path | None:
        """The innermost workspace folder that holds the file, or whose chat it is, though it lies elsewhere;
        without a file the first folder."""
        if path is None:
            return self.roots[0] if self.roots else None
        holding = [root for root in self.roots if path.is_relative_to(root)]
        if holding:
            return max(holding, key=lambda root: len(root.parts))
        assigned = self._roots_of_folders.items()
        return next((root for folder, root in assigned if path.is_relative_to(folder)), None)

    def root_of_document(self, uri: str) -> Path | None:
        """`root_of` the file of an open document."""
        return self.root_of(self.path_of(uri))

    def display_path(self, path: Path) -> str:
        """The path as the user and the model see it: relative to its workspace folder where it has one."""
        root = self.root_of(path)
        within = root is not None and path.is_relative_to(root)
        return path.relative_to(root).as_posix() if root is not None and within else str(path)

    def name_of(self, uri: str) -> str:
        """What context lines and edit blocks call an open document: its path in the workspace, its whole path
        where no folder holds it, its URI where it is no file."""
        path = self.path_of(uri)
        return self.display_path(path) if path is not None else uri
