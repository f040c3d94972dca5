"""Finds the head of a file: its package or module line and its imports.

They tell which names the code means, so they go along with a question. Must look at the top of the file only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.comment_scan import is_comment_line
from pygpt_lsp.core.definition_lines import DefinitionLines
from pygpt_lsp.core.definitions import family_of, import_pattern
from pygpt_lsp.core.languages import comment_syntax

if TYPE_CHECKING:
    from pygpt_lsp.core.text import TextSnapshot

_MOST_HEAD = 60
_WITHIN = 300
_MOST_OTHER_LINES = 10
_LONGEST_LINE = 400


def head_span(text: TextSnapshot, language_id: str) -> range | None:
    """The lines (0-based) from the package line or first import to the last import; None where there is none.

    At most 60 lines among the first 300. What stands before, a `#!` line, a licence, a module's comment, is
    left out: it says little about the code. The head ends where the first definition begins, or ten lines
    of other code after an import.
    """
    family = family_of(language_id)
    if family is None:
        return None
    syntax = comment_syntax(language_id)
    lines = DefinitionLines(text, language_id, family)
    start = end = others = open_brackets = 0
    for index, line in enumerate(text.lines(0, _WITHIN)):
        content = line[:_LONGEST_LINE].strip()
        if open_brackets > 0:
            open_brackets += _bracket_balance(content)
            end = index + 1
        elif import_pattern().match(content):
            start = start if end else index
            end, others = index + 1, 0
            # The brace of `namespace a {` holds the whole file.
            named = content.startswith(("namespace", "module", "package", "defmodule", "#"))
            open_brackets = 0 if named and "(" not in content else _bracket_balance(content)
        elif not family.equations and lines.begins(index):
            break
        elif end and content and not is_comment_line(content, syntax):
            others += 1
            if others > _MOST_OTHER_LINES:
                break
    return range(start, min(end, start + _MOST_HEAD)) if end else None


def _bracket_balance(content: str) -> int:
    return sum(map(content.count, "([{")) - sum(map(content.count, ")]}"))
