"""An edit action changes the lines that the answer changes, in one step, and no other byte of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.secrets.masking import names_in
from tests.support.actions_kit import choose, edits_of, fenced, last_words, told
from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    Profile,
    in_editors,
    in_every_editor,
)
from tests.support.git_kit import run as git
from tests.support.server_kit import answered, message

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient


async def rewritten(
    client: EditorClient, api: ScriptedApi, doc: Document, needle: str, answer: str, language: str = "python"
) -> str:
    """The text after "Simplify" on `needle` was answered with the code `answer`."""
    api.reply(fenced(answer, language))
    count = len(last_words(client))
    await choose(client, doc, doc.range_of(needle), "Simplify")
    await answered(client, count + 1)
    return doc.text


@in_every_editor
async def test_every_editor_gets_one_versioned_edit_of_the_changed_lines_in_one_undo_step(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    before, version = doc.text, doc.version
    region = "    def add(self, n):\n        self.count += n\n        return self.count\n"
    answer = (
        "    def add(self, n: int) -> int:\n"
        '        """Zähle 😀."""\n'
        "        self.count += n\n"
        "        return self.count\n"
    )
    after = await rewritten(client, api, doc, region, answer)
    assert after == before.replace(region, answer)
    (edit,) = edits_of(client, doc)
    assert edit["textDocument"]["version"] == version
    assert [(each["range"]["start"]["line"], each["range"]["end"]["line"]) for each in edit["edits"]] == [
        (15, 15)
    ]
    assert last_words(client) == [last_words(client)[0]]
    assert last_words(client)[0].startswith("changed line 16 · gpt-5.5")
    assert told(client) == []
    assert doc.undo_steps == [before]
    doc.undo()
    assert doc.text == before


async def test_lines_that_stay_keep_cursor_and_marks_because_no_edit_touches_them(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    text = "".join(f"line{n} = 'ö 😀'\n" for n in range(9))
    doc = client.open_text((workspace / "src/nine.py").as_uri(), "python", text)
    answer = text.replace("line1 =", "one =").replace("line4 = 'ö 😀'\n", "").replace("line7", "a = 0\nline7")
    assert await rewritten(client, api, doc, text, answer) == answer
    (edit,) = edits_of(client, doc)
    touched = [
        (each["range"]["start"]["line"], each["range"]["end"]["line"], each["newText"])
        for each in edit["edits"]
    ]
    assert touched == [(1, 1, "one = 'ö 😀'"), (4, 5, ""), (7, 7, "a = 0\n")]
    assert last_words(client)[0].startswith("changed lines 2 to 8 in 3 places · ")


class Case(NamedTuple):
    """A file in three parts, the middle one selected; what the model answers, and what the middle becomes."""

    above: str
    selected: str
    below: str
    answer: str
    becomes: str


CASES = {
    "CRLF": Case("aa\r\n", "bb", "\r\ncc\r\n", "bb\nBB", "bb\r\nBB"),
    "CRLF in the answer alone": Case("aa\n", "bb", "\ncc\n", "x\r\ny\r\n", "x\ny"),
    "lone CR": Case("aa\r", "bb", "\rcc\r", "bb\nBB", "bb\rBB"),
    "mixed endings": Case("aa\r\n", "bb", "\ncc\r\ndd\n", "x", "x"),
    "no final newline": Case("aa\n", "bb = 'ö😀'", "", "b = 'x'\ncc", "b = 'x'\ncc"),
    "nothing but one line": Case("", "bb", "", "x\ny\n", "x\ny"),
    "a byte order mark": Case("\ufeffaa\n", "bb", "\n", "x", "x"),
    "a byte order mark in the region": Case("", "\ufeffaa\nbb", "\n", "\ufeffaa\nx", "\ufeffaa\nx"),
    "a form feed": Case("aa\n\f\ndef f():\n", "    pass", "\n\fcc\n", "    return 'ö'", "    return 'ö'"),
    "U+2028": Case("a = 'x\u2028y\u2029z\x85'\n", "bb  # 😀", "\n\u2028\n", "x", "x"),
    "U+2028 in the region": Case("", "a = 'x\u2028y'", "\nbb\n", "a = 'x\u2028z'", "a = 'x\u2028z'"),
    "wide characters": Case("😀😀 = 'öö'\n", "bb; 😀; cc", "\n😀\n", "bb; 😀😀; ö", "bb; 😀😀; ö"),
    "tabs": Case(
        "class A:\n\tdef f():\n", "\t\tpass", "\n", "    x = 1\n    return x", "\t\tx = 1\n\t\treturn x"
    ),
    "no indentation": Case("if x:\n", "    a = 1\n    b = 2", "\n", "a = 2\nb = 2", "    a = 2\n    b = 2"),
    "half an indentation": Case(
        "if x:\n", "    a = 1\n    b = 2", "\n", "a = 2\n    b = 2", "    a = 2\n    b = 2"
    ),
    "blank lines": Case("aa\n\n", "\nbb\n", "\ncc\n", "\n\n\nx\n", "\nx\n"),
    "fences": Case("", '"""\n~~~\nx\n~~~\n"""', "\n", '"""\n~~~\ny\n~~~\n"""', '"""\n~~~\ny\n~~~\n"""'),
}


# Not VS Code, which makes all line endings of a file alike when it opens it.
@in_editors(HELIX_25_07, EGLOT)
async def test_every_text_keeps_what_is_not_edited_byte_for_byte(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    for name, case in CASES.items():
        path = workspace / "src/case.py"
        path.write_bytes((case.above + case.selected + case.below).encode())
        doc = client.open(path)
        before = doc.text
        after = await rewritten(client, api, doc, case.selected, case.answer)
        assert after == case.above + case.becomes + case.below, name
        assert doc.undo_steps == [before], name
        client.close_document(doc)


async def test_an_empty_file_takes_the_code_that_is_asked_for(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    path = workspace / "src/new.py"
    path.write_bytes(b"")
    doc = client.open(path)
    api.reply(fenced("print('ö 😀')\n"))
    await client.execute(
        "pygpt.action",
        {"id": "rewrite", "uri": doc.uri, "range": doc.cursor(0), "instruction": "print ö 😀"},
    )
    await answered(client)
    assert doc.text == "print('ö 😀')"
    assert api.requests[0].text.endswith("Instruction: print ö 😀")


async def test_an_answer_that_changes_nothing_makes_no_edit(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    await rewritten(client, api, doc, "    return greeting\n", "    return greeting\n")
    assert edits_of(client, doc) == []
    assert last_words(client)[0].startswith("nothing to change · ")


COMMENTED = (
    ("# ai: count ö 😀\ndef f(x):\n    return 1\n", "def f(x):\n    return 1"),
    ("def f(x):\n    # ai: count ö 😀\n    return 1\n", "def f(x):\n    # ai: count ö 😀\n    return 1"),
    ("def f(x):\n    return 1  # ai: count ö 😀\n", "def f(x):\n    return 1"),
    ("# ai: count ö 😀\n", "# ai: count ö 😀"),
)


async def test_the_comment_that_asked_for_an_edit_goes_away_with_it(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    answer = "def f(x):\n    return len(x)"
    for count, (text, needle) in enumerate(COMMENTED, 1):
        path = workspace / "src/todo.py"
        path.write_bytes(f"a = 1\n\n{text}\nb = 2\n".encode())
        doc = client.open(path)
        api.reply(fenced(answer))
        await choose(client, doc, doc.range_of(needle), 'Do "count ö 😀"')
        await answered(client, count)
        assert doc.text == f"a = 1\n\n{answer}\n\nb = 2\n", text
        assert len(doc.undo_steps) == 1
        asked = api.requests[-1].text
        assert asked.endswith("Instruction: count ö 😀")
        assert asked.count("count ö 😀") == 1, "the comment is no part of the code that is sent"
        client.close_document(doc)


async def test_a_comment_goes_away_even_if_the_answer_leaves_the_code_as_it_is(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    path = workspace / "src/todo.py"
    path.write_bytes(b"def f():\n    return 1  # ai: return 1\n")
    doc = client.open(path)
    api.reply(fenced("    return 1"))
    await choose(client, doc, doc.range_of("    return 1"), 'Do "return 1"')
    await answered(client)
    assert doc.text == "def f():\n    return 1\n"


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_code_is_written_at_the_cursor_with_the_indentation_of_the_place(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    path = workspace / "src/here.py"
    path.write_bytes("def f(x):\r\n    # count ö 😀\r\n\r\n\r\nclass A:\r\n    \r\n    y = 1\r\n".encode())
    doc = client.open(path)
    api.reply(fenced("n = len(x)\nreturn n"))
    await choose(client, doc, doc.cursor(doc.find("count ö")), "Implement here")
    await answered(client)
    assert doc.text.startswith(
        "def f(x):\r\n    # count ö 😀\r\n    n = len(x)\r\n    return n\r\n\r\n\r\nclass"
    )
    assert "    # count ö 😀⟦cursor⟧\n" in api.requests[0].text
    api.reply(fenced("x = 0"))
    await choose(client, doc, doc.cursor(doc.find("    \r\n    y") + 4), "Implement here")
    await answered(client, 2)
    assert doc.text.endswith("class A:\r\n    x = 0\r\n    y = 1\r\n")
    assert len(doc.undo_steps) == 2


TEMPLATE = "\n# Please enter the commit message for your changes. ö\n"


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_commit_message_is_written_from_what_is_staged(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    git(workspace, "init", "-q")
    (workspace / "staged.md").write_text("```sh\nlet ö = 😀\n```\n", "utf-8")
    (workspace / "later.md").write_text("not staged\n")
    path = workspace / ".git/COMMIT_EDITMSG"
    path.write_text(TEMPLATE, "utf-8")
    client = await editor(profile)
    doc = client.open(path, "gitcommit")
    await choose(client, doc, doc.cursor(0), "Write the commit message")
    await message(client, "Nothing is staged, so there is nothing to describe: stage changes first.")
    assert api.requests == []
    git(workspace, "add", "staged.md")
    api.reply("Let ö be 😀\n\nBecause it is.\n")
    await choose(client, doc, doc.cursor(0), "Write the commit message")
    await answered(client)
    assert doc.text == "Let ö be 😀\n\nBecause it is." + TEMPLATE
    assert len(doc.undo_steps) == 1
    asked = api.requests[0].text
    assert "+let ö = 😀\n+```\n````\n" in asked, "in a fence that it cannot close"
    assert "not staged" not in asked


async def test_a_commit_message_never_tells_a_secret_of_the_diff(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    secret = "AK" + "IAQ7ZP3MVX5LTNB2WD"
    git(workspace, "init", "-q")
    (workspace / "keys.txt").write_text(f"{secret}\n")
    git(workspace, "add", "keys.txt")
    path = workspace / ".git/COMMIT_EDITMSG"
    path.write_text(TEMPLATE, "utf-8")
    client = await editor()
    doc = client.open(path, "gitcommit")
    api.default = lambda request: f"Add {names_in(request.text)[-1]}\n"
    await choose(client, doc, doc.cursor(0), "Write the commit message")
    await answered(client)
    assert secret not in api.requests[0].text
    assert doc.text == f"Add {names_in(api.requests[0].text)[-1]}{TEMPLATE}"


async def test_what_the_user_wrote_of_a_commit_message_stays_below_the_new_one(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    git(workspace, "init", "-q")
    git(workspace, "add", ".")
    path = workspace / ".git/COMMIT_EDITMSG"
    path.write_text(f"mine ö{TEMPLATE}", "utf-8")
    client = await editor()
    doc = client.open(path, "gitcommit")
    api.reply(fenced("Greet\n", ""))
    await client.execute("pygpt.action", {"id": "commit", "uri": str(path)})
    await answered(client)
    assert doc.text == f"Greet\n\nmine ö{TEMPLATE}"
