"""The user sees that something runs, can stop it, and reads at its end what it did and cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.support.actions_kit import choose, fenced, last_words, told
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_10, VSCODE, Profile, in_editors
from tests.support.server_kit import answered, message, stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_state import Progress
    from tests.support.editor_text import Json
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

ADD = "        self.count += n\n"
COST = r" · gpt-5\.5\S* · 11 tokens in, 7 out · \d+\.\d s"


def shown(client: EditorClient) -> list[Progress]:
    """The progress that the server created and began."""
    created = [client.progress[each["token"]] for each in client.received("window/workDoneProgress/create")]
    return [progress for progress in created if progress.begun is not None]


@in_editors(HELIX_25_07, NEOVIM_0_10, VSCODE)
async def test_progress_says_what_runs_and_at_its_end_what_it_did_and_cost(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    doc = client.open(workspace / "src/app.py")
    reply = api.stream()
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    await reply.until_taken()
    await client.wait_for(lambda: shown(client), "the progress")
    (progress,) = shown(client)
    assert progress.begun is not None
    assert progress.begun.title == "PyGPT: Simplify"
    assert progress.begun.cancellable is True
    assert "asking gpt-5.5" in {progress.begun.message, *(report.message for report in progress.reports)}
    assert progress.ended is None
    reply.send(fenced("        self.count = n\n"))
    reply.finish()
    await answered(client)
    assert re.fullmatch(f"changed line 17{COST}", last_words(client)[0])
    assert told(client) == [], "the end of the progress says it all"


def without_progress(params: Json) -> None:
    params["capabilities"]["window"]["workDoneProgress"] = False


async def test_an_editor_without_progress_is_told_once_at_the_end(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(tweak=without_progress)
    doc = client.open(workspace / "src/app.py")
    reply = api.stream()
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    await reply.until_taken()
    reply.send(fenced("        self.count = n\n"))
    reply.finish()
    await message(client, "changed line 17")
    (sentence,) = told(client)
    assert re.fullmatch(f"changed line 17{COST}", sentence)
    assert client.received("$/progress") == []


async def test_cancelling_the_progress_hangs_up_at_once_and_changes_nothing(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    reply = api.stream()
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    request = await reply.until_taken()
    reply.send("```python\nhalf an ö")
    await client.wait_for(lambda: shown(client), "the progress")
    (created,) = client.received("window/workDoneProgress/create")
    client.cancel_progress(created["token"])
    await request.until_closed()
    await answered(client)
    assert last_words(client) == ["stopped"]
    assert doc.text == before
    assert len(client.documents) == 1, "no chat is opened for what the user stopped"
    await client.close()
    (turn,) = stored_turns(workspace / ".pygpt/cache")
    assert turn.status == "stopped"


async def test_stop_takes_a_document_or_stops_everything(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    (workspace / "src/other.py").write_text("other = 1\n")
    other = client.open(workspace / "src/other.py")
    forms: list[list[Any]] = [["src/app.py"], [{"uri": "src/app.py"}], [], [{}]]
    for count, arguments in enumerate(forms, 1):
        first, second = api.stream(), api.stream()
        await choose(client, doc, doc.range_of(ADD), "Simplify")
        request = await first.until_taken()
        await choose(client, other, other.range_of("other = 1"), "Simplify")
        await second.until_taken()
        await client.execute("pygpt.stop", *arguments)
        await request.until_closed()
        second.send(fenced("other = 2"))
        second.finish()
        await answered(client, 2 * count)
        assert doc.undo_steps == []
        if arguments and arguments[0]:
            assert other.text == "other = 2\n"
            other.undo()
        assert other.text == "other = 1\n"
    assert last_words(client).count("stopped") == 6
