"""Writing what came from PYGPT, the desktop application: prompt and preset files of the user's own.

A file that is there is never written over: the new one gets a number, unless it would hold the same.
New files are the user's alone, since whoever may change a prompt changes what is sent.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.chat_writing import yaml_scalar
from pygpt_lsp.core.pages import one_line
from pygpt_lsp.core.settings import model_refusal
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.own_files import make_folder, slug
from pygpt_lsp.services.prompt_files import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pygpt_lsp.services.desktop_data import DesktopPreset, DesktopPrompt

_VARIABLE: Final = re.compile(r"\{\{(?=[ \t]*[A-Za-z_][A-Za-z0-9_-]*[ \t]*\}\})")
_TITLE_CHARACTERS: Final = 100
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
# Windows reserves them as the whole name before the first dot.
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)


class NewFile(NamedTuple):
    """A file to write: `stem` is the name it would like to have, without `.md`."""

    stem: str
    text: str


class Written(NamedTuple):
    """What became of the files: new ones, and how many were there already or are too large to be read."""

    paths: tuple[Path, ...]
    there: int
    too_large: int


def preset_file(preset: DesktopPreset) -> NewFile:
    """A preset as `core.presets` reads it."""
    fields: dict[str, str | float] = {"description": _title(preset.name)}
    if preset.model is not None and model_refusal(preset.model) is None:
        fields["model"] = preset.model
    if preset.temperature is not None and 0 <= preset.temperature <= 2:
        fields["temperature"] = preset.temperature
    return NewFile(_stem(preset.name), _file(fields, preset.prompt))


def prompt_file(prompt: DesktopPrompt) -> NewFile:
    """A prompt as `core.user_prompts` reads it; what looks like a variable in it stays text."""
    title = _title(prompt.name) or "Prompt"
    text = _VARIABLE.sub(lambda match: "\\" + match[0], prompt.text)
    return NewFile(_stem(prompt.name), _file({"title": title, "kind": "chat"}, text))


def write_files(folder: Path, files: list[NewFile]) -> Written:
    """Write the files into `folder`, which is made. Raises OSError; what is written then stays."""
    make_folder(folder)
    paths: list[Path] = []
    there = too_large = 0
    for file in files:
        content = file.text.encode()
        if len(content) > LARGEST:
            too_large += 1
            continue
        path = _write_new(folder, file.stem, content)
        if path is None:
            there += 1
        else:
            paths.append(path)
    return Written(tuple(paths), there, too_large)


def _write_new(folder: Path, stem: str, content: bytes) -> Path | None:
    """Write a file under the first name that is free; None where one of those before holds just this."""
    number = 1
    while True:
        path = folder / (f"{stem}.md" if number == 1 else f"{stem}-{number}.md")
        try:
            with os.fdopen(os.open(path, _NEW, 0o600), "wb") as file:
                file.write(content)
        except FileExistsError:
            if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
                return None
            number += 1
        else:
            return path


def _file(fields: Mapping[str, str | float], body: str) -> str:
    lines = "".join(f"{key}: {yaml_scalar(value)}\n" for key, value in fields.items() if value != "")
    text = well_formed(body).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").strip("\n")
    return f"---\n{lines}---\n{text.rstrip()}\n"


def _title(name: str) -> str:
    title = one_line(well_formed(name))
    return title if len(title) <= _TITLE_CHARACTERS else f"{title[: _TITLE_CHARACTERS - 1]}…"


def _stem(name: str) -> str:
    stem = slug(name)
    return f"{stem}-1" if stem in _RESERVED else stem
