"""What only Helix has: questions without a plugin, typed as a command or after a key."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.editors.pictures import keep_pictures
from tests.editors.screenshot import PICTURES, screenshot
from tests.editors.workspace import DOCUMENT_REPLY, DOCUMENTED, GREET_LINES, SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.helix import Helix
    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

SHOWN = """\
The function builds a greeting with `name` in it.

- `ö` is an ordinary name in Python 3.
- 😀 is one character of the text.

```python
print(greet("Jörg"))
```"""


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
    helix.type('why \\"5%%\\"?"}')
    helix.keys("Enter")

    helix.wait_for("Because of the ö")
    [request] = api.requests
    assert 'why "5%"?' in request.text
    assert "Hallöchen 😀" in request.text
    assert "greet.py:4-6" in helix.screen()


def test_the_key_for_a_change_works_in_select_mode_too_and_is_undone_with_one_u(
    helix: Helix, workspace: Workspace, api: ScriptedApi
) -> None:
    api.reply(DOCUMENT_REPLY)
    helix.select_lines("def greet", GREET_LINES)

    helix.type("v ie")
    helix.wait_for('"instruction":"')
    helix.type('say what it does, ö 😀"}')
    helix.keys("Enter")

    helix.wait_for("Greet `name` with")
    assert "say what it does, ö 😀" in api.requests[0].text
    helix.normal()
    assert helix.save(workspace.source) == DOCUMENTED
    helix.type("u")
    assert helix.save(workspace.source) == SOURCE


def is_working(screen: str) -> bool:
    """Whether Helix shows its spinner, of Braille's dots."""
    return any("\u2801" <= char <= "\u28ff" for char in screen)


def test_what_one_sees_is_as_in_the_pictures_of_the_tour(
    helix: Helix, api: ScriptedApi, tmp_path: Path
) -> None:
    made = tmp_path / "pictures"
    api.reply(SHOWN)
    helix.resize(110, 28)
    helix.select_lines("def greet", GREET_LINES)
    helix.menu()
    screenshot(helix.screen(styled=True), made / "helix-menu")
    helix.close_menu()

    helix.command("vsplit")
    helix.wait_for("│")
    helix.type(" ia")
    helix.wait_for('"question":"')
    helix.type("Why the ö 😀?")
    helix.wait_for("Why the ö 😀?")
    screenshot(helix.screen(styled=True), made / "helix-question")
    helix.type('"}')
    helix.keys("Enter")
    helix.wait_for("Jörg")
    helix.wait_until(lambda: helix.screen().count("## User") == 2, "the place for the next question")
    helix.wait_until(lambda: not is_working(helix.screen()), "the end of the job")
    screenshot(helix.screen(styled=True), made / "helix-chat")

    keep_pictures(made, PICTURES)


def test_a_chat_looks_like_markdown(editors: Editors, workspace: Workspace) -> None:
    health = subprocess.run(
        [editors.helix, "--health", "pygpt-chat"],
        env=workspace.env() | {"TERM": "xterm"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout

    assert "Highlight queries: ✓" in re.sub(r"\x1b\[[0-9;]*m", "", health)
