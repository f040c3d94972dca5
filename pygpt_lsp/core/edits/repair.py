"""What the model is told when an answer cannot be made into an edit: the reason, and the nearest lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.context import fence_for

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_REPAIRS = 2
"""How often an answer goes back to the model within one request of the user."""


class Misplaced(NamedTuple):
    """A block that does not fit: its file as the answer has it, why, and the lines most like its old ones."""

    path: str
    old_lines: tuple[str, ...]
    reason: str
    nearest: tuple[str, ...]


def region_repair(reason: str) -> str:
    """Ask again for the code of a region."""
    return (
        f"That answer cannot be used. {reason}\n\n"
        "Answer again with exactly one fenced code block that holds the complete new text of the region and "
        "nothing else."
    )


def blocks_repair(misplaced: Sequence[Misplaced]) -> str:
    """Ask again for the blocks that do not fit, each once, in their order."""
    parts = ["These of your SEARCH/REPLACE blocks cannot be applied:"]
    for number, block in enumerate(misplaced, 1):
        parts.append(f"{number}. `{block.path}`: {block.reason}\n\n{_fenced(block.old_lines)}")
        if block.nearest:
            parts.append(f"The nearest lines of the file are:\n\n{_fenced(block.nearest)}")
    parts.append(
        "Answer with these blocks alone, corrected, in the same order and each for its file. The SEARCH "
        "lines must be lines of the file as they are now, character for character, and stand in it only "
        "once: take more lines along where they do not. The other blocks are fine; do not repeat them."
    )
    return "\n\n".join(parts)


def _fenced(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    fence = fence_for(text)
    return f"{fence}\n{text}\n{fence}"
