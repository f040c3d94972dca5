"""What a block writes at its place: the file's own lines where it changes none, and its new lines, fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.file_lines import columns
from pygpt_lsp.core.edits.misfit import Misfit
from pygpt_lsp.core.indentation import indent_of, indent_step, match_style
from pygpt_lsp.core.line_diff import changed_hunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.edits.file_lines import FileLines, Shift

_STYLE_LINES = 200
"""Lines on either side of a place that tell how it is indented."""


def written(
    file: FileLines, old: Sequence[str], new: Sequence[str], start: int, shift: Shift | None
) -> tuple[str, ...]:
    """The lines that stand at `start` once `old`, found there, has given way to `new`.

    `shift` is how they are moved there, None where they are equal. Misfit where `new` has lines that
    would have to stand left of the margin.
    """
    there = file.lines[start : start + len(old)]
    styled = [line for line in there if line.strip() and indent_of(line)]
    around = () if styled else file.lines[max(start - _STYLE_LINES, 0) : start + len(old) + _STYLE_LINES]
    tabs = any("\t" in indent_of(line) for line in styled) or (not styled and indent_step(around) == "\t")
    fitted = _indented(new, old, there, shift, tabs=tabs)
    if shift and _trailing_space_is_noise(old, there):
        fitted = [line.rstrip() for line in fitted]
    if not styled:
        fitted = match_style(fitted, (), around)
    result: list[str] = []
    done = 0
    for hunk in changed_hunks(old, new):
        result += [*there[done : hunk.old_start], *fitted[hunk.new_start : hunk.new_end]]
        done = hunk.old_end
    return (*result, *there[done:])


def _indented(
    new: Sequence[str], old: Sequence[str], there: Sequence[str], shift: Shift | None, *, tabs: bool
) -> list[str]:
    """The new lines as deep below the margin of the file as they are below that of the answer."""
    known = {indent_of(line): indent_of(own) for line, own in zip(old, there, strict=True) if line.strip()}
    if shift is None or all(indent == own for indent, own in known.items()):
        return list(new)
    return [_moved(line, known, shift, tabs=tabs) if line.strip() else line for line in new]


def _moved(line: str, known: dict[str, str], shift: Shift, *, tabs: bool) -> str:
    indent = indent_of(line)
    code = line[len(indent) :]
    if indent in known:
        return known[indent] + code
    wide = columns(indent, shift.width) + shift.columns
    if wide < 0:
        raise Misfit("The new lines would stand left of the margin, so it is not clear how they fit in.")
    return ("\t" * (wide // shift.width) + " " * (wide % shift.width) if tabs else " " * wide) + code


def _trailing_space_is_noise(old: Sequence[str], there: Sequence[str]) -> bool:
    """Whether the answer has space behind lines where the file has none."""
    return any(line != line.rstrip() and own == own.rstrip() for line, own in zip(old, there, strict=True))
