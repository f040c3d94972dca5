"""Changes of files as one `WorkspaceEdit` (LSP 3.17 § WorkspaceEdit)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lsprotocol import types

from pygpt_lsp.core.text import Range, TextSnapshot
from pygpt_lsp.lsp.convert import range_to_lsp, uri_of_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.edits.lines import LineEdit
    from pygpt_lsp.core.text import PositionEncoding


class TextEdit(NamedTuple):
    """One replacement in a document; ranges in code points."""

    range: Range
    text: str


class OpenFile(NamedTuple):
    """Edits of an open document, on exactly this version of it; in ascending order, without overlaps."""

    document: Document
    base: TextSnapshot
    version: int
    edits: tuple[TextEdit, ...]

    @property
    def expected(self) -> TextSnapshot:
        """The text with the edits."""
        return apply_edits(self.base, self.edits)


class ClosedFile(NamedTuple):
    """Edits of a file that no document is open of, whose text is `base`."""

    path: Path
    base: TextSnapshot
    edits: tuple[TextEdit, ...]

    @property
    def expected(self) -> TextSnapshot:
        """The text with the edits."""
        return apply_edits(self.base, self.edits)


class NewFile(NamedTuple):
    """A file to be made, which does not exist."""

    path: Path
    text: str

    @property
    def expected(self) -> TextSnapshot:
        """Its text."""
        return TextSnapshot.from_string(self.text)


class DeletedFile(NamedTuple):
    """A file to be deleted."""

    path: Path
    expected: None = None


class RenamedFile(NamedTuple):
    """A file to be moved to a name that does not exist."""

    path: Path
    new_path: Path
    expected: None = None


FileChange: TypeAlias = OpenFile | ClosedFile | NewFile | DeletedFile | RenamedFile


class Annotation(NamedTuple):
    """What an editor that can asks its user before it makes an edit.

    Edits that need no confirmation are not annotated: Neovim shows two lines, and with them its prompt to go
    on, for each one that is.
    """

    label: str
    description: str


_ORDER = (OpenFile, ClosedFile, NewFile, RenamedFile, DeletedFile)


def uri_of(change: FileChange) -> str:
    """The document that a change is about."""
    return change.document.snapshot.uri if isinstance(change, OpenFile) else uri_of_path(change.path)


def workspace_edit(
    changes: Sequence[FileChange], encoding: PositionEncoding, annotation: Annotation | None, *, creates: bool
) -> types.WorkspaceEdit:
    """All the changes: open documents in the order given, other files and new ones, renames, deletions.

    `creates`: the client makes files; otherwise those of the new files are there already, empty.
    """
    mark = "pygpt" if annotation is not None else None
    steps: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for change in sorted(changes, key=lambda change: _ORDER.index(type(change))):
        uri = uri_of(change)
        match change:
            case OpenFile():
                steps.append(_text_edit(uri, change.version, change.base, change.edits, encoding, mark))
            case ClosedFile():
                steps.append(_text_edit(uri, None, change.base, change.edits, encoding, mark))
            case NewFile():
                if creates:
                    create = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
                    steps.append(types.CreateFile(uri, options=create, annotation_id=mark))
                # An editor whose texts all end with a newline has one there already: it is replaced. Others
                # clamp the end to that of the text.
                whole = types.Range(types.Position(0, 0), types.Position(1, 0))
                steps.append(_document_edit(uri, None, [_edit_of(whole, change.text, mark)]))
            case RenamedFile():
                options = types.RenameFileOptions(overwrite=False, ignore_if_exists=False)
                new_uri = uri_of_path(change.new_path)
                steps.append(types.RenameFile(uri, new_uri, options=options, annotation_id=mark))
            case DeletedFile():
                steps.append(types.DeleteFile(uri, annotation_id=mark))
    edit = types.WorkspaceEdit(document_changes=steps)
    if annotation is not None and mark is not None:
        said = types.ChangeAnnotation(annotation.label, True, annotation.description)
        edit.change_annotations = {mark: said}
    return edit


def open_file(document: Document, edits: Sequence[LineEdit]) -> OpenFile:
    """These edits of the document as it is now."""
    snapshot = document.snapshot
    return OpenFile(document, snapshot.text, snapshot.version, text_edits(edits))


def text_edits(edits: Sequence[LineEdit]) -> tuple[TextEdit, ...]:
    """Planned edits as those that are sent."""
    return tuple(TextEdit(Range(edit.start, edit.end), edit.text) for edit in edits)


def apply_edits(base: TextSnapshot, edits: Sequence[TextEdit]) -> TextSnapshot:
    """The text after edits that do not overlap, given in ascending order of the same text."""
    for edit in reversed(edits):
        base = base.replace(edit.range, edit.text)
    return base


def _text_edit(
    uri: str,
    version: int | None,
    base: TextSnapshot,
    edits: Sequence[TextEdit],
    encoding: PositionEncoding,
    mark: str | None,
) -> types.TextDocumentEdit:
    written = [_edit_of(range_to_lsp(base, edit.range, encoding), edit.text, mark) for edit in edits]
    return _document_edit(uri, version, written)


def _document_edit(
    uri: str, version: int | None, edits: Sequence[types.TextEdit | types.AnnotatedTextEdit]
) -> types.TextDocumentEdit:
    return types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, version), edits)


def _edit_of(span: types.Range, text: str, mark: str | None) -> types.TextEdit | types.AnnotatedTextEdit:
    if mark is None:
        return types.TextEdit(span, text)
    return types.AnnotatedTextEdit(annotation_id=mark, range=span, new_text=text)
