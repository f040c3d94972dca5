"""A hover in a chat shows exactly what its line will send, and what its turns took."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from tests.support.chat_kit import ended, open_chat, send, sent
from tests.support.editor_profiles import EGLOT, HELIX_25_07, VSCODE, Profile, in_editors, in_every_editor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


async def hovered(editor: EditorClient, chat: Document, at: str, nth: int = 0) -> str:
    """What a hover over the nth `at` of a chat says; "" where it says nothing."""
    start = [match.start() for match in re.finditer(re.escape(at), chat.text)][nth]
    params = {"textDocument": {"uri": chat.uri}, "position": chat.position(start + 1)}
    found: types.Hover | None = await editor.request("textDocument/hover", params)
    if found is None:
        return ""
    assert isinstance(found.contents, types.MarkupContent)
    assert found.range is not None
    assert at in chat.text_in(found.range)
    formats: Any = editor.capabilities["textDocument"]["hover"]["contentFormat"]
    assert found.contents.kind.value in formats
    return found.contents.value


def block(text: str) -> str:
    """The code block of a hover."""
    match = re.search(r"(`{3,})text\n(.*)\n\1", text, re.DOTALL)
    assert match, text
    return match[2]


@in_every_editor
async def test_a_context_line_shows_what_is_then_sent_for_it_in_every_editor(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    source = client.open(workspace / "src/app.py")
    lines = ["> #file:src/app.py:6-9", "> #file:src/app.py:1-12", "> #file:notes ö😀.md"]
    (workspace / "notes ö😀.md").write_bytes(b"# ```heading```\r\n![x](https://example.org/x.png)\r\n")
    chat = open_chat(client, workspace, "## User\r\n\r\n" + "\r\n".join(lines) + "\r\n\r\nWhy?\r\n")
    source.swap("Schöne Grüße", "Unsaved")
    shown = [await hovered(client, chat, line.removeprefix("> ")) for line in lines]
    assert all("about" in each and "tokens" in each for each in shown)
    await send(client, chat)
    await ended(client)
    (said,) = sent(api.requests[0])
    if profile is EGLOT:
        blocks = [each.partition("\n\n")[2] for each in shown]
    else:
        blocks = [block(each) for each in shown]
    assert said.text == "\n\n".join([*blocks, "Why?"])
    assert "Unsaved" in blocks[0]


async def test_a_line_that_is_refused_says_why_with_the_rule(editor: Editors, workspace: Path) -> None:
    (workspace / ".gitignore").write_text("*.log\n")
    (workspace / "x.log").write_text("x")
    (workspace / ".env").write_text("x")
    client = await editor(HELIX_25_07)
    text = "## User\n\n> #file:x.log\n> #file:.env\n> #file:missing\n> #diff\n> #nothing\n\nWhy?\n"
    chat = open_chat(client, workspace, text)
    for line, reason in (
        ("#file:x.log", r"\*.log"),
        ("#file:.env", "environment files are never sent"),
        ("#file:missing", "is no file of the workspace"),
        ("#diff", "git has no diff"),
        ("#nothing", "names no context I know"),
    ):
        said = await hovered(client, chat, line)
        assert said.startswith("It stops the request. This line ")
        assert reason in said
    assert await hovered(client, chat, "Why?") == ""
    (workspace / ".gitignore").write_text("")
    assert block(await hovered(client, chat, "#file:x.log"))


async def test_what_lines_above_give_is_not_given_again_and_a_long_file_is_capped(
    editor: Editors, workspace: Path
) -> None:
    (workspace / "long.txt").write_text("".join(f"line {number}\n" for number in range(5000)))
    client = await editor(VSCODE, options={"max_input_tokens": 1000})
    text = "## User\n\n> #file:src/app.py\n> #file:src/app.py:1-3\n> #file:long.txt\n\nWhy?\n"
    chat = open_chat(client, workspace, text)
    assert "lines above have given it all" in await hovered(client, chat, "#file:src/app.py:1-3")
    said = await hovered(client, chat, "#file:long.txt")
    assert "line 10\n" in said
    assert "line 100\n" not in said
    assert re.search(r"… and [\d,]+ characters more", said)
    assert "more than your limit of 1,000" in said


async def test_a_line_that_gives_nothing_says_why(editor: Editors, workspace: Path) -> None:
    (workspace / "leer ö.txt").write_bytes(b"\r\n")
    client = await editor(HELIX_25_07)
    client.open(workspace / "src/app.py")
    lines = ("#file:leer ö.txt", "#diagnostics:src/app.py", "#file:src/app.py", "#symbol:greet")
    chat = open_chat(client, workspace, "## User\n\n> " + "\n> ".join(lines) + "\n\nWhy?\n")
    nothing = "Nothing is sent for this line: "
    assert nothing + "it is empty." in await hovered(client, chat, lines[0])
    assert nothing + "nothing was reported there." in await hovered(client, chat, lines[1])
    assert nothing + "lines above have given it all." in await hovered(client, chat, lines[3])


async def test_an_excluded_file_that_is_open_is_shown_with_what_is_asked_first(
    editor: Editors, workspace: Path
) -> None:
    (workspace / ".gitignore").write_text("secret.txt\n")
    (workspace / "secret.txt").write_text("canary ö\n")
    client = await editor(VSCODE)
    client.open(workspace / "secret.txt")
    chat = open_chat(client, workspace, "## User\n\n> #file:secret.txt\n\nWhy?\n")
    said = await hovered(client, chat, "#file:secret.txt")
    assert "you are asked first" in said
    assert "canary ö" in block(said)
    assert not client.questions


@in_editors(HELIX_25_07, EGLOT)
async def test_a_turn_shows_model_tokens_price_duration_and_time_of_its_answer(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile, options={"prices": {"gpt-5.5": [1000, 1000]}})
    chat = open_chat(client, workspace, "---\nmodel: gpt-5.5\n---\n\n## User\n\nWhy ö?\n")
    before = await hovered(client, chat, "## User")
    assert re.search(
        r"All that would be sent to gpt-5.5: about [\d,]+ of 32,000 tokens, at a price of", before
    )
    api.reply("Because 😀.\n\n```python\nx = 1\n```\n\nThat is all.")
    await send(client, chat)
    await ended(client)
    for heading in ("## Assistant", "## User"):
        said = await hovered(client, chat, heading)
        took = (
            r"gpt-5.5.* · 11 tokens in, 7 out, at a price of 0.0180 · [\d.]+ s · 20\d\d-\d\d-\d\d \d\d:\d\d"
        )
        assert re.search(took, said), said
    chat.swap("That is all.", "That is not what was said.")
    assert await hovered(client, chat, "## Assistant") == ""


async def test_without_a_history_nothing_is_known_and_none_is_made(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "## User\n\nWhy?\n\n## Assistant\n\nSo.\n")
    assert await hovered(client, chat, "## Assistant") == ""
    assert not (workspace / ".pygpt").exists()
