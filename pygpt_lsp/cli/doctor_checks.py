"""What `doctor` looks at on this machine. Nothing is sent, and no workspace is made where there was none."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sqlite3
import sys
import tempfile
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.errors import HistoryError, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pygpt_lsp.core.settings import SettingProblem, Settings
    from pygpt_lsp.services.api_key import FoundKey

Verdict: TypeAlias = Literal["ok", "skip", "note", "fail"]
"""Fine; not looked at; worth a look; broken, which is what the exit code tells."""


class Check(NamedTuple):
    """One finding: what was looked at, and a text that says what to do where it is not fine."""

    verdict: Verdict
    name: str
    text: str


def machine() -> str:
    """Python, system and processor in a line."""
    python = f"Python {platform.python_version()}"
    return f"{python} ({platform.python_implementation()}), {platform.system()} {platform.machine()}"


def check_command(env: Mapping[str, str]) -> Check:
    """Whether an editor started from this environment would find the server."""
    found = shutil.which("pygpt-lsp", path=env.get("PATH"))
    if found is not None:
        return Check("ok", "command", found)
    return Check(
        "note",
        "command",
        f"pygpt-lsp is not on your PATH: give editors its full path, or `{sys.executable} -m pygpt_lsp`",
    )


def check_cache(root: Path) -> Check:
    """Where chats and history of the workspace are kept, and whether that place can be written."""
    from pygpt_lsp.services.config_files import WORKSPACE_FILE
    from pygpt_lsp.services.workspace_cache import open_cache

    # A folder that never was a workspace of ours is not to become one because somebody ran `doctor` in it.
    if not (root / WORKSPACE_FILE.parent).exists() and _writable(root):
        return Check("ok", "cache", f"{root} can be written; .pygpt/cache is made there when it is needed")
    try:
        location = open_cache(root)
    except HistoryError as error:
        return Check("fail", "cache", error.sentence)
    return Check("note" if location.reason else "ok", "cache", location.reason or str(location.folder.path))


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_sqlite() -> Check:
    """Whether this Python's SQLite can search, which the history needs."""
    version = sqlite3.sqlite_version
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
    except sqlite3.OperationalError:
        return Check(
            "fail", "sqlite", f"{version} without FTS5: no history; use a Python whose SQLite has FTS5"
        )
    finally:
        connection.close()
    return Check("ok", "sqlite", f"{version} with FTS5")


def check_extra(module: str, extra: str, purpose: str) -> Check:
    """Whether an optional library is installed; that it is not is no fault."""
    if importlib.util.find_spec(module) is not None:
        return Check("ok", module, "installed")
    return Check("ok", module, f"not installed; only needed {purpose}: pip install 'pygpt-lsp[{extra}]'")


async def find_key(env: Mapping[str, str], settings: Settings) -> tuple[Check, FoundKey | None]:
    """Whether there is a key and where it was found; it is never shown. May run `api_key_command`."""
    from pygpt_lsp.services.api_key import PLACEHOLDER, find_api_key

    try:
        found = await find_api_key(env, settings.api_key_command, settings.base_url)
    except RequestRefused as error:
        return Check("fail", "key", error.sentence), None
    if found is None:
        text = "none found: set OPENAI_API_KEY for your editor, or api_key_command in your settings"
        return Check("fail", "key", text), None
    if found == PLACEHOLDER:
        return Check("ok", "key", "none, and none is needed by a server on this machine"), found
    return Check("ok", "key", f"found in {found.origin} (not shown)"), found


def settings_checks(problems: Sequence[SettingProblem], workspace_file: Path) -> list[Check]:
    """What is wrong with the settings: broken in the user's own, worth a look in a workspace's."""
    return [
        Check("note" if problem.layer == str(workspace_file) else "fail", "settings", problem.sentence)
        for problem in problems
    ]
