"""The definition that a diff names above its lines: it tells one of several equal places from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.edits.file_lines import alike_key
from pygpt_lsp.core.outline import LineSpan, enclosing_definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.edits.file_lines import FileLines

_CUT_FROM = 40
"""Characters from which on a heading may be cut within a word: git cuts at 80 bytes."""


def inside_headings(file: FileLines, places: Sequence[int], count: int, within: Sequence[str]) -> list[int]:
    """Those of the places of `count` lines that lie in the definition of the last heading; none without it.

    `within` are headings, outermost first. The last one must stand once: in the file, or inside the
    definitions of those before it.
    """
    span: LineSpan | None = None
    for heading in within:
        inside = span or LineSpan(0, len(file.lines))
        if (found := _definition(file, heading, inside)) is not None:
            span = found
        elif heading is within[-1]:
            return []
    return [start for start in places if span and span.start <= start and start + count <= span.end]


def _definition(file: FileLines, heading: str, inside: LineSpan) -> LineSpan | None:
    """The definition that the heading opens; None if it does not stand there once, or opens none."""
    wanted = alike_key(heading)
    lines = range(inside.start, inside.end)
    found = [index for index in lines if file.keys[index] == wanted]
    if not found and wanted:
        found = [index for index in lines if _is_cut(wanted, file.keys[index])]
    if len(found) != 1:
        return None
    for definition in enclosing_definitions(file.text, found[0], found[0], file.language_id):
        if definition.header == found[0]:
            return definition.span
    return None


def _is_cut(heading: str, line: str) -> bool:
    """Whether `heading` is the beginning of `line`, up to the end of a word unless it is long."""
    if not line.startswith(heading):
        return False
    return len(heading) >= _CUT_FROM or not (heading[-1:] + line[len(heading) :][:1]).isidentifier()
