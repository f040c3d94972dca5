"""Short words for the tests of edits that are applied from a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .actions_kit import entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .editor_document import Document
    from .editor_text import Json
    from .lsp_client import EditorClient

GREETING = '    greeting = "Schöne Grüße, 😀 " + name\n'
"""A line of the sample."""
HELLO = '    greeting = "Hallo, 😀 " + name\n'
GREET = ("src/app.py", GREETING, HELLO)
"""An edit of the sample, for `replace`."""


def replace(path: str, old: str, new: str) -> str:
    """A SEARCH/REPLACE block; all texts end with a newline, or are empty."""
    return f"{path}\n```python\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n```\n"


ONE, TWO = "a = 1\n", "b = '😀'\n"
TEXT = f"import ö\n\n{ONE}\n\n{TWO}\nc = 3\n"
"""A file with two lines to change, for `two`."""
FIRST = replace("src/two.py", ONE, "a = 'eins'\n")
SECOND = replace("src/two.py", TWO, "b = 'zwei 😀'\n")
BOTH = TEXT.replace(ONE, "a = 'eins'\n").replace(TWO, "b = 'zwei 😀'\n")
"""The file after both edits."""


def two(workspace: Path) -> Path:
    """That file, written."""
    path = workspace / "src/two.py"
    path.write_bytes(TEXT.encode())
    return path


def chat_text(*parts: str, named: Sequence[str] = ()) -> str:
    """A chat whose only answer consists of these parts; `named` are files of the question's context lines."""
    context = "".join(f"> #file:{name}\n" for name in named)
    answer = "\n".join(parts)
    return f"## User\n\n{context}\nChange it ö.\n\n## Assistant\n\nHere it is 😀:\n\n{answer}\n## User\n\n"


def answered_chat(
    client: EditorClient, workspace: Path, *parts: str, named: Sequence[str] = (), name: str = "edits.chat.md"
) -> Document:
    """A chat with such an answer, in a file of the user's own, open."""
    path = workspace / name
    path.write_bytes(chat_text(*parts, named=named).encode())
    return client.open(path)


async def chosen(client: EditorClient, chat: Document, title: str, where: Json | None = None) -> None:
    """Choose the entry of the chat's menu whose title starts so."""
    menu = await client.code_actions(chat, where or chat.cursor(0))
    await client.choose(entry(menu, title))


async def said(client: EditorClient, after: int) -> str:
    """The next message to the user but `after`, once it has come."""
    await client.wait_for(lambda: len(client.messages) > after, f"message {after + 1} to the user")
    return client.messages[after].message.removeprefix("PyGPT: ")


async def applied(
    client: EditorClient, chat: Document, title: str = "Apply", where: Json | None = None
) -> str:
    """Choose that entry, and wait for what the user is told then."""
    before = len(client.messages)
    await chosen(client, chat, title, where)
    return await said(client, before)


def requests(client: EditorClient) -> list[Json]:
    """The WorkspaceEdits that came, as JSON."""
    return [params["edit"] for params in client.received("workspace/applyEdit")]
