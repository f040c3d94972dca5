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

    from pygpt_lsp.services.workspace_cache import CacheFolder
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


async def listed(editor: EditorClient, cache: CacheFolder) -> str:
    """The page that lists the conversations."""
    before = len(editor.shown)
    await editor.execute("pygpt.history.search", "")
    await editor.wait_for(lambda: len(editor.shown) > before, "the list")
    return cache.search_path.read_text("utf-8")


async def until_gone(editor: EditorClient, cache: CacheFolder, title: str) -> None:
    """Wait until a conversation is no longer listed; each look is a round trip."""
    async with asyncio.timeout(DEADLINE):
        while title in await listed(editor, cache):
            pass


async def test_old_conversations_are_gone_after_the_start_without_a_trace(
    editor: Editors, cache: CacheFolder
) -> None:
    helix = await editor(options={"history": {"retention_days": 30}})
    await until_gone(helix, cache, "long ago ö")
    assert "today 😀" in await listed(helix, cache)
    assert await helix.close() == 0
    kept = await asyncio.to_thread(bytes_in, cache.path)
    assert b"long ago" not in kept
    assert b"today" in kept


async def test_a_shorter_retention_holds_from_the_moment_it_is_set(
    editor: Editors, cache: CacheFolder
) -> None:
    vscode = await editor(VSCODE)
    assert "long ago ö" in await listed(vscode, cache)
    vscode.configuration = {"pygpt": {"history": {"retention_days": 30}}}
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    await until_gone(vscode, cache, "long ago ö")
    assert "today 😀" in await listed(vscode, cache)


async def test_nothing_is_deleted_before_the_editors_own_settings_are_known(
    editor: Editors, cache: CacheFolder, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[history]\nretention_days = 30\n")
    kept = {"pygpt": {"history": {"retention_days": 365}}}
    vscode = await editor(VSCODE, env={"PYGPT_CONFIG": str(config)}, configuration=kept)
    assert await vscode.close() == 0
    store = HistoryStore.open(cache)
    assert [found.title for found in store.conversations()] == ["today 😀", "long ago ö"]
    store.close()


async def test_no_history_is_made_to_be_pruned(editor: Editors, workspace: Path) -> None:
    helix = await editor(options={"history": {"retention_days": 30}})
    assert await helix.close() == 0
    assert not (workspace / ".pygpt").exists()
