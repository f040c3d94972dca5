"""Completion as the editors do it: what they show of an answer, in which order, and what choosing does.

Each compares what is typed with `filterText` in its own way (read in their sources):

- VS Code: the text from the edit's start to the cursor, letter by letter in order; better matches first.
- Neovim: the same text, as the beginning.
- Helix and eglot: the word before the cursor, letter by letter in order; Helix puts better matches first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from .editor_text import offset_at
from .server_kit import eventually

if TYPE_CHECKING:
    from .editor_document import Document
    from .lsp_client import EditorClient


class Shown(NamedTuple):
    """A list as the user sees it, at an offset of a document."""

    editor: EditorClient
    document: Document
    at: int
    incomplete: bool
    entries: tuple[types.CompletionItem, ...]

    @property
    def labels(self) -> list[str]:
        """What the entries are called, in their order."""
        return [entry.label for entry in self.entries]

    def entry(self, label: str) -> types.CompletionItem:
        """The entry with that label."""
        return next(entry for entry in self.entries if entry.label == label)

    def choose(self, label: str) -> None:
        """Do what the editor does with that entry."""
        edit = self.entry(label).text_edit
        assert isinstance(edit, types.TextEdit)
        start, end = _offsets(self.editor, self.document, edit.range)
        self.document.replace(start, end, edit.new_text)


async def complete(editor: EditorClient, document: Document, at: int | None = None) -> Shown:
    """Ask for completion at an offset, or at the end of the text before its final line ending."""
    place = last_place(document) if at is None else at
    params = {"textDocument": {"uri": document.uri}, "position": document.position(place)}
    answer = await editor.request("textDocument/completion", params)
    if answer is None:
        return Shown(editor, document, place, False, ())
    assert isinstance(answer, types.CompletionList)
    kept = [item for item in answer.items if _fits(editor, document, place, item)]
    kept.sort(key=lambda item: (not _begins(editor, document, place, item), item.sort_text or item.label))
    return Shown(editor, document, place, answer.is_incomplete, tuple(kept))


async def typed(editor: EditorClient, document: Document, text: str) -> Shown:
    """Type at the end of the document, before its final line ending, and ask."""
    document.type(text, at=last_place(document))
    return await complete(editor, document)


async def until(
    editor: EditorClient, document: Document, label: str | None, count: int = 1, at: int | None = None
) -> Shown:
    """Ask until that entry is offered, and `count` of all: the first answers do not wait for the disk."""
    return await eventually(
        lambda: complete(editor, document, at),
        lambda shown: (label is None or label in shown.labels) and len(shown.labels) >= count,
        f"{label} among {count} entries",
    )


def last_place(document: Document) -> int:
    """The offset before the final line ending."""
    return len(document.text.removesuffix("\n").removesuffix("\r"))


def _fits(editor: EditorClient, document: Document, at: int, item: types.CompletionItem) -> bool:
    """Whether the editor shows the entry at all."""
    typed = _compared(editor, document, at, item)
    text = item.filter_text or item.label
    if editor.profile.name.startswith("neovim"):
        return text.startswith(typed)
    return re.search(".*?".join(map(re.escape, typed)), text, re.IGNORECASE | re.DOTALL) is not None


def _begins(editor: EditorClient, document: Document, at: int, item: types.CompletionItem) -> bool:
    """Whether the entry fits as well as any can: those that do stand in the server's order."""
    text = item.filter_text or item.label
    return _compared(editor, document, at, item).lower() in text.lower()


def _compared(editor: EditorClient, document: Document, at: int, item: types.CompletionItem) -> str:
    """What is typed, as this editor compares it; checks the range (LSP 3.17 § CompletionItem.textEdit)."""
    edit = item.text_edit
    assert isinstance(edit, types.TextEdit)
    start, end = _offsets(editor, document, edit.range)
    assert start <= at <= end, "the range must contain the cursor"
    assert edit.range.start.line == edit.range.end.line, "the range must be on one line"
    assert "\n" not in edit.new_text
    if editor.profile.name.startswith(("helix", "eglot")):
        word = re.search(r"\w*\Z", document.text[:at])
        return word[0] if word else ""
    return document.text[start:at]


def _offsets(editor: EditorClient, document: Document, span: types.Range) -> tuple[int, int]:
    start, end = (
        offset_at(document.text, {"line": place.line, "character": place.character}, editor.encoding)
        for place in (span.start, span.end)
    )
    return start, end
