"""The YAML front matter of a chat document.

Read with the safe loader: a document in a repository may hold anything. Unknown keys are the user's own
business; a value of the wrong kind is refused with a sentence, because a wrong model costs money.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.settings_table import REASONING_EFFORTS


class FrontMatter(NamedTuple):
    """What a chat says about its requests; None where it says nothing."""

    model: str | None = None
    preset: str | None = None
    temperature: float | None = None
    system: str | None = None
    reasoning_effort: str | None = None


def read_front_matter(raw: str | None) -> FrontMatter:
    """The values of the raw YAML. Raises PygptError."""
    if raw is None or not raw.strip():
        return FrontMatter()
    import yaml

    try:
        loaded = yaml.safe_load(raw)
    except Exception as error:  # the loader lets errors of many kinds out for a tag on the wrong text
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark is not None else ""
        raise PygptError(
            f"The chat's front matter is not valid YAML{where}: correct or delete it."
        ) from error
    if loaded is None:
        return FrontMatter()
    if not isinstance(loaded, dict):
        raise PygptError("The chat's front matter must be lines like `model: gpt-5.5`.")
    values = cast("dict[object, object]", loaded)
    temperature = values.get("temperature")
    if temperature is not None and (
        isinstance(temperature, bool)
        or not isinstance(temperature, (int, float))
        or not 0 <= temperature <= 2
    ):
        raise PygptError("`temperature` in the chat's front matter must be a number from 0 to 2.")
    effort = _text(values, "reasoning_effort")
    if effort is not None and effort not in REASONING_EFFORTS:
        known = ", ".join(REASONING_EFFORTS)
        raise PygptError(f"`reasoning_effort` in the chat's front matter must be one of {known}.")
    return FrontMatter(
        _text(values, "model"),
        _text(values, "preset"),
        float(temperature) if temperature is not None else None,
        _text(values, "system"),
        effort,
    )


def _text(values: dict[object, object], key: str) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise PygptError(f"`{key}` in the chat's front matter must be text: put it in quotes.")
    return value.strip() or None
