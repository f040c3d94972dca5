"""The patterns of one ignore file, and which of them decides about a name.

Most patterns are a name or an ending. Those are found by looking the name up, so many files and an ignore
file of many lines cost little; only what is left is tried pattern by pattern.

A repository is not trusted: an ignore file that would take long to try is refused as a whole, and its reader
treats everything beside it as ignored. Nothing gets out because there was too much to keep it back.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.ignore_glob import glob_to_regex, is_literal

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PATTERNS: Final = 10_000
MAX_PATTERN_BYTES: Final = 1024
# Of the patterns that looking up cannot decide; about ten times what the longest templates have.
MAX_TRIED: Final = 1000
MAX_TRIED_BYTES: Final = 16 << 10


class TooMuchToTryError(ValueError):
    """An ignore file with more or longer patterns than anybody writes."""


class IgnorePattern:
    """One pattern as written, on a line of its own."""

    __slots__ = ("_folded", "_glob", "_line", "_literal", "_regex", "_whole_path", "folders_only", "negated")

    def __init__(self, line: bytes, *, folded: bool) -> None:
        """`folded`: upper and lower case are the same; the names that are tried are in lower case."""
        self._line = line
        self._folded = folded
        glob = line.lower() if folded else line
        self.negated = glob.startswith(b"!")
        glob = glob.removeprefix(b"!")
        self.folders_only = glob.endswith(b"/")
        glob = glob.removesuffix(b"/")
        self._whole_path = b"/" in glob
        self._glob = glob.removeprefix(b"/")
        self._literal = is_literal(self._glob)
        self._regex: re.Pattern[bytes] | None = None

    @property
    def text(self) -> str:
        """The pattern as written, for messages."""
        return self._line.decode("utf-8", "replace")

    def matches(self, path: bytes, name: bytes, *, is_folder: bool) -> bool:
        """Whether it is about the entry called `name`, at `path` relative to the ignore file's folder."""
        if self.folders_only and not is_folder:
            return False
        subject = path if self._whole_path else name
        if self._literal:
            return subject == self._glob
        if self._regex is None:  # compiling takes longer than everything else, and most are never needed
            self._regex = re.compile(glob_to_regex(self._glob, folded=self._folded), re.DOTALL)
        return self._regex.match(subject) is not None

    @property
    def is_looked_up(self) -> bool:
        """Whether a name, a path or an ending is all there is to it."""
        return self._literal or self.only_ending() is not None

    def only_name(self) -> bytes | None:
        """The last name of every path that it matches, None where there are several."""
        folders, _, last = self._glob.rpartition(b"/")
        if not last or not is_literal(last) or b"[" in folders:  # a set may hold the slash
            return None
        odd_stars = folders.endswith(b"**") and folders.rpartition(b"/")[2].strip(
            b"*"
        )  # `a**/b`: see the glob
        return None if odd_stars else last

    def only_ending(self) -> bytes | None:
        """The ending, with its dot, of every name that a pattern like `*.log` matches; None for another."""
        ending = self._glob[1:]
        return (
            ending if self._glob.startswith(b"*.") and is_literal(ending) and not self._whole_path else None
        )


class IgnorePatterns:
    """The patterns of one ignore file, in their order."""

    __slots__ = ("_by_ending", "_by_name", "_folded", "_tried")

    def __init__(self, patterns: Iterable[IgnorePattern], *, folded: bool) -> None:
        """Raises TooMuchToTryError."""
        self._folded = folded
        self._by_name: dict[bytes, list[tuple[int, IgnorePattern]]] = {}
        self._by_ending: dict[bytes, list[tuple[int, IgnorePattern]]] = {}
        self._tried: list[tuple[int, IgnorePattern]] = []
        tried = tried_bytes = 0
        for numbered in enumerate(patterns):
            pattern = numbered[1]
            if not pattern.is_looked_up:
                tried += 1
                tried_bytes += len(pattern.text)
            if name := pattern.only_name():
                self._by_name.setdefault(name, []).append(numbered)
            elif ending := pattern.only_ending():
                self._by_ending.setdefault(ending, []).append(numbered)
            else:
                self._tried.append(numbered)
        if tried > MAX_TRIED or tried_bytes > MAX_TRIED_BYTES:
            raise TooMuchToTryError("too many patterns with stars")

    def last_match(self, path: bytes, name: bytes, *, is_folder: bool) -> IgnorePattern | None:
        """The pattern that decides about the entry `name` at `path`: the last one that matches it."""
        if self._folded:
            path, name = path.lower(), name.lower()
        candidates = [self._by_name[name]] if name in self._by_name else []
        if self._by_ending:
            dot = name.find(b".")
            while dot >= 0:
                if found := self._by_ending.get(name[dot:]):
                    candidates.append(found)
                dot = name.find(b".", dot + 1)
        if candidates and (self._tried or len(candidates) > 1):
            ordered = sorted(chain(*candidates, self._tried), reverse=True, key=lambda numbered: numbered[0])
        else:
            ordered = reversed(candidates[0] if candidates else self._tried)
        for _, pattern in ordered:
            if pattern.matches(path, name, is_folder=is_folder):
                return pattern
        return None


def parse_patterns(data: bytes, *, folded: bool) -> IgnorePatterns:
    """The patterns of an ignore file's bytes. Raises TooMuchToTryError.

    As git reads them (gitignore(5)), and UTF-16 with a mark too, which PowerShell writes.
    """
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            data = data[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    patterns: list[IgnorePattern] = []
    for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n"):
        glob = _without_trailing_spaces(line.removesuffix(b"\r").partition(b"\0")[0])
        if not glob or glob.startswith(b"#"):
            continue
        if len(glob) > MAX_PATTERN_BYTES or len(patterns) >= MAX_PATTERNS:
            raise TooMuchToTryError("too many or too long patterns")
        patterns.append(IgnorePattern(glob, folded=folded))
    return IgnorePatterns(patterns, folded=folded)


def _without_trailing_spaces(line: bytes) -> bytes:
    kept = line.rstrip(b" ")
    backslashes = len(kept) - len(kept.rstrip(b"\\"))
    return kept + b" " if backslashes % 2 and len(kept) < len(line) else kept
