"""Putting the code of an answer in the place of a region of an open document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.edits.lines import LineEdit
from pygpt_lsp.core.edits.region import plan_insertion, plan_region_edit
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.placement import locate
from pygpt_lsp.core.positions import advance
from pygpt_lsp.core.text import Position
from pygpt_lsp.lsp.review import NOT_CONFIRMED
from pygpt_lsp.lsp.workspace_edit import open_file

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.placement import Region
    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.workspace_edit import Annotation

_TRIES = 6
_STYLE_LINES = 200


class RegionEdit(NamedTuple):
    """`code` belongs in place of `region` of a document, or, as an `insertion`, at its first line.

    `document` is the one that the region is in, as it was open then. `reindent`: the code is fitted to the
    region's indentation; not where the request was about that.
    """

    document: Document
    region: Region
    code: str
    title: str
    insertion: bool
    reindent: bool

    @property
    def uri(self) -> str:
        """The document's URI, under which it may have been opened anew."""
        return self.document.snapshot.uri


async def apply_region(server: PygptServer, edit: RegionEdit, annotation: Annotation | None = None) -> str:
    """Make the edit as one undo step and say what was changed.

    It is planned anew for the text as it is at each try, because the user may type meanwhile. With an
    `annotation` the editor asks the user first. Raises EditRefused with the reason; then nothing was changed,
    as far as the editor shows.
    """
    reason = ""
    for _ in range(_TRIES):
        document = open_document(server, edit)
        edits = plan_in(document, edit)
        if not edits:
            return "nothing to change"
        (applied,) = await server.delivery.apply_files([open_file(document, edits)], edit.title, annotation)
        if applied.made:
            return summary_of(edits)
        reason = applied.reason
        if annotation is not None and applied.outcome is None:
            raise EditRefused(NOT_CONFIRMED)
        if not applied.outdated:
            break
    raise EditRefused(f"The editor did not make the edit: {reason}.")


def open_document(server: PygptServer, edit: RegionEdit) -> Document:
    """The document as it is open now. Raises EditRefused."""
    document = server.session.workspace.documents.document(edit.uri)
    if document is None:
        raise EditRefused("The file was closed meanwhile, so nothing was changed.")
    return document


def plan_in(document: Document, edit: RegionEdit) -> list[LineEdit]:
    """The edits for the text as it is now; the document may have been opened anew. Raises EditRefused."""
    line = locate(document, edit.region, same_document=document is edit.document)
    return plan_at(document.snapshot.text, line, edit)


def plan_at(text: TextSnapshot, line: int, edit: RegionEdit) -> list[LineEdit]:
    """The edits for a text in which the region begins at `line` (0-based). Raises EditRefused."""
    region, eol = edit.region, text.eol
    if edit.insertion and canonical(edit.document.snapshot.language_id) == "gitcommit":
        message = edit.code.rstrip("\n").replace("\n", eol)
        start = Position(0, 0)
        if region.lines[0].strip():
            return [LineEdit(start, start, message + eol * 2)]
        return [LineEdit(start, Position(0, len(region.lines[0])), message)]
    above = [text.line_content(index) for index in range(max(line - _STYLE_LINES, 0), line)]
    after = line + len(region.lines)
    below = [text.line_content(index) for index in range(after, min(after + _STYLE_LINES, text.line_count))]
    if edit.insertion:
        return plan_insertion(above, region.lines[0], edit.code, line=line, eol=eol, around=below)
    return plan_region_edit(
        region.text,
        edit.code,
        first_line=line,
        eol=eol,
        above=above,
        below=below,
        reindent=edit.reindent,
    )


def summary_of(edits: list[LineEdit]) -> str:
    """What edits change, in a few words."""
    where = min(edit.start.line for edit in edits) + 1
    places = f" in {len(edits)} places" if len(edits) > 1 else ""
    added = sum(advance(edit.start, edit.text).line - edit.start.line for edit in edits)
    if added and all(edit.start == edit.end for edit in edits):
        return f"added {counted(added, 'line')}{places or f' at line {where}'}"
    # An edit that ends before the first character of a line has left that line alone.
    last = max(edit.end.line + (edit.end.character > 0 or edit.start == edit.end) for edit in edits)
    return f"changed line{f' {where}' if last <= where else f's {where} to {last}'}{places}"
