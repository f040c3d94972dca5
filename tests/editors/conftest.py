"""Fixtures of the tests in real editors."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors.helix import Helix
from tests.editors.install import Editors
from tests.editors.neovim import Neovim
from tests.editors.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.api_server import ScriptedApi

EDITORS = Editors(Path(__file__).parents[2] / ".tools/editors/root")


@pytest.fixture(scope="session")
def editors() -> Editors:
    """The unpacked programs."""
    if not EDITORS.helix.exists():
        pytest.fail("The editors are not unpacked: run `uv run nox -s editors`.")
    return EDITORS


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project with one source file, and a home with our editor configurations."""
    return Workspace.create(tmp_path)


@pytest.fixture
def helix(editors: Editors, workspace: Workspace, api: ScriptedApi) -> Iterator[Helix]:
    """Helix on the source file, with the server attached."""
    env = workspace.env() | api.env()
    with Helix(editors, workspace.source, cwd=workspace.root, env=env) as editor:
        editor.attached()
        yield editor


@pytest.fixture
def neovim(editors: Editors, workspace: Workspace, api: ScriptedApi) -> Iterator[Neovim]:
    """Neovim on the source file, with the server attached."""
    env = workspace.env() | api.env()
    with Neovim(editors, workspace.source, cwd=workspace.root, env=env) as editor:
        editor.attached()
        yield editor


@pytest.fixture
def bare_neovim(editors: Editors, workspace: Workspace, api: ScriptedApi) -> Iterator[Neovim]:
    """Neovim with `lsp/pygpt.lua` and the file type of chats, and nothing else of the plugin."""
    for folder in ("doc", "lua", "plugin"):
        shutil.rmtree(workspace.home / ".config/nvim" / folder)
    env = workspace.env() | api.env()
    with Neovim(editors, workspace.source, cwd=workspace.root, env=env) as editor:
        editor.attached()
        yield editor


@pytest.fixture(params=["helix", "neovim"])
def editor(request: pytest.FixtureRequest) -> Helix | Neovim:
    """Each editor in turn, for what must hold in both."""
    return request.getfixturevalue(request.param)
