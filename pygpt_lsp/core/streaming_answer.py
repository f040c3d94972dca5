"""An answer on its way into a chat document: what is to stand there, what does already, where it goes on.

While an answer streams its document may change in every way: the user types around it and in it, closes the
document, opens an older version of it, moves the turn elsewhere. So the place is checked against the text
before each step, and where it cannot be told for certain there is none. What has been written is a readable
chat after each step: a fence that the answer has open is closed below it (`StreamEscaper.closing`).

Must never put text anywhere but into the answer's own turn, and never take away what it did not put there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_escape import StreamEscaper, closing_span, note_below

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatTurn

_ROLE_LINE = re.compile(r"[\r\n]##[ \t]+(?:user|assistant)", re.IGNORECASE)


class Place(NamedTuple):
    """An answer in a text: the 0-based line of its heading, and the offset where it goes on."""

    heading_line: int
    offset: int


class Step(NamedTuple):
    """Edits (start, end, new text) of a text, in ascending order, which write what is pending.

    In the text that results the answer goes on at `offset`, and of it `written` characters stand there, shown
    as `shown` (the user may have changed them), with `tail` below.
    """

    edits: tuple[tuple[int, int, str], ...]
    offset: int
    written: int
    shown: str
    tail: str

    def applied_to(self, text: str) -> str:
        """The text after the edits."""
        for start, end, new in reversed(self.edits):
            text = text[:start] + new + text[end:]
        return text


class _There(NamedTuple):
    """An answer found in a text: `written` characters of it stand before `offset`, `tail` below."""

    offset: int
    written: int
    tail: str


class StreamingAnswer:
    """One answer. Offsets count code points of the document."""

    def __init__(self, ordinal: int, eol: str) -> None:
        """`ordinal`: how many answers stand above this one; `eol`: the document's line ending."""
        self._ordinal = ordinal
        self._eol = eol
        self._escaper = StreamEscaper(eol)
        self._pieces: list[str] = []
        self._text = ""
        self._note = ""
        self._ended = False
        self._written = 0
        self._tail = ""
        # How the document showed what was written, when it was last looked at.
        self._shown = ""

    def feed(self, delta: str) -> None:
        """Add a piece of the answer."""
        self._pieces.append(self._escaper.feed(delta))

    def finish(self, note: str = "") -> None:
        """End the answer, with a note below it, or in its place where there is none; once."""
        if self._ended:
            return
        rest = self._escaper.finish()
        self._pieces.append(rest.removesuffix(self._escaper.closing))
        self._note = note
        self._ended = True

    @property
    def ended(self) -> bool:
        """Whether `finish` was called."""
        return self._ended

    @property
    def pending(self) -> bool:
        """Whether the document lacks something."""
        text, tail = self._wanted()
        return self._written < len(text) or (self._ended and self._tail != tail)

    def look(self, text: str, place: Place) -> bool:
        """Whether the answer goes on at `place` of `text`; what stands before it is remembered."""
        turn = _turn_at(text, place)
        if turn is None:
            return False
        self._shown = text[turn.text_start : place.offset]
        return True

    def find(self, text: str) -> Place | None:
        """Where the answer goes on in a text that may be older than what was written last.

        It is known by how it was shown; among equals, and where nothing was written yet, by its place among
        the answers.
        """
        answers = [turn for turn in parse_chat(text).turns if turn.role == "assistant"]
        found = [(turn, there) for turn in answers if (there := self._found_in(text, turn))]
        expected = answers[self._ordinal : self._ordinal + 1]
        chosen = [pair for pair in found if pair[0] in expected] or found
        if len(chosen) != 1:
            return None
        turn, there = chosen[0]
        self._written, self._tail = there.written, there.tail
        place = Place(turn.heading_line, there.offset)
        self.look(text, place)
        return place

    def step(self, text: str, place: Place) -> Step | None:
        """How to write all that is pending at `place` of `text`; None where the answer is not there."""
        turn = _turn_at(text, place)
        if turn is None:
            return None
        wanted, tail = self._wanted()
        piece = wanted[self._written :]
        offset = place.offset
        start, end = self._tail_span(text, offset, turn.body_end)
        # The layout that the user deleted, without which the text would become a part of a heading.
        glued = text[offset - 1 : offset] not in ("\r", "\n")
        before = self._eol * 2 if offset == turn.body_start and glued else ""
        after = self._eol * 2 if offset == turn.body_end < len(text) else ""
        if tail == text[start:end]:
            edits = [(offset, offset, before + piece + after)]
        elif start == offset:
            edits = [(offset, end, before + piece + tail + after)]
        else:  # the user has written between the answer and its tail
            edits = [(offset, offset, piece), (start, end, tail)]
        self._shown = text[turn.text_start : offset]
        return Step(
            edits=tuple(edit for edit in edits if edit[0] < edit[1] or edit[2]),
            offset=offset + len(before) + len(piece),
            written=len(wanted),
            shown=self._shown + piece,
            tail=tail,
        )

    def made(self, step: Step) -> None:
        """The document shows the step."""
        self._written, self._tail, self._shown = step.written, step.tail, step.shown

    def _wanted(self) -> tuple[str, str]:
        """The answer so far as it is to stand in the document, and what is to stand below it."""
        self._text += "".join(self._pieces)
        self._pieces.clear()
        note = note_below(self._note, self._eol) if self._note else ""
        return self._text, self._escaper.closing + (note if self._text else note.lstrip("\r\n"))

    def _tail_span(self, text: str, offset: int, end: int) -> tuple[int, int]:
        """Where below `offset` the tail stands; empty, at `offset`, where the user has changed it."""
        # Not below another heading: that one may be in a fence only because the user deleted the tail.
        heading = _ROLE_LINE.search(text, offset, end)
        start = text.find(self._tail, offset, heading.start() if heading else end)
        return (start, start + len(self._tail)) if start >= 0 else (offset, offset)

    def _found_in(self, text: str, turn: ChatTurn) -> _There | None:
        """The answer in this turn, as far as it stands there; None where the turn is another one."""
        body = text[turn.text_start : turn.text_end]
        wanted, tail = self._wanted()
        span = closing_span(body)
        plain = body[: span[0]] if span else body
        if plain.startswith(self._shown):
            there, written = len(self._shown), self._written
            more = plain[there:]
            if wanted.startswith(more, written):  # the document was further than we knew
                there, written = there + len(more), written + len(more)
            elif not self._shown and more.strip():
                return None  # another answer
        elif self._shown.startswith(plain):
            there = len(plain)
            missing = self._shown[there:]
            written = self._written - len(missing)
            if written < 0 or wanted[written : self._written] != missing:
                return None  # the user changed what is missing here
        else:
            return None
        has_tail = bool(tail) and body.startswith(tail, there)
        below = tail if has_tail else body[span[0] : span[1]] if span else ""
        return _There(turn.text_start + there, written, below)


def _turn_at(text: str, place: Place) -> ChatTurn | None:
    """The assistant's turn with that heading, if it holds the offset."""
    for turn in parse_chat(text).turns:
        if turn.heading_line == place.heading_line:
            inside = turn.body_start <= place.offset <= turn.body_end
            return turn if turn.role == "assistant" and inside else None
    return None
