"""A working session in Helix without a plugin, in the current one and in one that opens no document for a
server and whose commands take no arguments (25.01)."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.chat import parse_chat
from tests.editors.helix import Helix
from tests.editors.workspace import CONFIGS, DOCUMENT_REPLY, DOCUMENTED, GREET_LINES, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_script import Reply
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

SO_FAR = "So far 😀 ö."


@pytest.fixture(params=["25.07", "25.01"])
def start(
    request: pytest.FixtureRequest, editors: Editors, workspace: Workspace, api: ScriptedApi
) -> Iterator[Callable[[], Helix]]:
    """Starts Helix on the source file with the server attached, as often as it is called."""
    older, started = request.param == "25.01", list[Helix]()
    if older:
        home = workspace.home / ".config/helix"
        shutil.copyfile(CONFIGS / "helix/config-25.01.toml", home / "config.toml")

    def begin() -> Helix:
        env = workspace.env() | api.env()
        started.append(Helix(editors, workspace.source, cwd=workspace.root, env=env, older=older))
        started[-1].attached()
        return started[-1]

    yield begin
    for helix in started:
        helix.close()


def explain(helix: Helix, api: ScriptedApi) -> Reply:
    """Have `greet` explained, and the chat with the beginning of the answer before oneself."""
    stream = api.stream()
    helix.select_lines("def greet", GREET_LINES)
    helix.choose("PyGPT: Explain")
    stream.taken()
    helix.see("explain-greet")
    stream.send(SO_FAR)
    helix.wait_for(SO_FAR)
    return stream


def test_an_edit_is_made_while_one_types_elsewhere_and_is_undone_with_one_u(
    start: Callable[[], Helix], workspace: Workspace, api: ScriptedApi
) -> None:
    helix, reply = start(), api.stream(hang=True)
    helix.select_lines("def greet", GREET_LINES)
    helix.choose("PyGPT: Document this")
    reply.taken()

    # The request hangs, and the screen does not.
    helix.go_to_end()
    helix.type("o# ö 😀 typed meanwhile")
    helix.wait_for("# ö 😀 typed meanwhile")
    helix.normal()
    reply.release()
    reply.send(DOCUMENT_REPLY)
    reply.finish()
    helix.wait_for("Greet `name` with")

    mine = "# ö 😀 typed meanwhile\n"
    assert without_indentation(helix.save(workspace.source)) == without_indentation(DOCUMENTED + mine)
    helix.type("u")
    assert without_indentation(helix.save(workspace.source)) == without_indentation(SOURCE + mine)


def test_one_types_in_the_code_and_in_the_chat_while_the_answer_streams_and_stops_it_with_a_key(
    start: Callable[[], Helix], workspace: Workspace, api: ScriptedApi
) -> None:
    helix = start()
    stream = explain(helix, api)
    helix.go_to_end()
    helix.type("oAnd then")
    stream.send(" goes on")
    helix.type(" ö 😀?")
    helix.wait_for("So far 😀 ö. goes on")
    helix.normal()
    helix.command("open greet.py")
    helix.wait_for("def part")
    helix.type("gg")
    helix.type("O")
    for character in "# ö 😀":
        stream.send(" ö")
        helix.type(character)
    helix.normal()
    assert helix.save(workspace.source) == "# ö 😀\n" + SOURCE
    helix.type(" ix")

    assert stream.taken().client_closed.wait(20)
    helix.wait_until(lambda: workspace.answers()[0].status == "stopped", "the end in the history")
    [chat] = workspace.chats()
    helix.command(f"open {chat}")
    helix.wait_for("<!-- pygpt: stopped -->")
    _, answer, next_question = parse_chat(helix.save(chat)).turns
    assert answer.text.startswith("So far 😀 ö. goes on")
    assert next_question.question == "And then ö 😀?"


def test_keys_start_a_chat_send_it_ask_again_and_show_what_goes_out_and_which_models_there_are(
    start: Callable[[], Helix], workspace: Workspace, api: ScriptedApi
) -> None:
    helix = start()
    helix.select_lines("def greet", GREET_LINES)
    if helix.older:
        helix.choose("PyGPT: Ask")
        [chat] = helix.wait_until(workspace.chats, "the chat")
        helix.type(" io")
        helix.wait_for(":open .pygpt/cache/chats/")
        helix.keys("Tab", "Enter")
    else:
        helix.type(" in")
    helix.wait_for("> #file:greet.py:4-6")
    [chat] = workspace.chats()

    helix.go_to_end()
    helix.type("oWhy ö 😀?")
    helix.normal()
    helix.type(" ip")
    helix.see("preview")
    helix.wait_for("Nothing has been sent.")
    assert api.requests == []
    helix.command(f"open {chat}")
    helix.wait_for("Why ö 😀?")

    api.reply("The first 😀.")
    helix.type(" is")
    helix.wait_for("The first 😀.")
    helix.wait_until(lambda: len(workspace.answers()) == 1, "the stored answer")
    api.reply("The second ö.")
    helix.type(" ir")
    helix.wait_for("The second ö.")
    _, answer, _ = parse_chat(helix.save(chat)).turns
    assert answer.text == "The second ö."

    helix.type(" iw")
    helix.see("privacy")
    helix.wait_for("2 requests to 127.0.0.1")

    api.models = ["gpt-5.5", "gpt-ö"]
    helix.type(" im")
    helix.wait_for("gpt-ö")


def test_what_was_not_saved_is_found_in_the_history_after_a_restart(
    start: Callable[[], Helix], workspace: Workspace, api: ScriptedApi
) -> None:
    helix = start()
    explain(helix, api).finish()
    helix.wait_until(lambda: workspace.answers() == [("done", SO_FAR)], "the stored answer")
    helix.quit()
    [chat] = workspace.chats()
    chat.unlink()

    helix = start()
    helix.type(" ih")
    if not helix.older:
        helix.wait_for("history.search")
        helix.type('far"')
        helix.keys("Enter")
    helix.wait_for("## Explain greet.py")
    helix.go_to("## Explain")
    helix.choose("PyGPT: Open")
    helix.see("explain-greet")

    helix.wait_for("## Assistant")
    helix.wait_for(SO_FAR)


def test_a_killed_server_is_started_again_and_goes_on_with_the_chat(
    start: Callable[[], Helix], workspace: Workspace, api: ScriptedApi
) -> None:
    helix = start()
    explain(helix, api).finish()
    helix.wait_until(lambda: workspace.answers() == [("done", SO_FAR)], "the stored answer")
    [server] = helix.children("pygpt-lsp")
    os.kill(server, signal.SIGKILL)
    helix.wait_until(lambda: server not in helix.children("pygpt-lsp"), "the end of the server")
    helix.command("lsp-restart")
    helix.attached()

    api.reply("I am back 😀.")
    helix.go_to_end()
    helix.type("oAre you back, ö?")
    helix.normal()
    helix.type(" is")
    helix.wait_for("I am back 😀.")

    [chat] = workspace.chats()
    assert len(parse_chat(helix.save(chat)).turns) == 5


def without_indentation(text: str) -> list[str]:
    """The lines without their indentation: Helix indents the line that one opens."""
    return [line.strip() for line in text.splitlines()]
