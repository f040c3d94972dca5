"""An answer goes on wherever its chat is: in the buffer, in the file, under any name, moved or undone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.support.chat_kit import (
    Said,
    answer_of,
    ask,
    chats_in,
    ended,
    file_of,
    holds,
    open_chat,
    send,
    sent,
    streaming,
    told,
    turns,
)
from tests.support.editor_document import path_of
from tests.support.editor_profiles import EGLOT, HELIX_25_01, HELIX_25_07, NEOVIM_0_12, VSCODE, in_editors
from tests.support.server_kit import heard, stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

NOT_MAPPED = {".py": "python"}
EDITORS = in_editors(HELIX_25_07, NEOVIM_0_12)
WHOLE = "Begun. Middle ö.\n```\n## User\n```\nEnd 😀."


def file_holds(path: Path, text: str) -> bool:
    return text in path.read_bytes().decode()


def chats_below(folder: Path) -> list[Path]:
    return list(folder.rglob("*.chat.md"))


async def in_file(client: EditorClient, path: Path, text: str) -> None:
    """Wait until a file holds a text; nothing is sent to the client then, so it asks again and again."""
    while not file_holds(path, text):
        await client.execute("pygpt.showStatus")


async def test_where_the_editor_keeps_the_chat_from_us_the_answer_goes_to_its_file(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07, languages=NOT_MAPPED)
    for number in (1, 2):
        await ask(client, f"Question {number}")
        await ended(client, number)
    for path in chats_in(workspace):
        question, answer, following = turns(path.read_bytes().decode())
        assert (answer.text, following.text) == ("An answer from the scripted model.", "")
        assert question.text.startswith("Question")
    hints = [shown.message for shown in client.messages if "map *.chat.md to pygpt-lsp" in shown.message]
    assert len(hints) == 1
    assert client.edits == []


@in_editors(HELIX_25_01, NEOVIM_0_12, EGLOT)
async def test_a_chat_that_is_opened_late_goes_on_in_the_buffer_and_closed_midway_in_the_file(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile, languages=NOT_MAPPED)
    reply = api.stream()
    await ask(client, "Why ö?")
    reply.send("Begun. ")
    await api.until_requests(1)
    (path,) = chats_in(workspace)
    await in_file(client, path, "Begun. ")
    chat = client.open(path, "markdown")
    await heard(client)
    reply.send("Middle ö.\n```\n## User\n")
    await holds(client, chat, "## User\n")
    assert not file_holds(path, "Middle")
    client.close_document(chat)  # unsaved: what the file lacks is written again
    await heard(client)
    reply.send("```\nEnd")
    await in_file(client, path, "```\nEnd")
    again = client.open(path, "markdown")
    await heard(client)
    reply.send(" 😀.")
    reply.finish()
    await ended(client)
    assert turns(again.text) == [Said("user", "Why ö?"), Said("assistant", WHOLE), Said("user", "")]


@EDITORS
async def test_a_chat_that_is_saved_closed_and_opened_again_has_nothing_twice(
    editor: Editors, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    for piece in ("Middle ö.", "\n```\n## ", "User\n```", "\nEnd"):
        reply.send(piece)
        await holds(client, chat, piece)
        chat.save()
        client.close_document(chat)
        chat = client.open(path_of(chat.uri))
        chat.type("+", at=len(chat.text) - chat.text.endswith("\n"))
        await heard(client)  # an edit for the document before could be for a version of this one
    reply.send(" 😀.")
    reply.finish()
    await ended(client)
    assert answer_of(chat.text) == WHOLE
    assert turns(chat.text)[-1].text.strip("\n") == "++++"


async def test_what_the_user_corrected_in_an_answer_stays_corrected_when_the_chat_is_closed(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    chat, reply = await streaming(client, api)
    chat.swap("Begun", "Bégun")
    chat.save()
    client.close_document(chat)
    await heard(client)
    reply.send("End.")
    reply.finish()
    await ended(client)
    assert answer_of(file_of(chat)) == "Bégun. End."


@EDITORS
async def test_the_same_file_under_another_uri_is_the_same_chat(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    client.close_document(chat)
    path = path_of(chat.uri)
    spelled = "file://" + quote(str(path), safe="/-").replace("talk", "t%61lk").replace("-why", "%2Dwhy")
    assert spelled != chat.uri
    again = client.open_text(spelled, "markdown", path.read_bytes().decode())
    await heard(client)
    reply.send("Middle. ")
    await holds(client, again, "Begun. Middle. ")
    menu = await client.code_actions(again, again.cursor(0))
    assert menu[0].title.startswith("PyGPT: Stop")
    await client.choose(menu[0])
    await ended(client)
    assert answer_of(again.text) == "Begun. Middle. "
    again.type("Q2", at=len(again.text) - again.text.endswith("\n"))
    await client.execute("pygpt.chat.send", {"uri": str(path)})
    await ended(client, 2)
    assert [said.role for said in sent(api.requests[1])] == ["user", "assistant", "user"]
    assert {turn.status for turn in stored_turns(workspace / ".pygpt/cache")} == {"stopped", "done"}


@EDITORS
async def test_an_undone_piece_stays_undone_and_the_answer_goes_on_behind_it(
    editor: Editors, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    reply.send("Undone. ")
    await holds(client, chat, "Undone. ")
    chat.flush()
    chat.undo()
    assert "Undone" not in chat.text
    reply.send("End.")
    reply.finish()
    await ended(client)
    assert answer_of(chat.text) == "Begun. End."
    assert [turn.role for turn in turns(chat.text)] == ["user", "assistant", "user"]


@EDITORS
async def test_an_answer_whose_turn_was_moved_or_came_back_is_followed_there(
    editor: Editors, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    start, end = chat.find("## Assistant"), chat.text.rindex("## User")
    block = chat.text[start:end]
    chat.replace(start, end, "")
    await heard(client)
    reply.send("Middle. ")
    await client.execute("pygpt.showStatus")
    assert "Middle" not in chat.text
    chat.type(block, at=chat.text.index("## User"))
    await holds(client, chat, "Middle. ")
    reply.send("End.")
    reply.finish()
    await ended(client)
    first, *others = turns(chat.text)
    assert first == Said("assistant", "Begun. Middle. End.")
    assert [turn.role for turn in others] == ["user", "user"]


@pytest.mark.parametrize("history", [True, False])
async def test_an_answer_whose_place_was_deleted_is_kept_elsewhere_and_nothing_else_is_touched(
    editor: Editors, api: ScriptedApi, workspace: Path, temporary: Path, history: bool
) -> None:
    options = {"history": {"enabled": history}}
    client = await editor(HELIX_25_07, options=options, env={"TMPDIR": str(temporary)})
    chat = open_chat(client, workspace, "## User\n\nQ1\n\n## Assistant\n\nA1\n\n## User\n\nQ2\n")
    reply = api.stream()
    await send(client, chat)
    await api.until_requests(1)
    start = chat.text.rindex("## Assistant")
    chat.replace(start, len(chat.text), "# Mine.\n")
    changed = chat.text
    await heard(client)
    reply.send("Paid for.")
    reply.finish()
    await ended(client)
    assert chat.text == changed
    if history:
        await told(client, "kept whole in the history")
        assert stored_turns(workspace / ".pygpt/cache")[-1].answer == "Paid for."
    else:
        (kept,) = chats_below(temporary)
        assert str(kept) in await told(client, "It is in ")
        assert turns(kept.read_bytes().decode())[:2] == [Said("user", "Q2"), Said("assistant", "Paid for.")]


@in_editors(NEOVIM_0_12, VSCODE, EGLOT)
async def test_an_editor_that_answers_late_gets_the_answer_once(
    editor: Editors, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat, reply = await streaming(client, api)
    for piece in ("one ", "two ", "three "):
        client.busy = True
        reply.send(piece)
        await client.wait_for(lambda: client.waiting, "an edit")
        if piece == "two ":  # the user comes first: what waits is stale by then
            chat.type("mine", at=len(chat.text) - chat.text.endswith("\n"))
        client.catch_up()
        await holds(client, chat, piece)
    reply.finish()
    await ended(client)
    assert answer_of(chat.text) == "Begun. one two three "
    assert turns(chat.text)[-1].text.strip() == "mine"


async def test_a_buffer_that_takes_no_edit_for_a_while_gets_all_of_it_later(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(VSCODE)
    chat, reply = await streaming(client, api)
    client.refuse_edits = 2
    reply.send("Middle. ")
    await client.wait_for(lambda: client.refuse_edits == 0, "two refusals")
    reply.send("End.")
    reply.finish()
    await ended(client)
    assert answer_of(chat.text) == "Begun. Middle. End."


async def test_a_chat_whose_file_is_gone_is_told_and_the_answer_kept(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07, languages=NOT_MAPPED)
    reply = api.stream()
    await ask(client, "Why?")
    reply.send("Begun. ")
    await api.until_requests(1)
    (path,) = chats_in(workspace)
    await in_file(client, path, "Begun. ")
    path.unlink()
    reply.send("End.")
    reply.finish()
    await ended(client)
    assert "cannot be read" in await told(client, "kept whole in the history")
    assert stored_turns(workspace / ".pygpt/cache")[-1].answer == "Begun. End."


async def test_shutting_down_midway_leaves_a_readable_chat_and_the_text_so_far(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07, languages=NOT_MAPPED)
    reply = api.stream()
    await ask(client, "Why ö?")
    reply.send("Begun.\n```\n## User\n")
    request = await reply.until_taken()
    (path,) = chats_in(workspace)
    await in_file(client, path, "Begun.")
    assert await client.close() == 0
    await request.until_closed()
    text = path.read_bytes().decode()
    assert [turn.role for turn in turns(text)] == ["user", "assistant", "user"]
    assert "Begun.\n```\n## User".startswith(turns(text)[1].text.rstrip("\n"))
    (turn,) = stored_turns(workspace / ".pygpt/cache")
    assert (turn.status, turn.answer) == ("stopped", "Begun.\n```\n## User\n")


async def test_a_chat_is_a_readable_chat_after_each_edit(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(HELIX_25_07)
    chat, reply = await streaming(client, api)
    seen: list[Document] = [chat]

    def judge() -> None:
        for document in seen:
            said = turns(document.text)
            assert [turn.role for turn in said] == ["user", "assistant", "user"]
            assert (said[0].text, said[2].text) == ("Why ö?", "")

    client.before_edit = judge
    for piece in ("```py\n", "## User\n", "x\n", "```\n", "~~~\n## Assistant\n", "more"):
        reply.send(piece)
        await holds(client, chat, piece.rstrip("\n"))
        judge()
    reply.finish()
    await ended(client)
    judge()
