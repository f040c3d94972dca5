"""`pygpt.model.select` and `pygpt.showStatus`: what is in force, said in a message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pygpt_lsp import __version__
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.settings import CHOSEN, model_refusal
from pygpt_lsp.services.ledger import accounted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job

_MOST_ASKED = 10
"""More than that fit no question: they are shown on a page."""


def select_model(server: PygptServer, arguments: Arguments) -> None:
    """Use another model in this workspace; without a name the endpoint's models are offered."""
    model = arguments.model

    async def work(_job: Job) -> None:
        if model is not None:
            await _use(server, model)
        else:
            await _offer(server)

    server.start_job("PyGPT: model", set(), work, what_it_writes="The list of models")


async def _offer(server: PygptServer) -> None:
    """Offer the endpoint's models: by a question where the client can ask and they are few, or on a page."""
    model = await server.session.connection.model()
    with accounted(server.session.accounts.of_workspace("models", server.session.workspace.root_of(None))):
        listed = await model.list_models()
    names = [name for name in listed if model_refusal(name) is None]
    server.session.listed_models = tuple(names)
    if not names:
        server.editor.tell("info", 'PyGPT: The API lists no models: name one, as in {"model": "gpt-5.5"}.')
        return
    if len(names) > _MOST_ASKED or not server.editor.can_ask:
        await _show_models(server, names)
        return
    choice = await server.editor.ask(
        f"PyGPT: The model is {server.session.settings.model}. Use another?", names, "info"
    )
    if choice is not None:
        await _use(server, choice)
    else:
        server.editor.tell("info", f"PyGPT: The models are {', '.join(names)}.")


async def _show_models(server: PygptServer, names: Sequence[str]) -> None:
    from pygpt_lsp.lsp.pages import show_page

    folder = await server.session.storage.folder_of(server.session.workspace.root_of(None))
    told = "The models to choose from are listed in"
    await show_page(server, folder, folder.models_path, _page(server, names), told)


def _page(server: PygptServer, names: Sequence[str]) -> str:
    from pygpt_lsp.core.models_page import render_models

    session = server.session
    origin = session.configuration.resolved.origins["model"]
    return render_models(names, session.settings.model, origin, session.connection.api_host)


async def _renew_page(server: PygptServer, path: Path) -> None:
    """Show which model is in use on the page, where the editor has it open."""
    from pygpt_lsp.core.models_page import models_on
    from pygpt_lsp.lsp.pages import page_mark, replace_page

    document = server.session.workspace.document_of(path)
    if document is not None and page_mark(document.snapshot) is not None:
        await replace_page(server, document, _page(server, models_on(str(document.snapshot.text))))


async def _use(server: PygptServer, model: str) -> None:
    """Use a model from now on, and remember that for the workspace."""
    from pygpt_lsp.services.chosen_model import keep_choice

    refusal = model_refusal(model)
    if refusal is not None:
        raise PygptError(f"That is no model: {refusal}.")
    session = server.session
    choice = session.configuration.choose_model(model)
    try:
        folder = await session.storage.history_of(session.workspace.root_of(None)).folder()
        await asyncio.to_thread(keep_choice, folder, choice)
    except (PygptError, OSError):
        how = "until the server ends, since the workspace's cache cannot be written"
        folder = None
    else:
        how = session.configuration.resolved.origins["model"]
    told = f"PyGPT: The model is {model} ({how}). A chat keeps the one that it names itself."
    server.editor.tell("info", told)
    if folder is not None:
        pages = await session.storage.folder_of(session.workspace.root_of(None))
        await _renew_page(server, pages.models_path)


def show_status(server: PygptServer, _arguments: Arguments) -> None:
    """Version, model, where requests go, and what is running."""
    session = server.session
    running = len(session.jobs)
    jobs = "nothing is running" if not running else f"{running} running"
    where = (
        "the offline model; nothing is sent" if session.offline else session.settings.base_url or "nowhere"
    )
    origin = session.configuration.resolved.origins["model"]
    model = f"{session.settings.model} ({CHOSEN})" if origin == CHOSEN else session.settings.model
    server.editor.tell("info", f"PyGPT {__version__}: model {model} at {where}; {jobs}.")
