"""Making an edit, or showing it: the last step of every edit action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.lines import LineEdit
from pygpt_lsp.core.edits.region import plan_insertion, plan_region_edit
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.placement import locate
from pygpt_lsp.core.positions import advance
from pygpt_lsp.core.text import Position, Range
from pygpt_lsp.lsp.editor import TextEdit

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.lsp.proposals import Proposal
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target

_TRIES = 6
_STYLE_LINES = 200


async def apply_region(server: PygptServer, document: Document, proposal: Proposal) -> str:
    """Make the edit as one undo step and say what was changed.

    It is planned anew for the text as it is at each try, because the user may type meanwhile. Raises
    EditRefused with the reason; then nothing was changed.
    """
    reason = ""
    for _ in range(_TRIES):
        snapshot = document.snapshot
        edits = plan(document, proposal)
        if not edits:
            return "nothing to change"
        changes = [TextEdit(Range(edit.start, edit.end), edit.text) for edit in edits]
        applied = await server.editor.apply(
            document, snapshot.text, snapshot.version, changes, proposal.title
        )
        if applied.made:
            return _summary(edits)
        reason = applied.reason
        if applied.unanswered or server.session.documents.document(snapshot.uri) is not document:
            break
        if applied.outcome is None and not await server.sync.until_changed(document, snapshot.version, 1.0):
            break
    raise EditRefused(f"The editor did not make the edit: {reason}.")


def plan(document: Document, proposal: Proposal) -> list[LineEdit]:
    """The edits for the text as it is now; the document may have been opened anew. Raises EditRefused."""
    text = document.snapshot.text
    region = proposal.region
    line = locate(document, region, same_document=document is proposal.document)
    eol = text.eol
    if proposal.insertion and canonical(document.snapshot.language_id) == "gitcommit":
        message = proposal.code.rstrip("\n").replace("\n", eol)
        start = Position(0, 0)
        if region.lines[0].strip():
            return [LineEdit(start, start, message + eol * 2)]
        return [LineEdit(start, Position(0, len(region.lines[0])), message)]
    above = [text.line_content(index) for index in range(max(line - _STYLE_LINES, 0), line)]
    after = line + len(region.lines)
    below = [text.line_content(index) for index in range(after, min(after + _STYLE_LINES, text.line_count))]
    if proposal.insertion:
        return plan_insertion(above, region.lines[0], proposal.code, line=line, eol=eol, around=below)
    return plan_region_edit(
        region.text,
        proposal.code,
        first_line=line,
        eol=eol,
        around=[*above, *below],
        reindent=proposal.reindent,
    )


def summary_of(document: Document, proposal: Proposal) -> str:
    """What the edit would change, in a few words. Raises EditRefused."""
    return _summary(plan(document, proposal))


def _summary(edits: list[LineEdit]) -> str:
    where = min(edit.start.line for edit in edits) + 1
    places = f" in {len(edits)} places" if len(edits) > 1 else ""
    added = sum(advance(edit.start, edit.text).line - edit.start.line for edit in edits)
    if added and all(edit.start == edit.end for edit in edits):
        lines = "1 line" if added == 1 else f"{added} lines"
        return f"added {lines}{places or f' at line {where}'}"
    # An edit that ends before the first character of a line has left that line alone.
    last = max(edit.end.line + (edit.end.character > 0 or edit.start == edit.end) for edit in edits)
    return f"changed line{f' {where}' if last <= where else f's {where} to {last}'}{places}"


async def show_proposal(
    server: PygptServer, target: Target, question: str, answer: str, reason: str, proposal: Proposal | None
) -> None:
    """Show an answer that did not become an edit in a new chat, with the reason, ready to be applied."""
    from pygpt_lsp.core.chat_context import format_context_ref
    from pygpt_lsp.lsp.chat_jobs import write_new_chat

    server.editor.tell("warning", f"PyGPT: {reason} The answer is in the chat.")
    name = target.shown_path if target.root is not None else str(target.path or target.snapshot.uri)
    context = [format_context_ref("file", name, target.first_line + 1, target.last_line + 1)]
    try:
        place = await write_new_chat(
            server, question, context, question[:40], target.root, answer, f"not applied: {reason}"
        )
        if proposal is not None and place.path is not None:
            server.proposals.add(place.path, proposal)
        await place.show()
    except PygptError as error:
        server.editor.tell("error", f"PyGPT: {error.sentence} The answer is in the history.")
