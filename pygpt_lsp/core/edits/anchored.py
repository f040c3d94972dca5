"""A plan that waits while its document changes: made where its lines are now, all of it, or not at all."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.edits.lines import Change, content_lines, line_edits
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.placement import Region, locate, region_of

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document, DocumentSnapshot
    from pygpt_lsp.core.edits.lines import LineEdit
    from pygpt_lsp.core.edits.plan import FilePlan


class AnchoredPlan(NamedTuple):
    """The changes of a plan with the lines they were planned on; no region where there was no text."""

    changes: tuple[Change, ...]
    regions: tuple[Region, ...]

    @classmethod
    def of(cls, snapshot: DocumentSnapshot, plan: FilePlan) -> AnchoredPlan:
        """The plan for a document as it was in `snapshot`, whose text it was planned on."""
        regions = (
            region_of(snapshot.text, snapshot.version, first, end - 1)
            for first, end, _ in plan.changes
            if first < end
        )
        return cls(plan.changes, tuple(regions))

    def edits_now(self, document: Document, *, same_document: bool = True) -> list[LineEdit]:
        """The edits of the document as it is now, ascending and apart; none where nothing is to be changed.

        With `same_document` False the document was opened anew, and its versions mean nothing. Raises
        EditRefused where the lines of one change were changed, stand in several places, or in another order
        than those of the others.
        """
        text = document.snapshot.text
        if len(self.regions) < len(self.changes):
            if content_lines(text):
                raise EditRefused("The file is not empty any more, so nothing was changed.")
            return line_edits(text, self.changes)
        moved: list[Change] = []
        for change, region in zip(self.changes, self.regions, strict=True):
            line = locate(document, region, same_document=same_document)
            moved.append(Change(line, line + len(region.lines), change.new_lines))
        if any(one.end_line > other.first_line for one, other in pairwise(moved)):
            raise EditRefused(
                "The lines to change were moved while the answer was on its way, so nothing was changed."
            )
        return line_edits(text, moved)
