"""Stop stops: the connection is closed at once, what had arrived is kept and marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.chat_kit import (
    Said,
    answer_of,
    ask,
    chats_of,
    ended,
    ends,
    holds,
    send,
    sent,
    shown_chat,
    streaming,
    told,
    turns,
)
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12, VSCODE
from tests.support.server_kit import stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

NOTE = "\n\n<!-- pygpt: stopped -->\n\n## User"


async def by_command(client: EditorClient, chat: Document) -> None:
    await client.execute("pygpt.stop", {"uri": chat.uri})


async def by_command_for_all(client: EditorClient, _chat: Document) -> None:
    await client.execute("pygpt.stop")


async def by_progress(client: EditorClient, _chat: Document) -> None:
    (token,) = client.progress
    client.cancel_progress(token)


async def by_menu(client: EditorClient, chat: Document) -> None:
    await client.choose((await client.code_actions(chat, chat.cursor(0)))[0])


@pytest.mark.parametrize(
    ("profile", "stop"),
    [
        (HELIX_25_07, by_command),
        (NEOVIM_0_12, by_command_for_all),
        (VSCODE, by_progress),
        (NEOVIM_0_12, by_menu),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_stopping_closes_the_connection_and_keeps_the_text_so_far(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Any, stop: Any
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    reply.send("Middle.\n```\n## User\n")
    await holds(client, chat, "```\n## User\n")
    await stop(client, chat)
    await (await reply.until_taken()).until_closed()
    assert await ended(client) == "PyGPT: stopped"
    answer = "Begun. Middle.\n```\n## User\n"
    assert turns(chat.text) == [Said("user", "Why ö?"), Said("assistant", answer), Said("user", "")]
    assert NOTE in chat.text
    (turn,) = stored_turns(workspace / ".pygpt/cache")
    assert (turn.status, turn.answer, turn.error) == ("stopped", answer, None)
    assert [message.message for message in client.messages] == []

    chat.type("Go on.", at=len(chat.text) - chat.text.endswith("\n"))
    await send(client, chat)
    await ended(client, 2)
    assert sent(api.requests[1])[1:] == [Said("assistant", answer), Said("user", "Go on.")]


async def test_stopping_before_anything_arrived_leaves_the_question_to_be_sent_again(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    reply = api.stream(hang=True)
    await ask(client, "Why ö?")
    chat = await shown_chat(client)
    request = await reply.until_taken()
    await client.execute("pygpt.stop", {"uri": chat.uri})
    await request.until_closed()
    await ended(client)
    assert turns(chat.text) == [Said("user", "Why ö?"), Said("assistant", ""), Said("user", "")]
    assert "## Assistant\n\n<!-- pygpt: stopped -->\n\n## User\n" in chat.text
    await send(client, chat)
    await ended(client, 2)
    assert turns(chat.text)[1] == Said("assistant", "An answer from the scripted model.")
    assert sent(api.requests[1]) == [Said("user", "Why ö?")]
    assert "<!--" not in chat.text
    assert [turn.status for turn in stored_turns(workspace / ".pygpt/cache")] == ["stopped", "done"]


async def test_stopping_one_chat_leaves_the_others_alone(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(HELIX_25_07)
    first, reply = await streaming(client, api, "One?")
    other = api.stream()
    await ask(client, "Two?")
    await other.until_taken()
    await client.execute("pygpt.stop", {"uri": first.uri})
    await ended(client)
    other.send("Whole.")
    other.finish()
    await ended(client, 2)
    (second,) = [chat for chat in chats_of(client) if chat is not first]
    assert (answer_of(first.text), answer_of(second.text)) == ("Begun. ", "Whole.")
    assert set(ends(client)) > {"PyGPT: stopped"}
    await (await reply.until_taken()).until_closed()


async def test_stopping_while_an_edit_waits_for_the_editor_writes_the_text_once(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(NEOVIM_0_12)
    chat, reply = await streaming(client, api)
    client.busy = True
    reply.send("Middle. ")
    await client.wait_for(lambda: client.waiting, "an edit")
    await client.execute("pygpt.stop", {"uri": chat.uri})
    await (await reply.until_taken()).until_closed()
    client.catch_up()
    await ended(client)
    assert answer_of(chat.text) == "Begun. Middle. "
    assert chat.text.count(NOTE) == 1


async def test_nothing_to_stop_is_said(editor: Editors) -> None:
    client = await editor(HELIX_25_07)
    await client.execute("pygpt.stop")
    await told(client, "Nothing is running")
