"""The user goes on typing while the model answers: the edit lands where it was meant, once, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.actions_kit import chat_of, choose, entry, fenced, last_words, told
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_editors
from tests.support.server_kit import answered, heard, message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.api_script import Reply
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


each_way_to_refuse = in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE, EGLOT)
OLD = "def f():\n    return 'ö'\n"
NEW = "def f():\n    return '😀'\n"
TEXT = f"a = 1\n\n\n{OLD}\n\nb = 2\n"


def opened(client: EditorClient, workspace: Path, text: str = TEXT) -> Document:
    path = workspace / "src/typed.py"
    path.write_bytes(text.encode())
    return client.open(path)


async def asked(
    client: EditorClient, api: ScriptedApi, doc: Document, start: int | None = None, needle: str = OLD
) -> Reply:
    """The answer to come, once the model is asked to simplify what stands at `start`."""
    reply = api.stream()
    begin = doc.find(needle) if start is None else start
    await choose(client, doc, doc.range(begin, begin + len(needle)), "Simplify")
    await reply.until_taken()
    return reply


def say(reply: Reply, code: str = NEW) -> None:
    reply.send(fenced(code))
    reply.finish()


@each_way_to_refuse
async def test_what_is_typed_above_and_below_and_the_edit_between_both_stand(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace)
    reply = await asked(client, api, doc)
    doc.type("import ö  # 😀\n", at=0)
    reply.send("Here it is:\n\n```python\n")
    doc.swap("b = 2", "b = 3")
    doc.type("# right above\n", at=doc.find(OLD))
    reply.send(f"{NEW}```")
    doc.swap("a = 1\n", "")
    reply.finish()
    await answered(client)
    assert doc.text == f"import ö  # 😀\n\n\n# right above\n{NEW}\n\nb = 3\n"
    assert last_words(client)[0].startswith("changed line 6 · ")
    doc.undo()
    assert OLD in doc.text, "the edit is a step of its own"


@in_editors(NEOVIM_0_12)
async def test_the_change_log_tells_equal_regions_apart(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace, f"{OLD}\nx = 1\n{OLD}\ny = 2\n{OLD}")
    reply = await asked(client, api, doc, start=doc.find("x = 1\n") + len("x = 1\n"))
    doc.type(f"{OLD}\n", at=0)
    doc.swap("y = 2\n", "")
    say(reply)
    await answered(client)
    assert doc.text == f"{OLD}\n{OLD}\nx = 1\n{NEW}\n{OLD}"


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_a_region_that_the_user_changed_is_left_alone_and_the_answer_kept_for_later(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace)
    reply = await asked(client, api, doc)
    doc.swap("'ö'", "'mine'")
    mine = doc.text
    say(reply)
    reason = "The region was changed while the answer was on its way, so nothing was changed."
    await message(client, f"{reason} The answer is in the chat.")
    await answered(client)
    assert doc.text == mine
    assert doc.undo_steps == [TEXT]
    assert last_words(client)[0].startswith("not applied, see the chat · ")
    chat = chat_of(client)
    await client.wait_for(lambda: reason in chat.text, "the reason in the chat")
    assert "Here it is. ö 😀" in chat.text
    assert "    return '😀'\n>>>>>>> REPLACE" in chat.text
    assert "> #file:src/typed.py:4-5" in chat.text

    await client.execute("pygpt.applyLast", {"uri": doc.uri})
    await message(client, "Not changed: src/typed.py.")
    assert doc.text == mine

    doc.undo()
    await choose(client, chat, chat.cursor(0), "Apply this edit")
    await message(client, "changed src/typed.py in 1 place.")
    assert doc.text == TEXT.replace(OLD, NEW)


async def test_the_twin_of_a_changed_region_is_not_touched(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = opened(client, workspace, f"{OLD}\nx = 1\n{OLD}")
    reply = await asked(client, api, doc, start=0)
    doc.replace(0, 3, "class")
    mine = doc.text
    say(reply)
    await message(client, "The region was changed")
    await answered(client)
    assert doc.text == mine


async def test_a_file_closed_midway_keeps_its_answer_until_it_is_open_again(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    doc = opened(client, workspace)
    reply = await asked(client, api, doc)
    client.close_document(doc)
    say(reply)
    # The server may hear of it before it sends the edit, or from the editor that refuses that.
    told = await message(client, "was closed")
    assert told.endswith("The answer is in the chat.")
    await answered(client)
    again = opened(client, workspace, f"import ö\n{TEXT}")
    await client.execute("pygpt.applyLast")
    await message(client, "changed src/typed.py in 1 place.")
    assert again.text == f"import ö\n{TEXT.replace(OLD, NEW)}"


@pytest.mark.parametrize("twice", [False, True])
async def test_a_file_opened_anew_midway_is_edited_where_the_region_stands_once(
    editor: Editors, api: ScriptedApi, workspace: Path, twice: bool
) -> None:
    client = await editor()
    doc = opened(client, workspace)
    reply = await asked(client, api, doc)
    client.close_document(doc)
    # Where the region was, there is now something of the same shape.
    text = TEXT.replace(OLD, OLD if twice else OLD.replace("f()", "g()")) + OLD
    again = opened(client, workspace, text)
    await heard(client)  # an edit for the text before would be for this version
    say(reply)
    await answered(client)
    if twice:
        assert again.text == text
        assert "the region now stands in 2 places" in told(client)[0]
    else:
        assert again.text == text.replace(OLD, NEW)


def typed_first(doc: Document, times: int) -> Callable[[], None]:
    """A key that wins the race against the next edits."""
    left = [f"# typed {number} ö 😀\n" for number in range(times)]

    def type_one() -> None:
        if left:
            doc.type(left.pop(0), at=0)

    return type_one


@each_way_to_refuse
async def test_an_edit_that_a_key_made_stale_is_made_again_and_lands_once(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace)
    reply = await asked(client, api, doc)
    client.before_edit = typed_first(doc, 3)
    say(reply)
    await answered(client)
    assert doc.text == f"# typed 2 ö 😀\n# typed 1 ö 😀\n# typed 0 ö 😀\n{TEXT.replace(OLD, NEW)}"
    assert [edit.done for edit in client.edits] == [False, False, False, True]
    assert told(client) == []


@in_editors(NEOVIM_0_12, VSCODE)
async def test_new_lines_at_the_cursor_are_not_put_there_twice(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace)
    api.reply(fenced("c = '😀'"))
    client.before_edit = typed_first(doc, 1)
    await choose(client, doc, doc.cursor(doc.find("b = 2")), "Implement here")
    await answered(client)
    assert doc.text == f"# typed 0 ö 😀\n{TEXT}c = '😀'\n"


@in_editors(NEOVIM_0_12, EGLOT)
async def test_an_edit_that_a_key_in_its_region_overtakes_is_given_up(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace)
    reply = await asked(client, api, doc)
    keys = [lambda: doc.swap("'ö'", "'mine'")]
    client.before_edit = lambda: keys.pop()() if keys else None
    say(reply)
    await message(client, "The region was changed")
    await answered(client)
    assert doc.text == TEXT.replace("'ö'", "'mine'")
    assert "    return '😀'\n>>>>>>> REPLACE" in chat_of(client).text


async def test_an_edit_that_the_editor_refuses_for_good_is_shown_with_its_reason(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = opened(client, workspace)
    client.refuse_edits = 1
    say(await asked(client, api, doc))
    await message(client, "The editor did not make the edit: the buffer is read-only.")
    await answered(client)
    assert doc.text == TEXT
    chat = chat_of(client)
    await client.choose(entry(await client.code_actions(chat, chat.cursor(0)), "Apply this edit"))
    await message(client, "changed src/typed.py in 1 place.")
    assert doc.text == TEXT.replace(OLD, NEW)


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_two_actions_at_once_in_one_file_both_land(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = opened(client, workspace)
    first = await asked(client, api, doc)
    second = await asked(client, api, doc, needle="b = 2\n")
    third = await asked(client, api, doc, needle="a = 1\n")
    say(third, "a = 1\nimport ö")
    say(second, "b = '😀'")
    say(first)
    await answered(client, 3)
    assert doc.text == f"a = 1\nimport ö\n\n\n{NEW}\n\nb = '😀'\n"
    assert len(doc.undo_steps) == 3


async def test_of_two_actions_on_one_region_the_second_is_shown_instead_of_undoing_the_first(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = opened(client, workspace)
    first = await asked(client, api, doc)
    second = await asked(client, api, doc)
    say(first)
    await answered(client)
    say(second, "def f():\n    return 'second'")
    await message(client, "The region was changed")
    await answered(client, 2)
    assert doc.text == TEXT.replace(OLD, NEW)
    assert "return 'second'" in chat_of(client).text
