"""What a new chat begins with: the question, and the lines of context above it.

The same for a chat that is started and for one that is only looked at beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat_answers import chat_title
from pygpt_lsp.core.chat_context import format_context_ref
from pygpt_lsp.core.chat_writing import new_chat
from pygpt_lsp.core.context import collect_context, fit_to_budget
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.presets import preset_named
from pygpt_lsp.lsp.rules import rules_lines
from pygpt_lsp.lsp.targets import find_target

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.actions import Action
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target


class Opening(NamedTuple):
    """A chat to be. `question` None: the user types it, below what is `begun`. `target` is what it is about,
    None: nothing; `quotes`: the text itself holds something of it, beside what context lines name. `model`
    and `preset` are for the front matter; without them the model is the settings'."""

    question: str | None
    context: list[str]
    target: Target | None
    root: Path | None
    action_id: str
    title: str
    begun: str = ""
    model: str | None = None
    preset: str | None = None
    quotes: bool = False

    @property
    def text(self) -> str:
        """The chat document."""
        front = {"model": self.model, "preset": self.preset}
        return new_chat(front, self.question or self.begun, context=self.context)


def opening_to_ask(server: PygptServer, arguments: Arguments) -> Opening:
    """What `pygpt.ask` opens. Raises PygptError where what it names cannot be found."""
    target: Target | None = None
    try:
        target = find_target(server, arguments, unseen="whole")
    except PygptError:
        if arguments.uri is not None or arguments.span is not None:
            raise
    return _opening(server, "ask", arguments.question, target)


def opening_to_write(server: PygptServer, arguments: Arguments) -> Opening:
    """What `pygpt.chat.new` opens. Raises PygptError as `opening_to_ask`."""
    target = find_target(server, arguments) if arguments.span is not None else None
    return _opening(server, "chat", None, target)._replace(preset=arguments.preset)


def opening_of_action(
    server: PygptServer, action: Action, target: Target, instruction: str | None
) -> Opening:
    """What an action opens whose answer is a chat."""
    question = action.instruction if instruction is None else f"{action.instruction}\n\n{instruction}"
    context = _context_lines(server, target, surroundings=True)
    return Opening(question, context, target, target.root, action.id, f"{action.title} {target.name}")


async def completed(server: PygptServer, opening: Opening) -> Opening:
    """The chat with what has to be looked for: the rules of the project, its preset, its model, and the
    secrets in it, which are masked before it is written anywhere.

    Raises PygptError for a preset that there is not.
    """
    target, model = opening.target, opening.model
    if opening.preset is not None:
        library = server.session.prompts
        await library.refresh(opening.root)
        known, unusable = library.presets(opening.root), library.unusable(opening.root)
        preset = preset_named(opening.preset, known, unusable, "pygpt.chat.new")
        opening = opening._replace(preset=preset.name)
        # What the front matter says itself would count more than what its preset says.
        model = model or ("" if preset.model else None)
    if model is None:
        model = server.session.settings.model
    rules = await rules_lines(server, opening.root, target.path if target is not None else None)
    opening = opening._replace(model=model or None, context=[*rules, *opening.context])
    written = [opening.question or "", opening.begun, opening.title]
    question, begun, title = await server.session.masked(written, opening.root)
    if opening.question and opening.title == chat_title(opening.question):
        title = chat_title(question)  # a title may end in the middle of a secret
    return opening._replace(question=question if opening.question else None, begun=begun, title=title)


def _opening(server: PygptServer, action_id: str, question: str | None, target: Target | None) -> Opening:
    context = _context_lines(server, target, surroundings=False) if target is not None else []
    root = target.root if target is not None else server.session.workspace.root_of(None)
    title = chat_title(question or (target.name if target is not None else ""))
    return Opening(question, context, target, root, action_id, title)


def _context_lines(server: PygptServer, target: Target, *, surroundings: bool) -> list[str]:
    """The context lines for a target, most important first, as far as they fit."""
    name = target.chat_name
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
