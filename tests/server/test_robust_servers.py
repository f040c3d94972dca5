"""Two servers that write into the history of one workspace at once lose no row and trouble no user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors

QUESTIONS = 25
"""Asked at once, in each editor."""


async def test_two_servers_at_once_lose_no_row_and_no_user_hears_of_a_lock(
    api: ScriptedApi, editor: Editors, workspace: Path
) -> None:
    api.default = lambda request: f"Answer to {request.text.splitlines()[-1]} ö😀"
    api.default_delta_ms = 5  # so that answers overlap
    users = {"Helix": await editor(HELIX_25_07), "Neovim": await editor(NEOVIM_0_12)}
    for number in range(QUESTIONS):
        for name, user in users.items():
            await user.execute("pygpt.ask", f"{name} question {number}?")
    for user in users.values():
        await user.wait_for(
            lambda user=user: sum(job.ended is not None for job in user.progress.values()) == QUESTIONS,
            "all answers",
        )
        assert user.messages == []
        assert await user.close() == 0
    store = HistoryStore.open(CacheFolder(workspace / ".pygpt/cache"))
    stored = [store.conversation(found.id) for found in store.conversations(limit=1000)]
    store.close()
    said = [(turn.messages[-1].content, turn.answer, turn.status) for found in stored for turn in found.turns]
    asked = [f"{name} question {number}?" for name in users for number in range(QUESTIONS)]
    assert sorted(said) == sorted((text, f"Answer to {text} ö😀", "done") for text in asked)
