"""The code-action menu as the editors get it: complete, quiet, and needing no second request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.support.actions_kit import choose, diagnostic, edits_of, entry, fenced, titles
from tests.support.chat_kit import ended, sent
from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_01,
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    in_editors,
)
from tests.support.server_kit import answered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_text import Json
    from tests.support.editors import Editors

ON_CODE = ["Ask…", "Explain", "Document this", "Simplify", "Optimize", "Write tests", "Review"]


@in_editors(HELIX_25_01, NEOVIM_0_12, EGLOT)
async def test_every_entry_is_a_command_and_needs_no_resolve(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    offered = client.server.capabilities.code_action_provider
    assert isinstance(offered, types.CodeActionOptions)
    assert not offered.resolve_provider
    menu = await client.code_actions(doc, doc.range_of('greeting = "Schöne Grüße, 😀 " + name'))
    assert titles(menu) == ON_CODE
    for action in menu:
        assert isinstance(action, types.CodeAction)
        assert action.disabled is None
        assert action.edit is None
        assert action.data is None
        assert action.command is not None
        assert (
            action.command.command in (client.server.capabilities.execute_command_provider or fail()).commands
        )
        assert action.kind in (offered.code_action_kinds or ())


def fail() -> Any:
    pytest.fail("no commands are offered")


def utf(encoding: str) -> Any:
    def only_that(params: Json) -> None:
        params["capabilities"].setdefault("general", {})["positionEncodings"] = [encoding]

    return only_that


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_a_range_after_wide_characters_means_the_same_in_every_encoding(
    editor: Editors, api: ScriptedApi, workspace: Path, encoding: str
) -> None:
    client = await editor(tweak=utf(encoding))
    assert client.encoding == encoding
    path = workspace / "src/wide.py"
    path.write_bytes("😀😀 = 'öö'; x = 1  # 😀\ny = 2; z = '😀'; w = 3\n".encode())
    doc = client.open(path)
    where = doc.range(doc.find("x = 1"), doc.find("w = 3") + 2)
    menu = await client.code_actions(doc, where)
    command = entry(menu, "Simplify").command
    assert command is not None
    (argument,) = command.arguments or []
    sent = json.loads(json.dumps(argument))
    assert sent == {"id": "simplify", "uri": doc.uri, "version": doc.version, "range": where}
    api.reply(fenced("a = 1\nb = 2"))
    await client.execute("pygpt.action", sent)
    await answered(client)
    assert doc.text == "a = 1\nb = 2\n"
    assert "😀😀 = 'öö'; x = 1  # 😀\ny = 2; z = '😀'; w = 3\n```" in api.requests[0].text


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_moving_cursor_is_left_in_peace(editor: Editors, workspace: Path, profile: Profile) -> None:
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    problem = diagnostic(doc.range_of("self.count += n"), "n may be None")
    for offset in (0, doc.find("self.count += n"), doc.find('😀 " + name'), len(doc.text)):
        where = doc.cursor(offset)
        assert await client.code_actions(doc, where, automatic=True, diagnostics=[problem]) == []
        assert await client.code_actions(doc, where), "asked for, the menu comes"
    selected = doc.range_of("self.count += n")
    assert await client.code_actions(doc, selected, automatic=True, diagnostics=[problem])


async def test_in_a_definition_the_cursor_is_enough(editor: Editors, workspace: Path) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    assert titles(await client.code_actions(doc, doc.cursor(doc.find("self.count += n")))) == [
        *ON_CODE,
        "Implement here",
    ]
    assert titles(await client.code_actions(doc, doc.cursor(doc.find("import sys")))) == [
        "Ask…",
        "Implement here",
    ]


async def test_each_diagnostic_gets_its_own_quick_fix(editor: Editors, workspace: Path) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    problems = [
        diagnostic(doc.range_of("name: str"), "unused argument ö", source="lint", code="F841"),
        diagnostic(doc.range_of("return greeting"), "wrong type 😀", severity=2),
    ]
    menu = await client.code_actions(doc, doc.range_of("(name: str)"), diagnostics=problems)
    assert titles(menu)[:2] == ["Fix: unused argument ö", "Fix: wrong type 😀"]
    for action, problem in zip(menu[:2], problems, strict=True):
        assert isinstance(action, types.CodeAction)
        assert action.kind == types.CodeActionKind.QuickFix
        assert [each.message for each in action.diagnostics or ()] == [problem["message"]]
        assert action.command is not None
        (argument,) = action.command.arguments or []
        assert json.loads(json.dumps(argument))["range"] == problem["range"]


async def test_only_the_kinds_that_were_asked_for_come(editor: Editors, workspace: Path) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    where = doc.range_of("    def add(self, n):\n        self.count += n\n")
    problem = diagnostic(where, "oh")

    async def menu(*only: str) -> list[str]:
        return titles(await client.code_actions(doc, where, only=only, diagnostics=[problem]))

    assert await menu("refactor") == ["Document this", "Simplify", "Optimize"]
    assert await menu("refactor.rewrite") == await menu("refactor")
    assert await menu("quickfix") == ["Fix: oh"]
    assert await menu("pygpt.chat") == ["Ask…", "Explain", "Write tests", "Review"]
    assert await menu("source", "quickfix") == ["Fix: oh"]
    assert await menu("refactor.extract", "x.unheard.of") == []
    assert await menu() == await menu("") == ["Fix: oh", *ON_CODE]


async def test_a_comment_in_or_above_the_selection_is_offered_as_what_it_says(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    for text, needle, first in [
        ("# ai: rename x to ö 😀\nx = 1\n", "x = 1", 'Do "rename x to ö 😀"'),
        ("x = 1  # ai: make it 2\n", "x = 1", 'Do "make it 2"'),
        ("def f():\n    # ai: return 1\n    pass\n", "    # ai: return 1\n    pass", 'Do "return 1"'),
        ("# ai: too far away\n\nx = 1\n", "x = 1", "Ask…"),
        ("x = '# ai: no'\n", "x = '# ai: no'", "Ask…"),
    ]:
        path = workspace / "src/todo.py"
        path.write_text(text, "utf-8")
        doc = client.open(path)
        assert titles(await client.code_actions(doc, doc.range_of(needle)))[0] == first
        client.close_document(doc)


async def test_a_comment_is_sent_as_a_question_at_once_and_stays(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    path = workspace / "src/todo.py"
    path.write_text("def f():\n    # ai: why not 2 ö 😀?\n    return 1\n", "utf-8")
    doc = client.open(path)
    await choose(client, doc, doc.range_of("    return 1"), 'Ask "why not 2 ö 😀?"')
    await ended(client)
    (question,) = sent(api.requests[0])
    assert "return 1" in question.text
    assert question.text.endswith("\n\nwhy not 2 ö 😀?")
    assert doc.undo_steps == []


async def test_a_running_job_can_be_stopped_from_the_top_of_the_menu(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    (workspace / "src/other.py").write_text("y = 2\n")
    other = client.open(workspace / "src/other.py")
    where = doc.range_of("return greeting")
    reply = api.stream()
    await choose(client, doc, where, "Simplify")
    request = await reply.until_taken()
    assert titles(await client.code_actions(doc, where)) == ["Stop", *ON_CODE]
    assert "Stop" not in titles(await client.code_actions(other, other.range_of("y = 2")))
    await choose(client, doc, where, "Stop")
    await request.until_closed()
    await answered(client)
    assert titles(await client.code_actions(doc, where)) == ON_CODE
    assert edits_of(client, doc) == []


async def test_only_what_is_switched_on_is_offered_from_the_next_menu_on(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(NEOVIM_0_12, options={"actions": {"enabled": ["simplify", "explain"]}})
    doc = client.open(workspace / "src/app.py")
    where = doc.range_of("return greeting")
    assert titles(await client.code_actions(doc, where)) == ["Explain", "Simplify"]
    client.change_configuration({"actions": {"enabled": ["review"]}})
    await client.wait_for(lambda: client.received("workspace/configuration")[1:], "the settings to be pulled")
    assert titles(await client.code_actions(doc, where)) == ["Review"]


async def test_a_commit_message_is_the_only_thing_to_write_there(editor: Editors, workspace: Path) -> None:
    client = await editor()
    path = workspace / "COMMIT_EDITMSG"
    path.write_text("\n# Please enter the commit message\n")
    for language in ("gitcommit", "git-commit"):
        doc = client.open(path, language)
        assert titles(await client.code_actions(doc, doc.cursor(0))) == ["Write the commit message"]
        client.close_document(doc)


async def test_documents_that_are_not_ours_get_no_menu(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    for uri in ("git:/src/app.py?HEAD", "output:1", "vscode-chat-code-block://x/y"):
        doc = client.open_text(uri, "python", "x = 1\n")
        assert await client.code_actions(doc, doc.range_of("x = 1")) == []
    scratch = client.open_text("untitled:Untitled-1", "python", "x = 1\n")
    assert titles(await client.code_actions(scratch, scratch.range_of("x = 1"))) == ON_CODE
