"""What goes along with a question: the parts of the file a good colleague would want to see.

Order of importance, the most important first:

1. selection     the lines the question is about; never left out
2. diagnostics   what compilers and linters say about these lines
3. definition    the function or class around them
4. head          the package line and imports at the top of the file
5. around        the lines just before and after, where there is no definition around them

No line of the file is sent twice: a part that would hold lines of a more important one says so in their
place. Where the parts exceed the budget, the least important ones are shortened or left out first; lines near
the selection, and the line that names a definition, stay longest.

Must never read a file or decide what may be sent: it is given a text, and it gives back text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.languages import comment_line, fence_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pygpt_lsp.core.text import Position, TextSnapshot

Severity: TypeAlias = Literal["error", "warning", "information", "hint"]

IMPORTANCE = {"selection": 0, "diagnostics": 1, "definition": 2, "head": 3, "around": 4}
"""0 is most important; parts of importance 0 are never shortened or left out."""

_HEADINGS = {
    "selection": "Selection",
    "diagnostics": "Diagnostics",
    "definition": "Enclosing definition",
    "head": "Head of the file",
    "around": "Surrounding lines",
    "rules": "Rules of this project",
}
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
_AROUND = 20
_MOST_DEFINITION_LINES = 200
_LONGEST_LINE = 1_000
_WORD_ENDS = " \t\"'`"


class Diagnostic(NamedTuple):
    """What a compiler or linter says about the text from `start` up to, not including, `end`.

    `source` names who says it, `code` which rule; both may be empty.
    """

    start: Position
    end: Position
    severity: Severity
    message: str
    source: str = ""
    code: str = ""

    @property
    def last_line(self) -> int:
        """The last line that the diagnostic covers a character of; its only one where it is empty."""
        before_end = self.end.line - 1 if self.end.character == 0 else self.end.line
        return max(before_end, self.start.line)


class ContextPart(NamedTuple):
    """One piece of context.

    `start_line` and `end_line` are 1-based, both included; 0 where the part is not lines of a file. `text`
    ends without a line ending. `importance` as in `IMPORTANCE`. `focus` are the lines of `text`, 0-based,
    which, with those near them, stay longest when the part is shortened.
    """

    kind: str
    path: str
    start_line: int
    end_line: int
    text: str
    importance: int
    language_id: str = ""
    focus: tuple[int, ...] = (0,)


class Fitted(NamedTuple):
    """Context within a budget, in order of importance.

    `kept` may hold shortened parts; `dropped` are the parts left out. `tokens` is the estimate for `kept`.
    With `over`, the parts that must never be left out exceed the budget by themselves, and nothing else is
    kept: ask the user.
    """

    kept: tuple[ContextPart, ...]
    dropped: tuple[ContextPart, ...]
    tokens: int
    over: bool = False


def collect_context(
    text: TextSnapshot,
    path: str,
    language_id: str,
    first_line: int,
    last_line: int,
    diagnostics: Sequence[Diagnostic] = (),
) -> tuple[ContextPart, ...]:
    """The context of lines `first_line` to `last_line` (0-based, both included), by importance.

    Line numbers are clamped to the text. Diagnostics that touch none of the lines are left out.
    """
    # Here, because the types of this module are needed at start and the search for definitions is not.
    from pygpt_lsp.core.file_head import head_span

    last = min(max(last_line, first_line, 0), text.line_count - 1)
    first = min(max(first_line, 0), last)
    source = _Source(text, path, language_id, range(first, last + 1))
    parts: list[ContextPart | None] = [source.selection(), diagnostics_part(path, first, last, diagnostics)]
    definition = source.definition()
    parts.append(definition)
    if head := head_span(text, language_id):
        parts.append(source.part("head", head, near=head.start))
    if not definition:
        around = range(max(first - _AROUND, 0), min(last + 1 + _AROUND, text.line_count))
        parts.append(source.part("around", around, near=first))
    return tuple(part for part in parts if part)


def fit_to_budget(parts: Iterable[ContextPart], budget_tokens: int, estimate: Callable[[str], int]) -> Fitted:
    """The parts that fit into `budget_tokens` once rendered, as `estimate` counts them.

    The budget goes to the parts by importance, among equals in the order given. A part that does not fit
    whole is shortened to what is left; one of which nothing useful fits is dropped.
    """
    kept: list[ContextPart] = []
    dropped: list[ContextPart] = []
    tokens = 0
    over = False
    for part in sorted(parts, key=lambda each: each.importance):
        cost = estimate(render_part(part))
        if part.importance == 0:
            kept.append(part)
            tokens += cost
            over = tokens > budget_tokens
            continue
        fitting = part
        if tokens + cost > budget_tokens:
            shortened = _shorten_to(part, budget_tokens - tokens, estimate)
            if shortened is None:
                dropped.append(part)
                continue
            fitting, cost = shortened, estimate(render_part(shortened))
        kept.append(fitting)
        tokens += cost
    return Fitted(tuple(kept), tuple(dropped), tokens, over)


def render_part(part: ContextPart) -> str:
    """The part as Markdown for a prompt: a heading with path and line numbers, and the text in a fence."""
    title = _HEADINGS.get(part.kind, part.kind.capitalize())
    place = " ".join(part.path.split()) or "untitled"
    if part.start_line == part.end_line > 0:
        place += f", line {part.start_line}"
    elif part.start_line > 0:
        place += f", lines {part.start_line}-{part.end_line}"
    fence = fence_for(part.text)
    return f"### {title}: {place}\n\n{fence}{fence_tag(part.language_id)}\n{part.text}\n{fence}"


def fence_for(text: str) -> str:
    """A fence of backticks that nothing in `text` can close: longer than any run of them, at least three."""
    return "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", text))])


class _Source:
    """A text whose lines are given out once, beginning with the selection."""

    def __init__(self, text: TextSnapshot, path: str, language_id: str, selection: range) -> None:
        self._text = text
        self._path = path
        self._language_id = language_id
        self._selection = selection
        self._given = [selection]

    def selection(self) -> ContextPart:
        lines = self._text.lines(self._selection.start, self._selection.stop)
        return self._part("selection", self._selection, [_content(line) for line in lines], (0,))

    def definition(self) -> ContextPart | None:
        """The smallest definition that shows more than the selection does."""
        from pygpt_lsp.core.outline import enclosing_definitions

        first, last = self._selection.start, self._selection.stop - 1
        for found in enclosing_definitions(self._text, first, last, self._language_id):
            if part := self.part("definition", range(*found.span), near=first, named=found.header):
                return _shortened(part, _MOST_DEFINITION_LINES)
        return None

    def part(self, kind: str, lines: range, *, near: int, named: int | None = None) -> ContextPart | None:
        """Those of `lines` that were not given out yet; None where only blank ones are left.

        A line that says so stands for those given out before. The lines closest to `near` and `named` stay
        longest when the part is shortened.
        """
        own = [index for index in lines if not any(index in given for given in self._given)]
        own = own[self._blank(own) : len(own) - self._blank(own[::-1])]
        if not own:
            return None
        whole = range(own[0], own[-1] + 1)
        rows: list[tuple[int, str]] = []
        wanted, marked = set(own), False
        for index, line in enumerate(self._text.lines(whole.start, whole.stop), whole.start):
            if index in wanted:
                rows.append((index, _clipped(_content(line))))
            elif not marked:
                rows.append((index, self._mark(index)))
            marked = index not in wanted
        self._given.append(whole)
        targets = (near,) if named is None else (near, named)
        focus = {min(range(len(rows)), key=lambda row: abs(rows[row][0] - target)) for target in targets}
        return self._part(kind, whole, [row for _, row in rows], tuple(sorted(focus)))

    def _blank(self, indexes: list[int]) -> int:
        """How many of these lines are blank before the first that is not."""
        return sum(1 for _ in takewhile(lambda index: not self._text.line(index).strip(), indexes))

    def _mark(self, line: int) -> str:
        """What stands for lines given out before, the first of which is `line`."""
        if line in self._selection:
            return comment_line(self._language_id, "… the selection …")
        return comment_line(self._language_id, "… lines shown above …")

    def _part(self, kind: str, lines: range, rows: list[str], focus: tuple[int, ...]) -> ContextPart:
        text = "\n".join(rows)
        importance = IMPORTANCE[kind]
        return ContextPart(
            kind, self._path, lines.start + 1, lines.stop, text, importance, self._language_id, focus
        )


def diagnostics_part(
    path: str, first: int, last: int, diagnostics: Sequence[Diagnostic]
) -> ContextPart | None:
    """What is said about lines `first` to `last` (0-based, both included), the most severe first."""
    touching = [each for each in diagnostics if each.start.line <= last and each.last_line >= first]
    if not touching:
        return None
    touching.sort(key=lambda each: (_SEVERITIES.index(each.severity), each.start))
    rows: list[str] = []
    for each in touching:
        said_by = " ".join(filter(None, (each.source, each.code)))
        message = "\n  ".join(each.message.splitlines())
        place = f"{each.start.line + 1}:{each.start.character + 1}"
        rows.append(f"{place} {each.severity}: {message}" + (f" [{said_by}]" if said_by else ""))
    importance = IMPORTANCE["diagnostics"]
    return ContextPart("diagnostics", path, first + 1, last + 1, "\n".join(rows), importance, "plaintext")


def _shorten_to(part: ContextPart, budget_tokens: int, estimate: Callable[[str], int]) -> ContextPart | None:
    """As many lines of the part as fit; None where that is no line besides those in focus."""
    lengths = range(len(part.focus) + 1, part.text.count("\n") + 1)
    fitting = bisect_right(
        lengths, budget_tokens, key=lambda length: estimate(render_part(_shortened(part, length)))
    )
    return _shortened(part, lengths[fitting - 1]) if fitting else None


def _shortened(part: ContextPart, length: int) -> ContextPart:
    """The part with the `length` lines closest to its focus, and marks where others were."""
    rows = part.text.split("\n")
    if len(rows) <= length:
        return part
    closest = sorted(range(len(rows)), key=lambda row: min(abs(row - focus) for focus in part.focus))
    keep = set(closest[:length])
    mark = comment_line(part.language_id, "… lines left out …")
    shorter: list[str] = []
    focus: list[int] = []
    for index, row in enumerate(rows):
        if index in part.focus:
            focus.append(len(shorter))
        if index in keep:
            shorter.append(row)
        elif shorter[-1:] != [mark]:
            shorter.append(mark)
    return part._replace(text="\n".join(shorter), focus=tuple(focus))


def _content(line: str) -> str:
    return line.rstrip("\r\n")


def _clipped(line: str) -> str:
    """The line, or its beginning, which ends with a whole word: half a secret is known by nothing."""
    if len(line) <= _LONGEST_LINE:
        return line
    whole = max(line.rfind(end, 0, _LONGEST_LINE) for end in _WORD_ENDS) + 1
    return line[:whole].rstrip() + " …"
