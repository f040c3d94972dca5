"""Short words for the tests of the pages that the server writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .editor_document import path_of
from .editor_profiles import capability

if TYPE_CHECKING:
    from .editor_document import Document
    from .lsp_client import EditorClient


async def page_of(editor: EditorClient, name: str, times: int = 1) -> Document:
    """The page of that name, once it was shown so often; where the editor cannot open it, its user does."""
    if not capability(editor.capabilities, "window.showDocument.support"):

        def told() -> list[str]:
            return [each.message for each in editor.messages if each.message.endswith(name)]

        await editor.wait_for(lambda: len(told()) >= times, f"the path of {name}")
        path = Path(told()[-1].partition(" listed in ")[2])
        return editor.documents.get(path.as_uri()) or editor.open(path)

    def shown() -> list[str]:
        return [each.uri for each in editor.shown if each.uri.endswith(name)]

    await editor.wait_for(lambda: len(shown()) >= times, f"the page {name}")
    uri = shown()[-1]
    await editor.wait_for(lambda: uri in editor.documents, f"{path_of(uri)} to be open")
    return editor.documents[uri]
