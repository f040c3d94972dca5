"""Reading files that a chat names: inside the workspace's folders alone, wherever links lead, and none that a
rule keeps back.

A chat is looked at after each key press, so a text is remembered as long as its file is unchanged. Must never
give a text that the file does not hold any more to a request.
Everything here but `remembered` touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, TypeVar

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.text import TextSnapshot
from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pygpt_lsp.services.ignore_rules import IgnoreRule, IgnoreRules

MAX_BYTES: Final = 4 << 20
_REMEMBERED_CHARACTERS: Final = 16 << 20
_REMEMBERED_FILES: Final = 1_000
# Two changes within one tick of the file system's clock look the same; FAT's ticks are the longest.
_TICK_NS: Final = 2_000_000_000

_T = TypeVar("_T")
FileProblem: TypeAlias = Literal["outside", "no-text", "too-large", "unreadable", "ignored", "private"]


class FileRefused(PygptError):
    """A file that is not sent; `problem` says why in a word."""

    def __init__(self, problem: FileProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem: FileProblem = problem


class Look(NamedTuple):
    """A file at one moment: its text, or why it is not sent; neither where there is none of that name."""

    text: TextSnapshot | None
    refused: FileRefused | None


class _Known(NamedTuple):
    """The text of a file, valid as long as the file has this `stamp`."""

    stamp: tuple[int, ...]
    text: TextSnapshot


class WorkspaceFiles:
    """The files of one server's workspaces."""

    def __init__(
        self, rules: Callable[[Path], IgnoreRules], now: Callable[[], float] = time.monotonic
    ) -> None:
        """`rules` gives the ignore rules of a workspace folder; `now` are seconds on any clock."""
        self._rules = rules
        self._now = now
        self._texts: dict[Path, _Known] = {}
        self._characters = 0
        self._looks: dict[Path, tuple[float, Look]] = {}
        self._excluded: dict[Path, tuple[float, IgnoreRule | None]] = {}

    def look(self, path: Path, roots: Sequence[Path]) -> Look:
        """The file as it is now; `roots` are the workspace's folders. Never raises."""
        try:
            found = Look(self._read(path, roots), None)
        except FileRefused as refused:
            found = Look(None, refused)
        _remember(self._looks, path, (self._now(), found))
        return found

    def rule(self, path: Path, roots: Sequence[Path]) -> IgnoreRule | None:
        """The rule that keeps `path` back, as named or where its links lead; None where none does."""
        found = self._rule(path, Path(os.path.realpath(path)), roots)
        _remember(self._excluded, path, (self._now(), found))
        return found

    def remembered(self, path: Path, seconds: float) -> Look | None:
        """What `look` gave in the last `seconds`, without touching the disk; None where it was not asked."""
        when, found = self._looks.get(path, (0.0, None))
        return found if found is not None and self._now() - when <= seconds else None

    def remembered_rule(self, path: Path, seconds: float) -> tuple[IgnoreRule | None] | None:
        """What `rule` gave in the last `seconds`, in a tuple; None where it was not asked."""
        if path not in self._excluded:
            return None
        when, found = self._excluded[path]
        return (found,) if self._now() - when <= seconds else None

    def _rule(self, path: Path, real: Path, roots: Sequence[Path]) -> IgnoreRule | None:
        from pygpt_lsp.services.ignore_rules import private_rule, repository_of

        inside, found = False, None
        for root in roots:
            if path.is_relative_to(root) or real.is_relative_to(os.path.realpath(root)):
                inside = True
                rule = self._rules(root).rule_for_real(path)
                if rule is not None and rule.kind == "private":
                    return rule
                found = found or rule
        if inside:
            return found
        # A file of no workspace folder: what its own repository says of it.
        top = repository_of(real)
        return private_rule(path) or private_rule(real) or (self._rules(top).rule_for(real) if top else None)

    def _read(self, path: Path, roots: Sequence[Path]) -> TextSnapshot | None:
        shown = visible(str(path))
        try:
            real = path.resolve(strict=True) if is_written_below(path, roots) else None
            if real is None or not any(real.is_relative_to(root.resolve()) for root in roots):
                raise FileRefused(
                    "outside",
                    f"{shown} lies outside the workspace, so it is not sent: open it in the editor first.",
                )
            rule = self._rule(path, real, roots)
            if rule is not None:
                advice = "" if rule.kind == "private" else ": open it in the editor to be asked about it"
                raise FileRefused(
                    rule.kind, f"{shown} is excluded by {rule.words}, so it is not sent{advice}."
                )
            status = real.stat()
            if not stat.S_ISREG(status.st_mode):
                raise FileRefused("no-text", f"{shown} is not a file that can be sent.")
            if status.st_size > MAX_BYTES:
                raise FileRefused(
                    "too-large",
                    f"{shown} is larger than {MAX_BYTES >> 20} MiB: name the lines after opening it.",
                )
            return self._text(real, status, shown)
        except (FileNotFoundError, NotADirectoryError, RuntimeError, ValueError):
            return (
                None  # a loop of links is a RuntimeError before Python 3.13, a NUL in the name a ValueError
            )
        except OSError as error:
            raise FileRefused("unreadable", f"{shown} cannot be read: {error.strerror}.") from error

    def _text(self, real: Path, status: os.stat_result, shown: str) -> TextSnapshot:
        stamp = (
            status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev,
        )  # fmt: skip
        known = self._texts.get(real)
        if known is not None and known.stamp == stamp:
            return known.text
        data = real.read_bytes()
        if b"\0" in data[:8192]:
            raise FileRefused("no-text", f"{shown} is not a text file, so it is not sent.")
        text = TextSnapshot.from_string(data.decode("utf-8", "replace"))
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _TICK_NS:
            self._keep(real, _Known(stamp, text))
        return text

    def _keep(self, real: Path, known: _Known) -> None:
        self._characters += len(known.text)
        if self._characters > _REMEMBERED_CHARACTERS:
            self._texts.clear()
            self._characters = len(known.text)
        self._texts[real] = known


def is_written_below(path: Path, roots: Sequence[Path]) -> bool:
    """Whether an absolute path names something below the folders `roots`, links apart. The path is not looked
    at: to look at `\\\\host\\share` on Windows, or at an automounter's folder, is to ask that host."""
    named = Path(os.path.normpath(path))
    return any(named.is_relative_to(root) or named.is_relative_to(os.path.realpath(root)) for root in roots)


def existing_file(candidates: Sequence[Path], roots: Sequence[Path]) -> Path | None:
    """The first of `candidates` that is a file inside the folders `roots`, wherever links lead; None where
    there is none. What is in it, and whether it may be sent, is not looked at."""
    inside = [Path(os.path.realpath(root)) for root in roots]
    for path in candidates:
        try:
            if not is_written_below(path, roots):
                continue
            real = path.resolve(strict=True)
            if real.is_file() and any(real.is_relative_to(root) for root in inside):
                return path
        except (OSError, RuntimeError, ValueError):  # as in `_read`
            continue
    return None


def _remember(memory: dict[Path, tuple[float, _T]], path: Path, found: tuple[float, _T]) -> None:
    if len(memory) >= _REMEMBERED_FILES:
        memory.clear()
    memory[path] = found
