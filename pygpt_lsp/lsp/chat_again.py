"""Asking again about a file: the chats about it that are open are offered, before a new one is made."""

from __future__ import annotations

import contextlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat_continue import add_context
from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.lsp.chat_cache import chat_of
from pygpt_lsp.lsp.chat_place import ChatPlace
from pygpt_lsp.lsp.sources import context_candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pygpt_lsp.core.chat_answers import AnswerSlot
    from pygpt_lsp.lsp.openings import Opening
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target
    from pygpt_lsp.services.jobs import Job

_MOST_OFFERED = 3
_NEW = "New chat"


def offer_open_chat(server: PygptServer, opening: Opening, start_new: Callable[[], None]) -> bool:
    """Offer to go on in an open chat about what the user asks about, else to `start_new`.

    False where there is none or the editor cannot ask: then nothing happens here.
    """
    target = opening.target
    chats = _chats_about(server, target) if target is not None else []
    if target is None or not chats or not server.editor.can_ask:
        return False
    offers = {f"Continue {_name(place)}": place for place in chats[:_MOST_OFFERED]}

    async def work(_job: Job) -> None:
        question = f"PyGPT: A chat about {target.name} is open. Ask there?"
        choice = await server.editor.ask(question, [*offers, _NEW], "info")
        if choice == _NEW:
            start_new()
        elif choice is not None:
            await _go_on(server, offers[choice], opening.context)

    server.start_job(f"PyGPT: {opening.title}", set(), work)
    return True


async def _go_on(server: PygptServer, place: ChatPlace, context: Sequence[str]) -> None:
    """Add the context lines to the chat's next question, with the cursor below them. Raises PygptError."""

    def slot_in(text: str) -> AnswerSlot:
        slot = add_context(text, context)
        if slot is None:
            raise _AlreadyThereError
        return slot

    with contextlib.suppress(_AlreadyThereError):
        await place.make_room(slot_in)
    await place.show(to_write=True)
    if not server.editor.can_show:
        server.editor.tell("info", f"PyGPT: Go on at the end of {_name(place)}.")


class _AlreadyThereError(Exception):
    """The context lines stand in the chat."""


def _chats_about(server: PygptServer, target: Target) -> list[ChatPlace]:
    """The open chats with a context line that names the target's document, the one opened last first."""
    workspace, found = server.session.workspace, list[ChatPlace]()
    for document in reversed(tuple(workspace.documents)):
        uri = document.snapshot.uri
        parsed = chat_of(server, uri) if uri != target.snapshot.uri else None
        if parsed is None:
            continue
        place = ChatPlace.of_uri(server, uri)
        root = workspace.root_of(place.path)
        if target.root not in {None, root}:  # there the name of the file would mean another one
            continue
        named = {ref.path for turn in parsed.chat.turns for ref in turn.context if ref.path is not None}
        if target.chat_name in named or any(
            target.path in context_candidates(path, root, workspace.roots) for path in named
        ):
            found.append(place)
    return found


def _name(place: ChatPlace) -> str:
    """The chat's file name, which says when it was begun and with what."""
    name = place.path.name if place.path is not None else PurePosixPath(place.uri).name
    return name.removesuffix(CHAT_SUFFIX)
