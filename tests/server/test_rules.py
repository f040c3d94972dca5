"""Rules files: a context line of each new chat, a part of each edit; named, given once, to be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.actions_kit import choose, fenced, idle
from tests.support.chat_kit import ask, chats_of, ended, open_chat, send, sent, shown_chat, told
from tests.support.editor_profiles import HELIX_25_07, VSCODE, Profile, in_every_editor
from tests.support.prompt_kit import put

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors


@in_every_editor
async def test_a_new_chat_names_the_rules_and_each_request_holds_them_once(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    put(workspace, "AGENTS.md", "Immer grüßen 😀.\r\n")
    put(workspace, "CLAUDE.md", "Not these.\n")
    client = await editor(profile)
    await ask(client, "Why?")
    chat = await shown_chat(client)
    await ended(client)
    assert "## User\n\n> #rules:AGENTS.md\n\nWhy?\n" in chat.text
    (said,) = sent(api.requests[0])
    assert said.text == "### Rules of this project: AGENTS.md\n\n```markdown\nImmer grüßen 😀.\n```\n\nWhy?"
    chat.type("> #rules:AGENTS.md\n\nAnd?\n", at=len(chat.text))
    await idle(client, chat)
    await send(client, chat)
    await ended(client, 2)
    await idle(client, chat)
    assert api.requests[1].text.count("Immer grüßen") == 1
    chat.replace(0, len(chat.text), "## User\n\nWhy?\n")
    await send(client, chat)
    await ended(client, 3)
    assert "Immer grüßen" not in api.requests[2].text


async def test_an_edit_takes_the_rules_along_and_names_them(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put(workspace, "CLAUDE.md", "All of it.\n")
    put(workspace, "src/AGENTS.md", "Of src.\n")
    put(workspace, "other/AGENTS.md", "Of others.\n")
    client = await editor(HELIX_25_07)
    doc = client.open(workspace / "src/app.py")
    api.reply(fenced("        self.count = self.count + n"))
    await choose(client, doc, doc.range_of("self.count += n"), "Simplify")
    assert " · CLAUDE.md · src/AGENTS.md · " in await ended(client)
    text = api.requests[0].text
    assert text.count("All of it.") == text.count("Of src.") == 1
    assert text.index("All of it.") < text.index("Of src.") < text.index("Region to replace:")
    assert "Of others." not in text
    await ask(client, "Why?", uri=doc.uri, range=doc.range_of("self.count = 0"))
    chat = await shown_chat(client)
    assert "## User\n\n> #rules:CLAUDE.md\n> #rules:src/AGENTS.md\n> #file:src/app.py" in chat.text
    await ended(client, 2)


async def test_an_edit_that_is_shown_in_a_chat_names_there_the_rules_that_it_took_along(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put(workspace, "AGENTS.md", "All of it ö.\n")
    client = await editor(HELIX_25_07, options={"review": "propose"})
    doc = client.open(workspace / "src/app.py")
    api.reply(fenced("        self.count = self.count + n"))
    await choose(client, doc, doc.range_of("self.count += n"), "Simplify")
    chat = await shown_chat(client)
    assert "## User\n\n> #rules:AGENTS.md\n> #file:src/app.py:17\n\n" in chat.text
    await ended(client)
    chat.type("And now?", at=len(chat.text))
    await send(client, chat)
    await ended(client, 2)
    assert api.requests[1].text.count("All of it ö.") == 1


async def test_excluded_rules_and_links_to_elsewhere_are_not_sent(
    editor: Editors, api: ScriptedApi, workspace: Path, tmp_path: Path
) -> None:
    outside = put(tmp_path, "outside.md", "secret ö")
    (workspace / "AGENTS.md").symlink_to(outside)
    put(workspace, "CLAUDE.md", "Ignored.\n")
    put(workspace, ".aiignore", "/CLAUDE.md\n")
    put(workspace, ".cursorrules", "These.\n")
    client = await editor(VSCODE)
    await ask(client, "Why?")
    chat = await shown_chat(client)
    await ended(client)
    assert "> #rules:.cursorrules\n" in chat.text
    assert chat.text.count("#rules") == 1
    assert "AGENTS.md lies outside the workspace" in await told(client, "These rules are not used")
    own = open_chat(client, workspace, "## User\n\n> #rules:CLAUDE.md\n\nQ?\n")
    await send(client, own)
    assert "excluded by `/CLAUDE.md` in .aiignore" in await told(client, "Line 3 of the chat")
    everything = "".join(each.raw.decode() for each in api.journal)
    assert "secret" not in everything
    assert "Ignored." not in everything


async def test_long_rules_are_cut_with_a_note(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    put(workspace, "AGENTS.md", "Eine Regel für ö 😀.\n" * 4_000)
    client = await editor()
    await ask(client, "Why?")
    await ended(client)
    text = api.requests[0].text
    assert len(text) < 40_000
    assert "(cut here by pygpt-lsp: 32,000 of 79,999 characters)\n```\n\nWhy?" in text
    chat = await shown_chat(client)
    place = {"textDocument": {"uri": chat.uri}, "position": chat.position(chat.find("#rules"))}
    hover = await client.request("textDocument/hover", place)
    assert "Of its 79,999 characters only the first 32,000 are sent." in hover.contents.value


async def test_a_chat_of_no_workspace_has_no_rules(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put(workspace, "AGENTS.md", "Rules.\n")
    client = await editor(VSCODE, rooted=False)
    await client.execute("pygpt.chat.new", {})
    await client.wait_for(lambda: chats_of(client), "the chat")
    assert "#rules" not in chats_of(client)[0].text
