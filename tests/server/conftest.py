"""Fixtures of the whole-process tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.raw_client import RawClient
from tests.support.troubled_server import troubled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.api_server import ScriptedApi


@pytest.fixture
def env(api: ScriptedApi, home: Path) -> dict[str, str]:
    """The environment of a process that talks to the scripted API and to nobody else."""
    return clean_env(home, **api.env())


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder for temporary files of the process, for `TMPDIR`."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder.resolve()


@pytest.fixture
async def raw(env: dict[str, str], workspace: Path) -> AsyncIterator[RawClient]:
    """A server and both ends of its pipe."""
    async with RawClient(env, workspace) as client:
        yield client


@pytest.fixture
async def hasty(env: dict[str, str], workspace: Path) -> AsyncIterator[Editors]:
    """As `editor`, with a server that waits a moment only for what the editor says and shows."""
    editors = Editors(env, workspace, troubled("hasty"))
    yield editors
    assert await editors.close() == []


@pytest.fixture
async def patient(env: dict[str, str], workspace: Path) -> AsyncIterator[Editors]:
    """As `editor`, with a server that gives nothing up for lack of time: the machine may be slow."""
    editors = Editors(env, workspace, troubled("patient"))
    yield editors
    assert await editors.close() == []
