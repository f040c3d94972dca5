"""A secret in the code leaves in no request and stands nowhere but in its place; edits around it keep it.

The key of the workspace's placeholders is put there beforehand, so that the scripted model can name them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pygpt_lsp.core.secrets.masking import INSTRUCTION, digits_of, names_in, placeholder
from tests.server.test_edits import git
from tests.support.actions_kit import choose, fenced, last_words
from tests.support.apply_kit import answered_chat, applied, chosen, replace
from tests.support.chat_kit import ask, ended, open_chat, send, shown_chat, told
from tests.support.editor_profiles import HELIX_25_07, VSCODE, Profile, in_every_editor
from tests.support.request_kit import body_of, page, text_of
from tests.support.server_kit import answered

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.secrets.kinds import Kind
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

KEY = bytes(range(32))
AWS = "AK" + "IAQ7ZP3MVX5LTNB2WD"
LONG_TOKEN = "github_" + f"pat_{'7ZkQ2mXw9Rt' * 2}_{'hV4nB8sLq1' * 5}yC6pJ3dK0"
PASSWORD = "hunter2-ö😀"
CODE = f'''\
def client(region):
    # Grüße 😀
    key = "{AWS}"
    return connect(region, key, password="{PASSWORD}")
'''


@pytest.fixture
def source(workspace: Path) -> Path:
    """A file with two secrets and CRLF lines, in a workspace whose key is known."""
    cache = workspace / ".pygpt/cache"
    cache.mkdir(mode=0o700, parents=True)
    (cache / "mask.key").write_text(KEY.hex())
    (cache / "mask.key").chmod(0o600)
    path = workspace / "src/cloud.py"
    put(path, CODE.replace("\n", "\r\n"))
    return path


def put(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def files_named(folder: Path, name: str) -> list[Path]:
    return list(folder.rglob(name))


def name(secret: str, kind: Kind) -> str:
    """What stands for a secret in this workspace."""
    return placeholder(kind, digits_of(secret, KEY))


def masked(text: str) -> str:
    return text.replace(AWS, name(AWS, "AWS")).replace(PASSWORD, name(PASSWORD, "PASSWORD"))


def assert_nowhere_else(workspace: Path, api: ScriptedApi, *places: Path) -> None:
    """The secrets are in no byte that went out, and in no file but those."""
    for secret in (AWS.encode(), PASSWORD.encode(), b"hunter2"):
        assert not [request for request in api.journal if secret in request.raw]
        holding = {path for path in workspace.rglob("*") if path.is_file() and secret in path.read_bytes()}
        assert holding <= set(places)


async def simplified(client: EditorClient, api: ScriptedApi, doc: Document, answer: str) -> str:
    """The text after "Simplify" on all of the document."""
    api.reply(fenced(answer))
    count = len(last_words(client))
    await choose(client, doc, doc.range(0, len(doc.text)), "Simplify")
    await answered(client, count + 1)
    return doc.text


@in_every_editor
async def test_a_function_with_a_key_in_it_is_rewritten_without_the_key_leaving(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(source)
    answer = masked(CODE).replace("region", "place")

    after = await simplified(client, api, doc, answer)

    assert after == CODE.replace("region", "place").replace("\n", "\r\n")
    body = api.requests[0].body.decode()
    assert name(AWS, "AWS") in body
    assert INSTRUCTION in body
    assert await client.close() == 0
    assert_nowhere_else(workspace, api, source)


async def test_a_key_of_many_lines_is_one_placeholder_and_comes_back_whole(
    editor: Editors, api: ScriptedApi, source: Path
) -> None:
    lines = [f"{'Qm9ndXMga2V5IG9m' * 4}"] * 9
    block = "\r\n".join(["-----BEG" + "IN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"])
    text = f'def key():\r\n    return """{block}"""\r\n\r\nx = 1\r\n'
    put(source, text)
    client = await editor()
    doc = client.open(source)
    answer = f'def the_key():\n    return """{name(block, "PRIVATE_KEY")}"""\n\nx = 1\n'

    after = await simplified(client, api, doc, answer)

    assert after == text.replace("def key", "def the_key")
    assert lines[0] not in api.requests[0].body.decode()


async def test_lines_from_the_middle_of_a_key_do_not_leave_and_come_back_in_their_places(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    lines = [f"{'Qm9ndXMga2V5IG9m' * 3}{number:016}" for number in range(9)]
    text = "\r\n".join(["-----BEG" + "IN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----", ""])
    put(source, text)
    client = await editor()
    doc = client.open(source)
    middle = {"start": {"line": 4, "character": 0}, "end": {"line": 6, "character": 0}}
    await client.execute("pygpt.ask", {"question": "why?", "uri": doc.uri, "range": middle})
    await answered(client)

    api.reply(fenced("\n".join(name(line, "PRIVATE_KEY") for line in (lines[4], lines[3]))))
    await choose(client, doc, middle, "Simplify")
    await answered(client, 2)

    assert doc.text == text.replace(f"{lines[3]}\r\n{lines[4]}", f"{lines[4]}\r\n{lines[3]}")
    in_the_instruction, *others = names_in(api.requests[0].text)
    assert in_the_instruction in INSTRUCTION
    assert others == [name(line, "PRIVATE_KEY") for line in lines[3:5]]
    assert not [request for request in api.journal for line in lines if line.encode() in request.raw]


@in_every_editor
async def test_a_selection_that_begins_and_ends_within_secrets_takes_them_whole(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path, profile: Profile
) -> None:
    code = f'😀 = "ö"; key = "{AWS}"; x = "ö😀"\npassword = "{PASSWORD}"  # 😀\nlast = 1\n'
    put(source, code.replace("\n", "\r\n"))
    client = await editor(profile)
    doc = client.open(source)
    cut = doc.range(doc.text.index(AWS) + 7, doc.text.index(PASSWORD) + 9)
    await client.execute("pygpt.ask", {"question": "why?", "uri": doc.uri, "range": cut})
    await answered(client)
    api.reply(fenced("\n".join(masked(code).splitlines()[:2]).replace("x = ", "y = ")))

    await choose(client, doc, cut, "Simplify")
    await answered(client, 2)

    assert doc.text == code.replace("x = ", "y = ").replace("\n", "\r\n")
    for request in api.requests:
        assert masked(code).splitlines()[0] in request.text
        assert masked(code).splitlines()[1] in request.text
        assert not [part for part in (AWS[:7], AWS[7:], PASSWORD[:8]) if part in request.text]
    assert await client.close() == 0
    assert_nowhere_else(workspace, api, source)


async def test_a_secret_is_masked_where_the_line_that_gives_it_away_is_not_selected(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    put(source, f"env:\r\n  - name: DB_PASSWORD\r\n    value: {PASSWORD}\r\n")
    client = await editor()
    doc = client.open(source)
    start = doc.text.index(PASSWORD)

    await ask(client, "why?", uri=doc.uri, range=doc.range(start, start + 3))
    await answered(client)

    assert f"value: {name(PASSWORD, 'PASSWORD')}" in api.requests[0].text
    assert "name: DB_PASSWORD" not in api.requests[0].text
    assert await client.close() == 0
    assert_nowhere_else(workspace, api, source)


async def test_lines_that_a_change_took_out_of_the_middle_of_a_key_do_not_leave(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    lines = [f"{'Qm9ndXMga2V5IG9m' * 3}{number:016}" for number in range(14)]
    text = "\r\n".join(["-----BEG" + "IN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----", ""])
    put(source, text)
    git(workspace, "init", "-q")
    git(workspace, "add", "src/cloud.py")
    git(workspace, "commit", "-q", "-m", "x")
    put(source, text.replace(lines[7], lines[7][::-1]))
    client = await editor()
    chat = open_chat(client, workspace, "## User\n\n> #diff\n\nWhy?\n")

    await send(client, chat)
    await ended(client)

    assert f"-{name(lines[7], 'PRIVATE_KEY')}" in api.requests[0].text
    assert f"+{name(lines[7][::-1], 'PRIVATE_KEY')}" in api.requests[0].text
    for line in (*lines, lines[7][::-1]):
        assert line not in api.requests[0].text


async def test_a_title_that_is_cut_holds_no_part_of_a_secret(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    await ask(client, question=f"Is {LONG_TOKEN} known?")
    await shown_chat(client)
    await ended(client)
    begun = LONG_TOKEN[:24]
    assert begun not in api.requests[0].text
    kept = [(path.name, path.read_bytes()) for path in files_named(workspace, "*") if path.is_file()]
    assert not [file for file, content in kept if begun in file or begun.encode() in content]
    await client.execute("pygpt.showLastRequest")
    assert begun not in text_of(await page(client))


async def test_a_placeholder_that_the_model_alters_is_refused_and_the_chat_shows_no_secret(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    client = await editor()
    doc = client.open(source)
    wrong = masked(CODE).replace(name(AWS, "AWS"), "PYGPT_SECRET_AWS_000000000000")
    api.reply(fenced(wrong))
    api.reply(fenced(wrong))

    after = await simplified(client, api, doc, wrong)

    assert after == CODE.replace("\n", "\r\n")
    assert "stands for no secret that is known here" in await told(client, "PYGPT_SECRET_AWS_000000000000")
    assert PASSWORD not in (await shown_chat(client)).text
    assert await client.close() == 0
    assert_nowhere_else(workspace, api, source)


async def test_an_edit_that_is_only_proposed_is_shown_masked_and_applied_whole_by_another_process(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    client = await editor(HELIX_25_07, options={"review": "propose"})
    doc = client.open(source)
    await simplified(client, api, doc, masked(CODE).replace("key = ", "the_key = "))
    chat = await shown_chat(client)
    assert name(AWS, "AWS") in chat.text
    assert AWS not in chat.text
    text = chat.text
    assert await client.close() == 0
    assert_nowhere_else(workspace, api, source)

    other = await editor(HELIX_25_07)
    doc = other.open(source)
    again = open_chat(other, workspace, text)
    await applied(other, again)

    assert doc.text == CODE.replace("key = ", "the_key = ").replace("\n", "\r\n")


async def test_edits_of_a_chat_find_lines_with_secrets_in_closed_files_and_take_them_to_new_ones(
    editor: Editors, workspace: Path, source: Path
) -> None:
    client = await editor()
    line = f'    key = "{name(AWS, "AWS")}"\n'
    chat = answered_chat(
        client,
        workspace,
        replace("src/cloud.py", line, line.replace("key", "aws_key")),
        replace("src/new.py", "", f"KEY = '{name(AWS, 'AWS')}'\n"),
        named=["src/cloud.py", "src/new.py"],
    )

    await applied(client, chat, "Apply all 2 edits")

    assert client.document(source).text == CODE.replace("    key =", "    aws_key =").replace("\n", "\r\n")
    assert client.document(workspace / "src/new.py").text == f"KEY = '{AWS}'\n"


async def test_an_edit_with_an_unknown_placeholder_changes_nothing(
    editor: Editors, workspace: Path, source: Path
) -> None:
    client = await editor()
    unknown = "PYGPT_SECRET_AWS_3F9A21C4B0D1"
    new = f'    key = "{unknown}"\n'
    chat = answered_chat(
        client, workspace, replace("src/cloud.py", "    # Grüße 😀\n", new), named=["src/cloud.py"]
    )

    sentence = await applied(client, chat)

    assert f"{unknown} in the answer stands for no secret that is known here" in sentence
    assert client.open(source).text == CODE.replace("\n", "\r\n")


async def test_a_question_about_code_with_secrets_is_shown_previewed_sent_and_kept_masked(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    client = await editor(VSCODE)
    doc = client.open(source)
    asked: dict[str, Any] = {
        "question": f"Is {AWS} still valid?",
        "uri": doc.uri,
        "range": {"start_line": 1, "end_line": 4},
    }
    await client.execute("pygpt.previewRequest", asked)
    shown = await page(client)
    assert "2 secrets masked: 1 AWS key, 1 password" in text_of(shown)
    api.reply(f"The name {name(AWS, 'AWS')} stands for it.")

    await ask(client, **asked)
    chat = await shown_chat(client)
    await ended(client)

    assert api.requests[0].body == body_of(shown)
    assert f"Is {name(AWS, 'AWS')} still valid?" in chat.text
    place = chat.position(chat.text.index("#file:src/cloud.py") + 1)
    hover = await client.request("textDocument/hover", {"textDocument": {"uri": chat.uri}, "position": place})
    assert "2 secrets masked: 1 AWS key, 1 password." in hover.contents.value
    assert AWS not in hover.contents.value
    assert await client.close() == 0
    assert_nowhere_else(workspace, api, source)


async def test_code_of_an_answer_is_inserted_with_its_secret(
    editor: Editors, workspace: Path, source: Path
) -> None:
    client = await editor()
    doc = client.open(source)
    await client.code_actions(doc, doc.cursor(len(doc.text)))
    chat = open_chat(
        client,
        workspace,
        f"## User\n\nWhich?\n\n## Assistant\n\n```python\nKEY = '{name(AWS, 'AWS')}'\n```\n\n## User\n\n",
    )
    before = len(client.messages)
    await chosen(client, chat, "Insert", chat.cursor(chat.text.index("KEY")))
    await client.wait_for(lambda: len(client.messages) > before, "the insertion")

    assert f"KEY = '{AWS}'" in doc.text


async def test_without_history_no_key_is_kept(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    client = await editor(options={"history": {"enabled": False}})
    chat = open_chat(client, workspace, f'## User\n\nWhat is wrong in `password = "{PASSWORD}"`?\n')
    await send(client, chat)
    await ended(client)

    assert PASSWORD not in api.requests[0].body.decode()
    assert names_in(api.requests[0].body.decode())
    assert not files_named(workspace, "mask.key")


async def test_the_user_can_have_secrets_sent_and_a_workspace_cannot(
    editor: Editors, api: ScriptedApi, workspace: Path, source: Path
) -> None:
    (workspace / ".pygpt/config.toml").write_text("privacy.redact_secrets = false\n")
    client = await editor()
    chat = open_chat(client, workspace, "## User\n\n> #file:src/cloud.py\n\nWhy?\n")
    await send(client, chat)
    await ended(client)
    client.notify(
        "workspace/didChangeConfiguration", {"settings": {"pygpt": {"privacy": {"redact_secrets": False}}}}
    )
    client.open(source)
    again = open_chat(client, workspace, "## User\n\n> #file:src/cloud.py\n\nWhy?\n", "again.chat.md")
    await send(client, again)
    await ended(client, 2)

    assert AWS not in api.requests[0].body.decode()
    assert AWS in api.requests[1].body.decode()
    assert INSTRUCTION not in api.requests[1].body.decode()
