"""`pygpt.action` and `pygpt.applyLast`: from the region to an answer to an edit of the changed lines.

An edit is made where it was meant, once, on the version it was planned for, or shown in a chat with the
reason. What the user paid for is never thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.actions import ACTION_IDS, Action, action_by_id
from pygpt_lsp.core.answer_blocks import read_region_answer
from pygpt_lsp.core.comments import find_instruction
from pygpt_lsp.core.edits.region import refuse_incomplete
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.messages import ModelRequest
from pygpt_lsp.lsp.action_request import EditRequest, build_edit_request
from pygpt_lsp.lsp.answering import Answer, may_send, run_exchange
from pygpt_lsp.lsp.applying import apply_region, show_proposal, summary_of
from pygpt_lsp.lsp.proposals import Proposal
from pygpt_lsp.lsp.targets import Target, find_target, widened
from pygpt_lsp.services.history_records import TurnStart

if TYPE_CHECKING:
    from pygpt_lsp.core.comments import Instruction
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.jobs import Job


class Task(NamedTuple):
    """One edit that was asked for. `comment` is the `ai:` comment that goes away with it."""

    action: Action
    target: Target
    instruction: str | None
    comment: Instruction | None

    @property
    def title(self) -> str:
        return f"PyGPT: {self.action.title}"


def run_action(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.action`: run one action of the catalogue on a target. Raises PygptError with a sentence."""
    action = action_by_id(arguments.id) if arguments.id else None
    if action is None:
        raise PygptError(f"Say which action with its id, one of: {', '.join(ACTION_IDS)}.")
    if action.id == "ask":
        from pygpt_lsp.lsp.chat_jobs import ask

        ask(server, arguments._replace(question=arguments.instruction or arguments.question))
        return
    target = find_target(server, arguments, unseen="start" if action.needs == "commit" else "refuse")
    if action.needs == "region" and not target.has_code:
        raise PygptError("There is no code here: select some, or put the cursor into a definition.")
    if action.outcome == "chat":
        from pygpt_lsp.lsp.chat_jobs import run_chat_action

        run_chat_action(server, action, target, arguments.instruction)
        return
    comment = None
    if arguments.instruction is None and action.needs == "instruction":
        comment = _comment(target)
        if comment is None:
            raise PygptError(
                "Say what to do: write a comment `ai: …` in or above the selection, or give an instruction."
            )
    if arguments.instruction is None and action.needs == "diagnostic":
        if not target.diagnostics:
            raise PygptError("There is no diagnostic here to fix: choose Fix from the menu on a diagnostic.")
        arguments = arguments._replace(instruction=target.diagnostics[0].message)
    if action.needs == "diagnostic":
        target = widened(target)
    task = Task(action, target, comment.text if comment else arguments.instruction, comment)

    async def work(job: Job) -> None:
        try:
            await _edit(server, job, task)
        except PygptError as error:
            server.editor.tell("error", f"PyGPT: {error.sentence}")

    server.session.jobs.start(task.title, {target.snapshot.uri}, work)


def apply_last(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.applyLast`: try again to make an edit that is shown in a chat."""
    found = server.proposals.find(arguments.uri)
    if found is None:
        raise PygptError("There is no edit waiting to be applied.")
    chat, proposal = found
    document = server.session.documents.document(proposal.uri)
    if document is None:
        raise PygptError(f"{proposal.uri} is not open: open it, then apply the edit again.")

    async def work(_job: Job) -> None:
        try:
            changed = await apply_region(server, document, proposal)
        except PygptError as error:
            server.editor.tell("error", f"PyGPT: {error.sentence}")
            return
        server.proposals.done(chat)
        server.editor.tell("info", f"PyGPT: {changed}")

    server.session.jobs.start("PyGPT: apply", {proposal.uri}, work)


def _comment(target: Target) -> Instruction | None:
    snapshot = target.snapshot
    return find_instruction(snapshot.text, target.first_line, target.last_line, snapshot.language_id)


async def _edit(server: PygptServer, job: Job, task: Task) -> None:
    edit = await build_edit_request(server, task)
    settings = server.session.settings
    request = ModelRequest(
        settings.model,
        edit.messages,
        settings.max_output_tokens,
        settings.temperature,
        settings.reasoning_effort,
    )
    if not await may_send(server, request.messages, request.model):
        return
    target = task.target
    start = TurnStart(
        messages=request.messages,
        model=request.model,
        host=server.session.connection.api_host,
        action=task.action.id,
        title=f"{task.action.title} {target.name}",
        document=target.snapshot.uri,
    )
    progress = await server.editor.begin_progress(job, task.title)
    end = "stopped"
    try:
        answer = await run_exchange(server, request, start, target.root, progress, lambda _text: None)
        end = await _make(server, task, edit, answer)
        if answer.failure is None:
            end = f"{end} · {answer.summary(request.model)}"
    finally:
        server.editor.end_progress(progress, f"PyGPT: {end}")


async def _make(server: PygptServer, task: Task, edit: EditRequest, answer: Answer) -> str:
    """Turn the answer into an edit, or show it; the progress's last words."""
    if answer.failure is not None:
        server.editor.tell("error", f"PyGPT: {answer.failure}")
        if not answer.text.strip():
            return "failed"
        await show_proposal(server, task.target, _asked(task), answer.text, answer.failure, None)
        return "failed; what arrived is in the chat"
    reason = answer.finished.finish_reason if answer.finished is not None else "stop"
    document = task.target.document
    proposal: Proposal | None = None
    try:
        if reason == "refusal":
            raise EditRefused("The model refused to answer this.")
        code = read_region_answer(
            answer.text, language=task.target.snapshot.language_id, finished=reason == "stop", bare=edit.bare
        )
        if not edit.insertion:
            refuse_incomplete(edit.region.text, code)  # before there is a proposal: it could never be applied
        reindent = "indent" not in (task.instruction or "").lower()
        proposal = Proposal(document, edit.region, code, task.title, edit.insertion, reindent)
        current = server.session.documents.document(proposal.uri)
        if current is None:
            raise EditRefused("The file was closed meanwhile, so nothing was changed.")
        if not await _reviewed(server, current, proposal):
            raise EditRefused("You asked to see edits before they are made.")
        return await apply_region(server, current, proposal)
    except EditRefused as refused:
        await show_proposal(server, task.target, _asked(task), answer.text, refused.sentence, proposal)
        return "not applied, see the chat"


async def _reviewed(server: PygptServer, document: Document, proposal: Proposal) -> bool:
    """Whether the edit may be made now, as the setting `review` says."""
    review = server.session.settings.review
    if review == "apply":
        return True
    if review == "propose":
        return False
    path = server.session.path_of(document.snapshot.uri)
    where = server.session.display_path(path) if path is not None else document.snapshot.uri
    choice = await server.editor.ask(
        f"{proposal.title}: {summary_of(document, proposal)} in {where}. Make this edit?",
        ["Apply", "Show in chat"],
    )
    return choice == "Apply"


def _asked(task: Task) -> str:
    return task.instruction or task.action.instruction
