"""An answer that cannot be used goes back to the model with the reason, twice at most, within one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.ledger import Contribution
from tests.support import api_failures
from tests.support.actions_kit import choose, entry, fenced, last_words
from tests.support.api_wire import Tokens
from tests.support.apply_kit import GREET, GREETING, HELLO, applied, replace, said
from tests.support.chat_kit import ended, holds, open_chat, send, sent, turns
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_editors
from tests.support.server_kit import answered, heard, ledger_rows, message, stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_script import Reply
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


ASKED = "## User\n\n> #file:src/app.py\n\nChange it ö.\n"
COUNT = "        self.count += n\n        return self.count\n"
BETTER = "        self.count += max(n, 0)  # ö 😀\n        return self.count\n"
WRONG = replace("src/app.py", COUNT.replace("+=", "="), BETTER)
"""An edit whose old lines are not in the sample."""
RIGHT = replace("src/app.py", COUNT, BETTER)
CORRECTED = RIGHT.replace("```python", "```")
"""How the chat shows it then."""
STILL_WRONG = WRONG.replace("self.count = n", "self.count -= n")


async def asked(
    client: EditorClient, api: ScriptedApi, workspace: Path, *answers: str, text: str = ASKED
) -> Document:
    """The chat after the question was answered with these answers, the later ones to repairs."""
    chat = open_chat(client, workspace, text)
    for answer in answers:
        api.reply(answer, usage=Tokens(1000, 100))
    await send(client, chat)
    await ended(client)
    return chat


# In a chat


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_block_that_does_not_fit_goes_back_with_the_nearest_lines_and_comes_back_corrected(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    first = f"Gern ö:\n\n{replace(*GREET)}\nand then\n\n{WRONG}\nDone. 😀"
    text = ASKED.replace("\n", "\r\n") if profile is VSCODE else ASKED
    chat = await asked(client, api, workspace, first, f"Sorry ö.\n\n{RIGHT}", text=text)
    one, two = (sent(request) for request in api.requests)
    assert [each.role for each in two] == ["user", "assistant", "user"]
    assert two[0] == one[0]
    assert two[1].text == first
    assert "The nearest lines of the file are" in two[2].text
    assert "    def add(self, n):\n        self.count += n\n        return self.count" in two[2].text
    assert "self.count = n" in two[2].text, "which block is meant"
    assert "Schöne Grüße" not in two[2].text, "the block that fits is not asked for again"
    expected = f"Gern ö:\n\n{replace(*GREET)}\nand then\n\n{CORRECTED}\nDone. 😀"
    assert turns(chat.text)[1].text == expected
    assert turns(chat.text)[2].text == ""
    if profile is VSCODE:
        assert chat.text.count("\n") == chat.text.count("\r\n")
    (end,) = last_words(client)
    assert "2,000 tokens in, 200 out" in end
    assert end.endswith("asked 2 times")
    assert client.messages == []
    assert await applied(client, chat, "Apply all 2 edits") == "changed src/app.py in 2 places."
    assert doc.text == before.replace(GREETING, HELLO).replace(COUNT, BETTER)
    await client.close()
    stored = stored_turns(workspace / ".pygpt/cache")
    assert [(turn.action, turn.status) for turn in stored] == [("chat", "done"), ("repair", "done")]


async def test_the_ledger_names_the_file_of_a_repair_and_not_what_the_model_calls_it(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    client.open(workspace / "src/app.py")
    wrong = WRONG.replace("src/app.py", "app.py")
    assert wrong != WRONG
    await asked(client, api, workspace, wrong, RIGHT, text=ASKED.replace("app.py", "app.py:1-3"))
    assert await client.close() == 0
    asked_for, repaired = reversed(ledger_rows(workspace / ".pygpt/cache"))
    assert asked_for.sources == (Contribution("src/app.py", 1, 3),)
    assert repaired.purpose == "repair"
    [first, nearest] = repaired.sources
    assert first == asked_for.sources[0]
    assert nearest.path == "src/app.py"
    assert nearest.first > 3


async def test_what_fits_is_not_asked_for_again_and_what_never_fits_twice_at_most(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    chat = await asked(client, api, workspace, f"{WRONG}\nö", STILL_WRONG, "No.", RIGHT)
    assert len(api.requests) == 3
    assert last_words(client)[0].endswith("asked 3 times")
    assert turns(chat.text)[1].text == f"{WRONG}\nö", "what does not fit stays as it was"
    assert (await applied(client, chat)).startswith("Not changed: src/app.py. ")
    assert doc.text == before


async def test_a_block_that_fits_twice_comes_back_with_more_lines(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    path = workspace / "src/twice.py"
    path.write_bytes("def f():\n    return 'ö'\n\n\ndef g():\n    return 'ö'\n".encode())
    client = await editor()
    doc = client.open(path)
    twice = replace("src/twice.py", "    return 'ö'\n", "    return '😀'\n")
    once = replace("src/twice.py", "def g():\n    return 'ö'\n", "def g():\n    return '😀'\n")
    await asked(client, api, workspace, twice, once, text=ASKED.replace("app", "twice"))
    assert "2 places" in sent(api.requests[1])[-1].text
    await client.execute("pygpt.applyLast", {"uri": (workspace / "talk.chat.md").as_uri()})
    assert await said(client, 0) == "changed src/twice.py in 1 place."
    assert doc.text == "def f():\n    return 'ö'\n\n\ndef g():\n    return '😀'\n"


@pytest.mark.parametrize("named", ["", "> #diagnostics:src/secret.py\n"])
async def test_nothing_is_said_to_the_model_of_a_file_that_no_context_line_has_sent(
    editor: Editors, api: ScriptedApi, workspace: Path, named: str
) -> None:
    (workspace / "src/secret.py").write_bytes("password = 'ö'\nuser = '😀'\n".encode())
    client = await editor()
    client.open(workspace / "src/app.py")
    client.open(workspace / "src/secret.py")
    secret = replace("src/secret.py", "password = 1\n", "password = 2\n")
    await asked(
        client, api, workspace, f"{secret}\n{WRONG}", RIGHT, text=ASKED.replace("> #file", f"{named}> #file")
    )
    assert len(api.requests) == 2
    assert "secret.py" not in sent(api.requests[1])[-1].text
    assert not any("password = 'ö'" in request.text for request in api.requests)
    chat = open_chat(client, workspace, f"## User\n\n{named}Change it.\n", "other.chat.md")
    api.reply(secret)
    await send(client, chat)
    await ended(client, 2)
    assert len(api.requests) == 3


@pytest.mark.parametrize(
    ("answer", "finish"),
    [(f"{WRONG}\nand", "length"), (WRONG, "content_filter"), (f"{WRONG[:-30]}", "length"), ("No ö.", "stop")],
    ids=["cut", "filtered", "cut in the block", "no edits"],
)
async def test_a_cut_answer_and_one_without_edits_are_not_repaired(
    editor: Editors, api: ScriptedApi, workspace: Path, answer: str, finish: str
) -> None:
    client = await editor()
    client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, ASKED)
    api.reply(answer, finish_reason=finish)  # type: ignore[arg-type]
    await send(client, chat)
    await ended(client)
    assert len(api.requests) == 1


async def test_a_repair_that_would_be_too_large_is_not_sent(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(options={"max_input_tokens": 1500})
    client.open(workspace / "src/app.py")
    chat = await asked(client, api, workspace, f"{'word-' * 2000}\n\n{WRONG}")
    assert len(api.requests) == 1
    assert client.questions == []
    assert WRONG in turns(chat.text)[1].text + "\n"


@pytest.mark.parametrize(
    "answer", [f"{RIGHT}\n{replace(*GREET)}", "Nothing to change.", RIGHT.replace("app", "b")]
)
async def test_a_correction_counts_where_it_is_one_for_each_block_and_for_the_file_of_that_block(
    editor: Editors, api: ScriptedApi, workspace: Path, answer: str
) -> None:
    (workspace / "src/b.py").write_bytes(b"x = 1\n")
    client = await editor()
    client.open(workspace / "src/app.py")
    chat = await asked(client, api, workspace, WRONG, answer, answer)
    assert turns(chat.text)[1].text == (CORRECTED if "b.py" in answer else WRONG)


async def repairing(
    client: EditorClient, api: ScriptedApi, workspace: Path, answer: str = f"Begun ö.\n\n{WRONG}"
) -> tuple[Document, Reply]:
    """A chat whose answer is being repaired, and the correction to come."""
    chat = open_chat(client, workspace, ASKED)
    api.reply(answer)
    reply = api.stream()
    await send(client, chat)
    await reply.until_taken()
    return chat, reply


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_correction_finds_its_block_while_the_user_types_in_the_chat_and_in_the_code(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    chat, reply = await repairing(client, api, workspace)
    chat.type("next ö", at=len(chat.text) - profile.final_newline)
    chat.type("And more. ", at=chat.find("Change it"))
    doc.type("# 😀\n", at=0)
    reply.send(RIGHT)
    keys = ["😀 "]
    client.before_edit = lambda: chat.type(keys.pop(), at=chat.find("Begun")) if keys else None
    reply.finish()
    await ended(client)
    said_now = turns(chat.text)
    assert said_now[0].text.endswith("And more. Change it ö.")
    assert said_now[1].text == f"😀 Begun ö.\n\n{CORRECTED}"
    assert said_now[2].text == "next ö"
    assert await applied(client, chat) == "changed src/app.py in 1 place."
    assert doc.text == f"# 😀\n{before.replace(COUNT, BETTER)}"


async def test_a_block_that_the_user_has_changed_meanwhile_is_not_corrected(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    client.open(workspace / "src/app.py")
    chat, reply = await repairing(client, api, workspace)
    chat.swap("self.count = n", "self.count = mine")
    mine = turns(chat.text)[1]
    api.reply("No.")
    reply.send(RIGHT)
    reply.finish()
    await ended(client)
    assert turns(chat.text)[1] == mine


async def test_a_chat_that_is_closed_meanwhile_is_corrected_in_its_file(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    client.open(workspace / "src/app.py")
    chat, reply = await repairing(client, api, workspace)
    chat.save()
    client.close_document(chat)
    await heard(client)
    reply.send(RIGHT)
    reply.finish()
    await ended(client)
    text = (workspace / "talk.chat.md").read_bytes().decode()
    assert turns(text)[1].text == f"Begun ö.\n\n{CORRECTED}"


async def test_stop_during_a_repair_leaves_the_first_answer_whole(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    chat, reply = await repairing(client, api, workspace, f"{replace(*GREET)}\n{WRONG}\nThe end ö.")
    reply.send("Sorry")
    text = chat.text
    await client.choose(entry(await client.code_actions(chat, chat.cursor(0)), "Stop"))
    await reply.taken().until_closed()
    assert await ended(client) == "PyGPT: stopped"
    assert chat.text == text
    assert turns(text)[1].text.endswith("The end ö.")
    assert await applied(client, chat, "Apply edit 1") == "changed src/app.py in 1 place."
    assert HELLO in doc.text


async def test_a_failure_during_a_repair_leaves_the_first_answer_whole(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, ASKED)
    api.reply(f"{WRONG}\nThe end ö.")
    api.fail(api_failures.no_quota())
    await send(client, chat)
    await ended(client)
    assert len(api.requests) == 2
    assert turns(chat.text)[1].text == f"{WRONG}\nThe end ö."
    assert "failed" not in chat.text
    (told,) = client.messages
    assert told.message.startswith(
        "PyGPT: Some edits of the answer do not fit, and asking for them again failed: "
    )
    assert "quota" in told.message


async def test_blocks_of_several_files_are_corrected_each_in_its_place(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "src/b.py").write_bytes("x = 'ö'\n".encode())
    client = await editor()
    client.open(workspace / "src/app.py")  # the other one is read from its file
    wrong, right = (replace("src/b.py", f"x = '{old}'\n", "x = '😀'\n") for old in ("o", "ö"))
    chat = await asked(
        client, api, workspace, f"{WRONG}\nand\n\n{wrong}", f"{RIGHT}\n{right}",
        text=ASKED.replace("> #file", "> #file:src/b.py\n> #file"),
    )  # fmt: skip
    assert len(api.requests) == 2
    assert turns(chat.text)[1].text == f"{RIGHT}\nand\n\n{right}".replace("```python", "```")


# For an action


UNUSABLE = {
    "no code": ("Looks good to me. ö", "The answer holds no code block"),
    "elided": (
        fenced("    def add(self, n):\n        # ... rest unchanged\n"),
        "The answer leaves out code that should stay",
    ),
    "two blocks": (fenced("one = 1") + fenced("two = 2"), "The answer holds 2 code blocks"),
}


@pytest.mark.parametrize("what", UNUSABLE)
async def test_an_answer_that_is_no_edit_is_asked_for_again_and_the_second_one_made(
    editor: Editors, api: ScriptedApi, workspace: Path, what: str
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    answer, reason = UNUSABLE[what]
    api.reply(answer, usage=Tokens(1000, 100))
    api.reply(fenced(BETTER), usage=Tokens(1000, 100))
    await choose(client, doc, doc.range_of(COUNT), "Simplify")
    await answered(client)
    assert doc.text == before.replace(COUNT, BETTER)
    one, two = (sent(request) for request in api.requests)
    assert two[: len(one)] == one
    assert [each.role for each in two[len(one) :]] == ["assistant", "user"]
    assert two[-2].text == answer
    assert reason in two[-1].text
    (end,) = last_words(client)
    assert end.startswith("changed line ")
    assert "2,000 tokens in, 200 out" in end
    assert end.endswith("asked 2 times")
    assert client.messages == []
    assert list(client.documents) == [doc.uri]


AS_CHANGES = {
    "a diff": "```diff\n@@ -1,2 +1,2 @@\n-        self.count += n\n+        self.count += max(n, 0)  # ö 😀\n"
    "         return self.count\n```\n",
    "a block": RIGHT,
    "a block without a path": RIGHT.removeprefix("src/app.py\n"),
}


@pytest.mark.parametrize("how", AS_CHANGES)
async def test_changes_of_the_region_are_made_as_if_its_code_had_been_given(
    editor: Editors, api: ScriptedApi, workspace: Path, how: str
) -> None:
    client = await editor(NEOVIM_0_12)
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    api.reply(f"So ö:\n\n{AS_CHANGES[how]}")
    await choose(client, doc, doc.range_of(COUNT), "Simplify")
    await answered(client)
    assert doc.text == before.replace(COUNT, BETTER)
    assert len(api.requests) == 1
    assert doc.undo_steps == [before]


async def test_a_region_that_is_changed_during_a_repair_is_left_alone(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    api.reply("No code ö.")
    reply = api.stream()
    await choose(client, doc, doc.range_of(COUNT), "Simplify")
    await reply.until_taken()
    doc.swap("self.count += n", "self.count += mine")
    mine = doc.text
    reply.send(fenced(BETTER))
    reply.finish()
    await message(client, "The region was changed")
    await answered(client)
    assert doc.text == mine


async def test_a_failure_while_an_action_is_repaired_shows_what_there_is(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    api.reply("No code ö.")
    api.fail(api_failures.no_quota())
    await choose(client, doc, doc.range_of(COUNT), "Simplify")
    await answered(client)
    assert last_words(client) == ["failed; what arrived is in the chat"]
    (chat,) = [each for uri, each in client.documents.items() if uri.endswith(".chat.md")]
    await holds(client, chat, "No code ö.")
    assert doc.text == before
