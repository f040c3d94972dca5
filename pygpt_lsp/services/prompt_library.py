"""The user's and the workspace's prompts and presets, read from their folders and kept in memory.

    prompts/NAME.md, presets/NAME.md                        in the user's configuration folder
    .pygpt/prompts/NAME.md, .pygpt/presets/NAME.md          in a workspace folder
    NAME.md in the folders of the setting `prompts.paths`   prompts alone

Of several with one name the last counts: built in, the user's, those of `prompts.paths`, the workspace's. A
workspace's folder is read as a stranger's: no link in it is followed, and however much it holds, reading it
ends soon. A file that cannot be used costs one sentence and not the others.

`refresh` reads in a worker thread; all else answers from memory.
"""

from __future__ import annotations

import asyncio
import os
import time
import unicodedata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar, cast

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.presets import Preset, preset_of
from pygpt_lsp.core.prompt_fields import BadPrompt, name_refusal
from pygpt_lsp.core.settings_table import inside_workspace
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.core.user_prompts import BUILT_IN, UserPrompt, prompt_of
from pygpt_lsp.services.config_files import user_path
from pygpt_lsp.services.prompt_files import read_prompt_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pygpt_lsp.core.prompt_fields import PromptFile

Item = TypeVar("Item", UserPrompt, Preset)

MOST_FILES: Final = 200
"""Files of one folder that are read."""
_MOST_ENTRIES: Final = 2_000  # of one folder, looked at
_MOST_TOLD: Final = 3  # messages at a time: a folder of something else must not bury the user in them
# Two changes within one tick of the file system's clock look the same; FAT's ticks are the longest.
_TICK_NS: Final = 2_000_000_000


class PromptProblem(NamedTuple):
    """A file or folder that is not used. `line` is the file's line, from 1; `sentence` is for the user;
    `mention` is what the file would be called by in a chat, "" where it is a folder."""

    path: str
    line: int
    sentence: str
    mention: str = ""


class _Place(NamedTuple):
    """A folder to look in. `root`: the workspace folder whose own it is, None for one of the user's.
    `required`: the user named it, so that it should be there."""

    path: Path
    root: Path | None
    required: bool = False

    def shown(self, path: Path) -> str:
        """The path for people: relative to the workspace folder."""
        return visible(str(path) if self.root is None else path.relative_to(self.root).as_posix())


class _Kind(NamedTuple, Generic[Item]):
    """What the files of a folder are: `parse(name, path, file)` makes one of a file, or raises BadPrompt."""

    noun: str
    folder: str
    parse: Callable[[str, str, PromptFile], Item]


class _Read(NamedTuple):
    """What a file held when it had this `stamp`: its time, size and number on the disk."""

    stamp: tuple[int, int, int]
    item: UserPrompt | Preset | PromptProblem


class _Shelf(NamedTuple):
    """All that there is for one workspace folder."""

    prompts: tuple[UserPrompt, ...] = BUILT_IN
    presets: tuple[Preset, ...] = ()
    problems: tuple[PromptProblem, ...] = ()


_PROMPTS: Final = _Kind("prompt", "prompts", prompt_of)
_PRESETS: Final = _Kind("preset", "presets", preset_of)


class PromptLibrary:
    """The prompts and presets of one server. Each file is read when it is new, and again once it changed."""

    def __init__(
        self, env: Mapping[str, str], paths: Callable[[], Sequence[str]], tell: Callable[[str], None]
    ) -> None:
        """`paths()` gives the setting `prompts.paths` as it is now; `tell` shows the user a sentence."""
        self._env = env
        self._paths = paths
        self._tell = tell
        self._told: set[str] = set()
        self._shelves: dict[Path | None, _Shelf] = {}
        self._files: dict[tuple[str, _Place, Path], _Read] = {}
        self._reading = asyncio.Lock()
        self._waiting: dict[Path | None, asyncio.Task[None]] = {}
        self._hangs = False

    def prompts(self, root: Path | None) -> tuple[UserPrompt, ...]:
        """The prompts for a workspace folder, one for each name, the built-in ones first."""
        return self._shelves.get(root, _Shelf()).prompts

    def presets(self, root: Path | None) -> tuple[Preset, ...]:
        """The presets for a workspace folder, one for each name."""
        return self._shelves.get(root, _Shelf()).presets

    def problems(self, root: Path | None) -> tuple[PromptProblem, ...]:
        """What is wrong with the files for a workspace folder."""
        return self._shelves.get(root, _Shelf()).problems

    def unusable(self, root: Path | None) -> Mapping[str, str]:
        """Why there is no `/name` or `@name` though there is a file for it, as a sentence for each."""
        return {each.mention: each.sentence for each in self.problems(root) if each.mention}

    async def refresh(self, root: Path | None, seconds: float | None = None) -> None:
        """Bring what the others say of a workspace folder up to date, and tell once what is wrong.

        With `seconds` it waits so long at most, and not again as long as the disk hangs.
        """
        if seconds is not None and self._hangs:
            return
        task = self._waiting.get(root)
        if task is None:
            task = self._waiting[root] = asyncio.create_task(self._refresh(root))
        done, _ = await asyncio.wait([task], timeout=seconds)
        self._hangs = not done
        for ended in done:
            ended.result()

    async def _refresh(self, root: Path | None) -> None:
        # One at a time: a disk that hangs must not take all threads.
        async with self._reading:
            del self._waiting[root]  # whoever asks from now on may know of a later change
            shelf = self._shelves[root] = await asyncio.to_thread(self._read, root)
            self._hangs = False
        new = [each.sentence for each in shelf.problems if each.sentence not in self._told]
        self._told.update(new)
        for sentence in new[:_MOST_TOLD]:
            self._tell(sentence)
        if len(new) > _MOST_TOLD:
            more = counted(len(new) - _MOST_TOLD, "more prompt or preset file")
            self._tell(f"{more} cannot be used: name one in a chat to see why.")

    def _read(self, root: Path | None) -> _Shelf:
        """What there is for a workspace folder; touches the disk."""
        problems: list[PromptProblem] = []
        prompts = {prompt.name: prompt for prompt in BUILT_IN}
        prompts |= self._found(_PROMPTS, root, self._named(root), problems)
        presets = self._found(_PRESETS, root, [], problems)
        return _Shelf(tuple(prompts.values()), tuple(presets.values()), tuple(problems))

    def _found(
        self, kind: _Kind[Item], root: Path | None, named: Sequence[_Place], problems: list[PromptProblem]
    ) -> dict[str, Item]:
        """What there is of a kind, by name; what is wrong with a file is put to `problems`."""
        places = [_Place(user_path(self._env).parent / kind.folder, None), *named]
        if root is not None:
            places.append(_Place(root / ".pygpt" / kind.folder, root))
        found: dict[str, Item] = {}
        for place in places:
            for path in _files_in(place, problems):
                item = self._item(kind, place, path)
                if isinstance(item, PromptProblem):
                    problems.append(item)
                elif item is not None:
                    found[item.name] = item
        return found

    def _named(self, root: Path | None) -> list[_Place]:
        """The folders of the setting. A path that a workspace may set is read as a workspace's."""
        places: list[_Place] = []
        for path in self._paths():
            if inside_workspace(path):
                if root is not None:
                    places.append(_Place(root / path, root, required=True))
                continue
            try:
                named = Path(path).expanduser()
            except RuntimeError:  # there is no such user
                named = Path(path)
            if named.is_absolute() or root is not None:
                places.append(_Place(named if root is None else root / named, None, required=True))
        return places

    def _item(self, kind: _Kind[Item], place: _Place, path: Path) -> Item | PromptProblem | None:
        """What a file says; None where it is gone."""
        follow = place.root is None
        stamp = (0, 0, 0)
        try:
            status = path.stat() if follow else path.lstat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            known = self._files.get((kind.noun, place, path))
            if known is not None and known.stamp == stamp:
                return cast("Item | PromptProblem", known.item)
            name = unicodedata.normalize("NFC", path.stem)
            if refusal := name_refusal(name):
                raise BadPrompt(0, refusal)
            item = kind.parse(name, str(path), read_prompt_file(path, follow=follow))
        except FileNotFoundError:
            return None
        except OSError as error:
            return _problem(kind.noun, place, path, BadPrompt(0, error.strerror or "it cannot be read"))
        except BadPrompt as bad:
            item = _problem(kind.noun, place, path, bad)
        if abs(time.time_ns() - stamp[0]) > _TICK_NS:
            self._files[kind.noun, place, path] = _Read(stamp, item)
        return item


def _files_in(place: _Place, problems: list[PromptProblem]) -> list[Path]:
    """The files of a folder that may be prompts, by name; none where there is no such folder."""
    try:
        if place.root is not None and place.path.is_dir() and not _is_itself(place.path, place.root):
            raise BadPrompt(0, "it is a link, and no link in a workspace is followed")
        with os.scandir(place.path) as entries:
            seen = [entry.name for entry in islice(entries, _MOST_ENTRIES)]
    except (FileNotFoundError, NotADirectoryError):
        if place.required:
            problems.append(_problem("", place, place.path, BadPrompt(0, "there is no such folder")))
        return []
    except OSError as error:
        bad = BadPrompt(0, error.strerror or "it cannot be read")
        problems.append(_problem("", place, place.path, bad))
        return []
    except BadPrompt as bad:
        problems.append(_problem("", place, place.path, bad))
        return []
    names = sorted(name for name in seen if name.lower().endswith(".md") and _may_be_prompt(name))
    if len(names) > MOST_FILES or len(seen) == _MOST_ENTRIES:
        sentence = (
            f"Of the folder {place.shown(place.path)} only the first {MOST_FILES} prompt files are used."
        )
        problems.append(PromptProblem(str(place.path), 1, sentence))
    return [place.path / name for name in names[:MOST_FILES]]


def _may_be_prompt(name: str) -> bool:
    return not name.startswith(".") and name.lower() != "readme.md"


def _is_itself(path: Path, root: Path) -> bool:
    """Whether no link leads from a workspace folder to a path below it."""
    straight = os.path.join(os.path.realpath(root), path.relative_to(root))  # noqa: PTH118 - see below
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(straight)


def _problem(noun: str, place: _Place, path: Path, bad: BadPrompt) -> PromptProblem:
    what = f"The {noun} file" if noun else "The prompt folder"
    where = f"line {bad.line}: " if bad.line else ""
    sentence = f"{what} {place.shown(path)} is not used: {where}{bad.reason}."
    mention = {"prompt": "/", "preset": "@"}[noun] + path.stem if noun else ""
    return PromptProblem(str(path), max(bad.line, 1), sentence, unicodedata.normalize("NFC", mention))
