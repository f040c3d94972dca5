"""Short words for the tests of requests that are shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .editor_document import path_of

if TYPE_CHECKING:
    from .lsp_client import EditorClient


def pages_of(editor: EditorClient) -> list[Path]:
    """The requests that the editor was told to show, by showDocument or in words."""
    shown = [
        path_of(each.uri) for each in editor.shown if "/requests/" in each.uri or "/pygpt-lsp-" in each.uri
    ]
    said = [each.message for each in editor.messages if "The request is in " in each.message]
    return [*shown, *(Path(message.partition("The request is in ")[2]) for message in said)]


async def page(editor: EditorClient, count: int = 1) -> Path:
    """The last of so many requests, once it is shown."""
    await editor.wait_for(lambda: len(pages_of(editor)) >= count, f"{count} requests to be shown")
    return pages_of(editor)[-1]


def text_of(path: Path) -> str:
    """What a page says."""
    return path.read_bytes().decode()


def body_of(path: Path) -> bytes:
    """The body of the request that a page shows: all of its last code block."""
    text, _, fence = text_of(path).rstrip("\n").rpartition("\n")
    return text.rpartition(f"\n{fence}json\n")[2].encode()


def head_of(path: Path) -> str:
    """The head of the request that a page shows."""
    return text_of(path).rpartition("```http\n")[2].partition("\n```")[0]
