"""`pygpt.chat.fork` and `pygpt.chat.deleteTurn`: going on from a turn in another chat, and taking one out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.chat_answers import chat_title
from pygpt_lsp.core.chat_offers import ChatState
from pygpt_lsp.core.chat_turns import deletion, fork_text
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.arguments import Arguments, Span
from pygpt_lsp.lsp.chat_jobs import write_chat
from pygpt_lsp.lsp.chat_spot import find_spot
from pygpt_lsp.lsp.workspace_edit import OpenFile, TextEdit

if TYPE_CHECKING:
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job

_TRIES = 6
_DELETE = "PyGPT: Delete turn"


def fork(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.fork`: a new chat that begins as this one does, up to a turn; this one stays as it is."""
    spot = find_spot(server, arguments)
    parsed = spot.parsed
    text = fork_text(parsed.text, parsed.chat, spot.turn_index())
    title = chat_title(next((turn.question for turn in parsed.chat.turns if turn.role == "user"), ""))
    root = server.session.workspace.root_of_document(parsed.snapshot.uri)

    async def work(_job: Job) -> None:
        place = await write_chat(server, text, title, root)
        await place.show(to_write=True)

    server.start_job("PyGPT: Fork", set(), work)


def delete_turn(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.deleteTurn`: take a turn out of an open chat, as one undo step."""
    if arguments.span is None:
        raise PygptError('Say which turn, for example {"range": {"start_line": 5}}.')
    spot = find_spot(server, arguments)
    snapshot = spot.parsed.snapshot
    heading = spot.parsed.chat.turns[spot.turn_index()].heading_line, 0
    # From now on it is the turn with this heading, wherever that goes while the user types.
    turn = Arguments(
        uri=snapshot.uri, span=Span(heading, heading, whole_lines=False), version=snapshot.version
    )
    server.start_job(_DELETE, set(), lambda _job: _delete(server, turn))


async def _delete(server: PygptServer, turn: Arguments) -> None:
    reason = ""
    for _ in range(_TRIES):
        spot = find_spot(server, turn)
        snapshot, index = spot.parsed.snapshot, spot.turn_index()
        text, chat = snapshot.text, spot.parsed.chat
        if index >= ChatState.of(chat, running=bool(server.session.jobs.on(snapshot.uri))).busy_from:
            raise PygptError("An answer is being written there: stop it first, or wait.")
        edit = deletion(chat, index, text.offset_at(Position(chat.turns[index].heading_line, 0)))
        span = Range(text.position_at(edit.start), text.position_at(edit.end))
        change = OpenFile(spot.document, text, snapshot.version, (TextEdit(span, edit.text),))
        (applied,) = await server.delivery.apply_files([change], _DELETE)
        if applied.made:
            return
        reason = applied.reason
        if not applied.outdated:
            break
    raise PygptError(f"The editor did not delete the turn: {reason}.")
