"""`pygpt.previewRequest` and `pygpt.showLastRequest`: what would go out, and what did, byte for byte.

A preview takes the same road as the request, up to a client that notes it and sends nothing. Nothing is
stored, no key is asked for, and the user is asked nothing.
"""

from __future__ import annotations

import asyncio
import datetime
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.body_shape import hash_of
from pygpt_lsp.core.errors import HistoryError, PygptError
from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.core.prices import cost, shown_cost
from pygpt_lsp.core.request_page import request_page
from pygpt_lsp.core.secrets.kinds import summary_of
from pygpt_lsp.lsp.action_jobs import first_request, wished_for
from pygpt_lsp.lsp.answering import tokens_of
from pygpt_lsp.lsp.chat_jobs import chat_uri
from pygpt_lsp.lsp.chat_place import ChatPlace
from pygpt_lsp.lsp.chat_request import build_request
from pygpt_lsp.lsp.consent import see_that_it_may_go
from pygpt_lsp.lsp.openings import Opening, completed, opening_to_ask
from pygpt_lsp.lsp.prompt_actions import is_prompt_id, root_for

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.history_records import TurnEnd
    from pygpt_lsp.services.jobs import Job
    from pygpt_lsp.services.sent_requests import SentRequest


class _Wanted(NamedTuple):
    """A request that could be made. `first` are sentences about what would be asked before it is sent."""

    title: str
    root: Path | None
    request: ModelRequest
    first: tuple[str, ...] = ()


def preview(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.previewRequest`: show what these arguments would send."""

    async def work(_job: Job) -> None:
        wanted = await _wanted(server, arguments)
        model = await server.session.connection.model()
        wire = await model.preview(wanted.request)
        request = wanted.request
        facts = [
            ("Address", f"{wire.method} {wire.url}"),
            ("Model", request.model),
            *_size(server, request, len(wire.body)),
            *_masked(request),
            *(("Before it is sent", sentence) for sentence in wanted.first),
        ]
        intro = "This is what would be sent now, and all of it. Nothing has been sent."
        page = request_page(f"Preview: {wanted.title}", intro, facts, request.messages, wire)
        await show_file(server, wanted.root, "preview", page)

    server.start_job("PyGPT: preview", set(), work)


def show_last(server: PygptServer, _arguments: Arguments) -> None:
    """`pygpt.showLastRequest`: show what was sent last, or say that nothing was."""
    sent = server.session.sent_requests.last
    if sent is None:
        server.editor.tell("info", "PyGPT: Nothing has been sent to a model since the server started.")
        return

    async def work(_job: Job) -> None:
        when = datetime.datetime.fromtimestamp(sent.sent).astimezone()
        facts = [
            ("Sent", f"{when:%Y-%m-%d %H:%M:%S %z}" + (f", try {sent.tries}" if sent.tries > 1 else "")),
            ("Address", f"{sent.wire.method} {sent.wire.url}"),
            ("For", f"{sent.start.action}: {sent.start.title}"),
            ("SHA-256 of the body, as in the ledger", hash_of(sent.wire.body)),
            ("Model", sent.request.model),
            *_size(server, sent.request, len(sent.wire.body)),
            *_masked(sent.request),
            *_ended(server, sent),
        ]
        intro = "This is the last request that was sent to a model, and all of it."
        page = request_page(
            f"Last request: {sent.start.title}", intro, facts, sent.request.messages, sent.wire
        )
        await show_file(server, server.session.workspace.root_of(None), "last-request", page)

    server.start_job("PyGPT: last request", set(), work)


async def _wanted(server: PygptServer, arguments: Arguments) -> _Wanted:
    """The request that the arguments stand for: an action's by its `id`, a chat's, or a question's."""
    if arguments.id is not None:
        if is_prompt_id(arguments.id):
            await server.session.prompts.refresh(root_for(server, arguments))
        wished = wished_for(server, arguments)
        if isinstance(wished, Opening):
            return await _of_opening(server, wished)
        target = wished.target
        asked = await see_that_it_may_go(server, target, asking=False) if wished.sends_document else ""
        edit, request = await first_request(server, wished)
        return _Wanted(wished.action.title, target.root, request, tuple(filter(None, (asked, edit.note))))
    in_code = arguments.uri is not None and not arguments.uri.endswith(CHAT_SUFFIX)
    if arguments.question is not None or in_code:
        return await _of_opening(server, opening_to_ask(server, arguments))
    place = ChatPlace.of_uri(server, chat_uri(server, arguments))
    return await _of_chat(server, await place.read(), server.session.workspace.root_of(place.path))


async def _of_opening(server: PygptServer, opening: Opening) -> _Wanted:
    if opening.question is None:
        raise PygptError('Say what to ask, as in {"question": "why?"}: without it nothing would be sent.')
    asked = ""
    if opening.target is not None and opening.quotes:
        asked = await see_that_it_may_go(server, opening.target, asking=False)
    whole = await completed(server, opening)
    wanted = await _of_chat(server, whole.text, opening.root)
    first = dict.fromkeys(filter(None, (asked, *wanted.first)))
    return wanted._replace(title=whole.title, first=tuple(first))


async def _of_chat(server: PygptServer, text: str, root: Path | None) -> _Wanted:
    asked = await build_request(server, text, root, purpose="show")
    return _Wanted(asked.title, root, asked.request, asked.excluded)


def _size(server: PygptServer, request: ModelRequest, body: int) -> list[tuple[str, str]]:
    """How much it is, in bytes, tokens and money."""
    settings = server.session.settings
    tokens = tokens_of(server, request.messages, request.model)
    ceiling = settings.max_input_tokens
    over = "; you would be asked before it is sent" if tokens > ceiling else ""
    size = f"{body:,} bytes, about {tokens:,} tokens of the {ceiling:,} that max_input_tokens allows{over}"
    price = cost(settings.prices, request.model, tokens)
    return [
        ("Size", size),
        *([("Price", f"about {shown_cost(price)} for this")] if price is not None else []),
    ]


def _masked(request: ModelRequest) -> list[tuple[str, str]]:
    """Which secrets stand as placeholders in it."""
    return [("Placeholders", summary_of(request.masked))] if request.masked else []


def _ended(server: PygptServer, sent: SentRequest) -> list[tuple[str, str]]:
    """How it ended, and what it took."""
    end: TurnEnd | None = sent.end
    if end is None:
        return [("Ended", "not yet, it is under way")]
    rows = [("Ended", {"done": "answered", "stopped": "stopped"}.get(end.status) or f"failed: {end.error}")]
    tokens_in, tokens_out = end.usage.input_tokens, end.usage.output_tokens
    if tokens_in is not None and tokens_out is not None:
        rows.append(("Counted by the API", f"{tokens_in:,} tokens in, {tokens_out:,} out"))
        price = cost(server.session.settings.prices, sent.request.model, tokens_in, tokens_out)
        if price is not None:
            rows.append(("Paid", shown_cost(price)))
    return rows


async def show_file(
    server: PygptServer, root: Path | None, name: str, page: str, what: str = "The request"
) -> None:
    """Show a page, from where chats are, or from a private folder where that cannot be written."""
    session = server.session
    try:
        try:
            folder = await session.storage.folder_of(root)
        except HistoryError:
            folder = await session.storage.private_folder_of(root)
        path = await asyncio.to_thread(session.shown_requests.write, folder, name, page)
    except HistoryError as error:
        server.editor.tell("error", f"PyGPT: {what} cannot be shown. {error.sentence}")
        return
    except OSError as error:
        server.editor.tell("error", f"PyGPT: {what} cannot be shown: {error.strerror}.")
        return
    if not await server.editor.show(path):
        server.editor.tell("info", f"PyGPT: {what} is in {path}")
