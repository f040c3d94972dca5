"""What a whole session writes: for its user alone under any umask, nothing where nothing is to be kept."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.actions_kit import fenced
from tests.support.api_failures import unknown_model
from tests.support.chat_kit import answer_of, ask, ended, holds, open_chat, send, shown_chat, streaming
from tests.support.editor_document import path_of
from tests.support.editor_profiles import NEOVIM_0_12, VSCODE
from tests.support.page_kit import page_of
from tests.support.platforms import needs_modes
from tests.support.request_kit import page
from tests.support.server_kit import eventually, message
from tests.support.watched import FileWatch, with_umask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

OFF: dict[str, Any] = {"history": {"enabled": False}}
QUESTION = "canary of the question"
ANSWER = "canary_of_the_answer"
NOT_APPLIED = "canary of an answer without code"


def everything(*folders: Path) -> set[Path]:
    """All files, links and folders below these; some may go while we look."""
    walks = (walk for folder in folders for walk in os.walk(folder))
    return {Path(parent) / name for parent, within, files in walks for name in (*within, *files)}


def open_to_others(paths: set[Path]) -> list[str]:
    """Those that somebody else could read, write or enter, of the ones that are still there."""
    modes: list[tuple[Path, int]] = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            modes.append((path, path.lstat().st_mode))
    return [f"{mode:o} {path}" for path, mode in modes if mode & 0o077 and not stat.S_ISLNK(mode)]


async def a_day(client: EditorClient, api: ScriptedApi, workspace: Path, look: Callable[[], None]) -> None:
    """A chat, a copy of its code, an edit, one that is not made, a stop, failures, previews; `look` is called
    on the way."""
    doc = client.open(workspace / "src/app.py")
    where = doc.range_of("return greeting")
    await client.code_actions(doc, where)
    api.reply(f"So:\n\n{fenced(f'x = {ANSWER!r}')}")
    await ask(client, QUESTION, uri=doc.uri, range=where)
    await ended(client)
    chat = await shown_chat(client)
    look()
    line = chat.text[: chat.text.index("x = ")].count("\n") + 1
    await client.execute("pygpt.chat.copy", {"uri": chat.uri, "range": {"start_line": line}})
    await client.wait_for(lambda: any("snippet" in shown.uri for shown in client.shown), "the copy")
    look()
    api.reply(fenced(f"return {ANSWER!r}"))
    edit = {"id": "rewrite", "uri": doc.uri, "range": where, "instruction": QUESTION}
    await client.execute("pygpt.action", edit)
    await ended(client, 2)
    for _ in range(3):  # it is asked again twice
        api.reply(NOT_APPLIED)
    await client.execute("pygpt.action", edit)
    await client.wait_for(
        lambda: any(NOT_APPLIED in each.text for each in client.documents.values()), "the answer in a chat"
    )
    look()
    await client.execute("pygpt.previewRequest", {"question": QUESTION, "uri": doc.uri})
    await page(client)
    look()
    await client.execute("pygpt.showLastRequest")
    await page(client, 2)
    api.fail(unknown_model())
    await ask(client, QUESTION)
    await ended(client, 4)
    reply = api.stream()
    await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
    reply.send("Begun. ")
    await holds(client, chat, "Begun. ")
    look()
    await client.execute("pygpt.stop")
    await ended(client, 5)


async def test_with_the_history_off_a_session_leaves_no_file_behind(
    editor: Editors, api: ScriptedApi, home: Path, workspace: Path, temporary: Path, tmp_path: Path
) -> None:
    places = (home, workspace, temporary)
    before = everything(*places)
    watch = FileWatch(tmp_path / "files")
    client = await editor(VSCODE, options=OFF, env={"TMPDIR": str(temporary), **watch.env})

    def look() -> None:
        new = everything(*places) - before
        assert new
        assert all(path.is_relative_to(temporary) for path in new)
        if sys.platform != "win32":
            assert open_to_others(new) == []

    await a_day(client, api, workspace, look)
    await client.execute("pygpt.history.search", {"query": "canary"})
    await message(client, "There is no history here, and none is kept: history.enabled is false.")
    await message(client, "chats and copies, which go when the server ends")
    assert await client.close() == 0
    assert everything(*places) == before
    kept = [path for path in before if path.is_file() and b"canary" in path.read_bytes()]
    assert kept == []
    assert [path for path in watch.written if not path.is_relative_to(temporary)] == []


@pytest.mark.parametrize("kept", [True, False], ids=["the workspace takes no chats", "nothing is kept"])
async def test_a_chat_that_cannot_lie_in_the_workspace_is_still_about_it(
    editor: Editors, api: ScriptedApi, home: Path, workspace: Path, temporary: Path, *, kept: bool
) -> None:
    if kept:
        (workspace / ".pygpt").write_text("in the way of a folder")
    client = await editor(VSCODE, options={} if kept else OFF, env={"TMPDIR": str(temporary)})
    doc = client.open(workspace / "src/app.py")
    api.reply("One.")
    await ask(client, "Why ö?", uri=doc.uri, range={"start_line": 7, "end_line": 8})
    await ended(client)
    chat = await shown_chat(client)
    assert path_of(chat.uri).is_relative_to(home if kept else temporary)
    assert "> #file:src/app.py:7-8\n" in chat.text
    chat.type("> #file:src/app.py:1-1\n\nAnd that?\n")
    api.reply("Two.")
    await send(client, chat)
    await ended(client, 2)
    assert answer_of(chat.text) == "Two."
    assert "Grüße in alle Welt" in api.requests[-1].body.decode()


async def test_what_a_killed_server_left_goes_at_the_next_start(
    editor: Editors, api: ScriptedApi, workspace: Path, temporary: Path
) -> None:
    env = {"TMPDIR": str(temporary)}
    client = await editor(options=OFF, env=env)
    await streaming(client, api)
    assert everything(temporary)
    await client.kill()
    left = everything(temporary)
    assert left
    client = await editor(env=env)  # whatever its own settings say

    async def status() -> set[Path]:
        await client.execute("pygpt.showStatus")
        return everything(temporary)

    await eventually(status, lambda there: not there, "the private folder to be gone")


async def test_a_history_from_before_can_be_looked_at_where_none_is_kept_and_nothing_is_written_to_it(
    editor: Editors, api: ScriptedApi, workspace: Path, temporary: Path
) -> None:
    client = await editor()
    api.reply(ANSWER)
    await ask(client, QUESTION)
    await ended(client)
    await client.close()
    cache = workspace / ".pygpt/cache"
    before = everything(cache)
    client = await editor(VSCODE, options=OFF, env={"TMPDIR": str(temporary)})
    await client.execute("pygpt.history.search", {"query": "canary"})
    found = await page_of(client, "history.chat.md")
    assert path_of(found.uri).is_relative_to(temporary)
    assert QUESTION in found.text
    await client.execute("pygpt.history.fork", {"uri": found.uri, "id": found.text.split("`")[1]})
    await client.wait_for(lambda: len(client.documents) >= 2, "the fork")
    fork = client.documents.keys() - {found.uri}
    assert path_of(fork.pop()).is_relative_to(temporary)
    await client.close()
    assert everything(cache) == before


@needs_modes
@pytest.mark.parametrize("umask", [0, 0o077])
async def test_whatever_the_umask_what_a_session_writes_is_for_its_user_alone(
    editor: Editors,
    api: ScriptedApi,
    home: Path,
    workspace: Path,
    temporary: Path,
    tmp_path: Path,
    umask: int,
) -> None:
    places = (home, workspace, temporary)
    log = tmp_path / "server.log"
    log.touch(mode=0o666)
    log.chmod(0o666)
    before = everything(*places)
    watch = FileWatch(tmp_path / "files")
    env = {"TMPDIR": str(temporary), **with_umask(umask), **watch.env}
    client = await editor(NEOVIM_0_12, env=env, args=["--log-level=trace", f"--log-file={log}"])

    def look() -> None:
        assert open_to_others(everything(*places) - before) == []

    await a_day(client, api, workspace, look)
    await client.execute("pygpt.history.search", {"query": "canary"})
    await page_of(client, "history.chat.md")
    await client.execute("pygpt.model.select", {"model": "gpt-5.5-mini"})
    await message(client, "The model is gpt-5.5-mini")
    alone = await editor(NEOVIM_0_12, env=env, rooted=False)
    api.reply("Without a folder.")
    await ask(alone, QUESTION)
    await ended(alone)
    look()
    assert await client.close() == await alone.close() == 0
    look()
    assert open_to_others({log}) == []
    new = everything(*places) - before
    assert any(path.name == "history.sqlite3" and path.is_relative_to(home) for path in new)
    assert any(path.name == "history.sqlite3" and path.is_relative_to(workspace) for path in new)
    moved = [path for mode, path in watch.moved if mode != "600"]
    assert watch.moved
    assert moved == []
    allowed = (*places, log)
    elsewhere = [path for path in watch.written if not any(path.is_relative_to(each) for each in allowed)]
    assert elsewhere == []


@needs_modes
async def test_a_chat_of_the_users_own_keeps_its_mode(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    chat = open_chat(client, workspace, "## User\n\nWhy ö?\n")
    path = path_of(chat.uri)
    path.chmod(0o640)
    client.close_document(chat)
    api.reply(ANSWER)
    await client.execute("pygpt.chat.send", {"uri": chat.uri})
    await ended(client)
    assert ANSWER in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
