"""Context lines lead where they say: as links, and by "go to definition"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.support.chat_kit import open_chat
from tests.support.editor_profiles import HELIX_25_07, VSCODE, capability, in_editors, in_every_editor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CHAT = """\
## User

ö 😀
> #file:src/app.py:7-8
> #file:"src/ö 😀.py"
  > #diagnostics:src/app.py
> #file:src/gone.py
> #file:../outside.py:1
> #file:/etc/hostname
> #selection #buffer #selection
> #file:src
Why?
"""
LINES = '    """Say hello to ö and 😀."""\n    greeting = "Schöne Grüße, 😀 " + name'


@pytest.fixture
def files(workspace: Path) -> Path:
    (workspace / "src/ö 😀.py").write_bytes("ö = '😀'\n".encode())
    (workspace.parent / "outside.py").write_bytes(b"1\n")
    return workspace


async def links(editor: EditorClient, chat: Document) -> Sequence[types.DocumentLink]:
    return await editor.request("textDocument/documentLink", {"textDocument": {"uri": chat.uri}})


async def definition(editor: EditorClient, chat: Document, offset: int) -> Any:
    place = {"textDocument": {"uri": chat.uri}, "position": chat.position(offset)}
    return await editor.request("textDocument/definition", place)


async def goes_to(editor: EditorClient, chat: Document, offset: int) -> tuple[str, types.Range]:
    """The one place that the reference leads to."""
    found = await definition(editor, chat, offset)
    if isinstance(found, types.Location):
        return found.uri, found.range
    (link,) = found
    return link.target_uri, link.target_range


@pytest.mark.parametrize("eol", ["\n", "\r\n"], ids=["lf", "crlf"])
@in_every_editor
async def test_references_to_files_that_are_there_are_links(
    editor: Editors, files: Path, profile: Profile, eol: str
) -> None:
    client = await editor(profile)
    chat = open_chat(client, files, CHAT.replace("\n", eol))
    line = "#L7" if capability(client.capabilities, "textDocument.documentLink.tooltipSupport") else ""
    app, special = (files / "src/app.py").as_uri(), (files / "src/ö 😀.py").as_uri()
    assert [(chat.text_in(link.range), link.target) for link in await links(client, chat)] == [
        ("#file:src/app.py:7-8", f"{app}{line}"),
        ('#file:"src/ö 😀.py"', special),
        ("#diagnostics:src/app.py", app),
    ]


@in_every_editor
@pytest.mark.parametrize("opened", [True, False], ids=["open", "on disk"])
async def test_a_context_line_goes_to_its_lines(
    editor: Editors, files: Path, profile: Profile, opened: bool
) -> None:
    client = await editor(profile)
    chat = open_chat(client, files, CHAT)
    code = client.open(files / "src/app.py")
    if not opened:
        client.close_document(code)
    for needle in ("#file:src/app.py:7-8", "app.py:7", ":7-8"):
        uri, where = await goes_to(client, chat, chat.find(needle))
        assert uri == code.uri
        assert code.text_in(where) == LINES
    uri, where = await goes_to(client, chat, chat.find("#diagnostics"))
    assert (uri, where) == (code.uri, types.Range(types.Position(0, 0), types.Position(0, 0)))


async def test_the_whole_reference_is_shown_as_what_leads_there_where_the_editor_can(
    editor: Editors, files: Path
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, files, CHAT)
    (link,) = await definition(client, chat, chat.find("app.py:7"))
    assert chat.text_in(link.origin_selection_range) == "#file:src/app.py:7-8"
    assert link.target_selection_range.start == link.target_range.start


async def test_lines_that_the_file_does_not_have_lead_to_its_end(editor: Editors, files: Path) -> None:
    client = await editor()
    chat = open_chat(client, files, "## User\n\n> #file:src/ö 😀.py:2-9000\n> #file:src/ö 😀.py:900\n")
    for needle in (":2-9000", ":900\n"):
        _, where = await goes_to(client, chat, chat.find(needle))
        assert where == types.Range(types.Position(1, 0), types.Position(1, 0))


async def test_the_selection_is_where_it_is_now(editor: Editors, files: Path) -> None:
    client = await editor(HELIX_25_07)
    code = client.open(files / "src/app.py")
    await client.code_actions(code, code.range_of("self.count += n\n"))
    code.type("# ö 😀\n", at=0)
    chat = open_chat(client, files, CHAT)
    for needle in ("#selection", "#buffer", "#selection\n"):
        uri, where = await goes_to(client, chat, chat.text.rindex(needle))
        assert uri == code.uri
        assert code.text_in(where) == "        self.count += n"


async def test_what_leads_nowhere_says_nothing(editor: Editors, files: Path) -> None:
    client = await editor()
    chat = open_chat(client, files, CHAT)
    for needle in ("#file:src/gone", "../outside", "/etc", "#buffer", "Why?", "## User", "#file:src\n"):
        assert await definition(client, chat, chat.find(needle)) is None


async def test_a_document_that_was_never_saved_is_found_by_its_uri(editor: Editors, files: Path) -> None:
    client = await editor(VSCODE)
    unsaved = client.open_text("untitled:Untitled-1", "python", "ö = 1\nb = 2\n")
    chat = open_chat(client, files, f"## User\n\n> #file:{unsaved.uri}:2\n")
    (link,) = await links(client, chat)
    assert link.target == "untitled:Untitled-1#L2"
    uri, where = await goes_to(client, chat, chat.find("#file"))
    assert (uri, unsaved.text_in(where)) == (unsaved.uri, "b = 2")


@in_editors(HELIX_25_07, VSCODE)
async def test_a_symbol_leads_to_its_definition(editor: Editors, files: Path, profile: Profile) -> None:
    client = await editor(profile)
    text = "## User\n\n> #symbol:src/app.py:greet\n> #symbol:Counter.add\n> #symbol:gone\n"
    chat = open_chat(client, files, text)
    code = client.open(files / "src/app.py")
    for needle, first in (("#symbol:src", "def greet("), ("#symbol:Counter", "    def add(")):
        uri, where = await goes_to(client, chat, chat.find(needle))
        assert uri == code.uri
        assert code.text_in(where).startswith(first)
    assert await definition(client, chat, chat.find("#symbol:gone")) is None
    client.close_document(code)
    uri, _ = await goes_to(client, chat, chat.find("#symbol:src"))
    assert uri == code.uri
    assert await definition(client, chat, chat.find("#symbol:Counter")) is not None  # the chat names its file
