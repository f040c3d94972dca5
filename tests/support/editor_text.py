"""The text of an open document as an editor holds it: a plain string and its own position arithmetic.

It shares nothing with the product's text module, so that one tests the other. Offsets are in code points,
positions in the negotiated encoding (LSP 3.17, "Position"). A position that does not exist is an error here
where real editors clamp: the server is expected to send none.
"""

from __future__ import annotations

import itertools
import re
from typing import Any, Literal, NamedTuple, TypeAlias

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]
Json: TypeAlias = dict[str, Any]

_LINE_END = re.compile(r"\r\n|\n|\r")
_UNIT: dict[Encoding, int] = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


class Change(NamedTuple):
    """The text from offset `start` to `end` becomes `new`."""

    start: int
    end: int
    new: str


def lines(text: str) -> list[tuple[int, int]]:
    """Start and end offset of each line, without its line end; a text always has a last line."""
    starts = [0]
    ends: list[int] = []
    for match in _LINE_END.finditer(text):
        ends.append(match.start())
        starts.append(match.end())
    return list(zip(starts, [*ends, len(text)], strict=True))


def units(text: str, encoding: Encoding) -> int:
    """How long a piece of text is in the units of `encoding`."""
    name = encoding if encoding == "utf-8" else f"{encoding}-le"
    return len(text.encode(name)) // _UNIT[encoding]


def offset_at(text: str, position: Json, encoding: Encoding) -> int:
    """The offset of an LSP position; ValueError where the text has no such position."""
    spans = lines(text)
    line: int = position["line"]
    character: int = position["character"]
    if not 0 <= line < len(spans):
        raise ValueError(f"line {line} of {len(spans)}")
    start, end = spans[line]
    column = 0
    for offset in range(start, end + 1):
        if column == character:
            return offset
        if offset < end:
            column += units(text[offset], encoding)
    raise ValueError(f"{line}:{character} is past the line's end or inside a character ({encoding})")


def position_at(text: str, offset: int, encoding: Encoding) -> Json:
    """The LSP position of an offset; ValueError between a carriage return and its line feed."""
    for line, (start, end) in enumerate(lines(text)):
        if start <= offset <= end:
            return {"line": line, "character": units(text[start:offset], encoding)}
    raise ValueError(f"offset {offset} is in no line")


def range_at(text: str, start: int, end: int, encoding: Encoding) -> Json:
    """The LSP range between two offsets."""
    return {"start": position_at(text, start, encoding), "end": position_at(text, end, encoding)}


def changes_of(text: str, edits: list[Json], encoding: Encoding) -> list[Change]:
    """An LSP `TextEdit[]` as changes in the order of the text; ValueError where two overlap."""
    changes = [
        Change(
            offset_at(text, edit["range"]["start"], encoding),
            offset_at(text, edit["range"]["end"], encoding),
            edit["newText"],
        )
        for edit in edits
    ]
    # A stable sort: inserts at one place keep their order.
    changes.sort(key=lambda change: (change.start, change.end))
    for before, after in itertools.pairwise(changes):
        if after.start < before.end:
            raise ValueError(f"edits overlap at offset {after.start}")
    if any(change.end < change.start for change in changes):
        raise ValueError("an edit ends before it starts")
    return changes


def line_end_of(text: str) -> str:
    """The line end that most lines have; a line feed for a text of one line."""
    ends = _LINE_END.findall(text)
    return "\r\n" if ends.count("\r\n") > len(ends) / 2 else "\n"


def with_line_ends(text: str, line_end: str) -> str:
    """The text with every line end made the same."""
    return _LINE_END.sub(lambda _: line_end, text)
