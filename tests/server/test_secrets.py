"""Canaries: a key, a document, a question and an answer, searched for in everything a process wrote.

The key may be nowhere at all. The texts may be in the history, in the chat document and in the edits that
bring the answer; at `--log-level=trace`, which is there for that, in the log as well.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support.api_failures import Failure
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12
from tests.support.json_rpc import LspError
from tests.support.server_kit import answered, ask, message

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

KEY = "canary+key/in=use"
DOCUMENT = "canary_of_the_document"
QUESTION = "canary of the question"
ANSWER = "canary_of_the_answer"
TEXTS = (DOCUMENT, QUESTION, ANSWER)
HOLD_TEXTS = ("history.sqlite3", "history.sqlite3-wal", ".chat.md", "app.py")
"""The files in which the texts belong."""


class Run(NamedTuple):
    """One session, ended."""

    client: EditorClient
    log: str
    """Everything that was logged, wherever that went."""


def files_with(folder: Path, text: str) -> list[str]:
    """The names of all files below the folder that hold the text."""
    found = [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    return [path.name for path in found]


def in_messages(client: EditorClient, text: str) -> set[str]:
    """The methods of the messages in which the server said the text."""
    return {
        entry.message.get("method", "an answer")
        for entry in client.peer.journal
        if entry.way == "in" and text in str(entry.message)
    }


async def session(editors: Editors, api: ScriptedApi, workspace: Path, **how: object) -> EditorClient:
    """What a user does in a day: a menu, a question, an edit, failures, wrong settings."""
    source = workspace / "src/app.py"
    source.write_text(source.read_text("utf-8") + f"\n{DOCUMENT} = 1\n", "utf-8")
    client = await editors(options={"api_key": KEY, "modle": "x"}, **how)  # type: ignore[arg-type]
    doc = client.open(source)
    where = doc.range_of(f"{DOCUMENT} = 1")
    await client.code_actions(doc, where)

    api.reply(f"It is {ANSWER}.")
    await ask(client, f"why?\n{QUESTION}", doc)
    await answered(client, 1)

    edit = {"id": "rewrite", "uri": doc.uri, "range": where, "instruction": QUESTION}
    api.reply(f"```python\n{DOCUMENT} = {ANSWER!r}\n```")
    await client.execute("pygpt.action", edit)
    await answered(client, 2)
    assert ANSWER in doc.text

    said = f"Incorrect API key provided: {KEY}. Your request was: {DOCUMENT}; {QUESTION}"
    api.fail(Failure(500, said, headers=(("Retry-After", "0"),)))
    api.fail(Failure(400, said, "invalid_request_error", "x"))
    await ask(client, f"why?\n{QUESTION}", doc)
    await answered(client, 3)
    client.notify("textDocument/didChange", {"contentChanges": QUESTION})
    for unreadable in ({"range": QUESTION}, {"textDocument": DOCUMENT, "context": QUESTION}):
        with pytest.raises(LspError):
            await client.request("textDocument/codeAction", unreadable)
    api.reply(f"begun with {ANSWER}", malformed=True)
    await ask(client, f"why?\n{QUESTION}", doc)
    await answered(client, 4)
    return client


async def run(
    editors: Editors, api: ScriptedApi, workspace: Path, temporary: Path, *, level: str, sink: str
) -> Run:
    """A session whose key comes from the environment (log on stderr) or from a command (log in a file)."""
    env: dict[str, str | None] = {"TMPDIR": str(temporary), "OPENAI_LOG": "debug", "OPENAI_API_KEY": KEY}
    args = [f"--log-level={level}"]
    log = temporary.parent / "server.log"
    if sink == "file":
        args.append(f"--log-file={log}")
        config = temporary.parent / "mine.toml"
        program = [sys.executable, "-c", f"print({KEY[:6]!r} + {KEY[6:]!r})"]
        config.write_text(f"api_key_command = {program!r}\n")
        env |= {"OPENAI_API_KEY": None, "PYGPT_CONFIG": str(config)}
    client = await session(editors, api, workspace, env=env, args=args)
    assert await client.close() == 0
    assert api.requests
    assert all(request.header("Authorization") == f"Bearer {KEY}" for request in api.requests)
    if sink == "file":
        assert client.stderr == ""
        return Run(client, log.read_text("utf-8"))
    return Run(client, client.stderr)


@pytest.mark.parametrize(
    ("level", "sink"),
    [("error", "stderr"), ("warning", "file"), ("info", "stderr"), ("debug", "file"), ("debug", "stderr")],
)
async def test_texts_are_where_they_belong_and_the_key_is_nowhere(
    editor: Editors, api: ScriptedApi, workspace: Path, temporary: Path, level: str, sink: str
) -> None:
    client, log = await run(editor, api, workspace, temporary, level=level, sink=sink)
    for text in (KEY, *TEXTS):
        assert text not in log
        assert text not in client.stderr
    assert files_with(temporary.parent, KEY) == []
    for text in TEXTS:
        holders = files_with(temporary.parent, text)
        assert holders
        assert [name for name in holders if not name.endswith(HOLD_TEXTS)] == []
    assert in_messages(client, KEY) == set()
    assert in_messages(client, DOCUMENT) <= {"workspace/applyEdit"}  # of the edit of that line
    assert in_messages(client, QUESTION) == set()
    assert in_messages(client, ANSWER) == {"workspace/applyEdit"}


@pytest.mark.parametrize("sink", ["stderr", "file"])
async def test_trace_shows_the_texts_and_never_the_key(
    editor: Editors, api: ScriptedApi, workspace: Path, temporary: Path, sink: str
) -> None:
    client, log = await run(editor, api, workspace, temporary, level="trace", sink=sink)
    for text in TEXTS:
        assert text in log
    assert KEY not in log
    assert files_with(temporary.parent, KEY) == []
    assert in_messages(client, KEY) == set()


async def test_trace_masks_the_key_in_a_document_before_its_first_use(
    editor: Editors, workspace: Path
) -> None:
    key = 'canary"quoted\\key'  # as JSON writes it, it looks different
    file = workspace / "notes.md"
    file.write_text(f"my key is {key}, and another one is sk-proj-0123456789abcdef\n")
    client = await editor(env={"OPENAI_API_KEY": key}, args=["--log-level=trace"])
    client.open(file)
    assert await client.close() == 0
    assert "my key is ***, and another one is sk-***" in client.stderr
    for secret in ("quoted", "0123456789abcdef"):
        assert secret not in client.stderr


async def test_a_key_among_the_settings_is_refused_without_repeating_it(
    editor: Editors, home: Path, workspace: Path
) -> None:
    secret = "sk-canary0123456789abcdef"
    client = await editor(
        NEOVIM_0_12,
        args=["--log-level=debug"],
        options={"api_key": secret, "model": secret, "base_url": f"https://me:{secret}@example.com/v1"},
    )
    await message(client, "api_key")
    await client.execute("pygpt.showStatus")
    assert await client.close() == 0
    assert secret not in client.stderr
    assert secret.encode() not in client.stdout
    assert files_with(home.parent, secret) == []


async def test_what_the_environment_holds_besides_the_key_stays_there_too(
    editor: Editors, api: ScriptedApi, workspace: Path, temporary: Path
) -> None:
    others = {"OPENAI_ADMIN_KEY": "canary-admin", "OPENAI_WEBHOOK_SECRET": "canary-webhook"}
    client = await editor(HELIX_25_07, env=others, args=["--log-level=trace"])
    await ask(client, "why?", client.open(workspace / "src/app.py"))
    await answered(client)
    assert await client.close() == 0
    for secret in others.values():
        assert secret not in client.stderr
        assert secret.encode() not in client.stdout
        assert all(secret.encode() not in request.raw for request in api.journal)
        assert files_with(temporary.parent, secret) == []
