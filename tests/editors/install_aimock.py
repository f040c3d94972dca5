"""Put an OpenAI-compatible server that nobody here wrote beside the editors:
`python -m tests.editors.install_aimock DIR`, after `install_vscode`, whose Node it runs on.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.editors.install import InstallError, main
from tests.editors.install_vscode import VsCode, npm

if TYPE_CHECKING:
    from pathlib import Path

AIMOCK = "@copilotkit/aimock@1.43.0"


def program(folder: Path) -> Path:
    """The script for Node that is the server, under the folder that the editors are in."""
    return folder / "aimock/node_modules/.bin/llmock"


def install(folder: Path) -> None:
    """Install it, unless it is there. Raises InstallError."""
    if program(folder).exists():
        return
    place = folder.resolve() / "aimock"
    place.mkdir(parents=True, exist_ok=True)
    try:
        npm(VsCode(folder.resolve() / "vscode"), place, "install", AIMOCK)
    except (OSError, subprocess.CalledProcessError) as error:
        raise InstallError(f"{AIMOCK} could not be installed: {error}") from error


if __name__ == "__main__":
    main("install_aimock", install)
