"""The history from the editor: found again, opened again, gone for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.history_page import parse_page
from tests.support.chat_kit import (
    Said,
    answer_of,
    ask,
    chats_in,
    chats_of,
    ended,
    send,
    sent,
    shown_chat,
    told,
    turns,
)
from tests.support.editor_document import path_of
from tests.support.editor_profiles import HELIX_25_01, HELIX_25_07
from tests.support.history_kit import bytes_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CANARY = "kanariengelb ö"


async def asked(client: EditorClient, api: ScriptedApi, question: str, answer: str) -> None:
    """A chat that is over and closed."""
    api.reply(answer)
    count = len(client.progress) + 1
    await ask(client, question)
    await shown_chat(client)
    await ended(client, count)
    (chat,) = chats_of(client)
    chat.save()
    client.close_document(chat)


async def found(client: EditorClient, workspace: Path, query: str | None = None) -> str:
    """The page of what a search found, as the editor shows it."""
    shown = len(client.shown)
    await client.execute("pygpt.history.search", *([] if query is None else [query]))
    await client.wait_for(lambda: len(client.shown) > shown, "the page")
    return client.document(path_of(client.shown[-1].uri)).text


def id_on(page: str, title: str) -> str:
    """The id of the conversation with that title."""
    (name,) = [entry.id for entry in parse_page(page.splitlines()) if title in entry.title]
    return name


async def test_a_search_lists_what_was_said_and_without_a_query_the_newest(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    await asked(client, api, "First question?", f"It is {CANARY}.")
    await asked(client, api, "Second question?", "Something else.")
    page = await found(client, workspace)
    assert page.index("Second question?") < page.index("First question?")
    page = await found(client, workspace, "kanarien")
    assert "> assistant: It is **kanariengelb** ö." in page
    assert "Second question?" not in page
    assert "Nothing found" in await found(client, workspace, "nowhere")
    assert path_of(client.shown[-1].uri).parent == workspace / ".pygpt/cache"


async def test_where_the_editor_cannot_open_the_page_its_path_is_told(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_01)
    await client.execute("pygpt.history.search", "anything")
    assert str(workspace / ".pygpt/cache/history.chat.md") in await told(client, "are listed in")


async def test_a_conversation_opens_in_its_chat_or_in_a_new_one_that_can_be_sent_on(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    await asked(client, api, "Why ö?", "Because.\n```\n## User")
    name = id_on(await found(client, workspace), "Why ö?")
    (path,) = chats_in(workspace)
    path.write_text(path.read_text("utf-8") + "My draft.\n", encoding="utf-8")
    await client.execute("pygpt.history.open", {"id": name})
    chat = await shown_chat(client)
    assert path_of(chat.uri) == path
    assert turns(chat.text)[-1] == Said("user", "My draft.")

    client.close_document(chat)
    path.unlink()
    await client.execute("pygpt.history.open", name[:5])
    chat = await shown_chat(client)
    assert turns(chat.text) == [
        Said("user", "Why ö?"),
        Said("assistant", "Because.\n```\n## User"),
        Said("user", ""),
    ]
    chat.type("And then?\n")
    await send(client, chat)
    await ended(client, 2)
    assert sent(api.requests[1]) == [
        Said("user", "Why ö?"),
        Said("assistant", "Because.\n```\n## User"),
        Said("user", "And then?"),
    ]
    page = await found(client, workspace)
    assert page.count("Why ö?") == 1, "it is the same conversation still"
    assert answer_of(chat.text) == "An answer from the scripted model."


async def test_a_deleted_conversation_leaves_no_trace_wherever_it_was(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    await asked(client, api, f"Is {CANARY} a colour?", f"{CANARY} is one.")
    await asked(client, api, "Another?", "It stays.")
    name = id_on(await found(client, workspace, CANARY), f"Is {CANARY}")
    (path,) = [path for path in chats_in(workspace) if "kanariengelb" in path.name]
    path.unlink()
    await client.execute("pygpt.history.open", {"id": name})
    await client.wait_for(lambda: chats_of(client), "the chat")
    client.close_document(chats_of(client)[0])

    client.answers.append("Keep")
    await client.execute("pygpt.history.delete", {"id": name})
    await client.wait_for(lambda: client.questions, "the question")
    assert CANARY in client.questions[0].message
    client.answers.append("Delete for good")
    await client.execute("pygpt.history.delete", {"id": name})
    await told(client, "Deleted")
    assert await client.close() == 0
    left = bytes_in(workspace / ".pygpt")
    assert CANARY.encode() not in left
    assert b"It stays." in left


async def test_an_id_that_is_none_is_told(editor: Editors) -> None:
    client = await editor(HELIX_25_07)
    await client.execute("pygpt.history.open", {})
    await told(client, "Say which conversation with its id")
    await client.execute("pygpt.history.open", "nosuchid")
    await told(client, "No conversation has the id nosuchid")
    await client.execute("pygpt.history.delete", "../../etc")
    await told(client, "That is no conversation's id")
    assert client.questions == []
