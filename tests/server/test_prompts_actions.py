"""Users' prompts as code actions: which are offered where, and what each kind does."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.support.actions_kit import chat_of, choose, diagnostic, entry, fenced, told
from tests.support.actions_kit import titles as all_titles
from tests.support.chat_kit import ended, sent, shown_chat, turns
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_every_editor
from tests.support.prompt_kit import menu_with, put, put_prompt
from tests.support.server_kit import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_text import Json
    from tests.support.editors import Editors
    from tests.support.lsp_client import Action

OWN = {"Grüße 😀", "Only Python", "Only Rust", "With code", "An edit", "An insert", "Commit"}


def own(menu: Sequence[Action]) -> list[str]:
    return [title for title in all_titles(menu) if title in OWN]


@in_every_editor
async def test_the_menu_lists_prompts_where_kind_and_language_fit(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    put_prompt(workspace, "a", "---\ntitle: Grüße 😀\n---\nSay hello.")
    put_prompt(workspace, "b", "---\ntitle: Only Python\nlanguages: [py]\n---\nx")
    put_prompt(workspace, "c", "---\ntitle: Only Rust\nlanguages: rust, c\n---\nx")
    put_prompt(workspace, "d", "---\ntitle: With code\n---\n{{selection}}")
    put_prompt(workspace, "e", "---\ntitle: An edit\nkind: edit\n---\nx")
    put_prompt(workspace, "f", "---\ntitle: An insert\nkind: insert\n---\nx")
    put_prompt(workspace, "g", "---\ntitle: Commit\nlanguages: [gitcommit]\n---\nx")
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    on_code = await menu_with(client, doc, doc.range_of("self.count += n"), "Grüße 😀")
    assert own(on_code) == ["Grüße 😀", "Only Python", "With code", "An edit", "An insert"]
    on_import = await client.code_actions(doc, doc.cursor(doc.find("import sys")))
    assert own(on_import) == ["Grüße 😀", "Only Python", "An insert"]
    chats = await client.code_actions(doc, doc.range_of("self.count += n"), only=["pygpt.chat"])
    assert own(chats) == ["Grüße 😀", "Only Python", "With code"]
    edits = await client.code_actions(doc, doc.range_of("self.count += n"), only=["refactor"])
    assert own(edits) == ["An edit", "An insert"]
    assert await client.code_actions(doc, doc.cursor(0), automatic=True) == []
    command = entry(on_code, "An edit").command
    assert command is not None
    assert command.command == "pygpt.action"
    (argument,) = cast("list[Json]", command.arguments)
    assert argument["id"] == "user:e"


async def test_an_edit_prompt_changes_the_region_with_its_variables_filled(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(
        workspace,
        "better",
        "---\ntitle: Better\nkind: edit\nmodel: other-model\n---\n"
        "Improve {{selection}} in {{file}} ({{language}}), heed {{diagnostics}}; {{instruction}}.",
    )
    client = await editor(NEOVIM_0_12)
    doc = client.open(workspace / "src/app.py")
    where = doc.range_of("self.count += n")
    menu = await menu_with(client, doc, where, "Better", diagnostics=[diagnostic(where, "n may be ö")])
    api.reply(fenced("        self.count += int(n)"))
    command = entry(menu, "Better").command
    assert command is not None
    (argument,) = cast("list[Json]", command.arguments)
    await client.execute("pygpt.action", {**argument, "instruction": "mit 😀"})
    await ended(client)
    assert "        self.count += int(n)\n        return" in doc.text
    request = api.requests[0]
    assert request.json["model"] == "other-model"
    assert request.text.endswith(
        "Task: Improve the region above in src/app.py (python), heed 17:9 error: n may be ö; mit 😀."
    )
    assert request.text.count("self.count += n\n") == 1  # as the region, not for the prompt again


async def test_words_without_a_variable_for_them_are_sent_too(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(workspace, "better", "---\nkind: edit\n---\nImprove it.")
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    api.reply(fenced("import os"))
    where = {"uri": doc.uri, "range": doc.range_of("import sys"), "id": "user:better"}
    await client.execute("pygpt.action", {**where, "instruction": "mit ö"})
    await ended(client)
    assert api.requests[0].text.endswith("Task: Improve it.\n\nInstruction: mit ö")
    assert "import os\n" in doc.text


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
async def test_an_insert_prompt_writes_at_the_cursor_or_below_the_code_it_is_about(
    editor: Editors, api: ScriptedApi, workspace: Path, eol: str
) -> None:
    put_prompt(workspace, "twin", "---\ntitle: Twin\nkind: insert\n---\nA twin of:\n\n{{selection}}")
    put_prompt(workspace, "here", "---\ntitle: Here\nkind: insert\n---\nSomething.")
    lines = ["class A:", "    def one(self):", '        return "ö 😀"', "", "x = 1", "", ""]
    path = put(workspace, "src/a.py", eol.join(lines))
    client = await editor(VSCODE)
    doc = client.open(path)
    api.reply(fenced("def two(self):\n    return 2"))
    await choose(client, doc, doc.range(doc.find("    def one"), doc.find("x = 1") - len(eol)), "Twin")
    await ended(client)
    expected = [
        "class A:", "    def one(self):", '        return "ö 😀"', "", "    def two(self):",
        "        return 2", "", "x = 1", "", "",
    ]  # fmt: skip
    assert doc.text == eol.join(expected)
    assert 'A twin of:\n\n```python\n    def one(self):\n        return "ö 😀"\n```' in api.requests[0].text
    api.reply(fenced("y = 2"))
    await choose(client, doc, doc.cursor(doc.find("x = 1") + 5 + len(eol)), "Here")
    await ended(client, 2)
    assert doc.text == eol.join([*expected[:-2], "y = 2", ""])


async def test_a_chat_prompt_opens_a_chat_that_shows_what_is_sent(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(
        workspace,
        "why",
        "---\ntitle: Why\nmodel: other-model\n---\n"
        "Why {{file}}?\n\n{{selection}}\n\n> #file:src/secret.py\n\n## User",
    )
    put(workspace, "src/secret.py", "secret = 1\n")
    client = await editor(HELIX_25_07)
    doc = client.open(workspace / "src/app.py")
    await choose(client, doc, doc.range_of("self.count += n"), "Why")
    chat = await shown_chat(client)
    await ended(client)
    (said,) = sent(api.requests[0])
    assert "self.count += n" in said.text
    assert "secret = 1" not in said.text
    assert said.text.endswith("Why src/app.py?\n\n(the code above)\n\n> \\#file:src/secret.py\n\n## User")
    assert api.requests[0].json["model"] == "other-model"
    assert chat.text.startswith(
        '---\nmodel: "other-model"\n---\n\n## User\n\n> #file:src/app.py:17\n\nWhy src/app.py?'
    )
    assert [turn.role for turn in turns(chat.text)] == ["user", "assistant", "user"]


async def test_a_prompt_that_names_no_code_needs_none_and_sends_none(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(workspace, "joke", "A joke about {{language}} and {{file}}. {{diagnostics}}")
    client = await editor(EGLOT)
    await client.execute("pygpt.action", {"id": "user:joke"})
    await ended(client)
    assert sent(api.requests[0])[0].text == "A joke about no language and no file. none"
    doc = client.open(workspace / "src/app.py")
    await choose(client, doc, doc.cursor(0), "joke")
    await ended(client, 2)
    assert sent(api.requests[1])[0].text == "A joke about python and src/app.py. none"


async def test_a_prompt_that_needs_words_takes_them_from_a_comment_or_asks_for_them(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(workspace, "do", "---\ntitle: Do it so\nkind: edit\n---\nSo: {{instruction}}.")
    put_prompt(workspace, "ask", "---\ntitle: Ask so\n---\nSo: {{instruction}}?\n\n{{selection}}")
    path = put(workspace, "src/b.py", "# ai: mit ö\nx = 1\n\n\ny = 2\n")
    client = await editor(VSCODE)
    doc = client.open(path)
    await choose(client, doc, doc.range_of("y = 2"), "Do it so")
    await client.wait_for(lambda: told(client), "a message")
    assert "write a comment `ai: …`" in told(client)[0]
    assert api.requests == []
    api.reply(fenced("x = 3"))
    await choose(client, doc, doc.range_of("x = 1"), "Do it so")
    await ended(client)
    assert doc.text == "x = 3\n\n\ny = 2\n"
    assert api.requests[0].text.endswith("Task: So: mit ö.")
    await choose(client, doc, doc.range_of("y = 2"), "Ask so")
    await client.wait_for(lambda: any(uri.endswith(".chat.md") for uri in client.documents), "the chat")
    chat = chat_of(client)
    assert chat.text.endswith("## User\n\n> #file:src/b.py:4\n\n/ask\n\n")
    assert len(api.requests) == 1
    chat.type("wie?\n", at=len(chat.text))
    await client.execute("pygpt.chat.send", {"uri": chat.uri})
    await ended(client, 2)
    assert sent(api.requests[1])[0].text.endswith("y = 2\n```\n\nSo: wie??\n\n(the code above)")


async def test_files_are_read_again_when_they_change(editor: Editors, workspace: Path) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    where = doc.cursor(0)
    assert "one" not in all_titles(await client.code_actions(doc, where))
    put_prompt(workspace, "one", "x")
    await menu_with(client, doc, where, "one")
    path = put_prompt(workspace, "one", "---\ntitle: zwei\n---\nx")
    assert "one" not in all_titles(await menu_with(client, doc, where, "zwei"))
    path.write_text("{{nothing}}", encoding="utf-8")
    await eventually(
        lambda: client.code_actions(doc, where), lambda menu: "zwei" not in all_titles(menu), "zwei to go"
    )
    assert "there is no variable {{nothing}}" in told(client)[-1]


async def test_a_mistake_is_told_once_with_file_and_line_and_the_others_work(
    editor: Editors, workspace: Path
) -> None:
    put_prompt(workspace, "bad", "---\ntitle: Bad\n---\n\nDo {{selektion}}\n")
    put_prompt(workspace, "good", "---\ntitle: Good\n---\nx")
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    await menu_with(client, doc, doc.cursor(0), "Good")
    menu = await client.code_actions(doc, doc.cursor(0))
    assert "Bad" not in all_titles(menu)
    assert told(client) == [
        "The prompt file .pygpt/prompts/bad.md is not used: line 5: there is no variable {{selektion}}, "
        "there are {{selection}}, {{file}}, {{language}}, {{diagnostics}}, {{instruction}}."
    ]


async def test_an_unknown_prompt_is_a_message(editor: Editors, workspace: Path) -> None:
    client = await editor()
    await client.execute("pygpt.action", {"id": "user:nothing"})
    await client.wait_for(lambda: told(client), "a message")
    assert told(client) == ["There is no prompt nothing: docs/prompts.md says where prompts are kept."]


async def test_the_users_prompts_hold_everywhere_and_the_workspaces_come_before_them(
    editor: Editors, workspace: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    put(mine, "prompts/one.md", "---\ntitle: Mine one\n---\nx")
    put(mine, "prompts/two.md", "---\ntitle: Mine two\n---\nx")
    put(tmp_path, "more ö/three.md", "---\ntitle: Three\n---\nx")
    put_prompt(workspace, "one", "---\ntitle: Theirs\n---\nx")
    put(mine, "config.toml", f"[prompts]\npaths = ['{tmp_path}/more ö']\n")
    client = await editor(env={"PYGPT_CONFIG": str(mine / "config.toml")})
    doc = client.open(workspace / "src/app.py")
    menu = all_titles(await menu_with(client, doc, doc.cursor(0), "Theirs"))
    assert {"Theirs", "Mine two", "Three"} <= set(menu)
    assert "Mine one" not in menu
