"""Prompts: texts with variables that a user runs on code, or names in a chat by `/name`.

    ---
    title: Translate the comments
    kind: edit
    languages: [python, rust]
    model: gpt-5.5
    ---
    Translate the comments in {{selection}} into English. {{instruction}}

A prompt is text and nothing else: there is nothing in it that could be run, and it can name no host, no key
and no file. Here its parts are checked and its variables filled; what they stand for is decided elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pygpt_lsp.core.actions import ACTIONS, Outcome
from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.fences import scan_fences
from pygpt_lsp.core.languages import canonical, fence_tag
from pygpt_lsp.core.prompt_fields import (
    BadPrompt,
    Field,
    PromptFile,
    checked_fields,
    choice_of,
    model_of,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLES: Final = ("selection", "file", "language", "diagnostics", "instruction")
KEYS: Final = ("title", "kind", "languages", "model", "description")
KINDS: Final[tuple[Outcome, ...]] = ("chat", "edit", "insert")

# A backslash before it makes it text.
_VARIABLE: Final = re.compile(r"(?P<slash>\\)?\{\{[ \t]*(?P<name>[A-Za-z_][A-Za-z0-9_-]*)[ \t]*\}\}")
_BUILT_IN: Final = ("explain", "fix", "tests", "review", "document", "simplify", "optimize")


class UserPrompt(NamedTuple):
    """One prompt. `languages` are canonical, none: for every language. `path`: its file, None: built in."""

    name: str
    title: str
    kind: Outcome
    languages: tuple[str, ...]
    model: str | None
    text: str
    path: str | None
    description: str = ""

    @property
    def variables(self) -> frozenset[str]:
        """Which of VARIABLES the text holds."""
        return frozenset(_variables(self.text))

    def fits(self, language_id: str) -> bool:
        """Whether the prompt is for documents of this language; commit messages only where it names them."""
        language = canonical(language_id)
        return language in self.languages or (not self.languages and language != "gitcommit")


class Values(NamedTuple):
    """What the variables of a prompt stand for.

    `selection` is code as it stands in its document. `above` says in words where that code is to be seen
    already, so that `{{selection}}` need not repeat it; "" where it is not.
    """

    selection: str = ""
    file: str = ""
    language: str = ""
    diagnostics: str = ""
    instruction: str = ""
    above: str = ""


def prompt_of(name: str, path: str, file: PromptFile) -> UserPrompt:
    """The prompt that a file says. Raises BadPrompt with the line and the reason."""
    found = checked_fields(file, KEYS)
    if not file.body.strip():
        raise BadPrompt(file.body_line, "there is no text")
    for line, content in enumerate(file.body.split("\n"), file.body_line):
        for variable in _variables(content):
            if variable not in VARIABLES:
                known = ", ".join(f"{{{{{each}}}}}" for each in VARIABLES)
                raise BadPrompt(line, f"there is no variable {{{{{variable}}}}}, there are {known}")
    return UserPrompt(
        name,
        words_of(found.get("title"), 100) or name,
        cast("Outcome", choice_of(found.get("kind"), KINDS) or "chat"),
        _languages(found.get("languages")),
        model_of(found.get("model")),
        file.body.strip("\n").rstrip(),
        path,
        words_of(found.get("description"), 300),
    )


def fill(text: str, values: Values) -> str:
    """The text with its variables filled, in one pass: what is filled in is never looked at again.

    A `{{selection}}` alone on its line comes with a code fence of its own, unless the prompt has put one
    around it. `\\{{selection}}` stays as it is, without the backslash.
    """
    lines = text.split("\n")
    fenced = _fenced(lines)
    return "\n".join(_filled(line, values, in_fence=index in fenced) for index, line in enumerate(lines))


def needs_code_in_place(text: str) -> bool:
    """Whether the text has put a fence around `{{selection}}`, which has to hold the code itself."""
    lines = text.split("\n")
    fenced = _fenced(lines)
    return any("selection" in _variables(line) for index, line in enumerate(lines) if index in fenced)


def _fenced(lines: Sequence[str]) -> set[int]:
    """The lines inside of fences."""
    return {
        line
        for fence in scan_fences(lines)
        for line in range(fence.first_line + 1, fence.last_line + (not fence.closed))
    }


def _filled(line: str, values: Values, *, in_fence: bool) -> str:
    above = "" if in_fence else values.above
    alone = _VARIABLE.fullmatch(line.strip())
    if alone and alone["name"] == "selection" and not alone["slash"] and not in_fence:
        return f"({above})" if above else _block(values)

    def replacement(match: re.Match[str]) -> str:
        if match["slash"] or match["name"] not in VARIABLES:
            return match[0].removeprefix("\\")
        if match["name"] == "selection" and above:
            return above
        return cast("str", getattr(values, match["name"]))

    return _VARIABLE.sub(replacement, line)


def _block(values: Values) -> str:
    fence = fence_for(values.selection)
    return f"{fence}{fence_tag(values.language)}\n{values.selection}\n{fence}"


def _variables(text: str) -> list[str]:
    return [match["name"] for match in _VARIABLE.finditer(text) if not match["slash"]]


def _languages(field: Field | None) -> tuple[str, ...]:
    if field is None or field.value is None:
        return ()
    value = field.value
    names: dict[str, None] = {}
    for each in cast("list[object]", value) if isinstance(value, list) else [value]:
        if not isinstance(each, str):
            raise BadPrompt(field.line, "languages must be a list like [python, rust]")
        names.update(dict.fromkeys(canonical(name) for name in re.split(r"[,\s]+", each) if name))
    return tuple(names)


def _built_in() -> tuple[UserPrompt, ...]:
    by_id = {action.id: action for action in ACTIONS}
    prompts: list[UserPrompt] = []
    for name in _BUILT_IN:
        action = by_id[name]
        said = "\n\nDiagnostics:\n\n{{diagnostics}}" if action.needs == "diagnostic" else ""
        text = f"{{{{selection}}}}{said}\n\n{action.instruction}"
        prompts.append(UserPrompt(name, action.title, "chat", (), None, text, None))
    return tuple(prompts)


BUILT_IN: Final = _built_in()
"""The built-in actions that can be named in a chat, in the order of their use."""
