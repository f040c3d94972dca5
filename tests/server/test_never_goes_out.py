"""What is excluded goes out on no road: every exclusion on every road, seen by the API that would receive it.

Each excluded file holds a canary. A private file is refused with its rule; about another one the user is
asked, with the name of the rule, and says no. Then the same files are looked for in what was sent.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.actions_kit import diagnostic, fenced
from tests.support.chat_kit import CHAT, ended, open_chat, send, told
from tests.support.editor_profiles import HELIX_25_07, VSCODE
from tests.support.git_kit import run
from tests.support.prompt_kit import put, put_prompt
from tests.support.request_kit import page, text_of
from tests.support.server_kit import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CANARY = "canary_in_the_dark"
SOURCE = f'def {CANARY}(ö):\n    return "{CANARY} 😀"\n'
INSTRUCTED = f"# ai: make it nicer\n{SOURCE}"
SETTING = "the setting privacy.ignore"


class Excluded(NamedTuple):
    """A file in the workspace and a part of the sentence that names its rule."""

    name: str
    rule: str
    private: bool = False


EXCLUDED = (
    Excluded(".env", "environment files are never sent", private=True),
    Excluded(".ENV.Local", "environment files are never sent", private=True),
    Excluded(".env. .", "environment files are never sent", private=True),
    Excluded("deploy ö.pem", "private keys are never sent", private=True),
    Excluded(".aws/config", "credentials are never sent", private=True),
    Excluded("plain.py", "environment files are never sent", private=True),  # a link to `.env`
    Excluded("git.py", "`git.py` in .gitignore"),
    Excluded("src/deep.py", "`deep.py` in src/.gitignore"),
    Excluded("ai.py", "`/ai.*` in .aiignore"),
    Excluded("cursor.py", "`cursor.py` in .cursorignore"),
    Excluded("aider.py", "`aider.py` in .aiderignore"),
    Excluded("set.py", f"`set.*` in {SETTING}"),
    Excluded("team/plan.py", f"`/team/` in {SETTING}"),
    Excluded("a..b.py", "`*..*` in .gitignore"),
    Excluded("src/..c.py", "`*..*` in .gitignore"),
    Excluded("linked.py", "`git.py` in .gitignore"),  # a link to `git.py`
    Excluded("nested/inner.py", "`inner.py` in nested/.gitignore"),  # in a repository within
)
LINKS = {"plain.py": ".env", "linked.py": "git.py"}


@pytest.fixture
def excluded(workspace: Path) -> Path:
    """The workspace with all these files."""
    put(workspace, ".gitignore", "git.py\n*..*\n")
    put(workspace, "src/.gitignore", "deep.py\n")
    put(workspace, "nested/.gitignore", "inner.py\n")
    put(workspace, "nested/.git/HEAD", "ref: refs/heads/main\n")
    for kind in ("ai", "cursor", "aider"):
        put(workspace, f".{kind}ignore", "/ai.*\n" if kind == "ai" else f"{kind}.py\n")
    put(workspace, ".pygpt/config.toml", '[privacy]\nignore = ["/team/"]\n')
    put_prompt(workspace, "quote", "---\ntitle: Quote\nkind: chat\n---\nSay:\n```\n{{selection}}\n```\n")
    put_prompt(workspace, "change", "---\ntitle: Change\nkind: edit\n---\nChange it: {{diagnostics}}\n")
    for name, _, _ in EXCLUDED:
        if name not in LINKS:
            put(workspace, name, INSTRUCTED)
    for name, target in LINKS.items():
        (workspace / name).symlink_to(workspace / target)
    return workspace


OPTIONS = {"privacy": {"ignore": ["set.*"]}}


class Roads:
    """Every way in which something of an open document could go out."""

    def __init__(self, client: EditorClient, chat: Document) -> None:
        self._client = client
        self._chat = chat

    async def action(self, doc: Document, action: str, **more: Any) -> None:
        where = doc.range(doc.find("def "), len(doc.text))
        await self._client.execute("pygpt.action", {"id": action, "uri": doc.uri, "range": where, **more})

    async def line(self, doc: Document, line: str) -> None:
        where = doc.range(doc.find("def "), len(doc.text))
        await self._client.code_actions(doc, where, diagnostics=[diagnostic(where, f"{CANARY} ö")])
        self._chat.replace(0, len(self._chat.text), CHAT.format(question=f"{line}\n\nWhy?"))
        await send(self._client, self._chat)

    def all(self, doc: Document, name: str) -> dict[str, Callable[[], Awaitable[None]]]:
        """The roads by their names."""
        whole = doc.range(0, len(doc.text))
        actions = ("rewrite", "document", "fix", "explain", "review", "tests", "user:quote", "user:change")
        quoted = f'"{name}"' if " " in name else name
        lines = (
            f"> #file:{quoted}", f"#file:{doc.uri}", "#selection", "#buffer", "#diagnostics",
            f"> #diagnostics:{quoted}", f"> #rules:{quoted}", f"> #symbol:{quoted}:{CANARY}", "/quote",
        )  # fmt: skip
        said = {"instruction": "nicer"}
        return {
            **{id_: lambda id_=id_: self.action(doc, id_, **said) for id_ in actions},
            **{line: lambda line=line: self.line(doc, line) for line in lines},
            "comment": lambda: self._client.execute(
                "pygpt.action", {"id": "rewrite", "uri": doc.uri, "range": whole}
            ),
            "ask": lambda: self._client.execute(
                "pygpt.ask", {"question": "why?", "uri": doc.uri, "range": whole}
            ),
        }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names, and no links without rights")
@pytest.mark.parametrize("private", [True, False], ids=["private", "ignored"])
async def test_no_road_leads_out_for_an_excluded_file_that_is_open(
    editor: Editors, api: ScriptedApi, excluded: Path, private: bool
) -> None:
    client = await editor(VSCODE, options=OPTIONS)
    roads = Roads(client, open_chat(client, excluded, "## User\n\n?\n"))
    for name, rule, is_private in EXCLUDED:
        if is_private is not private:
            continue
        doc = client.open(excluded / name, "python")
        for road, go in roads.all(doc, name).items():
            said, asked = len(client.messages), len(client.questions)
            await go()
            end = "is excluded by " if private else "you chose not to send it"
            sentence = await told(client, end, after=said)
            assert rule in sentence, (name, road)
            assert len(client.questions) == asked + (not private), (name, road)
            assert all(rule in question.message for question in client.questions[asked:]), (name, road)
        client.close_document(doc)
    assert not api.requests
    assert not any(CANARY in each.message for each in client.messages)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names, and no links without rights")
async def test_no_line_of_a_chat_brings_an_excluded_file_from_the_disk(
    editor: Editors, api: ScriptedApi, excluded: Path
) -> None:
    client = await editor(HELIX_25_07, options=OPTIONS)
    chat = open_chat(client, excluded, "## User\n\n?\n")
    for name, rule, _ in EXCLUDED:
        quoted = f'"{name}"' if " " in name else name
        there = f"src/../{name}"
        roads = [f"> #file:{quoted}", f"> #rules:{quoted}", f"> #symbol:{quoted}:{CANARY}"]
        roads += [f'> #file:"{there}"', f'> #file:"{excluded / name}"']
        for line in roads:
            said = len(client.messages)
            chat.replace(0, len(chat.text), CHAT.format(question=f"{line}\n\nWhy?"))
            await send(client, chat)
            assert rule in await told(client, "is excluded by ", after=said), line
    assert not client.questions
    assert not api.requests


async def test_the_users_yes_is_for_this_file_and_this_rule_and_is_asked_for_once(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put(workspace, ".gitignore", "*.log.py\n")
    put(workspace, "one.log.py", SOURCE)
    put(workspace, "two.log.py", SOURCE)
    client = await editor(VSCODE)
    doc = client.open(workspace / "one.log.py")
    edit = {"id": "rewrite", "uri": doc.uri, "instruction": "nicer"}

    async def rewrite() -> None:
        await client.execute("pygpt.action", {**edit, "range": doc.range(0, len(doc.text))})

    client.answers.append("Send it")
    for count in (1, 2):
        api.reply(fenced(SOURCE.replace("ö", f"ö{count}")))
        await rewrite()
        await ended(client, count)
    assert [question.message for question in client.questions] == [
        "PyGPT: one.log.py is excluded by `*.log.py` in .gitignore. "
        "Send what is asked for of it all the same?"
    ]
    assert all(CANARY in request.text for request in api.requests)

    # Another name for it, another rule, a private file in its place: each is a question of its own, or none.
    said = len(client.messages)
    client.close_document(doc)
    (workspace / "one.log.py").rename(workspace / "three.log.py")
    doc = client.open(workspace / "three.log.py")
    edit["uri"] = doc.uri
    await rewrite()
    assert "three.log.py is excluded" in await told(client, "you chose not to send it", after=said)
    (workspace / "three.log.py").rename(workspace / "one.log.py")
    put(workspace, ".aiignore", "one.*\n")
    put(workspace, ".gitignore", "")
    client.close_document(doc)
    doc = client.open(workspace / "one.log.py")
    edit["uri"] = doc.uri
    said = len(client.messages)
    await rewrite()
    assert "`one.*` in .aiignore" in await told(client, "you chose not to send it", after=said)
    (workspace / "one.log.py").rename(workspace / ".env")
    (workspace / "one.log.py").symlink_to(workspace / ".env")
    said = len(client.messages)
    await rewrite()
    assert "environment files" in await told(client, "so nothing is done with it", after=said)
    assert len(api.requests) == 2


async def test_private_files_stay_private_outside_of_every_workspace_and_before_they_are_saved(
    editor: Editors, api: ScriptedApi, workspace: Path, home: Path
) -> None:
    client = await editor(VSCODE)
    names = (".ssh/config", ".aws/credentials", ".config/gh/hosts.yml", ".netrc", "project/.env")
    for name in names:
        put(home, name, INSTRUCTED)
    put(home, "project/.git/HEAD", "ref: refs/heads/main\n")
    put(home, "project/.gitignore", "notes.py\n")
    put(home, "project/notes.py", SOURCE)
    documents = [client.open(home / name, "python") for name in names]
    untitled = (f"untitled:{workspace.as_posix()}/.env", "untitled:.env", "untitled:%2Eenv.local")
    documents += [client.open_text(uri, "python", INSTRUCTED) for uri in untitled]
    chat = open_chat(client, workspace, "## User\n\n?\n")
    for doc in documents:
        for road, go in Roads(client, chat).all(doc, doc.uri).items():
            if road.startswith("> #rules") or "quote" in road or "change" in road:
                continue  # rules and these prompts are files of a project
            said = len(client.messages)
            await go()
            assert "never sent" in await told(client, "is excluded by ", after=said), (doc.uri, road)
    assert not client.questions
    notes = client.open(home / "project/notes.py", "python")
    await Roads(client, chat).action(notes, "rewrite", instruction="nicer")
    assert "`notes.py` in .gitignore" in await told(client, "you chose not to send it")
    assert not api.requests


async def test_the_setting_holds_and_ends_at_once(editor: Editors, api: ScriptedApi, workspace: Path) -> None:
    client = await editor(VSCODE, configuration={"pygpt": {}})
    put(workspace, "plan.py", SOURCE)
    chat = open_chat(client, workspace, CHAT.format(question="> #file:plan.py\n\nWhy?"))
    await send(client, chat)
    await ended(client)
    assert CANARY in api.requests[0].text

    async def exclude(*patterns: str, so_that: str) -> None:
        client.change_configuration({"privacy": {"ignore": list(patterns)}})
        place = {"textDocument": {"uri": chat.uri}, "position": chat.position(chat.find("#file"))}
        await eventually(
            lambda: client.request("textDocument/hover", place), lambda hover: so_that in str(hover), so_that
        )

    await exclude("plan.*", so_that="It stops the request")
    chat.type("\nAgain?", at=len(chat.text))
    await send(client, chat)
    assert f"`plan.*` in {SETTING}" in await told(client, "is excluded by ")
    assert len(api.requests) == 1

    await exclude(so_that="Sent for this line")
    await send(client, chat)
    await ended(client, 2)
    assert api.requests[1].text.count(CANARY) == 2


class Repository:
    """git in the workspace, as its user runs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self("init", "-q")

    def __call__(self, *arguments: str) -> None:
        run(self._folder, *arguments)


@pytest.fixture
def changed(workspace: Path) -> Repository:
    """Excluded files that git has, all of them changed, some with another name, and one more that is not."""
    git = Repository(workspace)
    long = "".join(f"line {number}\n" for number in range(30))
    put(workspace, "open.py", "seen = 1\n")
    put(workspace, ".env", f"{long}A={CANARY}\n")
    put(workspace, "fine.py", f"{long}B={CANARY}\n")
    put(workspace, "out/a.py", f"C={CANARY}\n")
    put(workspace, "out/b.py", f"D={CANARY}\n")
    put(workspace, 'od "d\n.pem', f"E={CANARY}\n")
    git("add", "-A", "-f")
    git("commit", "-q", "-m", "x")
    put(workspace, ".gitignore", "out/\n")
    put(workspace, "open.py", "seen = 2\n")
    (workspace / ".env").rename(workspace / "once.py")  # a private file under an innocent name
    (workspace / "fine.py").rename(workspace / "key.pem")  # and the other way round
    for name in ("once.py", "key.pem", "out/a.py", "out/b.py", 'od "d\n.pem'):
        put(workspace, name, (workspace / name).read_text("utf-8") + f"F={CANARY}\n")
    git("add", "-A", "-f")
    return git


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
async def test_a_diff_leaves_out_what_is_excluded_file_by_file_and_says_so(
    editor: Editors, api: ScriptedApi, workspace: Path, changed: Repository
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, CHAT.format(question="#diff\n\nWhy?"))
    await send(client, chat)
    await ended(client)
    said = await told(client, "The diff leaves out ")
    for part in (".env, excluded by `.env`", "key.pem, excluded by `*.pem`", "; and 2 more."):
        assert part in said
    assert "+seen = 2" in api.requests[0].text

    message = client.open(put(workspace, ".git/COMMIT_EDITMSG", "\n"), "gitcommit")
    api.reply("Say it\n")
    at = len(client.messages)
    await client.execute("pygpt.action", {"id": "commit", "uri": message.uri})
    await ended(client, 2)
    assert "key.pem, excluded by `*.pem`" in await told(client, "The diff leaves out ", after=at)
    assert "+seen = 2" in api.requests[1].text
    await client.execute("pygpt.previewRequest", {"id": "commit", "uri": message.uri})
    shown = text_of(await page(client))
    assert "+seen = 2" in shown
    assert "Before it is sent: The diff leaves out " in shown
    for text in (*(request.text for request in api.requests), shown):
        assert CANARY not in text

    changed("reset", "-q", "--", "open.py", ".gitignore")
    at = len(client.messages)
    await client.execute("pygpt.action", {"id": "commit", "uri": message.uri})
    nothing = await told(client, "There is nothing to describe: all that has changed is excluded", after=at)
    assert ".env by `.env`" in nothing
    assert len(api.requests) == 2


async def test_a_preview_says_that_one_would_be_asked_and_shows_no_private_file(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    put(workspace, ".gitignore", "ignored.py\n")
    client = await editor(VSCODE)
    doc = client.open(put(workspace, "ignored.py", SOURCE))
    edit = {"id": "rewrite", "instruction": "nicer", "range": doc.range(0, len(doc.text))}
    await client.execute("pygpt.previewRequest", {**edit, "uri": doc.uri})
    shown = text_of(await page(client))
    assert "Before it is sent: you would be asked about ignored.py, which is excluded by" in shown
    private = client.open(put(workspace, ".env", SOURCE), "python")
    await client.execute("pygpt.previewRequest", {**edit, "uri": private.uri})
    assert "environment files are never sent" in await told(client, ".env is excluded by ")
    assert not api.requests
    assert not client.questions


async def test_a_folder_of_a_repository_obeys_the_ignore_files_above_it_and_a_folder_of_keys_none_needs(
    editor: Editors, api: ScriptedApi, workspace: Path, home: Path
) -> None:
    put(workspace, ".git/HEAD", "ref: refs/heads/main\n")
    put(workspace, ".gitignore", "/src/plan.py\n")
    put(workspace, "src/plan.py", SOURCE)
    client = await editor(HELIX_25_07, root=workspace / "src")
    chat = open_chat(client, workspace / "src", CHAT.format(question="> #file:plan.py\n\nWhy?"))
    await send(client, chat)
    assert "`/src/plan.py` in ../.gitignore" in await told(client, "is excluded by ")

    put(home, ".ssh/config", SOURCE)
    other = await editor(HELIX_25_07, root=home / ".ssh")
    chat = open_chat(other, home, CHAT.format(question=f"> #file:{home}/.ssh/config\n\nWhy?"))
    await send(other, chat)
    assert "credentials are never sent" in await told(other, "is excluded by ")
    assert not api.requests
