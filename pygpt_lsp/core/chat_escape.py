"""How a turn's text is written into a chat document so that it comes out of it unchanged.

A chat document is cut into turns at its role headings, so a text must not bring one of its own, and must
not leave a code fence open, which would hide the headings after it. Hence three rules, each undone when
the document is read:

- outside code fences, a line that looks like a role heading, like the marker below or like a note gets one
  more backslash before it, whatever number of backslashes it has already (Markdown shows the line itself);
- a fence left open is closed, and the line after it holds the marker that says so;
- in a document with `\\r\\n` line endings each `\\n` is written as `\\r\\n` (by `chat`, not here).

Below a text may stand a note: a line `<!-- pygpt: stopped -->` of ours for the reader, which says how an
answer ended. It is no part of the text and is never sent.

Fences follow CommonMark 0.31 section 4.5 at the top level: lines indented by four and more are none. For
every text, `unescape_text(escape_text(text)) == text`. Must never lose or add a character of a text.
"""

from __future__ import annotations

import re
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE_MARKER = "<!-- fence closed by pygpt-lsp -->"
_NOTE_START = "<!-- pygpt:"

# One pass over a document finds all that matters. The pattern starts with a line ending (see
# `special_lines`): so the regex engine skips to the line starts instead of trying each character.
_SPECIAL = re.compile(
    r"[\r\n](?P<indent> {0,3})(?:"
    r"(?P<fence>`{3,}|~{3,})(?P<info>[^\r\n]*)"
    r"|(?P<slashes>\\*)"
    rf"(?:(?P<note>{re.escape(_NOTE_START)})[^\r\n]*"
    rf"|(?:(?P<marker>{re.escape(FENCE_MARKER)})|##[ \t]+(?P<role>user|assistant)(?:[ \t]+#+)?)"
    r"[ \t]*(?![^\r\n]))"
    r"|(?P<context>(?:>[ \t]*)?#[a-z][^\r\n]*)"
    r")",
    re.IGNORECASE | re.ASCII,  # ASCII: or `ſ` would be an `s`
)
_MAY_BE_LOOK_ALIKE = re.compile(r" {0,3}\\*(?:[#<]|$)")
_MAY_BE_FENCE = re.compile(r" {0,3}(?:[`~]|$)")
_LOOK_ALIKE_ENDS = tuple(
    whole[start:]
    for whole in ("## user", "## assistant", FENCE_MARKER, _NOTE_START)
    for start in range(len(whole) + 1)
)
_NOTE_LOOK_ALIKE = re.compile(rf"(?P<indent> {{0,3}})\\*{re.escape(_NOTE_START)}", re.IGNORECASE | re.ASCII)

SpecialKind = Literal["open", "close", "heading", "marker", "note", "context"]


class SpecialLine(NamedTuple):
    """A line that means something to the format, with its offsets in code points, ending not included.

    `mark` is the run of fence characters that a fence opens with, the role a heading names (in lower
    case), or the text of a context line; `slashes` is where the backslashes before a heading, a marker or a
    note begin, and `escaped` tells whether there are any.
    """

    kind: SpecialKind
    start: int
    end: int
    mark: str
    slashes: int
    escaped: bool


def special_lines(text: str, start: int = 0, fence: str = "") -> Iterator[SpecialLine]:
    """The lines of `text` from offset `start` (a line start) on that matter; in fences only their ends.

    `fence` is the run of characters of the one that is open above; "" is none.
    """
    shift = start - 1
    for match in _SPECIAL.finditer("\n" + text[start:]):
        first, end = match.start() + 1 + shift, match.end() + shift
        before = fence
        if match["fence"]:
            fence = _fence_after(before, match["fence"], match["info"])
            if fence != before:
                yield SpecialLine("open" if fence else "close", first, end, fence or before, first, False)
        elif before:
            continue
        elif match["context"]:
            yield SpecialLine("context", first, end, match["context"], first, False)
        else:
            kind: SpecialKind = "note" if match["note"] else "marker" if match["marker"] else "heading"
            mark = (match["note"] or match["marker"] or match["role"]).lower()
            slashes = match.start("slashes") + shift
            yield SpecialLine(kind, first, end, mark, slashes, bool(match["slashes"]))


def fence_closing(fence: str) -> str:
    """What closes an open `fence` (its run of characters) at the end of a text; "" where none is open."""
    return f"\n{fence}\n{FENCE_MARKER}" if fence else ""


def closing_span(written: str) -> tuple[int, int] | None:
    """Where at the end of a text as written its closing stands, from before its first line ending; None where
    it has none. Blank lines may follow."""
    fence = (-1, -1)
    span = None
    for line in special_lines(written):
        span = None
        if line.kind == "close":
            fence = (line.start, line.end)
        elif line.kind == "marker" and not line.escaped:
            adjacent = written[fence[1] : line.start] in {"\n", "\r\n", "\r"}
            if adjacent and fence[0] > 0 and not written[line.end :].strip():
                before = 2 if written.endswith("\r\n", 0, fence[0]) else 1
                span = (fence[0] - before, line.end)
    return span


def note_below(note: str, eol: str) -> str:
    """What is put below a text, closed if need be, to leave a note there: a remark of one line for the
    reader, which is no part of the text."""
    remark = " ".join(note.split()).replace("--", "—")
    return f"{eol * 2}{_NOTE_START} {remark} -->"


def open_fence(text: str) -> str:
    """The run of characters of the fence that `text` leaves open, "" where it leaves none open."""
    fence = ""
    for line in special_lines(text):
        if line.kind in {"open", "close"}:
            fence = line.mark if line.kind == "open" else ""
    return fence


def escape_text(text: str) -> str:
    """`text` as it stands in a chat document whose lines end with `\\n`."""
    pieces: list[str] = []
    done = 0
    fence = ""
    for line in special_lines(text):
        if line.kind == "open":
            fence = line.mark
        elif line.kind == "close":
            fence = ""
        elif line.kind != "context":
            pieces += (text[done : line.slashes], "\\")
            done = line.slashes
    pieces += (text[done:], fence_closing(fence))
    return "".join(pieces)


def unescape_text(text: str) -> str:
    """The text that `escape_text` made `text` of.

    What a user wrote by hand is read as it is meant: an unescaped marker which is not at the end of the
    text any more (something was written below it) goes away alone, and the fence stays closed. Notes go away.
    """
    text = _without_notes(text)
    pieces: list[str] = []
    done = 0
    closed = (-1, -1)
    for line in special_lines(text):
        if line.kind == "close":
            closed = (line.start, line.end)
        elif line.kind in {"heading", "marker", "note"} and line.escaped:
            pieces.append(text[done : line.slashes])
            done = line.slashes + 1
        elif line.kind == "marker":
            at_end = not text[line.end :].strip()
            if at_end and text[closed[1] : line.start] in {"\n", "\r\n", "\r"}:
                pieces.append(text[done : closed[0] - 1])
            else:
                pieces.append(text[done : line.start])
            done = len(text) if at_end else line.end + 1
    pieces.append(text[done:])
    return "".join(pieces)


def _without_notes(text: str) -> str:
    """`text` without the lines that are notes, and without the blank line above one at its end."""
    if _NOTE_START not in text.lower():
        return text
    notes = [line for line in special_lines(text) if line.kind == "note" and not line.escaped]
    for note in reversed(notes):
        below = text[note.end :]
        if below.strip():
            text = text[: note.start] + below[1:]
        else:
            text = text[: note.start].removesuffix("\n").removesuffix("\n")
    return text


class StreamEscaper:
    """Escapes a text that arrives in pieces, in time proportional to the text.

    The outputs put together are `escape_text` of the whole text, however it was cut, with `eol` for each
    line ending, be it `\\n`, `\\r\\n` or a lone `\\r`: editors disagree about a foreign one, and a document
    they read differently cannot be edited in step. Held back is at most the start of the current
    line, as long as it may become a heading, a marker or a note.
    """

    def __init__(self, eol: str = "\n") -> None:
        """`eol` is the line ending of the document, `\\n` or `\\r\\n`."""
        self._eol = eol
        self._newlines = IncrementalNewlineDecoder(None, translate=True)
        self._fence = ""  # the fence open where the current line starts
        self._held = ""  # the current line, of which nothing was given out yet
        self._watched: list[str] = []  # the current line, given out, that may open or close a fence
        self._plain = False  # the current line means nothing, whatever follows

    @property
    def closing(self) -> str:
        """What has to stand behind the outputs so far for the document to be read right just now.

        It closes the open fence, and is "" where none is open. A writer that keeps it there, and replaces
        it with each output, leaves a well-formed document at every moment.
        """
        fence = _fence_after_line(self._fence, "".join(self._watched))
        return fence_closing(fence).replace("\n", self._eol)

    def feed(self, delta: str) -> str:
        """What can be appended to the document after the next piece of the text; may be ""."""
        return self._take(self._newlines.decode(delta))

    def finish(self) -> str:
        """The rest of the text, with the end of a fence left open. Nothing may be fed afterwards."""
        rest = self._take(self._newlines.decode("", final=True))
        return rest + self._end_line() + fence_closing(self._fence).replace("\n", self._eol)

    def _take(self, text: str) -> str:
        first, *others = text.split("\n")
        pieces = [self._grow(first)]
        for line in others:
            pieces += (self._end_line(), self._eol, self._grow(line))
        return "".join(pieces)

    def _grow(self, piece: str) -> str:
        """Add `piece` to the current line; what of it can be given out."""
        if self._plain or not piece:
            return piece
        if self._watched:
            self._watched.append(piece)
            return piece
        line = self._held + piece
        if not self._fence and (note := _NOTE_LOOK_ALIKE.match(line)):
            # However long it gets: a line that begins like a note is one.
            self._held, self._plain = "", True
            return _escaped(line, len(note["indent"]))
        if not self._fence and _may_be_look_alike(line):
            self._held = line
            return ""
        self._held = ""
        if _MAY_BE_FENCE.match(line):
            self._watched.append(line)
        else:
            self._plain = True
        return line

    def _end_line(self) -> str:
        """End the current line; what of it was held back, escaped if need be."""
        line, self._held = self._held, ""
        self._fence = _fence_after_line(self._fence, "".join(self._watched))
        self._watched.clear()
        self._plain = False
        match = _SPECIAL.fullmatch("\n" + line)
        if match is None or match["slashes"] is None:
            return line
        return _escaped(line, len(match["indent"]))


def _escaped(line: str, indent: int) -> str:
    return f"{line[:indent]}\\{line[indent:]}"


def _fence_after(fence: str, run: str, info: str) -> str:
    """The fence open after a line of `run` and `info`, where `fence` is open before it ("" is none)."""
    if fence:
        closes = run[0] == fence[0] and len(run) >= len(fence) and not info.strip(" \t")
        return "" if closes else fence
    return "" if run[0] == "`" and "`" in info else run


def _fence_after_line(fence: str, line: str) -> str:
    """The fence open after `line`, where `fence` is open before it ("" is none)."""
    match = _SPECIAL.fullmatch("\n" + line)
    return _fence_after(fence, match["fence"], match["info"]) if match and match["fence"] else fence


def _may_be_look_alike(line: str) -> bool:
    """Whether something that follows could make `line` a role heading or a marker, escaped or not."""
    if not _MAY_BE_LOOK_ALIKE.match(line):
        return False
    matches = (_SPECIAL.fullmatch(f"\n{line}{end}") for end in _LOOK_ALIKE_ENDS)
    return any(match is not None and match["slashes"] is not None for match in matches)
