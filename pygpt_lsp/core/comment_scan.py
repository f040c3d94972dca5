"""Finds comments in single lines of text, without a parser.

A line is read from its start with strings and character literals skipped. Whether that start lies inside a
block comment or a string over several lines is a question of its own, answered by looking up from there.

Must stay fast: the functions run when an editor asks for code actions.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.languages import CommentSyntax
    from pygpt_lsp.core.text import TextSnapshot

MOST_COMMENT_LINES = 100
"""How far up or down the other end of a comment is looked for."""

_MOST_LINES_READ = 20_000
_LONGEST_LINE = 2_000


class Comment(NamedTuple):
    """A comment in one line: where it starts, where its words start and end, where it ends.

    A line comment has no `closer` and ends with its line. A block comment that its line does not close has
    no `end`.
    """

    leader: str
    closer: str
    start: int
    words: int
    words_end: int
    end: int | None


def is_comment_line(line: str, syntax: CommentSyntax) -> bool:
    """Whether `line` begins with a comment."""
    return line.lstrip().startswith((*syntax.line, *(opener for opener, _ in syntax.block)))


def block_comment_over(text: TextSnapshot, line: int, syntax: CommentSyntax) -> int | None:
    """The line where the block comment opens that the start of `line` lies in, or None.

    Looks at most 100 lines up.
    """
    for above in range(line - 1, max(line - MOST_COMMENT_LINES, 0) - 1, -1):
        content = text.line_content(above)
        if any(opener in content or closer in content for opener, closer in syntax.block):
            last = last_comment(content, syntax)
            return above if last and last.end is None else None
    return None


def in_long_string(text: TextSnapshot, line: int, syntax: CommentSyntax) -> bool:
    """Whether the start of `line` lies in a string that began in a line above.

    An odd number of delimiters above says perhaps; only then is all text above read. Below the first 20,000
    lines the answer is no.
    """
    if not syntax.long_strings or line > _MOST_LINES_READ:
        return False
    above = "".join(text.lines(0, line))
    if not any(above.count(delimiter) % 2 for delimiter in syntax.long_strings):
        return False
    return any(match["open"] is not None for match in _long_scanner(syntax).finditer(above))


def last_comment(line: str, syntax: CommentSyntax) -> Comment | None:
    """The last of `comments_in`; only this one can be open at the end of the line."""
    last = None
    for last in comments_in(line, syntax):  # noqa: B007
        pass
    return last


def comments_in(line: str, syntax: CommentSyntax) -> Iterator[Comment]:
    """The comments of a line that does not start inside one, from left to right.

    None in a line of more than 2,000 characters: that is generated code or data.
    """
    if len(line) > _LONGEST_LINE:
        return
    scanner = _scanner(syntax)
    position = 0
    while match := scanner.search(line, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "block":
            opener = match["block"]
            closer = dict(syntax.block)[opener]
            closed = line.find(closer, position)
            if closed < 0:
                yield Comment(opener, closer, match.start(), position, len(line), None)
                return
            yield Comment(opener, closer, match.start(), position, closed, closed + len(closer))
            position = closed + len(closer)
        elif kind:
            yield Comment(match[kind], "", match.start(kind), position, len(line), len(line))
            return


@cache
def _scanner(syntax: CommentSyntax) -> re.Pattern[str]:
    """Matches what matters in a line: literals, which are skipped, and what begins a comment.

    At the start of a line a leader counts before anything else; further on it follows a space or a bracket.
    """
    leaders = "|".join(map(_leader, sorted(syntax.line, key=len, reverse=True))) or "(?!)"
    openers = "|".join(re.escape(opener) for opener, _ in syntax.block) or "(?!)"
    return re.compile(
        rf"^\s*+(?!{openers})(?P<alone>{leaders})|(?P<block>{openers})|{syntax.strings}|\\."
        rf"|(?<![^\s;{{}}(),])(?P<line>{leaders})",
        re.DOTALL,
    )


def _leader(leader: str) -> str:
    """`//` also as `///` and `//!`, `#` as `##`; a quote or a word as it is."""
    if leader[-1] in "'\" ":
        return re.escape(leader)
    return f"{re.escape(leader)}{re.escape(leader[-1])}*+!?"


@cache
def _long_scanner(syntax: CommentSyntax) -> re.Pattern[str]:
    """Matches comments and strings in many lines; `open` where a string is not closed before the end."""
    delimiters = "|".join(syntax.long_strings)
    blocks = "".join(rf"|{re.escape(opener)}.*?(?:{re.escape(closer)}|\Z)" for opener, closer in syntax.block)
    return re.compile(
        rf"(?:{'|'.join(map(re.escape, syntax.line))})[^\n]*{blocks}"
        rf"|(?P<long>{delimiters})(?:\\.|(?!(?P=long))[^\\])*+(?:(?P=long)|(?P<open>\Z))"
        r"""|"(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+'""",
        re.DOTALL,
    )
