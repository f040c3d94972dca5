"""From an edit that was asked for to the request: which lines are replaced, and what goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.comments import remove_instruction
from pygpt_lsp.core.context import collect_context, fit_to_budget, render_part
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.placement import Region, region_of
from pygpt_lsp.core.prompts import CURSOR_MARK, edit_messages, insert_messages
from pygpt_lsp.services.git import staged_diff

if TYPE_CHECKING:
    from pygpt_lsp.core.messages import Message
    from pygpt_lsp.lsp.action_jobs import Task
    from pygpt_lsp.lsp.server import PygptServer

_SURROUNDING_LINES = 60


class EditRequest(NamedTuple):
    """The messages to send and the region that the answer belongs to.

    `insertion`: the answer is put at the region's line instead of replacing its lines. `bare`: an answer
    without a fence is taken as it is.
    """

    messages: tuple[Message, ...]
    region: Region
    insertion: bool
    bare: bool


async def build_edit_request(server: PygptServer, task: Task) -> EditRequest:
    """The request for an edit. Raises PygptError where there is nothing to work on."""
    if task.action.needs == "commit":
        return await _commit(server, task)
    target = task.target
    text, version = target.snapshot.text, target.snapshot.version
    first, last = target.first_line, target.last_line
    comment = task.comment
    if comment is not None:
        first = min(first, comment.start.line)
        last = max(
            last, comment.end.line - (comment.end.character == 0 and comment.end.line > comment.start.line)
        )
    asked_about = remove_instruction(text, first, last, comment) if comment is not None else None
    if task.action.outcome == "insert":
        return _insertion(server, task, target.cursor.line, target.cursor.line)
    region = region_of(text, version, first, last)
    sent = asked_about if asked_about is not None else region.text
    if not sent.strip():
        # Nothing but the comment: the code it asks for comes in its place.
        return _insertion(server, task, first, last)
    messages = edit_messages(
        task.action,
        instruction=task.instruction,
        material=_material(server, task, first, last, {"selection"}),
        region=sent,
        language_id=target.snapshot.language_id,
        path=target.shown_path,
        user_system=server.session.settings.system_prompt,
    )
    return EditRequest(messages, region, insertion=False, bare=False)


def _insertion(server: PygptServer, task: Task, first: int, last: int) -> EditRequest:
    """New lines at `first`; lines `first` to `last` go away where they are an instruction or blank."""
    target = task.target
    text = target.snapshot.text
    above = [text.line_content(line) for line in range(max(first - _SURROUNDING_LINES, 0), first)]
    stays = task.comment is None
    at_cursor = [text.line_content(first) + CURSOR_MARK] if stays else [CURSOR_MARK]
    below_last = min(last + 1 + _SURROUNDING_LINES, text.line_count)
    below = [text.line_content(line) for line in range(last + 1, below_last)]
    surroundings = "\n".join([*above, *at_cursor, *below])
    messages = insert_messages(
        task.action,
        instruction=task.instruction,
        material=_material(server, task, first, last, {"selection", "around", "definition"}),
        surroundings=f"The text around the cursor, marked {CURSOR_MARK}:\n\n```\n{surroundings}\n```",
        language_id=target.snapshot.language_id,
        path=target.shown_path,
        user_system=server.session.settings.system_prompt,
    )
    region = region_of(text, target.snapshot.version, first, last)
    return EditRequest(messages, region, insertion=stays, bare=False)


async def _commit(server: PygptServer, task: Task) -> EditRequest:
    target = task.target
    if target.path is None:
        raise PygptError("This commit message has no file, so its repository is not known.")
    diff = await staged_diff(target.path.parent)
    if not diff.strip():
        raise PygptError("Nothing is staged, so there is nothing to describe: stage changes first.")
    settings = server.session.settings
    messages = insert_messages(
        task.action,
        instruction=task.instruction,
        material="",
        surroundings=f"The diff:\n\n````diff\n{diff.rstrip()}\n````",
        language_id="gitcommit",
        path=target.path.name,
        user_system=settings.system_prompt,
    )
    region = region_of(target.snapshot.text, target.snapshot.version, 0, 0)
    return EditRequest(messages, region, insertion=True, bare=True)


def _material(server: PygptServer, task: Task, first: int, last: int, without: set[str]) -> str:
    """The context that fits beside the region, rendered, most important first."""
    target = task.target
    parts = collect_context(
        target.snapshot.text,
        target.shown_path,
        target.snapshot.language_id,
        first,
        last,
        target.diagnostics,
    )
    session = server.session
    fitted = fit_to_budget(parts, session.settings.max_input_tokens, session.estimator.estimate)
    return "\n\n".join(render_part(part) for part in fitted.kept if part.kind not in without)
