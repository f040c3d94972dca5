"""The end of a server waits for what it has begun by itself."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from lsprotocol import types

from pygpt_lsp.lsp.lifecycle import Lifecycle
from tests.support.api_script import DEADLINE

if TYPE_CHECKING:
    from pygpt_lsp.lsp.server import PygptServer


async def test_what_is_cut_off_at_the_end_may_still_write_down_how_it_ended() -> None:
    written: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # as a connection takes its time to be closed
            written.append("stopped")

    session = SimpleNamespace(set_roots=written.extend, storage=SimpleNamespace(prune=work))
    lifecycle = Lifecycle(cast("PygptServer", SimpleNamespace(session=session)))
    nothing = types.WorkspaceFoldersChangeEvent([], [])
    lifecycle.folders_changed(types.DidChangeWorkspaceFoldersParams(nothing))
    await asyncio.sleep(0)

    await lifecycle.stop(DEADLINE)

    assert written == ["stopped"]
