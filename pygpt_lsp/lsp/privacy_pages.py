"""`pygpt.privacy.show`: what left this machine and what may leave it, as a page. Sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.ledger import together
from pygpt_lsp.core.privacy_report import Line, PrivacyReport, as_page
from pygpt_lsp.lsp.request_pages import show_file
from pygpt_lsp.services.history_export import local_time
from pygpt_lsp.services.ledger_notes import take_in
from pygpt_lsp.services.privacy_facts import hosts_in_force, switches_in_force

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.ledger import LedgerView
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_worker import HistoryWorker
    from pygpt_lsp.services.jobs import Job

_ROWS: Final = 200


def show_privacy(server: PygptServer, _arguments: Arguments) -> None:
    """Show the ledger of the workspace folders, and of what concerns none."""

    async def work(_job: Job) -> None:
        report = await _report(server)
        page = as_page(report, local_time)
        await show_file(server, server.session.workspace.root_of(None), "privacy", page, "The account")

    server.start_job("PyGPT: privacy", set(), work)


async def _report(server: PygptServer) -> PrivacyReport:
    session = server.session
    await session.accounts.ledger.settle()
    views, files = [session.accounts.ledger.view(None)], list[Line]()
    if session.settings.history_enabled:
        scope = "This counts the workspace folders that are open, and what concerns none."
        stored, files = await _stored(server)
        if any(view.since is not None for view in stored):
            views = [views[0]._replace(since=None)]  # the start of this process says nothing then
        views += stored
    else:
        scope = (
            "history.enabled is false: this counts what this server sent since it started, and is kept in "
            "memory alone. `pygpt-lsp privacy` shows what was kept before."
        )
        files = [Line("ledger", "none: history.enabled is false")]
    return PrivacyReport(
        scope,
        hosts_in_force(session.configuration.resolved, session.env),
        switches_in_force(session.configuration.resolved),
        tuple(files),
        together(views, _ROWS),
    )


def _ledger(store: HistoryStore) -> tuple[Path, LedgerView]:
    return store.cache.history_path, store.ledger(_ROWS)


async def _machine(worker: HistoryWorker) -> tuple[Path, LedgerView] | None:
    """What concerns no workspace, with what waits to be stored."""

    def work(store: HistoryStore) -> tuple[Path, LedgerView]:
        take_in(store)
        return _ledger(store)

    try:
        return await worker.call(work)
    except HistoryError:
        return None


async def _stored(server: PygptServer) -> tuple[list[LedgerView], list[Line]]:
    """The ledgers that are kept, with what waits to be, and where they lie."""
    accounts, storage = server.session.accounts, server.session.storage
    roots = server.session.workspace.roots
    views = [] if roots else [accounts.ledger.view(storage.history_of(None))]
    files: list[Line] = []
    views.append(accounts.ledger.view(accounts.machine_notes))
    machine = storage.machine_history
    for worker in (machine, *(storage.history_of(root) for root in roots)):
        views.append(accounts.ledger.view(worker))
        found = await (worker.look(_ledger) if worker is not machine else _machine(machine))
        if found is not None:
            path, view = found
            views.append(view)
            began = "" if view.since is None else f", since {local_time(view.since)}"
            files.append(Line("ledger", f"{path}{began}"))
    return views, files or [Line("ledger", "none yet")]
