"""`#symbol:NAME` in a chat: the lines of the definition, or one sentence that stops the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.server.test_chat_context import chat_in
from tests.support.chat_kit import ended, open_chat, send, sent
from tests.support.editor_profiles import VSCODE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors

OTHER = """\
class Größe:
    @property
    def add(self):
        return "ö 😀"

    @add.setter
    def add(self, value):
        pass

def greeting():
    return 1
"""


async def test_a_definition_is_sent_by_its_name(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    chat, _, source = await chat_in(editor, api, workspace)
    source.swap("Schöne Grüße", "Unsaved")
    said = await chat.sent("> #symbol:greet")
    assert "def greet(name: str) -> str:" in said
    assert "Unsaved" in said
    assert "import sys" not in said
    assert "class Counter" not in said
    said = await chat.sent("> #symbol:Counter.add", "> #symbol:Counter")
    assert said.count("def add(self, n):") == 1
    assert said.count("def __init__") == 1


async def test_one_that_no_open_document_has_is_found_in_the_files_that_the_chat_names(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "größe 😀.py").write_bytes(OTHER.replace("\n", "\r\n").encode())
    chat, _, _ = await chat_in(editor, api, workspace)
    reason = await chat.refused("> #symbol:greeting")
    assert "Line 3 of the chat names greeting, which no open document and no file named" in reason
    assert "write #symbol:PATH:NAME" in reason
    said = await chat.sent("> #symbol:greeting", "> #file:größe 😀.py:1")
    assert "def greeting():\n    return 1\n" in said
    assert "class Größe" in said
    said = await chat.sent("> #symbol:größe 😀.py:greeting")
    assert "def greeting():" in said
    assert "class Größe" not in said


async def test_what_has_one_name_in_one_file_goes_together(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "other.py").write_text(OTHER, encoding="utf-8")
    chat, _, _ = await chat_in(editor, api, workspace)
    said = await chat.sent("> #symbol:other.py:add")
    assert 'return "ö 😀"' in said
    assert "@add.setter" in said
    assert "def greeting" not in said


async def test_a_name_that_could_mean_two_things_stops_the_request(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "other.py").write_text(OTHER, encoding="utf-8")
    chat, client, _ = await chat_in(editor, api, workspace)
    client.open(workspace / "other.py")
    reason = await chat.refused("> #symbol:add")
    for part in (
        "Counter.add in src/app.py (line 16)",
        "Größe.add in other.py (line 3)",
        "#symbol:PATH:NAME",
    ):
        assert part in reason
    assert "self.count += n" in await chat.sent("> #symbol:Counter.add")
    assert "@add.setter" in await chat.sent("> #symbol:other.py:add")
    assert "other.py does not define" in await chat.refused("> #symbol:other.py:Counter.add")


async def test_a_definition_in_an_open_file_that_a_rule_keeps_back_is_not_found_by_its_bare_name(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / ".gitignore").write_text("other.py\n", encoding="utf-8")
    (workspace / "other.py").write_text(OTHER, encoding="utf-8")
    chat, client, _ = await chat_in(editor, api, workspace)
    client.open(workspace / "other.py")
    assert "names greeting, which no open document" in await chat.refused("> #symbol:greeting")
    assert "self.count += n" in await chat.sent("> #symbol:add")


async def test_a_symbol_is_looked_for_in_the_files_of_earlier_turns_too(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "other.py").write_text(OTHER, encoding="utf-8")
    client = await editor(VSCODE)
    text = (
        "## User\n\n> #file:other.py:1\n\nQ1\n\n## Assistant\n\nA1\n\n## User\n\n> #symbol:greeting\n\nQ2\n"
    )
    await send(client, open_chat(client, workspace, text))
    await ended(client)
    assert "def greeting():" in sent(api.requests[0])[-1].text
