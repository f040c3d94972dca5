"""Asking again about a file goes on in the chat that is open, if the user wants that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.chat import parse_chat
from tests.support.actions_kit import choose
from tests.support.chat_kit import ask, chats_in, chats_of, ended, holds, open_chat, send, sent, shown_chat
from tests.support.editor_profiles import EGLOT, HELIX_25_07, PROFILES, VSCODE, capability, in_editors

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editor_text import Json
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

ASKS = [profile for profile in PROFILES if profile not in (EGLOT, PROFILES[1])]
"""The editors that say that they can ask."""


async def asked_once(client: EditorClient, workspace: Path) -> tuple[Document, Document]:
    """The sample, and the answered chat about it."""
    doc = client.open(workspace / "src/app.py")
    await ask(client, "Why ö?", uri=doc.uri, range=doc.range_of("return greeting"))
    chat = await shown_chat(client)
    await ended(client)
    return doc, chat


@in_editors(*ASKS)
async def test_the_selection_goes_below_the_next_question_of_the_open_chat(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    assert capability(client.capabilities, "window.showMessage") is not None
    doc, chat = await asked_once(client, workspace)
    (name,) = (path.name.removesuffix(".chat.md") for path in chats_in(workspace))
    before = chat.text
    client.answers.append(f"Continue {name}")
    await choose(client, doc, doc.range_of("self.count += n"), "Ask")
    await holds(client, chat, "> #file:src/app.py:17")
    assert client.questions[0].message == "PyGPT: A chat about src/app.py is open. Ask there?"
    assert [action.title for action in client.questions[0].actions or []] == [f"Continue {name}", "New chat"]
    assert chat.text.startswith(before.rstrip("\n"))
    await client.wait_for(lambda: len(client.shown) >= 2, "the chat to be shown again")
    assert client.shown[1].selection is not None
    assert client.shown[1].selection.start.line >= parse_chat(chat.text).turns[-1].context[-1].line

    chat.type("And this?\n")
    await send(client, chat)
    await ended(client, 2)
    assert "self.count += n" in sent(api.requests[1])[-1].text
    assert sent(api.requests[1])[-1].text.endswith("And this?")
    assert len(chats_in(workspace)) == 1


async def test_a_new_chat_is_made_if_the_user_wants_one_and_none_if_they_want_nothing(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(VSCODE)
    doc, _ = await asked_once(client, workspace)
    client.answers += [None, "New chat"]
    await client.execute("pygpt.ask", {"uri": doc.uri})
    await client.wait_for(lambda: len(client.questions) >= 1, "the first question")
    await client.execute("pygpt.ask", {"uri": doc.uri})
    await client.wait_for(lambda: len(chats_of(client)) >= 2, "a second chat")
    assert len(chats_in(workspace)) == 2


async def test_where_the_editor_cannot_ask_a_new_chat_is_made(editor: Editors, workspace: Path) -> None:
    client = await editor(EGLOT)
    doc, _ = await asked_once(client, workspace)
    await client.execute("pygpt.ask", {"uri": doc.uri})
    await client.wait_for(lambda: len(chats_of(client)) >= 2, "a second chat")
    assert client.questions == []


async def test_a_chat_about_another_file_is_not_offered(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    open_chat(client, workspace, "## User\n\n> #file:src/other.py\n\nWhy?\n")
    doc = client.open(workspace / "src/app.py")
    await client.execute("pygpt.ask", {"uri": doc.uri})
    await client.wait_for(lambda: len(chats_of(client)) >= 2, "a chat of its own")
    assert client.questions == []


async def test_what_the_user_has_begun_to_write_stays(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    text = "## User\r\n\r\n> #diagnostics:src/app.py:1-20\r\n\r\nMy draft ö 😀"
    chat = open_chat(client, workspace, text)
    doc = client.open(workspace / "src/app.py")
    client.answers += ["Continue talk", "Continue talk"]
    for count in (1, 2):  # asked twice, added once
        await client.execute("pygpt.ask", {"uri": doc.uri, "range": {"start_line": 5}})
        await client.wait_for(lambda count=count: len(client.shown) >= count, "the chat to be shown")
    assert chat.text == text.replace("1-20\r\n", "1-20\r\n> #file:src/app.py:5\r\n")


async def test_a_chat_of_another_folder_in_which_the_name_means_another_file_is_not_offered(
    editor: Editors, workspace: Path, tmp_path: Path
) -> None:
    other = tmp_path / "ö"
    (other / "src").mkdir(parents=True)
    (other / "src/app.py").write_text("other = 1\n", encoding="utf-8")

    def tweak(params: Json) -> None:
        params["workspaceFolders"] += [{"uri": other.as_uri(), "name": "ö"}]

    client = await editor(VSCODE, tweak=tweak)
    for name in ("src/app.py", str(other / "src/app.py")):
        open_chat(client, workspace, f"## User\n\n> #file:{name}\n\nWhy?\n", f"{len(name)}.chat.md")
    doc = client.open(other / "src/app.py")
    await client.execute("pygpt.ask", {"uri": doc.uri})
    await client.wait_for(lambda: len(chats_of(client)) >= 3, "a chat of its own")
    assert client.questions == []
    assert chats_in(other)
