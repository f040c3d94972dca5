"""Invariant 1 for the whole process: what it connects to, seen by Python's own audit events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_editors
from tests.support.server_kit import answered, ask
from tests.support.watched import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors

NO_CHECK = {"updates": {"check": False}}


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """What a process does on the network."""
    return Watch(tmp_path / "watched")


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE, EGLOT)
async def test_a_session_without_a_question_opens_no_socket_and_starts_no_program(
    editor: Editors, api: ScriptedApi, workspace: Path, watch: Watch, profile: Profile
) -> None:
    client = await editor(profile, env=watch.env, options=NO_CHECK, configuration={"pygpt": NO_CHECK})
    doc = client.open(workspace / "src/app.py")
    for automatic in (True, False):  # the latter loads what an answer needs
        await client.code_actions(doc, doc.range_of("return greeting"), automatic=automatic)
    doc.type("# more\n")
    await client.execute("pygpt.showStatus")
    await client.execute("pygpt.history.search", {"query": "ö"})
    await client.execute("pygpt.chat.new", {})
    await client.wait_for(lambda: len(client.shown) + len(client.messages) >= 3, "the three to be done")
    assert await client.close() == 0
    assert watch.events == []
    assert api.connections == 0


async def test_one_question_goes_to_the_api_and_nowhere_else(
    editor: Editors, api: ScriptedApi, workspace: Path, watch: Watch
) -> None:
    client = await editor(VSCODE, env=watch.env, options=NO_CHECK)
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    assert watch.places == {api.origin.removeprefix("http://")}
    assert not any(event.startswith("subprocess") for event in watch.events)
    assert api.connections == 1
    [request] = api.journal
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")


async def test_the_version_check_goes_to_its_address_and_nowhere_else(
    editor: Editors, api: ScriptedApi, watch: Watch
) -> None:
    client = await editor(VSCODE, env=watch.env)
    [request] = await api.until_updates()
    await request.until_finished()
    assert await client.close() == 0
    assert watch.places == {api.origin.removeprefix("http://")}
    assert api.connections == 1


async def test_the_offline_model_opens_no_socket(editor: Editors, workspace: Path, watch: Watch) -> None:
    client = await editor(VSCODE, env=watch.env | {"OPENAI_API_KEY": None}, args=["--offline"])
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    assert watch.events == []
