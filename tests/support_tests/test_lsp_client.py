"""The editor of the whole-process tests behaves as the real ones do, and notices what a server does wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_01,
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    in_editors,
    in_every_editor,
)
from tests.support.editor_state import UNANSWERED
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.json_rpc import LspError, ServerGoneError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.editor_document import Document
    from tests.support.lsp_client import EditorClient

TINY = (sys.executable, str(Path(__file__).with_name("tiny_server.py")))
AT_ONCE = (HELIX_25_07, VSCODE)
LATER = (NEOVIM_0_12, EGLOT)


@pytest.fixture
async def tiny(home: Path, workspace: Path) -> AsyncIterator[Editors]:
    """Starts editors on the tiny server, whose mistakes are no failure here."""
    editors = Editors(clean_env(home), workspace, TINY)
    yield editors
    await editors.close()


async def server_edit(editor: EditorClient, doc: Document, where: Any, text: str, ahead: int = 0) -> Any:
    """Let the server edit; what it was answered."""
    return await editor.execute("edit", doc.uri, where, text, ahead)


async def server_text(editor: EditorClient, doc: Document) -> str:
    """What the server believes the text is."""
    return await editor.execute("text", doc.uri)


@in_every_editor
async def test_each_recorded_client_starts_edits_and_ends_in_order(
    tiny: Editors, workspace: Path, profile: Profile
) -> None:
    editor = await tiny(profile)
    doc = editor.open(workspace / "src/app.py")
    before = doc.text
    assert await server_edit(editor, doc, doc.range_of("Schöne Grüße, 😀"), "Hallo 🎉") == {
        "applied": True,
        "reason": None,
    }
    doc.type("ö😀", at=doc.find("Counter"))
    assert "Hallo 🎉" in doc.text
    assert await server_text(editor, doc) == doc.text
    assert len(doc.undo_steps) == 2
    doc.undo()
    doc.undo()
    assert doc.text == before
    assert await server_text(editor, doc) == before
    assert await editor.close() == 0
    assert editor.problems == []


@in_every_editor
async def test_the_initialize_params_are_the_recorded_ones_for_this_workspace(
    tiny: Editors, workspace: Path, profile: Profile
) -> None:
    editor = await tiny(profile, options={"model": "x"})
    params = editor.peer.journal[0].message["params"]
    assert params["rootUri"] == workspace.as_uri()
    assert params["initializationOptions"] == {"model": "x"}
    assert "/home/user" not in str(params)
    assert profile.params(None, None)["workspaceFolders"] == []


@in_editors(*AT_ONCE, EGLOT)
async def test_an_edit_for_another_version_is_refused(
    tiny: Editors, workspace: Path, profile: Profile
) -> None:
    editor = await tiny(profile)
    doc = editor.open(workspace / "src/app.py")
    editor.before_edit = lambda: doc.type("x", at=0)
    answer = await server_edit(editor, doc, doc.range_of("greeting = "), "")
    assert answer.get("applied") is not True
    assert ("error" in answer) == (profile is EGLOT)
    assert "greeting = " in doc.text
    assert [(edit.applied, edit.done) for edit in editor.edits] == [(False, False)]
    assert editor.problems == []


async def test_neovim_says_it_applied_the_edit_that_it_dropped(tiny: Editors, workspace: Path) -> None:
    editor = await tiny(NEOVIM_0_12)
    doc = editor.open(workspace / "src/app.py")
    editor.before_edit = lambda: doc.type("x", at=0)
    assert (await server_edit(editor, doc, doc.range_of("greeting = "), ""))["applied"] is True
    assert "greeting = " in doc.text
    assert [(edit.applied, edit.done) for edit in editor.edits] == [(True, False)]


@in_every_editor
async def test_an_editor_tells_of_an_edit_before_or_after_its_answer_as_it_does(
    tiny: Editors, workspace: Path, profile: Profile
) -> None:
    editor = await tiny(profile)
    doc = editor.open(workspace / "src/app.py")
    await server_edit(editor, doc, doc.range_of("greeting = "), "")
    await server_text(editor, doc)
    sent = [entry.message for entry in editor.peer.journal if entry.way == "out"]
    change = next(i for i, m in enumerate(sent) if m.get("method") == "textDocument/didChange")
    answer = next(i for i, m in enumerate(sent) if m.get("result", {}) and m["result"].get("applied"))
    assert (change < answer) == (profile.debounce is None)


@in_editors(*LATER)
async def test_what_is_typed_is_told_later_and_together_and_always_before_a_request(
    tiny: Editors, workspace: Path, profile: Profile
) -> None:
    editor = await tiny(profile)
    doc = editor.open(workspace / "src/app.py")
    doc.manual = True
    for letter in "abc":
        doc.type(letter, at=0)
    assert doc.version == profile.first_version + 3 * profile.version_step
    assert await server_text(editor, doc) == doc.text
    sent = [e.message for e in editor.peer.journal if e.message.get("method") == "textDocument/didChange"]
    assert [len(message["params"]["contentChanges"]) for message in sent] == [3]
    assert sent[0]["params"]["textDocument"]["version"] == doc.version


async def test_neovim_makes_a_line_of_its_own_of_what_is_put_after_the_last(
    tiny: Editors, workspace: Path
) -> None:
    editor = await tiny(NEOVIM_0_12)
    doc = editor.open_text((workspace / "new.md").as_uri(), "markdown", "")
    assert doc.text == "\n"
    for word in ("one", "two"):
        end = doc.position(len(doc.text))
        await server_edit(editor, doc, {"start": end, "end": end}, word)
    assert doc.text == "\none\ntwo\n"
    assert await server_text(editor, doc) == doc.text


@pytest.mark.parametrize(("profile", "expected"), [(VSCODE, "x\r\ny\r\n"), (HELIX_25_07, "x\ny\r\n")])
async def test_inserted_line_ends_become_those_of_the_document_where_the_editor_does_that(
    tiny: Editors, workspace: Path, profile: Profile, expected: str
) -> None:
    editor = await tiny(profile)
    doc = editor.open_text((workspace / "dos.txt").as_uri(), "plaintext", "y\r\n")
    start = doc.position(0)
    await server_edit(editor, doc, {"start": start, "end": start}, "x\n")
    assert doc.text == expected


@in_every_editor
async def test_the_parts_of_an_edit_land_where_the_text_was_before_it(
    tiny: Editors, workspace: Path, profile: Profile
) -> None:
    editor = await tiny(profile)
    doc = editor.open_text((workspace / "a.txt").as_uri(), "plaintext", "ö😀ab\n")
    places = [doc.position(offset) for offset in (2, 2, 0, 4)]
    assert await editor.execute("insert", doc.uri, places) is True
    assert doc.text == "3ö😀12ab4\n"
    assert await server_text(editor, doc) == doc.text
    assert len(doc.undo_steps) == 1


async def test_an_edit_that_changes_nothing_is_not_told(tiny: Editors, workspace: Path) -> None:
    editor = await tiny(VSCODE)
    doc = editor.open(workspace / "src/app.py")
    version = doc.version
    assert (await server_edit(editor, doc, doc.range(0, 0), ""))["applied"] is True
    assert (doc.version, doc.undo_steps) == (version, [])


async def test_a_read_only_buffer_refuses(tiny: Editors, workspace: Path) -> None:
    editor = await tiny(HELIX_25_07)
    doc = editor.open(workspace / "src/app.py")
    editor.refuse_edits = 1
    assert (await server_edit(editor, doc, doc.range_of("greeting = "), ""))["applied"] is False
    assert (await server_edit(editor, doc, doc.range_of("greeting = "), ""))["applied"] is True


async def test_showing_a_document_opens_it_where_its_language_is_mapped(
    tiny: Editors, workspace: Path
) -> None:
    chat = workspace / "a.chat.md"
    chat.write_bytes("ö\n".encode())
    editor = await tiny(VSCODE)
    assert await editor.execute("show", chat.as_uri()) is True
    assert editor.document(chat).text == "ö\n"
    assert await editor.execute("show", (workspace / "missing.md").as_uri()) is False
    unmapped = await tiny(HELIX_25_07, languages={".py": "python"})
    assert await unmapped.execute("show", chat.as_uri()) is True
    assert unmapped.documents == {}
    assert [shown.uri for shown in unmapped.shown] == [chat.as_uri()]


async def test_eglot_answers_first_and_opens_the_document_after(tiny: Editors, workspace: Path) -> None:
    editor = await tiny(EGLOT)
    await editor.execute("show", (workspace / "src/app.py").as_uri())
    sent = [entry.message for entry in editor.peer.journal if entry.way == "out"]
    opened = next(i for i, m in enumerate(sent) if m.get("method") == "textDocument/didOpen")
    assert sent[opened - 1]["result"] == {"success": True}


async def test_questions_are_answered_as_scripted(tiny: Editors) -> None:
    editor = await tiny(HELIX_25_01)
    editor.answers += ["Yes", None]
    assert [await editor.execute("ask") for _ in range(3)] == ["Yes", None, None]
    assert [question.message for question in editor.questions] == ["Sure?"] * 3
    editor.answers.append("Maybe")
    assert await editor.execute("ask") is None
    assert "'Maybe' was to be chosen" in editor.problems[0]
    editor.answers.append(UNANSWERED)
    pending = editor.call("workspace/executeCommand", {"command": "ask"})
    await editor.wait_for(lambda: len(editor.questions) == 5, "the question")
    assert not pending.answer.done()
    pending.cancel()
    with pytest.raises(LspError):
        await pending


async def test_progress_messages_and_logs_are_kept(tiny: Editors) -> None:
    editor = await tiny(NEOVIM_0_12)
    await editor.execute("work")
    await editor.wait_for(lambda: editor.logs, "the log")
    progress = editor.progress["token"]
    assert progress.begun is not None
    assert progress.begun.title == "Working"
    assert [report.message for report in progress.reports] == ["half"]
    assert progress.ended is not None
    assert progress.ended.message == "done"
    assert [message.message for message in editor.messages] == ["Fertig ö"]
    assert editor.received("window/logMessage") == [{"type": 4, "message": "logged"}]
    assert editor.problems == []


async def test_settings_can_be_pulled(tiny: Editors) -> None:
    editor = await tiny(HELIX_25_07, configuration={"pygpt": {"model": "m"}})
    assert await editor.execute("configuration") == [{"model": "m"}, "m"]
    editor.change_configuration({"model": "n"})
    assert await editor.execute("configuration") == [{"model": "n"}, "n"]


async def test_a_chosen_action_is_done_as_an_editor_does_it(tiny: Editors, workspace: Path) -> None:
    editor = await tiny(VSCODE)
    doc = editor.open(workspace / "src/app.py")
    edit, command, bare, resolve, disabled = await editor.code_actions(doc, doc.cursor(0))
    await editor.choose(edit)
    assert doc.text.startswith("# top\n")
    assert len(doc.undo_steps) == 1
    await editor.choose(command)
    assert isinstance(bare, types.Command)
    assert editor.problems == []
    await editor.choose(resolve)
    assert "blocks Helix" in editor.problems.pop()
    with pytest.raises(ValueError, match="busy"):
        await editor.choose(disabled)


def test_the_range_of_no_selection_is_the_editors_own() -> None:
    from tests.support.editor_document import Document

    def cursor(profile: Profile, offset: int) -> Any:
        return Document("file:///x", "text", "ab\n", profile, "utf-16", None).cursor(offset)  # type: ignore[arg-type]

    at = {"line": 0, "character": 1}
    assert cursor(NEOVIM_0_12, 1) == {"start": at, "end": at}
    assert cursor(HELIX_25_07, 1) == {"start": at, "end": {"line": 0, "character": 2}}


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("print", "not LSP: b'a stray line"),
        ("telemetry", "telemetry/event: LookupError('not known"),
        ("progress", "'unknown' was never created"),
        ("register", "textDocument/hover registered"),
    ],
)
async def test_what_a_server_may_not_do_is_a_problem(tiny: Editors, how: str, problem: str) -> None:
    editor = await tiny(HELIX_25_07)
    await editor.execute("misbehave", how)
    await editor.wait_for(lambda: editor.problems, "the problem")
    assert problem in editor.problems[0]


async def test_a_server_that_sends_what_the_client_cannot_do_is_a_problem(
    tiny: Editors, workspace: Path
) -> None:
    editor = await tiny(HELIX_25_01)
    with pytest.raises(LspError):
        await editor.execute("show", (workspace / "src/app.py").as_uri())
    assert "sent to a client without window.showDocument.support" in editor.problems[0]


@pytest.mark.parametrize("beyond", [{"line": 0, "character": 1000}, {"line": 1000, "character": 0}])
async def test_an_edit_outside_the_text_is_a_problem_and_not_applied(
    tiny: Editors, workspace: Path, beyond: dict[str, int]
) -> None:
    editor = await tiny(HELIX_25_07)
    doc = editor.open(workspace / "src/app.py")
    before = doc.text
    where = {"start": doc.position(0), "end": beyond}
    assert (await server_edit(editor, doc, where, "x"))["applied"] is False
    assert "does not fit the text" in editor.problems[0]
    assert doc.text == before


async def test_an_edit_from_the_future_or_for_a_document_nobody_opened_is_a_problem(
    tiny: Editors, workspace: Path
) -> None:
    editor = await tiny(HELIX_25_07)
    doc = editor.open(workspace / "src/app.py")
    await server_edit(editor, doc, doc.range(0, 1), "x", ahead=1)
    assert "still to come" in editor.problems.pop()
    other = editor.open_text((workspace / "b.py").as_uri(), "python", "b")
    editor.close_document(other)
    assert (await server_edit(editor, other, doc.range(0, 0), "x"))["applied"] is False
    assert editor.problems == []
    await editor.execute("edit", (workspace / "c.py").as_uri(), doc.range(0, 0), "x", 0)
    assert "never open" in editor.problems.pop()


async def test_a_server_that_dies_ends_the_waiting_and_shows_its_last_words(tiny: Editors) -> None:
    editor = await tiny(HELIX_25_07)
    with pytest.raises(ServerGoneError):
        await editor.execute("misbehave", "die")
    with pytest.raises(ServerGoneError, match="dying"):
        await editor.wait_for(lambda: editor.messages, "a message")
    assert await editor.ended() == 3


async def test_every_byte_the_server_writes_is_kept(tiny: Editors) -> None:
    editor = await tiny(HELIX_25_07)
    await editor.execute("misbehave", "stderr")
    await editor.execute("work")
    await editor.close()
    assert "a word on stderr" in editor.stderr
    assert editor.stdout.startswith(b"Content-Length: ")
    assert b"Fertig" in editor.stdout


async def test_a_server_that_does_not_end_in_order_is_ended_all_the_same(tiny: Editors) -> None:
    editor = await tiny(HELIX_25_07)
    assert editor.process is not None
    assert editor.running
    editor.peer.notify("exit", None)
    await editor.wait_for(lambda: editor.gone, "the end")
    await tiny.close()
    assert not editor.running
    assert editor.process.returncode is not None


async def test_a_server_that_was_never_initialized_is_ended_without_a_shutdown(tiny: Editors) -> None:
    editor = await tiny(HELIX_25_07, initialize=False)
    await editor.close()
    assert editor.problems == []
