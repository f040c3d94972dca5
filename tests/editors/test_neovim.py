"""What only Neovim has: a command for questions, and edits that are refused but answered as applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.chat import parse_chat
from tests.editors.test_main_job import SO_FAR, explain

if TYPE_CHECKING:
    from tests.editors.neovim import Neovim
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor


@pytest.mark.parametrize("lines", ["", "4,6"])
def test_a_question_typed_as_a_command_is_answered_in_a_chat(
    lines: str, neovim: Neovim, api: ScriptedApi
) -> None:
    api.reply("Because of the ö 😀.")

    neovim.command(f"{lines}PygptAsk why the ö?")

    neovim.wait_for("Because of the ö")
    [request] = api.requests
    assert "why the ö?" in request.text
    assert ("greet.py:4-6" in neovim.screen()) == bool(lines)


def test_edits_that_neovim_refuses_while_one_types_are_not_lost(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = explain(neovim, api)
    stream.send(" goes on")
    neovim.wait_for("so far 😀 goes on")  # Neovim checks the version of an edit from the first change on
    said, typed = SO_FAR + " goes on", ""
    neovim.go_to_end()
    neovim.type("o")

    def type_on() -> bool:
        nonlocal said, typed
        for _ in range(20):
            stream.send(word := f" ö{len(said)}")
            said += word
            neovim.type("x")
            typed += "x"
        return neovim.ask("execute('messages')").count("newer than edits") >= 3

    neovim.wait_until(type_on, "three refused edits")
    stream.send(" 🏁")
    stream.finish()
    neovim.normal()
    neovim.wait_for("🏁")

    [chat] = workspace.chats()
    _, answer, next_question = parse_chat(neovim.save(chat)).turns
    assert answer.text == said + " 🏁"
    assert next_question.question == typed


def test_an_edit_that_neovim_tells_of_late_is_not_made_twice(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    # The first change of a buffer is told of only in a pause of 150 ms, however long one types without.
    stream = explain(neovim, api)
    neovim.go_to_end()
    typed = "without a pause " * 90
    neovim.type("o" + typed)
    neovim.normal()
    stream.send(" 🏁")
    stream.finish()
    neovim.wait_for("🏁")

    [chat] = workspace.chats()
    _, answer, next_question = parse_chat(neovim.save(chat)).turns
    assert answer.text == SO_FAR + " 🏁"
    assert next_question.text.rstrip("\n") == typed
