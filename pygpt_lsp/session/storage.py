"""Where the server writes: the histories and cache folders of the workspace folders, and what stands in for
them where nothing is to be kept (`history.enabled = false`)."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder
    from pygpt_lsp.services.history_worker import HistoryWorker
    from pygpt_lsp.services.private_folder import PrivateFolder
    from pygpt_lsp.session.configuration import Configuration
    from pygpt_lsp.session.notices import Notices
    from pygpt_lsp.session.workspace import Workspace

_GOES_AGAIN: Final = (
    "PyGPT: Nothing is kept (history.enabled is false): save elsewhere what you need of chats and copies, "
    "which go when the server ends."
)


class Storage:
    """The histories and folders of one server."""

    def __init__(self, configuration: Configuration, workspace: Workspace, notices: Notices) -> None:
        self._configuration = configuration
        self._workspace = workspace
        self._notices = notices
        self._histories: dict[Path | None, HistoryWorker] = {}
        self._workers: list[HistoryWorker] = []
        self._private: PrivateFolder | None = None

    def history_of(self, root: Path | None) -> HistoryWorker:
        """The cache folder and history of a workspace folder; None: of no workspace."""
        worker = self._histories.get(root)
        if worker is None:
            tell = self._notices.tell_once
            worker = self._histories[root] = self._worker(root, lambda sentence: tell("warning", sentence))
        return worker

    @cached_property
    def machine_history(self) -> HistoryWorker:
        """Where the account of what concerns no workspace ends up: beside what is asked without a folder.

        Nobody asked for it, so nobody is told where it lies or what is wrong with it.
        """
        return self._worker(None, lambda _sentence: None)

    async def folder_of(self, root: Path | None) -> CacheFolder:
        """Where chats and pages of a workspace folder are written; None: of no workspace.

        Its cache, or, where nothing is to be kept, what stands in for it until the server ends. Raises
        HistoryError where nothing can be written.
        """
        if not self._configuration.settings.history_enabled:
            folder = await self.private_folder_of(root)
            self._notices.tell_once("info", _GOES_AGAIN)
            return folder
        folder = await self.history_of(root).folder()
        self._workspace.assign(folder.path, root)
        return folder

    async def private_folder_of(self, root: Path | None) -> CacheFolder:
        """What stands in for a workspace folder's cache until the server ends. Raises HistoryError."""
        from pygpt_lsp.services.private_folder import PrivateFolder

        self._private = self._private or PrivateFolder()
        try:
            folder = await asyncio.to_thread(self._private.cache_for, root)
        except OSError as error:
            raise HistoryError(
                f"The folder for temporary files cannot be used ({error.strerror}): make it writable."
            ) from error
        self._workspace.assign(folder.path, root)
        return folder

    async def prune(self) -> None:
        """Delete what `history.retention_days` says is too old, in the histories that there are."""
        if days := self._configuration.settings.history_retention_days:
            for root in (*self._workspace.roots, None):
                await self.history_of(root).prune(days)

    async def close(self) -> None:
        """Close the histories, and delete what was not to be kept."""
        for worker in self._workers:
            await worker.close()
        if self._private is not None:
            self._private.remove()

    def _worker(self, root: Path | None, tell: Callable[[str], None]) -> HistoryWorker:
        from pygpt_lsp.services.history_worker import HistoryWorker

        worker = HistoryWorker(root, tell)
        self._workers.append(worker)
        return worker
