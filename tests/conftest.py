"""Fixtures of the whole suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.api_server import ScriptedApi
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

# A slow machine is no reason for a test to fail.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """No worker processes where only files are named: they take longer to start than most files to run."""
    folder = config.invocation_params.dir
    files = [folder / argument.partition("::")[0] for argument in config.args]
    return 0 if all(file.is_file() for file in files) else None


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    """An OpenAI-compatible server on loopback that says what the test tells it to."""
    with ScriptedApi() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home of the user of a process under test."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder without git that holds `src/app.py`."""
    folder = tmp_path / "wörkspace 😀"
    (folder / "src").mkdir(parents=True)
    (folder / "src/app.py").write_bytes(SAMPLE.encode())
    return folder


@pytest.fixture
async def editor(api: ScriptedApi, home: Path, workspace: Path) -> AsyncIterator[Editors]:
    """Starts the server in an editor, on the workspace and the scripted API: `await editor(NEOVIM_0_12)`.
    Closes all at the end, and fails if a server did what it may not do."""
    editors = Editors(clean_env(home, **api.env()), workspace)
    yield editors
    problems = await editors.close()
    assert not problems, "\n".join(problems)
