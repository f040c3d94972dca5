"""Emacs with eglot, set up as our README says: what differs from the editors that hold several servers."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.chat import parse_chat
from tests.editors.emacs import Emacs, write_init
from tests.editors.workspace import DOCUMENT_REPLY, DOCUMENTED, GREET_LINES, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_script import Reply
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

BARE_SERVER = Path(__file__).parents[1] / "bench/bare_server.py"
ANOTHER_SERVER = f"""
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(python-mode . ("{sys.executable}" "{BARE_SERVER}"))))
(add-hook 'python-mode-hook #'eglot-ensure)
"""


@pytest.fixture
def emacs(editors: Editors, workspace: Workspace, api: ScriptedApi) -> Iterator[Emacs]:
    """Emacs on the source file, in which another language server is at work."""
    write_init(workspace, ANOTHER_SERVER)
    with Emacs(editors, workspace.source, cwd=workspace.root, env=workspace.env() | api.env()) as editor:
        editor.wait_for("[eglot:work]")
        yield editor


def ask(emacs: Emacs, api: ScriptedApi) -> Reply:
    """Ask about `greet` and see the chat with the beginning of the answer."""
    stream = api.stream()
    emacs.select_lines("def greet", GREET_LINES)
    emacs.answer("q", "Ask:", "Why the ö 😀?")
    stream.send("So far 😀 ö.\n")
    emacs.wait_for("So far 😀 ö.")
    emacs.wait_for("greet.py:4-6")
    return stream


def test_an_edit_changes_the_region_alone_beside_another_server_and_is_one_undo(
    emacs: Emacs, workspace: Workspace, api: ScriptedApi
) -> None:
    api.reply(DOCUMENT_REPLY)
    emacs.select_lines("def greet", GREET_LINES)
    emacs.choose("PyGPT: Document this")
    emacs.wait_for("Greet `name` with")

    assert emacs.save(workspace.source) == DOCUMENTED
    emacs.keys("C-/")
    assert emacs.save(workspace.source) == SOURCE


def test_an_answer_streams_into_the_chat_while_one_types_in_it_and_in_the_code(
    emacs: Emacs, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = ask(emacs, api)
    said = "So far 😀 ö.\n"
    emacs.keys("M-<")
    emacs.go_to("Why the")
    emacs.keys("C-e")
    for _ in range(12):  # every line moves what is below
        stream.send("line\n")
        said += "line\n"
        emacs.keys("Enter", "x")
    emacs.keys("M->")
    for character in "Next: ö 😀?":
        stream.send(f"{character} and on ")
        said += f"{character} and on "
        emacs.type(character)
    emacs.keys("C-x", "o", "M->")
    for character in "# typed ö 😀":
        stream.send("ö")
        said += "ö"
        emacs.type(character)
    stream.send(" 🏁")
    stream.finish()
    emacs.wait_for("🏁")

    assert emacs.save(workspace.source) == SOURCE + "# typed ö 😀\n"
    emacs.keys("C-x", "o")
    [chat] = workspace.chats()
    question, answer, next_question = parse_chat(emacs.save(chat)).turns
    assert "Why the ö 😀?" in question.text
    assert answer.text == said + " 🏁"
    assert next_question.question == "Next: ö 😀?"


def test_a_hanging_request_blocks_nothing_and_stop_closes_it_from_any_buffer(
    emacs: Emacs, workspace: Workspace, api: ScriptedApi
) -> None:
    silent = api.stream(hang=True)
    emacs.select_lines("def greet", GREET_LINES)
    emacs.choose("PyGPT: Document this")
    request = silent.taken()

    emacs.keys("M->")
    emacs.type("meanwhile-ö-😀")
    emacs.wait_for("meanwhile-ö-😀")
    emacs.keys("C-x", "C-f")
    emacs.wait_for("Find file:")
    emacs.type(str(workspace.home / "elsewhere.txt"))
    emacs.keys("Enter")
    emacs.wait_for("(New file)")
    emacs.keys("C-c", "g", "s")

    assert request.client_closed.wait(20)
    emacs.wait_for("stopped")
    assert len(emacs.children("pygpt-lsp")) == 1


def test_a_conversation_that_was_not_saved_is_found_in_the_history_after_a_restart(
    emacs: Emacs, editors: Editors, workspace: Workspace, api: ScriptedApi
) -> None:
    ask(emacs, api).finish()
    emacs.wait_until(lambda: workspace.answers() == [("done", "So far 😀 ö.\n")], "the stored answer")
    emacs.quit()
    [chat] = workspace.chats()
    chat.unlink()

    with Emacs(editors, workspace.source, cwd=workspace.root, env=workspace.env() | api.env()) as again:
        again.answer("h", "Search the history:", "far")
        again.wait_for("history.chat.md")
        again.go_to("## ")
        again.choose("PyGPT: Open")
        again.wait_for("## Assistant")
        again.wait_for("So far 😀 ö.")


def test_after_the_server_was_killed_the_next_command_starts_another_one(
    emacs: Emacs, workspace: Workspace, api: ScriptedApi
) -> None:
    ask(emacs, api).finish()
    emacs.wait_until(lambda: workspace.answers() == [("done", "So far 😀 ö.\n")], "the stored answer")
    [server] = emacs.children("pygpt-lsp")
    os.kill(server, signal.SIGKILL)
    emacs.wait_until(lambda: server not in emacs.children("pygpt-lsp"), "the end of the server")

    api.reply("I am back 😀.")
    emacs.keys("M->")
    emacs.type("Are you back, ö?")
    emacs.keys("C-c", "C-c")
    emacs.wait_for("I am back 😀.")

    [chat] = workspace.chats()
    assert [turn.role for turn in parse_chat(emacs.save(chat)).turns] == [
        "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
