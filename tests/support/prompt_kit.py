"""Short words for the tests of prompts, presets and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .actions_kit import titles
from .server_kit import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from .editor_document import Document
    from .editor_text import Json
    from .lsp_client import Action, EditorClient


def put(folder: Path, name: str, text: str) -> Path:
    """A file, its folders made where they are missing; `\\n` is written as it is."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def put_prompt(workspace: Path, name: str, text: str) -> Path:
    """A prompt of the workspace's."""
    return put(workspace / ".pygpt/prompts", f"{name}.md", text)


def put_preset(workspace: Path, name: str, text: str) -> Path:
    """A preset of the workspace's."""
    return put(workspace / ".pygpt/presets", f"{name}.md", text)


async def menu_with(
    editor: EditorClient, document: Document, where: Json, title: str, **options: Any
) -> list[Action]:
    """The menu once it offers something with that title: files may have changed just now."""
    return await eventually(
        lambda: editor.code_actions(document, where, **options),
        lambda menu: title in titles(menu),
        f"{title} in the menu",
    )
