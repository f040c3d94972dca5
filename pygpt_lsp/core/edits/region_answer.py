"""From an answer about one region to the region's new code, in whatever form the model wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.answer_blocks import read_region_answer
from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.edits.reading import read_edit_blocks
from pygpt_lsp.core.edits.region import refuse_incomplete
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from pygpt_lsp.core.placement import Region


class RegionCode(NamedTuple):
    """The region's new lines. `placed`: they are indented as the region is already."""

    text: str
    placed: bool


def read_region_code(
    answer: str, region: Region, *, language_id: str, finished: bool, bare: bool, insertion: bool
) -> RegionCode:
    """The new code of `region`: one fenced block, or changes of the region (SEARCH/REPLACE blocks, a diff).

    `finished` and `bare` as in `read_region_answer`; for an `insertion` the code comes beside the region.
    EditRefused, with the reason, where the answer is not clear, leaves code out, or asks for changes outside
    the region.
    """
    # In a diff, or in a file with merge conflicts, such lines are code.
    may_be_changes = finished and canonical(language_id) != "diff" and "<<<<<<<" not in region.text
    blocks = read_edit_blocks(answer) if may_be_changes else ()
    if any(block.kind == "replace" for block in blocks):
        if insertion:
            raise EditRefused(
                "The answer changes lines instead of giving new ones, so nothing was changed; ask again."
            )
        text = TextSnapshot.from_string(region.text)
        plan = plan_file(text, blocks, language_id)
        if plan.refusals:
            raise EditRefused(plan.refusals[0].reason)
        return RegionCode(apply_edits(region.text, plan.edits(text)), placed=True)
    code = read_region_answer(answer, language=language_id, finished=finished, bare=bare)
    if not insertion:
        refuse_incomplete(region.text, code)
    return RegionCode(code, placed=False)
