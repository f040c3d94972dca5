"""Asking opens a chat: a Markdown file that the answer grows in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from pygpt_lsp.core.chat import parse_chat
from tests.support.chat_kit import (
    Said,
    answer_of,
    ask,
    chats_in,
    chats_of,
    ended,
    holds,
    send,
    sent,
    shown_chat,
    streaming,
    system_of,
    told,
    turns,
)
from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_01,
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    in_editors,
    in_every_editor,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_profiles import Profile
    from tests.support.editor_text import Json
    from tests.support.editors import Editors


def without_show_document(params: Json) -> None:
    """A client that cannot open a document."""
    params["capabilities"]["window"].pop("showDocument", None)


@pytest.mark.parametrize("action", ["Explain", "Review", "Write tests", "Ask…"])
async def test_a_chat_action_shows_the_question_with_its_context_and_the_answer(
    editor: Editors, workspace: Path, api: ScriptedApi, action: str
) -> None:
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    menu = await client.code_actions(source, source.range(source.find("def greet"), source.find("class")))
    (chosen,) = [each for each in menu if each.title == f"PyGPT: {action}"]
    api.reply("It greets, ö 😀.")
    await client.choose(chosen)
    chat = await shown_chat(client)
    if action == "Ask…":
        assert parse_chat(chat.text).turns[0].question == ""
        chat.type("Why?")
        await send(client, chat)
    await ended(client)

    assert chats_in(workspace) == [workspace / ".pygpt/cache/chats" / chat.uri.rpartition("/")[2]]
    assert not (workspace / ".pygpt/cache/.ignore").exists()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z-]+\.chat\.md", chats_in(workspace)[0].name)
    assert chat.text.startswith('---\nmodel: "gpt-5.5"\n---\n\n## User\n\n> #file:src/app.py:6-')
    asked, answered, following = parse_chat(chat.text).turns
    assert asked.question
    assert (answered.role, answered.text) == ("assistant", "It greets, ö 😀.")
    assert (following.role, following.text) == ("user", "")
    (request,) = api.requests
    (question,) = sent(request)
    assert "Schöne Grüße, 😀 " in question.text
    assert question.text.endswith(asked.question)
    assert "#file" not in question.text
    assert system_of(request)


@in_every_editor
async def test_in_every_editor_the_answer_streams_into_the_open_chat(
    editor: Editors, workspace: Path, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    source = client.open(workspace / "src/app.py")
    stream = api.stream()
    await client.execute("pygpt.action", {"id": "explain", "uri": source.uri, "range": source.range(0, 120)})
    chat = await shown_chat(client)
    stream.send("Zuerst ö. ")
    await holds(client, chat, "Zuerst ö. ")
    assert turns(chat.text)[-1] == Said("user", "")
    stream.send("Then 😀.\n```\n## User\n")
    await holds(client, chat, "Then 😀.\n```\n## User\n")
    assert turns(chat.text)[-1] == Said("user", "")
    stream.send("```\n## User")
    stream.finish()
    summary = await ended(client)
    assert answer_of(chat.text) == "Zuerst ö. Then 😀.\n```\n## User\n```\n## User"
    assert summary.startswith("PyGPT: ")
    assert re.search(r"11 tokens in, 7 out · \d+\.\d s", summary)
    assert {edit.params.label for edit in client.edits} == {None}
    assert [params.uri for params in client.shown] in ([chat.uri], [])


async def test_where_the_editor_cannot_open_a_document_its_path_is_told(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07, tweak=without_show_document)
    await ask(client, "Why ö?")
    await ended(client)
    (path,) = chats_in(workspace)
    assert str(path) in await told(client, "The chat is in")
    assert (workspace / ".pygpt/cache/.ignore").read_bytes() == b"!*.chat.md\n"
    assert turns(path.read_bytes().decode()) == [
        Said("user", "Why ö?"),
        Said("assistant", "An answer from the scripted model."),
        Said("user", ""),
    ]
    assert client.shown == []


@in_editors(HELIX_25_01, NEOVIM_0_12, VSCODE, EGLOT)
async def test_one_edit_is_under_way_at_a_time_and_gathers_what_came_meanwhile(
    editor: Editors, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    before = len(client.edits)
    client.busy = True
    for number in range(40):
        reply.send(f"{number} ")
    await client.wait_for(lambda: client.waiting, "an edit")
    reply.finish()
    await (await reply.until_taken()).until_finished()
    await client.execute("pygpt.showStatus")  # a round trip, after which anything sent at once would be here
    assert [each["method"] for each in client.waiting] == ["workspace/applyEdit"]
    client.catch_up()
    await ended(client)
    assert answer_of(chat.text) == "Begun. " + "".join(f"{number} " for number in range(40))
    assert len(client.edits) - before <= 3


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_new_chat_is_empty_or_about_a_range_with_the_cursor_where_the_question_goes(
    editor: Editors, workspace: Path, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    await client.execute("pygpt.chat.new")
    chat = await shown_chat(client)
    assert chat.text == '---\nmodel: "gpt-5.5"\n---\n\n## User\n\n\n'
    client.close_document(chat)
    client.open(workspace / "src/app.py")
    await client.execute("pygpt.chat.new", {"uri": "src/app.py", "range": {"start_line": 6, "end_line": 9}})
    chat = await shown_chat(client)
    assert chat.text.endswith("## User\n\n> #file:src/app.py:6-9\n\n\n")
    await client.wait_for(lambda: len(client.shown) >= 2, "both to be shown")
    for shown, line in zip(client.shown, (6, 8), strict=True):
        assert shown.selection is not None
        assert shown.selection.start == types.Position(line, 0)
    assert api.requests == []


async def test_several_chats_stream_at_once_each_its_own(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(HELIX_25_07)
    replies = [api.stream(), api.stream(), api.stream()]
    for number in range(3):
        await ask(client, f"Question {number}")
        await api.until_requests(number + 1)
    for number in range(10):
        for reply in replies:
            question = sent(await reply.until_taken())[0].text
            reply.send(f"{question}: {number}. ")
    for reply in replies:
        reply.finish()
    await ended(client, 3)
    assert len(chats_of(client)) == 3
    for chat in chats_of(client):
        question = turns(chat.text)[0].text
        assert answer_of(chat.text) == "".join(f"{question}: {number}. " for number in range(10))


async def test_a_question_that_cannot_be_sent_is_shown_to_be_corrected(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    await ask(client, "/nö why 😀?\n\n> #file:no-such.py")
    assert (await told(client, "Line")).startswith("PyGPT: Line 9 of the chat names no-such.py")
    (chat,) = chats_of(client)
    assert turns(chat.text) == [Said("user", "/nö why 😀?\n\n> #file:no-such.py")]
    chat.swap("> #file:no-such.py", "")
    await send(client, chat)
    await ended(client)
    assert sent(api.requests[0]) == [Said("user", "/nö why 😀?")]
