"""The ledger adds up to the byte with what is on the wire, whatever became of the requests."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.support.actions_kit import choose, fenced, idle
from tests.support.api_failures import rate_limited
from tests.support.api_script import UpdateReply
from tests.support.editor_profiles import VSCODE
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.relay import Relay
from tests.support.request_kit import pages_of, text_of
from tests.support.server_kit import answered, ask, message
from tests.support.troubled_server import troubled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.lsp_client import EditorClient


@pytest.fixture
def relay(api: ScriptedApi) -> Iterator[Relay]:
    with Relay(urlsplit(api.origin).port or 0) as tap:
        yield tap


@pytest.fixture
def env(api: ScriptedApi, relay: Relay, home: Path) -> dict[str, str]:
    return clean_env(home, **relay.env(api))


def found_in(folder: Path) -> list[Path]:
    """What lies anywhere in a folder."""
    return sorted(folder.rglob("*"))


async def privacy(env: dict[str, str], workspace: Path, *words: str) -> tuple[int, str, str]:
    """`pygpt-lsp privacy`: its exit code, what it prints and what it complains of."""
    command = [sys.executable, "-m", "pygpt_lsp", "privacy", *words]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=workspace,
        env=env | {"PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def account(env: dict[str, str], workspace: Path) -> dict[str, Any]:
    code, out, err = await privacy(env, workspace, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


async def shown(client: EditorClient) -> str:
    """What the page says, once it is shown."""

    def found() -> Path | None:
        return next((file for file in pages_of(client) if file.name.startswith("privacy")), None)

    file = await client.wait_for(found, "the page")
    assert file is not None
    return text_of(file)


async def test_a_whole_session_adds_up_to_the_byte_with_the_wire(
    api: ScriptedApi, relay: Relay, env: dict[str, str], workspace: Path
) -> None:
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE)
    updates = await api.until_updates()
    await updates[0].until_finished()
    doc = client.open(workspace / "src/app.py")
    where = doc.range_of("return greeting")
    # An edit, after the API was too busy at first.
    api.fail(rate_limited("0"))
    api.reply(fenced("    return greeting + '!'"))
    await choose(client, doc, where, "Simplify")
    await answered(client, 1)
    await idle(client, doc)
    # A question whose answer is cut.
    api.reply("Half an ö", cut="close")
    await ask(client, "why?", doc)
    await answered(client, 2)
    # The models, and a chat that is stopped.
    await client.execute("pygpt.model.select")
    await message(client, "models")
    stream = api.stream()
    stream.send("So far 😀")
    await ask(client, "and stop?")
    request = await stream.until_taken()
    await client.wait_for(
        lambda: any("So far 😀" in each.text for each in client.documents.values()), "the text"
    )
    await client.execute("pygpt.stop")
    await request.until_closed()
    await answered(client, 3)
    assert await editors.close() == []

    found = await account(env, workspace)
    host = f"127.0.0.1:{relay.port}"
    assert (found["bytes_out"], found["bytes_in"]) == (relay.sent, relay.received)
    assert found["uncounted"] == 0
    assert found["sentence"].endswith(f": 5 requests to {host}, 1 version check to {host}, nothing else.")
    rows = list(reversed(found["rows"]))
    assert [(row["purpose"], row["status"], row["outcome"]) for row in rows] == [
        ("version check", 200, "answered"),
        ("simplify", 429, "answered"),
        ("simplify", 200, "answered"),
        ("ask", 200, "failed"),
        ("models", 200, "answered"),
        ("ask", 200, "stopped"),
    ]
    assert rows[1]["body_hash"] == rows[2]["body_hash"]
    line = where["start"]["line"] + 1
    assert {"path": "src/app.py", "first": line, "last": line} in rows[2]["sources"]
    assert {"path": "src/app.py", "first": 1, "last": doc.text.count("\n")} in rows[3]["sources"]
    assert not rows[0]["sources"]
    code, _, said = await privacy(env, workspace, "--verify")
    assert code == 0
    assert said.startswith("4 bodies are what the history holds, byte for byte; 2 requests have nothing")


async def test_what_was_masked_is_told_by_its_kind_alone(
    api: ScriptedApi, env: dict[str, str], workspace: Path
) -> None:
    secret = "AKIA" + "Q3EGRIJ2XZ7LWBNK"
    (workspace / "deploy.py").write_text(f'AWS_ACCESS_KEY_ID = "{secret}"\n', encoding="utf-8")
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE, options={"updates": {"check": False}})
    await ask(client, "why?", client.open(workspace / "deploy.py"))
    await answered(client)
    assert await editors.close() == []
    _, said, _ = await privacy(env, workspace)
    [row] = (await account(env, workspace))["rows"]
    assert list(row["masked"].values()) == [1]
    assert f"masked 1 {next(iter(row['masked']))}" in said
    assert secret not in said + json.dumps(row) + api.requests[0].text
    code, _, said = await privacy(env, workspace, "--verify")
    assert code == 0
    assert said.startswith("1 body is what the history holds, byte for byte; 0 requests have nothing there")


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE messages SET content = content || 'x' WHERE role = 'user'",
        "UPDATE messages SET role = 'system' WHERE role = 'user'; UPDATE ledger SET body_hash = 'x'",
        "UPDATE ledger SET body_shape = '[[[['",
    ],
)
async def test_a_history_that_is_not_what_was_sent_any_more_is_found_out(
    env: dict[str, str], workspace: Path, edit: str
) -> None:
    editors = Editors(env, workspace)
    client = await editors(VSCODE, options={"updates": {"check": False}})
    await ask(client, "why?")
    await answered(client)
    assert await editors.close() == []
    with closing(sqlite3.connect(workspace / ".pygpt/cache/history.sqlite3")) as database:
        database.executescript(edit)
    code, _, said = await privacy(env, workspace, "--verify")
    assert code == 1
    assert said.startswith("The history no longer holds what was sent at ")
    assert "0 bodies are what the history holds" in said


async def test_a_server_that_is_killed_leaves_the_row_behind(
    api: ScriptedApi, relay: Relay, env: dict[str, str], workspace: Path
) -> None:
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE, options={"updates": {"check": False}})
    stream = api.stream(hang=True)
    await ask(client, "why ö?")
    await stream.until_taken()
    await client.kill()
    found = await account(env, workspace)
    [row] = found["rows"]
    assert (row["purpose"], row["outcome"], row["bytes_out"]) == ("ask", "unknown", None)
    assert (found["requests"], found["uncounted"]) == (1, 1)
    assert row["body_bytes"] == len(stream.taken().body)
    _, said, _ = await privacy(env, workspace)
    assert "outcome unknown: the server died meanwhile" in said
    assert "0 bytes out, 0 bytes in, without 1 whose bytes are not known." in said


async def test_a_server_that_nobody_asks_opens_no_database_and_its_version_check_is_counted_all_the_same(
    api: ScriptedApi, relay: Relay, env: dict[str, str], home: Path, workspace: Path
) -> None:
    api.update = UpdateReply(hang=True)
    editors = Editors(env, workspace, troubled("patient"))
    for kill in (False, True):
        client = await editors(VSCODE)
        updates = await api.until_updates(1 + kill)
        if kill:
            await client.kill()
        else:
            assert await client.close() == 0
        await updates[-1].until_closed()
    assert not [file for file in found_in(home) if file.name.startswith("history")]
    assert not (workspace / ".pygpt").exists()
    found = await account(env, workspace)
    assert [row["outcome"] for row in found["rows"]] == ["unknown", "stopped"]
    assert (found["version_checks"], found["uncounted"]) == (2, 1)
    assert found["bytes_out"] == len(api.updates[0].raw)


async def test_the_page_says_the_same_and_sends_nothing(
    api: ScriptedApi, relay: Relay, env: dict[str, str], workspace: Path
) -> None:
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE, options={"updates": {"check": False}})
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    await client.execute("pygpt.privacy.show")
    text = await shown(client)
    assert await editors.close() == []
    assert f": 1 request to 127.0.0.1:{relay.port}, no version check, nothing else." in text
    assert f"{relay.sent:,} bytes out, {relay.received:,} bytes in." in text
    assert "- answers: 127.0.0.1" in text
    assert "(base_url from OPENAI_BASE_URL)" in text
    assert "none: updates.check is false (initializationOptions)" in text
    assert "with src/app.py:1-22" in text
    assert relay.connections == 1


async def test_without_a_history_the_account_is_in_memory_alone(
    api: ScriptedApi, relay: Relay, env: dict[str, str], home: Path, workspace: Path
) -> None:
    before = found_in(workspace)
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE, options={"history": {"enabled": False}})
    updates = await api.until_updates()
    await updates[0].until_finished()
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    await client.execute("pygpt.privacy.show")
    text = await shown(client)
    assert await editors.close() == []
    host = f"127.0.0.1:{relay.port}"
    assert f"1 request to {host}, 1 version check to {host}, nothing else." in text
    assert f"{relay.sent:,} bytes out, {relay.received:,} bytes in." in text
    assert not any(file.name.startswith(("history", "ledger")) for file in found_in(home))
    assert found_in(workspace) == before


async def test_the_doctors_question_and_the_requests_of_every_workspace_are_counted(
    api: ScriptedApi, relay: Relay, env: dict[str, str], workspace: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"  # where no workspace is worth remembering
    temporary.mkdir()
    env |= {"TMPDIR": str(temporary)}
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE)
    updates = await api.until_updates()
    await updates[0].until_finished()
    await ask(client, "why?")
    await answered(client)
    assert await editors.close() == []
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "pygpt_lsp", "doctor", "--yes"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=elsewhere, env=env, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() in (0, 1)
    here = await account(env, elsewhere)
    assert (here["requests"], here["version_checks"]) == (1, 1)
    assert {row["purpose"] for row in here["rows"]} == {"doctor", "version check"}
    assert found_in(elsewhere) == []
    code, out, _ = await privacy(env, elsewhere, "--all", "--json")
    everything = json.loads(out)
    assert code == 0
    assert {row["purpose"] for row in everything["rows"]} == {"doctor", "version check", "ask"}
    assert (everything["bytes_out"], everything["bytes_in"]) == (relay.sent, relay.received)
    shutil.rmtree(workspace)
    _, out, _ = await privacy(env, elsewhere, "--all")
    assert "1 workspace is gone, and what was counted there with it" in out


async def test_a_deleted_conversation_leaves_the_numbers_alone(
    api: ScriptedApi, env: dict[str, str], workspace: Path
) -> None:
    editors = Editors(env, workspace, troubled("patient"))
    client = await editors(VSCODE, options={"updates": {"check": False}})
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await editors.close() == []
    [before] = (await account(env, workspace))["rows"]
    assert before["sources"]
    assert before["conversation"]
    command = [sys.executable, "-m", "pygpt_lsp", "history", "delete", "--all", "--yes"]
    process = await asyncio.create_subprocess_exec(*command, cwd=workspace, env=env)
    assert await process.wait() == 0
    [after] = (await account(env, workspace))["rows"]
    assert after == before | {"sources": [], "conversation": "", "body_hash": ""}
    files = [file.read_bytes() for file in found_in(workspace / ".pygpt/cache") if file.is_file()]
    assert not any(b"src/app.py" in content or before["body_hash"].encode() in content for content in files)
