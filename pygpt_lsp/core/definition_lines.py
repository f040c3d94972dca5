"""What single lines say about definitions: where one begins, where it ends, and what does not count.

The end is read from indentation: a definition goes on while lines stand deeper than its first one, but for
lines whose place says nothing (comments, labels, `#if`, the inside of a long string) and for the brackets of
its own signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.comment_scan import is_comment_line
from pygpt_lsp.core.definitions import body_pattern, definition_pattern
from pygpt_lsp.core.languages import comment_syntax

if TYPE_CHECKING:
    from pygpt_lsp.core.definitions import Family
    from pygpt_lsp.core.text import TextSnapshot

CLOSERS = (")", "]", "}")
_OPENERS = ("{", "(", "[", ":", "->", "=>", "=", ",")
_MOST_DOWN = 2_000
_MOST_SIGNATURE = 40
_LONGEST_LINE = 400  # as much of a line is matched


_DECLARED = re.compile(
    r"(?:data|newtype|class|type)\s+(?:(?:family|instance|alias)\s+)?(?:.*?=>\s*)?(?P<name>[A-Z][\w']*)"
)
_INSTANCE = re.compile(r"(?:deriving\s+)?instance\s.*")
_EQUATION = re.compile(r"(?!\d)[\w']+")


class DefinitionLines:
    """The lines of one text, read as those of one family of languages. Line numbers are 0-based."""

    def __init__(self, text: TextSnapshot, language_id: str, family: Family) -> None:
        self._text = text
        self._family = family
        self._syntax = comment_syntax(language_id)
        self._pattern = definition_pattern(family)

    def indent(self, line: int) -> int:
        """The number of white space characters at the start of a line."""
        return _indent(self._text.line(line))

    def is_comment(self, line: int) -> bool:
        """Whether a line begins with a comment."""
        return is_comment_line(self._text.line(line), self._syntax)

    def begins(self, line: int) -> bool:
        """Whether a definition begins in that line."""
        content = self._text.line(line)
        match = self._pattern.match(content[:_LONGEST_LINE])
        if match is None or is_comment_line(content, self._syntax):
            return False
        return match["callable"] is None or self._has_body(line, match.end())

    def equation(self, line: int) -> str:
        """The name that a top-level line is about, where definitions are equations; "" for none.

        An instance, which has no name, is called by its whole line.
        """
        content = self._text.line(line)[:_LONGEST_LINE]
        match = _DECLARED.match(content) or _INSTANCE.match(content) or _EQUATION.match(content)
        if match is None or self.is_comment(line):
            return ""
        return match.groupdict().get("name") or match[0]

    def tells_depth(self, line: int) -> bool:
        """Whether only what stands further left than this line can contain it.

        Not so where it is blank, closes a bracket or goes on with a signature.
        """
        content = self._text.line(line).strip()
        if content.startswith((*CLOSERS, "{", "where")) or self._is_aside(content):
            return False
        return not (self._family.ends and re.match(r"(?:end\w*|fi|done|esac|rescue|ensure|else)\b", content))

    def end_of(self, header: int) -> int | None:
        """The line after the definition that begins in line `header`; None if 2,000 lines do not reach it."""
        base = self.indent(header)
        last = header
        delimiters = self._syntax.long_strings
        string = ""  # the delimiter of the one that the line begins in
        lines = self._text.lines(header + 1, header + 1 + _MOST_DOWN)
        for index, line in enumerate(lines, header + 1):
            if line.isspace():
                continue
            if not string and line[: base + 1].isspace():
                last = index
            elif not string:
                content = line.strip()
                if self._is_aside(content):
                    continue
                if not self._goes_on(content, index, _indent(line) == base):
                    return index + 1 if self._closes(content) and _indent(line) == base else last + 1
                last = index
            elif line[: base + 1].isspace() or not self._pattern.match(line[:_LONGEST_LINE]):
                last = index
            else:
                return last + 1  # a definition: so the delimiter before began no string
            string = string_after(line, string, delimiters)
        return last + 1 if header + 1 + _MOST_DOWN >= self._text.line_count else None

    def _has_body(self, line: int, after_bracket: int) -> bool:
        """Whether the bracket opened before that character is closed, and a body follows."""
        code = "".join(self._text.lines(line, line + _MOST_SIGNATURE))[: 10 * _LONGEST_LINE]
        depth = 1
        for match in re.compile(r'[()]|"(?:\\.|[^"\\\n])*+"|;').finditer(code, after_bracket):
            depth += {"(": 1, ")": -1, ";": -depth}.get(match[0], 0)
            if depth == 0:
                return match[0] == ")" and body_pattern().match(code, match.end()) is not None
        return False

    def _goes_on(self, content: str, index: int, level: bool) -> bool:
        """Whether the definition goes on at a line no deeper than its first; `level`: exactly as deep."""
        if not level:
            return False
        if content.startswith("{") or re.match(r"where\b", content):
            return True  # the body in Allman style
        if content.startswith(CLOSERS):
            return content.endswith(_OPENERS) or self._signature_ends(content, index)
        return self._family.ends and bool(re.match(r"(?:rescue|ensure|else|elsif|catch|after)\b", content))

    def _signature_ends(self, content: str, index: int) -> bool:
        """Whether the `)` in that line ends a signature whose body begins in the next one."""
        if not content.startswith(")") or index + 1 >= self._text.line_count:
            return False
        return self._text.line(index + 1).lstrip().startswith(("{", "where", "->", ":"))

    def _closes(self, content: str) -> bool:
        if content.startswith(CLOSERS):
            return True
        return self._family.ends and bool(re.match(r"(?:end\w*|fi|done|esac)\b", content))

    def _is_aside(self, content: str) -> bool:
        """A line whose place says nothing: blank, a comment, a label, `public:`, `#if`."""
        if not content or is_comment_line(content, self._syntax):
            return True
        if not self._family.labels:
            return False
        label = content[:-1].replace(" ", "") if content.endswith(":") else ""
        return content.startswith("#") or label.isidentifier()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def string_after(line: str, string: str, delimiters: tuple[str, ...]) -> str:
    """The delimiter of the long string that goes on after `line`, which begins in `string`; "" for none."""
    for delimiter in (string,) if string else delimiters:
        if delimiter in line and line.count(delimiter) % 2:
            return "" if string else delimiter
    return string
