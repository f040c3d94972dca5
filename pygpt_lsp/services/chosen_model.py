"""The model that was chosen for a workspace: a small file in its cache, and never the user's own settings.

The cache may come with a repository. What is read there can name a model and nothing else, and no file can
make reading fail or take long.
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, cast

from pygpt_lsp.core.settings import ChosenModel, model_refusal
from pygpt_lsp.services.workspace_cache import possible_caches

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder

_LARGEST = 4096  # bytes


def find_choice(root: Path | None, *, user_cache: Path | None = None) -> ChosenModel | None:
    """What was chosen for the workspace at `root` (None: for no workspace). Creates nothing, never raises."""
    for folder in possible_caches(root, user_cache=user_cache):
        choice = _read(folder.choice_path)
        if choice is not None:
            return choice
    return None


def keep_choice(folder: CacheFolder, choice: ChosenModel | None) -> None:
    """Remember a choice, or that there is none any more. Raises OSError."""
    if choice is None:
        folder.choice_path.unlink(missing_ok=True)
        return
    folder.private_write(folder.choice_path, json.dumps(choice._asdict(), indent=2) + "\n")


def _read(path: Path) -> ChosenModel | None:
    try:
        status = path.lstat()  # opening a named pipe would wait for somebody to write
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    values = cast("dict[str, object]", found)
    model, instead_of = values.get("model"), values.get("instead_of")
    if model_refusal(model) is not None or not isinstance(instead_of, str):
        return None
    return ChosenModel(cast("str", model), instead_of)
