"""Settings in the real process: the layers, what a workspace may not say, and changes without a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.support.api_server import ScriptedApi
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_editors
from tests.support.server_kit import answered, ask, eventually, message

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.editor_text import Json
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient
    from tests.support.raw_client import RawClient


def user_file(folder: Path, content: str) -> dict[str, str]:
    """The environment that names the user's settings file."""
    path = folder / "mine.toml"
    path.write_text(content, "utf-8")
    return {"PYGPT_CONFIG": str(path)}


def workspace_file(workspace: Path, content: str) -> None:
    """The settings that a repository brings."""
    (workspace / ".pygpt").mkdir()
    (workspace / ".pygpt/config.toml").write_text(content, "utf-8")


def warnings(client: EditorClient) -> list[str]:
    """What the user was warned of so far."""
    return [shown.message for shown in client.messages if shown.type is types.MessageType.Warning]


async def settled(client: EditorClient) -> None:
    """Wait until the server has asked for its settings and taken them in."""
    await client.wait_for(lambda: client.received("workspace/configuration"), "the pull of the settings")
    await client.execute("pygpt.showStatus")


async def model_in_force(client: EditorClient) -> str:
    """The model, as the status tells it."""
    before = len(client.messages)
    await client.execute("pygpt.showStatus")
    await client.wait_for(lambda: client.messages[before:], "the status")
    return client.messages[-1].message.partition(": model ")[2].partition(" at ")[0]


async def in_force(client: EditorClient, model: str) -> None:
    """Wait until the model is in force, and with it what was set together with it."""
    await eventually(lambda: model_in_force(client), lambda found: found == model, f"the model {model}")


async def test_later_layers_win(editor: Editors, workspace: Path, tmp_path: Path) -> None:
    env = user_file(tmp_path, 'model = "user"\n')
    client = await editor(env=env)
    assert await model_in_force(client) == "user"
    workspace_file(workspace, 'model = "workspace"\n')
    client = await editor(env=env)
    assert await model_in_force(client) == "workspace"
    client = await editor(env=env, options={"model": "options"})
    await in_force(client, "options")
    client.change_configuration({"model": "changed"})
    await in_force(client, "changed")


async def test_a_workspace_cannot_name_a_host_a_key_command_or_a_version_check(
    editor: Editors, workspace: Path, tmp_path: Path, api: ScriptedApi
) -> None:
    trace = tmp_path / "trace"
    with ScriptedApi() as elsewhere:
        workspace_file(
            workspace,
            f"""
            model = "allowed"
            base_url = "{elsewhere.base_url}"
            api_key_command = "touch {trace}"
            max_input_tokens = 1000000
            [updates]
            check = true
            url = "{elsewhere.update_url}"
            [history]
            retention_days = 1
            """,
        )
        client = await editor(env={"OPENAI_API_KEY": None})
        await ask(client, "why?")
        await answered(client)
        assert await client.close() == 0
        assert elsewhere.connections == 0
    assert [request.json["model"] for request in api.requests] == ["allowed"]
    assert not trace.exists()
    refused = ("base_url", "api_key_command", "max_input_tokens", "updates.check", "updates.url")
    told = warnings(client)
    for key in (*refused, "history.retention_days"):
        [sentence] = [sentence for sentence in told if sentence.startswith(f"{key} in ")]
        assert "config.toml" in sentence
        assert "workspace may" in sentence
    assert len(told) == 6


async def test_each_bad_value_is_told_once_with_key_value_and_what_is_used(
    editor: Editors, workspace: Path, tmp_path: Path
) -> None:
    workspace_file(workspace, 'temperature = "hot"\n')
    client = await editor(
        env=user_file(tmp_path, "review = 3\n"), options={"modle": "x", "history": {"enabled": "maybe"}}
    )
    await client.wait_for(lambda: len(warnings(client)) >= 4, "the warnings")
    await settled(client)
    told = warnings(client)
    assert len(told) == 4
    for part in (
        "temperature in ",
        "review in ",
        "There is no setting modle (initializationOptions): did you mean model?",
        'history.enabled in initializationOptions is "maybe"',
    ):
        assert len([sentence for sentence in told if part in sentence]) == 1
    for model in ("one", "two"):
        client.change_configuration({"modle": "x", "history": {"enabled": "maybe"}, "model": model})
    await in_force(client, "two")
    assert warnings(client) == told  # by whichever road it comes: Helix takes two
    assert await client.close() == 0


async def test_a_file_that_cannot_be_read_is_told_and_the_server_runs_on(
    editor: Editors, tmp_path: Path
) -> None:
    client = await editor(env=user_file(tmp_path, 'model = "x'))
    assert "is not valid TOML" in await message(client, "mine.toml")
    assert await model_in_force(client) == "gpt-5.5"
    client = await editor(env={"PYGPT_CONFIG": str(tmp_path / "nowhere.toml")})
    assert "there is no such file" in await message(client, "nowhere.toml")


# What editors send


@in_editors(VSCODE, NEOVIM_0_12, EGLOT, HELIX_25_07)
async def test_the_settings_are_pulled_from_an_editor_that_can_be_asked(
    editor: Editors, profile: Profile
) -> None:
    client = await editor(profile, configuration={"pygpt": {"model": "pulled"}})
    await settled(client)
    await in_force(client, "pulled")


async def test_vs_code_reports_changes_because_the_server_registered_for_them(editor: Editors) -> None:
    client = await editor(VSCODE, configuration={"pygpt": {"model": "before"}})

    def registered() -> list[Any]:
        return [
            registration["registerOptions"]
            for params in client.received("client/registerCapability")
            for registration in params["registrations"]
            if registration["method"] == "workspace/didChangeConfiguration"
        ]

    await client.wait_for(registered, "the registration")
    assert registered() == [{"section": "pygpt"}]
    client.configuration = {"pygpt": {"model": "after"}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})  # as it then does
    await client.wait_for(lambda: len(client.received("workspace/configuration")) >= 2, "another pull")
    await in_force(client, "after")


@in_editors(NEOVIM_0_12, EGLOT, HELIX_25_07)
async def test_no_settings_are_registered_for_with_an_editor_that_does_not_take_it(
    editor: Editors, profile: Profile
) -> None:
    client = await editor(profile)
    await settled(client)
    registered = [
        registration["method"]
        for params in client.received("client/registerCapability")
        for registration in params["registrations"]
    ]
    assert "workspace/didChangeConfiguration" not in registered


def cannot_be_asked(params: Json) -> None:
    """An editor that pushes its settings and answers no pull."""
    params["capabilities"]["workspace"]["configuration"] = False


@pytest.mark.parametrize(
    "pushed",
    [
        {"pygpt": {"model": "pushed"}},
        {"model": "pushed"},
        {"pygpt.model": "pushed"},
        {"gopls": {"x": 1}, "pygpt": {"model": "pushed"}},
    ],
    ids=["with its section", "without", "dotted", "among others"],
)
async def test_settings_are_taken_as_editors_push_them(editor: Editors, pushed: Json) -> None:
    client = await editor(HELIX_25_07, tweak=cannot_be_asked)
    client.notify("workspace/didChangeConfiguration", {"settings": pushed})
    assert await model_in_force(client) == "pushed"
    assert warnings(client) == []


async def test_settings_that_are_for_other_servers_are_nobodys_mistake(editor: Editors) -> None:
    client = await editor(EGLOT, options={"model": "mine"})
    pushed: list[object] = [{"gopls": {"usePlaceholders": True}, "pylsp": {"plugins": {}}}, {}, [], None]
    for others in pushed:
        client.notify("workspace/didChangeConfiguration", {"settings": others})
    assert await model_in_force(client) == "mine"
    assert warnings(client) == []


async def test_settings_that_the_user_takes_away_are_gone(editor: Editors) -> None:
    client = await editor(NEOVIM_0_12, options={"model": "options"})
    await settled(client)
    client.change_configuration({"model": "changed"})
    await in_force(client, "changed")
    client.configuration = {}
    client.notify("workspace/didChangeConfiguration", {"settings": {}})
    await client.wait_for(lambda: len(client.received("workspace/configuration")) >= 3, "another pull")
    await in_force(client, "options")


async def test_the_last_of_several_changes_counts(editor: Editors) -> None:
    client = await editor(VSCODE)
    await settled(client)
    for number in range(5):
        client.change_configuration({"model": f"model-{number}"})
    await client.wait_for(lambda: len(client.received("workspace/configuration")) >= 6, "all pulls")
    await in_force(client, "model-4")


async def test_an_answer_of_the_wrong_shape_is_no_answer_and_nobody_waits_for_another(
    raw: RawClient, api: ScriptedApi
) -> None:
    await raw.initialize(capabilities={"workspace": {"configuration": True}})
    while (pull := await raw.read()).get("method") != "workspace/configuration":
        pass
    raw.send({"jsonrpc": "2.0", "id": pull["id"], "result": 5})
    await api.until_updates()  # what comes after the pull goes on


# Live


async def test_the_next_question_follows_a_change(editor: Editors, workspace: Path, api: ScriptedApi) -> None:
    client = await editor(VSCODE)
    doc = client.open(workspace / "src/app.py")
    await ask(client, "one?", doc)
    await answered(client, 1)
    client.change_configuration({"model": "m2", "temperature": 0.5, "system_prompt": "Speak Latin."})
    await in_force(client, "m2")
    await ask(client, "two?", doc)
    await answered(client, 2)
    first, second = api.requests
    assert first.json["model"] == "gpt-5.5"
    assert "temperature" not in first.json
    assert second.json["model"] == "m2"
    assert second.json["temperature"] == 0.5
    assert "Speak Latin." in second.text


async def test_the_menu_follows_a_change(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    doc = client.open(workspace / "src/app.py")

    async def menu() -> list[str]:
        return [action.title for action in await client.code_actions(doc, doc.range_of("return greeting"))]

    before = await menu()
    assert len(before) > 1
    client.change_configuration({"actions": {"enabled": ["explain"]}})
    await eventually(menu, lambda titles: titles == ["PyGPT: Explain"], "the short menu")
    client.change_configuration({})
    await eventually(menu, lambda titles: titles == before, "the whole menu")


async def test_an_edit_is_reviewed_as_soon_as_the_user_wants_it(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(VSCODE)
    doc = client.open(workspace / "src/app.py")
    arguments = {"id": "rewrite", "uri": doc.uri, "range": doc.range_of("import sys"), "instruction": "x"}
    client.change_configuration({"review": "propose", "model": "one"})
    await in_force(client, "one")
    api.reply("```python\nimport os\n```")
    before = doc.text
    await client.execute("pygpt.action", arguments)
    await answered(client, 1)
    assert doc.text == before
    client.change_configuration({"review": "apply", "model": "two"})
    await in_force(client, "two")
    api.reply("```python\nimport os\n```")
    await client.execute("pygpt.action", arguments)
    await answered(client, 2)
    assert doc.text == before.replace("import sys", "import os")


async def test_another_host_is_asked_as_soon_as_it_is_named_and_the_answer_under_way_goes_on(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(VSCODE)
    doc = client.open(workspace / "src/app.py")
    reply = api.stream()
    await ask(client, "one?", doc)
    await reply.until_taken()
    with ScriptedApi() as elsewhere:
        client.change_configuration({"base_url": elsewhere.base_url, "model": "two"})
        await in_force(client, "two")
        elsewhere.reply("from elsewhere")
        await ask(client, "two?", doc)
        await answered(client, 1)
        reply.send("the answer under way")
        reply.finish()
        await answered(client, 2)
        assert len(api.requests) == len(elsewhere.requests) == 1
    texts = [document.text for document in client.documents.values()]
    assert sum("from elsewhere" in text for text in texts) == 1
    assert sum("the answer under way" in text for text in texts) == 1


async def test_an_address_that_cannot_be_used_stops_requests_instead_of_sending_them_home(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(VSCODE)
    client.change_configuration({"base_url": "http://192.0.2.1/v1"})
    await message(client, "base_url in ")
    await ask(client, "why?")
    await message(client, "Nothing was sent")
    await answered(client)
    assert api.requests == []


async def test_the_history_can_be_turned_off(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE, configuration={"pygpt": {"history": {"enabled": False}, "model": "m"}})
    await in_force(client, "m")
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    assert not (workspace / ".pygpt/cache/history.sqlite3").exists()
