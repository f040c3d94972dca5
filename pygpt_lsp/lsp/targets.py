"""What a command or a menu is about: a document at a version, the lines in it, and what was said of them.

Fallbacks, in this order: what the command names, the last selection seen, the definition at the cursor. What
is not known any more is never guessed, since it may be edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.outline import definition_at, enclosing_definition
from pygpt_lsp.core.text import Position, Range
from pygpt_lsp.lsp.convert import path_of_uri, uri_of_path

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.context import Diagnostic
    from pygpt_lsp.core.documents import Document, DocumentSnapshot
    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.arguments import Arguments, Span
    from pygpt_lsp.lsp.server import PygptServer


Unseen: TypeAlias = Literal["refuse", "start", "whole"]
"""What a command is about where neither a range is given nor a selection was seen: nothing, the document's
first line, or all of it."""

_MOST_DEFINITION_LINES = 200


class Target(NamedTuple):
    """Whole lines of a document, `first_line` to `last_line`, both included.

    `cursor` is where the selection starts; `selected` whether it was a real one; `shown_path` the path as
    the user and the model see it.
    """

    document: Document
    snapshot: DocumentSnapshot
    path: Path | None
    shown_path: str
    root: Path | None
    cursor: Position
    selected: bool
    first_line: int
    last_line: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def name(self) -> str:
        """What titles call the document: the shown path, or the file's name alone outside of a workspace."""
        return self.path.name if self.path is not None and self.root is None else self.shown_path

    @property
    def chat_name(self) -> str:
        """What context lines and edit blocks call the document; `Workspace.name_of` while it is open."""
        return self.shown_path if self.path is not None else self.snapshot.uri

    @property
    def has_code(self) -> bool:
        """Whether there is more than blank lines."""
        return any(line.strip() for line in self.snapshot.text.lines(self.first_line, self.last_line + 1))


def is_selection(text: TextSnapshot, span: Range) -> bool:
    """Whether the user selected something: no empty range, and not Helix's one character under the cursor."""
    if span.start.line != span.end.line:
        after = text.clamp(Position(span.start.line + 1, 0))
        return not (span.end == after and len(text.slice(span)) <= 2)
    return span.end.character - span.start.character > 1


def find_target(server: PygptServer, arguments: Arguments, unseen: Unseen = "refuse") -> Target:
    """What a command with these arguments is about. Raises PygptError with a sentence where nothing is."""
    workspace = server.session.workspace
    selection = workspace.last_selection
    uri = arguments.uri or (selection.uri if selection else None)
    if uri is None and arguments.span is not None:
        raise PygptError("Say which document the range is in, with its uri.")
    if uri is None:
        raise PygptError(
            "Nothing is selected yet: select code and choose the action from the code-action menu."
        )
    document = workspace.documents.document(uri_here(server, uri))
    if document is None:
        raise PygptError(
            f"{shown_name(server, uri)} is not open in the editor with PyGPT: open it, then ask again."
        )
    snapshot = document.snapshot
    seen = workspace.selections.get(snapshot.uri)
    diagnostics = seen.diagnostics if seen is not None else ()
    if arguments.span is not None:
        span = _where_it_is_now(server, document, arguments.span, arguments.version)
        selected = arguments.span.whole_lines or is_selection(snapshot.text, span)
    elif seen is not None:
        mapped = document.map_range(seen.range, seen.version)
        if mapped is None:
            raise PygptError("The text has changed since something was selected: select it again.")
        span, selected = mapped.range, is_selection(snapshot.text, mapped.range)
    elif unseen == "refuse":
        raise PygptError("Nothing is selected there yet: select code, or give a range.")
    else:
        start = Position(0, 0)
        span = Range(start, snapshot.text.end if unseen == "whole" else start)
        selected = unseen == "whole"
    return _target(server, document, snapshot, span, selected, diagnostics)


def _where_it_is_now(server: PygptServer, document: Document, span: Span, version: int | None) -> Range:
    """A range that was given for a version of the document, which may be an older one: the text of then tells
    what it means. Raises PygptError where that is not known any more."""
    shown = document.snapshot if version is None else document.at(version)
    if shown is not None:
        mapped = document.map_range(span.resolve(shown.text, server.encoding), shown.version)
        if mapped is not None:
            return mapped.range
    raise PygptError("The text has changed since the menu was shown: choose the action again.")


def widened(target: Target) -> Target:
    """The target with the definition around its lines, unless that is long.

    A problem is often reported in one line and solved in another.
    """
    text = target.snapshot.text
    around = enclosing_definition(text, target.first_line, target.last_line, target.snapshot.language_id)
    if around is None or around.end - around.start > _MOST_DEFINITION_LINES:
        return target
    return target._replace(first_line=around.start, last_line=around.end - 1)


def _target(
    server: PygptServer,
    document: Document,
    snapshot: DocumentSnapshot,
    span: Range,
    selected: bool,
    diagnostics: tuple[Diagnostic, ...],
) -> Target:
    text = snapshot.text
    if selected:
        first, last = span.start.line, span.end.line
        if last > first and span.end.character == 0:
            last -= 1
    else:
        definition = definition_at(text, span.start.line, snapshot.language_id)
        first, last = (
            (definition.start, definition.end - 1) if definition else (span.start.line, span.start.line)
        )
    workspace = server.session.workspace
    path = workspace.path_of(snapshot.uri)
    shown = workspace.display_path(path) if path is not None else snapshot.uri.rpartition(":")[2]
    return Target(
        document, snapshot, path, shown, workspace.root_of(path), span.start, selected, first, last,
        diagnostics,
    )  # fmt: skip


def uri_here(server: PygptServer, uri: str) -> str:
    """The URI under which the client has the document open, found by its file: it can be written in several
    ways. Where it is not open, the one that we would write."""
    path = path_of_uri(uri)
    workspace = server.session.workspace
    if path is None or workspace.documents.document(uri) is not None:
        return uri
    return workspace.uri_of(path) or uri_of_path(path)


def shown_name(server: PygptServer, uri: str) -> str:
    """How the user knows a document that need not be open: its path, its URI where it is no file."""
    path = path_of_uri(uri)
    return server.session.workspace.display_path(path) if path is not None else uri
