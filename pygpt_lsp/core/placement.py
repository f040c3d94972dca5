"""Where a region of an earlier version of a document is now: exactly there, or refused.

First by the document's own change log: if no change touched the region, it is where the changes moved it.
Otherwise by its text, if that stands in the document exactly once, and stood there only once before: the twin
of a region that was changed is not the region. Never the nearest, never the first of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.text import Position, Range

if TYPE_CHECKING:
    from pygpt_lsp.core.documents import Document, MappedRange
    from pygpt_lsp.core.text import TextSnapshot


class Region(NamedTuple):
    """Whole lines of a document at a version: `lines` without endings, from line `first_line` (0-based).

    `text` is the same with the document's line endings, the last one included where it has one. `alone`:
    these lines stood nowhere else in the document.
    """

    version: int
    first_line: int
    lines: tuple[str, ...]
    text: str
    alone: bool

    @property
    def range(self) -> Range:
        """The lines, without the last one's ending."""
        last = self.first_line + len(self.lines) - 1
        return Range(Position(self.first_line, 0), Position(last, len(self.lines[-1])))


def region_of(text: TextSnapshot, version: int, first_line: int, last_line: int) -> Region:
    """The lines `first_line` to `last_line`, both included, of the text at `version`."""
    lines = tuple(text.line_content(index) for index in range(first_line, last_line + 1))
    alone = len(_occurrences(text, lines)) == 1
    return Region(version, first_line, lines, "".join(text.lines(first_line, last_line + 1)), alone)


def locate(document: Document, region: Region, *, same_document: bool = True) -> int:
    """The first line (0-based) of the region in the document as it is now.

    With `same_document` False the document was opened anew and its versions mean nothing. Raises
    EditRefused, with the reason, where the region was changed or stands in several places.
    """
    text = document.snapshot.text
    mapped = document.map_range(region.range, region.version) if same_document else None
    if mapped is not None and mapped.intact:
        start, end = mapped.range
        if start.character == 0 and end.character == len(text.line_content(end.line)):
            return start.line
    found = _occurrences(text, region.lines)
    if len(found) > 1:
        raise EditRefused(
            f"The text has changed, and the region now stands in {len(found)} places, so nothing was changed."
        )
    if found and region.alone and not _elsewhere(mapped, found[0], len(region.lines)):
        return found[0]
    raise EditRefused("The region was changed while the answer was on its way, so nothing was changed.")


def _elsewhere(mapped: MappedRange | None, first_line: int, count: int) -> bool:
    """Whether something is left of the region and these lines are not where it is: a copy of what it was."""
    if mapped is None or mapped.range.start == mapped.range.end:
        return False
    start, end = mapped.range
    return end.line < first_line or first_line + count - 1 < start.line


def _occurrences(text: TextSnapshot, wanted: tuple[str, ...]) -> list[int]:
    """The first lines where these lines stand; none for blank lines, which stand everywhere."""
    if not any(line.strip() for line in wanted):
        return []
    lines = [line.rstrip("\r\n") for line in text.lines()]
    count = len(wanted)
    probe = max(range(count), key=lambda index: len(wanted[index]))
    return [
        index - probe
        for index, line in enumerate(lines)
        if line == wanted[probe]
        and index >= probe
        and tuple(lines[index - probe : index - probe + count]) == wanted
    ]
