"""Conversations older than `history.retention_days` are deleted when the server starts, and no others."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.history import HistoryStore
from tests.support.api_script import DEADLINE
from tests.support.editor_profiles import VSCODE
from tests.support.history_kit import Clock, bytes_in, exchange, new_cache, question

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder
    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

_DAY = 86_400.0


@pytest.fixture
def cache(workspace: Path) -> CacheFolder:
    """The workspace's cache, with conversations of today and of 100 days ago."""
    cache = new_cache(workspace / ".pygpt/cache")
    for age, name in ((100, "long ago ö"), (0, "today 😀")):
        store = HistoryStore.open(cache, now=Clock(time.time() - age * _DAY))
        exchange(store, question(name), f"an answer of {name}")
        store.close()
    return cache


def titles(cache: CacheFolder) -> list[str]:
    """The conversations that the history holds, the newest first."""
    store = HistoryStore.open(cache)
    found = [conversation.title for conversation in store.conversations()]
    store.close()
    return found


async def until_only(editor: EditorClient, cache: CacheFolder, title: str) -> None:
    """Wait until the history holds nothing else; between two looks the server answers a command."""
    async with asyncio.timeout(DEADLINE):
        while titles(cache) != [title]:
            await editor.execute("pygpt.showStatus")


async def test_old_conversations_are_gone_after_the_start_without_a_trace(
    editor: Editors, cache: CacheFolder
) -> None:
    helix = await editor(options={"history": {"retention_days": 30}})
    await until_only(helix, cache, "today 😀")
    assert await helix.close() == 0
    kept = await asyncio.to_thread(bytes_in, cache.path)
    assert b"long ago" not in kept
    assert b"today" in kept


async def test_a_shorter_retention_holds_from_the_moment_it_is_set(
    editor: Editors, cache: CacheFolder
) -> None:
    vscode = await editor(VSCODE)
    vscode.configuration = {"pygpt": {"history": {"retention_days": 30}}}
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    await until_only(vscode, cache, "today 😀")


async def test_nothing_is_deleted_before_the_editors_own_settings_are_known(
    api: ScriptedApi, editor: Editors, cache: CacheFolder, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[history]\nretention_days = 30\n")
    kept = {"pygpt": {"history": {"retention_days": 365}}}
    vscode = await editor(VSCODE, env={"PYGPT_CONFIG": str(config)}, configuration=kept)
    await api.until_updates()  # the last thing that a start does
    assert await vscode.close() == 0
    assert titles(cache) == ["today 😀", "long ago ö"]


async def test_no_history_is_made_to_be_pruned(api: ScriptedApi, editor: Editors, workspace: Path) -> None:
    helix = await editor(options={"history": {"retention_days": 30}})
    await api.until_updates()
    assert await helix.close() == 0
    assert not (workspace / ".pygpt").exists()
