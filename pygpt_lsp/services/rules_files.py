"""Finding the rules files of a project.

A file that a rule excludes is as if it were not there: that is how a user keeps one from being sent.
Touches the disk: call it from a worker thread.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.rules import FOLDER_RULES, ROOT_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.services.workspace_files import WorkspaceFiles

_MOST_FOLDERS: Final = 30


class RulesFound(NamedTuple):
    """The rules files, those nearest to the document last, and sentences about what could not be used."""

    paths: tuple[Path, ...]
    refused: tuple[str, ...]


def find_rules(files: WorkspaceFiles, root: Path, roots: Sequence[Path], document: Path | None) -> RulesFound:
    """The rules of the workspace folder `root`, and those of the folders from there down to `document`."""
    paths: list[Path] = []
    refused: list[str] = []

    def is_there(path: Path) -> bool:
        look = files.look(path, roots)
        if look.refused is not None and look.refused.problem not in {"ignored", "private"}:
            refused.append(look.refused.sentence)
        return look.text is not None and bool(str(look.text).strip())

    paths.extend(islice((root / name for name in ROOT_RULES if is_there(root / name)), 1))
    if document is not None and document.is_relative_to(root):
        above = document.relative_to(root).parents
        folders = [root / folder for folder in reversed(above)][1:][:_MOST_FOLDERS]
        paths += [folder / FOLDER_RULES for folder in folders if is_there(folder / FOLDER_RULES)]
    return RulesFound(tuple(paths), tuple(refused))
