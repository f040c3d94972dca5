"""Deleted from an editor, it is gone from every byte of every file, while other servers work with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.chat_kit import ask, chats_of, ended
from tests.support.editor_profiles import NEOVIM_0_12, VSCODE
from tests.support.history_kit import bytes_in
from tests.support.page_kit import page_of
from tests.support.request_kit import page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CANARY = "zvjq"
PAGE = "history.chat.md"


def traces(*folders: Path) -> bool:
    """Whether any byte of any file says the canary."""
    return any(CANARY.encode() in bytes_in(folder) for folder in folders)


async def delete(client: EditorClient, conversation: str) -> None:
    """Delete a conversation, and say so when asked."""
    before = len(client.messages)
    client.answers.append("Delete for good")
    await client.execute("pygpt.history.delete", {"id": conversation})
    done = await client.wait_for(
        lambda: [each.message for each in client.messages[before:]], "the deletion to be told"
    )
    assert done[0].startswith("PyGPT: Deleted “")
    assert done[0].endswith("”.")


async def found(client: EditorClient, times: int) -> list[str]:
    """The ids of the conversations that hold the canary, as a page lists them."""
    await client.execute("pygpt.history.search", {"query": CANARY})
    shown = await page_of(client, PAGE, times)
    return [line.split("`")[1] for line in shown.text.splitlines() if line.startswith("`")]


async def test_a_deleted_conversation_leaves_no_byte_while_another_server_has_the_history_open(
    editor: Editors, api: ScriptedApi, home: Path, workspace: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    env: dict[str, str | None] = {"TMPDIR": str(temporary)}
    source = workspace / f"{CANARY}.py"
    source.write_text(f"{CANARY} = 1\n")
    kept = (workspace / ".pygpt", home, temporary)
    one, other = await editor(VSCODE, env=env), await editor(NEOVIM_0_12, env=env)
    about: dict[str, Any] = {"uri": one.open(source).uri, "range": {"start_line": 1, "end_line": 1}}
    api.reply(f"An answer, {CANARY}.")
    await ask(one, f"A question, {CANARY}?", **about)
    await ended(one)
    for chat in chats_of(one):
        chat.save()
    await one.execute("pygpt.showLastRequest")
    await page(one)
    api.reply("Something else.")
    await ask(other, "Something else?")
    await ended(other)
    assert traces(kept[0])

    (first,) = await found(other, 1)
    await other.execute("pygpt.history.fork", {"id": first})
    await other.wait_for(lambda: len(chats_of(other)) >= 2, "the fork")
    await delete(one, first)
    assert traces(kept[0]), "the fork needs what it shares"
    (fork,) = await found(other, 2)
    assert fork != first
    await delete(one, fork)
    assert not traces(*kept)
    await one.execute("pygpt.history.search", {"query": "else"})
    assert "Something else?" in (await page_of(one, PAGE)).text
