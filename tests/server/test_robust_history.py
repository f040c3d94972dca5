"""A history that cannot be used costs no answer, is said once, and is never overwritten."""

from __future__ import annotations

import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.history_kit import another_process, exchange, new_cache, question
from tests.support.lsp_client import SERVER
from tests.support.troubled_server import troubled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.lsp_client import EditorClient

_IS_ROOT = os.name == "posix" and os.geteuid() == 0
# Root may write anywhere; without its capabilities it may not.
_AS_OTHERS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if _IS_ROOT else ()
_HAS_MODES = os.name == "posix" and (not _IS_ROOT or shutil.which("setpriv") is not None)


def file_in_the_way(workspace: Path) -> None:
    """A file has the name of the cache's folder."""
    (workspace / ".pygpt").write_text("mine ö")


def read_only(workspace: Path) -> None:
    """Nobody may write into the workspace."""
    workspace.chmod(0o555)


UNWRITABLE = [file_in_the_way, read_only] if _HAS_MODES else [file_in_the_way]


@pytest.fixture
def cache(workspace: Path) -> CacheFolder:
    """The workspace's cache, with a history that holds one conversation."""
    cache = new_cache(workspace / ".pygpt/cache")
    store = HistoryStore.open(cache)
    exchange(store, question("an old question ö"), "an old answer 😀")
    store.close()
    return cache


async def ask(editor: EditorClient, text: str) -> None:
    """Ask, and wait until the answer is in its chat and the job has ended."""
    before = sum(progress.ended is not None for progress in editor.progress.values())
    await editor.execute("pygpt.ask", text)

    def answered() -> bool:
        ended = sum(progress.ended is not None for progress in editor.progress.values())
        return ended > before and chat_holds(editor, f"Answer to {text.strip()}")

    await editor.wait_for(answered, f"an answer to {text[:20]}")


def chat_holds(editor: EditorClient, text: str) -> bool:
    """Whether a chat in the editor holds that text."""
    return any(text in document.text for document in editor.documents.values() if ".chat.md" in document.uri)


@pytest.fixture
def api(api: ScriptedApi) -> ScriptedApi:
    """The API, which names the question in its answer."""
    api.default = lambda request: f"Answer to {request.text.splitlines()[-1]}: ö😀"
    return api


def said(editor: EditorClient) -> list[str]:
    """What the user was told."""
    return [message.message for message in editor.messages]


def found(folder: Path, pattern: str) -> list[Path]:
    """What lies anywhere in a folder."""
    return sorted(folder.rglob(pattern))


def questions(cache: CacheFolder) -> set[str]:
    """The questions that the history holds."""
    store = HistoryStore.open(cache)
    stored = [store.conversation(found.id) for found in store.conversations()]
    store.close()
    return {turn.messages[-1].content for conversation in stored for turn in conversation.turns}


@pytest.mark.parametrize("unwritable", UNWRITABLE)
async def test_a_workspace_that_cannot_be_written_keeps_its_history_elsewhere(
    api: ScriptedApi, home: Path, workspace: Path, unwritable: Callable[[Path], None]
) -> None:
    unwritable(workspace)
    before = found(workspace, "*")
    editors = Editors(clean_env(home, **api.env()), workspace, [*_AS_OTHERS, *SERVER])
    editor = await editors()
    await ask(editor, "Why ö?")
    await ask(editor, "And why 😀?")
    [told] = said(editor)
    assert "cannot be written, so chats and history are kept in" in told
    assert await editors.close() == []
    assert found(workspace, "*") == before
    # The account of the version check lies with what is asked without a folder.
    [history] = [file for file in found(home, "history.sqlite3") if file.parent.name != "no-workspace"]
    assert questions(CacheFolder(history.parent)) == {"Why ö?", "And why 😀?"}


async def test_where_nothing_can_be_written_code_is_edited_all_the_same(
    api: ScriptedApi, tmp_path: Path, workspace: Path
) -> None:
    home = tmp_path / "a file"
    home.write_text("no folder")
    file_in_the_way(workspace)
    editors = Editors(clean_env(home, **api.env()), workspace)
    editor = await editors()
    document = editor.open(workspace / "src/app.py")
    for old, new in (("greeting = ", "gruß = "), ("return greeting", "return gruß")):
        api.reply(f"```python\n    {new}{document.text.partition(old)[2].splitlines()[0]}\n```")
        where = {"uri": document.uri, "range": document.range_of(old)}
        await editor.execute("pygpt.action", {"id": "rewrite", "instruction": "In German.", **where})
        await editor.wait_for(lambda new=new: new in document.text, "the edit")
    await editor.execute("pygpt.ask", "Why?")
    await editor.wait_for(lambda: len(said(editor)) >= 2, "a word on why there is no chat")
    once, chat = said(editor)
    assert "nothing is kept: make one of them writable" in once
    assert "nothing is kept: make one of them writable" in chat
    assert await editors.close() == []


async def test_a_full_disk_stops_no_answer_and_is_said_once(
    api: ScriptedApi, home: Path, workspace: Path, cache: CacheFolder
) -> None:
    editors = Editors(clean_env(home, **api.env()), workspace, troubled("full-disk"))
    editor = await editors()
    long = "ö😀 " * 2_000  # more than the free pages hold
    await ask(editor, f"One? {long}")
    await ask(editor, f"Two? {long}")
    [told] = said(editor)
    assert "The disk is full" in told
    assert await editors.close() == []
    assert questions(cache) == {"an old question ö"}


async def test_a_chat_that_finds_no_room_is_an_error_and_leaves_no_empty_file(
    api: ScriptedApi, home: Path, workspace: Path, cache: CacheFolder
) -> None:
    editors = Editors(clean_env(home, **api.env()), workspace, troubled("no-room-for-chats"))
    editor = await editors()
    await editor.execute("pygpt.ask", "Why ö?")
    await editor.wait_for(lambda: said(editor), "a word on why there is no chat")
    [told] = said(editor)
    assert "A chat cannot be written" in told
    assert await editors.close() == []
    assert found(cache.chats_dir, "*") == []
    assert api.requests == []


async def test_a_locked_history_stops_no_answer_is_said_once_and_goes_on_when_it_is_free(
    api: ScriptedApi, home: Path, workspace: Path, cache: CacheFolder
) -> None:
    editors = Editors(clean_env(home, **api.env()), workspace, troubled("short-patience"))
    editor = await editors()
    await ask(editor, "Before?")
    with another_process("lock", cache) as other:
        other.line()
        await ask(editor, "One?")
        await ask(editor, "Two?")
        late = await editors()
        await ask(late, "Three?")
    await ask(editor, "Four?")
    await ask(late, "Five?")
    for user in (editor, late):
        [told] = said(user)
        assert "locked" in told
    assert await editors.close() == []
    assert questions(cache) == {"an old question ö", "Before?", "Four?", "Five?"}


async def test_an_answer_that_arrives_while_the_history_is_locked_is_stored_when_it_is_free(
    api: ScriptedApi, home: Path, workspace: Path, cache: CacheFolder
) -> None:
    editors = Editors(clean_env(home, **api.env()), workspace)
    editor = await editors()
    reply = api.stream()
    await editor.execute("pygpt.ask", "Why ö?")
    await reply.until_taken()
    with another_process("lock", cache) as other:
        other.line()
        reply.send("A whole answer 😀.")
        reply.finish()
        await editor.wait_for(lambda: chat_holds(editor, "A whole answer 😀."), "the answer")
    await editor.wait_for(lambda: any(job.ended for job in editor.progress.values()), "the end")
    assert said(editor) == []
    assert await editors.close() == []
    store = HistoryStore.open(cache)
    [turn] = store.conversation(store.conversations(1)[0].id).turns
    store.close()
    assert (turn.status, turn.answer) == ("done", "A whole answer 😀.")


async def test_a_damaged_history_is_kept_aside_and_a_new_one_begun(
    api: ScriptedApi, home: Path, workspace: Path, cache: CacheFolder
) -> None:
    damaged = b"SQLite format 3\0" + b"broken \xf6" * 1000
    cache.history_path.write_bytes(damaged)
    editors = Editors(clean_env(home, **api.env()), workspace)
    editor = await editors()
    await ask(editor, "One?")
    await ask(editor, "Two?")
    [told] = said(editor)
    assert "was damaged; it was kept as" in told
    assert await editors.close() == []
    [kept] = found(cache.path, "*.set-aside-*")
    assert str(kept) in told
    assert kept.read_bytes() == damaged
    assert questions(cache) == {"One?", "Two?"}


async def test_the_history_of_a_newer_version_is_left_as_it_is(
    api: ScriptedApi, home: Path, workspace: Path, cache: CacheFolder
) -> None:
    newer = sqlite3.connect(cache.history_path)
    newer.execute("PRAGMA user_version=999")
    newer.close()
    before = cache.history_path.read_bytes()
    editors = Editors(clean_env(home, **api.env()), workspace)
    editor = await editors()
    await ask(editor, "One?")
    await ask(editor, "Two?")
    [told] = said(editor)
    assert "belongs to a newer pygpt-lsp" in told
    assert await editors.close() == []
    assert cache.history_path.read_bytes() == before
    assert found(cache.path, "*.set-aside-*") == []


async def test_a_history_that_is_off_makes_no_database(
    api: ScriptedApi, home: Path, workspace: Path, tmp_path: Path
) -> None:
    editors = Editors(clean_env(home, **api.env()), workspace)
    editor = await editors(options={"history": {"enabled": False}})
    await ask(editor, "Why ö?")
    [told] = said(editor)
    assert told.startswith("PyGPT: Nothing is kept (history.enabled is false): save elsewhere what you need")
    assert await editors.close() == []
    assert found(tmp_path, "*.sqlite3*") == []
