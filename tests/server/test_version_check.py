"""The version check of a real process: one request, its bytes, and nobody who waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from pygpt_lsp import __version__
from tests.support.api_failures import redirect, server_error
from tests.support.api_script import UpdateReply
from tests.support.api_server import ScriptedApi
from tests.support.editor_profiles import HELIX_25_07, VSCODE, Profile, in_editors
from tests.support.raw_client import INITIALIZE
from tests.support.server_kit import answered, ask, message

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.editors import Editors
    from tests.support.raw_client import RawClient


@in_editors(HELIX_25_07, VSCODE)
async def test_one_request_tells_the_version_and_nothing_else(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    [request] = await api.until_updates()
    client.notify("initialized", {})
    client.change_configuration({"updates": {"check": True}})
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    assert api.updates == [request]
    assert request.raw == (
        f"GET /update?v={__version__} HTTP/1.1\r\n"
        f"Host: {api.origin.removeprefix('http://')}\r\n"
        "User-Agent: pygpt-lsp\r\n"
        "\r\n"
    ).encode()  # fmt: skip
    assert not any("is out" in shown.message for shown in client.messages)


async def test_an_endpoint_that_hangs_delays_nothing(
    patient: Editors, api: ScriptedApi, workspace: Path
) -> None:
    api.update = UpdateReply(hang=True)
    client = await patient()
    [request] = await api.until_updates()
    doc = client.open(workspace / "src/app.py")
    assert await client.code_actions(doc, doc.range_of("return greeting"))
    await ask(client, "why?", doc)
    await answered(client)
    assert not request.client_closed.is_set()  # it hangs still
    assert await client.close() == 0
    await request.until_closed()
    assert client.messages == []


async def test_initialize_is_answered_before_the_version_is_asked_for(
    raw: RawClient, api: ScriptedApi
) -> None:
    await raw.answer(raw.request("initialize", INITIALIZE))
    assert api.connections == 0
    raw.notify("initialized", {})
    await api.until_updates()


async def test_a_newer_version_is_told_once_with_the_address(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    api.update = UpdateReply({"version_lsp": "99.1"})
    client = await editor()
    await message(client, "99.1")
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    [shown] = client.messages
    assert shown == types.ShowMessageParams(
        types.MessageType.Info, "pygpt-lsp 99.1 is out: see https://pygpt.net."
    )


@pytest.mark.parametrize(
    "reply",
    [
        UpdateReply({"version_lsp": "0.0.1"}),
        UpdateReply({"version_lsp": __version__}),
        UpdateReply({"version_lsp": "buy now: https://example.com"}),
        UpdateReply({"banner": "x"}),
        UpdateReply(failure=server_error()),
        UpdateReply(failure=redirect("http://192.0.2.1/")),
    ],
    ids=["older", "the same", "an advertisement", "something else", "failure", "redirect"],
)
async def test_every_other_reply_is_passed_over_in_silence(
    editor: Editors, api: ScriptedApi, reply: UpdateReply
) -> None:
    api.update = reply
    client = await editor()
    [request] = await api.until_updates()
    await request.until_finished()
    assert await client.close() == 0
    assert client.messages == []
    assert client.stderr == ""
    assert len(api.updates) == 1


@pytest.mark.parametrize("way", ["user file", "initializationOptions", "pulled"])
async def test_where_the_check_is_off_nothing_is_sent(
    editor: Editors, api: ScriptedApi, tmp_path: Path, way: str
) -> None:
    off = {"updates": {"check": False}}
    file = tmp_path / "mine.toml"
    file.write_text("[updates]\ncheck = false\n" if way == "user file" else "")
    client = await editor(
        VSCODE,
        env={"PYGPT_CONFIG": str(file)},
        options=off if way == "initializationOptions" else None,
        configuration={"pygpt": off} if way == "pulled" else None,
    )
    # A whole question later it would have been sent long ago.
    await ask(client, "why?")
    await answered(client)
    assert await client.close() == 0
    assert api.updates == []
    assert api.connections == 1


async def test_a_workspace_can_neither_turn_the_check_on_nor_send_it_elsewhere(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    with ScriptedApi() as elsewhere:
        (workspace / ".pygpt").mkdir()
        (workspace / ".pygpt/config.toml").write_text(
            f'[updates]\ncheck = true\nurl = "{elsewhere.update_url}"\n'
        )
        client = await editor(options={"updates.check": False})
        await ask(client, "why?")
        await answered(client)
        assert await client.close() == 0
        assert elsewhere.connections == 0
    assert api.updates == []


async def test_a_setting_that_cannot_be_read_as_yes_is_a_no(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(options={"updates.check": "perhaps"})
    assert "no version check is made" in await message(client, "updates.check")
    await ask(client, "why?")
    await answered(client)
    assert await client.close() == 0
    assert api.updates == []
