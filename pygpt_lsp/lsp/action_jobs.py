"""`pygpt.action`: from the region to an answer to an edit of the changed lines.

An edit is made where it was meant, once, on the version it was planned for, or shown in a chat with the
reason. What the user paid for is never thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.actions import ACTION_IDS, action_by_id
from pygpt_lsp.core.chat_mentions import as_text
from pygpt_lsp.core.comments import find_instruction
from pygpt_lsp.core.edits.region_answer import RegionCode, read_region_code
from pygpt_lsp.core.edits.repair import MOST_REPAIRS, region_repair
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.messages import ModelRequest
from pygpt_lsp.lsp.action_request import EditRequest, Task, build_edit_request
from pygpt_lsp.lsp.answering import Answer, fits, may_send, run_exchange, summary_of, with_repair
from pygpt_lsp.lsp.consent import see_that_it_may_go
from pygpt_lsp.lsp.openings import Opening, opening_of_action, opening_to_ask
from pygpt_lsp.lsp.prompt_actions import is_prompt_id, root_for, wished_by_prompt
from pygpt_lsp.lsp.proposals import show_proposal
from pygpt_lsp.lsp.region_edits import RegionEdit, apply_region, open_document, plan_in
from pygpt_lsp.lsp.region_edits import summary_of as summary_of_edits
from pygpt_lsp.lsp.review import confirmed
from pygpt_lsp.lsp.secret_edits import look_for_secrets, refuse_unresolved, with_secrets
from pygpt_lsp.lsp.targets import find_target, widened
from pygpt_lsp.services.history_records import TurnStart

if TYPE_CHECKING:
    from pygpt_lsp.core.comments import Instruction
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.progress import Progress
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target
    from pygpt_lsp.lsp.workspace_edit import Annotation
    from pygpt_lsp.services.jobs import Job


def run_action(server: PygptServer, arguments: Arguments) -> None:
    """`pygpt.action`: run an action of the catalogue, or a prompt. Raises PygptError with a sentence."""
    if not is_prompt_id(arguments.id):
        _begin(server, wished_for(server, arguments))
        return

    async def work(_job: Job) -> None:
        await server.session.prompts.refresh(root_for(server, arguments))
        _begin(server, wished_for(server, arguments))

    server.start_job("PyGPT: prompt", set(), work)


def _begin(server: PygptServer, wished: Task | Opening) -> None:
    if isinstance(wished, Opening):
        from pygpt_lsp.lsp.chat_jobs import start_chat

        start_chat(server, wished)
        return
    task = wished

    server.start_job(task.title, {task.target.snapshot.uri}, lambda job: _edit(server, job, task))


def wished_for(server: PygptServer, arguments: Arguments) -> Task | Opening:
    """What `pygpt.action` with these arguments is to do: an edit, or a chat that it opens. Raises PygptError
    with a sentence where nothing can be done."""
    if is_prompt_id(arguments.id):
        return wished_by_prompt(server, arguments)
    action = action_by_id(arguments.id) if arguments.id else None
    if action is None:
        raise PygptError(f"Say which action with its id, one of: {', '.join(ACTION_IDS)}, user:NAME.")
    if action.id == "ask":
        question = arguments.instruction or arguments.question
        return opening_to_ask(server, arguments._replace(question=question))
    target = find_target(server, arguments, unseen="start" if action.needs == "commit" else "refuse")
    if action.needs == "region" and not target.has_code:
        raise PygptError("There is no code here: select some, or put the cursor into a definition.")
    if action.outcome == "chat":
        return opening_of_action(server, action, target, arguments.instruction)
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
    return Task(action, target, comment.text if comment else arguments.instruction, comment)


async def first_request(server: PygptServer, task: Task) -> tuple[EditRequest, ModelRequest]:
    """What an edit asks for, and the request that asks for it first. Raises PygptError."""
    edit = await build_edit_request(server, task)
    settings = server.session.settings
    request = ModelRequest(
        task.model or settings.model,
        edit.messages,
        settings.max_output_tokens,
        settings.temperature,
        settings.reasoning_effort,
    )
    return edit, await server.session.masked_request(request, task.target.root)


def _comment(target: Target) -> Instruction | None:
    snapshot = target.snapshot
    return find_instruction(snapshot.text, target.first_line, target.last_line, snapshot.language_id)


async def _edit(server: PygptServer, job: Job, task: Task) -> None:
    if task.sends_document:
        await see_that_it_may_go(server, task.target)
    edit, request = await first_request(server, task)
    if not await may_send(server, request.messages, request.model):
        return
    if edit.note:
        server.editor.tell("info", f"PyGPT: {edit.note}")
    progress = await server.editor.begin_progress(job, task.title)
    if edit.rules:
        progress.report(f"with {', '.join(edit.rules)}")
    end = "stopped"
    try:
        outcome = await _ask(server, task, edit, request, progress)
        end = await _make(server, task, edit, outcome)
        if outcome.answers[-1].failure is None:
            end = " · ".join([end, *edit.rules, summary_of(outcome.answers, request.model)])
    finally:
        server.editor.end_progress(job, progress, f"PyGPT: {end}")


class _Outcome(NamedTuple):
    """What came of asking: the answers, oldest first; the code of the last one, or why there is none."""

    answers: list[Answer]
    code: RegionCode | None
    refusal: str


async def _ask(
    server: PygptServer, task: Task, edit: EditRequest, request: ModelRequest, progress: Progress
) -> _Outcome:
    """Ask for the code. An answer that cannot be used goes back to the model with the reason."""
    target = task.target
    answers: list[Answer] = []
    while True:
        start = TurnStart(
            messages=request.messages,
            model=request.model,
            host=server.session.connection.api_host,
            action=task.action.id,
            title=f"{task.action.title} {target.name}",
            document=target.snapshot.uri,
            sources=edit.sources,
        )
        answer = await run_exchange(server, request, start, target.root, progress, lambda _text: None)
        if answer.failure is not None:
            return _Outcome([*answers, answer], None, answer.failure)
        answers.append(answer)
        reason = answer.finished.finish_reason if answer.finished is not None else "stop"
        if reason == "refusal":
            return _Outcome(answers, None, "The model refused to answer this.")
        text, said = target.snapshot.text, answer.text
        # The secrets of a diff are in files; a message about it is read by everybody, and keeps placeholders.
        restores = task.sends_document
        if restores:
            await look_for_secrets(server, said, [text])
            said = with_secrets(server, said, text)
        try:
            code = read_region_code(
                said,
                edit.region,
                language_id=target.snapshot.language_id,
                finished=reason == "stop",
                bare=edit.bare,
                insertion=edit.insertion,
            )
            if restores:
                refuse_unresolved(server, code.text, text)
        except EditRefused as refused:
            again = with_repair(request, answer.text, region_repair(refused.sentence))
            if reason != "stop" or len(answers) > MOST_REPAIRS or not fits(server, again):
                return _Outcome(answers, None, refused.sentence)
            request = again
            progress.report("the answer did not fit, asking again")
        else:
            return _Outcome(answers, code, "")


async def _make(server: PygptServer, task: Task, edit: EditRequest, outcome: _Outcome) -> str:
    """Turn the answer into an edit, or show it; the progress's last words."""
    answer = outcome.answers[-1]
    if answer.failure is not None:
        server.editor.tell("error", f"PyGPT: {answer.failure}")
        arrived = next((given.text for given in reversed(outcome.answers) if given.text.strip()), "")
        if not arrived:
            return "failed"
        await show_proposal(server, task.target, _asked(task), edit.rules, arrived, answer.failure, None)
        return "failed; what arrived is in the chat"
    region_edit: RegionEdit | None = None
    try:
        if outcome.code is None:
            raise EditRefused(outcome.refusal)
        placed = outcome.code.placed or edit.below
        reindent = not placed and "indent" not in (task.instruction or "").lower()
        code, insertion = edit.code_for(outcome.code.text), edit.insertion and not edit.below
        region_edit = RegionEdit(task.target.document, edit.region, code, task.title, insertion, reindent)
        annotation = await _reviewed(server, region_edit)
        return await apply_region(server, region_edit, annotation)
    except EditRefused as refused:
        await show_proposal(
            server, task.target, _asked(task), edit.rules, answer.text, refused.sentence, region_edit
        )
        return "not applied, see the chat"


async def _reviewed(server: PygptServer, edit: RegionEdit) -> Annotation | None:
    """Let the user look at the edit first, as the setting `review` says. Raises EditRefused where it is not
    to be made now."""
    review = server.session.settings.review
    if review == "propose":
        raise EditRefused("You asked to see edits before they are made.")
    if review == "apply":
        return None
    document = open_document(server, edit)
    edits = plan_in(document, edit)
    if not edits:
        return None
    workspace = server.session.workspace
    path = workspace.path_of(document.snapshot.uri)
    where = workspace.display_path(path) if path is not None else document.snapshot.uri
    return await confirmed(server, edit.title, f"{summary_of_edits(edits)} in {where}")


def _asked(task: Task) -> str:
    return as_text(task.instruction or task.action.instruction)
