"""A message with its context as it was sent, brought back to the context lines that it was asked with.

The history keeps what was sent, whole files among it. Somebody who reads a conversation wants to see which
lines went along, not all of them again. For reading alone: a block that was written by hand in the form of
ours is folded too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.chat_context import format_context_ref

if TYPE_CHECKING:
    from pygpt_lsp.core.chat_context import ContextKind

_KINDS: Final[dict[str, ContextKind]] = {
    "Selection": "file",
    "File": "file",
    "Buffer": "file",
    "Symbol": "file",
    "Enclosing definition": "file",
    "Head of the file": "file",
    "Surrounding lines": "file",
    "Diagnostics": "diagnostics",
    "Rules of this project": "rules",
    "Diff": "diff",
}
"""What the heading of a block (`context.render_part`) says that its context line says so."""
_HEADING = re.compile(r"### (?P<title>[^\n:]+): (?P<place>[^\n]*)\n\n(?P<fence>`{3,})[^\n`]*\n")
_PLACE = re.compile(r"(?P<path>.*?)(?:, lines? (?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?)?")


def fold_context(message: str) -> str:
    """`message` with the blocks of context that it begins with as lines, `> #file:src/app.py:10-40`."""
    lines: list[str] = []
    start = 0
    while (heading := _HEADING.match(message, start)) is not None:
        line = _line(heading["title"], heading["place"])
        closing = re.compile(rf"^{heading['fence']}$", re.MULTILINE).search(message, heading.end())
        if line is None or closing is None:
            break
        lines.append(line)
        start = closing.end() + (2 if message.startswith("\n\n", closing.end()) else 0)
    if not lines:
        return message
    return "\n".join(dict.fromkeys(lines)) + (f"\n\n{message[start:]}" if start < len(message) else "")


def _line(title: str, place: str) -> str | None:
    kind = _KINDS.get(title)
    where = _PLACE.fullmatch(place)
    if kind is None or where is None:
        return None
    if kind == "diff":
        return format_context_ref("diff")
    first, last = (int(number) if number else None for number in where.group("first", "last"))
    try:
        return format_context_ref(kind, where["path"], first, last if last is not None else first)
    except ValueError:
        return None
