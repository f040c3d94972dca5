"""Who agrees to an edit, and how: at once, asked first, or shown in a chat to be applied later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.actions_kit import chat_of, choose, entry, fenced, last_words
from tests.support.apply_kit import GREET, GREETING, HELLO, answered_chat, applied, replace, said
from tests.support.chat_kit import shown_chat
from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_07,
    NEOVIM_0_10,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    in_editors,
)
from tests.support.git_kit import run as git
from tests.support.server_kit import answered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


NOT_CONFIRMED = "The edit was not confirmed, so nothing was changed."


# Files that the user neither opened nor named


@in_editors(HELIX_25_07, NEOVIM_0_12, EGLOT)
async def test_a_file_that_was_neither_opened_nor_named_is_asked_about_first(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    app = workspace / "src/app.py"
    chat = answered_chat(client, workspace, replace(*GREET), replace("src/new.py", "", "x = 'ö'\n"))
    for no in ("Cancel", None):
        client.answers.append(no)
        assert await applied(client, chat, "Apply all 2 edits") == NOT_CONFIRMED
    assert client.edits == []
    assert list(client.documents) == [chat.uri]
    client.answers.append("Apply")
    assert (
        await applied(client, chat, "Apply all 2 edits") == "changed src/app.py in 1 place, made src/new.py."
    )
    assert HELLO in client.document(app).text
    assert client.document(workspace / "src/new.py").text == "x = 'ö'\n"
    for question in client.questions:
        assert question.message == (
            "PyGPT: Apply: change src/app.py in 1 place, make src/new.py (src/app.py was neither opened nor "
            "named; src/new.py was neither opened nor named). Make this edit?"
        )
        assert [action.title for action in question.actions or ()] == ["Apply", "Cancel"]


async def test_a_file_whose_name_is_only_a_part_of_one_in_the_question_is_asked_about(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    chat = answered_chat(client, workspace, replace("app.py", "", "x = 1\n"))
    chat.swap("Change it ö.", "Look at src/app.py, my_app.py, app.py.bak and app.pyx.")
    assert await applied(client, chat) == NOT_CONFIRMED
    chat.swap("Look at", "Make app.py! Look at")
    assert await applied(client, chat) == "made app.py."


@pytest.mark.parametrize("how", ["open", "context", "question"])
async def test_a_file_that_was_opened_or_named_is_changed_without_a_question(
    editor: Editors, workspace: Path, how: str
) -> None:
    client = await editor()
    if how == "open":
        client.open(workspace / "src/app.py")
    chat = answered_chat(
        client, workspace, replace(*GREET), named=["src/app.py:1-3"] if how == "context" else []
    )
    if how == "question":
        chat.swap("Change it ö.", "Change src/app.py.")
    assert await applied(client, chat) == "changed src/app.py in 1 place."
    assert client.questions == []


# Whole files, deletions, renames


WHOLE = "src/app.py (whole file)\n```python\nprint('all ö')\n```\n"


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_whole_text_over_a_file_is_asked_about_first(
    hasty: Editors, workspace: Path, profile: Profile
) -> None:
    client = await hasty(profile)
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    chat = answered_chat(client, workspace, WHOLE)
    asks = bool(profile.asks)
    client.confirms = False
    client.answers.append("Cancel")
    sentence = await applied(client, chat)
    assert NOT_CONFIRMED in sentence
    assert doc.text == before
    client.confirms = True
    client.answers = type(client.answers)(["Apply"])
    assert (await applied(client, chat)).startswith("changed src/app.py in ")
    assert doc.text == "print('all ö')\n"
    assert len(doc.undo_steps) == 1
    assert len(client.confirmations) == (2 if asks else 0)
    assert len(client.questions) == (0 if asks else 2)
    for asked in client.confirmations or [question.message for question in client.questions]:
        assert "(src/app.py is written anew as a whole)" in asked


DELETE = "*** Begin Patch\n*** Delete File: src/old.py\n*** End Patch\n"
RENAME = (
    "```diff\ndiff --git a/src/old.py b/src/neu/new.py\n"
    "rename from src/old.py\nrename to src/neu/new.py\n```\n"
)


@pytest.mark.parametrize(
    ("profile", "is_open"),
    [(HELIX_25_07, False), (NEOVIM_0_12, True), (VSCODE, True)],
    ids=["helix", "neovim", "vscode"],
)
async def test_files_are_deleted_and_renamed_only_after_a_question(
    editor: Editors, workspace: Path, profile: Profile, is_open: bool
) -> None:
    client = await editor(profile)
    old, new = workspace / "src/old.py", workspace / "src/neu/new.py"
    old.write_bytes("ö = '😀'\n".encode())
    if is_open:
        client.open(old)
    for block, done in ((RENAME, "renamed src/old.py to new.py."), (DELETE, "deleted src/old.py.")):
        chat = answered_chat(client, workspace, block, named=["src/old.py"])
        client.answers.append("Cancel")
        assert await applied(client, chat) == NOT_CONFIRMED
        assert old.exists()
        client.answers.append("Apply")
        assert await applied(client, chat) == done
        assert not old.exists()
        client.close_document(chat)
        if new.exists():
            assert new.read_bytes() == "ö = '😀'\n".encode()
            assert (new.as_uri() in client.documents) == is_open
            new.rename(old)
            if is_open:
                client.close_document(client.document(new))
                client.open(old)
    assert client.confirmations == [], "Neovim would not ask about files"


async def test_an_editor_that_cannot_delete_or_rename_is_not_asked_to(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(EGLOT)
    old = workspace / "src/old.py"
    old.write_bytes(b"x = 1\n")
    client.open(old)
    for block, verb in ((RENAME, "rename"), (DELETE, "delete")):
        chat = answered_chat(client, workspace, block)
        assert await applied(client, chat) == (
            f"Not changed: src/old.py. This editor cannot {verb} files for PyGPT: {verb} it yourself."
        )
        client.close_document(chat)
    assert client.edits == []
    assert client.questions == []


# The setting `review`


@in_editors(HELIX_25_07, NEOVIM_0_10, NEOVIM_0_12, VSCODE)
async def test_with_confirm_a_chats_edit_is_asked_about_by_the_editor_where_it_can_else_by_us(
    hasty: Editors, workspace: Path, profile: Profile
) -> None:
    client = await hasty(profile, options={"review": "confirm"})
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    chat = answered_chat(client, workspace, replace(*GREET))
    client.confirms = False
    client.answers.append("Cancel")
    sentence = await applied(client, chat)
    assert NOT_CONFIRMED in sentence
    assert doc.text == before
    client.confirms = True
    client.answers = type(client.answers)(["Apply"])
    assert await applied(client, chat) == "changed src/app.py in 1 place."
    assert doc.text == before.replace(GREETING, HELLO)
    asked = client.confirmations if profile.asks else [each.message for each in client.questions]
    assert len(asked) == 2
    assert len(client.questions) + len(client.confirmations) == 2
    assert all("PyGPT: Apply: change src/app.py in 1 place" in each for each in asked)


async def test_neovim_may_confirm_one_document_and_decline_another(hasty: Editors, workspace: Path) -> None:
    client = await hasty(NEOVIM_0_12, options={"review": "confirm"})
    app, other = client.open(workspace / "src/app.py"), workspace / "src/other.py"
    other.write_bytes(b"x = 1\n")
    declined = client.open(other)
    chat = answered_chat(client, workspace, replace(*GREET), replace("src/other.py", "x = 1\n", "x = 2\n"))
    answers = [True, False]
    client.while_confirming = lambda: setattr(client, "confirms", answers.pop(0))
    sentence = await applied(client, chat, "Apply all")
    assert sentence == f"changed src/app.py in 1 place. Not changed: src/other.py. {NOT_CONFIRMED}"
    assert HELLO in app.text
    assert declined.text == "x = 1\n"


@in_editors(NEOVIM_0_12, VSCODE)
async def test_with_confirm_an_action_is_asked_about_by_the_editor_and_kept_in_a_chat_where_declined(
    hasty: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await hasty(profile, options={"review": "confirm"})
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    api.default = fenced(HELLO)
    client.confirms = False
    await choose(client, doc, doc.range_of(GREETING), "Simplify")
    await answered(client)
    assert doc.text == before
    assert last_words(client)[0].startswith("not applied, see the chat · ")
    assert await said(client, 0) == f"{NOT_CONFIRMED} The answer is in the chat."
    client.confirms = True
    await choose(client, doc, doc.range_of(GREETING), "Simplify")
    await answered(client, 2)
    assert doc.text == before.replace(GREETING, HELLO)
    assert client.questions == []
    assert client.confirmations == ["PyGPT: Simplify: changed line 8 in src/app.py"] * 2


# `propose`: in a chat, to be applied later


TWIN = "def f():\n    return 'ö'\n"
NEW = "def f():\n    return '😀'\n"
TWINS = f"{TWIN}\nx = 1\n{TWIN}\ny = 2\n{TWIN}"


async def proposed(
    client: EditorClient, api: ScriptedApi, doc: Document, where: object, title: str, answer: str
) -> Document:
    """The chat that shows the answer to an action."""
    api.reply(answer)
    before = doc.text
    await choose(client, doc, where, title)  # type: ignore[arg-type]
    await answered(client, len(last_words(client)) + 1)
    assert doc.text == before
    assert (await said(client, len(client.messages) - 1)).startswith("You asked to see edits before")
    return await shown_chat(client)


def opened(client: EditorClient, workspace: Path, text: str, name: str = "src/proposed.py") -> Document:
    path = workspace / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return client.open(path)


@pytest.mark.parametrize("named", ["nothing", "document", "chat"])
async def test_a_proposal_for_one_of_several_equal_regions_is_applied_to_that_one(
    editor: Editors, api: ScriptedApi, workspace: Path, named: str
) -> None:
    client = await editor(options={"review": "propose"})
    doc = opened(client, workspace, TWINS)
    start = doc.find("x = 1\n") + len("x = 1\n")
    chat = await proposed(client, api, doc, doc.range(start, start + len(TWIN)), "Simplify", fenced(NEW))
    doc.type("# ö\n", at=0)
    uri = {"nothing": {}, "document": {"uri": doc.uri}, "chat": {"uri": chat.uri}}[named]
    count = len(client.messages)
    await client.execute("pygpt.applyLast", uri)
    assert await said(client, count) == "changed src/proposed.py in 1 place."
    assert doc.text == f"# ö\n{TWIN}\nx = 1\n{NEW}\ny = 2\n{TWIN}"


async def test_a_proposal_is_applied_by_a_server_that_was_started_again(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    first = await editor(options={"review": "propose"})
    doc = opened(first, workspace, TWINS)
    chat = await proposed(first, api, doc, doc.range(0, len(TWIN)), "Simplify", fenced(NEW))
    path = next((workspace / ".pygpt/cache/chats").glob("*.chat.md"))
    chat.save()
    await first.close()
    client = await editor(VSCODE)
    again, chat = client.open(workspace / "src/proposed.py"), client.open(path)
    assert await applied(client, chat, "Apply this edit", chat.cursor(chat.find("SEARCH"))) == (
        "changed src/proposed.py in 1 place."
    )
    assert again.text == TWINS.replace(TWIN, NEW, 1)
    client.close_document(chat)
    again.undo()
    count = len(client.messages)
    await client.execute("pygpt.applyLast", {"uri": str(path)})
    assert await said(client, count) == "changed src/proposed.py in 1 place."


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_a_proposal_of_new_lines_is_put_where_the_cursor_was(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile, options={"review": "propose"})
    doc = opened(client, workspace, "def f():\n    # ö\n\n\ndef g():\n    # ö\n\n\nend = 1\n")
    at = doc.text.rindex("    # ö") + 4
    await proposed(client, api, doc, doc.cursor(at), "Implement here", fenced("return '😀'"))
    count = len(client.messages)
    await client.execute("pygpt.applyLast")
    assert await said(client, count) == "changed src/proposed.py in 1 place."
    assert doc.text == "def f():\n    # ö\n\n\ndef g():\n    # ö\n    return '😀'\n\n\nend = 1\n"


async def test_a_proposal_for_an_empty_file_is_applied(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(options={"review": "propose"})
    doc = opened(client, workspace, "")
    api.reply(fenced("print('ö 😀')\n"))
    await client.execute(
        "pygpt.action",
        {"id": "rewrite", "uri": doc.uri, "range": doc.cursor(0), "instruction": "print ö 😀"},
    )
    await answered(client)
    assert doc.text == ""
    count = len(client.messages)
    await client.execute("pygpt.applyLast")
    assert (await said(client, count)).startswith("changed src/proposed.py")
    assert doc.text.rstrip("\n") == "print('ö 😀')"


@in_editors(HELIX_25_07, VSCODE)
@pytest.mark.parametrize("which", ["untitled", "outside"])
async def test_a_proposal_for_a_document_that_no_folder_holds_is_applied(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile, which: str
) -> None:
    client = await editor(profile, options={"review": "propose"})
    outside = workspace.parent / "öutside.py"
    uri = "untitled:Untitled-1" if which == "untitled" else outside.as_uri()
    outside.write_bytes(TWINS.encode())
    doc = client.open_text(uri, "python", TWINS)
    chat = await proposed(client, api, doc, doc.range(0, len(TWIN)), "Simplify", fenced(NEW))
    doc.type("# ö\n", at=0)
    assert (await applied(client, chat)).startswith("changed ")
    assert doc.text == f"# ö\n{TWINS.replace(TWIN, NEW, 1)}"
    assert client.questions == []


async def test_a_proposed_commit_message_is_written_above_what_is_there(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    git(workspace, "init", "-q")
    git(workspace, "add", ".")
    client = await editor(options={"review": "propose"})
    path = workspace / ".git/COMMIT_EDITMSG"
    template = "\n# Please enter the commit message for your changes. ö\n"
    path.write_bytes(template.encode())
    doc = client.open(path, "gitcommit")
    await proposed(client, api, doc, doc.cursor(0), "Write the commit message", "Let ö be 😀\n\nIt is.\n")
    count = len(client.messages)
    await client.execute("pygpt.applyLast")
    assert (await said(client, count)).startswith("changed ")
    assert doc.text == f"Let ö be 😀\n\nIt is.{template}"


async def test_a_proposal_is_one_undo_step_and_shows_in_the_chats_menu(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE, options={"review": "propose"})
    doc = opened(client, workspace, "a = 1\nb = 2\nc = 3\nd = 'ö'\ne = 5\n")
    before = doc.text
    after = before.replace("a = 1", "a = 'eins'").replace("e = 5", "e = '😀'")
    chat = await proposed(client, api, doc, doc.range(0, len(before)), "Simplify", fenced(after))
    assert chat is chat_of(client)
    menu = await client.code_actions(chat, chat.cursor(0))
    await client.choose(entry(menu, "Apply all 2 edits"))
    assert await said(client, len(client.messages)) == "changed src/proposed.py in 2 places."
    assert doc.text == after
    assert doc.undo_steps == [before]
