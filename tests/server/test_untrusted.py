"""Workspaces are untrusted: a repository that tries all there is gets nothing run, read, sent or linked."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest

from tests.support.actions_kit import fenced
from tests.support.api_server import ScriptedApi
from tests.support.chat_kit import CHAT, ended, open_chat, send, told
from tests.support.editor_profiles import VSCODE
from tests.support.editors import Editors
from tests.support.hostile_repository import EVIL, NAMES, OUTSIDE, build, plant_conversation
from tests.support.json_rpc import LspError
from tests.support.request_kit import page
from tests.support.server_kit import message
from tests.support.watched import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.editor_document import Document
    from tests.support.lsp_client import EditorClient

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it has pipes, sockets, devices and links")

REFERENCES = (
    "#file:link.py", "#file:linked/notes.txt", "#file:around/linked/notes.txt", "#file:loop", "#file:zero.py",
    "#file:pipe.py", "#file:huge.py", "#file:socket.py", "#file:many", "#file:.git/config", "#file:.env",
    "#file:out.chat.md", "#file:../outside/notes.txt", "#file:src/../../outside/notes.txt",
    "#rules:AGENTS.md",
    "#rules:src/AGENTS.md", "#symbol:pipe.py:x", "#symbol:linked/notes.txt:x", "#file:/proc/self/environ",
    "#file:.pygpt/cache/chats/stolen.chat.md", "/refused", "@link",
)  # fmt: skip
"""Each is refused, with a sentence."""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the reader's own, beside the workspace."""
    return tmp_path / "outside"


@pytest.fixture
def watch(tmp_path: Path, outside: Path) -> Watch:
    """Notes what the server connects to, runs, and opens outside."""
    return Watch(tmp_path / "journal", outside)


@pytest.fixture
def repository(workspace: Path, outside: Path, attacker: ScriptedApi) -> Path:
    """The workspace, as its author wants it."""
    build(workspace, outside, attacker.origin)
    return workspace


@pytest.fixture
def attacker() -> Iterator[ScriptedApi]:
    """A server of the author's, which answers whoever asks."""
    with ScriptedApi() as server:
        yield server


def nothing_happened(watch: Watch, outside: Path, api: ScriptedApi, attacker: ScriptedApi) -> None:
    """Nothing was run or read, and nobody but the API was asked, which alone got the key."""
    assert not (outside / "ran").exists(), (outside / "ran").read_text()
    assert not [event for event in watch.events if event.startswith("open ")]
    assert not attacker.requests
    assert not attacker.updates
    assert watch.places == {api.origin.partition("//")[2]}
    run = [event for event in watch.events if not event.startswith("socket.")]
    assert all(re.match(r"subprocess.Popen \['/[^']*/git'", event) for event in run), run
    key = api.env()["OPENAI_API_KEY"]
    for request in api.requests:
        assert request.header("Authorization") == f"Bearer {key}"
        assert key not in request.text
        assert OUTSIDE not in request.text


class Shown(NamedTuple):
    """What the server said: `plain` in whatever place, `linked` where editors make links of Markdown, without
    what is escaped or stands in code."""

    plain: list[str]
    linked: list[str]


def shown(client: EditorClient) -> Shown:
    """All words that the server gave the editor to show."""
    said = Shown([], [])

    def look(value: Any, *, is_message: bool) -> None:
        if isinstance(value, list):
            for each in cast("list[Any]", value):
                look(each, is_message=is_message)
        if not isinstance(value, dict):
            return
        found = cast("dict[str, Any]", value)
        words = [
            found[key] for key in ("message", "title", "label", "detail") if isinstance(found.get(key), str)
        ]
        said.plain.extend(words)
        if is_message:
            said.linked.extend(words)
        if found.get("kind") == "markdown":
            text = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", found["value"])
            said.linked.append(re.sub(r"\\.", "", text))
        for each in found.values():
            look(each, is_message=is_message)

    for entry in client.peer.journal:
        if entry.way == "in":
            method = str(entry.message.get("method", ""))
            look(entry.message, is_message=method.startswith(("window/", "$/progress")))
    return said


async def ask_for_everything(client: EditorClient, chat: Document, line: str) -> None:
    """Type a line into the chat and use whatever editors use on it."""
    chat.replace(0, len(chat.text), CHAT.format(question=f"{line}\n\nWhy?"))
    document = {"textDocument": {"uri": chat.uri}}
    at = {**document, "position": chat.position(chat.text.index(f"{line}\n\nWhy?") + len(line))}
    for method in ("hover", "completion", "definition"):
        await client.request(f"textDocument/{method}", at)
    for method in ("documentLink", "codeLens", "documentSymbol", "foldingRange"):
        await client.request(f"textDocument/{method}", document)
    whole = chat.range(0, len(chat.text))
    await client.request("textDocument/inlayHint", {**document, "range": whole})
    await client.code_actions(chat, whole)


async def test_a_hostile_repository_gets_nothing(
    editor: Editors, api: ScriptedApi, attacker: ScriptedApi, repository: Path, outside: Path, watch: Watch
) -> None:
    conversation = plant_conversation(repository, outside / "notes.txt")
    client = await editor(VSCODE, env=watch.env)
    assert "base_url" in await message(client, "a workspace may not set it")
    doc = client.open(repository / "src/app.py")
    chat = open_chat(client, repository, "## User\n\n?\n", "mine.chat.md")
    for line in REFERENCES:
        await ask_for_everything(client, chat, line)
        before = len(client.messages)
        await send(client, chat)
        await told(client, "PyGPT: ", after=before)
    assert not api.requests
    for line in ("#", "> #file:", "> #symbol:", "/", "@", "#diff", "#rules:", "#file:src/app.py"):
        await ask_for_everything(client, chat, line)

    # What does go out holds what was asked for, and goes to nobody else.
    jobs = 0
    for name in NAMES:
        written = f'"{name}"' if "\n" not in name else name.partition("\n")[0]
        await ask_for_everything(client, chat, f"#file:{written}")
        client.open(repository / name, "python")
        await client.execute("pygpt.action", {"id": "fix", "uri": (repository / name).as_uri()})
    for line in ("> #file:src/app.py", "> #diff\n> #file:src/app.py", "/evil"):
        chat.replace(0, len(chat.text), CHAT.format(question=f"{line}\n\nWhy?"))
        before = len(client.messages)
        await send(client, chat)
        if line == "> #diff\n> #file:src/app.py":
            await told(client, "#diff", after=before)
            continue
        jobs += 1
        await ended(client, jobs)
    api.reply(fenced("def greet(name):\n    return name"))
    where = doc.range_of("def greet")
    await client.execute(
        "pygpt.action", {"id": "rewrite", "uri": doc.uri, "range": where, "instruction": "x"}
    )
    await ended(client, jobs + 1)

    # The history and its pages, chats that are none, previews.
    await client.execute("pygpt.history.search", {"query": "findme"})
    await client.wait_for(lambda: any("history.chat.md" in each.uri for each in client.shown), "the page")
    for command in ("open", "fork"):
        count = len(client.shown)
        await client.execute(f"pygpt.history.{command}", {"id": conversation})
        await client.wait_for(lambda count=count: len(client.shown) > count, command)
    for name in ("out", "pipe", "zero", "bomb"):
        before = len(client.messages)
        await client.execute("pygpt.chat.send", {"uri": (repository / f"{name}.chat.md").as_uri()})
        await told(client, "PyGPT: ", after=before)
    await client.execute("pygpt.previewRequest", {"id": "explain", "uri": doc.uri, "range": where})
    await page(client)
    await client.execute("pygpt.showStatus")
    with pytest.raises(LspError):
        await client.request("workspace/executeCommand", {"command": "evil"})
    assert await client.close() == 0

    nothing_happened(watch, outside, api, attacker)
    assert EVIL not in "".join(str(request.header("Host")) for request in api.requests)
    said = shown(client)
    assert len(said.linked) > 100
    for text in said.linked:
        assert "](" not in text
    for text in said.plain:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text), text
    assert not any(text.count("<img") for text in said.linked if "PyGPT" not in text)


async def test_a_name_in_a_message_is_no_link_and_steers_nothing(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    line = '> #file:"[x](command:y) \u202e.py"'
    chat = open_chat(client, workspace, CHAT.format(question=f"{line}\n\nWhy?"), "mine.chat.md")
    await send(client, chat)
    assert "names [x] (command:y) \ufffd.py, which is no file" in await told(client, "which is no file")


async def test_started_as_a_module_in_it_no_module_of_it_is_loaded(
    api: ScriptedApi,
    env: dict[str, str],
    attacker: ScriptedApi,
    repository: Path,
    outside: Path,
    watch: Watch,
) -> None:
    (repository / "sitecustomize.py").unlink()  # Python loads it before us: `-P` is for that
    editors = Editors({**env, **watch.env}, repository, (sys.executable, "-m", "pygpt_lsp"))
    client = await editors(VSCODE)
    chat = open_chat(client, repository, CHAT.format(question="> #file:src/app.py\n\nWhy?"), "mine.chat.md")
    await send(client, chat)
    await ended(client)
    assert await editors.close() == []
    assert len(api.requests) == 1
    nothing_happened(watch, outside, api, attacker)
