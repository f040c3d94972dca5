"""Forking, deleting, inserting, copying: what the menu and the lenses of a chat do, in each editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_writing import last_line
from tests.support.actions_kit import entry
from tests.support.chat_kit import chats_in, chats_of, holds, open_chat, send, told, turns
from tests.support.editor_profiles import (
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    capability,
    in_editors,
    in_every_editor,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CODE = "```python\ndef ö():\n    return '😀'\n```"
CHAT = f"""\
---
model: gpt-5.5
---

## User

Why ö 😀?

## Assistant

So:

{CODE}

src/neu.py
```python
x = 'ö'
```

## User

And?
"""


async def choose(client: EditorClient, chat: Document, needle: str, title: str) -> None:
    """Choose an entry of the chat's menu, with the cursor before the only `needle`."""
    await client.choose(entry(await client.code_actions(chat, chat.cursor(chat.find(needle))), title))


async def lenses(client: EditorClient, chat: Document) -> Sequence[types.CodeLens]:
    return await client.request("textDocument/codeLens", {"textDocument": {"uri": chat.uri}})


@in_every_editor
async def test_a_turn_is_deleted_as_one_undo_step(editor: Editors, workspace: Path, profile: Profile) -> None:
    client = await editor(profile)
    for eol in ("\n", "\r\n"):
        text = CHAT.replace("\n", eol)
        chat = open_chat(client, workspace, text, f"{len(eol)}.chat.md")
        await choose(client, chat, "So:", "Delete turn")
        await client.wait_for(lambda chat=chat: "So:" not in chat.text, "the turn to be gone")
        assert [turn.text for turn in turns(chat.text)] == ["Why ö 😀?", "And?"]
        assert chat.text == eol.join([*CHAT.split("\n")[:8], *CHAT.split("\n")[-4:]])
        chat.undo()
        assert chat.text == text


async def test_a_turn_is_deleted_where_it_is_by_now(editor: Editors, workspace: Path) -> None:
    client = await editor(NEOVIM_0_12)
    chat = open_chat(client, workspace, CHAT)
    delete = entry(await client.code_actions(chat, chat.cursor(chat.find("So:"))), "Delete turn")
    chat.type("Ö\n😀\n", at=chat.find("Why"))

    def type_once() -> None:
        client.before_edit = None
        chat.type("!", at=chat.find("And?"))

    client.before_edit = type_once
    await client.choose(delete)
    await client.wait_for(lambda: "So:" not in chat.text, "the turn to be gone")
    assert [turn.text for turn in turns(chat.text)] == ["Ö\n😀\nWhy ö 😀?", "!And?"]


async def test_a_turn_that_is_gone_is_not_another_one(editor: Editors, workspace: Path) -> None:
    client = await editor()
    chat = open_chat(client, workspace, CHAT)
    delete = entry(await client.code_actions(chat, chat.cursor(chat.find("So:"))), "Delete turn")
    insert = entry(await client.code_actions(chat, chat.cursor(chat.find("def ö"))), "Insert at cursor")
    start = chat.text.index("## Assistant")
    chat.replace(start, chat.find("src/neu.py"), "")
    before = chat.text
    for action in (delete, insert):
        await client.choose(action)
    await client.wait_for(lambda: len(client.messages) >= 2, "the refusals")
    assert all("has changed" in message.message for message in client.messages)
    assert chat.text == before


async def test_an_answer_that_is_being_written_is_not_deleted(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor()
    chat = open_chat(client, workspace, CHAT)
    delete = entry(await client.code_actions(chat, chat.cursor(chat.find("So:"))), "Delete turn")
    reply = api.stream()
    await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
    reply.send("Begun. ")
    await holds(client, chat, "Begun. ")
    await client.choose(delete)  # of a menu that was open before
    await told(client, "stop it first")
    reply.send("Ended ö.")
    reply.finish()
    await holds(client, chat, "Begun. Ended ö.")


@in_every_editor
async def test_a_fork_goes_on_in_a_chat_of_its_own(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT)
    await choose(client, chat, "So:", "Fork here")
    if capability(client.capabilities, "window.showDocument.support"):
        await client.wait_for(lambda: len(chats_of(client)) >= 2, "the fork to be open")
        line = client.shown[-1].selection.start.line if client.shown[-1].selection else 0
        assert line == last_line(chats_of(client)[1].text)
    else:
        await told(client, "The chat is in ")
    (path,) = chats_in(workspace)
    text = path.read_bytes().decode()
    assert text == CHAT[: CHAT.index("And?")]
    assert path.name.endswith("-why-ö.chat.md")
    assert chat.text == CHAT


@in_every_editor
@pytest.mark.parametrize("asked", ["by hand", "by itself"])
async def test_code_goes_to_where_the_cursor_was_in_code(
    editor: Editors, workspace: Path, profile: Profile, asked: str
) -> None:
    client = await editor(profile)
    code = client.open(workspace / "src/app.py")
    before = code.text
    await client.code_actions(
        code, code.cursor(code.find("        self.count = 0")), automatic=asked == "by itself"
    )
    chat = open_chat(client, workspace, CHAT)
    code.type("# ö\n", at=0)
    await choose(client, chat, "def ö", "Insert at cursor")
    assert await told(client, "src/app.py") == "PyGPT: added 2 lines at line 15 in src/app.py."
    lines = "        self.count = 0\n"
    new = "        def ö():\n            return '😀'\n"
    assert code.text == "# ö\n" + before.replace(lines, lines + new)
    code.undo()
    assert code.text == "# ö\n" + before


async def test_code_goes_below_a_selection_and_into_a_blank_line(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    code = client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, CHAT)
    await client.code_actions(code, code.range_of("import sys\n"))
    await choose(client, chat, "x = 'ö'", "Insert at cursor")
    await told(client, "added 1 line")
    assert "import sys\nx = 'ö'\n\n\ndef" in code.text
    await client.code_actions(code, code.cursor(code.text.index("\n\n\nclass") + 1))
    await choose(client, chat, "x = 'ö'", "Insert at cursor")
    await told(client, "changed line 11")
    assert "return greeting\nx = 'ö'\n\nclass" in code.text


async def test_without_a_cursor_nothing_is_inserted_and_it_is_said(editor: Editors, workspace: Path) -> None:
    client = await editor()
    chat = open_chat(client, workspace, CHAT)
    await choose(client, chat, "def ö", "Insert at cursor")
    await told(client, "I have not seen your cursor in code yet")
    code = client.open(workspace / "src/app.py")
    await client.code_actions(code, code.cursor(0))
    client.close_document(code)
    await choose(client, chat, "def ö", "Insert at cursor")
    await client.wait_for(lambda: len(client.messages) >= 2, "the second refusal")
    assert client.edits == []


@in_every_editor
async def test_code_that_names_a_new_file_becomes_that_file(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT)
    await choose(client, chat, "x = 'ö'", "Copy as new file")
    await told(client, "made src/neu.py")
    path = workspace / "src/neu.py"
    opened = client.documents.get(path.as_uri())
    text = opened.text if opened is not None else path.read_bytes().decode()
    assert text == "x = 'ö'\n"


@in_every_editor
async def test_other_code_becomes_a_file_in_the_cache(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT)
    (workspace / "src/neu.py").write_text("mine\n")
    scratch = workspace / ".pygpt/cache/scratch"
    await choose(client, chat, "x = 'ö'", "Copy as new file")
    await told(client, "src/neu.py exists, so the code is in ")
    assert (scratch / "copy-of-neu.py").read_bytes().decode() == "x = 'ö'\n"
    for count, name in enumerate(("snippet.py", "snippet-2.py"), start=2):
        await choose(client, chat, "def ö", "Copy as new file")
        if capability(client.capabilities, "window.showDocument.support"):
            await client.wait_for(lambda count=count: len(client.shown) >= count, "the file to be shown")
            assert client.shown[-1].uri == (scratch / name).as_uri()
        else:
            await told(client, "The code is in ", after=count - 1)
    assert (scratch / "snippet-2.py").read_bytes().decode() == "def ö():\n    return '😀'\n"
    assert (workspace / "src/neu.py").read_text() == "mine\n"


async def test_what_the_repository_keeps_back_is_not_made(editor: Editors, workspace: Path) -> None:
    client = await editor()
    chat = open_chat(client, workspace, CHAT.replace("src/neu.py", "../neu.py"))
    await choose(client, chat, "x = 'ö'", "Copy as new file")
    await told(client, "lies outside of the workspace")
    assert not (workspace.parent / "neu.py").exists()


@in_editors(NEOVIM_0_12, VSCODE)
async def test_each_lens_is_complete_and_the_menu_offers_the_same(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT)
    found = await lenses(client, chat)
    lines = CHAT.split("\n")
    shown = [(lines[lens.range.start.line], lens.command.title) for lens in found if lens.command]
    turn = ["Fork here", "Delete turn"]
    code = ["Insert at cursor", "Copy as new file"]
    assert shown == [
        *(("## User", title) for title in turn),
        *(("## Assistant", title) for title in ["Regenerate", *turn]),
        *(("```python", title) for title in code),
        ("src/neu.py", "Apply this edit"),
        *(("```python", title) for title in code),
        *(("## User", title) for title in ["Send", "Preview request", *turn]),
    ]
    for lens in found:
        where = {"start": {"line": lens.range.start.line, "character": 0}}
        menu = await client.code_actions(chat, where | {"end": where["start"]})
        commands = [action.command for action in menu if isinstance(action, types.CodeAction)]
        same = [(command.command, command.arguments) for command in commands if command is not None]
        assert lens.command is not None
        assert (lens.command.command, lens.command.arguments) in same


@in_editors(NEOVIM_0_12, VSCODE)
async def test_lenses_are_asked_for_again_when_a_job_begins_and_when_it_ends(
    editor: Editors, workspace: Path, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT)
    reply = api.stream()
    await send(client, chat)
    reply.send("Begun. ")
    await holds(client, chat, "Begun. ")
    before = len(client.received("workspace/codeLens/refresh"))
    assert before
    shown = [lens.command.title for lens in await lenses(client, chat) if lens.command]
    assert shown.count("Stop") == 2
    assert "Send" not in shown
    reply.finish()
    await client.wait_for(
        lambda: len(client.received("workspace/codeLens/refresh")) > before, "lenses to be asked for again"
    )
    shown = [lens.command.title for lens in await lenses(client, chat) if lens.command]
    assert "Stop" not in shown
    assert shown[-3:] == ["Regenerate", "Fork here", "Delete turn"]


async def test_commands_take_lines_of_a_chat_from_a_prompt(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    chat = open_chat(client, workspace, CHAT)
    await client.execute("pygpt.chat.fork", "talk.chat.md")
    await client.wait_for(lambda: chats_in(workspace), "the fork")
    line = CHAT[: CHAT.index("return")].count("\n") + 1
    await client.execute("pygpt.chat.copy", {"uri": "talk.chat.md", "range": {"start_line": line}})
    await client.wait_for(lambda: any("snippet" in shown.uri for shown in client.shown), "the copy")
    await client.execute("pygpt.chat.deleteTurn", {"uri": "talk.chat.md"})
    await told(client, "Say which turn")
    await client.execute("pygpt.chat.insert", {"uri": "talk.chat.md"})
    await told(client, "Say which code")
    await client.execute("pygpt.chat.deleteTurn", {"uri": "talk.chat.md", "range": {"start_line": 1}})
    await told(client, "There is no turn in that line")
    await client.execute("pygpt.chat.deleteTurn", {"uri": "talk.chat.md", "range": {"start_line": 7}})
    await client.wait_for(lambda: "Why" not in chat.text, "the turn to be gone")
    assert len(parse_chat(chat.text).turns) == 2
