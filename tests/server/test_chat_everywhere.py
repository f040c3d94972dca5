"""What other files look at closely in an editor or two works in every recorded one: one session a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.history_page import parse_page
from tests.server.test_chat_diagnostics import codes
from tests.server.test_chat_hover import hovered
from tests.support.actions_kit import choose, entry, titles
from tests.support.chat_kit import (
    Said,
    answer_of,
    ask,
    chats_in,
    ended,
    holds,
    open_chat,
    send,
    sent,
    system_of,
    told,
    turns,
)
from tests.support.completion_kit import complete, typed, until
from tests.support.editor_document import path_of
from tests.support.editor_profiles import capability, in_every_editor
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.json_rpc import LspError
from tests.support.page_kit import page_of
from tests.support.prompt_kit import put, put_preset, put_prompt
from tests.support.request_kit import body_of, page
from tests.support.server_kit import stored_turns
from tests.support.troubled_server import troubled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.lsp_client import EditorClient

NOT_FOUND = -32601
LEFT_ALONE = ("rename", "prepareRename", "formatting", "rangeFormatting", "onTypeFormatting")
CONTEXT = {
    "> #nothing": "unknown-context",
    "> #file:ö 😀.py": "missing-file",
    "> #file:src/app.py:900": "missing-lines",
    "> #symbol:gone": "missing-symbol",
    "> #symbol:add": "ambiguous-symbol",
    "> #file:../outside.txt": "outside",
    "> #file:x.log": "ignored",
    "> #file:.env": "private",
    "> #file:binary": "no-text",
    "> #selection": "no-selection",
}
BROKEN = {
    "---\nmodel: [\n---\n\n## User\n\nWhy?\n": ("front-matter",),
    "---\ntemprature: 1\npreset: nobody\n---\n\n## User\n\nWhy?\n": ("unknown-key", "unknown-preset"),
    "## User\n\n/nonsense\n": ("unknown-mention",),
    "## User\n\n```\nö 😀\n\n## Assistant\n": ("open-fence",),
    f"## User\n\n{'many words ' * 1000}\n": ("too-large",),
}


@pytest.fixture
async def keyless(home: Path, workspace: Path) -> AsyncIterator[Editors]:
    """As `editor`, where no key is to be had and the address wants one; nothing is sent there."""
    env = clean_env(home, OPENAI_BASE_URL="https://api.example.org/v1")
    editors = Editors(env, workspace, troubled("no-keyring"))
    yield editors
    assert await editors.close() == []


async def shown_chats(client: EditorClient, workspace: Path, count: int) -> list[Document]:
    """The chats of the workspace, once there are so many and each is open: where the editor cannot open them
    for the server, its user does."""
    if not capability(client.capabilities, "window.showDocument.support"):

        def paths() -> list[str]:
            return [each.message for each in client.messages if "The chat is in " in each.message]

        await client.wait_for(lambda: len(paths()) >= count, f"the paths of {count} chats")
        for path in chats_in(workspace):
            if path.as_uri() not in client.documents:
                client.open(path)

    def chats() -> list[Document]:
        return [
            client.documents[path.as_uri()]
            for path in chats_in(workspace)
            if path.as_uri() in client.documents
        ]

    await client.wait_for(lambda: len(chats()) >= count, f"{count} chats to be open")
    return chats()


async def chosen(client: EditorClient, document: Document, at: str, title: str) -> None:
    """Choose from the menu where that text stands."""
    await choose(client, document, document.cursor(document.text.index(at)), title)


@in_every_editor
async def test_all_that_a_chat_can_hold_is_completed(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    put_prompt(workspace, "größe", "Check ö.")
    put_preset(workspace, "careful", "---\nmodel: gpt-9\n---\nThink.")
    client = await editor(profile)
    client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, "---\nmo\npre\n---\n\n## User\n\n")
    for letters, key, value in (("mo\n", "model", "gpt-9"), ("pre\n", "preset", "careful")):
        (await complete(client, chat, chat.find(letters) + len(letters) - 1)).choose(key)
        at = chat.find(f"{key}: ") + len(f"{key}: ")
        (await until(client, chat, value, at=at)).choose(value)
    for letters, label in (
        ("\n#sel", "#selection"),
        ("\n#buf", "#buffer"),
        ("\n#diag", "#diagnostics"),
        ("\n#dif", "#diff"),
        ("\n#symbol:ad", "Counter.add"),
        ("\n#app", "src/app.py"),
        ("\n\n@", "@careful"),
        (" /grö", "/größe"),
    ):
        await typed(client, chat, letters)
        (await until(client, chat, label)).choose(label)
    assert chat.text.startswith('---\nmodel: "gpt-9"\npreset: "careful"\n---\n')
    assert chat.text.partition("## User")[2].split() == [
        ">", "#selection", ">", "#buffer", ">", "#diagnostics", ">", "#diff",
        ">", "#symbol:src/app.py:Counter.add", ">", "#file:src/app.py", "@careful", "/größe",
    ]  # fmt: skip


@in_every_editor
async def test_each_thing_against_sending_a_chat_is_marked_and_its_formatting_and_names_are_left_alone(
    keyless: Editors, workspace: Path, profile: Profile
) -> None:
    put(workspace, ".gitignore", "*.log\n")
    for name in ("x.log", ".env", "../outside.txt"):
        put(workspace, name, "x")
    put(workspace, "binary", "\0\1")
    put(workspace, "src/other.py", "class Other:\n    def add(self):\n        pass\n")
    client = await keyless(profile, options={"max_input_tokens": 1000, "updates": {"check": False}})
    client.open(workspace / "src/app.py")
    client.open(workspace / "src/other.py")
    text = f"## User\n\n{chr(10).join(CONTEXT)}\n\nWhy ö 😀?\n"
    chat = open_chat(client, workspace, text)
    marked = await codes(client, chat, "no-api-key", *CONTEXT.values())
    assert {each.at: each.code for each in marked[1:]} == {
        line.removeprefix("> "): code for line, code in CONTEXT.items()
    }
    for line in CONTEXT:
        assert (await hovered(client, chat, line.removeprefix("> "))).startswith("It stops the request.")
    for broken, wanted in BROKEN.items():
        chat.replace(0, len(chat.text) - chat.text.endswith("\n"), broken.removesuffix("\n"))
        await codes(client, chat, "no-api-key", *wanted)

    before, version = chat.text, chat.version
    where = {"textDocument": {"uri": chat.uri}, "position": chat.position(0), "range": chat.range(0, 2)}
    more = {"newName": "x", "ch": "}", "options": {"tabSize": 4, "insertSpaces": True}}
    for name in LEFT_ALONE:
        method = f"textDocument/{name}"
        call = client.call(method, where | more)
        await client.wait_for(call.answer.done, method)
        with pytest.raises(LspError) as refused:
            call.answer.result()
        assert refused.value.code == NOT_FOUND
        assert method not in client.registrations
    offered = client.server.capabilities
    assert not any((
        offered.rename_provider,
        offered.document_formatting_provider,
        offered.document_range_formatting_provider,
        offered.document_on_type_formatting_provider,
    ))  # fmt: skip
    assert (chat.text, chat.version, client.edits) == (before, version, [])


@in_every_editor
async def test_one_asks_with_and_without_a_question_and_again(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    code = client.open(workspace / "src/app.py")
    where = code.range(code.find("    def add"), code.find("\n\nif __name__"))
    await client.choose(entry(await client.code_actions(code, where), "Ask…"))
    (chat,) = await shown_chats(client, workspace, 1)
    assert chat.text.endswith("\n## User\n\n> #file:src/app.py:16-18\n\n\n")
    assert api.requests == []
    if client.shown:
        assert client.shown[0].selection is not None
        assert client.shown[0].selection.start.line == chat.text.count("\n") - 1
    chat.type("Why 😀?", at=len(chat.text) - profile.final_newline)
    await send(client, chat)
    await ended(client)
    assert sent(api.requests[0])[0].text.endswith("Why 😀?")

    asks = capability(client.capabilities, "window.showMessage") is not None
    if asks:
        client.answers.append(f"Continue {path_of(chat.uri).name.removesuffix('.chat.md')}")
    await choose(client, code, code.range_of("    greeting = "), "Ask…")
    if asks:
        await holds(client, chat, "> #file:src/app.py:8")
    before = len(await shown_chats(client, workspace, 1 if asks else 2))

    await ask(client, "Was heißt das, ö? 😀", uri=code.uri, range=where)  # with a question it is sent at once
    await api.until_requests(2)
    await shown_chats(client, workspace, before + 1)
    assert len(client.questions) == asks
    await ended(client, 2)
    (said,) = [each for each in sent(api.requests[1]) if "heißt" in each.text]
    assert said.text.endswith("Was heißt das, ö? 😀")
    assert "self.count += n" in said.text


@in_every_editor
async def test_a_chat_with_a_preset_and_a_chosen_model_has_a_title_and_is_found_forked_and_deleted(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    put_preset(workspace, "careful", "---\ntemperature: 0.5\n---\nThink ö.")
    client = await editor(profile)
    await client.execute("pygpt.model.select", "gpt-chosen")
    await told(client, "The model is gpt-chosen (chosen for this workspace)")
    await client.execute("pygpt.chat.new", {"preset": "careful"})
    (chat,) = await shown_chats(client, workspace, 1)
    chat.type("Warum ö, 😀?\nAnd so on.", at=len(chat.text) - 1)
    await send(client, chat)
    await ended(client)
    (request,) = api.requests
    assert (request.json["model"], request.json["temperature"]) == ("gpt-chosen", 0.5)
    assert "Think ö." in system_of(request)
    assert len(api.requests) == 1, "nobody is asked for a title"
    symbols = await client.request("textDocument/documentSymbol", {"textDocument": {"uri": chat.uri}})
    assert symbols[0].name == "User: Warum ö, 😀?"
    await client.execute("pygpt.history.search", "and so")
    found = await page_of(client, "history.chat.md")
    (listed,) = parse_page(found.text.splitlines())
    assert listed.title == "Warum ö, 😀?"

    await client.execute("pygpt.showLastRequest")
    assert body_of(await page(client)) == request.body

    await chosen(client, found, "## ", "Fork")
    (fork,) = [each for each in await shown_chats(client, workspace, 2) if each is not chat]
    assert turns(fork.text) == turns(chat.text)
    client.answers.append("Delete for good")
    await chosen(client, found, "## ", "Delete")
    await told(client, "Deleted “Warum ö, 😀?”.")
    await client.wait_for(lambda: f"`{listed.id}`" not in found.text, "the page without it")
    assert chats_in(workspace) == [path_of(fork.uri)]


@in_every_editor
async def test_a_chat_is_sent_stopped_asked_again_previewed_and_applied_from_its_menu(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    code = client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, "## User\n\nWhy ö 😀?\n")
    await chosen(client, chat, "Why", "Preview request")
    shown = body_of(await page(client))
    reply = api.stream()
    await chosen(client, chat, "Why", "Send")
    reply.send("Begun 😀. ")
    await holds(client, chat, "Begun 😀. ")
    assert api.requests[0].body == shown
    for command in ("pygpt.chat.send", "pygpt.chat.regenerate"):
        before = len(client.messages)
        await client.execute(command, {"uri": chat.uri})
        await told(client, "being answered already", after=before)
    menu = titles(await client.code_actions(chat, chat.cursor(0)))
    assert menu[0] == "Stop"
    assert "Send" not in menu
    await chosen(client, chat, "Begun", "Stop")
    assert await ended(client) == "PyGPT: stopped"
    assert "<!-- pygpt: stopped -->" in chat.text

    edit = "src/app.py\n```python\n<<<<<<< SEARCH\nimport sys\n=======\nimport os\n>>>>>>> REPLACE\n```"
    api.reply(edit)
    await chosen(client, chat, "Begun", "Regenerate")
    await ended(client, 2)
    assert answer_of(chat.text) == edit
    assert [sent(request) for request in api.requests] == [[Said("user", "Why ö 😀?")]] * 2
    await chosen(client, chat, "import sys", "Apply this edit")
    await told(client, "changed src/app.py in 1 place")
    assert "\nimport os\n" in code.text


@in_every_editor
async def test_several_chats_and_an_edit_at_once_keep_to_themselves(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    code = client.open(workspace / "src/app.py")
    replies = [api.stream(), api.stream(), api.stream()]
    for number in range(2):
        open_chat(client, workspace, f"## User\n\nQuestion {number}\n", f"{number}.chat.md")
        await client.execute("pygpt.chat.send", f"{number}.chat.md")
        await api.until_requests(number + 1)
    await choose(client, code, code.range_of("import sys"), "Simplify")
    await api.until_requests(3)
    texts = [(await reply.until_taken()).text for reply in replies]
    by_question = {text.partition("Question ")[2]: reply for text, reply in zip(texts, replies, strict=True)}
    edit = by_question.pop("")
    for number in range(8):
        for name, reply in by_question.items():
            reply.send(f"{name}: {number} 😀. ")
        if number == 4:
            edit.send("```python\nimport os  # ö\n```")
            edit.finish()
            await client.wait_for(lambda: "import os  # ö" in code.text, "the edit")
    for reply in by_question.values():
        reply.finish()
    await ended(client, 3)
    for name in by_question:
        chat = client.document(workspace / f"{name}.chat.md")
        assert answer_of(chat.text) == "".join(f"{name}: {number} 😀. " for number in range(8))
    stored = {turn.answer for turn in stored_turns(workspace / ".pygpt/cache")}
    assert len(stored) == 3
