"""Prompts as code actions: what one does to the code.

Their ids are `user:NAME`. Like the built-in actions, those of kind edit and insert end in an edit; those of
kind chat open a chat, with the prompt's text in it as it is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.actions import KIND_REWRITE, Action
from pygpt_lsp.core.chat_context import format_context_ref
from pygpt_lsp.core.chat_mentions import as_text
from pygpt_lsp.core.comments import find_instruction
from pygpt_lsp.core.context import diagnostics_part
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.prompt_menu import PROMPT_ID, needs_code
from pygpt_lsp.core.user_prompts import Values, fill, needs_code_in_place
from pygpt_lsp.lsp.action_request import Task
from pygpt_lsp.lsp.openings import Opening
from pygpt_lsp.lsp.targets import find_target, uri_here

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.user_prompts import UserPrompt
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target


def is_prompt_id(action_id: str | None) -> bool:
    """Whether an action's id is that of a prompt."""
    return action_id is not None and action_id.startswith(PROMPT_ID)


def root_for(server: PygptServer, arguments: Arguments) -> Path | None:
    """The workspace folder whose prompts a command means."""
    workspace = server.session.workspace
    selection = workspace.last_selection
    uri = arguments.uri or (selection.uri if selection is not None else None)
    return workspace.root_of(workspace.path_of(uri_here(server, uri)) if uri is not None else None)


def wished_by_prompt(server: PygptServer, arguments: Arguments) -> Task | Opening:
    """What a prompt in memory is to do with the code. Raises PygptError with a sentence."""
    root = root_for(server, arguments)
    name = (arguments.id or "").removeprefix(PROMPT_ID)
    prompt = next((each for each in server.session.prompts.prompts(root) if each.name == name), None)
    if prompt is None:
        raise PygptError(f"There is no prompt {name[:40]}: docs/prompts.md says where prompts are kept.")
    target = _target(server, arguments, prompt)
    comment = None
    if arguments.instruction is None and target is not None:
        snapshot = target.snapshot
        comment = find_instruction(snapshot.text, target.first_line, target.last_line, snapshot.language_id)
    words = comment.text if comment is not None else arguments.instruction
    if prompt.kind == "chat":
        chat = _chat(prompt, target, words, root)
        # Also what a comment says is said in the document.
        return chat._replace(quotes=chat.quotes or comment is not None)
    if "instruction" not in prompt.variables and arguments.instruction is None:
        comment = words = None
    if target is None:
        raise PygptError("This prompt edits code: open a file, and put the cursor where it is to work.")
    if words is None and "instruction" in prompt.variables:
        raise PygptError(
            "Say what to do: write a comment `ai: …` in or above the selection, or give an instruction."
        )
    above = "the region above" if prompt.kind == "edit" else ""
    text = fill(prompt.text, _values(target, words, above))
    needs = "region" if needs_code(prompt) or target.selected else "cursor"
    action = Action(f"{PROMPT_ID}{name}", prompt.title, KIND_REWRITE, prompt.kind, needs, text)
    rest = words if "instruction" not in prompt.variables else None
    return Task(action, target, rest, comment, prompt.model)


def _target(server: PygptServer, arguments: Arguments, prompt: UserPrompt) -> Target | None:
    """The code that a prompt is run on; None for one that needs none, where there is none."""
    try:
        target = find_target(server, arguments)
    except PygptError:
        if needs_code(prompt) or arguments.span is not None:
            raise
        try:
            return find_target(server, arguments, unseen="start")
        except PygptError:
            if arguments.uri is not None or prompt.kind != "chat":
                raise
            return None
    if needs_code(prompt) and not target.has_code:
        raise PygptError("There is no code here: select some, or put the cursor into a definition.")
    return target


def _chat(prompt: UserPrompt, target: Target | None, words: str | None, root: Path | None) -> Opening:
    """The chat that a prompt opens, sent at once unless the user has still to say what it asks for."""
    context: list[str] = []
    if target is not None and "selection" in prompt.variables and not needs_code_in_place(prompt.text):
        first, last = target.first_line + 1, target.last_line + 1
        context.append(format_context_ref("file", target.chat_name, first, last))
    about = f" {target.name}" if target is not None else ""
    opening = Opening(
        None, context, target, root, f"{PROMPT_ID}{prompt.name}", f"{prompt.title}{about}", model=prompt.model
    )
    if words is None and "instruction" in prompt.variables:
        return opening._replace(begun=f"/{prompt.name}\n")
    values = {"selection", "diagnostics"} if not context else {"diagnostics"}
    opening = opening._replace(quotes=bool(values & set(prompt.variables)))
    text = fill(prompt.text, _values(target, words, "the code above"))
    if words and "instruction" not in prompt.variables:
        text = f"{text}\n\n{words}"
    return opening._replace(question=as_text(text))


def _values(target: Target | None, words: str | None, above: str) -> Values:
    if target is None:
        return Values(file="no file", language="no language", diagnostics="none", instruction=words or "")
    text = target.snapshot.text
    first, last = target.first_line, target.last_line
    said = diagnostics_part(target.shown_path, first, last, target.diagnostics)
    return Values(
        selection="\n".join(line.rstrip("\r\n") for line in text.lines(first, last + 1)),
        file=target.shown_path,
        language=canonical(target.snapshot.language_id),
        diagnostics=said.text if said is not None else "none",
        instruction=words or "",
        above=above,
    )
