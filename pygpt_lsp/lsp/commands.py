"""`workspace/executeCommand`: each command starts a job, or does what costs nothing, and answers null.

Never silence: what cannot be done is said in a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer


class Command(NamedTuple):
    """`bare` names the field that a bare string as argument fills, None where an object is needed."""

    run: Callable[[PygptServer, Arguments], None]
    bare: str | None = None


def run_command(server: PygptServer, name: str, arguments: Sequence[object]) -> None:
    """Run one of COMMANDS. What goes wrong becomes a message, since Helix shows nobody an answer's error."""
    from pygpt_lsp.core.errors import PygptError
    from pygpt_lsp.lsp.arguments import read_arguments

    command, workspace = COMMANDS[name], server.session.workspace
    try:
        found = read_arguments(arguments, workspace.roots, workspace.open_files, command.bare)
        command.run(server, found)
    except PygptError as error:
        server.refused(error)
    except Exception as error:
        server.crashed(name, error)


def _ask(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_jobs import ask

    ask(server, arguments)


def _action(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.action_jobs import run_action

    run_action(server, arguments)


def _chat_new(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_jobs import new_chat

    new_chat(server, arguments)


def _chat_send(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_jobs import send

    send(server, arguments)


def _chat_regenerate(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_jobs import regenerate

    regenerate(server, arguments)


def _chat_fork(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_turns import fork

    fork(server, arguments)


def _chat_delete_turn(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_turns import delete_turn

    delete_turn(server, arguments)


def _chat_insert(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_code import insert

    insert(server, arguments)


def _chat_copy(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_code import copy

    copy(server, arguments)


def _stop(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.targets import uri_here

    uri = uri_here(server, arguments.uri) if arguments.uri is not None else None
    if not server.session.jobs.stop(uri):
        server.editor.tell("info", "PyGPT: Nothing is running.")


def _apply_last(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.chat_edits import apply_last

    apply_last(server, arguments)


def _history_open(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.history_jobs import open_conversation

    open_conversation(server, arguments)


def _history_fork(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.history_jobs import fork

    fork(server, arguments)


def _history_search(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.history_jobs import search

    search(server, arguments)


def _history_delete(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.history_jobs import delete

    delete(server, arguments)


def _model_select(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.status import select_model

    select_model(server, arguments)


def _show_status(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.status import show_status

    show_status(server, arguments)


def _preview_request(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.request_pages import preview

    preview(server, arguments)


def _show_last_request(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.request_pages import show_last

    show_last(server, arguments)


def _privacy_show(server: PygptServer, arguments: Arguments) -> None:
    from pygpt_lsp.lsp.privacy_pages import show_privacy

    show_privacy(server, arguments)


COMMANDS: dict[str, Command] = {
    "pygpt.ask": Command(_ask, bare="question"),
    "pygpt.action": Command(_action, bare="id"),
    "pygpt.chat.new": Command(_chat_new),
    "pygpt.chat.send": Command(_chat_send, bare="uri"),
    "pygpt.chat.regenerate": Command(_chat_regenerate, bare="uri"),
    "pygpt.chat.fork": Command(_chat_fork, bare="uri"),
    "pygpt.chat.deleteTurn": Command(_chat_delete_turn),
    "pygpt.chat.insert": Command(_chat_insert, bare="uri"),
    "pygpt.chat.copy": Command(_chat_copy, bare="uri"),
    "pygpt.stop": Command(_stop, bare="uri"),
    "pygpt.applyLast": Command(_apply_last, bare="uri"),
    "pygpt.history.search": Command(_history_search, bare="query"),
    "pygpt.history.open": Command(_history_open, bare="id"),
    "pygpt.history.fork": Command(_history_fork, bare="id"),
    "pygpt.history.delete": Command(_history_delete, bare="id"),
    "pygpt.model.select": Command(_model_select, bare="model"),
    "pygpt.previewRequest": Command(_preview_request, bare="uri"),
    "pygpt.showLastRequest": Command(_show_last_request),
    "pygpt.privacy.show": Command(_privacy_show),
    "pygpt.showStatus": Command(_show_status),
}
