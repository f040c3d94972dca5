"""The pictures of the docs, made by the tests themselves.

Each picture has a text beside it with the words that it shows. Where these change, the picture that the docs
show is not true any more, and the test says so. `uv run nox -s pictures` makes them anew.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAKE = "PYGPT_PICTURES"
"""The variable that `nox -s pictures` sets."""


def keep_pictures(made: Path, shown: Path) -> None:
    """Compare the texts of the pictures just `made` with those of the `shown` ones, or replace these."""
    if os.environ.get(MAKE):
        shown.mkdir(parents=True, exist_ok=True)
        for picture in sorted(made.iterdir()):
            shutil.copyfile(picture, shown / picture.name)
        return
    texts = sorted(made.glob("*.txt"))
    assert texts
    for text in texts:
        old = shown / text.name
        assert old.exists(), f"there is no {old}: run `uv run nox -s pictures`"
        assert text.read_text("utf-8") == old.read_text("utf-8"), (
            f"{old.stem} looks different now: run `uv run nox -s pictures`"
        )
        assert old.with_suffix(".png").exists(), f"there is no picture beside {old}"
