"""The account of what leaves: what a request is for, and who keeps its row where the history is on."""

from __future__ import annotations

import asyncio
import os
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.ledger import Account, Ledger
    from pygpt_lsp.services.ledger_notes import LedgerNotes
    from pygpt_lsp.session.configuration import Configuration
    from pygpt_lsp.session.storage import Storage


class Accounts:
    """The ledger of one server, and where the rows for each workspace folder go."""

    def __init__(self, configuration: Configuration, storage: Storage, *, offline: bool) -> None:
        self._configuration = configuration
        self._storage = storage
        self._offline = offline
        self._noted: set[Path] = set()
        self._notes: set[asyncio.Task[None]] = set()

    @cached_property
    def ledger(self) -> Ledger:
        """The rows of what leaves this process."""
        from pygpt_lsp.services.ledger import Ledger

        return Ledger()

    @cached_property
    def machine_notes(self) -> LedgerNotes:
        """Who writes down what concerns no workspace, on its way to the machine's history."""
        from pygpt_lsp.services.ledger_notes import LedgerNotes

        return LedgerNotes()

    def of_workspace(self, purpose: str, root: Path | None) -> Account:
        """What requests that concern a workspace folder are for; kept in its history unless that is off."""
        from pygpt_lsp.services.ledger import Account

        self.note_place(root)
        kept = self._configuration.settings.history_enabled
        return Account(purpose, self._storage.history_of(root) if kept else None)

    def of_machine(self, purpose: str) -> Account:
        """What requests that concern no workspace are for."""
        from pygpt_lsp.services.ledger import Account

        kept = self._configuration.settings.history_enabled
        return Account(purpose, self.machine_notes if kept else None)

    def note_place(self, root: Path | None) -> None:
        """Remember that a workspace folder has an account, for who wants to see them all."""
        kept = self._configuration.settings.history_enabled
        if root is None or root in self._noted or self._offline or not kept:
            return
        self._noted.add(root)
        note = asyncio.get_running_loop().create_task(self._place_noted(root))
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def _place_noted(self, root: Path) -> None:
        # A folder for temporary files is gone tomorrow, and the demo leaves nothing behind.
        if not await asyncio.to_thread(_is_temporary, root):
            await self._storage.machine_history.note_place(root)

    async def close(self) -> None:
        """Let the last rows be stored; to be called before the histories are closed."""
        for note in self._notes:
            note.cancel()
        if "ledger" in vars(self):
            await self.ledger.settle()


def _is_temporary(folder: Path) -> bool:
    """Whether a folder lies among the temporary files."""
    import tempfile

    return folder.resolve().is_relative_to(os.path.realpath(tempfile.gettempdir()))
