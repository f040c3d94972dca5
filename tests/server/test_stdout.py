"""stdout carries LSP and nothing else, whatever a library prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.support.server_kit import answered, ask
from tests.support.watched import NOISE, noisy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors


async def test_what_a_library_prints_goes_to_stderr_and_never_between_two_messages(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(env=noisy())
    doc = client.open(workspace / "src/app.py")
    await client.code_actions(doc, doc.range_of("return greeting"))
    await ask(client, "why?", doc)
    await answered(client)
    assert await client.close() == 0
    assert NOISE.encode() not in client.stdout
    # Once at the start, four times with the first menu, four with the first question.
    assert client.stderr.count(NOISE) == 9


async def test_a_key_command_that_chatters_is_not_heard_on_stdout(
    editor: Editors, workspace: Path, tmp_path: Path, api: ScriptedApi
) -> None:
    script = tmp_path / "key.py"
    script.write_text("import os, sys\nos.write(2, b'chatter')\nprint('sk-from-a-command')\n")
    command = {"api_key_command": [sys.executable, str(script)]}
    client = await editor(env={"OPENAI_API_KEY": None}, options=command)
    await ask(client, "why?")
    [request] = await api.until_requests(1)
    await answered(client)
    assert await client.close() == 0
    assert request.header("Authorization") == "Bearer sk-from-a-command"
    assert b"chatter" not in client.stdout
    assert "chatter" not in client.stderr


async def test_a_server_that_hears_nothing_says_nothing(editor: Editors) -> None:
    client = await editor(env=noisy(), initialize=False)
    assert await client.close() == 1
    assert client.stdout == b""
