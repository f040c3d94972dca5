"""What the model is told: the system message and the user message of each kind of request.

Everything here is text from the user's editor or from this file; nothing is added that the user could not
see in the preview of a request. Models follow an instruction best when it stands after the material, so
the material comes first and the task last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.messages import Message

if TYPE_CHECKING:
    from pygpt_lsp.core.actions import Action

_CHAT_SYSTEM = """\
You are a programming assistant inside the user's editor. Answer in Markdown, to the point, in the language \
of the question. Refer to code by file and line as given. Put code into fenced blocks with a language tag. \
Say so when the material does not show what you would need."""

_EDIT_FORMAT = """\
When you are to change files, or to write new ones, give each change as a SEARCH/REPLACE block: the file's \
path alone on a line, then a fenced block with a language tag, in it `<<<<<<< SEARCH`, the lines to be \
replaced, `=======`, the new lines, `>>>>>>> REPLACE`. The SEARCH lines must be lines of the file as given, \
character for character, and stand in it only once; take lines around them along where they do not, and no \
others. Nothing may be left out by "...". A new file has an empty SEARCH part. One block for each place."""

_EDIT_SYSTEM = """\
You edit code inside the user's editor. You are given a file's context and one region of it. Answer with \
exactly one fenced code block that holds the complete new text of the region, from its first line to its \
last, with its indentation, ready to replace it. No line numbers, no diff, no placeholders such as "...", \
nothing outside the region. At most one short sentence before the block."""

_INSERT_SYSTEM = """\
You write code inside the user's editor. You are given a file's context, with the place of the cursor \
marked. Answer with exactly one fenced code block that holds only the new lines to put at the cursor, with \
no line of the existing text repeated. At most one short sentence before the block."""

REGION_HEADING = "Region to replace:"
CURSOR_MARK = "⟦cursor⟧"


def chat_system(user_system: str, chat_system_prompt: str | None = None) -> Message:
    """The system message of a chat: the chat's own `system` replaces what ours says of the assistant.

    How edits are written is said in any case, so that they can be applied; the user's setting comes last.
    """
    own = chat_system_prompt if chat_system_prompt is not None else _CHAT_SYSTEM
    return _system(_join([own.strip(), _EDIT_FORMAT]), user_system)


def edit_messages(
    action: Action,
    *,
    instruction: str | None,
    material: str,
    region: str,
    first_line: int,
    language_id: str,
    path: str,
    user_system: str,
) -> tuple[Message, ...]:
    """The request that rewrites `region`: whole lines of the file `path`, from line `first_line` (1-based).

    `material` is the rendered context; `instruction` the user's own words or a diagnostic's message, in
    addition to what the action says.
    """
    fence = fence_for(region)
    body = region if region.endswith("\n") else region + "\n"
    parts = [
        material,
        f"File `{path}`, language {language_id}. The region starts at line {first_line}.",
        f"{REGION_HEADING}\n\n{fence}{language_id}\n{body}{fence}",
        _task(action, instruction),
    ]
    return _system(_EDIT_SYSTEM, user_system), Message("user", _join(parts))


def insert_messages(
    action: Action,
    *,
    instruction: str | None,
    material: str,
    surroundings: str,
    language_id: str,
    path: str,
    user_system: str,
) -> tuple[Message, ...]:
    """The request that writes new lines at the cursor.

    `surroundings` is the text around the cursor with `CURSOR_MARK` where it stands, or the diff that a
    commit message is about.
    """
    parts = [material, f"File `{path}`, language {language_id}.", surroundings, _task(action, instruction)]
    return _system(_INSERT_SYSTEM, user_system), Message("user", _join(parts))


def _task(action: Action, instruction: str | None) -> str:
    if instruction is None:
        return f"Task: {action.instruction}"
    name = "Diagnostic" if action.needs == "diagnostic" else "Instruction"
    return f"Task: {action.instruction}\n\n{name}: {instruction}"


def _system(own: str, user_system: str) -> Message:
    return Message("system", _join([own, user_system.strip()]))


def _join(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part)
