"""The chat commands and the chat actions: a new chat document, sending it, answering again.

The document comes first: it is written, with the place for the answer in it, before anything is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat import new_chat as new_chat_text
from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import chat_title, last_answer, open_answer, reopen_answer
from pygpt_lsp.core.chat_context import format_context_ref
from pygpt_lsp.core.context import collect_context, fit_to_budget
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.lsp.answering import Answer, may_send, run_exchange
from pygpt_lsp.lsp.chat_place import ChatPlace
from pygpt_lsp.lsp.chat_request import ChatRequest, build_request
from pygpt_lsp.lsp.chat_writer import AnswerLost, ChatWriter
from pygpt_lsp.lsp.targets import find_target
from pygpt_lsp.services.history_records import TurnStart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.core.actions import Action
    from pygpt_lsp.core.chat_answers import AnswerSlot
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target
    from pygpt_lsp.services.jobs import Job

logger = logging.getLogger(__name__)

_STOP_SECONDS = 3.0


def ask(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.ask`: a chat about the selection; with a question it is sent at once."""
    target: Target | None = None
    try:
        target = find_target(server, arguments, unseen="whole")
    except PygptError:
        if arguments.uri is not None or arguments.span is not None:
            raise
    context = _context_lines(server, target, surroundings=False) if target is not None else []
    _start_chat(server, arguments.question, context, target, "ask")


def new_chat(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.new`: an empty chat, about a range where one is given."""
    target = find_target(server, arguments) if arguments.span is not None else None
    context = _context_lines(server, target, surroundings=False) if target is not None else []
    _start_chat(server, None, context, target, "chat")


def run_chat_action(server: PygptServer, action: Action, target: Target, instruction: str | None) -> None:
    """An action whose answer is a chat: explain, review, tests."""
    question = action.instruction if instruction is None else f"{action.instruction}\n\n{instruction}"
    context = _context_lines(server, target, surroundings=True)
    _start_chat(server, question, context, target, action.id, title=f"{action.title} {target.shown_path}")


def send(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.send`: answer the last question of a chat document."""
    _answer(server, _chat_uri(server, arguments), "chat", None)


def regenerate(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.chat.regenerate`: answer the last answered question again, in place of the answer."""
    _answer(server, _chat_uri(server, arguments), "regenerate", None)


async def write_new_chat(
    server: PygptServer, question: str, context: list[str], title: str, root: Path | None
) -> ChatPlace:
    """A new chat document in the workspace's cache. Raises PygptError where none can be written."""
    worker = server.session.history_of(root)
    folder = await worker.folder()
    today = datetime.datetime.now().astimezone().date()
    text = new_chat_text({"model": server.session.settings.model}, question, context=context)

    def write() -> Path:
        path = folder.new_chat_path(today, title)
        folder.private_write(path, text)
        return path

    try:
        path = await asyncio.to_thread(write)
    except OSError as error:
        raise PygptError(f"A chat cannot be written to {folder.chats_dir}: {error.strerror}.") from error
    return ChatPlace.of_path(server, path)


def _chat_uri(server: PygptServer, arguments: Arguments) -> str:
    if arguments.uri is not None:
        return arguments.uri
    chats = [
        document.snapshot.uri
        for document in server.session.documents.documents()
        if document.snapshot.uri.endswith(".chat.md")
    ]
    if len(chats) == 1:
        return chats[0]
    if chats:
        raise PygptError('Several chats are open: say which, for example {"uri": "%{buffer_name}"}.')
    raise PygptError("No chat is open: open a *.chat.md file, or start one with pygpt.chat.new.")


def _start_chat(
    server: PygptServer,
    question: str | None,
    context: list[str],
    target: Target | None,
    action_id: str,
    title: str | None = None,
) -> None:
    root = target.root if target is not None else server.session.root_of(None)
    document_uri = target.snapshot.uri if target is not None else ""
    name = title or chat_title(question or (target.shown_path if target is not None else ""))

    async def work(job: Job) -> None:
        try:
            place = await write_new_chat(server, question or "", context, name, root)
            job.uris.add(place.uri)
            if question is None:
                await place.show()
                return
            await _answer_in(server, job, place, root, action_id, None, document_uri, show=True, title=name)
        except PygptError as error:
            server.editor.tell("error", f"PyGPT: {error.sentence}")

    uris = {document_uri} if document_uri and question is not None else set[str]()
    server.session.jobs.start(f"PyGPT: {name}", uris, work)


def _answer(server: PygptServer, uri: str, action_id: str, title: str | None) -> None:
    place = ChatPlace.of_uri(server, uri)
    if server.session.jobs.on(place.uri):
        raise PygptError("This chat is being answered already: stop it first, or wait.")
    root = server.session.root_of(place.path)
    turn_index: int | None = None

    async def work(job: Job) -> None:
        nonlocal turn_index
        try:
            if action_id == "regenerate":
                turn_index = last_answer(parse_chat(await place.read()))
                if turn_index is None:
                    raise PygptError("There is no answer in this chat yet: send it first.")
            await _answer_in(server, job, place, root, action_id, turn_index, "", show=False, title=title)
        except PygptError as error:
            server.editor.tell("error", f"PyGPT: {error.sentence}")

    server.session.jobs.start("PyGPT: chat", {place.uri}, work)


async def _answer_in(
    server: PygptServer,
    job: Job,
    place: ChatPlace,
    root: Path | None,
    action_id: str,
    turn_index: int | None,
    document_uri: str,
    *,
    show: bool,
    title: str | None,
) -> None:
    """Ask what the chat document says and write the answer into it."""
    text = await place.read()
    asked = await build_request(server, text, root, turn_index)
    if not await may_send(server, asked.request.messages, asked.request.model):
        if show:
            await place.show()
        return
    after = await place.make_room(_slot_maker(turn_index))
    showing = asyncio.create_task(place.show()) if show else None
    progress = await server.editor.begin_progress(job, f"PyGPT: {title or asked.title}")
    writer = ChatWriter(server, place, asked.ordinal, parse_chat(after).eol)
    start = TurnStart(
        messages=asked.request.messages,
        model=asked.request.model,
        host=server.session.api_host,
        action=action_id,
        title=title or asked.title,
        document=document_uri or place.uri,
        chat_path=place.path,
    )
    end = "stopped"
    try:
        if showing is not None:
            # The model is asked meanwhile; only the writing waits for the editor.
            writer.wait_for(showing)
        answer = await run_exchange(server, asked.request, start, root, progress, writer.feed)
        end = await _finish(server, writer, answer, asked)
    except asyncio.CancelledError:
        with contextlib.suppress(AnswerLost):
            if not server.stopped.is_set() and not server.cleaning:
                await asyncio.shield(writer.finish("stopped", _STOP_SECONDS))
        raise
    except AnswerLost as lost:
        end = "the answer is in the history"
        server.editor.tell(
            "warning",
            f"PyGPT: {lost.sentence[0].upper()}{lost.sentence[1:]}; it is kept whole in the history.",
        )
    finally:
        writer.close()
        server.editor.end_progress(progress, f"PyGPT: {end}")


async def _finish(server: PygptServer, writer: ChatWriter, answer: Answer, asked: ChatRequest) -> str:
    """End the answer in the document as it ended at the API; the progress's last words."""
    reason = answer.finished.finish_reason if answer.finished is not None else None
    if answer.failure is not None:
        server.editor.tell("error", f"PyGPT: {answer.failure}")
        await writer.finish(f"failed: {answer.failure}" if answer.text else "")
        return "failed"
    if reason == "length":
        await writer.finish("cut at max_output_tokens: raise it, or ask to go on")
    elif reason == "content_filter":
        await writer.finish("cut by the API's content filter")
    else:
        await writer.finish()
    return answer.summary(asked.request.model)


def _slot_maker(turn_index: int | None) -> Callable[[str], AnswerSlot]:
    def slot(text: str) -> AnswerSlot:
        try:
            return open_answer(text) if turn_index is None else reopen_answer(text, turn_index)
        except (ValueError, IndexError) as error:
            raise PygptError("The chat has changed meanwhile: send it again.") from error

    return slot


def _context_lines(server: PygptServer, target: Target, *, surroundings: bool) -> list[str]:
    """The context lines for a target, most important first, as far as they fit."""
    name = str(target.path) if target.path is not None else target.snapshot.uri
    if target.path is not None and target.root is not None:
        name = target.shown_path
    parts = collect_context(
        target.snapshot.text,
        target.shown_path,
        target.snapshot.language_id,
        target.first_line,
        target.last_line,
        target.diagnostics,
    )
    if not surroundings:
        parts = tuple(part for part in parts if part.kind in {"selection", "diagnostics"})
    settings = server.session.settings
    fitted = fit_to_budget(parts, settings.max_input_tokens, server.session.estimator.estimate)
    lines: list[str] = []
    for part in fitted.kept:
        if part.kind == "diagnostics":
            lines.append(format_context_ref("diagnostics", name, target.first_line + 1, target.last_line + 1))
        else:
            lines.append(format_context_ref("file", name, part.start_line, part.end_line))
    return lines
