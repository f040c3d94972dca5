"""Short words for the tests of chats in the real server process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.pages import read_mark

from .editor_document import path_of
from .editor_profiles import capability

if TYPE_CHECKING:
    from .api_script import Reply, Request
    from .api_server import ScriptedApi
    from .editor_document import Document
    from .lsp_client import EditorClient

CHAT = "---\nmodel: gpt-5.5\n---\n\n## User\n\n{question}\n"


class Said(NamedTuple):
    """One message of a request."""

    role: str
    text: str


def sent(request: Request) -> list[Said]:
    """The messages of a Chat Completions request without the system prompt."""
    messages: list[dict[str, str]] = request.json["messages"]
    return [Said(each["role"], each["content"]) for each in messages if each["role"] != "system"]


def system_of(request: Request) -> str:
    """The system prompt of a Chat Completions request."""
    return request.json["messages"][0]["content"]


def turns(text: str) -> list[Said]:
    """The turns of a chat document."""
    return [Said(turn.role, turn.text) for turn in parse_chat(text).turns]


def answer_of(text: str) -> str:
    """The last answer in a chat document that says something."""
    return [turn.text for turn in turns(text) if turn.role == "assistant" and turn.text][-1]


def open_chat(editor: EditorClient, folder: Path, text: str, name: str = "talk.chat.md") -> Document:
    """A chat of the user's own, in a file, open."""
    path = folder / name
    path.write_bytes(text.encode())
    return editor.open(path)


def chats_in(workspace: Path) -> list[Path]:
    """The chat documents in the workspace's cache, by name."""
    return sorted((workspace / ".pygpt/cache/chats").glob("*.chat.md"))


def chats_of(editor: EditorClient) -> list[Document]:
    """The chats that are open; a page of the server's is none."""
    return [
        document
        for uri, document in editor.documents.items()
        if uri.endswith(".chat.md") and read_mark(document.text.partition("\n")[0]) is None
    ]


async def shown_chat(editor: EditorClient) -> Document:
    """The only chat, once it is open; where the editor could not open it, its user does."""
    if not capability(editor.capabilities, "window.showDocument.support"):
        path = (await told(editor, "The chat is in ")).partition("The chat is in ")[2]
        return editor.open(Path(path))
    await editor.wait_for(lambda: chats_of(editor), "the chat to be open")
    (chat,) = chats_of(editor)
    return chat


async def ask(editor: EditorClient, question: str, **more: Any) -> None:
    """`pygpt.ask`."""
    await editor.execute("pygpt.ask", {"question": question, **more})


async def send(editor: EditorClient, chat: Document) -> None:
    """`pygpt.chat.send`."""
    await editor.execute("pygpt.chat.send", {"uri": chat.uri})


async def holds(editor: EditorClient, chat: Document, text: str) -> None:
    """Wait until the chat holds a text."""
    await editor.wait_for(lambda: text in chat.text, f"{text!r} in {chat.uri}")


def ends(editor: EditorClient) -> list[str]:
    """With what each progress ended, in the order they began."""
    return [each.ended.message or "" for each in editor.progress.values() if each.ended is not None]


async def ended(editor: EditorClient, count: int = 1) -> str:
    """The last words of the job, once `count` jobs have ended."""
    await editor.wait_for(lambda: len(ends(editor)) >= count, f"{count} jobs to end")
    return ends(editor)[-1]


async def told(editor: EditorClient, part: str, after: int = 0) -> str:
    """A message to the user that holds `part`, once it has come, leaving out the first `after` messages."""

    def found() -> str:
        return next((each.message for each in editor.messages[after:] if part in each.message), "")

    return await editor.wait_for(found, f"a message with {part!r}")


async def streaming(
    editor: EditorClient, api: ScriptedApi, question: str = "Why ö?"
) -> tuple[Document, Reply]:
    """A chat that was asked something and shows the beginning of the answer, `Begun. `."""
    reply = api.stream()
    await ask(editor, question)
    reply.send("Begun. ")
    chat = await shown_chat(editor)
    await holds(editor, chat, "Begun. ")
    return chat, reply


def file_of(chat: Document) -> str:
    """What the chat's file holds."""
    return path_of(chat.uri).read_bytes().decode()
