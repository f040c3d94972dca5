"""The page of the models to choose from: written here, and each of its lines read back for its action.

<!-- pygpt: models page -->

# Models at api.openai.com

The model in use is gpt-5.5 (default). On another one the code-action menu offers to use it.

- `gpt-5.5` in use
- `gpt-5.4-mini`
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.pages import code_span, mark_line, prose

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = re.compile(r"-[ \t]+(?P<fence>`+)(?!`)(?P<name>.+?)(?<!`)(?P=fence)(?!`)")


def render_models(models: Sequence[str], current: str, origin: str, host: str) -> str:
    """The page of `models`, which are names of one line; `origin` says where the one in use was set."""
    lines = [
        mark_line("models"),
        "",
        f"# Models at {prose(host)}",
        "",
        f"The model in use is {prose(current)} ({prose(origin)}). On another one the code-action menu "
        "offers to use it.",
        "",
        *(f"- {code_span(model)}{' in use' if model == current else ''}" for model in models),
        "",
    ]
    return "\n".join(lines)


def model_at(line: str) -> str | None:
    """The model that a line of the page names, None where it names none."""
    match = _LINE.match(line)
    if match is None:
        return None
    name = match["name"]
    padded = len(name) > 2 and name.startswith(" ") and name.endswith(" ")
    return name[1:-1] if padded else name


def models_on(page: str) -> list[str]:
    """All models that the page names, in its order."""
    return [name for line in page.splitlines() if (name := model_at(line)) is not None]
