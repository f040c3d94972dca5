"""Presets: a system prompt, a model and how it is to answer, under one name that a chat uses.

A chat names one in its front matter, a question by `@name`. A preset can say nothing else, wherever it is
from: no host, no key, no command.
"""

from __future__ import annotations

from typing import Final, NamedTuple

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

KEYS: Final = ("model", "temperature", "reasoning_effort", "description")


class Preset(NamedTuple):
    """One preset; what is None it leaves to the chat and the settings. `path` is its file."""

    name: str
    system: str | None = None
    model: str | None = None
    temperature: float | None = None
    reasoning_effort: str | None = None
    path: str | None = None
    description: str = ""


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
