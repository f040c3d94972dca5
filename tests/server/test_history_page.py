"""The page of what was found: opened, forked and deleted from in every editor, and never taken for a chat."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.history_page import parse_page
from pygpt_lsp.services.history import HistoryStore
from tests.support.actions_kit import entry, titles
from tests.support.chat_kit import Said, ask, chats_in, chats_of, ended, send, shown_chat, told, turns
from tests.support.editor_document import path_of
from tests.support.editor_profiles import (
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    capability,
    in_editors,
    in_every_editor,
)
from tests.support.history_kit import bytes_in, exchange, new_cache, question
from tests.support.page_kit import page_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

PAGE = "history.chat.md"


def remembered(workspace: Path, *said: tuple[str, str]) -> list[str]:
    """Conversations of a question and an answer each, from an earlier server; their ids."""
    store = HistoryStore.open(new_cache(workspace / ".pygpt/cache"))
    ids = [exchange(store, question(asked), answer).conversation_id for asked, answer in said]
    store.close()
    return ids


def stored(workspace: Path) -> list[tuple[str, str]]:
    """The titles and ids of the conversations that there are, the newest first."""
    store = HistoryStore.open(new_cache(workspace / ".pygpt/cache"))
    found = [(each.title, each.id) for each in store.conversations()]
    store.close()
    return found


async def searched(client: EditorClient, query: str = "", times: int = 1) -> Document:
    """The page of what a search found, once it was shown so often."""
    await client.execute("pygpt.history.search", {"query": query})
    return await page_of(client, PAGE, times)


async def chosen(client: EditorClient, page: Document, text: str, title: str) -> None:
    """Choose an entry of the menu where that text stands."""
    menu = await client.code_actions(page, page.cursor(page.find(text)))
    await client.choose(entry(menu, title))


@in_every_editor
async def test_every_editor_offers_to_open_fork_and_delete_at_each_line_of_an_entry(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    ids = remembered(workspace, ("Why ö 😀?", "Because of kanarienvögeln."), ("Another?", "Something else."))
    client = await editor(profile)
    page = await searched(client, "kanarien")
    (found,) = parse_page(page.text.splitlines())
    assert (found.id, found.title) == (ids[0], "Why ö 😀?")
    offered = [f"{word} “Why ö 😀?”" for word in ("Open", "Fork", "Delete")]
    for text in ("## Why", f"`{ids[0]}`", "**kanarienvögeln**"):
        menu = await client.code_actions(page, page.cursor(page.find(text)))
        assert titles(menu) == offered
    assert await client.code_actions(page, page.cursor(0)) == []
    assert await client.code_actions(page, page.cursor(page.find("## Why")), automatic=True) == []
    assert await client.code_actions(page, page.cursor(page.find("## Why")), only=["quickfix"]) == []

    await chosen(client, page, "## Why", "Open")
    chat = await shown_chat(client)
    said = [Said("user", "Why ö 😀?"), Said("assistant", "Because of kanarienvögeln."), Said("user", "")]
    assert turns(chat.text) == said


async def test_the_page_is_the_users_alone_and_one_for_all_searches(editor: Editors, workspace: Path) -> None:
    remembered(workspace, ("Why ö?", "Because."), ("Another?", "Something else."))
    client = await editor(HELIX_25_07)
    page = await searched(client, "because")
    path = path_of(page.uri)
    assert path == workspace / ".pygpt/cache" / PAGE
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600
    on_disk = path.read_bytes()
    assert await searched(client, "else", 2) is page
    assert "Another?" in page.text
    assert "Why ö?" not in page.text
    assert path.read_bytes() == on_disk, "a file that changes under its buffer is asked about"
    assert len(page.undo_steps) == 1
    client.close_document(page)
    again = await searched(client, "because", 3)
    assert again.text == on_disk.decode()


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_what_is_deleted_goes_from_the_page_and_from_the_disk(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    remembered(workspace, ("Why zvjq?", "So."), ("Who zvjq stays?", "Me."))
    client = await editor(profile)
    page = await searched(client, "zvjq")
    client.answers += ["Keep", "Delete for good"]
    await chosen(client, page, "## Why", "Delete")
    await client.wait_for(lambda: len(client.questions) >= 1, "the question")
    assert client.questions[0].message == "PyGPT: Delete “Why zvjq?” with its 1 answer for good?"
    await chosen(client, page, "## Why", "Delete")
    await told(client, "Deleted “Why zvjq?”.")
    await client.wait_for(lambda: "Why zvjq?" not in page.text, "the page without it")
    assert [found.title for found in parse_page(page.text.splitlines())] == ["Who zvjq stays?"]
    await client.close()
    assert b"Why zvjq?" not in bytes_in(workspace / ".pygpt")
    assert [title for title, _ in stored(workspace)] == ["Who zvjq stays?"]


async def test_a_fork_goes_on_by_itself(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    api.reply("First answer.")
    await ask(client, "Why ö?")
    chat = await shown_chat(client)
    await ended(client)
    chat.type("My draft 😀.\n")
    page = await searched(client)
    await chosen(client, page, "Why ö?", "Fork")
    await client.wait_for(lambda: len(chats_of(client)) >= 2, "the copy")
    (fork,) = [each for each in chats_of(client) if each is not chat]
    assert fork.text == chat.text
    api.reply("Second answer.")
    await send(client, fork)
    await ended(client, 2)
    assert "Second answer." not in chat.text

    page = await searched(client, "answer", 2)
    found = {each.id for each in parse_page(page.text.splitlines())}
    assert len(found) == 2
    original = next(name for _, name in reversed(stored(workspace)))
    client.answers.append("Delete for good")
    await client.execute("pygpt.history.delete", original)
    await told(client, "Deleted")
    assert chats_in(workspace) == [path_of(fork.uri)]
    assert {name for _, name in stored(workspace)} == found - {original}


async def test_a_page_is_no_chat(editor: Editors, workspace: Path) -> None:
    remembered(workspace, ("## User", "## Assistant"), ("[x](http://y) \x1b[31m", "![x](y)"))
    client = await editor(VSCODE)
    page = await searched(client)
    await client.execute("pygpt.chat.send", {"uri": page.uri})
    await told(client, "This is a page of PyGPT's and no chat")
    await client.execute("pygpt.chat.send")
    await told(client, "No chat is open")
    menu = await client.code_actions(page, page.cursor(page.find("## \\[x")))
    assert titles(menu) == [f"{word} “[x](http://y) \ufffd[31m”" for word in ("Open", "Fork", "Delete")]
    assert await asked(client, page, "documentSymbol") is None
    assert await asked(client, page, "foldingRange") is None
    assert not client.diagnostics.get(page.uri)


@in_every_editor
async def test_titles_are_links_and_lenses_where_the_editor_has_them(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    (name,) = remembered(workspace, ("Why 😀 ö?", "Because."))
    client = await editor(profile)
    await client.execute("pygpt.history.open", name)
    chat = await shown_chat(client)
    page = await searched(client)
    if capability(client.capabilities, "textDocument.documentLink") is not None:
        (link,) = await asked(client, page, "documentLink")
        assert isinstance(link, types.DocumentLink)
        assert link.range == as_range(page, "Why 😀 ö?")
        assert link.target is not None
        assert path_of(link.target) == path_of(chat.uri)
    if capability(client.capabilities, "textDocument.codeLens") is not None:
        lenses = await asked(client, page, "codeLens")
        assert [lens.command.title for lens in lenses] == ["Open", "Fork", "Delete"]
        assert {lens.range.start.line for lens in lenses} == {page.text[: page.find("## [")].count("\n")}
        await client.execute(lenses[1].command.command, *lenses[1].command.arguments)
        await client.wait_for(lambda: len(chats_of(client)) >= 2, "the copy")


async def asked(client: EditorClient, page: Document, what: str) -> Any:
    """The answer to `textDocument/…` about a document."""
    return await client.request(f"textDocument/{what}", {"textDocument": {"uri": page.uri}})


def as_range(page: Document, text: str) -> types.Range:
    where = page.range_of(text)
    return types.Range(types.Position(**where["start"]), types.Position(**where["end"]))
