"""Choosing the model, and asking what is in force."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from tests.support.actions_kit import titles
from tests.support.api_server import KEY
from tests.support.chat_kit import ask, ended, told
from tests.support.editor_profiles import EGLOT, HELIX_25_07, VSCODE, in_every_editor
from tests.support.history_kit import bytes_in
from tests.support.page_kit import page_of
from tests.support.server_kit import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


async def chosen(client: EditorClient, model: str) -> str:
    """Choose a model by its name; what the user is told."""
    await client.execute("pygpt.model.select", model)
    return await told(client, f"The model is {model} ")


async def status(client: EditorClient) -> str:
    """Which model is in force, as the status tells it."""
    before = len(client.messages)
    await client.execute("pygpt.showStatus")
    return (await told(client, ": model ", before)).partition(": model ")[2].partition(" at ")[0]


async def test_a_model_that_is_named_is_used_from_now_on(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(HELIX_25_07)
    assert "(chosen for this workspace)" in await chosen(client, "gpt-other")
    await ask(client, "Why?")
    await ended(client)
    assert [request.json["model"] for request in api.requests] == ["gpt-other"]


async def test_a_choice_is_remembered_for_its_workspace_alone(
    editor: Editors, workspace: Path, tmp_path: Path, home: Path
) -> None:
    client = await editor(HELIX_25_07)
    await chosen(client, "gpt-öther")
    assert await status(client) == "gpt-öther (chosen for this workspace)"
    path = workspace / ".pygpt/cache/model.json"
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600
    assert b"ther" not in bytes_in(home)
    assert await status(await editor(VSCODE)) == "gpt-öther (chosen for this workspace)"
    (elsewhere := tmp_path / "elsewhere").mkdir()
    assert await status(await editor(HELIX_25_07, root=elsewhere)) == "gpt-5.5"

    await client.execute("pygpt.model.select", "gpt-5.5")
    await told(client, "The model is gpt-5.5 (default)")
    assert not path.exists()
    assert await status(await editor(HELIX_25_07)) == "gpt-5.5"


async def test_a_setting_that_is_changed_after_the_choice_wins(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE, configuration={"pygpt": {"model": "gpt-mine"}})
    await eventually(lambda: status(client), lambda model: model == "gpt-mine", "the setting")
    await chosen(client, "gpt-other")
    client.change_configuration({"model": "gpt-mine", "temperature": 1})
    await eventually(lambda: status(client), lambda model: model.startswith("gpt-other "), "the choice")
    client.change_configuration({"model": "gpt-new"})
    await eventually(lambda: status(client), lambda model: model == "gpt-new", "the changed setting")
    again = await editor(VSCODE, options={"model": "gpt-mine"})
    assert await status(again) == "gpt-other (chosen for this workspace)"


@pytest.mark.parametrize(
    "content", ['{"model": "a b", "instead_of": "gpt-5.5"}', '{"base_url": "http://x"}', "[" * 3000, "[]", ""]
)
async def test_what_lies_in_the_place_of_a_choice_is_no_harm(
    editor: Editors, workspace: Path, content: str
) -> None:
    (workspace / ".pygpt/cache").mkdir(parents=True)
    (workspace / ".pygpt/cache/model.json").write_text(content)
    client = await editor(HELIX_25_07)
    assert await status(client) == "gpt-5.5"
    assert client.messages[1:] == []


async def test_what_is_no_model_is_told_and_not_used(editor: Editors) -> None:
    client = await editor(HELIX_25_07)
    await client.execute("pygpt.model.select", "gpt 5.5")
    await told(client, "That is no model: it must be a name without spaces")
    assert await status(client) == "gpt-5.5"


async def test_without_a_name_a_few_models_of_the_api_are_asked_about(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(VSCODE, options={"model": "gpt-mine"})
    client.answers += [None, "gpt-5.5"]
    await client.execute("pygpt.model.select")
    await told(client, "The models are gpt-5.5.")
    await client.execute("pygpt.model.select", {})
    await told(client, "The model is gpt-5.5 (chosen for this workspace)")
    assert "The model is gpt-mine. Use another?" in client.questions[0].message
    assert client.questions[0].type == types.MessageType.Info
    asked = [request for request in api.journal if request.path == "/v1/models"]
    assert [request.method for request in asked] == ["GET", "GET"]
    assert asked[0].header("Authorization") == f"Bearer {KEY}"


@in_every_editor
async def test_many_models_are_a_page_to_choose_from_in_every_editor(
    editor: Editors, api: ScriptedApi, profile: Profile
) -> None:
    api.models = ["gpt-5.5", "ö😀`x``", "two words", *(f"gpt-{number}" for number in range(20))]
    client = await editor(profile)
    await client.execute("pygpt.model.select")
    page = await page_of(client, "models.chat.md")
    assert client.questions == []
    assert "two words" not in page.text
    assert "- `gpt-5.5` in use\n" in page.text
    menu = await client.code_actions(page, page.cursor(page.find("ö😀") + 2))
    assert titles(menu) == ["Use ö😀`x``"]
    assert await client.code_actions(page, page.cursor(0)) == []
    await client.choose(menu[0])
    await told(client, "The model is ö😀`x`` (chosen for this workspace)")
    await client.wait_for(lambda: "- ``` ö😀`x`` ``` in use\n" in page.text, "the page to say so")
    assert "- `gpt-5.5`\n" in page.text


async def test_where_the_editor_cannot_be_asked_a_few_models_are_a_page_too(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(EGLOT)
    await client.execute("pygpt.model.select")
    page = await page_of(client, "models.chat.md")
    assert titles(await client.code_actions(page, page.cursor(page.find("- `gpt")))) == ["Use gpt-5.5"]


async def test_an_api_that_tells_no_models_is_told_and_the_model_stays(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(VSCODE)
    client.change_configuration({"base_url": f"{api.origin}/elsewhere"})
    await client.execute("pygpt.model.select")
    await told(client, "nothing at this address (404)")
    await client.execute("pygpt.showStatus")
    await told(client, "model gpt-5.5 at")
    assert client.questions == []


async def test_the_status_tells_version_model_address_and_what_runs(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    await client.execute("pygpt.showStatus")
    status = await told(client, "PyGPT ")
    assert f"model gpt-5.5 at {api.base_url}; nothing is running." in status
    reply = api.stream()
    await ask(client, "Why?")
    await reply.until_taken()
    await client.execute("pygpt.showStatus")
    await told(client, "1 running")
    assert KEY not in client.stderr + "".join(message.message for message in client.messages)
