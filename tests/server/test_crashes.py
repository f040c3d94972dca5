"""A defect of ours reaches the user as one sentence, without a word of the user's texts, and ends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from tests.support.json_rpc import LspError
from tests.support.server_kit import answered, ask, message, stored_turns
from tests.support.watched import crashing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

TEXT = "the-text-of-a-document-ö"
SENTENCE = (
    "PyGPT met an error of its own (ValueError); the server's log says where, "
    "and holds nothing of your text: please report it."
)


def sentences(client: EditorClient) -> list[str]:
    """What the user was told of defects."""
    return [
        shown.message
        for shown in client.messages
        if shown.type is types.MessageType.Error and "error of its own" in shown.message
    ]


def nothing_leaked(client: EditorClient) -> None:
    """Neither the log nor a message repeats what the error said."""
    assert TEXT.encode() not in client.stdout
    assert TEXT not in client.stderr
    assert "Traceback" not in client.stderr
    assert b"Traceback" not in client.stdout
    assert "ValueError at " in client.stderr  # where it was, by name and line


async def test_a_crash_in_a_job_is_told_and_the_server_works_on(editor: Editors, workspace: Path) -> None:
    client = await editor(
        env=crashing("pygpt_lsp.core.chat_writing", "new_chat", TEXT), args=["--log-level=debug"]
    )
    doc = client.open(workspace / "src/app.py")
    for count in (1, 2):  # the user asked twice and is told twice
        await ask(client, "why?", doc)
        await client.wait_for(lambda count=count: len(sentences(client)) >= count, "the sentence")
    assert await client.code_actions(doc, doc.range_of("return greeting"))
    assert await client.close() == 0
    assert set(sentences(client)) == {SENTENCE}
    nothing_leaked(client)


async def test_a_crash_in_a_request_is_an_answer_and_is_told_once(editor: Editors, workspace: Path) -> None:
    env = crashing("pygpt_lsp.core.actions", "offers", TEXT)
    client = await editor(env=env, args=["--log-level=debug"])
    doc = client.open(workspace / "src/app.py")
    for _ in range(3):  # as the cursor moves
        with pytest.raises(LspError, match=r"Internal error \(ValueError\)"):
            await client.code_actions(doc, doc.range_of("return greeting"))
    await ask(client, "why?", doc)
    await answered(client)
    assert await client.close() == 0
    assert sentences(client) == [SENTENCE]
    nothing_leaked(client)


async def test_a_crash_in_a_command_is_told_each_time(editor: Editors) -> None:
    env = crashing("pygpt_lsp.lsp.status", "show_status", TEXT)
    client = await editor(env=env, args=["--log-level=debug"])
    for _ in range(2):
        assert await client.execute("pygpt.showStatus") is None
    assert await client.close() == 0
    assert sentences(client) == [SENTENCE, SENTENCE]
    nothing_leaked(client)


async def test_a_crash_in_a_notification_is_told_once(editor: Editors, workspace: Path) -> None:
    env = crashing("pygpt_lsp.lsp.sync", "_content_change", TEXT)
    client = await editor(env=env, args=["--log-level=debug"])
    doc = client.open(workspace / "src/app.py")
    for _ in range(3):
        doc.type("x")
    await message(client, "error of its own")
    assert await client.close() == 0
    assert sentences(client) == [SENTENCE]
    nothing_leaked(client)


async def test_a_crash_at_start_is_told_and_the_server_works_on(editor: Editors, workspace: Path) -> None:
    env = crashing("pygpt_lsp.services.update_check", "UpdateCheck", TEXT)
    client = await editor(env=env, args=["--log-level=debug"])
    assert await message(client, "error of its own") == SENTENCE
    doc = client.open(workspace / "src/app.py")
    assert await client.code_actions(doc, doc.range_of("return greeting"))
    assert await client.close() == 0
    nothing_leaked(client)


async def test_a_crash_while_the_answer_is_written_keeps_the_answer(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    api.reply("What was paid for.")
    env = crashing("pygpt_lsp.core.reconcile", "outcome", TEXT)
    client = await editor(env=env, args=["--log-level=debug"])
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    assert await message(client, "error of its own") == SENTENCE
    await answered(client)  # the progress does not stand for ever
    assert await client.close() == 0
    [turn] = stored_turns(workspace / ".pygpt/cache")
    assert (turn.status, turn.answer) == ("done", "What was paid for.")
    nothing_leaked(client)
