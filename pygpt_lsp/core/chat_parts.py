"""What the turns of a chat hold: headings, code blocks and the edits that an answer asks for.

Outlines, folds, lenses and the chat's menu are made of these. They are looked for again after each key press,
so a turn that is as it was costs nothing. Must never read anything into a turn that sending or applying would
not: fences and edits are those of `fences` and `chat_edits`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import ENDING
from pygpt_lsp.core.chat_answers import first_words
from pygpt_lsp.core.chat_edits import blocks_of_turn
from pygpt_lsp.core.chat_escape import special_lines
from pygpt_lsp.core.edits.paths import path_in_info
from pygpt_lsp.core.fences import fence_language, fence_lines, scan_fences

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.chat_edits import ChatBlock
    from pygpt_lsp.core.fences import Fence

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<title>.*?))??(?:[ \t]+#+)?[ \t]*")
_TITLE_CHARACTERS = 60
_AT_ONCE = 100_000
"""Characters that are read within some 30 ms."""


class CodeBlock(NamedTuple):
    """A fenced code block of a turn, as `fence` in the lines of its body.

    `path` is the file that the block is or names, `title` its first line that says something; either may be
    "". `opening` and `closing` are its first and its last line as written.
    """

    fence: Fence
    path: str
    title: str
    opening: str
    closing: str

    @property
    def first_line(self) -> int:
        """The line it opens in, counted from the turn's heading."""
        return self.fence.first_line + 1

    @property
    def last_line(self) -> int:
        """The line it closes in, or its last one, counted from the turn's heading."""
        return self.fence.last_line + 1

    @property
    def language(self) -> str:
        """The language in lower case, "" where none is named."""
        return fence_language(self.fence.info)


class Heading(NamedTuple):
    """A heading in an answer (CommonMark 0.31 section 4.2), of level 1 to 6, as `written`.

    `last_line` is the last line that is not blank before the next heading of this level or a higher one,
    `last_written` what stands there.
    """

    first_line: int
    last_line: int
    level: int
    title: str
    written: str
    last_written: str


class TurnParts(NamedTuple):
    """The parts of one turn, each kind in the order of its lines.

    Lines are 0-based and count from the turn's heading, so that a turn which moves keeps its parts. Headings
    and edits are those of answers. `title` is what the turn begins to say, "" where it says nothing;
    `last_line` is the last line that is not blank, and `last_written` what stands there.
    """

    title: str
    last_line: int
    last_written: str
    blocks: tuple[CodeBlock, ...]
    headings: tuple[Heading, ...]
    edits: tuple[ChatBlock, ...]


class PartsReader:
    """Finds the parts of a chat again and again; those of a turn that is as it was are remembered."""

    def __init__(self) -> None:
        self._last: list[_Known] = []
        self._by_text: dict[tuple[str, str], TurnParts] = {}
        self._characters = 0

    def read(self, text: str, chat: ChatDocument) -> tuple[TurnParts, ...]:
        """The parts of each turn of the chat document `text`. May be called from several threads."""
        last, by_text = self._last, self._by_text
        # Down to the first change a `ChatReader` gives the very same turns.
        pairs = enumerate(zip(last, chat.turns, strict=False))
        kept = next(
            (at for at, (old, turn) in pairs if old.turn is not turn), min(len(last), len(chat.turns))
        )
        found = last[:kept]
        for turn in chat.turns[kept:]:
            key = _key(text, turn)
            found.append(_Known(turn, key, by_text.get(key) or _parts(text, turn)))
        self._by_text = {known.key: known.parts for known in found}
        self._last, self._characters = found, len(text)
        return tuple([known.parts for known in found])

    def read_turn(self, text: str, turn: ChatTurn) -> TurnParts:
        """The parts of one turn of the chat document `text`."""
        return self._by_text.get(_key(text, turn)) or _parts(text, turn)

    def is_new(self, text: str) -> bool:
        """Whether most of a long text was not read before, so that `read` may take a while."""
        return len(text) - self._characters > _AT_ONCE


class _Known(NamedTuple):
    """A turn, what is written in it, and its parts."""

    turn: ChatTurn
    key: tuple[str, str]
    parts: TurnParts


def _key(text: str, turn: ChatTurn) -> tuple[str, str]:
    return turn.role, text[turn.body_start : turn.body_end]


def code_of(text: str, turn: ChatTurn, block: CodeBlock) -> str:
    """The code in a block of a turn of the chat document `text`, as it was said, with `\\n` line endings."""
    written = text[turn.body_start : turn.body_end]
    pieces: list[str] = []
    done = 0
    # A fence in a list is none for the format, which then escapes what looks like a heading in it.
    for line in special_lines(written):
        if line.escaped:
            pieces.append(written[done : line.slashes])
            done = line.slashes + 1
    lines = ENDING.split("".join([*pieces, written[done:]]))
    return "\n".join([*fence_lines(lines, block.fence), ""])


def _parts(text: str, turn: ChatTurn) -> TurnParts:
    # Without what follows the last line ending, unless the document ends there.
    lines = ENDING.split(text[turn.body_start : turn.body_end])[: turn.body_end_line - turn.body_start_line]
    edits = tuple(
        edit._replace(
            first_line=edit.first_line - turn.heading_line, last_line=edit.last_line - turn.heading_line
        )
        for edit in blocks_of_turn(text, turn)
    )
    # The fence of a whole file is a code block, too; others belong to the edit in them.
    spans = [(edit.first_line - 1, edit.last_line - 1) for edit in edits if edit.block.kind != "whole"]
    fences = [fence for fence in scan_fences(lines, spans) if not fence.depth]
    taken = sorted([*spans, *((fence.first_line, fence.last_line) for fence in fences)])
    last = next((index for index in range(len(lines) - 1, -1, -1) if lines[index].strip()), None)
    return TurnParts(
        title=first_words(turn.question),
        last_line=0 if last is None else last + 1,
        last_written="" if last is None else lines[last],
        blocks=tuple(_block(lines, fence, edits) for fence in fences),
        headings=tuple(_headings(lines, taken)) if turn.role == "assistant" else (),
        edits=edits,
    )


def _block(lines: list[str], fence: Fence, edits: tuple[ChatBlock, ...]) -> CodeBlock:
    first, last = fence.first_line + 1, fence.last_line + 1
    whole = (edit.block.path for edit in edits if edit.first_line <= first and last <= edit.last_line)
    named = path_in_info(fence.info)
    path = next(whole, None) or (named.path if named is not None and named.sure else "")
    title = next((line.strip() for line in fence_lines(lines, fence) if line.strip()), "")
    if len(title) > _TITLE_CHARACTERS:
        title = f"{title[: _TITLE_CHARACTERS - 1].rstrip()}…"
    return CodeBlock(fence, path, title, lines[fence.first_line], lines[fence.last_line])


def _headings(lines: list[str], taken: list[tuple[int, int]]) -> list[Heading]:
    """The headings outside of the spans `taken` (first and last line, ascending)."""
    found: list[tuple[int, str, str]] = []
    start = 0
    for first, last in [*taken, (len(lines), len(lines))]:
        found += (
            (index, match["marks"], match["title"] or match["marks"])
            for index in range(start, first)
            if "#" in lines[index][:4] and (match := _HEADING.fullmatch(lines[index]))
        )
        start = max(start, last + 1)
    headings: list[Heading] = []
    for number, (index, marks, title) in enumerate(found):
        below = (line for line, others, _ in found[number + 1 :] if len(others) <= len(marks))
        last = next(below, len(lines)) - 1
        while last > index and not lines[last].strip():
            last -= 1
        headings.append(Heading(index + 1, last + 1, len(marks), title, lines[index], lines[last]))
    return headings
