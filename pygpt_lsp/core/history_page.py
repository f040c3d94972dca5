"""The page of conversations that a search of the history found: written here, and read back for its actions.

    <!-- pygpt: history page "slow" -->

    # History: slow

    1 conversation. On each of them the code-action menu offers to open, fork or delete it.

    ## [Why is this slow?](chats/2026-11-22-why-is-this-slow.chat.md)

    `k7mq2x9a` · 2026-11-22 20:10 · gpt-5.5 · 4 messages

    > assistant: … because the loop is **slow** …

An entry reaches from its heading to the next one; its id stands below its heading. The user may change the
page at will: what is read is what is there.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.pages import code_span, mark_line, one_line, prose, unescaped

if TYPE_CHECKING:
    from collections.abc import Sequence

_TITLE_CHARACTERS = 100
_QUERY_CHARACTERS = 1000
_ROLE_NAMES = {"user": "you"}
_HEADING = re.compile(r"##[ \t]+(?P<title>.*)")
_LINK = re.compile(r"\[(?P<title>(?:\\.|[^\\\]])*)\]\((?P<target>[^()\s]*)\)\s*")
_ID = re.compile(r"`(?P<id>[a-zA-Z0-9]{1,64})` · ")


class Excerpt(NamedTuple):
    """One line of what was said; `marks` are the places in it, start and end, of the words looked for."""

    role: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class Entry(NamedTuple):
    """One conversation. `when` is a time for the eye; `chat` its chat document, relative to the page."""

    id: str
    title: str
    when: str
    model: str
    messages: int
    excerpts: tuple[Excerpt, ...] = ()
    chat: str | None = None


class PageEntry(NamedTuple):
    """An entry as it stands on a page: lines 0-based, `end_line` the first one after it.

    `link` is where the target's text stands in the first line, in code points, with the target; None where
    the heading is no link.
    """

    id: str
    title: str
    first_line: int
    end_line: int
    link: tuple[int, int, str] | None


def render_page(query: str, entries: Sequence[Entry], *, more: bool = False) -> str:
    """The page for a search, or for the newest conversations where `query` is empty.

    `more`: there are further conversations that are not on it.
    """
    query = one_line(query)[:_QUERY_CHARACTERS]
    pieces = [mark_line("history", query), "", f"# History: {prose(query)}" if query else "# History", ""]
    pieces += [_summary(query, len(entries), more), ""]
    for entry in entries:
        pieces += _entry(entry)
    return "\n".join(pieces)


def parse_page(lines: Sequence[str]) -> tuple[PageEntry, ...]:
    """The entries on a page whose lines these are, with or without their endings."""
    headings = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    found: list[PageEntry] = []
    for first, end in pairwise([*headings, len(lines)]):
        ids = (_ID.match(line) for line in lines[first + 1 : end])
        id_match = next((match for match in ids if match), None)
        if id_match is not None:
            title, link = _read_heading(lines[first].rstrip("\r\n"))
            found.append(PageEntry(id_match["id"], title, first, end, link))
    return tuple(found)


def entry_at(entries: Sequence[PageEntry], line: int) -> PageEntry | None:
    """The entry that covers `line` (0-based)."""
    return next((entry for entry in entries if entry.first_line <= line < entry.end_line), None)


def _summary(query: str, count: int, more: bool) -> str:
    if not count:
        return f"Nothing found: {_MATCHING}" if query else "Nothing has been asked here yet."
    said = counted(count, "conversation")
    if more:
        said = f"The newest {said}; {'add' if query else 'search for'} a word to find others"
    return f"{said}. On each of them the code-action menu offers to open, fork or delete it."


_MATCHING = "every word must occur in one message; the beginning of a word is enough."


def _entry(entry: Entry) -> list[str]:
    title = one_line(entry.title)
    if len(title) > _TITLE_CHARACTERS:
        title = title[: _TITLE_CHARACTERS - 1] + "…"
    title = prose(title or "Chat")
    heading = f"## [{title}]({quote(entry.chat)})" if entry.chat is not None else f"## {title}"
    messages = counted(entry.messages, "message")
    facts = [code_span(one_line(entry.id) or "?"), entry.when, prose(entry.model), messages]
    lines = [heading, "", " · ".join(fact for fact in facts if fact), ""]
    for excerpt in entry.excerpts:
        role = _ROLE_NAMES.get(excerpt.role, excerpt.role)
        lines += [f"> {prose(role)}: {_marked(excerpt)}", ""]
    return lines


def _marked(excerpt: Excerpt) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in excerpt.marks:
        pieces += [_edge_kept(excerpt.text[done:start]), f"**{prose(excerpt.text[start:end])}**"]
        done = end
    pieces.append(_edge_kept(excerpt.text[done:]))
    return "".join(pieces)


def _edge_kept(text: str) -> str:
    """`prose` with the one blank that may stand at either edge beside a marked word."""
    inner = prose(text)
    if not inner:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{inner}{' ' if text[-1].isspace() else ''}"


def _read_heading(line: str) -> tuple[str, tuple[int, int, str] | None]:
    heading = _HEADING.match(line)
    written = heading["title"] if heading else line
    link = _LINK.fullmatch(written)
    if heading is None or link is None:
        return unescaped(written.strip()), None
    start, end = (heading.start("title") + edge for edge in link.span("title"))
    return unescaped(link["title"]), (start, end, unquote(link["target"]))
