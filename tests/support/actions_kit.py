"""Short words for the tests of code actions and edits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

from .api_script import DEADLINE
from .server_kit import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .editor_document import Document
    from .editor_text import Json
    from .lsp_client import Action, EditorClient


def fenced(code: str, language: str = "python") -> str:
    """An answer that holds this code, as models write it."""
    body = code if code.endswith("\n") else f"{code}\n"
    return f"Here it is. ö 😀\n\n```{language}\n{body}```\n"


def titles(menu: Sequence[Action]) -> list[str]:
    """The menu's titles without our name."""
    assert all(entry.title.startswith("PyGPT: ") for entry in menu)
    return [entry.title.removeprefix("PyGPT: ") for entry in menu]


def entry(menu: Sequence[Action], title: str) -> types.CodeAction:
    """The only entry whose title starts so."""
    found = [each for each in menu if each.title.startswith(f"PyGPT: {title}")]
    assert len(found) == 1, [each.title for each in menu]
    assert isinstance(found[0], types.CodeAction)
    return found[0]


async def choose(editor: EditorClient, document: Document, where: Json, title: str, **options: Any) -> None:
    """Open the menu for a range and choose the entry whose title starts so.

    A prompt of the user's is not in the first menu where its file takes long to read: then open it again.
    """
    menu = await eventually(
        lambda: editor.code_actions(document, where, **options),
        lambda menu: any(each.startswith(title) for each in titles(menu)),
        f"{title!r} in the menu",
    )
    await editor.choose(entry(menu, title))


async def idle(editor: EditorClient, document: Document) -> None:
    """Ask for the menu until it has nothing to stop."""
    async with asyncio.timeout(DEADLINE):
        while "Stop" in titles(await editor.code_actions(document, document.range(0, len(document.text)))):
            pass


def last_words(editor: EditorClient) -> list[str]:
    """With what each progress ended, without our name."""
    ended = [each.ended for each in editor.progress.values() if each.ended is not None]
    return [(end.message or "").removeprefix("PyGPT: ") for end in ended]


def told(editor: EditorClient) -> list[str]:
    """Every message to the user, without our name."""
    assert all(each.message.startswith("PyGPT: ") for each in editor.messages)
    return [each.message.removeprefix("PyGPT: ") for each in editor.messages]


def diagnostic(where: Json, message: str, severity: int = 1, **more: Any) -> Json:
    """One as an editor sends it."""
    return {"range": where, "message": message, "severity": severity, **more}


def chat_of(editor: EditorClient) -> Document:
    """The only chat that is open."""
    found = [document for uri, document in editor.documents.items() if uri.endswith(".chat.md")]
    assert len(found) == 1, list(editor.documents)
    return found[0]


def edits_of(editor: EditorClient, document: Document) -> list[Json]:
    """The edits of a document that were made, each as the JSON of its one `TextDocumentEdit`."""
    made: list[Json] = []
    for message in editor.received("workspace/applyEdit"):
        (change,) = cast("list[Json]", message["edit"]["documentChanges"])
        if change["textDocument"]["uri"] == document.uri:
            made.append(change)
    return made
