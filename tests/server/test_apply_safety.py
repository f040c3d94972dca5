"""Whoever else changes something meanwhile, and whatever the editor does: an edit is right or is not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
    said,
    two,
)
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, Profile, in_editors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.editors import Editors


each_way_to_refuse = in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE, EGLOT)


# What does not fit


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_a_file_in_which_one_edit_does_not_fit_is_left_alone_and_the_others_are_changed(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc, app = client.open(two(workspace)), client.open(workspace / "src/app.py")
    wrong = replace("src/two.py", "c = 3\nd = 'ö'\n", "d = 5\n")
    chat = answered_chat(client, workspace, FIRST, wrong, replace(*GREET))
    sentence = await applied(client, chat, "Apply all 3 edits")
    assert sentence.startswith("changed src/app.py in 1 place. Not changed: src/two.py. ")
    assert "not in the file" in sentence
    assert "(edit 2 of 2)" in sentence
    assert "line 6" in sentence, "where the nearest lines are"
    assert doc.text == TEXT
    assert doc.undo_steps == []
    assert GREETING not in app.text
    assert await applied(client, chat, "Apply edit 1") == "changed src/two.py in 1 place."


# The user types


def typed(*keys: Callable[[], None]) -> Callable[[], None]:
    """One key before each of the next edits."""
    left = list(keys)
    return lambda: left.pop(0)() if left else None


@each_way_to_refuse
async def test_edits_that_keys_have_overtaken_are_made_where_their_lines_are_now_each_once(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    app, doc = client.open(workspace / "src/app.py"), client.open(two(workspace))
    expected = app.text.replace(GREETING, HELLO)
    chat = answered_chat(client, workspace, replace(*GREET), FIRST, SECOND)
    doc.type("# ö\n", at=0)
    doc.flush()  # so the server knows where the user types
    client.before_edit = typed(lambda: doc.type("# between 😀\n", at=doc.find(TWO)))
    sentence = await applied(client, chat, "Apply all 3 edits")
    assert sentence == "changed src/app.py in 1 place, changed src/two.py in 2 places."
    assert app.text == expected
    assert doc.text == f"# ö\n{BOTH}".replace("b = 'zwei", "# between 😀\nb = 'zwei")
    assert len(app.undo_steps) == 1


@each_way_to_refuse
async def test_a_file_in_whose_lines_a_key_came_first_is_left_alone_as_a_whole(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    app, doc = client.open(workspace / "src/app.py"), client.open(two(workspace))
    chat = answered_chat(client, workspace, replace(*GREET), FIRST, SECOND)
    doc.type("# ö\n", at=0)
    doc.flush()
    client.before_edit = typed(lambda: doc.swap("b = '😀'", "b = 'mine'"))
    sentence = await applied(client, chat, "Apply all 3 edits")
    assert sentence.startswith("changed src/app.py in 1 place. Not changed: src/two.py. ")
    assert HELLO in app.text
    assert doc.text == "# ö\n" + TEXT.replace("b = '😀'", "b = 'mine'")


async def test_a_menu_that_the_chat_has_outrun_still_means_the_edit_that_it_showed(
    editor: Editors, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, SECOND)
    (second,) = [
        each for each in await client.code_actions(chat, chat.cursor(0)) if "Apply edit 2" in each.title
    ]
    chat.type("# A title ö\n\nand more\n\n", at=0)
    await client.choose(second)
    assert await said(client, 0) == "changed src/two.py in 1 place."
    assert doc.text == TEXT.replace(TWO, "b = 'zwei 😀'\n")


@pytest.mark.parametrize("how", ["deleted", "changed", "all gone"])
async def test_a_menu_whose_edit_the_user_has_changed_since_means_none(
    editor: Editors, workspace: Path, how: str
) -> None:
    client = await editor()
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, replace(*GREET), FIRST, SECOND)
    (second,) = [
        each for each in await client.code_actions(chat, chat.cursor(0)) if "Apply edit 2" in each.title
    ]
    start = chat.find(FIRST)
    if how == "deleted":
        chat.replace(start, start + len(FIRST) + 1, "")
    elif how == "changed":
        chat.swap("a = 'eins'", "a = 1 / 0")
    else:
        chat.replace(chat.find("src/app.py"), len(chat.text), SECOND)
    await client.choose(second)
    sentence = "The chat has changed since the menu was shown: choose the edit again."
    assert await said(client, 0) == sentence
    assert doc.undo_steps == []


# Where edits may go

OUTSIDE = "lies outside of the workspace, so it is not edited: open its folder first."


@in_editors(HELIX_25_07, EGLOT)
async def test_files_that_no_answer_may_edit_are_refused_each_with_a_sentence_and_the_others_changed(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    away = workspace.parent / "away.py"
    away.write_bytes(b"x = 1\n")
    git = workspace / ".git"
    git.mkdir()
    files = [workspace / name for name in (".git/config", ".pygpt/notes.md", "built/out.py", ".env")]
    for path in files:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x = 1\n")
    (workspace / ".gitignore").write_bytes(b"built/\n")
    (workspace / "link.py").symlink_to(away)
    (workspace / "links").symlink_to(workspace.parent)
    client = await editor(profile)
    doc = client.open(two(workspace))
    for path in files:
        client.open(path, "plaintext")
    written = {
        "../away.py": OUTSIDE,
        str(away): OUTSIDE,
        "~/away.py": OUTSIDE,
        "link.py": OUTSIDE,
        "links/away.py": OUTSIDE,
        "links/new.py": OUTSIDE,
        ".git/config": "belongs to git or to PyGPT itself, so it is not edited from an answer.",
        ".git/hooks/post-checkout": "belongs to git or to PyGPT itself",
        ".pygpt/notes.md": "belongs to git or to PyGPT itself",
        "built/out.py": "is excluded by ",
        "built/new.py": "is excluded by ",
        ".env": "is excluded by ",
    }
    blocks = [
        replace(f"`{name}`", "" if "new" in name or "hooks" in name else "x = 1\n", "x = 'ö'\n")
        for name in written
    ]
    chat = answered_chat(client, workspace, *blocks, FIRST, named=["../away.py", str(away), "link.py"])
    sentence = await applied(client, chat, f"Apply all {len(blocks) + 1} edits")
    assert sentence.startswith("changed src/two.py in 1 place. ")
    told = sentence.split(" Not changed: ")[1:]
    assert len(told) == len(written)
    for name, reason in written.items():
        (about,) = [each for each in told if each.startswith(f"{name}. ")]
        assert reason in about, name
    assert doc.text == TEXT.replace(ONE, "a = 'eins'\n")
    assert {path.read_bytes() for path in [away, *files]} == {b"x = 1\n"}
    assert not (workspace / "built/new.py").exists()
    assert not (workspace.parent / "new.py").exists()
    assert not (git / "hooks").exists()
    assert client.questions == []


async def test_one_file_under_two_names_is_edited_as_one(editor: Editors, workspace: Path) -> None:
    client = await editor()
    (workspace / "src/two.py").write_bytes(TEXT.encode())
    (workspace / "src/link.py").symlink_to(workspace / "src/two.py")
    (workspace / "also").symlink_to(workspace / "src")
    third = replace("also/two.py", "c = 3\n", "c = 'ö'\n")
    chat = answered_chat(client, workspace, FIRST, SECOND.replace("two.py", "link.py"), third)
    client.answers.append("Apply")
    assert await applied(client, chat, "Apply all") == "changed src/two.py in 3 places."
    assert client.document(workspace / "src/two.py").text == BOTH.replace("c = 3", "c = 'ö'")
    assert (workspace / "src/link.py").as_uri() not in client.documents


async def test_a_path_that_means_two_files_is_refused(editor: Editors, workspace: Path) -> None:
    client = await editor()
    for folder in ("one", "two"):
        path = workspace / folder / "same.py"
        path.parent.mkdir()
        path.write_bytes(b"x = 1\n")
        client.open(path)
    chat = answered_chat(client, workspace, replace("same.py", "x = 1\n", "x = 2\n"))
    sentence = await applied(client, chat)
    assert sentence.startswith("Not changed: same.py. `same.py` could be ")
    assert client.edits == []


# The editor


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_file_whose_lines_editors_count_differently_is_left_alone(
    editor: Editors, workspace: Path, *, is_open: bool
) -> None:
    client = await editor()
    path = workspace / "src/two.py"
    path.write_bytes(f"x = 'ö\rä'\n{TEXT}".encode())
    before = client.open(path).text if is_open else ""
    app = client.open(workspace / "src/app.py")
    chat = answered_chat(client, workspace, FIRST, replace(*GREET), named=["src/two.py"])
    assert await applied(client, chat, "Apply all") == (
        "changed src/app.py in 1 place. Not changed: src/two.py. Not made: it holds carriage returns without "
        "line feeds, at which editors do not agree that a line ends: replace them first."
    )
    assert HELLO in app.text
    assert path.as_uri() not in client.documents or client.document(path).text == before


@in_editors(HELIX_25_07, EGLOT)
async def test_what_the_editor_refuses_is_said_with_its_reason_and_can_be_tried_again(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST, replace("src/new.py", "", "x = 1\n"), named=["src/new.py"])
    client.refuse_edits = 1
    assert await applied(client, chat, "Apply all") == (
        "Not changed: src/two.py. Not made: the buffer is read-only. "
        "Not changed: src/new.py. Not made: the buffer is read-only."
    )
    assert doc.text == TEXT
    assert not (workspace / "src/new.py").exists(), "no empty file stays"
    assert await applied(client, chat, "Apply all") == "changed src/two.py in 1 place, made src/new.py."
    assert client.document(workspace / "src/new.py").text == "x = 1\n"


async def test_an_edit_that_the_editor_answers_and_never_shows_is_not_said_to_be_made(
    hasty: Editors, workspace: Path
) -> None:
    client = await hasty(VSCODE)
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST)
    client.pretend_edits = 1
    assert await applied(client, chat) == (
        "Not changed: src/two.py. Not made: the editor did not show the edit."
    )
    assert doc.text == TEXT
    assert await applied(client, chat) == "changed src/two.py in 1 place."


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_an_edit_that_shows_is_made_though_the_editor_never_answers(
    hasty: Editors, workspace: Path, profile: Profile
) -> None:
    client = await hasty(profile)
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST)
    client.mute_edits = 1
    assert await applied(client, chat) == "changed src/two.py in 1 place."
    assert doc.text == TEXT.replace(ONE, "a = 'eins'\n")


async def test_an_edit_that_is_neither_answered_nor_shown_is_said_to_be_unknown_and_not_sent_again(
    hasty: Editors, workspace: Path
) -> None:
    client = await hasty()
    doc = client.open(two(workspace))
    chat = answered_chat(client, workspace, FIRST)
    client.pretend_edits = client.mute_edits = 1
    sentence = "Not changed: src/two.py. Not made: the editor did not answer."
    assert await applied(client, chat) == sentence
    assert await applied(client, chat) == sentence
    assert len(client.edits) == 1
    assert doc.text == TEXT


async def test_a_file_that_the_editor_does_not_share_is_edited_again_only_once_it_is_saved(
    hasty: Editors, workspace: Path
) -> None:
    client = await hasty()
    app = client.open(workspace / "src/app.py")
    path, new = workspace / "data.xyz", workspace / "new.xyz"
    path.write_bytes(TEXT.encode())
    longer = replace("data.xyz", ONE, f"# ö\n# 😀\n{ONE}")
    second = replace("data.xyz", TWO, "b = 'zwei 😀'\n")
    make = replace("new.xyz", "", "x\ny\n")
    chat = answered_chat(
        client, workspace, longer, second, make, replace(*GREET), named=["data.xyz", "new.xyz"]
    )
    unknown = (
        "Not made: the editor says that it made the edit, but does not show this file to PyGPT: "
        "look at it there, and save it."
    )
    held = (
        "Not made: the editor may hold an edit of this file that is not saved: "
        "save it there, then apply this one again."
    )
    assert await applied(client, chat, "Apply edit 1") == f"Not changed: data.xyz. {unknown}"
    assert await applied(client, chat, "Apply edit 3") == f"Not changed: new.xyz. {unknown}"
    buffer, made = client.unshared[path.as_uri()], client.unshared[new.as_uri()]
    once = TEXT.replace(ONE, f"# ö\n# 😀\n{ONE}")
    assert (buffer.text, made.text) == (once, "x\ny\n")
    for edit, name in ((1, "data.xyz"), (2, "data.xyz"), (3, "new.xyz")):
        assert await applied(client, chat, f"Apply edit {edit}") == f"Not changed: {name}. {held}"
    assert await applied(client, chat, "Apply all") == (
        f"changed src/app.py in 1 place. Not changed: data.xyz. {held} Not changed: new.xyz. {held}"
    )
    assert HELLO in app.text
    assert (buffer.text, made.text) == (once, "x\ny\n"), "no line of theirs was hit by chance"
    path.write_bytes(buffer.text.encode())
    assert await applied(client, chat, "Apply edit 2") == f"Not changed: data.xyz. {unknown}"
    assert buffer.text == once.replace(TWO, "b = 'zwei 😀'\n")
