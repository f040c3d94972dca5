"""Edits as text, in the form that this package reads best and that models are asked for.

What is written is read back as the same edits by `reading`, whatever the files hold: fences and markers are
longer than any that they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.edits.paths import path_in_line
from pygpt_lsp.core.edits.search_replace import find_markers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pygpt_lsp.core.edits.blocks import EditBlock

_USUAL = 7


def render_blocks(blocks: Iterable[EditBlock]) -> str:
    """The blocks, each as the line that names its file and a fence: SEARCH/REPLACE markers in it for a
    `replace` (whose headings are left out) and a new file, the lines alone for another `whole`.

    Each has a path that looks like one, and no problem; ValueError for a `delete` or `rename`.
    """
    return "\n".join(map(_rendered, blocks))


def _rendered(block: EditBlock) -> str:
    if block.kind not in ("replace", "whole"):
        raise ValueError(block.kind)
    content = (*block.old_lines, *block.new_lines)
    fence = fence_for("\n".join(content))
    if block.kind == "whole" and not block.is_new:
        # Where the line says so, nothing in a longer fence is taken for an edit.
        fence = fence if len(fence) > 3 else fence + fence[0]
        return _joined([f"{_named(block.path)} (whole file)", fence, *block.new_lines, fence])
    size = _marker_length(content)
    return _joined(
        [
            _named(block.path),
            fence,
            f"{'<' * size} SEARCH",
            *block.old_lines,
            "=" * size,
            *block.new_lines,
            f"{'>' * size} REPLACE",
            fence,
        ]
    )


def _named(path: str) -> str:
    """The line that names the file."""
    plain = path_in_line(path)
    quoted = path_in_line(f"`{path}`")
    if plain and plain.sure and plain.path == path:
        return path
    return f"`{path}`" if quoted and quoted.sure and quoted.path == path else f"File: `{path}`"


def _marker_length(content: Sequence[str]) -> int:
    longest = max((marker.length for marker in find_markers(content)), default=0)
    return max(_USUAL + 1, longest + 1) if longest else _USUAL


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
