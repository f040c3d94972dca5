"""The commands take what editors and people send, answer at once, and never fall silent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.actions_kit import chat_of, choose, diagnostic, fenced, last_words, told
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, Profile, in_editors
from tests.support.json_rpc import LspError
from tests.support.server_kit import answered, eventually, message

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_script import Request
    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

ADD = "    def add(self, n):\n        self.count += n\n        return self.count\n"
"""A method of the sample, lines 16 to 18, counted from 1."""


def region_in(request: Request) -> str:
    """What the request says is to be replaced."""
    found = re.search(r"Region to replace:\n\n(`+)python\n(.*?)\1", request.text, re.DOTALL)
    assert found is not None, request.text
    return found[2]


def same(request: Request) -> str:
    """The answer of a model that changes nothing."""
    return fenced(region_in(request))


async def simplified(client: EditorClient, api: ScriptedApi, *arguments: Any) -> str:
    """The region that `pygpt.action` works on with these arguments."""
    count = len(last_words(client))
    assert await client.execute("pygpt.action", *arguments) is None
    await answered(client, count + 1)
    return region_in(api.requests[-1])


async def test_no_command_waits_for_the_model_and_none_is_silent(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    reply = api.stream(hang=True)
    selected = doc.range_of(ADD)
    await choose(client, doc, selected, "Simplify")
    await reply.until_taken()
    offered = client.server.capabilities.execute_command_provider
    assert offered is not None
    for command in sorted(set(offered.commands) - {"pygpt.stop"}):
        shown = len(client.messages) + len(client.questions) + len(client.shown)
        assert await client.execute(command) is None
        await client.wait_for(
            lambda before=shown: len(client.messages) + len(client.questions) + len(client.shown) > before,
            f"something to be seen of {command}",
        )
    assert await client.code_actions(doc, selected)
    assert len(api.requests) == 1
    assert await client.execute("pygpt.stop", {"uri": doc.uri}) is None
    await answered(client)
    assert last_words(client) == ["stopped"]
    # the pages that were shown above end when they have seen the answers to it
    await eventually(
        lambda: client.execute("pygpt.stop"),
        lambda _: any("Nothing is running" in shown.message for shown in client.messages),
        "a message that nothing is running",
    )


@in_editors(HELIX_25_07, EGLOT)
async def test_an_action_takes_its_document_and_lines_in_every_form(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    path = workspace / "src/app.py"
    doc = client.open(path)
    api.default = same
    where = doc.range_of(ADD.removesuffix("\n"))
    lines = {"start_line": 16, "end_line": 18}
    for argument in (
        {"uri": doc.uri, "range": where},
        {"uri": doc.uri, "range": {"start": where["end"], "end": where["start"]}},
        {"uri": doc.uri, "range": doc.range_of(ADD)},
        {"uri": doc.uri, "range": lines, "what is this": [None]},
        {"uri": doc.uri, "range": {"start_line": 18, "end_line": 16}, "version": "x"},
        {"uri": str(path), "range": lines},
        {"uri": "src/app.py", "range": lines},
        {"uri": "app.py", "range": lines},
        {"uri": doc.uri, "range": doc.cursor(doc.find("self.count += n"))},
    ):
        assert await simplified(client, api, {"id": "simplify", **argument}) == ADD, argument
    assert await simplified(client, api, {"id": "simplify", "uri": doc.uri, "range": {"start_line": 17}}) == (
        "        self.count += n\n"
    )
    beyond = {"start_line": 21, "end_line": 9999}
    assert "__main__" in await simplified(client, api, {"id": "simplify", "uri": doc.uri, "range": beyond})
    assert doc.undo_steps == [], "the answers changed nothing"


async def test_an_action_without_arguments_is_about_the_last_selection_wherever_it_went(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    api.default = same
    await client.code_actions(doc, doc.range_of(ADD))
    for _ in range(2):
        assert await simplified(client, api, {"id": "simplify"}) == ADD
        assert await simplified(client, api, "simplify") == ADD
        doc.type("# ö 😀\n", at=0)
        await client.code_actions(doc, doc.cursor(0), automatic=True)  # a cursor that moves selects nothing
    await client.code_actions(doc, doc.cursor(doc.find("return greeting")))
    assert await simplified(client, api, "simplify") == (
        "def greet(name: str) -> str:\n"
        '    """Say hello to ö and 😀."""\n'
        '    greeting = "Schöne Grüße, 😀 " + name\n'
        "    return greeting\n"
    )


async def test_a_range_of_an_older_version_is_where_its_text_went(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(NEOVIM_0_12)
    doc = client.open(workspace / "src/app.py")
    api.default = same
    argument = {"id": "simplify", "uri": doc.uri, "range": doc.range_of(ADD), "version": doc.version}
    doc.type("# ö 😀\n", at=0)
    assert await simplified(client, api, argument) == ADD
    client.close_document(doc)
    again = client.open(workspace / "src/app.py")
    again.type("x\n", at=0)
    again.flush()
    await client.execute("pygpt.action", argument | {"version": 1})
    await message(client, "The text has changed since the menu was shown: choose the action again.")


async def test_a_fix_without_words_is_about_the_problem_that_was_seen(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    where = doc.range_of("self.count += n")
    await client.code_actions(doc, where, diagnostics=[diagnostic(where, "n may be ö 😀")])
    api.default = same
    assert await simplified(client, api, "fix") == ADD
    assert api.requests[-1].text.endswith("Diagnostic: n may be ö 😀")


async def test_what_cannot_be_done_is_said_in_one_sentence_and_nothing_is_sent(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    here = {"uri": doc.uri, "range": {"start_line": 17}}
    cases: list[tuple[str, Any, str]] = [
        ("pygpt.action", {"id": "simplify"}, "Nothing is selected yet: select code"),
        ("pygpt.action", {"id": "simplify", "uri": doc.uri}, "Nothing is selected there yet"),
        (
            "pygpt.action",
            {"id": "simplify", "range": {"start_line": 17}},
            "Say which document the range is in",
        ),
        (
            "pygpt.ask",
            {"question": "why?", "range": {"start_line": 17}},
            "Say which document the range is in",
        ),
        ("pygpt.action", {"id": "simplify", "uri": doc.uri, "range": {"start_line": 2}}, "There is no code"),
        ("pygpt.action", {"id": "explain", "uri": doc.uri, "range": {"start_line": 2}}, "There is no code"),
        ("pygpt.action", {"id": "nope", **here}, "Say which action with its id, one of: rewrite, fix"),
        ("pygpt.action", None, "Say which action with its id"),
        ("pygpt.action", 17, "A command takes one JSON object"),
        ("pygpt.action", ["simplify"], "A command takes one JSON object"),
        ("pygpt.action", {"id": 17}, "The field id must be a string."),
        ("pygpt.action", {"id": "simplify", "uri": 17}, "The field uri must be a string"),
        ("pygpt.action", {"id": "simplify", "uri": doc.uri, "range": 17}, "The field range must be"),
        ("pygpt.action", {"id": "simplify", "uri": doc.uri, "range": {"start_line": "1"}}, "The field range"),
        (
            "pygpt.action",
            {"id": "simplify", "uri": doc.uri, "range": {"start": {"line": 1}}},
            "The field range",
        ),
        ("pygpt.action", {"id": "simplify", **here, "instruction": {}}, "The field instruction must be"),
        ("pygpt.action", {"id": "rewrite", **here}, "Say what to do: write a comment `ai: …`"),
        ("pygpt.action", {"id": "fix", **here}, "There is no diagnostic here to fix"),
        (
            "pygpt.action",
            {"id": "simplify", "uri": "src/nö.py"},
            "src/nö.py is not open in the editor with PyGPT",
        ),
        ("pygpt.action", {"id": "commit", **here}, "git has no diff to show here"),
        ("pygpt.ask", {"question": ["why?"]}, "The field question must be a string."),
        ("pygpt.ask", {"question": "why?", "uri": "git:/x"}, "is not open in the editor with PyGPT"),
        ("pygpt.applyLast", None, "There is no edit waiting to be applied: open the chat that shows it"),
        ("pygpt.chat.send", None, "No chat is open"),
    ]
    for command, argument, sentence in cases:
        before = len(client.messages)
        assert await client.execute(command, *([] if argument is None else [argument])) is None
        await client.wait_for(lambda before=before: len(client.messages) > before, f"{command} {argument}")
        assert sentence in told(client)[before], (command, argument)
        assert len(told(client)) == before + 1, "one sentence"
    assert api.requests == []
    assert client.progress == {}
    assert doc.undo_steps == []


async def test_a_command_that_does_not_exist_is_an_error(editor: Editors) -> None:
    client = await editor()
    with pytest.raises(LspError, match=r"pygpt\.nope"):
        await client.execute("pygpt.nope")


async def test_a_bare_question_needs_nothing_else(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    client = await editor()
    client.open(workspace / "src/app.py")
    api.reply("Because ö 😀.")
    assert await client.execute("pygpt.ask", "why?") is None
    await answered(client)
    assert "why?" in api.requests[0].text
    assert "def greet" not in api.requests[0].text, "nothing goes along that nobody named"
    assert "## User\n\nwhy?\n" in chat_of(client).text
    assert "Because ö 😀." in chat_of(client).text


async def test_a_question_is_about_the_selection_or_the_lines_or_the_document_it_names(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    path = str(workspace / "src/app.py")
    cases: list[tuple[Any, str, str]] = [
        ({"question": "why?", "uri": "src/app.py"}, "def greet", "nothing"),
        ({"question": "why?", "uri": path, "range": {"start_line": 16, "end_line": 18}}, ADD, "def greet"),
        ("why?", "import sys", "def greet"),
    ]
    for count, (argument, there, not_there) in enumerate(cases, 1):
        if argument == "why?":
            await client.code_actions(doc, doc.range_of("import sys"))
        await client.execute("pygpt.ask", argument)
        await answered(client, count)
        asked = api.requests[-1].text
        assert there in asked
        assert not_there not in asked
        assert "src/app.py" in asked
        assert asked.endswith("why?")


async def test_without_a_question_a_chat_is_opened_to_type_it(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    await client.code_actions(doc, doc.range_of(ADD))
    forms: list[list[Any]] = [[], [{}], [""], [{"question": "  "}]]
    for arguments in forms:
        await client.execute("pygpt.ask", *arguments)
        await client.wait_for(lambda: len(client.documents) > 1, "the chat")
        chat = chat_of(client)
        assert "> #file:src/app.py:16-18" in chat.text
        client.close_document(chat)
    assert api.requests == []
