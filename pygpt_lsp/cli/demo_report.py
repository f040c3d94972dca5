"""What the demo says afterwards: the edit as a diff, what the history holds, and what it says was sent.

The request is read from the history, where the server stored it whole before it was sent. Which lines of
which file went along is read from the messages themselves, so that nothing can be claimed that was not there.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.prompts import REGION_HEADING
from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pygpt_lsp.cli.screen import Screen, Style
    from pygpt_lsp.services.history_records import StoredConversation

_WORDS = {"system": "how to answer", "user": "the task", "assistant": "an earlier answer"}
_FENCE = re.compile(r"`{3,}")
_PART = re.compile(r"### (?P<title>[^:]+): (?P<place>.+)")


class DiffLine(NamedTuple):
    """A line of a unified diff and how it is painted."""

    text: str
    style: Style | None


def file_diff(name: str, before: str, after: str) -> list[DiffLine]:
    """The unified diff of two texts, without line endings."""
    styles: dict[str, Style] = {"+": "green", "-": "red", "@": "dim"}
    old, new = ([line.rstrip("\r") for line in text.split("\n")] for text in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")
    return [
        DiffLine(line, "bold" if number < 2 else styles.get(line[:1])) for number, line in enumerate(lines)
    ]


def read_history(workspace: Path) -> list[StoredConversation]:
    """What the ended server left in the workspace's cache, the oldest conversation first.

    Raises PygptError where it left nothing.
    """
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.workspace_cache import find_cache

    folder = find_cache(workspace)
    if folder is None:
        raise PygptError("The server has stored nothing: run `pygpt-lsp doctor`.")
    store = HistoryStore.open(folder)
    try:
        return [store.conversation(found.id) for found in reversed(store.conversations())]
    finally:
        store.close()


def show_stored(screen: Screen, conversations: list[StoredConversation]) -> None:
    """One line for each answer."""
    for conversation in conversations:
        for turn in conversation.turns:
            usage = turn.usage
            counted = usage.input_tokens is not None and usage.output_tokens is not None
            tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out" if counted else ""
            words = [conversation.title, turn.reported_model or turn.model, tokens]
            screen.item(f"  {turn.status:<9}", visible(" · ".join(filter(None, words))), "green")


def show_sent(screen: Screen, conversations: list[StoredConversation], text: str) -> None:
    """Each request: its messages with their sizes, and the lines of the file `text` that are in them."""
    for conversation in conversations:
        for turn in conversation.turns:
            size = sum(len(message.content.encode()) for message in turn.messages)
            screen.item("  ", visible(f"{conversation.title}: {size:,} bytes of text"))
            for message in turn.messages:
                label = f"    {message.role:<10}{len(message.content.encode()):>6,}  "
                for part in (*sent_parts(message.content, text), _WORDS[message.role]):
                    screen.item(label, visible(part), "dim")
                    label = " " * len(label)


def sent_parts(content: str, text: str) -> Iterator[str]:
    """The parts of a message that come from files: "greetings.py, line 3 (head of the file)".

    `text` is the file asked about, in which the region to replace is looked up; it carries no numbers.
    """
    lines = iter(content.split("\n"))
    for line in lines:
        if found := _PART.fullmatch(line):
            kind = found["title"].lower()
            yield found["place"] + ("" if kind == "file" else f" ({kind})")
        elif line == REGION_HEADING:
            region = _next_fenced(lines)
            yield _region(region, [each.rstrip("\r") for each in text.split("\n")])
            continue
        if fence := _FENCE.match(line):
            _skip(lines, fence[0])


def _next_fenced(lines: Iterator[str]) -> list[str]:
    for line in lines:
        if fence := _FENCE.match(line):
            return _skip(lines, fence[0])
    return []


def _skip(lines: Iterator[str], fence: str) -> list[str]:
    """The lines up to the one that closes the fence."""
    inside: list[str] = []
    for line in lines:
        if line == fence:
            break
        inside.append(line.rstrip("\r"))
    return inside


def _region(region: list[str], file: list[str]) -> str:
    for start in range(len(file) - len(region) + 1):
        if file[start : start + len(region)] == region:
            return f"lines {start + 1}-{start + len(region)} (the region to replace)"
    return f"{len(region)} lines (the region to replace)"
