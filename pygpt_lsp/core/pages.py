"""Pages: Markdown that we write for the user to read and to choose from, by code actions on its lines.

A page is named like a chat, `*.chat.md`, so that every editor that shares chats with us shares it too,
without another line of configuration. Its first line says that it is none. What stands on a page was said by
models and found in repositories: it is shown as plain text and never becomes a link, an image or a heading.
"""

from __future__ import annotations

import json
import re
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from pygpt_lsp.core.unicode import visible, well_formed

CHAT_SUFFIX: Final = ".chat.md"
"""What the name of a chat ends with, and that of a page."""

PageKind: TypeAlias = Literal["history", "models"]

_MARK = re.compile(r'<!-- pygpt: (?P<kind>history|models) page(?: (?P<note>"[^\n]*"))? -->\s*')
# An underscore between letters or digits marks nothing (CommonMark § 6.2), and stands in names of settings
# and in paths, which people copy from the page's source.
_SPECIAL = re.compile(r"([\\`*\[\]<>!#|~&]|(?<![^\W_])_|_(?![^\W_]))")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>!#|~&])")
_BACKTICKS = re.compile(r"`+")
_MARK_LENGTH = 10_000


class PageMark(NamedTuple):
    """What the first line of a page says; `note` is ours, to make the page anew from."""

    kind: PageKind
    note: str


def mark_line(kind: PageKind, note: str = "") -> str:
    """The first line of a page, without its ending. A reader of the rendered page does not see it."""
    written = json.dumps(well_formed(note)).replace(">", r"\u003e").replace("<", r"\u003c")
    return f"<!-- pygpt: {kind} page {written} -->" if note else f"<!-- pygpt: {kind} page -->"


def read_mark(first_line: str) -> PageMark | None:
    """What the first line of a document says, None where it makes no page of it."""
    match = _MARK.fullmatch(first_line[:_MARK_LENGTH])
    if match is None:
        return None
    try:
        note = json.loads(match["note"] or '""')
    except ValueError:
        return None
    return PageMark(cast("PageKind", match["kind"]), note)


def one_line(text: str) -> str:
    """`text` in one line, without anything that steers a terminal."""
    return " ".join(visible(text, keep="\n\t").split())


def prose(text: str) -> str:
    """`text` as plain Markdown of one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def unescaped(text: str) -> str:
    """The text of one line that `prose` was given."""
    return _ESCAPED.sub(r"\1", text)


def code_span(text: str) -> str:
    """`text`, which is one line without blank edges, as a code span (CommonMark § 6.1)."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    inner = f" {text} " if text.startswith("`") or text.endswith("`") else text
    return f"{fence}{inner}{fence}"
