"""From an edit that was asked for to the request: which lines are replaced, and what goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.comments import remove_instruction
from pygpt_lsp.core.context import collect_context, fence_for, fit_to_budget, render_part
from pygpt_lsp.core.edits.lines import ENDING
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.indentation import indent_of, match_style, shift_to
from pygpt_lsp.core.ledger import Contribution, sources_of
from pygpt_lsp.core.placement import Region, region_of
from pygpt_lsp.core.prompts import CURSOR_MARK, edit_messages, insert_messages
from pygpt_lsp.lsp.rules import rules_parts
from pygpt_lsp.services.git import staged_diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygpt_lsp.core.actions import Action
    from pygpt_lsp.core.comments import Instruction
    from pygpt_lsp.core.messages import Message
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target

_SURROUNDING_LINES = 60


class Task(NamedTuple):
    """One edit that was asked for. `comment` is the `ai:` comment that goes away with it; `model` is None
    for the settings' own."""

    action: Action
    target: Target
    instruction: str | None
    comment: Instruction | None
    model: str | None = None

    @property
    def title(self) -> str:
        return f"PyGPT: {self.action.title}"

    @property
    def sends_document(self) -> bool:
        """Whether something of the target's document is sent; for the message of a commit it is a diff."""
        return self.action.needs != "commit"


class EditRequest(NamedTuple):
    """The messages to send and the region that the answer belongs to.

    `insertion`: the answer is put at the region's line instead of replacing its lines; `below`: it is put
    below them. `bare`: an answer without a fence is taken as it is. `rules` are the names of the project's
    rules that go along. `note` says what is left out. `sources` are the documents it holds parts of.
    """

    messages: tuple[Message, ...]
    region: Region
    insertion: bool
    bare: bool
    below: bool = False
    rules: tuple[str, ...] = ()
    note: str = ""
    sources: tuple[Contribution, ...] = ()

    def code_for(self, code: str) -> str:
        """What is put in place of the region's lines for an answer's code."""
        if not self.below:
            return code
        kept = self.region.text.rstrip("\r\n")
        lines = ENDING.split(code.strip("\r\n"))
        first = next((line for line in ENDING.split(kept) if line.strip()), "")
        gap = "\n\n" if len(ENDING.split(kept)) > 1 else "\n"
        return kept + gap + "\n".join(shift_to(match_style(lines, ENDING.split(kept)), indent_of(first)))


async def build_edit_request(server: PygptServer, task: Task) -> EditRequest:
    """The request for an edit. Raises PygptError where there is nothing to work on."""
    await server.session.secrets.excerpt_of(str(task.target.snapshot.text))
    parts = await rules_parts(server, task.target.root, task.target.path)
    rules = "\n\n".join(render_part(part) for part in parts)
    commit = task.action.needs == "commit"
    edit = await _commit(server, task, rules) if commit else _edit_request(server, task, rules)
    sources = (*edit.sources, *sources_of(parts))
    return edit._replace(rules=tuple(part.path for part in parts), sources=sources)


def _edit_request(server: PygptServer, task: Task, rules: str) -> EditRequest:
    target = task.target
    text, version = target.snapshot.text, target.snapshot.version
    first, last = target.first_line, target.last_line
    if task.action.outcome == "insert":
        return _insertion_at(server, task, rules)
    comment = task.comment
    if comment is not None:
        first, last = min(first, comment.start.line), max(last, _last_line(comment))
    asked_about = remove_instruction(text, first, last, comment) if comment is not None else None
    region = region_of(text, version, first, last)
    sent = asked_about if asked_about is not None else region.text
    if not sent.strip():
        # Nothing but the comment: the code it asks for comes in its place.
        return _insertion(server, task, first, last, rules)

    def messages(material: str) -> tuple[Message, ...]:
        return edit_messages(
            task.action,
            instruction=task.instruction,
            material=material,
            region=sent,
            first_line=first + 1,
            language_id=target.snapshot.language_id,
            path=target.shown_path,
            user_system=server.session.settings.system_prompt,
        )

    fitting, more = _with_material(server, task, first, last, {"selection"}, messages, rules)
    sources = (Contribution(target.shown_path, first + 1, last + 1), *more)
    return EditRequest(fitting, region, insertion=False, bare=False, sources=sources)


def _last_line(comment: Instruction) -> int:
    """The last line that a comment covers a character of."""
    return comment.end.line - (comment.end.character == 0 and comment.end.line > comment.start.line)


def _insertion_at(server: PygptServer, task: Task, rules: str) -> EditRequest:
    """New lines in place of the comment that asks for them, below the region, or at the cursor."""
    target, comment = task.target, task.comment
    text = target.snapshot.text
    if comment is not None:
        first, last = comment.start.line, _last_line(comment)
        if not remove_instruction(text, first, last, comment).strip():
            return _insertion(server, task, first, last, rules)
        task = task._replace(comment=None)
    if task.action.needs != "region":
        return _insertion(server, task, target.cursor.line, target.cursor.line, rules)
    edit = _insertion(server, task, target.last_line, target.last_line, rules)
    region = region_of(text, target.snapshot.version, target.first_line, target.last_line)
    return edit._replace(region=region, below=True)


def _insertion(server: PygptServer, task: Task, first: int, last: int, rules: str) -> EditRequest:
    """New lines at `first`; lines `first` to `last` go away where they are an instruction or blank."""
    target = task.target
    text = target.snapshot.text
    above = [text.line_content(line) for line in range(max(first - _SURROUNDING_LINES, 0), first)]
    stays = task.comment is None
    at_cursor = [text.line_content(first) + CURSOR_MARK] if stays else [CURSOR_MARK]
    below_last = min(last + 1 + _SURROUNDING_LINES, text.line_count)
    below = [text.line_content(line) for line in range(last + 1, below_last)]
    surroundings = "\n".join([*above, *at_cursor, *below])
    fence = fence_for(surroundings)
    marked = f"The text around the cursor, marked {CURSOR_MARK}:\n\n{fence}\n{surroundings}\n{fence}"

    def messages(material: str) -> tuple[Message, ...]:
        return insert_messages(
            task.action,
            instruction=task.instruction,
            material=material,
            surroundings=marked,
            language_id=target.snapshot.language_id,
            path=target.shown_path,
            user_system=server.session.settings.system_prompt,
        )

    fitting, more = _with_material(
        server, task, first, last, {"selection", "around", "definition"}, messages, rules
    )
    region = region_of(text, target.snapshot.version, first, last)
    around = Contribution(target.shown_path, max(first - _SURROUNDING_LINES, 0) + 1, below_last)
    return EditRequest(fitting, region, insertion=stays, bare=False, sources=(around, *more))


async def _commit(server: PygptServer, task: Task, rules: str) -> EditRequest:
    target = task.target
    if target.path is None:
        raise PygptError("This commit message has no file, so its repository is not known.")
    staged = await staged_diff(target.path.parent, server.session.files.excluded)
    diff = staged.text.rstrip()
    if not diff and staged.left_out:
        raise PygptError(f"There is nothing to describe: {staged.nothing}.")
    if not diff:
        raise PygptError("Nothing is staged, so there is nothing to describe: stage changes first.")
    fence = fence_for(diff)
    messages = insert_messages(
        task.action,
        instruction=task.instruction,
        material=rules,
        surroundings=f"The diff:\n\n{fence}diff\n{diff}\n{fence}",
        language_id="gitcommit",
        path=target.path.name,
        user_system=server.session.settings.system_prompt,
    )
    region = region_of(target.snapshot.text, target.snapshot.version, 0, 0)
    note = f"{staged.left_out_words}." if staged.left_out else ""
    sources = tuple(Contribution(name) for name in staged.files)
    return EditRequest(messages, region, insertion=True, bare=True, note=note, sources=sources)


def _with_material(
    server: PygptServer,
    task: Task,
    first: int,
    last: int,
    without: set[str],
    messages: Callable[[str], tuple[Message, ...]],
    rules: str,
) -> tuple[tuple[Message, ...], tuple[Contribution, ...]]:
    """The messages with the context that fits beside what must be said, most important first, and what that
    is taken from."""
    target, session = task.target, server.session
    model = task.model or session.settings.model

    def estimate(text: str) -> int:
        return session.estimator.estimate(text, model)

    parts = collect_context(
        target.snapshot.text,
        target.shown_path,
        target.snapshot.language_id,
        first,
        last,
        target.diagnostics,
    )
    said = sum(estimate(message.content) for message in messages(rules))
    wanted = [part for part in parts if part.kind not in without]
    fitted = fit_to_budget(wanted, session.settings.max_input_tokens - said, estimate)
    material = "\n\n".join([*filter(None, [rules]), *(render_part(part) for part in fitted.kept)])
    return messages(material), sources_of(fitted.kept)
