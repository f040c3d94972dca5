"""`pygpt.model.select` and `pygpt.showStatus`: what is in force, said in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp import __version__
from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job

_MOST_OFFERED = 20


def select_model(server: PygptServer, arguments: Arguments) -> None:
    """Use another model until the server ends; without a name the endpoint's models are offered."""
    if arguments.model is not None:
        _use(server, arguments.model)
        return

    async def work(_job: Job) -> None:
        try:
            model = await server.session.connection.model()
            names = await model.list_models()
        except PygptError as error:
            server.editor.tell("error", f"PyGPT: {error.sentence}")
            return
        if not names:
            server.editor.tell(
                "info", 'PyGPT: The API lists no models: name one, as in {"model": "gpt-5.5"}.'
            )
            return
        current = server.session.settings.model
        choice = await server.editor.ask(
            f"PyGPT: The model is {current}. Use another?", names[:_MOST_OFFERED]
        )
        if choice is not None:
            _use(server, choice)
        else:
            server.editor.tell("info", f"PyGPT: The models are {', '.join(names[:_MOST_OFFERED])}.")

    server.session.jobs.start("PyGPT: list models", set(), work)


def _use(server: PygptServer, model: str) -> None:
    server.session.choose_model(model)
    server.editor.tell("info", f"PyGPT: The model is {server.session.settings.model} until the server ends.")


def show_status(server: PygptServer, _arguments: Arguments) -> None:
    """Version, model, where requests go, and what is running."""
    session = server.session
    running = len(session.jobs)
    jobs = "nothing is running" if not running else f"{running} running"
    where = (
        "the offline model; nothing is sent" if session.offline else session.settings.base_url or "nowhere"
    )
    server.editor.tell("info", f"PyGPT {__version__}: model {session.settings.model} at {where}; {jobs}.")
