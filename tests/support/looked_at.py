"""Which paths are looked at on the disk: on some systems a look alone asks another machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def note_looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that this process looks at from now on."""
    looked: list[str] = []

    def noting(function: Any) -> Any:
        def noted(path: Any, *arguments: Any, **named: Any) -> Any:
            looked.append(os.fsdecode(path))
            return function(path, *arguments, **named)

        return noted

    for name in ("stat", "lstat", "readlink"):
        monkeypatch.setattr(os, name, noting(getattr(os, name)))
    return looked
