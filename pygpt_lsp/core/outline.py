"""Finds the definition around some lines, and the head of a file, from indentation and patterns alone.

No parser knows all languages, is there at once, and stands half-written code. Indentation does: a definition
is a line that looks like the beginning of one, and what stands deeper below it. Every answer is checked by
looking for the end of the definition, so a wrong guess costs an answer and never gives a wrong one for lines
that it does not contain.

Must stay fast, since it runs when an editor asks for code actions: it looks at some thousands of lines, never
at all of them. Line numbers are 0-based; a `LineSpan` does not include its `end`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.comment_scan import block_comment_over, is_comment_line
from pygpt_lsp.core.definitions import body_pattern, definition_pattern, family_of, import_pattern
from pygpt_lsp.core.languages import comment_syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.definitions import Family
    from pygpt_lsp.core.text import TextSnapshot

_MOST_UP = 2_000
_MOST_DOWN = 4_000
_MOST_ABOVE = 60  # decorators and comments above a definition
_MOST_HEADER = 40  # a signature over several lines
_MOST_HEAD = 60
_HEAD_WITHIN = 300
_HEAD_GAP = 10
_LONGEST_LINE = 400

_CLOSERS = (")", "]", "}")
_OPENERS = ("{", "(", "[", ":", "->", "=>", "=", ",")


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

    Blank lines at the edges of the lines given may lie outside of a definition. Lines outside the text are
    ignored.
    """
    family = family_of(language_id)
    first, last = _without_blank_edges(text, first_line, last_line)
    if family is None or first > last:
        return
    scan = _Scan(text, language_id, family)
    if family.equations:
        definition = scan.equation(first)
        if definition and definition.span.end > last:
            yield definition
        return
    yield from scan.around(first, last)


def head_span(text: TextSnapshot, language_id: str) -> LineSpan | None:
    """The package or module line and the imports at the top of the file, at most 60 lines; None without.

    What stands before, a `#!` line, a licence, a module's comment, is left out: it says little about the
    code. The head ends where the first definition begins.
    """
    family = family_of(language_id)
    if family is None:
        return None
    syntax = comment_syntax(language_id)
    start = end = gap = open_brackets = 0
    for index, line in enumerate(text.lines(0, _HEAD_WITHIN)):
        line = line[:_LONGEST_LINE]
        if open_brackets > 0 and index == end:
            open_brackets += _bracket_balance(line)
            end = index + 1
        elif import_pattern().match(line):
            start = start if end else index
            end, gap = index + 1, 0
            # The brace of `namespace a {` holds the whole file.
            named = line.lstrip().startswith(("namespace", "module", "package", "defmodule", "#"))
            open_brackets = 0 if named and "(" not in line else _bracket_balance(line)
        elif definition_pattern(family).match(line) and not line[:1].isspace() and not family.equations:
            break
        elif line.strip() and not is_comment_line(line, syntax):
            gap += bool(end)
            if gap > _HEAD_GAP:
                break
    return LineSpan(start, min(end, start + _MOST_HEAD)) if end else None


class _Scan:
    """One look at a text for definitions of one family."""

    def __init__(self, text: TextSnapshot, language_id: str, family: Family) -> None:
        self._text = text
        self._family = family
        self._syntax = comment_syntax(language_id)
        self._pattern = definition_pattern(family)

    def around(self, first: int, last: int) -> Iterator[Definition]:
        """The definitions that contain these lines, from the innermost outwards."""
        limit = _DEEPEST
        # Lines on a decorator or a comment above a definition belong to it.
        for line in range(first + 1, min(first + _MOST_ABOVE, self._text.line_count)):
            if self._begins_definition(line):
                definition = self._definition(line)
                if definition.span.start <= first and definition.span.end > last:
                    yield definition
                    limit = self._indent(line)
                break
        if limit == _DEEPEST and self._is_plain(first):
            limit = self._indent(first) + self._begins_definition(first)
        lowest = max(first - _MOST_UP, 0)
        above = list(self._text.lines(lowest, first + 1))
        for line in range(first, lowest - 1, -1):
            content = above[line - lowest]
            if limit <= 0:
                return
            if limit < _DEEPEST and content[:limit].isspace():
                continue  # as deep as what it would have to contain
            if not self._begins_definition(line):
                continue
            definition = self._definition(line)
            limit = self._indent(line)
            if definition.span.end > last:
                yield definition

    def equation(self, line: int) -> Definition | None:
        """The top-level lines that begin with the name that `line` is about, for Haskell and its like."""
        header = line
        while header > max(line - _MOST_UP, 0) and not self._equation_name(header):
            header -= 1
        name = self._equation_name(header)
        if not name or name in ("import", "module"):
            return None
        start = header
        for above in range(header - 1, max(header - _MOST_UP, -1), -1):
            other = self._equation_name(above)
            if other == name:
                start = above
            elif other or not self._text.line(above)[:1].isspace():
                break
        end = header + 1
        for index, content in enumerate(self._text.lines(header + 1, header + _MOST_DOWN), header + 1):
            other = self._equation_name(index)
            if other == name or (content[:1].isspace() and content.strip()):
                end = index + 1
            elif other:
                break
        return Definition(LineSpan(self._start_above(start), end), start)

    def _equation_name(self, line: int) -> str:
        content = self._text.line_content(line)
        if not content[:1].isalpha() or is_comment_line(content, self._syntax):
            return ""
        match = re.match(r"[\w']+", content)
        return match[0] if match else ""

    def _begins_definition(self, line: int) -> bool:
        content = self._text.line(line)
        match = self._pattern.match(content[:_LONGEST_LINE])
        if match is None or is_comment_line(content, self._syntax):
            return False
        return match["callable"] is None or self._has_body(line, match.end())

    def _has_body(self, line: int, after_bracket: int) -> bool:
        """Whether the brackets opened before that character close, and a body follows."""
        code = "".join(self._text.lines(line, line + _MOST_HEADER))[: 10 * _LONGEST_LINE]
        depth = 1
        for match in re.finditer(r"[()]|\"(?:\\.|[^\"\\\n])*+\"|;", code[after_bracket:]):
            if match[0] == ";":
                return False
            depth += {"(": 1, ")": -1}.get(match[0], 0)
            if depth == 0:
                return body_pattern().match(code, after_bracket + match.end()) is not None
        return False

    def _definition(self, header: int) -> Definition:
        return Definition(LineSpan(self._start_above(header), self._end_below(header)), header)

    def _start_above(self, header: int) -> int:
        """The first of the decorators, attributes and comments that stand directly above."""
        start = header
        indent = self._indent(header)
        if self._family.callables and indent == 0 and header > 0 and self._is_type_alone(header - 1):
            start -= 1
        while start > max(header - _MOST_ABOVE, 0):
            line = self._text.line(start - 1)
            content = line.strip()
            if not content:
                break
            if is_comment_line(line, self._syntax) or content.startswith(self._family.above):
                start -= 1
                continue
            opened = block_comment_over(self._text, start - 1, self._syntax)
            if opened is None:
                opened = self._decorator_over(start - 1, indent)
            if opened is None:
                break
            start = opened
        return start

    def _decorator_over(self, line: int, indent: int) -> int | None:
        """Where the decorator over several lines begins that `line` closes."""
        content = self._text.line(line).strip()
        heredoc = content == '"""'
        if not heredoc and not content.startswith(_CLOSERS):
            return None
        for above in range(line - 1, max(line - _MOST_ABOVE, -1), -1):
            content = self._text.line(above).strip()
            if content and self._indent(above) <= indent and (not heredoc or '"""' in content):
                return above if content.startswith(self._family.above) else None
        return None

    def _end_below(self, header: int) -> int:
        """The line after the last one of the definition that begins at `header`."""
        base = self._indent(header)
        last = header
        inside: str | None = None
        for index, line in enumerate(self._text.lines(header + 1, header + 1 + _MOST_DOWN), header + 1):
            deeper = line[: base + 1].isspace()
            if deeper and line.isspace():
                continue
            if inside is None and not deeper and not self._goes_on(index, line, header, base):
                return index + 1 if self._closes(line, base) else last + 1
            if inside and not deeper and self._pattern.match(line[:_LONGEST_LINE]):
                return last + 1  # so it was no string
            if inside is not None or deeper or not self._is_aside(line):
                last = index
            inside = self._long_string_after(line, inside)
        return last + 1

    def _goes_on(self, index: int, line: str, header: int, base: int) -> bool:
        """Whether the definition goes on at a line that stands no deeper than its first one."""
        content = line.strip()
        if self._is_aside(line):
            return True
        if len(line) - len(line.lstrip()) != base:
            return False
        if content.startswith("{") or re.match(r"where\b", content):
            return all(not each.startswith("}") for each in self._text.lines(header + 1, index))
        if content.startswith(_CLOSERS):
            return content.endswith(_OPENERS) or self._opens_next(index)
        return (
            self._family.ends and re.match(r"(?:rescue|ensure|else|elsif|catch|after)\b", content) is not None
        )

    def _opens_next(self, index: int) -> bool:
        """Whether the `)` in that line ends a signature whose body begins in the next one."""
        if not self._text.line(index).lstrip().startswith(")") or index + 1 >= self._text.line_count:
            return False
        return self._text.line(index + 1).lstrip().startswith(("{", "where", "->", ":"))

    def _closes(self, line: str, base: int) -> bool:
        content = line.strip()
        if len(line) - len(line.lstrip()) != base:
            return False
        if content.startswith(_CLOSERS):
            return True
        return self._family.ends and _matches(r"(?:end\w*|fi|done|esac)\b", content)

    def _is_aside(self, line: str) -> bool:
        """A line whose indentation says nothing: blank, comment, preprocessor, label, access."""
        content = line.strip()
        if not content or is_comment_line(line, self._syntax):
            return True
        if not self._family.callables:
            return False
        return content.startswith("#") or (
            content.endswith(":") and content[:-1].replace(" ", "").isidentifier()
        )

    def _long_string_after(self, line: str, inside: str | None) -> str | None:
        """The delimiter of the string over several lines that goes on after `line`."""
        for delimiter in (inside,) if inside else self._syntax.long_strings:
            if delimiter in line and line.count(delimiter) % 2:
                return None if inside else delimiter
        return inside

    def _is_plain(self, line: int) -> bool:
        """Whether the indentation of a line says what contains it: it closes and continues nothing."""
        content = self._text.line(line).strip()
        if content.startswith((*_CLOSERS, "{", "where")) or self._is_aside(content):
            return False
        return not (self._family.ends and _matches(r"(?:end\w*|fi|done|esac|rescue|ensure|else)\b", content))

    def _is_type_alone(self, line: int) -> bool:
        """C's `static int` on a line of its own, above the name."""
        return re.fullmatch(r"[A-Za-z_][\w\s*:<>,]*[\w*>]\s*", self._text.line(line)) is not None

    def _indent(self, line: int) -> int:
        content = self._text.line(line)
        return len(content) - len(content.lstrip())


_DEEPEST = 1 << 30


def _without_blank_edges(text: TextSnapshot, first: int, last: int) -> tuple[int, int]:
    first, last = max(first, 0), min(last, text.line_count - 1)
    if first == last:
        return first, last
    while first < last and not text.line(first).strip():
        first += 1
    while last > first and not text.line(last).strip():
        last -= 1
    return first, last


def _matches(pattern: str, content: str) -> bool:
    return re.match(pattern, content) is not None


def _bracket_balance(line: str) -> int:
    return sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
