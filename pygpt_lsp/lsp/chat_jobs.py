"""The chat commands and the chat actions: a new chat document, sending it, answering again.

The document comes first: it is written, with the place for the answer in it, before anything is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat_answers import with_answer
from pygpt_lsp.core.chat_writing import new_chat as new_chat_text
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.lsp.answering import Answer, may_send, run_exchange, summary_of
from pygpt_lsp.lsp.chat_again import offer_open_chat
from pygpt_lsp.lsp.chat_place import ChatPlace, open_chats
from pygpt_lsp.lsp.chat_repairs import repair_edits
from pygpt_lsp.lsp.chat_request import ChatChanged, ChatRequest, build_request
from pygpt_lsp.lsp.chat_writer import AnswerLost, ChatWriter
from pygpt_lsp.lsp.consent import see_that_it_may_go
from pygpt_lsp.lsp.openings import completed, opening_to_ask, opening_to_write
from pygpt_lsp.lsp.pages import page_mark
from pygpt_lsp.services.history_records import TurnStart

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.chat_place import Room
    from pygpt_lsp.lsp.openings import Opening
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job

logger = logging.getLogger(__name__)

_STOP_SECONDS = 6.0
_TRIES = 5


def ask(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.ask`: a chat about the selection; with a question it is sent at once, without one an open chat
    about the same file may go on."""
    opening = opening_to_ask(server, arguments)
    if opening.question is not None or not offer_open_chat(
        server, opening, lambda: start_chat(server, opening)
    ):
        start_chat(server, opening)


def new_chat(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.new`: an empty chat, about a range where one is given."""
    start_chat(server, opening_to_write(server, arguments))


def send(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.send`: answer the last question of a chat document."""
    _answer(server, chat_uri(server, arguments), "chat")


def regenerate(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.regenerate`: answer the last answered question again, in place of the answer."""
    _answer(server, chat_uri(server, arguments), "regenerate")


async def write_new_chat(
    server: PygptServer,
    question: str,
    context: list[str],
    title: str,
    root: Path | None,
    answer: str | None = None,
    note: str = "",
) -> ChatPlace:
    """A new chat document among the workspace's chats, with an answer and a note below it where given.

    Raises PygptError where none can be written.
    """
    text = new_chat_text({"model": server.session.settings.model}, question, context=context)
    if answer is not None:
        text = with_answer(text, answer, note)
    return await write_chat(server, text, title, root)


async def write_chat(server: PygptServer, text: str, title: str, root: Path | None) -> ChatPlace:
    """A new chat document among the workspace's chats. Raises PygptError where none can be written."""
    folder = await server.session.storage.folder_of(root)
    today = datetime.datetime.now().astimezone().date()

    def write() -> Path:
        path = folder.new_chat_path(today, title)
        try:
            folder.private_write(path, text)
            if not server.editor.can_show:
                folder.let_chats_be_completed()
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path

    try:
        path = await asyncio.to_thread(write)
    except OSError as error:
        raise PygptError(f"A chat cannot be written to {folder.chats_dir}: {error.strerror}.") from error
    return ChatPlace.of_path(server, path)


def chat_uri(server: PygptServer, arguments: Arguments) -> str:
    """The chat that a command means. Raises PygptError where none or several may be meant."""
    if arguments.uri is not None:
        return arguments.uri
    chats = open_chats(server)
    if len(chats) == 1:
        return chats[0]
    if chats:
        raise PygptError('Several chats are open: say which, for example {"uri": "%{buffer_name}"}.')
    raise PygptError("No chat is open: open a *.chat.md file, or start one with pygpt.chat.new.")


def start_chat(server: PygptServer, opening: Opening) -> None:
    """Write a new chat, and send it where it asks something."""
    root = opening.root
    document_uri = opening.target.snapshot.uri if opening.target is not None else ""

    async def work(job: Job) -> None:
        if opening.target is not None and opening.quotes:
            await see_that_it_may_go(server, opening.target)
        whole = await completed(server, opening)
        place = await write_chat(server, whole.text, whole.title, root)
        if opening.question is None:
            await place.show(to_write=True)
            return
        place.worked_on_by(job)
        wish = _Wish(root, opening.action_id, document_uri, whole.title, show=True)
        await _answer_in(server, job, place, wish)

    uris = {document_uri} if document_uri and opening.question is not None else set[str]()
    server.start_job(f"PyGPT: {opening.title}", uris, work)


def _answer(server: PygptServer, uri: str, action_id: str) -> None:
    place = ChatPlace.of_uri(server, uri)
    document = place.document()
    if document is not None and page_mark(document.snapshot) is not None:
        raise PygptError("This is a page of PyGPT's and no chat: choose from its code-action menu.")
    if server.session.jobs.on(place.uri):
        raise PygptError("This chat is being answered already: stop it first, or wait.")
    root = server.session.workspace.root_of(place.path)

    async def work(job: Job) -> None:
        place.worked_on_by(job)
        await _answer_in(server, job, place, _Wish(root, action_id, "", None, show=False))

    server.start_job("PyGPT: chat", {place.uri}, work)


class _Wish(NamedTuple):
    """What an answer in a chat is for: the action, and the document it is about ("": the chat itself).

    `title` names a new conversation; `show`: the chat is to be opened in the editor.
    """

    root: Path | None
    action_id: str
    document_uri: str
    title: str | None
    show: bool


async def _answer_in(server: PygptServer, job: Job, place: ChatPlace, wish: _Wish) -> None:
    """Ask what the chat document says and write the answer into it."""
    try:
        prepared = await _prepare(server, place, wish)
    except PygptError:  # the sentence names a line of the chat, and the question is there to be corrected
        if wish.show:
            await place.show()
        raise
    if prepared is None:
        if wish.show:
            await place.show()
        return
    asked, room = prepared
    request = asked.request
    title = wish.title or asked.title
    progress = await server.editor.begin_progress(job, f"PyGPT: {title}")
    # The model is asked meanwhile; only the writing waits for the editor.
    showing = asyncio.create_task(place.show()) if wish.show else None
    writer = ChatWriter(server, place, room, asked.ordinal, asked.before, showing)
    start = TurnStart(
        messages=request.messages,
        model=request.model,
        host=server.session.connection.api_host,
        action=wish.action_id,
        title=title,
        document=wish.document_uri or place.uri,
        chat_path=place.path,
        sources=asked.sources,
    )
    end, whole = "stopped", False
    try:
        answer = await run_exchange(server, request, start, wish.root, progress, writer.feed)
        try:
            end = await _finish(server, writer, answer)
            whole = True
        except AnswerLost as lost:
            end = "failed"
            if answer.text:
                end = "the answer is not in the chat"
                await _keep(server, answer, asked, wish, lost)
        if whole and answer.failure is None:
            answers = [answer]
            if answer.is_whole:
                answers += await repair_edits(server, place, asked.ordinal, request, start, progress, answer)
            end = summary_of(answers, request.model)
    except asyncio.CancelledError:
        end = "stopped"
        with contextlib.suppress(AnswerLost):
            if not whole and not server.stopped.is_set() and not server.cleaning:
                await asyncio.shield(writer.finish("stopped", _STOP_SECONDS))
        raise
    finally:
        writer.close()
        server.editor.end_progress(job, progress, f"PyGPT: {end}")


async def _prepare(server: PygptServer, place: ChatPlace, wish: _Wish) -> tuple[ChatRequest, Room] | None:
    """The request for what the document says, with room for its answer; None where it is not to be sent.

    The user may go on writing meanwhile: what is sent is what the document says when there is room in it.
    """
    regenerate = wish.action_id == "regenerate"
    for _ in range(_TRIES):
        text = await place.read()
        asked = await build_request(server, text, wish.root, regenerate=regenerate)
        if not await may_send(server, asked.request.messages, asked.request.model):
            return None
        with contextlib.suppress(ChatChanged):
            return asked, await place.make_room(asked.slot_in)
    raise PygptError("The chat keeps changing: send it again.")


async def _keep(
    server: PygptServer, answer: Answer, asked: ChatRequest, wish: _Wish, lost: AnswerLost
) -> None:
    """Keep what was paid for where its chat document could not take it."""
    if answer.conversation_id is not None:
        server.editor.tell("warning", f"PyGPT: {lost.sentence} It is kept whole in the history.")
        return
    question = asked.request.messages[-1].content
    place = await write_new_chat(server, question, [], wish.title or asked.title, wish.root, answer.text)
    server.editor.tell("warning", f"PyGPT: {lost.sentence} It is in {place.path}.")


async def _finish(server: PygptServer, writer: ChatWriter, answer: Answer) -> str:
    """End the answer in the document as it ended at the API; the progress's last words."""
    reason = answer.finished.finish_reason if answer.finished is not None else None
    if answer.failure is not None:
        server.editor.tell("error", f"PyGPT: {answer.failure}")
        await writer.finish(f"failed: {answer.failure}")
        return "failed"
    if reason == "length":
        await writer.finish("cut at max_output_tokens: raise it, or ask to go on")
    elif reason == "content_filter":
        await writer.finish("cut by the API's content filter")
    else:
        await writer.finish()
    return "done"
