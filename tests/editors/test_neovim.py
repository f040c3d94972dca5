"""Neovim without the plugin, where an edit that is refused is answered as applied."""

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


def test_without_the_plugin_there_is_the_menu_and_an_answer_in_a_chat(
    bare_neovim: Neovim, api: ScriptedApi
) -> None:
    explain(bare_neovim, api).finish()

    assert bare_neovim.ask("exists(':PyGPT')") == 0
    assert bare_neovim.ask("winnr('$')") == 1


def test_edits_that_neovim_refuses_while_one_types_are_not_lost(
    bare_neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = explain(bare_neovim, api)
    stream.send(" goes on")
    bare_neovim.wait_for("so far 😀 goes on")  # Neovim checks the version of an edit from the first change on
    said, typed = SO_FAR + " goes on", ""
    bare_neovim.go_to_end()
    bare_neovim.type("o")

    def type_on() -> bool:
        nonlocal said, typed
        for _ in range(20):
            stream.send(word := f" ö{len(said)}")
            said += word
            bare_neovim.type("x")
            typed += "x"
        return bare_neovim.ask("execute('messages')").count("newer than edits") >= 3

    bare_neovim.wait_until(type_on, "three refused edits")
    stream.send(" 🏁")
    stream.finish()
    bare_neovim.normal()
    bare_neovim.wait_for("🏁")

    [chat] = workspace.chats()
    _, answer, next_question = parse_chat(bare_neovim.save(chat)).turns
    assert answer.text == said + " 🏁"
    assert next_question.question == typed


def test_an_edit_that_neovim_tells_of_late_is_not_made_twice(
    bare_neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    # The first change of a buffer is told of only in a pause of 150 ms, however long one types without.
    stream = explain(bare_neovim, api)
    bare_neovim.go_to_end()
    typed = "without a pause " * 90
    bare_neovim.type("o" + typed)
    bare_neovim.normal()
    stream.send(" 🏁")
    stream.finish()
    bare_neovim.wait_for("🏁")

    [chat] = workspace.chats()
    _, answer, next_question = parse_chat(bare_neovim.save(chat)).turns
    assert answer.text == SO_FAR + " 🏁"
    assert next_question.text.rstrip("\n") == typed
