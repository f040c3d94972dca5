"""Completion in chats, in the real server, as each editor shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.support.chat_kit import ended, open_chat, send, sent, told
from tests.support.completion_kit import complete, last_place, typed, until
from tests.support.editor_profiles import (
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    capability,
    in_every_editor,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors

CHAT = "---\nmodel: gpt-5.5\n---\n\n## User\n\n\n"


def fill(workspace: Path) -> None:
    """Some files, one with a name that needs quotes, and some that rules keep back."""
    for name in ("src/request.py", "src/größe 😀.py", "docs/chat.md", "build/app.py", "lib/chat_request.py"):
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_text("x = 1\n", encoding="utf-8")
    (workspace / ".env").write_text("KEY=1\n", encoding="utf-8")
    (workspace / ".gitignore").write_text("build/\n", encoding="utf-8")


@in_every_editor
async def test_every_editor_finds_a_file_by_a_few_letters(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    fill(workspace)
    client = await editor(profile)
    assert capability(client.capabilities, "textDocument.completion") is not None
    text = f"{CHAT}😀 ö\n\n## Assistant\n\nA\n\n## User\n\n\n"
    chat = open_chat(client, workspace, text.replace("\n", "\r\n"))
    assert (await typed(client, chat, "#gr")).incomplete
    shown = await until(client, chat, "src/größe 😀.py")
    assert shown.labels[0] == "src/größe 😀.py"
    shown.choose("src/größe 😀.py")
    assert chat.text.endswith("\r\n\r\n> #file:src/größe 😀.py\r\n")
    await typed(client, chat, "\r\n> #file:re")
    shown = await until(client, chat, "lib/chat_request.py", 2)
    assert shown.labels[:2] == ["src/request.py", "lib/chat_request.py"]


@pytest.mark.parametrize("encodings", [["utf-8"], ["utf-16"], ["utf-32"]], ids=["utf-8", "utf-16", "utf-32"])
async def test_what_was_typed_is_replaced_in_every_encoding(
    editor: Editors, workspace: Path, encodings: list[str]
) -> None:
    fill(workspace)

    def tweak(params: Any) -> None:
        params["capabilities"]["general"]["positionEncodings"] = encodings

    client = await editor(VSCODE, tweak=tweak)
    chat = open_chat(client, workspace, f"{CHAT}> #file:ö 😀.pyx:7\n")
    shown = await until(client, chat, "src/größe 😀.py", at=chat.find("x:7"))
    shown.choose("src/größe 😀.py")
    assert chat.text.endswith("> #file:src/größe 😀.py:7\n")
    chat.swap(":7", "")
    chat.swap("größe", "größen")
    shown = await complete(client, chat, chat.find("n 😀"))
    shown.choose("src/größe 😀.py")
    assert chat.text.endswith("> #file:src/größe 😀.py\n")


async def test_kinds_come_first_then_files_the_best_first_and_nothing_that_a_rule_keeps_back(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    fill(workspace)
    client = await editor(NEOVIM_0_12)
    client.open(workspace / "src/app.py")
    client.open_text((workspace / ".env").as_uri(), "plaintext", "KEY=1\n")
    client.open_text((workspace / "build/app.py").as_uri(), "python", "x = 1\n")
    chat = open_chat(client, workspace, CHAT)
    await typed(client, chat, "#")
    shown = await until(client, chat, "src/request.py", 14)
    kinds = ["#file:", "#selection", "#buffer", "#diagnostics", "#diff", "#symbol:", "#rules:"]
    assert shown.labels[:8] == [*kinds, "src/app.py"]
    assert set(shown.labels[8:]) == {
        ".gitignore", "docs/chat.md", "lib/chat_request.py", "src/größe 😀.py", "src/request.py",
        "talk.chat.md",
    }  # fmt: skip
    shown = await typed(client, chat, "re")
    assert shown.labels[:2] == ["src/request.py", "lib/chat_request.py"]
    shown = await typed(client, chat, "q")
    shown.choose("src/request.py")
    assert chat.text == f"{CHAT[:-1]}> #file:src/request.py\n"
    await typed(client, chat, "\n\nQ?")
    await send(client, chat)
    await ended(client)
    assert "x = 1" in sent(api.requests[0])[-1].text


async def test_a_file_made_later_is_offered_soon(editor: Editors, workspace: Path) -> None:
    client = await editor()
    chat = open_chat(client, workspace, f"{CHAT}> #file:app\n")
    assert (await until(client, chat, "src/app.py")).labels == ["src/app.py"]
    (workspace / "apple.py").touch()
    shown = await until(client, chat, "apple.py")
    assert shown.labels == ["src/app.py", "apple.py"]


async def test_a_file_that_another_folder_hides_is_named_whole(
    editor: Editors, api: ScriptedApi, workspace: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / "src").mkdir(parents=True)
    (other / "src/app.py").write_text("other = 'ö'\n", encoding="utf-8")
    (other / "src/only.py").write_text("only = 1\n", encoding="utf-8")

    def tweak(params: Any) -> None:
        params["workspaceFolders"] += [{"uri": other.as_uri(), "name": "other"}]

    client = await editor(VSCODE, tweak=tweak)
    chat = open_chat(client, workspace, f"{CHAT}#file:.py\n")
    whole = str(other / "src/app.py")
    shown = await until(client, chat, whole, 3)
    assert set(shown.labels) == {"src/app.py", "src/only.py", whole}
    assert shown.entry("src/only.py").detail == "other"
    shown.choose(whole)
    chat.type("\n\nQ?", at=last_place(chat))
    await send(client, chat)
    await ended(client)
    assert "other = 'ö'" in sent(api.requests[0])[0].text


async def test_definitions_are_offered_and_found(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    (workspace / "src/größe.py").write_text("def größer():\n    return 'ö'\n", encoding="utf-8")
    client = await editor(HELIX_25_07)
    client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, CHAT)
    shown = await typed(client, chat, "#symbol:")
    assert shown.labels[:4] == ["greet", "Counter", "Counter.add", "Counter.__init__"]
    assert shown.entry("Counter.add").detail == "src/app.py:16"
    await typed(client, chat, "größe")
    shown = await until(client, chat, "src/größe.py")
    shown.choose("src/größe.py")
    shown = await complete(client, chat)
    assert shown.labels == ["größer"]
    shown.choose("größer")
    assert chat.text == f"{CHAT[:-1]}> #symbol:src/größe.py:größer\n"
    await typed(client, chat, "\n\nQ?")
    await send(client, chat)
    await ended(client)
    assert "return 'ö'" in sent(api.requests[0])[0].text


async def test_prompts_and_presets_are_offered_where_a_question_begins(
    editor: Editors, workspace: Path
) -> None:
    for name, text in (
        (".pygpt/prompts/größe-check.md", "Check {{selection}} ö."),
        (".pygpt/presets/careful.md", "---\nmodel: gpt-9\ntemperature: 0.5\n---\nBe careful."),
    ):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(text, encoding="utf-8")
    client = await editor(NEOVIM_0_12)
    chat = open_chat(client, workspace, f"{CHAT}> #selection\n\n\n")
    shown = await typed(client, chat, "/")
    assert {"/explain", "/fix"} <= set(shown.labels)
    assert shown.incomplete
    shown = await until(client, chat, "/größe-check")
    documentation = shown.entry("/größe-check").documentation
    assert isinstance(documentation, types.MarkupContent)
    assert documentation.kind is types.MarkupKind.Markdown
    assert "Check {{selection}} ö." in documentation.value
    shown = await typed(client, chat, "gr")
    shown.choose("/größe-check")
    assert chat.text.rstrip().endswith("/größe-check")
    chat.swap("/größe-check", "@")
    shown = await until(client, chat, "@careful")
    assert shown.labels == ["@careful"]
    assert shown.entry("@careful").detail == "gpt-9, temperature 0.5"
    assert (await typed(client, chat, " why?\n/")).labels == []


async def test_the_front_matter_offers_models_that_are_known_without_asking(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "---\nmo\n---\n\n## User\n\nwhy?\n")
    at = chat.find("mo\n") + 2
    shown = await complete(client, chat, at)
    assert shown.labels[0] == "model"
    shown.choose("model")
    assert chat.text.startswith("---\nmodel: \n---\n")
    shown = await complete(client, chat, chat.find("del: "))  # its own line does not count as there already
    shown.choose("model")
    assert chat.text.startswith("---\nmodel: \n---\n")
    shown = await complete(client, chat, chat.find(" \n---") + 1)
    assert shown.labels == ["gpt-5.5"]
    shown.choose("gpt-5.5")
    assert chat.text.startswith('---\nmodel: "gpt-5.5"\n---\n')
    assert "/v1/models" not in [request.path for request in api.journal]
    api.models = ["gpt-5.5", "gpt-ö"]
    await client.execute("pygpt.model.select")
    await told(client, "The models are")
    chat.swap("5.5", "")
    shown = await complete(client, chat, chat.find("gpt-"))
    assert shown.labels == ["gpt-5.5", "gpt-ö"]
    shown.choose("gpt-ö")
    assert chat.text.startswith('---\nmodel: "gpt-ö"\n---\n')
    assert [request.path for request in api.journal].count("/v1/models") == 1


async def test_code_answers_and_other_documents_are_left_in_peace(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    source.type("#", at=0)
    assert (await complete(client, source, 1)).labels == []
    chat = open_chat(client, workspace, f"{CHAT}C#\n\n```c\n#\n```\n\n## Assistant\n\n#file:\n")
    for place in ("C#", "#\n```", "#file:"):
        at = chat.find(place) + (2 if place == "C#" else 1)
        assert (await complete(client, chat, at)).labels == []
