"""Whose cache and history a question goes to: several folders, none, and documents that are no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_editors
from tests.support.server_kit import answered, ask, stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_text import Json
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


def questions(root: Path) -> list[str]:
    """What was asked in a workspace, as its own history tells."""
    return [turn.messages[-1].content.splitlines()[-1] for turn in stored_turns(root / ".pygpt/cache")]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Another workspace folder, which holds `b.py`."""
    folder = tmp_path / "zweiter"
    folder.mkdir()
    (folder / "b.py").write_text("b = 'ö'\n", "utf-8")
    return folder


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    """A file outside every workspace."""
    file = tmp_path / "loose.py"
    file.write_text("loose = '😀'\n", "utf-8")
    return file


def folder(path: Path) -> Json:
    """A workspace folder, as LSP has it."""
    return {"uri": path.as_uri(), "name": path.name}


def change_folders(client: EditorClient, *, added: list[Path], removed: list[Path]) -> None:
    """The user adds and removes workspace folders."""
    event = {"added": [folder(path) for path in added], "removed": [folder(path) for path in removed]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def user_cache(home: Path, name: str = "no-workspace") -> Path:
    """The one cache folder of that name that lies with the user and not in a workspace."""
    [found] = home.rglob(f"workspaces/{name}")
    return found


async def test_each_folder_keeps_the_history_of_its_own_files(
    editor: Editors, workspace: Path, second: Path
) -> None:
    def both(params: Json) -> None:
        params["workspaceFolders"] = [folder(workspace), folder(second)]

    client = await editor(VSCODE, tweak=both)
    await ask(client, "about a?", client.open(workspace / "src/app.py"))
    await answered(client, 1)
    await ask(client, "about b?", client.open(second / "b.py"))
    await answered(client, 2)
    assert await client.close() == 0
    assert questions(workspace) == ["about a?"]
    assert questions(second) == ["about b?"]


async def test_a_file_is_named_within_its_own_folder(
    editor: Editors, workspace: Path, second: Path, api: ScriptedApi
) -> None:
    def both(params: Json) -> None:
        params["workspaceFolders"] = [folder(workspace), folder(second)]

    client = await editor(VSCODE, tweak=both)
    await ask(client, "why?", client.open(second / "b.py"))
    [request] = await api.until_requests(1)
    await answered(client)
    assert "b = 'ö'" in request.text
    assert str(second) not in request.text


async def test_folders_come_and_go(
    editor: Editors, workspace: Path, second: Path, home: Path, tmp_path: Path
) -> None:
    client = await editor(VSCODE)
    doc = client.open(second / "b.py")
    change_folders(client, added=[second], removed=[])
    await ask(client, "while it is there?", doc)
    await answered(client, 1)
    change_folders(client, added=[], removed=[second])
    await ask(client, "after it went?", doc)
    await answered(client, 2)
    change_folders(client, added=[second], removed=[workspace])
    await ask(client, "when it is back?", doc)
    await answered(client, 3)
    assert await client.close() == 0
    assert questions(second) == ["while it is there?", "when it is back?"]
    assert [turn.messages[-1].content.splitlines()[-1] for turn in stored_turns(user_cache(home))] == [
        "after it went?"
    ]
    assert not (workspace / ".pygpt").exists()


async def test_the_settings_of_the_first_folder_are_in_force_and_follow_it(
    editor: Editors, workspace: Path, second: Path, api: ScriptedApi
) -> None:
    for number, root in enumerate((workspace, second)):
        (root / ".pygpt").mkdir()
        (root / ".pygpt/config.toml").write_text(f'model = "model-{number}"\n')
    client = await editor(VSCODE)
    await ask(client, "one?")
    await answered(client, 1)
    change_folders(client, added=[second], removed=[workspace])
    await ask(client, "two?")
    await answered(client, 2)
    assert [request.json["model"] for request in api.requests] == ["model-0", "model-1"]


async def test_the_innermost_folder_counts(editor: Editors, workspace: Path) -> None:
    inner = workspace / "src"

    def nested(params: Json) -> None:
        params["workspaceFolders"] = [folder(workspace), folder(inner)]

    client = await editor(VSCODE, tweak=nested)
    await ask(client, "inner?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    assert questions(inner) == ["inner?"]
    assert questions(workspace) == []


@in_editors(HELIX_25_07, NEOVIM_0_12, EGLOT)
async def test_a_file_without_a_workspace_is_asked_about_in_the_users_own_cache(
    editor: Editors, loose: Path, home: Path, api: ScriptedApi, profile: Profile, tmp_path: Path
) -> None:
    client = await editor(profile, rooted=False, root=tmp_path)
    await ask(client, "and here?", client.open(loose))
    [request] = await api.until_requests(1)
    await answered(client)
    assert await client.close() == 0
    assert "loose = '😀'" in request.text
    [turn] = stored_turns(user_cache(home))
    assert turn.status == "done"
    assert not (tmp_path / ".pygpt").exists()


async def test_a_root_of_the_old_kind_is_a_workspace_too(editor: Editors, workspace: Path) -> None:
    def old(params: Json) -> None:
        del params["workspaceFolders"]

    client = await editor(HELIX_25_07, tweak=old)
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    assert questions(workspace) == ["why?"]


async def test_a_workspace_that_cannot_be_written_is_served_from_the_users_cache_and_says_so_once(
    editor: Editors, workspace: Path, home: Path
) -> None:
    (workspace / ".pygpt").write_text("a file where the folder should be")
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    for number in (1, 2):
        await ask(client, f"question {number}?", doc)
        await answered(client, number)
    assert await client.close() == 0
    cache = user_cache(home, "[0-9a-f]*")  # the account of the version check lies in no-workspace
    assert len(stored_turns(cache)) == 2
    told = [shown.message for shown in client.messages if "cannot be written" in shown.message]
    assert len(told) == 1
    assert str(cache) in told[0]


async def test_documents_that_are_not_ours_are_ignored(editor: Editors, api: ScriptedApi) -> None:
    client = await editor(VSCODE)
    for count, scheme in enumerate(("git", "output", "vscode-chat-code-block", "GIT", "https"), 1):
        doc = client.open_text(f"{scheme}:/src/app.py?x", "python", "secret = 1\n")
        doc.type("more\n")
        assert await client.code_actions(doc, doc.range(0, 6)) == []
        await ask(client, "why?", doc)
        await client.wait_for(lambda count=count: len(client.messages) >= count, "the refusal")
        assert "is not open in the editor with PyGPT" in client.messages[-1].message
        client.close_document(doc)
    assert await client.close() == 0
    assert api.requests == []


async def test_a_text_that_was_never_saved_can_be_asked_about_and_edited(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(VSCODE)
    doc = client.open_text("untitled:Untitled-1", "python", "def grüße():\n    return '😀'\n")
    menu = await client.code_actions(doc, doc.range(0, len(doc.text)))
    explain = next(action for action in menu if "Explain" in action.title)
    api.reply("It greets.")
    await client.choose(explain)
    [request] = await api.until_requests(1)
    await answered(client, 1)
    assert "return '😀'" in request.text

    api.reply("```python\ndef grüße():\n    return '😀😀'\n```")
    arguments = {"id": "rewrite", "uri": doc.uri, "range": doc.range(0, 20), "instruction": "twice"}
    await client.execute("pygpt.action", arguments)
    await answered(client, 2)
    assert doc.text == "def grüße():\n    return '😀😀'\n"
    assert await client.close() == 0
    assert len(stored_turns(workspace / ".pygpt/cache")) == 2


async def test_a_file_that_the_client_writes_with_another_uri_is_the_same_file(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    doc = client.open(workspace / "src/app.py")
    doc.swap("Schöne", "Unsaved")
    await client.execute(
        "pygpt.ask", {"question": "a path?", "uri": "src/app.py", "range": {"start_line": 8}}
    )
    await answered(client, 1)
    await client.execute(
        "pygpt.ask", {"question": "a path?", "uri": str(workspace / "src/app.py"), "range": {"start_line": 8}}
    )
    await answered(client, 2)
    for request in api.requests:
        assert 'greeting = "Unsaved Grüße, 😀 " + name' in request.text
