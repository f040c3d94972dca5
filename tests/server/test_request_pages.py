"""`pygpt.previewRequest` and `pygpt.showLastRequest`: what would go out, and what did, to the byte."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.actions_kit import diagnostic, fenced, idle
from tests.support.api_failures import unknown_model
from tests.support.api_server import KEY
from tests.support.chat_kit import ask, chats_in, ended, open_chat, send, sent, shown_chat, told
from tests.support.editor_profiles import HELIX_25_01, HELIX_25_07, VSCODE, Profile, in_every_editor
from tests.support.prompt_kit import put_prompt
from tests.support.request_kit import body_of, head_of, page, text_of
from tests.support.server_kit import stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CHAT = """\
---
model: gpt-5.5-mini
temperature: 0.5
---

## User

> #file:src/app.py:6-9

Was heißt ```das``` 😀?\u2028

## Assistant

Nothing.

## User

Why "ö"?
"""


async def preview(editor: EditorClient, count: int = 1, **argument: Any) -> Path:
    await editor.execute("pygpt.previewRequest", argument)
    return await page(editor, count)


@in_every_editor
async def test_a_preview_of_a_chat_is_what_is_then_sent_to_the_byte(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT.replace("\n", "\r\n"))
    client.open(workspace / "src/app.py").swap("Schöne", "Unsaved")
    before = chat.text
    shown = await preview(client, uri=chat.uri)
    assert not api.journal or all(request.path == "/update" for request in api.journal)
    assert chat.text == before
    assert not stored_turns(workspace / ".pygpt/cache")
    await send(client, chat)
    await ended(client)
    assert body_of(shown) == api.requests[0].body
    if sys.platform != "win32":
        assert stat.S_IMODE(shown.stat().st_mode) == 0o400


async def test_the_page_tells_address_head_size_and_messages_and_never_the_key(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(options={"prices": {"gpt-5.5-mini": [1000, 1]}, "max_input_tokens": 256})
    chat = open_chat(client, workspace, CHAT)
    shown = await preview(client, uri=chat.uri)
    text = text_of(shown)
    body = body_of(shown)
    client.answers.append("Send anyway")
    await send(client, chat)
    await ended(client)
    request = api.requests[0]
    head = request.raw[: -len(request.body)].decode().rstrip("\r\n").split("\r\n")
    assert head_of(shown).split("\n") == [
        line
        if not line.startswith("Authorization")
        else "Authorization: Bearer (your key, which is not shown)"
        for line in head
    ]
    assert KEY not in text
    assert f"- Address: POST {api.base_url}/chat/completions" in text.replace("\\", "")
    assert f"{len(body):,} bytes" in text
    assert "you would be asked before it is sent" in text
    assert "- Price: about " in text
    for message in sent(request):
        assert message.text in text
    assert "Was heißt ```das``` 😀?" in text


async def test_a_question_is_previewed_without_a_chat_being_made(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    source = client.open(workspace / "src/app.py")
    argument: dict[str, Any] = {
        "question": "Why ö?",
        "uri": source.uri,
        "range": {"start_line": 6, "end_line": 9},
    }
    shown = await preview(client, **argument)
    assert not chats_in(workspace)
    await ask(client, **argument)
    await shown_chat(client)
    await ended(client)
    assert body_of(shown) == api.requests[0].body


@pytest.mark.parametrize("action", ["simplify", "explain", "fix", "rewrite"])
async def test_an_action_is_previewed_without_being_done(
    editor: Editors, api: ScriptedApi, workspace: Path, action: str
) -> None:
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    before = source.text
    where = source.range_of("self.count += n")
    await client.code_actions(source, where, diagnostics=[diagnostic(where, "n is no number ö")])
    argument: dict[str, Any] = {"id": action, "uri": source.uri, "range": where}
    if action == "rewrite":
        argument["instruction"] = "Use 😀"
    shown = await preview(client, **argument)
    assert source.text == before
    assert not api.requests
    api.reply(fenced("        self.count += 1"))
    await client.execute("pygpt.action", argument)
    await ended(client)
    assert body_of(shown) == api.requests[0].body


async def test_a_prompt_is_previewed_as_its_file_is_now(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    for number, words in enumerate(["Erst ö.", "Dann 😀."], 1):
        put_prompt(workspace, "mine", words)
        shown = await preview(client, number, id="user:mine", uri=source.uri)
        assert words.encode() in body_of(shown)


async def test_nothing_is_run_for_a_key_and_what_cannot_be_sent_is_a_sentence(
    editor: Editors, api: ScriptedApi, workspace: Path, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(ran)!r}, 'w'); print('sk-x')"]
    client = await editor(env={"OPENAI_API_KEY": None}, options={"api_key_command": command})
    chat = open_chat(client, workspace, "## User\n\n> #file:missing.py\n\nWhy?\n")
    await client.execute("pygpt.previewRequest", chat.uri)
    assert "missing.py, which is no file of the workspace" in await told(client, "missing.py")
    chat.swap("> #file:missing.py\n\nWhy?", "")
    await client.execute("pygpt.previewRequest", {"uri": chat.uri})
    await told(client, "There is nothing to send")
    await client.execute("pygpt.previewRequest", {"uri": (workspace / "src/app.py").as_uri()})
    await told(client, "is not open in the editor")
    chat.type("Why?", at=len(chat.text))
    assert b"Why?" in body_of(await preview(client))
    assert not ran.exists()


async def test_where_the_editor_shows_nothing_the_path_is_said(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_01)
    chat = open_chat(client, workspace, "## User\n\nWhy?\n")
    assert b"Why?" in body_of(await preview(client, uri=chat.uri))
    await told(client, "The request is in ")


async def test_each_preview_is_a_page_of_its_own_and_all_go_with_the_server(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "## User\n\nFirst?\n")
    first = await preview(client, uri=chat.uri)
    chat.swap("First", "Second")
    second = await preview(client, 2, uri=chat.uri)
    assert b"First" in body_of(first)
    assert b"Second" in body_of(second)
    assert first.parent == workspace / ".pygpt/cache/requests"
    await client.close()
    assert not list(first.parent.iterdir())


async def test_the_last_request_is_shown_as_it_went_out_with_its_purpose_and_end(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07, options={"prices": {"gpt-5.5": [1000, 1000]}})
    await client.execute("pygpt.showLastRequest")
    await told(client, "Nothing has been sent to a model since the server started")
    await ask(client, "Why 😀?")
    await ended(client)
    await client.execute("pygpt.showLastRequest")
    shown = await page(client)
    text = text_of(shown)
    assert body_of(shown) == api.requests[0].body
    assert KEY not in text
    for part in ("- For: ask: Why 😀?", "- Ended: answered", "tokens in", "- Paid: "):
        assert part in text
    source = client.open(workspace / "src/app.py")
    api.fail(unknown_model("gpt-5.5"))
    await client.execute(
        "pygpt.action", {"id": "simplify", "uri": source.uri, "range": {"start_line": 6, "end_line": 9}}
    )
    await told(client, "gpt-5.5")
    await idle(client, source)
    await client.execute("pygpt.showLastRequest")
    shown = await page(client, 2)
    assert body_of(shown) == api.requests[1].body
    assert "- For: simplify: " in text_of(shown)
    assert "- Ended: failed: " in text_of(shown)


async def test_a_request_that_is_under_way_is_shown_as_such(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    reply = api.stream()
    await ask(client, "Why?")
    await reply.until_taken()
    await client.execute("pygpt.showLastRequest")
    assert "not yet, it is under way" in text_of(await page(client))
    reply.finish()
    await ended(client)


async def test_without_a_history_a_request_is_shown_from_a_private_folder_that_goes_with_the_server(
    editor: Editors, workspace: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    client = await editor(options={"history": {"enabled": False}}, env={"TMPDIR": str(temporary)})
    chat = open_chat(client, workspace, "## User\n\nWhy ö canary?\n")
    shown = await preview(client, uri=chat.uri)
    assert shown.is_relative_to(temporary)
    if sys.platform != "win32":
        assert stat.S_IMODE(shown.parent.stat().st_mode) == 0o700
    await send(client, chat)
    await ended(client)
    await client.execute("pygpt.showLastRequest")
    assert b"canary" in body_of(await page(client, 2))
    await client.close()
    assert not list(temporary.iterdir())
    kept = [path for path in (workspace / ".pygpt").rglob("*") if path.is_file()]
    assert not [path for path in kept if b"canary" in path.read_bytes()]
