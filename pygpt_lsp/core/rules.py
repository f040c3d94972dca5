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
    shown, kept = _shown_and_kept(text)
    if kept < len(shown):
        note = f"(cut here by pygpt-lsp: {kept:,} of {len(shown):,} characters)"
        shown = f"{shown[:kept].rstrip()}\n\n{note}"
    return ContextPart("rules", path, 0, 0, shown, 0, "markdown")


def rules_left_out(text: str) -> str:
    """What of the rules does not go along, in words; "" where all does."""
    shown, kept = _shown_and_kept(text)
    return f"Of its {len(shown):,} characters only the first {kept:,} are sent" if kept < len(shown) else ""


def _shown_and_kept(text: str) -> tuple[str, int]:
    """The rules without what surrounds them, and how many characters of that are sent."""
    shown = text.replace("\r\n", "\n").rstrip()
    if len(shown) <= MOST_CHARACTERS:
        return shown, len(shown)
    return shown, shown.rfind("\n", 0, MOST_CHARACTERS) + 1 or MOST_CHARACTERS
