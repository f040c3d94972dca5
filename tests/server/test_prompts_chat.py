"""Prompts and presets in chats: `/name` and `@name` are resolved when a chat is sent, and stay as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.actions_kit import idle
from tests.support.chat_kit import chats_of, ended, open_chat, send, sent, system_of, told
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_every_editor
from tests.support.prompt_kit import put, put_preset, put_prompt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


class Chat:
    """One chat that is sent again and again with other texts."""

    def __init__(self, client: EditorClient, api: ScriptedApi, folder: Path) -> None:
        self._client = client
        self._api = api
        self.document: Document = open_chat(client, folder, "")
        self._sends = 0

    async def sent(self, text: str) -> str:
        """What the last message says that is sent for this chat."""
        self._write(text)
        await send(self._client, self.document)
        self._sends += 1
        await ended(self._client, self._sends)
        await idle(self._client, self.document)
        return sent(self._api.requests[-1])[-1].text

    async def refused(self, text: str) -> str:
        """Why a chat is not sent."""
        self._write(text)
        before, requests = len(self._client.messages), len(self._api.requests)
        await send(self._client, self.document)
        sentence = await told(self._client, "PyGPT: ", after=before)
        assert len(self._api.requests) == requests
        assert self.document.text == text
        return sentence

    def _write(self, text: str) -> None:
        self.document.replace(0, len(self.document.text), text)


PROMPT = """---\r
title: Grüßen\r
model: prompt-model\r
---\r
File {{file}}, {{language}}:\r
\r
{{selection}}\r
\r
Say {{instruction}}. {{diagnostics}} \\{{x}}\r
"""


@in_every_editor
async def test_a_prompt_is_sent_for_its_name_and_the_document_keeps_the_name(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    put_prompt(workspace, "grüß", PROMPT)
    client = await editor(profile)
    text = "## User\r\n\r\n> #file:src/app.py:6-7\r\n\r\n/grüß schön 😀\r\n"
    chat = open_chat(client, workspace, text)
    await send(client, chat)
    await ended(client)
    (said,) = sent(api.requests[0])
    assert said.text.count("def greet(name: str) -> str:") == 1
    assert said.text.endswith("File src/app.py, python:\n\n(the code above)\n\nSay schön 😀. none {{x}}")
    assert api.requests[0].json["model"] == "prompt-model"
    assert "\r\n/grüß schön 😀\r\n" in chat.text
    assert "Grüßen" not in chat.text


async def test_without_context_lines_a_prompt_is_about_the_last_selection(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(workspace, "in-fence", "```\n{{selection}}\n```")
    put_prompt(workspace, "where", "Only {{file}}, {{language}}, {{diagnostics}}")
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    chat = Chat(client, api, workspace)
    refused = await chat.refused("## User\n\n/explain\n")
    assert refused == "PyGPT: Line 3 of the chat says /explain, but nothing has been selected yet."
    where = source.range_of("greeting = ")
    problem = {"range": where, "message": "unused ö", "severity": 2, "source": "ruff"}
    await client.code_actions(source, where, diagnostics=[problem])
    said = await chat.sent("## User\n\n/explain in one sentence\n")
    assert 'greeting = "Schöne Grüße, 😀 " + name' in said
    assert "def greet" not in said
    assert "Explain what this code does" in said
    assert said.endswith("\n\nin one sentence")
    said = await chat.sent("## User\n\n/in-fence\n")
    assert said == '```\n    greeting = "Schöne Grüße, 😀 " + name\n```'
    said = await chat.sent("## User\n\n/where\n")
    assert said == "Only src/app.py, python, 8:5 warning: unused ö [ruff]"
    said = await chat.sent("## User\n\n/fix\n")
    assert "Diagnostics:\n\n8:5 warning: unused ö [ruff]\n\nFix the problem" in said


@pytest.mark.parametrize("name", ["explain", "fix", "tests", "review", "document", "simplify", "optimize"])
async def test_each_built_in_action_is_a_prompt(
    editor: Editors, api: ScriptedApi, workspace: Path, name: str
) -> None:
    client = await editor(EGLOT)
    said = await Chat(client, api, workspace).sent(f"## User\n\n> #file:src/app.py:6-7\n\n/{name}\n")
    assert "def greet" in said
    assert f"/{name}" not in said
    assert "(the code above)" in said


async def test_only_the_first_thing_of_a_turn_is_a_name_and_a_space_makes_it_text(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_prompt(workspace, "mine", "My own.")
    client = await editor()
    chat = Chat(client, api, workspace)
    for text in (
        " /mine", "Why?\n/mine", "/usr/bin is full", "/unknown words", "/usr/bin/env", "/", "@app.route('/')",
        " @nobody why?", "@ home", "/mine: no", "/*", "//",
    ):  # fmt: skip
        assert await chat.sent(f"## User\n\n{text}\n") == text
    assert await chat.sent("## User\n\n\n\n/mine\n") == "My own."
    assert await chat.sent("## User\n\n/mine\nmore\n\nlines\n") == "My own.\n\nmore\n\nlines"


async def test_an_unknown_name_alone_is_not_sent(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    put_preset(workspace, "strict", "Be strict.")
    client = await editor()
    chat = Chat(client, api, workspace)
    refused = await chat.refused("## User\n\n> #file:src/app.py\n\n/exlpain\n")
    assert refused.startswith(
        "PyGPT: Line 5 of the chat names the prompt /exlpain, which there is not; there are /explain, "
    )
    refused = await chat.refused("## User\n\n@strikt why?\n")
    assert refused == (
        "PyGPT: Line 3 of the chat names the preset @strikt, which there is not; there are @strict. "
        "With a space before it, it is text."
    )
    assert "Line 3 of the chat asks nothing" in await chat.refused("## User\n\n@strict\n")
    refused = await chat.refused("---\npreset: strikt\n---\n\n## User\n\nWhy?\n")
    assert (
        refused
        == "PyGPT: The chat's front matter names the preset strikt, which there is not; there are strict."
    )
    # What was answered is not asked again.
    older = "## User\n\n/gone\n\n## Assistant\n\nA\n\n## User\n\n@strict why?\n"
    assert await chat.sent(older) == "why?"
    assert sent(api.requests[-1])[0].text == "/gone"


async def test_a_name_whose_file_cannot_be_used_is_told_with_file_and_line(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    for name in ("a", "b", "c", "mine"):  # only the first three are told by themselves
        put_prompt(workspace, name, "---\ntitle: ö\n---\n{{selecton}}")
    put_preset(workspace, "wien", "---\ntemperature: hot\n---\nö")
    client = await editor()
    prompt = "The prompt file .pygpt/prompts/mine.md is not used: line 4: there is no variable {{selecton}}"
    preset = "The preset file .pygpt/presets/wien.md is not used: line 2: "
    for number, (text, sentence) in enumerate(
        (
            ("## User\n\n/mine\n", f"Line 3 of the chat names the prompt /mine: {prompt}"),
            ("## User\n\n/mine ö\n", f"Line 3 of the chat names the prompt /mine: {prompt}"),
            ("## User\n\n@wien why?\n", f"Line 3 of the chat names the preset @wien: {preset}"),
            ("---\npreset: wien\n---\n## User\n\nWhy?\n", f"front matter names the preset wien: {preset}"),
        )
    ):
        before = len(client.messages)
        await send(client, open_chat(client, workspace, text, f"{number}.chat.md"))
        await told(client, sentence, after=before)
    assert api.requests == []


PRESET = """---
model: preset-model
temperature: 0.25
reasoning_effort: low
---
Sprich Österreichisch. 😀
"""


def asked_with(api: ScriptedApi) -> dict[str, Any]:
    """Model, temperature and effort of the last request, as far as they are in it."""
    body = api.requests[-1].json
    return {key: body[key] for key in ("model", "temperature", "reasoning_effort") if key in body}


async def test_a_preset_chooses_model_temperature_effort_and_system(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_preset(workspace, "wien", PRESET)
    put_prompt(workspace, "mine", "---\nmodel: prompt-model\n---\nMy own.")
    client = await editor(NEOVIM_0_12, options={"system_prompt": "Always ö.", "temperature": 1})
    chat = Chat(client, api, workspace)
    whole = {"model": "preset-model", "temperature": 0.25, "reasoning_effort": "low"}
    assert await chat.sent("---\npreset: wien\n---\n\n## User\n\nWhy?\n") == "Why?"
    assert asked_with(api) == whole
    form = (
        system_of(api.requests[-1])
        .removeprefix("Sprich Österreichisch. 😀\n\n")
        .removesuffix("\n\nAlways ö.")
    )
    assert form.startswith("When you are to change files")  # so that "Apply" finds what it can apply
    assert await chat.sent("---\nmodel: chat-model\n---\n\n## User\n\n@wien Why?\n") == "Why?"
    assert asked_with(api) == whole
    own = "---\npreset: wien\nmodel: chat-model\nreasoning_effort: high\nsystem: Mine.\n---\n\n## User\n\n"
    assert await chat.sent(f"{own}/mine\n") == "My own."
    assert asked_with(api) == {"model": "prompt-model", "temperature": 0.25, "reasoning_effort": "high"}
    assert system_of(api.requests[-1]) == f"Mine.\n\n{form}\n\nAlways ö."
    assert await chat.sent("## User\n\n@wien /mine so\n") == "My own.\n\nso"
    assert asked_with(api) == whole
    assert await chat.sent("## User\n\nWhy?\n") == "Why?"
    assert asked_with(api) == {"model": "gpt-5.5", "temperature": 1}


async def test_a_chat_can_be_started_with_a_preset(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_preset(workspace, "wien", PRESET)
    put_preset(workspace, "kurz", "Be short.")
    client = await editor(VSCODE)
    await client.execute("pygpt.chat.new", {"preset": "wien"})
    await client.wait_for(lambda: chats_of(client), "the chat")
    (chat,) = chats_of(client)
    assert chat.text.startswith('---\npreset: "wien"\n---\n\n## User\n')
    chat.type("Why?\n", at=len(chat.text))
    await send(client, chat)
    await ended(client)
    assert asked_with(api)["model"] == "preset-model"
    client.close_document(chat)
    await client.execute("pygpt.chat.new", {"preset": "kurz"})
    await client.wait_for(lambda: chats_of(client), "the chat")
    assert chats_of(client)[0].text.startswith('---\nmodel: "gpt-5.5"\npreset: "kurz"\n---\n')
    await client.execute("pygpt.chat.new", {"preset": "lang"})
    assert "names the preset lang, which there is not; there are kurz, wien." in await told(client, "lang")


async def test_a_preset_can_name_no_host_and_no_key(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put_preset(workspace, "evil", "---\nbase_url: http://127.0.0.1:9/v1\n---\nx")
    put_prompt(workspace, "worse", "---\napi_key_command: touch gone\n---\nx")
    put(workspace, ".pygpt/prompts/README.md", "{{no prompt}}")
    client = await editor()
    await client.wait_for(lambda: len(client.messages) >= 2, "both mistakes to be told")
    chat = Chat(client, api, workspace)
    assert "names the preset @evil" in await chat.refused("## User\n\n@evil why?\n")
    assert "names the prompt /worse" in await chat.refused("## User\n\n/worse\n")
    assert sorted(each.message for each in client.messages[:2]) == [
        "PyGPT: The preset file .pygpt/presets/evil.md is not used: line 2: there is no key base_url here, "
        "there are model, temperature, reasoning_effort, description.",
        "PyGPT: The prompt file .pygpt/prompts/worse.md is not used: line 2: there is no key api_key_command "
        "here, there are title, kind, languages, model, description.",
    ]
    assert not (workspace / "gone").exists()
