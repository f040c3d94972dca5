"""Presets: a system prompt, a model and how it is to answer, under one name that a chat uses.

A chat names one in its front matter, a question by `@name`. A preset can say nothing else, wherever it is
from: no host, no key, no command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.prompt_fields import (
    BadPrompt,
    PromptFile,
    checked_fields,
    choice_of,
    model_of,
    number_of,
    words_of,
)
from pygpt_lsp.core.settings_table import REASONING_EFFORTS
from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEYS: Final = ("model", "temperature", "reasoning_effort", "description")
_MOST_NAMED: Final = 12


class Preset(NamedTuple):
    """One preset; what is None it leaves to the chat and the settings. `path` is its file."""

    name: str
    system: str | None = None
    model: str | None = None
    temperature: float | None = None
    reasoning_effort: str | None = None
    path: str | None = None
    description: str = ""


def combined(layers: Sequence[Preset]) -> Preset:
    """What several say together, value by value: the first that says something counts."""
    return Preset(
        "",
        next((each.system for each in layers if each.system is not None), None),
        next((each.model for each in layers if each.model is not None), None),
        next((each.temperature for each in layers if each.temperature is not None), None),
        next((each.reasoning_effort for each in layers if each.reasoning_effort is not None), None),
    )


def preset_named(name: str, presets: Sequence[Preset], unusable: Mapping[str, str], where: str) -> Preset:
    """The preset of that name. Raises PygptError; `where` says who names it, `unusable` why there is none of
    a name (with its `@`) though there is a file for it."""
    name = name.removeprefix("@")
    found = next((each for each in presets if each.name == name), None)
    if found is None and (why := unusable.get(f"@{name}")):
        raise PygptError(f"{where} names the preset {visible(name)}: {why}")
    if found is None:
        known = ", ".join(each.name for each in presets[:_MOST_NAMED])
        there_are = f"there are {known}" if known else "there are none yet (see docs/prompts.md)"
        raise PygptError(f"{where} names the preset {visible(name[:40])}, which there is not; {there_are}.")
    return found


def preset_of(name: str, path: str, file: PromptFile) -> Preset:
    """The preset that a file says: the keys of its front matter, its text as the system prompt.

    Raises BadPrompt with the line and the reason.
    """
    found = checked_fields(file, KEYS)
    if not file.body.strip() and not any(key in found for key in KEYS[:3]):
        raise BadPrompt(0, "it is empty")
    return Preset(
        name,
        file.body.strip() or None,
        model_of(found.get("model")),
        number_of(found.get("temperature"), 0, 2),
        choice_of(found.get("reasoning_effort"), REASONING_EFFORTS),
        path,
        words_of(found.get("description"), 300),
    )
