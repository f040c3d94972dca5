"""The text of a document at one moment.

pygls keeps a document as one string, splits it where LSP does not (form feed, U+2028, ...) and pays for the
whole document at every key press. Here a text is a tuple of blocks of lines. An edit builds the blocks it
touches and shares all others with the text before it, so every earlier snapshot stays valid and costs
almost nothing to keep.

Must never change a snapshot, split a character or a `\\r\\n`, or raise because a client's position is
outside the text.
"""

from __future__ import annotations

from bisect import bisect_right
from io import StringIO
from itertools import accumulate, chain, pairwise
from operator import eq
from typing import TYPE_CHECKING, Literal, TypeAlias

from pygpt_lsp.core.positions import Position, PositionEncoding, Range, count_units, units_to_code_points

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LineEnding", "Position", "PositionEncoding", "Range", "TextSnapshot"]

LineEnding: TypeAlias = Literal["\n", "\r\n", "\r"]

# An edit copies one block, and where it adds or removes lines it shifts one number per later block. With
# these sizes both take some microseconds, up to some hundred thousand lines.
_BLOCK_LINES = 512
_MOST_BLOCK_LINES = _BLOCK_LINES * 3 // 2
_FEWEST_BLOCK_LINES = _BLOCK_LINES // 4


class TextSnapshot:
    """An immutable text with fast access by line, by position and by offset.

    A line ends at `\\n`, `\\r\\n` or a lone `\\r` and at nothing else (LSP 3.17, Text Documents). A text that
    ends with a line ending has an empty last line; an empty text has one empty line. Every position given
    is clamped first, see `clamp`; a range whose end lies before its start is turned round.
    """

    __slots__ = ("_blocks", "_eol", "_lengths", "_starts")

    def __init__(
        self, blocks: tuple[tuple[str, ...], ...], starts: tuple[int, ...], lengths: tuple[int, ...]
    ) -> None:
        """Use `from_string`.

        `starts` are the lines before each block and, at the end, all lines; `lengths` the code points in
        each block. No block is empty.
        """
        self._blocks = blocks
        self._starts = starts
        self._lengths = lengths
        self._eol: LineEnding | None = None

    @classmethod
    def from_string(cls, text: str) -> TextSnapshot:
        """The snapshot of `text`, in time proportional to its length."""
        blocks = _cut(tuple(_split(text)))
        return cls(blocks, tuple(accumulate(map(len, blocks), initial=0)), tuple(map(_length, blocks)))

    def __str__(self) -> str:
        return "".join(chain.from_iterable(self._blocks))

    def __repr__(self) -> str:
        # Without the text: a repr ends up in logs and tracebacks.
        return f"TextSnapshot({self.line_count} lines, {len(self)} characters)"

    def __len__(self) -> int:
        """The number of code points, line endings included."""
        return sum(self._lengths)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TextSnapshot):
            return NotImplemented
        if self._starts == other._starts:
            return self._blocks == other._blocks  # shared blocks compare by identity
        if len(self) != len(other) or self.line_count != other.line_count:
            return False
        return all(map(eq, self.lines(), other.lines()))

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def line_count(self) -> int:
        """The number of lines; at least 1."""
        return self._starts[-1]

    @property
    def end(self) -> Position:
        """The position after the last character."""
        return Position(self.line_count - 1, len(self._blocks[-1][-1]))

    @property
    def eol(self) -> LineEnding:
        """The line ending that occurs most often; `\\n` where none does or where it draws."""
        if self._eol is None:
            crlf = lf = cr = 0
            for block in self._blocks:
                text = "".join(block)
                pairs = text.count("\r\n")
                crlf += pairs
                lf += text.count("\n") - pairs
                cr += text.count("\r") - pairs
            most = max(lf, crlf, cr)
            self._eol = "\n" if lf == most else "\r\n" if crlf == most else "\r"
        return self._eol

    def line(self, index: int) -> str:
        """Line `index` (0-based) with its ending. IndexError outside the text."""
        if not 0 <= index < self.line_count:
            raise IndexError(index)
        block = self._block_of(index)
        return self._blocks[block][index - self._starts[block]]

    def line_content(self, index: int) -> str:
        """Line `index` (0-based) without its ending. IndexError outside the text."""
        line = self.line(index)
        return line[: _content_length(line)]

    def lines(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """Lines `start` up to, not including, `stop` (or the last one), each with its ending."""
        start = max(start, 0)
        stop = self.line_count if stop is None else min(stop, self.line_count)
        if start >= stop:
            return
        for index in range(self._block_of(start), self._block_of(stop - 1) + 1):
            base = self._starts[index]
            yield from self._blocks[index][max(start - base, 0) : stop - base]

    def clamp(self, position: Position) -> Position:
        """The nearest position in the text.

        A character beyond the end of its line becomes the end of that line, before the line ending (LSP
        3.17, Position); so nothing ever lies inside a `\\r\\n`. A line beyond the last becomes the end of
        the text, a negative line its start.
        """
        line, character = position
        if line < 0:
            return Position(0, 0)
        if line >= self.line_count:
            return self.end
        length = _content_length(self.line(line))
        if 0 <= character <= length:
            return position
        return Position(line, length if character > 0 else 0)

    def slice(self, span: Range) -> str:
        """The text of `span`."""
        start, end = self._ordered(span)
        if start.line == end.line:
            return self.line(start.line)[start.character : end.character]
        first = self.line(start.line)[start.character :]
        last = self.line(end.line)[: end.character]
        return "".join((first, *self.lines(start.line + 1, end.line), last))

    def offset_at(self, position: Position) -> int:
        """The number of code points before `position`."""
        line, character = self.clamp(position)
        block = self._block_of(line)
        before = self._blocks[block][: line - self._starts[block]]
        return sum(self._lengths[:block]) + _length(before) + character

    def position_at(self, offset: int) -> Position:
        """The position after `offset` code points, clamped; inside a `\\r\\n` the position before it."""
        offset = min(max(offset, 0), len(self))
        ends = list(accumulate(self._lengths))
        block = min(bisect_right(ends, offset), len(ends) - 1)
        lines = self._blocks[block]
        starts = list(accumulate(map(len, lines), initial=ends[block] - self._lengths[block]))
        index = min(bisect_right(starts, offset), len(lines)) - 1
        character = min(offset - starts[index], _content_length(lines[index]))
        return Position(self._starts[block] + index, character)

    def to_units(self, position: Position, encoding: PositionEncoding) -> int:
        """The LSP `character` of `position`: the units of `encoding` before it in its line."""
        line, character = self.clamp(position)
        text = self.line(line)
        return character if text.isascii() else count_units(text[:character], encoding)

    def from_units(self, line: int, character: int, encoding: PositionEncoding) -> Position:
        """The position of an LSP `line` and `character`, the latter in units of `encoding`.

        Out of range it is clamped as `clamp` says. Inside a surrogate pair or a UTF-8 sequence it is
        rounded down, to the position before the character.
        """
        if not 0 <= line < self.line_count or self.line(line).isascii():
            return self.clamp(Position(line, character))
        return Position(line, units_to_code_points(self.line_content(line), character, encoding))

    def normalize_edit(self, span: Range, text: str) -> tuple[Range, str]:
        """The edit that `replace(span, text)` really makes: clamped, in order, and whole at its edges.

        Where the edit would join a `\\r` and a `\\n`, one of them outside `span`, it is widened to cover
        both. So its start and the end of its text are positions before the edit and after it.
        """
        start, end = self._ordered(span)
        behind = self.line(end.line)[end.character :]
        if start.character == 0 and start.line > 0 and (text or behind).startswith("\n"):
            before = self.line(start.line - 1)
            if before.endswith("\r"):
                start = Position(start.line - 1, len(before) - 1)
                text = "\r" + text
        if text.endswith("\r") and behind.startswith("\n"):
            end = Position(end.line + 1, 0)
            text += "\n"
        return Range(start, end), text

    def replace(self, span: Range, text: str) -> TextSnapshot:
        """The snapshot with `text` in place of `span`.

        Takes time proportional to `text`, to the lines of `span` and to one block, plus a few nanoseconds
        for each block of the document.
        """
        (start, end), text = self.normalize_edit(span, text)
        touched = "".join(
            (self.line(start.line)[: start.character], text, self.line(end.line)[end.character :])
        )
        lines = _split(touched)
        if end.line + 1 < self.line_count:
            lines.pop()  # `touched` ends with a line ending, and the next line follows it
        first, last = self._block_of(start.line), self._block_of(end.line)
        middle = (
            self._blocks[first][: start.line - self._starts[first]]
            + tuple(lines)
            + self._blocks[last][end.line - self._starts[last] + 1 :]
        )
        # A small remainder joins its neighbour: no block is small but an only one, however much is deleted.
        if len(middle) < _FEWEST_BLOCK_LINES:
            if last + 1 < len(self._blocks):
                last += 1
                middle += self._blocks[last]
            elif first > 0:
                first -= 1
                middle = self._blocks[first] + middle
        blocks = _cut(middle)
        starts = tuple(accumulate(map(len, blocks), initial=self._starts[first]))
        later = self._starts[last + 2 :]
        if growth := starts[-1] - self._starts[last + 1]:
            later = tuple([start + growth for start in later])
        return TextSnapshot(
            self._blocks[:first] + blocks + self._blocks[last + 1 :],
            self._starts[:first] + starts + later,
            self._lengths[:first] + tuple(map(_length, blocks)) + self._lengths[last + 1 :],
        )

    def _block_of(self, line: int) -> int:
        return bisect_right(self._starts, line) - 1

    def _ordered(self, span: Range) -> Range:
        start, end = self.clamp(span.start), self.clamp(span.end)
        return Range(start, end) if start <= end else Range(end, start)


def _split(text: str) -> list[str]:
    """The lines of `text` with their endings; the last one has none and may be empty."""
    # `newline=""` ends lines at the three endings of LSP, alone of all that the library has.
    lines = list(StringIO(text, newline=""))
    if not text or text[-1] in "\r\n":
        lines.append("")
    return lines


def _cut(lines: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """`lines` as blocks of the same size, give or take a line."""
    if len(lines) <= _MOST_BLOCK_LINES:
        return (lines,)
    count = -(-len(lines) // _BLOCK_LINES)
    stops = [len(lines) * index // count for index in range(count + 1)]
    return tuple(lines[start:stop] for start, stop in pairwise(stops))


def _length(lines: tuple[str, ...]) -> int:
    return sum(map(len, lines))


def _content_length(line: str) -> int:
    """The length of `line` without its ending."""
    if line.endswith("\r\n"):
        return len(line) - 2
    return len(line) - line.endswith(("\n", "\r"))
