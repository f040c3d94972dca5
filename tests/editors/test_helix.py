"""What only Helix has: questions without a plugin, typed as a command or after a key."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.editors.workspace import GREET_LINES

if TYPE_CHECKING:
    from tests.editors.helix import Helix
    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor


def test_a_question_typed_as_a_command_is_answered_in_a_chat(helix: Helix, api: ScriptedApi) -> None:
    api.reply("Because of the ö 😀.")

    helix.command('lsp-workspace-command pygpt.ask "why the ö?"')

    helix.wait_for("Because of the ö")
    [request] = api.requests
    assert "why the ö?" in request.text


def test_the_key_for_a_question_asks_about_the_selected_lines(helix: Helix, api: ScriptedApi) -> None:
    api.reply("Because of the ö 😀.")
    helix.select_lines("def greet", GREET_LINES)

    helix.type(" ia")
    helix.wait_for('"question":"')
    helix.type('why?"}')
    helix.keys("Enter")

    helix.wait_for("Because of the ö")
    [request] = api.requests
    assert "why?" in request.text
    assert "Hallöchen 😀" in request.text
    assert "greet.py:4-6" in helix.screen()


def test_a_chat_looks_like_markdown(editors: Editors, workspace: Workspace) -> None:
    health = subprocess.run(
        [editors.helix, "--health", "pygpt-chat"],
        env=workspace.env() | {"TERM": "xterm"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout

    assert "Highlight queries: ✓" in re.sub(r"\x1b\[[0-9;]*m", "", health)
