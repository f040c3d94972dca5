"""The environment of a process under test: nothing of the user who runs the tests, no way off loopback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_KEPT = ("PATH", "SYSTEMROOT", "PATHEXT", "COMSPEC", "TMPDIR", "TEMP", "TMP")


def clean_env(home: Path, **more: str) -> dict[str, str]:
    """An environment with an empty home and without keys, proxies or a keyring; `more` is added to it."""
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData/Roaming",
        "LOCALAPPDATA": home / "AppData/Local",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_STATE_HOME": home / ".local/state",
    }
    env |= {name: str(folder) for name, folder in folders.items()}
    env |= {"LANG": "C.UTF-8", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    return env | more
