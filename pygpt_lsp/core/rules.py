"""Rules files: what a project wants every assistant to heed, in the files that the field has agreed on.

They are a stranger's words like all of a repository: they go along as material, under the name of their file,
and never as instructions of ours.
"""

from __future__ import annotations

from typing import Final

from pygpt_lsp.core.context import ContextPart

FOLDER_RULES: Final = "AGENTS.md"
"""The rules of a folder and what is below it."""

ROOT_RULES: Final = (FOLDER_RULES, ".github/copilot-instructions.md", "CLAUDE.md", ".cursorrules")
"""The rules of a whole project, relative to its root: the first of them that there is."""

MOST_CHARACTERS: Final = 32_000
"""Of one file; what is longer is cut at a line's end, with a note."""


def rules_part(path: str, text: str) -> ContextPart:
    """The rules as they go along with a request; `path` as the user and the model see it."""
    shown = text.replace("\r\n", "\n").rstrip()
    if len(shown) > MOST_CHARACTERS:
        kept = shown[:MOST_CHARACTERS]
        kept = kept[: kept.rfind("\n") + 1] or kept
        note = f"(cut here by pygpt-lsp: {len(kept):,} of {len(shown):,} characters)"
        shown = f"{kept.rstrip()}\n\n{note}"
    return ContextPart("rules", path, 0, 0, shown, 0, "markdown")
