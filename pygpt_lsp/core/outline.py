"""Finds the definition around some lines from indentation and patterns alone.

No parser knows all languages, is there at once, and stands half-written code. Indentation does: a definition
is a line that looks like the beginning of one, and what stands deeper below it. Every guess is checked by
looking for the end of the definition, so it is never given for lines that it does not contain.

Must stay fast, since it runs when an editor asks for code actions: it looks at 2,000 lines up and as many
down, never at all of them. Line numbers are 0-based; a `LineSpan` does not include its `end`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.comment_scan import block_comment_over, in_long_string
from pygpt_lsp.core.definition_lines import CLOSERS, DefinitionLines
from pygpt_lsp.core.definitions import family_of
from pygpt_lsp.core.languages import comment_syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.definitions import Family
    from pygpt_lsp.core.text import TextSnapshot

_MOST_UP = 2_000
_MOST_ABOVE = 60  # decorators and comments above a definition
_MOST_EQUATION_LINES = 500


class LineSpan(NamedTuple):
    """Lines `start` up to, not including, `end`; 0-based."""

    start: int
    end: int


class Definition(NamedTuple):
    """A definition: all its lines, with decorators and comments directly above, and where it is named."""

    span: LineSpan
    header: int


def enclosing_definition(
    text: TextSnapshot, first_line: int, last_line: int, language_id: str
) -> LineSpan | None:
    """The smallest function, method or class that contains these lines (0-based, both included), or None.

    With its decorators and the comments directly above it, and the line that closes it.
    """
    for definition in enclosing_definitions(text, first_line, last_line, language_id):
        return definition.span
    return None


def definition_at(text: TextSnapshot, line: int, language_id: str) -> LineSpan | None:
    """The region of an action where nothing is selected: the definition that the cursor's line is in."""
    return enclosing_definition(text, line, line, language_id)


def enclosing_definitions(
    text: TextSnapshot, first_line: int, last_line: int, language_id: str
) -> Iterator[Definition]:
    """The definitions that contain these lines (0-based, both included), from the innermost outwards.

    Blank lines at the edges of the lines given may lie outside of a definition; lines outside the text are
    ignored. A definition of more than 2,000 lines is not found.
    """
    family = family_of(language_id)
    first, last = _without_blank_edges(text, first_line, last_line)
    if family is None or first > last:
        return
    search = _Search(text, language_id, family)
    if not family.equations:
        yield from search.around(first, last)
    elif (definition := search.equation(first)) and definition.span.end > last:
        yield definition


class _Search:
    """One look at a text for definitions of one family."""

    def __init__(self, text: TextSnapshot, language_id: str, family: Family) -> None:
        self._text = text
        self._family = family
        self._syntax = comment_syntax(language_id)
        self._lines = DefinitionLines(text, language_id, family)

    def around(self, first: int, last: int) -> Iterator[Definition]:
        """The definitions that contain these lines, from the innermost outwards."""
        # What contains the lines stands further left than `limit`; None while nothing is known.
        limit: int | None = None
        in_string = in_long_string(self._text, first, self._syntax)
        if (below := self._announced(first)) is not None:
            limit = self._lines.indent(below.header)
            if below.span.end > last:
                yield below
        elif not in_string and self._lines.tells_depth(first):
            limit = self._lines.indent(first) + self._lines.begins(first)
        lowest = max(first - _MOST_UP, 0)
        above = list(self._text.lines(lowest, first + 1))
        for line in range(first, lowest - 1, -1):
            if limit == 0:
                return
            if limit and above[line - lowest][:limit].isspace():
                continue
            if self._lines.begins(line):
                if in_string and in_long_string(self._text, line, self._syntax):
                    continue  # an example in a docstring
                limit = self._lines.indent(line)
                end = self._lines.end_of(line)
                if end is not None and end > last:
                    yield Definition(LineSpan(self._start_above(line), end), line)

    def _announced(self, line: int) -> Definition | None:
        """The definition below that `line`, a decorator or a comment, belongs to."""
        for header in range(line + 1, min(line + _MOST_ABOVE, self._text.line_count)):
            if not self._text.line(header).strip():
                return None
            if self._lines.begins(header):
                start, end = self._start_above(header), self._lines.end_of(header)
                return Definition(LineSpan(start, end), header) if end and start <= line else None
        return None

    def _start_above(self, header: int) -> int:
        """The first of the decorators, attributes and comments that stand directly above."""
        start = header
        indent = self._lines.indent(header)
        if self._family.callables and indent == 0 and header > 0 and self._is_type_alone(header - 1):
            start -= 1
        while start > max(header - _MOST_ABOVE, 0):
            line = start - 1
            content = self._text.line(line).strip()
            if not content:
                break
            if self._lines.is_comment(line) or content.startswith(self._family.above):
                start = line
                continue
            opened = block_comment_over(self._text, line, self._syntax)
            if opened is None:
                opened = self._decorator_over(line, content, indent)
            if opened is None:
                break
            start = opened
        return start

    def _decorator_over(self, line: int, content: str, indent: int) -> int | None:
        """Where the decorator over several lines begins that `line` closes."""
        heredoc = content == '"""'
        if not heredoc and not content.startswith(CLOSERS):
            return None
        for above in range(line - 1, max(line - _MOST_ABOVE, -1), -1):
            content = self._text.line(above).strip()
            if content and self._lines.indent(above) <= indent and (not heredoc or '"""' in content):
                return above if content.startswith(self._family.above) else None
        return None

    def _is_type_alone(self, line: int) -> bool:
        """C's `static int` on a line of its own, above the name."""
        return re.fullmatch(r"[A-Za-z_][\w\s*:<>,]*[\w*>]\s*", self._text.line(line)) is not None

    def equation(self, line: int) -> Definition | None:
        """The top-level lines that begin with the name that `line` is about, for Haskell and its like."""
        header = line
        while header > max(line - _MOST_EQUATION_LINES, 0) and not self._lines.equation(header):
            header -= 1
        name = self._lines.equation(header)
        if not name or name in ("import", "module"):
            return None
        start = header
        for above in range(header - 1, max(header - _MOST_EQUATION_LINES, -1), -1):
            other = self._lines.equation(above)
            if other == name:
                start = above
            elif other or not self._text.line(above)[:1].isspace():
                break
        end = header + 1
        for below in range(header + 1, min(header + _MOST_EQUATION_LINES, self._text.line_count)):
            content = self._text.line(below)
            other = self._lines.equation(below)
            if other == name or (content[:1].isspace() and content.strip()):
                end = below + 1
            elif other:
                break
        return Definition(LineSpan(self._start_above(start), end), start)


def _without_blank_edges(text: TextSnapshot, first: int, last: int) -> tuple[int, int]:
    first, last = max(first, 0), min(last, text.line_count - 1)
    while first < last and not text.line(first).strip():
        first += 1
    while last > first and not text.line(last).strip():
        last -= 1
    return first, last
