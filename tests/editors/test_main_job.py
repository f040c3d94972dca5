"""The main job, the same promises in each editor: ask about code, get an edit or an answer in a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.chat import parse_chat
from tests.editors.workspace import DOCUMENT_REPLY, DOCUMENTED, GREET_LINES, SOURCE
from tests.support.api_server import words

if TYPE_CHECKING:
    from tests.editors.editor import Editor
    from tests.editors.workspace import Workspace
    from tests.support.api_script import Reply
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

ANSWER = (
    "`greet` builds a *Hallöchen* 😀 and returns it. "
    + "".join(f"Reason {number} is öbvious 😀, {'really, ' * (number % 4)}really. " for number in range(20))
    + "\n\n```python\n## User\nprint(greet('ö'))\n```\n\n## User\nis no heading here, nor is this the end: 🏁"
)
IN_THE_QUESTION = " And mind the ö, the 😀 and whatever else a reader of Größe would stumble upon."
BELOW_THE_ANSWER = "Thanks 😀! While yöu are at it: what does `part` say, and is it ever called?"
SO_FAR = "The answer so far 😀"


def explain(editor: Editor, api: ScriptedApi) -> Reply:
    """Ask for an explanation of `greet` and see its chat with the beginning of the answer."""
    stream = api.stream()
    editor.select_lines("def greet", GREET_LINES)
    editor.choose("PyGPT: Explain")
    stream.send(SO_FAR)
    editor.wait_for("The answer so far")
    return stream


def test_the_menu_on_a_selected_function_offers_the_actions(editor: Editor) -> None:
    editor.select_lines("def greet", GREET_LINES)

    titles = editor.menu()

    for title in ("Ask…", "Explain", "Document this", "Simplify", "Optimize", "Review", "Write tests"):
        assert f"PyGPT: {title}" in titles
    assert "PyGPT: Stop" not in titles


def test_a_chat_opens_with_the_cursor_where_the_question_goes(editor: Editor, workspace: Workspace) -> None:
    editor.select_lines("def greet", GREET_LINES)
    editor.choose("PyGPT: Ask…")
    editor.wait_for("> #file:greet.py:4-6")

    editor.type("iWhy ö?")
    editor.normal()

    (chat,) = workspace.chats()
    assert editor.save(chat).endswith("\n## User\n\n> #file:greet.py:4-6\n\nWhy ö?\n")


def test_an_edit_changes_the_selection_alone_and_is_one_undo(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    api.reply(DOCUMENT_REPLY)
    editor.select_lines("def greet", GREET_LINES)
    editor.choose("PyGPT: Document this")
    editor.wait_for("Greet `name` with")

    assert editor.save(workspace.source) == DOCUMENTED
    editor.type("u")
    assert editor.save(workspace.source) == SOURCE
    assert workspace.answers() == [("done", DOCUMENT_REPLY)]


def test_an_answer_streams_into_the_chat_while_one_types_in_it_and_nothing_is_lost(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = explain(editor, api)
    pieces = words(ANSWER)

    def type_while_it_streams(command: str, text: str) -> None:
        editor.type(command)
        for character in text:
            stream.send(pieces.pop(0))
            editor.type(character)
        editor.normal()

    editor.go_to("## User")
    editor.type("jj")  # the question's first line
    type_while_it_streams("A", IN_THE_QUESTION)
    editor.go_to_end()
    type_while_it_streams("o", BELOW_THE_ANSWER)
    for piece in pieces:
        stream.send(piece)
    stream.finish()
    editor.wait_for("🏁")

    [chat] = workspace.chats()
    question, answer, next_question = parse_chat(editor.save(chat)).turns
    assert answer.text == SO_FAR + ANSWER
    assert IN_THE_QUESTION in question.text
    assert next_question.question == BELOW_THE_ANSWER
    editor.wait_until(lambda: workspace.answers()[0].status != "streaming", "the end in the history")
    assert workspace.answers() == [("done", SO_FAR + ANSWER)]


def test_stop_comes_first_in_the_menu_of_the_chat_and_of_the_code(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = explain(editor, api)

    assert editor.menu()[0] == "PyGPT: Stop"
    editor.close_menu()
    editor.command(f"edit {workspace.source.name}")
    editor.wait_for("def greet")
    assert editor.menu()[0] == "PyGPT: Stop"
    editor.close_menu()
    editor.choose("PyGPT: Stop")

    assert stream.taken().client_closed.wait(10)
    editor.wait_until(lambda: workspace.answers()[0].status != "streaming", "the end in the history")
    assert workspace.answers() == [("stopped", SO_FAR)]


def test_quitting_in_the_middle_of_an_answer_leaves_no_process_and_keeps_the_answer(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    # Helix kills the server as soon as it has told it to end: what counts is what is stored by then.
    stream = explain(editor, api)
    editor.wait_until(
        lambda: [stored.text for stored in workspace.answers()] == [SO_FAR], "the answer stored"
    )
    assert editor.children("pygpt-lsp")

    editor.quit()

    assert stream.taken().client_closed.wait(10)
    assert [stored.text for stored in workspace.answers()] == [SO_FAR]
