"""How many tokens a chat would send stands beside its last heading of the user, and follows what changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.api_wire import Tokens
from tests.support.chat_kit import ended, open_chat, send
from tests.support.editor_profiles import (
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    in_editors,
    in_every_editor,
)
from tests.support.server_kit import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from lsprotocol import types

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


async def hints(editor: EditorClient, chat: Document) -> list[types.InlayHint]:
    """The hints of the whole chat."""
    params = {"textDocument": {"uri": chat.uri}, "range": chat.range(0, len(chat.text))}
    found: list[types.InlayHint] | None = await editor.request("textDocument/inlayHint", params)
    return found or []


async def only_hint(editor: EditorClient, chat: Document) -> types.InlayHint:
    """The only hint, once there is one: a slow machine has none at first."""
    (hint,) = await eventually(lambda: hints(editor, chat), bool, "a hint")
    return hint


async def tokens(editor: EditorClient, chat: Document) -> int:
    """The tokens that the only hint names."""
    hint = await only_hint(editor, chat)
    match = re.match(r"≈ ([\d,]+) of [\d,]+ tokens", str(hint.label))
    assert match, hint.label
    return int(match[1].replace(",", ""))


async def label(editor: EditorClient, chat: Document, end: str) -> None:
    """Wait until the hint ends so; on a slow disk it is an older one at first."""
    await eventually(
        lambda: only_hint(editor, chat), lambda hint: str(hint.label).endswith(end), f"a hint with {end!r}"
    )


@in_every_editor
async def test_the_hint_stands_behind_the_last_heading_of_the_user_in_every_editor(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile, options={"max_input_tokens": 5000})
    chat = open_chat(
        client, workspace, "## User\r\n\r\nWarum ö 😀?\r\n\r\n## Assistant\r\n\r\nSo.\r\n\r\n## user ##  \r\n"
    )
    hint = await only_hint(client, chat)
    assert re.fullmatch(r"≈ [\d,]+ of 5,000 tokens", str(hint.label))
    assert hint.padding_left
    line = chat.text.split("\r\n")[hint.position.line]
    assert (line, hint.position.character) == ("## user ##  ", len("## user ##  "))


async def test_the_number_is_that_of_the_whole_request_with_its_context(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE, options={"max_input_tokens": 256})
    chat = open_chat(client, workspace, "## User\n\n> #file:src/app.py\n\nWhy ö?\n")
    shown = await tokens(client, chat)
    await send(client, chat)
    await client.wait_for(lambda: client.questions, "the question about the limit")
    assert f"about {shown:,} tokens" in client.questions[0].message
    assert not api.requests


async def test_the_number_grows_with_the_text_the_context_and_the_files_behind_it(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, "## User\n\nWhy?\n")
    numbers = [await tokens(client, chat)]

    async def more() -> int:
        return await eventually(
            lambda: tokens(client, chat), lambda number: number > numbers[-1], "a greater number"
        )

    chat.type("> #file:src/app.py\n\n", at=9)
    numbers.append(await more())
    source.type("# more words\n" * 100, at=0)
    numbers.append(await more())
    chat.type("and more words " * 100, at=len(chat.text))
    numbers.append(await more())
    chat.type("> #diff\n", at=9)
    await label(client, chat, " tokens, without #diff")


async def test_where_no_question_can_be_asked_there_is_no_hint(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "Words.\n\n## Assistant\n\nSo.\n")
    assert await hints(client, chat) == []
    params = {"textDocument": {"uri": chat.uri}, "range": chat.range(0, 0)}
    chat.type("\n## User\n", at=len(chat.text))
    assert not await client.request("textDocument/inlayHint", params)


@in_editors(NEOVIM_0_12, VSCODE)
async def test_an_editor_that_can_be_told_is_told_when_the_number_is_another(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    source = client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, "## User\n\n> #file:src/app.py\n\nWhy?\n")
    before = await tokens(client, chat)
    source.type("# more words\n" * 100, at=0)
    source.flush()
    await client.wait_for(lambda: client.received("workspace/inlayHint/refresh"), "the refresh")
    await eventually(lambda: tokens(client, chat), lambda number: number > before, "a greater number")
    client.change_configuration({"max_input_tokens": 777})
    await client.wait_for(lambda: len(client.received("workspace/inlayHint/refresh")) > 1, "another refresh")
    await label(client, chat, "of 777 tokens")


async def test_the_estimate_learns_from_what_answers_took(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "## User\n\n> #file:src/app.py\n\n" + "Why, oh why? " * 100 + "\n")
    before = await tokens(client, chat)
    api.reply("So.", usage=Tokens(input=before * 3))
    await send(client, chat)
    await ended(client)
    await eventually(lambda: tokens(client, chat), lambda number: number > before * 1.1, "a greater number")
