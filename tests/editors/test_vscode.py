"""VS Code, the real one in a browser: the suite in its extension host, and a pass through its window.

What is done there is in editors/vscode/test; here are the project, the scripted API, and what both have seen.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors.install_vscode import EXTENSION, VsCode
from tests.editors.pictures import keep_pictures
from tests.editors.workspace import DOCUMENT_REPLY, DOCUMENTED, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.api_script import Request
    from tests.support.api_server import ScriptedApi

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300)]

TOOLS = VsCode(Path(__file__).parents[2] / ".tools/editors/vscode")
ELSEWHERE = "http://127.0.0.1:9/v1"
"""An address that a repository names, where nobody listens."""


@pytest.fixture(scope="session")
def vscode() -> VsCode:
    """The programs and the packed extension."""
    if not TOOLS.vsix.exists():
        pytest.fail("VS Code is not set up: run `uv run nox -s editors`.")
    return TOOLS


@pytest.fixture
def hostile_workspace(workspace: Workspace) -> Workspace:
    """A project whose own settings name another server, program and address."""
    (workspace.root / ".vscode").mkdir()
    settings = {
        "pygpt.base_url": ELSEWHERE,
        "pygpt.updates.url": ELSEWHERE,
        "pygpt.api_key_command": ["touch", str(workspace.root / "run")],
        "pygpt.server.command": ["touch", str(workspace.root / "run")],
    }
    (workspace.root / ".vscode/settings.json").write_text(json.dumps(settings))
    return workspace


def test_all_that_a_user_does_works_in_the_extension_host(
    vscode: VsCode, hostile_workspace: Workspace, api: ScriptedApi, tmp_path: Path
) -> None:
    workspace = hostile_workspace
    api.default = lambda request: scripted(api, request)
    mine = workspace.home / ".config/pygpt-lsp/config.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text('model = "gpt-of-my-file"\n')
    profile = user_settings(tmp_path, workspace, {})

    env = {"VSCODE_SERVER": str(vscode.code_server / "lib/vscode"), "PROFILE": str(profile)}
    done = run_node(vscode, "run.mjs", workspace, env | api.env())

    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (workspace.root / "run").exists(), "a repository's settings run no program"
    assert any(request.client_closed.is_set() for request in api.requests), "stopped"


def test_a_user_sets_a_key_changes_code_and_asks_in_the_window(
    vscode: VsCode, hostile_workspace: Workspace, api: ScriptedApi, tmp_path: Path
) -> None:
    workspace = hostile_workspace
    api.default = lambda request: in_the_window(api, request)
    settings = {"pygpt.base_url": api.base_url, "pygpt.updates.url": api.update_url}
    profile = user_settings(tmp_path, workspace, settings)
    pictures = tmp_path / "pictures"
    pictures.mkdir()

    env = {"CODE_SERVER": str(vscode.code_server), "VSIX": str(vscode.vsix), "PROFILE": str(profile)}
    done = run_node(vscode, "window.mjs", workspace, env | {"PICTURES": str(pictures)})

    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert workspace.source.read_text("utf-8") == DOCUMENTED
    assert {request.header("authorization") for request in api.requests} == {"Bearer sk-typed-into-the-box"}
    [stopped] = [request for request in api.requests if "Why the ö 😀?" in request.text]
    assert stopped.client_closed.is_set()
    assert not (workspace.root / "run").exists()
    files = [path for path in workspace.root.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"sk-typed-into-the-box" in path.read_bytes()]
    keep_pictures(pictures, EXTENSION / "media/pictures")


def user_settings(folder: Path, workspace: Workspace, settings: Mapping[str, object]) -> Path:
    """A profile for VS Code with the user's settings: where the server is, and nothing that distracts."""
    profile = folder / "profile"
    text = json.dumps(
        {
            "pygpt.server.command": [str(workspace.home / "bin/pygpt-lsp")],
            "chat.disableAIFeatures": True,
            "editor.minimap.enabled": False,
            "files.autoSave": "off",
            "workbench.secondarySideBar.defaultVisibility": "hidden",
            "workbench.startupEditor": "none",
            **settings,
        }
    )
    for name in ("User", "Machine"):
        place = profile / name if "pygpt.base_url" in settings else profile / "user" / name
        place.mkdir(parents=True)
        (place / "settings.json").write_text(text)
    return profile


def run_node(
    vscode: VsCode, script: str, workspace: Workspace, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run one of the extension's test programs on the project."""
    env = workspace.env() | env | {"WORKSPACE": str(workspace.root)}
    env["PATH"] = f"{vscode.bin}:/usr/bin:/bin"
    return subprocess.run(
        [vscode.node, f"test/{script}"],
        cwd=EXTENSION, env=env, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def scripted(api: ScriptedApi, request: Request) -> str:
    """What the model says in the suite, by what is asked; the pace is milliseconds a word."""
    asked = request.text.rpartition("```")[2]
    is_fast = "Count fast" in asked
    api.default_delta_ms = 2.0 if is_fast else 20.0
    if "Count" in asked:
        return " ".join(f"{'fast' if is_fast else 'counting'} {number}" for number in range(1001))
    answers = {
        "Why the ö": "Because of the ö 😀.",
        "Are you there": "Here I am 😀.",
        "Are you back": "I am back 😀.",
        "Remember": "Remembered: ö 😀.",
        "Which model": f"The model is {request.json['model']}.",
        "parameters, results and errors": DOCUMENT_REPLY,
    }
    found = [answer for words, answer in answers.items() if words in request.text]
    return found[0] if found else "It greets, so far 😀" + " and on" * 80 + " the end."


def in_the_window(api: ScriptedApi, request: Request) -> str:
    """A change at once, an answer that is long enough to be stopped, and a fast one."""
    if "Count fast" in request.text:
        api.default_delta_ms = 2.0
        return " ".join(f"counting {number}" for number in range(1001))
    asks = "Why the ö" in request.text
    api.default_delta_ms = 50.0 if asks else 0.0
    return "Because of the ö 😀: " + "the name is greeted in German. " * 300 if asks else DOCUMENT_REPLY
