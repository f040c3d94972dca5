"""What changes while the user is asked about an edit: it is made of what is there then, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.apply_kit import BOTH, FIRST, ONE, SECOND, TEXT, answered_chat, chosen, replace, said, two
from tests.support.editor_profiles import EGLOT, HELIX_25_07, VSCODE, Profile
from tests.support.editor_state import UNANSWERED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.json_rpc import Entry
    from tests.support.lsp_client import EditorClient


def answer_question(client: EditorClient, title: str | None) -> None:
    """The user answers the question that is open."""

    def asks(each: Entry) -> bool:
        return each.message.get("method") == "window/showMessageRequest"

    ident = [each.message["id"] for each in client.peer.journal if asks(each)][-1]
    client.peer.answer(ident, None if title is None else {"title": title})


async def asked(client: EditorClient, chat: Document, title: str) -> None:
    """Choose that entry, and wait for the question, which stays open."""
    client.answers.append(UNANSWERED)
    await chosen(client, chat, title)
    await client.wait_for(lambda: client.questions, "the question")


async def test_what_is_typed_while_the_user_is_asked_is_kept_and_the_edit_follows(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(options={"review": "confirm"})
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, SECOND)
    await asked(client, chat, "Apply all")
    doc.type("# 😀\n", at=0)
    chat.type("my next question", at=len(chat.text))
    answer_question(client, "Apply")
    assert await said(client, 0) == "changed src/two.py in 2 places."
    assert doc.text == f"# 😀\n{BOTH}"
    assert chat.text.endswith("my next question")


async def test_a_file_changed_in_the_lines_while_the_user_is_asked_is_left_alone(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(options={"review": "confirm"})
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, SECOND)
    await asked(client, chat, "Apply all")
    doc.swap("a = 1", "a = 'mine'")
    answer_question(client, "Apply")
    assert (await said(client, 0)).startswith("Not changed: src/two.py. ")
    assert doc.text == TEXT.replace("a = 1", "a = 'mine'")
    assert client.edits == []


@pytest.mark.parametrize(
    ("profile", "how"),
    [
        (HELIX_25_07, "changed"),
        (VSCODE, "changed"),
        (HELIX_25_07, "deleted"),
        (HELIX_25_07, "opened"),
        (HELIX_25_07, "opened and changed"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
async def test_a_closed_file_that_changes_while_the_user_is_asked_is_edited_only_if_its_text_is_the_same(
    editor: Editors, workspace: Path, profile: Profile, how: str
) -> None:
    client = await editor(profile, options={"review": "confirm"})
    path = two(workspace)
    chat = answered_chat(client, workspace, FIRST, named=["src/two.py"])
    await asked(client, chat, "Apply")
    if how == "changed":
        path.write_bytes(f"# ö\n{TEXT}".encode())
    elif how == "deleted":
        path.unlink()
    else:
        doc = client.open(path)
        if how == "opened and changed":
            doc.type("# ö\n", at=0)
    answer_question(client, "Apply")
    sentence = await said(client, 0)
    if how == "opened":
        assert sentence == "changed src/two.py in 1 place."
        assert client.document(path).text == TEXT.replace(ONE, "a = 'eins'\n")
        return
    assert sentence.startswith("Not changed: src/two.py. ")
    assert client.edits == []
    if how == "opened and changed":
        assert client.document(path).text == f"# ö\n{TEXT}"


async def test_a_file_that_is_closed_while_the_user_is_asked_is_not_edited(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(options={"review": "confirm"})
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST)
    await asked(client, chat, "Apply")
    client.close_document(doc)
    answer_question(client, "Apply")
    assert await said(client, 0) == (
        "Not changed: src/two.py. The file was closed meanwhile: apply the edit again."
    )


DELETE = "*** Begin Patch\n*** Delete File: src/two.py\n*** End Patch\n"


@pytest.mark.parametrize("how", ["typed in", "changed on disk", "closed", "opened and typed in"])
async def test_a_file_that_changes_while_the_user_is_asked_whether_to_delete_it_stays(
    editor: Editors, workspace: Path, how: str
) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    path = workspace / "src/two.py"
    if how not in ("typed in", "closed"):
        client.close_document(doc)
    chat = answered_chat(client, workspace, DELETE)
    await asked(client, chat, "Apply")
    if how == "changed on disk":
        path.write_bytes(f"# ö\n{TEXT}".encode())
    elif how == "closed":
        client.close_document(doc)
    else:
        (client.open(path) if "opened" in how else doc).type("# precious 😀\n", at=0)
    answer_question(client, "Apply")
    if how == "closed":
        assert await said(client, 0) == "deleted src/two.py."
        return
    assert await said(client, 0) == (
        "Not changed: src/two.py. The file was changed meanwhile, so it was not deleted."
    )
    assert path.exists()


async def test_a_new_file_that_comes_to_be_while_the_user_is_asked_is_not_written_over(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(EGLOT)
    new = workspace / "new.py"
    chat = answered_chat(client, workspace, replace("new.py", "", "x = 1\n"))
    await asked(client, chat, "Apply")
    new.write_bytes(b"mine\n")
    answer_question(client, "Apply")
    assert await said(client, 0) == "Not changed: new.py. A file of that name exists meanwhile."
    assert new.read_bytes() == b"mine\n"
