"""The chat document: a Markdown file that is the conversation, read whole and written piece by piece.

    ---
    model: "gpt-5.5"
    ---

    ## User

    > #file:src/app.py:10-40

    Why is this slow?

    ## Assistant

    ...

A front matter between `---` lines may come first, then a preamble, which is never sent, then the turns, each
under a heading of level two, `User` or `Assistant` in any case, outside code fences. One blank line after a
heading and one before the next belong to the layout, all else to the text. What a text may hold is settled in
`chat_escape`, so that reading what was written gives back every text exactly.

Lines end as in LSP: at `\\n`, `\\r\\n` or a lone `\\r`, at nothing else. Must never keep anything of a
document that the document does not show, and never fail: every text is a chat document.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.chat_context import ContextRef, parse_context_line
from pygpt_lsp.core.chat_escape import SpecialLine, escape_text, special_lines, unescape_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ChatRole: TypeAlias = Literal["user", "assistant"]
ChatEol: TypeAlias = Literal["\n", "\r\n"]

HEADINGS: dict[ChatRole, str] = {"user": "## User", "assistant": "## Assistant"}

_ENDING = re.compile(r"\r\n|\n|\r")
_FRONT_MATTER_START = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
_FRONT_MATTER_END = re.compile(r"[\r\n]---[ \t]*(?:\r\n|\n|\r|\Z)")
_BLANK_LINES = re.compile(r"(?:[ \t]*[\r\n])*")
# YAML 1.1 forbids these in a document, or folds them as line breaks; JSON does not escape them.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_EXPONENT_WITHOUT_POINT = re.compile(r"^(-?[0-9]+)(?=e)")


class ChatTurn(NamedTuple):
    """One turn of a chat document.

    `text` is what was said, without the layout and the escapes; `question` is the same without context
    lines and blank edges in a user's turn, and just `text` in an answer. Lines are 0-based:
    the turn covers `heading_line` and the body, from `body_start_line` up to, not including,
    `body_end_line`. Offsets count code points of the document: the body is `body_start` to `body_end`,
    the text as written (escaped) `text_start` to `text_end` of it.
    """

    role: ChatRole
    text: str
    question: str
    context: tuple[ContextRef, ...]
    heading_line: int
    body_start_line: int
    body_end_line: int
    body_start: int
    body_end: int
    text_start: int
    text_end: int


class ChatDocument(NamedTuple):
    """A chat document taken apart.

    `front_matter` is the raw text between the `---` lines, with `\\n` line endings and without the last
    one, None where there is none. `open_fence_line` is the 0-based line of a code fence which is never
    closed, so that headings below it are text; None where there is none.
    """

    front_matter: str | None
    preamble: str
    turns: tuple[ChatTurn, ...]
    eol: ChatEol
    open_fence_line: int | None

    def turn_at(self, line: int) -> int | None:
        """The index of the turn that covers `line` (0-based); None above the first one."""
        indexes = [index for index, turn in enumerate(self.turns) if turn.heading_line <= line]
        return indexes[-1] if indexes else None


def parse_chat(text: str) -> ChatDocument:
    """Take the chat document `text` apart.

    Where its first line ends with `\\r\\n`, `\\n` stands for `\\r\\n` in the texts.
    """
    ending = _ENDING.search(text)
    eol: ChatEol = "\r\n" if ending and ending[0] == "\r\n" else "\n"
    front_matter, start = _front_matter(text)
    headings: list[SpecialLine] = []
    marked: list[list[SpecialLine]] = []
    open_fence: SpecialLine | None = None
    for special in special_lines(text, start):
        if special.kind == "heading" and not special.escaped:
            headings.append(special)
            marked.append([])
        elif special.kind == "context" and marked:
            marked[-1].append(special)
        elif special.kind in {"open", "close"}:
            open_fence = special if special.kind == "open" else None

    lines = _LineNumbers(text)
    ends = [heading.start for heading in headings] + [len(text)]
    first, last = _text_span(text, start, ends[0], eol, is_last=not headings)
    preamble = _decoded(text[first:last], eol)
    turns = tuple(
        _turn(text, heading, end, own, eol, lines)
        for heading, end, own in zip(headings, ends[1:], marked, strict=True)
    )
    fence_line = None if open_fence is None else _LineNumbers(text).of(open_fence.start)
    return ChatDocument(front_matter, preamble, turns, eol, fence_line)


def render_chat(
    front_matter: str | None,
    turns: Iterable[tuple[ChatRole, str]],
    *,
    preamble: str = "",
    eol: ChatEol = "\n",
) -> str:
    """The chat document that `parse_chat` takes apart into these parts, whatever the texts hold.

    `front_matter` is raw YAML; its line endings become those of the document. ValueError if it holds a
    line `---`.
    """
    pieces: list[str] = []
    said = list(turns)
    opening = escape_text(preamble)
    if front_matter is not None:
        raw = _ENDING.sub("\n", front_matter)
        if _FRONT_MATTER_END.search(f"\n{raw}\n"):
            raise ValueError("front matter cannot hold a line ---")
        pieces += (f"---\n{raw}\n---\n" if raw else "---\n---\n", _wrapped(opening, is_last=not said))
    elif opening:
        # At the very top a blank line comes first only where the text would be read as something else.
        plain = not opening.startswith(("---", "\n")) and "\r" not in opening
        pieces.append(_wrapped(opening, is_last=not said).removeprefix("\n" if plain else ""))
    for index, (role, text) in enumerate(said, 1):
        pieces += (f"{HEADINGS[role]}\n", _wrapped(escape_text(text), is_last=index == len(said)))
    return "".join(pieces).replace("\n", eol)


def new_chat(
    front_matter: Mapping[str, str | float | None],
    question: str = "",
    *,
    context: Sequence[str] = (),
    eol: ChatEol = "\n",
) -> str:
    """A new chat document with one user's turn: the lines of `context`, then `question`.

    Values of `front_matter` which are None are left out; without any there is no front matter. The text
    ends where the user types on.
    """
    lines = [f"{name}: {_yaml_scalar(value)}" for name, value in front_matter.items() if value is not None]
    references = "".join(f"{line}\n" for line in context)
    text = f"{references}\n{question}" if references and question else references + question
    return render_chat("\n".join(lines) if lines else None, [("user", text)], eol=eol)


class _LineNumbers:
    """The line numbers of ascending offsets, in one pass over the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._line = 0

    def of(self, offset: int) -> int:
        """The 0-based line that starts at `offset`, or, for the end of the text, the line it is in."""
        span = (self._offset, offset)
        count = self._text.count
        self._line += count("\n", *span) + count("\r", *span) - count("\r\n", *span)
        self._offset = offset
        return self._line


def _front_matter(text: str) -> tuple[str | None, int]:
    """The front matter, and the offset where the rest begins."""
    opening = _FRONT_MATTER_START.match(text)
    closing = opening and _FRONT_MATTER_END.search(text, opening.end() - 1)
    if not opening or not closing:
        return None, 0
    raw = text[opening.end() : closing.start()]
    if text[closing.start()] == "\n":
        raw = raw.removesuffix("\r")
    return _ENDING.sub("\n", raw), closing.end()


def _turn(
    text: str, heading: SpecialLine, end: int, marked: list[SpecialLine], eol: ChatEol, lines: _LineNumbers
) -> ChatTurn:
    """The turn of `heading` up to offset `end`, with `marked`, the lines in it that may name context."""
    role: ChatRole = "user" if heading.mark == "user" else "assistant"
    heading_line = lines.of(heading.start)
    ending = _ENDING.match(text, heading.end)
    start = ending.end() if ending else heading.end
    is_last = end == len(text)
    first, last = _text_span(text, start, end, eol, is_last=is_last)
    said = _decoded(text[first:last], eol)
    question = said
    context: list[ContextRef] = []
    if role == "user":
        kept: list[str] = []
        done = first
        for line in marked:
            refs = parse_context_line(line.mark, lines.of(line.start))
            context += refs
            if refs and refs[0].kind != "unknown":
                kept.append(text[done : line.start])
                done = line.end
        kept.append(text[done:last])
        question = _BLANK_LINES.sub("", _decoded("".join(kept), eol), count=1).rstrip()
    body_end_line = lines.of(end) + is_last
    return ChatTurn(
        role=role,
        text=said,
        question=question,
        context=tuple(context),
        heading_line=heading_line,
        body_start_line=heading_line + 1,
        body_end_line=body_end_line,
        body_start=start,
        body_end=end,
        text_start=first,
        text_end=last,
    )


def _wrapped(written: str, *, is_last: bool) -> str:
    """A text as it stands below its heading, with the blank lines of the layout."""
    return f"\n{written}\n" + ("" if is_last else "\n") if written else "\n"


def _text_span(text: str, start: int, end: int, eol: str, *, is_last: bool) -> tuple[int, int]:
    """Where between offsets `start` and `end` the text stands that `_wrapped` put there."""
    if text.startswith(eol, start, end):
        start += len(eol)
    for _ in range(1 if is_last else 2):
        if text.endswith(eol, start, end):
            end -= len(eol)
    return start, end


def _decoded(written: str, eol: str) -> str:
    return unescape_text(written if eol == "\n" else written.replace(eol, "\n"))


def _yaml_scalar(value: str | float) -> str:
    """`value` as YAML reads it back, in whatever version."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, str):
        return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", written)
    return _EXPONENT_WITHOUT_POINT.sub(r"\1.0", written)
