"""Context lines of a chat: resolved when it is sent, buffers first, never from outside the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.chat_kit import ended, open_chat, send, sent, told
from tests.support.editor_profiles import HELIX_25_07, VSCODE
from tests.support.git_kit import run as git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


class Chat:
    """One chat that is sent again and again with other context lines."""

    def __init__(self, client: EditorClient, api: ScriptedApi, folder: Path) -> None:
        self._client = client
        self._api = api
        self._document = open_chat(client, folder, "")
        self._sends = 0

    async def sent(self, *lines: str) -> str:
        """What is sent for a question below these lines."""
        await self._send(*lines)
        self._sends += 1
        await ended(self._client, self._sends)
        (said,) = sent(self._api.requests[-1])
        return said.text

    async def refused(self, *lines: str) -> str:
        """Why a question below these lines is not sent."""
        before, requests = len(self._client.messages), len(self._api.requests)
        text = await self._send(*lines)
        sentence = await told(self._client, "PyGPT: ", after=before)
        assert len(self._api.requests) == requests
        assert self._document.text == text
        return sentence

    async def _send(self, *lines: str) -> str:
        text = "## User\n\n" + "".join(f"{line}\n" for line in lines) + "\nQ?\n"
        self._document.replace(0, len(self._document.text), text)
        await send(self._client, self._document)
        return text


async def chat_in(editor: Editors, api: ScriptedApi, workspace: Path) -> tuple[Chat, EditorClient, Document]:
    client = await editor(HELIX_25_07)
    source = client.open(workspace / "src/app.py")
    return Chat(client, api, workspace), client, source


async def test_files_and_ranges_come_from_the_buffer_first_then_from_disk(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "on disk ö.txt").write_bytes("eins\r\nzwei ö\r\ndrei".encode())
    chat, _, source = await chat_in(editor, api, workspace)
    source.swap("Schöne Grüße", "Unsaved")
    said = await chat.sent("> #file:src/app.py:6-9", "> #file:on disk ö.txt:2")
    assert "Unsaved" in said
    assert "Schöne" not in said
    assert "class Counter" not in said
    assert "zwei ö" in said
    assert "eins" not in said
    assert said.endswith("\n\nQ?")
    for name in (f"src/../src/{source.uri.rpartition('/')[2]}", str(workspace / "src/app.py"), source.uri):
        assert "Unsaved" in await chat.sent(f"> #file:{name}")
    assert "drei" in await chat.sent('> #file:"on disk ö.txt"')


async def test_a_buffer_that_was_never_saved_can_be_named(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    chat, client, _ = await chat_in(editor, api, workspace)
    client.open_text("untitled:Untitled-1", "python", "secret = 'ö'\n")
    assert "secret = 'ö'" in await chat.sent("> #file:untitled:Untitled-1")


async def test_no_line_of_a_file_is_sent_twice_in_a_turn(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    chat, _, _ = await chat_in(editor, api, workspace)
    said = await chat.sent("> #file:src/app.py:6-9", "> #file:src/app.py:1-12", "> #file:src/app.py")
    for line in ("import sys", "def greet(name: str) -> str:", "class Counter:", "sys.argv[1]"):
        assert said.count(line) == 1


async def test_the_selection_is_the_last_one_the_menu_was_opened_for_where_it_is_now(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    chat, client, source = await chat_in(editor, api, workspace)
    assert "nothing has been selected" in await chat.refused("> #selection")
    start = source.find("def add")
    await client.code_actions(source, source.range(start - 4, source.find("        return self.count")))
    source.type("# above\n" * 30, at=0)
    said = await chat.sent("#selection")
    assert "def add(self, n):" in said
    assert "self.count += n" in said
    assert "return self.count" not in said
    assert "# above" not in said
    said = await chat.sent("#buffer")
    assert "# above" in said
    assert "return self.count" in said
    client.close_document(source)
    assert "nothing has been selected" in await chat.refused("> #buffer")


async def test_diagnostics_are_those_that_the_editor_told_with_the_selection(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    chat, client, source = await chat_in(editor, api, workspace)
    where = source.range_of("greeting = ")
    await client.code_actions(
        source, where, diagnostics=[{"range": where, "message": "unused ö", "severity": 2, "source": "ruff"}]
    )
    assert "unused ö" in await chat.sent("#diagnostics")
    assert "unused ö" in await chat.sent("> #diagnostics:src/app.py:6-9")
    assert "unused ö" not in await chat.sent("> #diagnostics:src/app.py:1-3")


async def test_diff_shows_what_changed_since_the_last_commit(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    chat, _, _ = await chat_in(editor, api, workspace)
    assert "git has no diff" in await chat.refused("#diff")
    git(workspace, "init", "-q")
    git(workspace, "add", "src")
    git(workspace, "commit", "-q", "-m", "x")
    assert "no changes" in await chat.refused("#diff")
    (workspace / "src/app.py").write_text("new = 'ö'\n", encoding="utf-8")
    said = await chat.sent("#diff")
    assert "+new = 'ö'" in said
    assert "-import sys" in said


async def test_what_lies_outside_the_workspace_is_never_sent(
    editor: Editors, api: ScriptedApi, workspace: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret", encoding="utf-8")
    (workspace / "link.txt").symlink_to(outside)
    (workspace / "folder").symlink_to(tmp_path)
    chat, _, _ = await chat_in(editor, api, workspace)
    for name in ("../outside.txt", str(outside), outside.as_uri(), "link.txt", "folder/outside.txt"):
        assert "outside the workspace" in await chat.refused(f"> #file:{name}")
    assert all("secret" not in request.raw.decode() for request in api.journal)


async def test_context_that_cannot_be_resolved_stops_the_request_in_a_sentence(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "binary.bin").write_bytes(b"\0\1")
    chat, _, _ = await chat_in(editor, api, workspace)
    for line, sentence in (
        ("> #file:missing.py", "missing.py, which is no file of the workspace"),
        ("> #file:src", "not a file that can be sent"),
        ("> #file:src/app.py:900", "lines that src/app.py does not have"),
        ("> #file:binary.bin", "not a text file"),
        ("> #symbole:greet", "Line 3 of the chat names no context I know: #symbole:greet"),
        ("> #symbol:no_such", "Line 3 of the chat names no_such, which no open document"),
        ("> #file:", "names no context I know"),
    ):
        assert sentence in await chat.refused(line)
    assert "Q?" in await chat.sent()


async def test_context_is_resolved_anew_at_each_send(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "## User\n\n> #file:notes.txt\n\nQ1\n")
    notes = workspace / "notes.txt"
    notes.write_text("before\n", encoding="utf-8")
    await send(client, chat)
    await ended(client)
    notes.write_text("after ö\n", encoding="utf-8")
    chat.type("Q2", at=len(chat.text))
    await send(client, chat)
    await ended(client, 2)
    assert "before" in sent(api.requests[0])[0].text
    assert "after ö" in sent(api.requests[1])[0].text
    assert [said.role for said in sent(api.requests[1])] == ["user", "assistant", "user"]
