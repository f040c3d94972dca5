"""Texts that try to break a chat document, for hypothesis."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import strategies as st

FRAGMENTS = (
    "## User",
    "## Assistant",
    "## assistant ##",
    "   ## USER   #",
    "    ## User",
    "##\tUser",
    "##User",
    "## User x",
    "## uſer",
    "\\## User",
    "  \\\\## User",
    "\\",
    "#",
    "##",
    " ",
    "   ",
    "<",
    "<!-- fence closed by pygpt-lsp -->",
    "\\<!-- fence closed by pygpt-lsp -->  ",
    "<!-- pygpt:",
    "<!-- pygpt: stopped -->",
    "<!-- pygpt",
    " \\<!-- PyGPT: x",
    "`",
    "```",
    "````",
    "```py",
    "``` a`b",
    "  ```",
    "    ```",
    "~~~",
    "~~~~ x~",
    "---",
    "--- ",
    "model: x",
    "> #file:a b.py:1-2",
    "> #selection",
    "#buffer",
    "> #symbol:x",
    "ö😀",
    "\f",
    "\u2028",
    "\x85",
    "\t",
    "x",
)
LINE_ENDINGS = ("\n", "\r\n", "\r")


def hostile_texts(*, endings: tuple[str, ...] = LINE_ENDINGS) -> st.SearchStrategy[str]:
    """Texts of lines which mean something to the format, or nearly do, cut anywhere."""
    ending = st.sampled_from((*endings, "\n", "\n\n"))
    piece = st.one_of(st.sampled_from(FRAGMENTS), ending, ending, st.text(max_size=5))
    return st.lists(piece, max_size=16).map("".join)


def cut(text: str, places: list[int]) -> list[str]:
    """`text` in pieces, cut at `places`, which may repeat or lie outside."""
    edges = sorted({0, len(text), *(min(place, len(text)) for place in places)})
    return [text[a:b] for a, b in pairwise(edges)] or [""]


def normalised(text: str) -> str:
    """The text with the line ends that a chat is written with."""
    return re.sub(r"\r\n?", "\n", text)
