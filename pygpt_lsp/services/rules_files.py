"""Finding the rules files of a project.

A file that a rule excludes is as if it were not there: that is how a user keeps one from being sent.
Touches the disk: call it from a worker thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.rules import FOLDER_RULES, ROOT_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.services.workspace_files import WorkspaceFiles

_MOST_FOLDERS: Final = 30


class RulesFile(NamedTuple):
    """One rules file as it is on the disk."""

    path: Path
    text: str


class RulesFound(NamedTuple):
    """The rules files, those nearest to the document last, and sentences about what could not be used."""

    files: tuple[RulesFile, ...]
    refused: tuple[str, ...]


def find_rules(files: WorkspaceFiles, root: Path, roots: Sequence[Path], document: Path | None) -> RulesFound:
    """The rules of the workspace folder `root`, and those of the folders from there down to `document`."""
    found: list[RulesFile] = []
    refused: list[str] = []

    def take(path: Path) -> bool:
        look = files.look(path, roots)
        if look.refused is not None and look.refused.problem not in {"ignored", "private"}:
            refused.append(look.refused.sentence)
        if look.text is None or not (text := str(look.text)).strip():
            return False
        found.append(RulesFile(path, text))
        return True

    any(take(root / name) for name in ROOT_RULES)  # the first that there is
    if document is not None and document.is_relative_to(root):
        folders = [root / folder for folder in reversed(document.relative_to(root).parents)]
        for folder in folders[1 : _MOST_FOLDERS + 1]:
            take(folder / FOLDER_RULES)
    return RulesFound(tuple(found), tuple(refused))
