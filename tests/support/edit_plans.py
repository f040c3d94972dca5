"""Blocks and plans in few words, for tests of what edits do to a text."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.text import TextSnapshot


class Planned(NamedTuple):
    """A text once a plan is made, and why some blocks were refused, by their index."""

    text: str
    refused: dict[int, str]


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text with line feeds; none of an empty one."""
    return tuple(text.split("\n")) if text else ()


def replace(old: str, new: str, *within: str) -> EditBlock:
    """A block that replaces some lines by others."""
    return EditBlock("replace", "a.py", lines(old), lines(new), within=within)


def whole(new: str) -> EditBlock:
    """A block that is a whole file."""
    return EditBlock("whole", "a.py", new_lines=lines(new))


def planned(text: str, *blocks: EditBlock, language: str = "python") -> Planned:
    """The text with the blocks made that can be."""
    snapshot = TextSnapshot.from_string(text)
    plan = plan_file(snapshot, blocks, language)
    edits = plan.edits(snapshot)
    assert edits == sorted(edits)
    assert all(one.end <= other.start for one, other in pairwise(edits))
    return Planned(apply_edits(text, edits), {refusal.block: refusal.reason for refusal in plan.refusals})


def edited(text: str, *blocks: EditBlock, language: str = "python") -> str:
    """The text with the blocks made, none of which is refused."""
    result = planned(text, *blocks, language=language)
    assert not result.refused
    return result.text


def refusal(text: str, *blocks: EditBlock, language: str = "python") -> str:
    """Why the last block is refused, as the only one."""
    result = planned(text, *blocks, language=language)
    assert list(result.refused) == [len(blocks) - 1]
    assert result.text == edited(text, *blocks[:-1], language=language)
    return result.refused[len(blocks) - 1]
