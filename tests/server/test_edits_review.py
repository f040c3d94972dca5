"""The user has the last word: on an edit before it is made, and on a request before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.actions_kit import chat_of, choose, entry, fenced, idle, told
from tests.support.editor_document import path_of
from tests.support.editor_profiles import EGLOT, HELIX_25_07, VSCODE, Profile, in_editors
from tests.support.editor_state import UNANSWERED
from tests.support.server_kit import answered, message, stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

ADD = "        self.count += n\n        return self.count\n"
"""Two lines of the sample."""
BETTER = "        self.count += max(n, 0)\n        return self.count\n"


@in_editors(HELIX_25_07, EGLOT)
async def test_with_confirm_the_user_decides_on_each_edit(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile, options={"review": "confirm"})
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    api.default = fenced(BETTER)
    client.answers.extend(["Show in chat", None])
    for count in (1, 2):
        await choose(client, doc, doc.range_of(ADD), "Simplify")
        await answered(client, count)
        assert doc.text == before
        assert "The edit was not confirmed, so nothing was changed." in told(client)[-1]
        client.close_document(chat_of(client))
    client.answers.append("Apply")
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    await answered(client, 3)
    assert doc.text == before.replace(ADD, BETTER)
    for question in client.questions:
        assert question.message == "PyGPT: Simplify: changed line 17 in src/app.py. Make this edit?"
        assert [action.title for action in question.actions or ()] == ["Apply", "Show in chat"]


async def test_while_the_question_is_open_the_user_may_type_and_the_edit_follows(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(options={"review": "confirm"})
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    api.reply(fenced(BETTER))
    asking = client.peer.journal  # the answer is held back until something was typed
    client.answers.append(UNANSWERED)
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    await client.wait_for(lambda: client.questions, "the question")
    doc.type("# ö 😀\n", at=0)
    ident = next(e.message["id"] for e in asking if e.message.get("method") == "window/showMessageRequest")
    client.peer.answer(ident, {"title": "Apply"})
    await answered(client)
    assert doc.text == "# ö 😀\n" + before.replace(ADD, BETTER)


async def test_with_propose_an_edit_waits_in_the_chat_to_be_applied(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE, options={"review": "propose"})
    path = workspace / "src/twins.py"
    twin = "def f():\n    return 'ö'\n"
    path.write_bytes(f"{twin}\nx = 1\n{twin}".encode())
    doc = client.open(path)
    api.reply(fenced("def f():\n    return '😀'\n"))
    await choose(client, doc, doc.range(0, len(twin)), "Simplify")
    await answered(client)
    assert doc.undo_steps == []
    assert client.questions == []
    chat = chat_of(client)
    doc.type("import ö\n", at=0)
    (apply,) = [entry(await client.code_actions(chat, chat.cursor(0), only=["pygpt"]), "Apply this edit")]
    await client.choose(apply)
    await message(client, "changed src/twins.py in 1 place.")
    assert doc.text == f"import ö\ndef f():\n    return '😀'\n\nx = 1\n{twin}"
    await client.choose(apply)
    await message(client, "Not changed: src/twins.py.")
    assert doc.text == f"import ö\ndef f():\n    return '😀'\n\nx = 1\n{twin}"


async def test_a_proposal_is_found_by_its_chat_or_its_document(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(options={"review": "propose"})
    doc = client.open(workspace / "src/app.py")
    api.default = fenced(BETTER)
    for count, named in enumerate(("chat", "chat's path", "document's path", "nothing"), 1):
        await choose(client, doc, doc.range_of(ADD), "Simplify")
        await answered(client, count)
        chat = chat_of(client)
        path = path_of(chat.uri).relative_to(workspace)
        uri = {"chat": chat.uri, "chat's path": str(path), "document's path": "src/app.py"}.get(named)
        await client.execute("pygpt.applyLast", {"uri": uri})
        await message(client, "changed src/app.py in 1 place.")
        assert BETTER in doc.text, named
        doc.undo()
        client.close_document(chat)
        client.messages.clear()


# The ceiling

BIG = "".join(f"value_{number} = {number} * 'ö'\n" for number in range(400))


async def over_the_ceiling(editor: Editors, workspace: Path) -> tuple[EditorClient, Document]:
    client = await editor(options={"max_input_tokens": 1000})
    return client, client.open_text((workspace / "src/big.py").as_uri(), "python", BIG)


@pytest.mark.parametrize("choice", ["Cancel", None])
async def test_more_than_the_ceiling_is_not_sent_unless_the_user_says_so(
    editor: Editors, api: ScriptedApi, workspace: Path, choice: str | None
) -> None:
    client, doc = await over_the_ceiling(editor, workspace)
    client.answers.append(choice)
    await choose(client, doc, doc.range(0, len(BIG)), "Simplify")
    await client.wait_for(lambda: client.questions, "the question")
    (question,) = client.questions
    assert question.message.startswith("PyGPT: This would send about ")
    assert "more than your limit of 1,000 (max_input_tokens)" in question.message
    assert [action.title for action in question.actions or ()] == ["Send anyway", "Cancel"]
    await idle(client, doc)
    assert await client.close() == 0
    assert api.requests == []
    assert stored_turns(workspace / ".pygpt/cache") == []


async def test_more_than_the_ceiling_is_sent_whole_once_the_user_says_so(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client, doc = await over_the_ceiling(editor, workspace)
    client.answers.append("Send anyway")
    api.reply(fenced(BIG.replace("value_399 ", "last ")))
    await choose(client, doc, doc.range(0, len(BIG)), "Simplify")
    await answered(client)
    assert BIG in api.requests[0].text
    assert doc.text == BIG.replace("value_399 ", "last ")
