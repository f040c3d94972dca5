"""The text of a document at one moment, and positions in it.

pygls keeps a document as one string, splits it where LSP does not (form feed, U+2028, ...) and pays for the
whole document at every key press. Here a text is a tuple of blocks of lines. An edit builds the blocks it
touches and shares all others with the text before it, so every earlier snapshot stays valid and costs
almost nothing to keep.

Positions inside the program count code points. What a client calls `character` counts units of the encoding
agreed with it (LSP 3.17, PositionEncodingKind) and becomes a `Position` here and nowhere else.

Must never change a snapshot, split a character or a `\\r\\n`, or raise because a client's position is
outside the text.
"""

from __future__ import annotations

from bisect import bisect_right
from io import StringIO
from itertools import accumulate, chain
from operator import eq
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PositionEncoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]
LineEnding: TypeAlias = Literal["\n", "\r\n", "\r"]

# An edit copies the pointers of one block and shifts one number per later block. With these sizes both stay
# within a few microseconds up to some hundred thousand lines.
_BLOCK_LINES = 384
_MOST_BLOCK_LINES = 2 * _BLOCK_LINES
_FEWEST_BLOCK_LINES = _BLOCK_LINES // 4


class Position(NamedTuple):
    """A place between two characters: 0-based line, and code points from the start of that line."""

    line: int
    character: int


class Range(NamedTuple):
    """The text from `start` up to, not including, `end`; empty where they are equal."""

    start: Position
    end: Position


class TextSnapshot:
    """An immutable text with fast access by line, by position and by offset.

    A line ends at `\\n`, `\\r\\n` or a lone `\\r` and at nothing else (LSP 3.17, Text Documents). A text that
    ends with a line ending has an empty last line; an empty text has one empty line. Every position given
    is clamped first, see `clamp`; a range whose end lies before its start is turned round.
    """

    __slots__ = ("_blocks", "_char_starts", "_eol", "_line_starts")

    def __init__(
        self,
        blocks: tuple[tuple[str, ...], ...],
        line_starts: tuple[int, ...],
        char_starts: tuple[int, ...],
    ) -> None:
        """Use `from_string`. Item i of the `starts` is what lies before block i, the last one the total."""
        self._blocks = blocks
        self._line_starts = line_starts
        self._char_starts = char_starts
        self._eol: LineEnding | None = None

    @classmethod
    def from_string(cls, text: str) -> TextSnapshot:
        """The snapshot of `text`, in time proportional to its length."""
        blocks = _cut(tuple(_split(text)))
        return cls(
            blocks,
            tuple(accumulate(map(len, blocks), initial=0)),
            tuple(accumulate(map(_length, blocks), initial=0)),
        )

    def __str__(self) -> str:
        return "".join(chain.from_iterable(self._blocks))

    def __repr__(self) -> str:
        # Without the text: a repr ends up in logs and tracebacks.
        return f"TextSnapshot({self.line_count} lines, {len(self)} characters)"

    def __len__(self) -> int:
        """The number of code points, line endings included."""
        return self._char_starts[-1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TextSnapshot):
            return NotImplemented
        if self._line_starts == other._line_starts:
            return self._blocks == other._blocks  # shared blocks compare by identity
        if len(self) != len(other) or self.line_count != other.line_count:
            return False
        return all(map(eq, self.lines(), other.lines()))

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def line_count(self) -> int:
        """The number of lines; at least 1."""
        return self._line_starts[-1]

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
        return self._blocks[block][index - self._line_starts[block]]

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
            base = self._line_starts[index]
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
        before = self._blocks[block][: line - self._line_starts[block]]
        return self._char_starts[block] + _length(before) + character

    def position_at(self, offset: int) -> Position:
        """The position after `offset` code points, clamped; inside a `\\r\\n` the position before it."""
        offset = min(max(offset, 0), len(self))
        block = min(bisect_right(self._char_starts, offset), len(self._blocks)) - 1
        lines = self._blocks[block]
        starts = list(accumulate(map(len, lines), initial=self._char_starts[block]))
        index = min(bisect_right(starts, offset), len(lines)) - 1
        character = min(offset - starts[index], _content_length(lines[index]))
        return Position(self._line_starts[block] + index, character)

    def to_units(self, position: Position, encoding: PositionEncoding) -> int:
        """The LSP `character` of `position`: the units of `encoding` before it in its line."""
        line, character = self.clamp(position)
        text = self.line(line)
        return character if text.isascii() else _units(text[:character], encoding)

    def from_units(self, line: int, character: int, encoding: PositionEncoding) -> Position:
        """The position of an LSP `line` and `character`, the latter in units of `encoding`.

        Out of range it is clamped as `clamp` says. Inside a surrogate pair or a UTF-8 sequence it is
        rounded down, to the position before the character.
        """
        if not 0 <= line < self.line_count or encoding == "utf-32" or self.line(line).isascii():
            return self.clamp(Position(line, character))
        content = self.line_content(line)
        if character < 0:
            return Position(line, 0)
        # A character is at least one unit, so the answer is among the first `character` code points.
        candidates = range(min(character, len(content)) + 1)
        after = bisect_right(candidates, character, key=lambda stop: _units(content[:stop], encoding))
        return Position(line, after - 1)

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
            self._blocks[first][: start.line - self._line_starts[first]]
            + tuple(lines)
            + self._blocks[last][end.line - self._line_starts[last] + 1 :]
        )
        # Small remains join a neighbour, or deleting would leave ever more of them.
        if len(middle) < _FEWEST_BLOCK_LINES:
            if last + 1 < len(self._blocks):
                last += 1
                middle += self._blocks[last]
            elif first > 0:
                first -= 1
                middle = self._blocks[first] + middle
        blocks = _cut(middle)
        return TextSnapshot(
            self._blocks[:first] + blocks + self._blocks[last + 1 :],
            _restarted(self._line_starts, first, last, map(len, blocks)),
            _restarted(self._char_starts, first, last, map(_length, blocks)),
        )

    def _block_of(self, line: int) -> int:
        return bisect_right(self._line_starts, line) - 1

    def _ordered(self, span: Range) -> Range:
        start, end = self.clamp(span.start), self.clamp(span.end)
        return Range(start, end) if start <= end else Range(end, start)


def advance(start: Position, text: str) -> Position:
    """The end of `text` if it is put in at `start`."""
    breaks = text.count("\n") + text.count("\r") - text.count("\r\n")
    if not breaks:
        return Position(start.line, start.character + len(text))
    return Position(start.line + breaks, len(text) - 1 - max(text.rfind("\n"), text.rfind("\r")))


def _split(text: str) -> list[str]:
    """The lines of `text` with their endings; the last one has none and may be empty."""
    # `newline=""` ends lines at the three endings of LSP, alone of all that the library has.
    lines = list(StringIO(text, newline=""))
    if not text or text[-1] in "\r\n":
        lines.append("")
    return lines


def _cut(lines: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """`lines` as blocks of about the same size."""
    if len(lines) <= _MOST_BLOCK_LINES:
        return (lines,)
    size = -(-len(lines) // -(-len(lines) // _BLOCK_LINES))
    return tuple(lines[start : start + size] for start in range(0, len(lines), size))


def _restarted(starts: tuple[int, ...], first: int, last: int, sizes: Iterator[int]) -> tuple[int, ...]:
    """`starts` after blocks `first` to `last` gave way to blocks of `sizes`."""
    new = tuple(accumulate(sizes, initial=starts[first]))
    behind = starts[last + 2 :]
    if growth := new[-1] - starts[last + 1]:
        behind = tuple([start + growth for start in behind])
    return starts[:first] + new + behind


def _length(lines: Sequence[str]) -> int:
    return sum(map(len, lines))


def _content_length(line: str) -> int:
    """The length of `line` without its ending."""
    if line.endswith("\r\n"):
        return len(line) - 2
    return len(line) - line.endswith(("\n", "\r"))


def _units(text: str, encoding: PositionEncoding) -> int:
    """The length of `text` in units of `encoding`; a lone surrogate is one of UTF-16, three of UTF-8."""
    if encoding == "utf-32":
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))
