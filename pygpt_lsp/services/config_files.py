"""The settings files: the user's own, which is trusted, and the one a workspace brings, which is not.

A workspace's file is read as a stranger's: it must be a small ordinary file that lies in the workspace
itself, whatever links lead to it, and nothing in it can make reading fail, hang or take long. What its
values may do is decided by the table in core, not here. Nothing is ever written.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.settings import Layer, SettingProblem, environment_layers

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 64 * 1024
"""Bytes a settings file may have."""

_MOST_DOTS = 250  # in one key; the parser's time grows with their square: 30,000 of them take 15 s
_TOO_MUCH = "it holds something that is too large or too deeply nested"

WORKSPACE_FILE = Path(".pygpt", "config.toml")
USER_FILE = Path("config.toml")


class ConfigFile(NamedTuple):
    """A settings file as found. Neither a layer nor a problem: there is no such file."""

    path: Path
    layer: Layer | None = None
    problem: SettingProblem | None = None


class Found(NamedTuple):
    """The layers below those of the editor, lowest first, and what kept a file from being used."""

    layers: tuple[Layer, ...]
    problems: tuple[SettingProblem, ...]


def find_layers(env: Mapping[str, str], root: Path | None) -> Found:
    """The environment's, the user's and, where there is a workspace, its root's layers. Never raises.

    Blocks for the time it takes to read two small files.
    """
    files = [user_file(env)] + ([workspace_file(root)] if root is not None else [])
    return Found(
        environment_layers(env) + tuple(file.layer for file in files if file.layer is not None),
        tuple(file.problem for file in files if file.problem is not None),
    )


def user_path(env: Mapping[str, str]) -> Path:
    """Where the user's settings file is: named by PYGPT_CONFIG, else in the system's usual place."""
    named = env.get("PYGPT_CONFIG")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("pygpt-lsp") / USER_FILE


def user_file(env: Mapping[str, str]) -> ConfigFile:
    """Read the user's settings; a file that PYGPT_CONFIG names and that is missing is a problem."""
    path = user_path(env)
    read = _read(path, path, trusted=True)
    if read.layer is None and read.problem is None and env.get("PYGPT_CONFIG"):
        return _unusable(path, "PYGPT_CONFIG names it, but there is no such file")
    return read


def workspace_file(root: Path) -> ConfigFile:
    """Read the settings a workspace brings, unless the file really lies elsewhere."""
    path = root / WORKSPACE_FILE
    try:
        real = path.resolve(strict=True)
        inside = real.is_relative_to(root.resolve(strict=True))
    except (FileNotFoundError, NotADirectoryError):
        return ConfigFile(path)
    except (OSError, RuntimeError):  # a loop of links is a RuntimeError before Python 3.13
        return _unusable(path, "it cannot be found through its links")
    if not inside:
        return _unusable(path, "it is a link to a place outside the workspace, which is not followed")
    return _read(path, real, trusted=False)


def _read(path: Path, real: Path, *, trusted: bool) -> ConfigFile:
    """Read and parse the file at `real`, which messages name as `path`."""
    import tomllib

    try:
        content = _content(real)
        if content is None:
            return ConfigFile(path)
        if any(piece.count(b".") > _MOST_DOTS for piece in re.split(rb"[=\n]", content)):
            return _unusable(path, _TOO_MUCH)
        # A byte order mark is what some Windows editors begin a file with.
        values = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        return _unusable(path, error.strerror or "it cannot be read")
    except UnicodeDecodeError as error:
        return _unusable(path, f"line {_line(error)} is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        return _unusable(path, _toml_reason(str(error)))
    except (ValueError, RecursionError):  # a number of thousands of digits, lists nested by the thousand
        return _unusable(path, _TOO_MUCH)
    return ConfigFile(path, Layer(str(path), values, trusted))


def _line(error: UnicodeDecodeError) -> int:
    """The line, from 1, of the byte that could not be decoded."""
    return error.object.count(b"\n", 0, error.start) + 1


def _content(real: Path) -> bytes | None:
    """The file's bytes, or None where there is none; refuses what is no ordinary file of a sane size.

    Asked before it is opened: opening a named pipe would wait for somebody to write.
    """
    try:
        status = real.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is not an ordinary file")
    with real.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(0, f"it is larger than {LARGEST // 1024} KiB")
    return content


def _toml_reason(message: str) -> str:
    """The parser's words with the line first; the parser quotes no values."""
    place = re.search(r"^(.*?) \(at line (\d+), column (\d+)\)$", message, re.DOTALL)
    if place is None:
        return f"it is not valid TOML: {message.removesuffix(' (at end of document)')} at its end"
    return f"line {place[2]}, column {place[3]} is not valid TOML: {place[1]}"


def _unusable(path: Path, reason: str) -> ConfigFile:
    sentence = f"The settings file {path} is not used: {reason}."
    return ConfigFile(path, problem=SettingProblem("", str(path), sentence))
