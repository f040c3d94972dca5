"""What sets the editors apart, as far as a server can notice: their recorded `initialize`, and their habits.

The recordings in `tests/clients` are what the real editors sent. The habits were read in their sources or
watched; each field says what it stands for.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from .editor_text import Json

CLIENTS = Path(__file__).parent.parent / "clients"


class Profile(NamedTuple):
    """One editor."""

    name: str
    recording: str
    """File name in `tests/clients`."""
    stale: Literal["refuse", "error", "drop"]
    """An edit for another version: answered `applied: false`, by an error, or `applied: true` and dropped."""
    cursor_width: int
    """Characters in the range that is sent where nothing is selected."""
    first_version: int
    version_step: int
    debounce: float | None = None
    """Seconds after which changes go out together, in any case before a request; None sends each at once, an
    edit's before its answer. (Neovim waits 0.15, eglot 0.5; shorter here.)"""
    opens_late: bool = False
    """showDocument is answered before the didOpen, not after."""
    final_newline: bool = False
    """A text that ends with a newline keeps one: what is put after it becomes a line of its own."""
    own_line_ends: bool = False
    """Inserted line ends become those of the document."""
    shows_missing: bool = False
    """showDocument also opens a file that does not exist."""
    several: Literal["stop", "whole", "skip"] = "stop"
    """Of several documents in one edit one has another version: "stop": those before it are changed; "whole":
    none is. "skip": the others are; the version is looked at for the first one alone, and the rest never says
    that it was not applied."""
    asks: Literal["", "all", "each"] = ""
    """Edits that need confirmation: the user is asked once about "all", files included, or about "each"
    document's, and never about files."""

    def params(self, root: Path | None, options: Json | None) -> Json:
        """The recorded `initialize` params, for the workspace `root` (None: a file without a workspace)."""
        params: Json = json.loads((CLIENTS / self.recording).read_text("utf-8"))
        params["processId"] = os.getpid()
        params["rootPath"] = None if root is None else str(root)
        params["rootUri"] = None if root is None else root.as_uri()
        params["workspaceFolders"] = [] if root is None else [{"uri": root.as_uri(), "name": root.name}]
        if options is not None:
            params["initializationOptions"] = options
        return params


def capability(capabilities: Json, path: str) -> Any:
    """A value in the client's capabilities, by its dotted path; None where it is absent."""
    value: Any = capabilities
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return value  # pyright: ignore[reportUnknownVariableType]


HELIX_25_07 = Profile("helix 25.07", "helix-25.07.1.json", "refuse", 1, 0, 1, shows_missing=True)
HELIX_25_01 = HELIX_25_07._replace(name="helix 25.01", recording="helix-25.01.1.json")
NEOVIM_0_12 = Profile(
    "neovim 0.12",
    "Neovim-0.12.4.json",
    "drop",
    cursor_width=0,
    first_version=4,  # changedtick, which jumps
    version_step=2,
    debounce=0.02,
    final_newline=True,
    own_line_ends=True,
    shows_missing=True,
    several="skip",
    asks="each",
)
NEOVIM_0_10 = NEOVIM_0_12._replace(name="neovim 0.10", recording="Neovim-0.10.4.json", asks="")
VSCODE = Profile(
    "vscode",
    "code-server-1.139.1.json",
    "refuse",
    cursor_width=0,
    first_version=1,
    version_step=1,
    own_line_ends=True,
    several="whole",
    asks="all",
)
EGLOT = Profile(
    "eglot",
    "Eglot-1.17.30.json",
    "error",
    cursor_width=0,
    first_version=0,
    version_step=1,
    debounce=0.02,
    opens_late=True,
)
PROFILES = (HELIX_25_07, HELIX_25_01, NEOVIM_0_12, NEOVIM_0_10, VSCODE, EGLOT)


def in_editors(*profiles: Profile) -> pytest.MarkDecorator:
    """The test runs in each of these editors, which it takes as `profile`."""
    return pytest.mark.parametrize("profile", profiles, ids=lambda profile: profile.name)


in_every_editor = in_editors(*PROFILES)
