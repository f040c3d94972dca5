"""The presets and prompts that PYGPT, the desktop application, keeps in its folder: read, never written.

Only what is named here is opened. `config.json`, where the application keeps its keys, is never one of them.
A file that is missing, broken or of a version that is not understood costs a sentence, and not the others.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST: Final = 32 << 20  # bytes; prompts.json holds all prompts in one file
_FOLDER: Final = Path(".config", "pygpt-net")
_POINTER: Final = "path.cfg"
_CURRENT: Final = "current."
"""Begins the names of the presets that the application keeps for itself: what was last used in each mode."""
_TALKS: Final = ("chat", "completion", "vision", "langchain", "llama_index", "assistant", "research")
"""The modes in which a preset is a system prompt for a conversation."""
_MODES: Final = (
    *_TALKS,
    "img",
    "agent",
    "agent_llama",
    "agent_openai",
    "agent_v2",
    "expert",
    "audio",
    "computer",
)


class DesktopPreset(NamedTuple):
    """One preset: `name` as the application shows it, `stem` the name of its file."""

    name: str
    stem: str
    prompt: str
    model: str | None
    temperature: float | None


class DesktopPrompt(NamedTuple):
    """One prompt of the user's collection."""

    name: str
    text: str


class Presets(NamedTuple):
    """The presets for conversations, by name. `others` counts those for images, agents and the like."""

    presets: tuple[DesktopPreset, ...]
    others: int
    problems: tuple[str, ...]


class Prompts(NamedTuple):
    """The prompts, by name."""

    prompts: tuple[DesktopPrompt, ...]
    problems: tuple[str, ...]


def desktop_folder(env: Mapping[str, str], home: Path) -> Path:
    """The folder of the application's data, as the application finds it: PYGPT_WORKDIR or the usual place,
    and from there where a `path.cfg` leads, if that exists. Raises PygptError where there is none."""
    named = env.get("PYGPT_WORKDIR")
    folder = Path(named).absolute() if named else home / _FOLDER
    try:
        pointer = (folder / _POINTER).read_bytes()[:4096].decode("utf-8-sig").strip()
        moved = Path(pointer.replace("%HOME%", str(home)))
        if pointer and moved.is_dir():
            folder = moved
    except (OSError, ValueError):
        pass  # without a pointer that can be read the application stays where it is, too
    return existing(folder)


def existing(folder: Path) -> Path:
    """`folder`, if it is one. Raises PygptError."""
    if not folder.is_dir():
        raise PygptError(f"PYGPT's folder {folder} is not there: name it with --from.")
    return folder


def read_presets(folder: Path) -> Presets:
    """The presets in `presets/*.json`. Never raises."""
    presets: list[DesktopPreset] = []
    others = 0
    problems: list[str] = []
    try:
        paths = sorted((folder / "presets").iterdir())
    except FileNotFoundError:
        paths = []
    except OSError as error:
        return Presets((), 0, (f"{folder / 'presets'} cannot be read: {error.strerror}.",))
    for path in paths:
        if path.suffix != ".json" or path.name.startswith((_CURRENT, ".")):
            continue
        try:
            values = _object(path)
        except PygptError as error:
            problems.append(error.sentence)
            continue
        if any(values.get(mode) for mode in _MODES) and not any(values.get(mode) for mode in _TALKS):
            others += 1
        elif (preset := _preset(path.stem, values)).prompt.strip():
            presets.append(preset)
    return Presets(tuple(presets), others, tuple(problems))


def read_prompts(folder: Path) -> Prompts:
    """The prompts in `prompts.json`. Never raises."""
    path = folder / "prompts.json"
    if not path.exists():
        return Prompts((), ())
    try:
        items = _object(path).get("items")
    except PygptError as error:
        return Prompts((), (error.sentence,))
    if not isinstance(items, dict):
        return Prompts((), (f"{path} is not understood: it may be of another version of PYGPT.",))
    prompts: list[DesktopPrompt] = []
    for item in cast("dict[str, object]", items).values():
        values = cast("dict[str, object]", item) if isinstance(item, dict) else {}
        text = _text(values.get("content"))
        if text.strip():
            prompts.append(DesktopPrompt(_text(values.get("name")), text))
    return Prompts(tuple(sorted(prompts)), ())


def _preset(stem: str, values: dict[str, object]) -> DesktopPreset:
    temperature = values.get("temperature")
    usable = isinstance(temperature, int | float) and not isinstance(temperature, bool)
    return DesktopPreset(
        _text(values.get("name")) or stem,
        stem,
        _text(values.get("prompt")),
        _text(values.get("model")) or None,
        float(cast("float", temperature)) if usable else None,
    )


def _object(path: Path) -> dict[str, object]:
    """The JSON object in a file. Raises PygptError."""
    try:
        status = path.stat()  # opening a named pipe would wait for somebody to write
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise PygptError(f"{path} is left out: it is no file, or a huge one.")
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise PygptError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise PygptError(f"{path} is broken, so it is left out.") from error
    if not isinstance(found, dict):
        raise PygptError(f"{path} is not understood: it may be of another version of PYGPT.")
    return cast("dict[str, object]", found)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
