"""The edits that an answer in a chat shows are made where they fit once: all, or those at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.actions_kit import titles
from tests.support.apply_kit import (
    BOTH,
    FIRST,
    GREET,
    GREETING,
    HELLO,
    ONE,
    SECOND,
    TEXT,
    TWO,
    answered_chat,
    applied,
    replace,
    requests,
    said,
    two,
)
from tests.support.chat_kit import ended, shown_chat
from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    in_editors,
    in_every_editor,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors


@in_every_editor
async def test_two_open_files_a_closed_one_and_a_new_one_are_changed_in_one_request(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    app = client.open(workspace / "src/app.py")
    tabs, closed, new = (workspace / name for name in ("src/tabs.py", "src/closed.py", "neu-ö/new.py"))
    tabs.write_bytes("class A:\r\n\tdef f(self):  # 😀\r\n\t\treturn 'ö'".encode())
    closed.write_bytes("\ufeffx = 'ö'\ny = '😀'; z = 'ä'\n".encode())
    other = client.open(tabs)
    before = [app.text, other.text]
    chat = answered_chat(
        client,
        workspace,
        replace(*GREET),
        replace("src/tabs.py", "        return 'ö'\n", "        x = '😀'\n        return x\n"),
        replace("src/closed.py", "y = '😀'; z = 'ä'\n", "y = '😀'; z = 'ü'\n"),
        replace("neu-ö/new.py", "", "print('ö 😀')\n"),
        named=["src/closed.py", "neu-ö/new.py"],
    )
    sentence = await applied(client, chat, "Apply all 4 edits")
    assert sentence == (
        "changed src/app.py in 1 place, changed src/tabs.py in 1 place, changed src/closed.py in 1 place, "
        "made neu-ö/new.py."
    )
    assert app.text == before[0].replace(GREETING, HELLO)
    assert other.text == "class A:\r\n\tdef f(self):  # 😀\r\n\t\tx = '😀'\r\n\t\treturn x"
    assert client.document(closed).text == "x = 'ö'\ny = '😀'; z = 'ü'\n"
    assert client.document(new).text == "print('ö 😀')\n"
    assert len(requests(client)) == 1
    assert client.questions == []
    assert client.confirmations == []
    assert [app.undo_steps, other.undo_steps] == [[before[0]], [before[1]]]
    for path in (closed, new):
        assert len(client.document(path).undo_steps) == 1
    for document, text in zip((app, other), before, strict=True):
        document.undo()
        assert document.text == text


async def test_the_menu_offers_the_edit_at_the_cursor_each_edit_and_all(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(VSCODE)
    chat = answered_chat(client, workspace, replace(*GREET), "Then ö:\n", FIRST)

    async def menu(start: int, end: int | None = None) -> list[str]:
        found = await client.code_actions(chat, chat.range(start, end or start))
        return [title for title in titles(found) if title.startswith("Apply")]

    first, second = chat.find("src/app.py\n"), chat.find("src/two.py\n")
    between = chat.find("Then ö")
    each = ["Apply edit 1: src/app.py", "Apply edit 2: src/two.py", "Apply all 2 edits"]
    assert await menu(0) == each
    assert await menu(between) == each
    assert await menu(len(chat.text)) == each, "in the turn that is being written, the last answer is meant"
    for at in (first, chat.find("=======\n    greeting"), between - len("```\n\n")):
        assert await menu(at) == ["Apply this edit: src/app.py", "Apply all 2 edits"], at
    assert await menu(first, second) == each
    assert await menu(second) == ["Apply this edit: src/two.py", "Apply all 2 edits"]
    chat.type("## Assistant\n\nNo edit.\n", at=len(chat.text))
    assert await menu(len(chat.text)) == each
    assert await client.code_actions(chat, chat.range(first, first), automatic=True) == []


async def test_a_single_edit_is_offered_once(editor: Editors, workspace: Path) -> None:
    client = await editor()
    chat = answered_chat(client, workspace, replace(*GREET))
    for at in (0, chat.find("src/app.py")):
        found = titles(await client.code_actions(chat, chat.cursor(at)))
        assert [title.partition(":")[0] for title in found if title.startswith("Apply")] in (
            ["Apply this edit"],
            ["Apply edit 1"],
        )


@pytest.mark.parametrize("title", ["Apply edit 2", "Apply this edit"])
async def test_one_edit_of_several_can_be_made_alone(editor: Editors, workspace: Path, title: str) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, SECOND, replace(*GREET))
    at = chat.find("b = 'zwei") if title == "Apply this edit" else 0
    assert await applied(client, chat, title, chat.cursor(at)) == "changed src/two.py in 1 place."
    assert doc.text == TEXT.replace(TWO, "b = 'zwei 😀'\n")
    assert list(client.documents) == [doc.uri, chat.uri]
    sentence = await applied(client, chat, "Apply edit 1")
    assert sentence == "changed src/two.py in 1 place."
    assert doc.text == TEXT.replace(TWO, "b = 'zwei 😀'\n").replace(ONE, "a = 'eins'\n")


async def test_several_edits_of_a_file_are_one_undo_step_and_touch_no_other_line(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, SECOND)
    assert await applied(client, chat, "Apply all 2 edits") == "changed src/two.py in 2 places."
    assert doc.undo_steps == [TEXT]
    (edit,) = requests(client)
    (change,) = edit["documentChanges"]
    assert change["textDocument"]["version"] == 0
    touched = [(each["range"]["start"]["line"], each["range"]["end"]["line"]) for each in change["edits"]]
    assert touched == [(2, 2), (5, 5)]


async def test_an_edit_that_is_made_already_is_said_to_be(editor: Editors, workspace: Path) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, SECOND)
    await applied(client, chat, "Apply edit 1")
    sentence = await applied(client, chat, "Apply edit 1")
    assert sentence.startswith("Not changed: src/two.py. ")
    assert "already" in sentence
    assert doc.text == TEXT.replace(ONE, "a = 'eins'\n")
    doc.undo()
    assert await applied(client, chat, "Apply edit 1") == "changed src/two.py in 1 place."


async def test_all_edits_after_one_of_them_are_the_others_and_after_an_undo_all(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    third = replace("src/two.py", "c = 3\n", "c = 3\nd = 'ö'\n")
    chat = answered_chat(client, workspace, FIRST, SECOND, third)
    all_of_it = BOTH + "d = 'ö'\n"
    await applied(client, chat, "Apply edit 1")
    await applied(client, chat, "Apply edit 3")
    assert await applied(client, chat, "Apply all") == (
        "changed src/two.py in 1 place (2 of 3 edits were made before)."
    )
    assert doc.text == all_of_it
    assert await applied(client, chat, "Apply all") == (
        "Not changed: src/two.py. This change was made already, so it was not made again. (edit 1 of 3)"
    )
    for _ in range(3):
        doc.undo()
    assert doc.text == TEXT
    assert await applied(client, chat, "Apply all") == "changed src/two.py in 3 places."
    assert doc.text == all_of_it


TWIN = "def a():\n    dbg('ö')\n    x\n\ndef b():\n    if y:\n        dbg('ö')\n"


async def test_an_edit_applied_twice_never_goes_to_a_twin_of_its_lines(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    path = two(workspace)
    path.write_bytes(TWIN.encode())
    doc = client.open(path)
    chat = answered_chat(client, workspace, replace("src/two.py", "    dbg('ö')\n", ""))
    once = TWIN.replace("    dbg('ö')\n", "", 1)
    assert await applied(client, chat) == "changed src/two.py in 1 place."
    assert doc.text == once
    assert await applied(client, chat) == (
        "Not changed: src/two.py. This change was made already, so it was not made again."
    )
    assert doc.text == once
    doc.undo()
    assert await applied(client, chat) == "changed src/two.py in 1 place."
    assert doc.text == once


async def test_an_edit_that_fits_twice_is_not_made_until_it_fits_once(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    doc.type(ONE, at=len(doc.text))
    before = doc.text
    chat = answered_chat(client, workspace, FIRST)
    sentence = await applied(client, chat)
    assert sentence.startswith("Not changed: src/two.py. ")
    assert "2 places" in sentence
    assert doc.text == before
    assert requests(client) == []
    doc.undo()
    assert await applied(client, chat) == "changed src/two.py in 1 place."
    assert doc.text == TEXT.replace(ONE, "a = 'eins'\n")


CASES: dict[str, tuple[str, str, str, str]] = {
    "CRLF": ("a\r\nb\r\nc\r\n", "b\n", "b\nB 😀\n", "a\r\nb\r\nB 😀\r\nc\r\n"),
    "mixed endings": ("a\r\nb\nc\n", "b\n", "x\ny\n", "a\r\nx\ny\nc\n"),
    "tabs": (
        "if ö:\n\tif b:\n\t\tc\n",
        "        c\n",
        "        c\n        d\n",
        "if ö:\n\tif b:\n\t\tc\n\t\td\n",
    ),
    "no final newline": ("a\nb", "b\n", "x\ny\n", "a\nx\ny"),
    "a byte order mark": ("\ufeffa\nb\n", "a\n", "x\n", "\ufeffx\nb\n"),
    "wide characters": (
        "😀😀 = 'öö'; a\nb\n",
        "😀😀 = 'öö'; a\n",
        "😀😀 = 'öö'; 😀\n",
        "😀😀 = 'öö'; 😀\nb\n",
    ),
    "a form feed": ("a\n\f\nb\u2028c\nd\n", "b\u2028c\n", "x\n", "a\n\f\nx\nd\n"),
    "shifted": (
        "class A:\n    def f():\n        a\n",
        "def f():\n    a\n",
        "def f():\n    b\n",
        "class A:\n    def f():\n        b\n",
    ),
    "elided": (
        "def f():\n    a\n    b\n    c\n",
        "def f():\n    ...\n    c\n",
        "def g():\n    ...\n    d\n",
        "def g():\n    a\n    b\n    d\n",
    ),
    "trailing space": ("a  \nb\nc\n", "a\nb\n", "a\nx\n", "a  \nx\nc\n"),
    "an empty file": ("", "", "x = 'ö'\n", "x = 'ö'\n"),
}


# Not VS Code, which makes all line endings of a file alike when it opens it.
@in_editors(HELIX_25_07, EGLOT)
async def test_every_text_keeps_what_is_not_edited_byte_for_byte(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    for name, (text, old, new, expected) in CASES.items():
        path = workspace / "src/case.py"
        path.write_bytes(text.encode())
        doc = client.open(path)
        chat = answered_chat(client, workspace, replace("src/case.py", old, new))
        assert (await applied(client, chat)).startswith("changed src/case.py in "), name
        assert doc.text == expected, name
        assert len(doc.undo_steps) == 1, name
        client.close_document(doc)
        client.close_document(chat)


async def test_an_answer_from_the_model_can_be_applied_as_it_stands_in_the_chat(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(NEOVIM_0_12)
    doc = client.open(two(workspace))
    api.reply(f"Gern ö:\n\n{FIRST}\nand\n\n{SECOND}")
    await client.execute("pygpt.ask", {"question": "Change it.", "uri": doc.uri})
    chat = await shown_chat(client)
    await ended(client)
    assert len(api.requests) == 1, "what fits is not asked for again"
    assert await applied(client, chat, "Apply all 2 edits") == "changed src/two.py in 2 places."
    assert doc.text == BOTH


async def test_what_the_user_changes_in_an_edit_is_what_is_made(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST)
    chat.swap("a = 'eins'", "a = 'meins ö'")
    await applied(client, chat)
    assert doc.text == TEXT.replace(ONE, "a = 'meins ö'\n")


async def test_a_diff_and_a_patch_are_edits_too(editor: Editors, workspace: Path) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    diff = (
        "```diff\n--- a/src/two.py\n+++ b/src/two.py\n@@ -90,3 +90,3 @@\n-a = 1\n+a = 'eins'\n \n \n"
        "@@ -1 +1 @@\n-b = '😀'\n+b = 'zwei 😀'\n```\n"
    )
    chat = answered_chat(client, workspace, diff)
    assert await applied(client, chat, "Apply all 2 edits") == "changed src/two.py in 2 places."
    assert doc.text == BOTH


async def test_a_chat_without_edits_says_so(editor: Editors, workspace: Path) -> None:
    client = await editor()
    chat = answered_chat(client, workspace, "```python\nx = 1\n```\n")
    assert not any(
        title.startswith("Apply") for title in titles(await client.code_actions(chat, chat.cursor(0)))
    )
    await client.execute("pygpt.applyLast", {"uri": chat.uri})
    assert (await said(client, 0)).startswith("This chat shows no edit")
