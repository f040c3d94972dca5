"""Choosing the model, and asking what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.api_server import KEY
from tests.support.chat_kit import ask, ended, told
from tests.support.editor_profiles import HELIX_25_07, VSCODE

if TYPE_CHECKING:
    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors


async def test_a_model_that_is_named_is_used_from_now_on(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(HELIX_25_07)
    await client.execute("pygpt.model.select", "gpt-other")
    await told(client, "The model is gpt-other")
    await ask(client, "Why?")
    await ended(client)
    assert [request.json["model"] for request in api.requests] == ["gpt-other"]


async def test_without_a_name_the_models_of_the_api_are_offered(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(VSCODE, options={"model": "gpt-mine"})
    client.answers += [None, "gpt-5.5"]
    await client.execute("pygpt.model.select")
    await told(client, "The models are gpt-5.5.")
    await client.execute("pygpt.model.select", {})
    await told(client, "The model is gpt-5.5 until the server ends.")
    assert "The model is gpt-mine. Use another?" in client.questions[0].message
    asked = [request for request in api.journal if request.path == "/v1/models"]
    assert [request.method for request in asked] == ["GET", "GET"]
    assert asked[0].header("Authorization") == f"Bearer {KEY}"


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
