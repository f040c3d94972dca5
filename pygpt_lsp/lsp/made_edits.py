"""Which edits of answers were made in which files, and how strictly they fitted.

Only for as long as the server runs. An edit that was made and is applied again is left out where the file
still shows it, and never goes to other lines that merely look like those it has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.core.edits.placing import Fit
    from pygpt_lsp.lsp.file_edits import EditedFile

_MOST = 1000

_Made: TypeAlias = "tuple[Path | str, EditBlock]"


class MadeEdits:
    """Remembers the edits that were made; the oldest are forgotten."""

    def __init__(self) -> None:
        self._fits: dict[_Made, Fit] = {}

    def add(self, file: EditedFile, fits: Mapping[int, Fit]) -> None:
        """Remember the blocks of a file that were made, by their index, with how strictly they fitted."""
        for index, fit in fits.items():
            key = _key(file, file.blocks[index])
            self._fits.pop(key, None)
            self._fits[key] = fit
        for key in list(self._fits)[:-_MOST]:
            del self._fits[key]

    def before(self, file: EditedFile) -> dict[int, Fit]:
        """How strictly those blocks of the file fitted, by their index, that were made before."""
        keys = (_key(file, block) for block in file.blocks)
        return {index: self._fits[key] for index, key in enumerate(keys) if key in self._fits}


def _key(file: EditedFile, block: EditBlock) -> _Made:
    return file.path or file.shown, block._replace(path="", first_line=0, last_line=0)
