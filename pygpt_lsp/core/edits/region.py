"""From the code of an answer to edits of the document: the lines that change, and no others.

What stays as it is in the file: lines that do not change, line endings, the blank lines at the edges of the
region, the last line's ending or its absence. So the cursor and the marks stay, and the diff is what the
model changed. Must never erase a region because an answer had nothing in it, nor put in a text that leaves
code out ("... rest unchanged").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.elision import says_code_stays
from pygpt_lsp.core.edits.lines import ENDING, LineEdit, hunk_edit
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.indentation import (
    fit_indentation,
    indent_of,
    indent_step,
    match_style,
    opens_block,
    shift_to,
)
from pygpt_lsp.core.line_diff import Hunk, changed_hunks
from pygpt_lsp.core.positions import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def plan_region_edit(
    old_region: str,
    code: str,
    *,
    first_line: int,
    eol: str,
    above: Sequence[str] = (),
    below: Sequence[str] = (),
    reindent: bool = True,
) -> list[LineEdit]:
    """The edits that put `code` in place of `old_region`: whole lines of the document, endings included.

    `first_line` is the region's first line (0-based), `eol` the line ending for new lines. `above` and
    `below` are lines next to the region, as many as there may be of use, without endings: they tell how the
    file is indented, and what of `code` repeats them is left out. With `reindent=False` the indentation of
    `code` is taken as it is: for requests that are about indentation. The edits are in ascending order,
    apart from each other and within the region's lines; none if nothing changes. EditRefused where `code`
    is empty or leaves out code by a comment.
    """
    old = ENDING.split(old_region)
    if len(old) > 1 and not old[-1]:
        old.pop()
    refuse_incomplete(old_region, code)
    new = _filled_lines(code)
    filled = [index for index, line in enumerate(old) if line.strip()]
    if filled:
        new = _without_repetition(new, old[filled[0]], above)
        new = _without_repetition(new[::-1], old[filled[-1]], below[::-1])[::-1]
    if reindent:
        new = fit_indentation(old, new, [*above, *below])
    if filled:
        new = [*old[: filled[0]], *new, *old[filled[-1] + 1 :]]
        hunks = changed_hunks(old, new)
    else:
        # Equal blank lines mean nothing where there is nothing else.
        hunks = [Hunk(0, len(old), 0, len(new))]
    return [hunk_edit(old, hunk, new[hunk.new_start : hunk.new_end], first_line, eol) for hunk in hunks]


def refuse_incomplete(old_region: str, code: str) -> None:
    """Raise EditRefused where a comment in `code`, new to the region, stands for code that should stay."""
    known = {line.strip() for line in ENDING.split(old_region)}
    if any(says_code_stays(line) and line.strip() not in known for line in ENDING.split(code)):
        raise EditRefused(
            "The answer leaves out code that should stay, so nothing was changed; "
            "ask again for the whole code."
        )


def plan_insertion(
    before: Sequence[str], cursor_line: str, code: str, *, line: int, eol: str, around: Iterable[str] = ()
) -> list[LineEdit]:
    """The edit that writes `code` at the cursor.

    `cursor_line` is the text of line `line` (0-based), `before` the lines above it, or the nearest of
    them, and `around` some others which tell how the file is indented; all without endings. A blank
    cursor line is replaced, another one stays and the code comes below it. The code is indented as the
    cursor line is, one level deeper if that opens a block; on an empty line as the answer has it, but
    always inside a block that the line above opens. EditRefused where `code` is empty.
    """
    above = next((text for text in reversed(before) if text.strip()), "")
    nearby = [*before, cursor_line, *around]
    new = match_style(_filled_lines(code), nearby)
    step = indent_step(nearby)
    end = Position(line, len(cursor_line))
    if cursor_line.strip():
        new = shift_to(new, indent_of(cursor_line) + (step if opens_block(cursor_line) else ""))
        return [LineEdit(end, end, "".join(eol + text for text in new))]
    if cursor_line:
        new = shift_to(new, indent_of(cursor_line))
    elif opens_block(above) and len(indent_of(new[0])) <= len(indent_of(above)):
        new = shift_to(new, indent_of(above) + step)
    return [LineEdit(Position(line, 0), end, eol.join(new))]


def _filled_lines(code: str) -> list[str]:
    """The lines of `code` without blank ones at the edges; EditRefused where none is left."""
    lines = ENDING.split(code)
    filled = [index for index, line in enumerate(lines) if line.strip()]
    if not filled:
        raise EditRefused("The answer holds no code, so nothing was changed; ask again.")
    return lines[filled[0] : filled[-1] + 1]


def _without_repetition(new: list[str], first: str, above: Sequence[str]) -> list[str]:
    """`new` without the lines at its start that repeat those above the region and lead to its line `first`.

    Blank lines and indentation do not count. Where `new` may be read in two ways it stays as it is.
    """
    wanted = first.strip()
    filled = [index for index, line in enumerate(new) if line.strip()]
    texts = [new[index].strip() for index in filled]
    beside = [text for line in above if (text := line.strip())]
    if texts[0] == wanted:
        return new
    counts = [
        count
        for count in range(1, min(len(beside) + 1, len(texts)))
        if texts[count] == wanted and texts[:count] == beside[-count:]
    ]
    return new[filled[counts[0]] :] if len(counts) == 1 else new
