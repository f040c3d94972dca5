"""What must never be sent, listed or edited: private files, and what a workspace's ignore files exclude.

There are four kinds of ignore file and the user's setting. Each counts by itself: what one excludes no other
brings back, and none brings back a private file. Within a kind the rules are git's (gitignore(5)): the last
pattern of the deepest file decides, and below an excluded folder nothing is included again. A repository
inside another is no border: the rules of the folders around it hold in it too. Where the root is a folder of
a repository, the ignore files above it hold as well, up to the repository's top.

Must never read anything else outside of the root, wherever links lead, open a device, or let something out
because an ignore file is too long or cannot be read: then everything beside it is excluded.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import os
import stat
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.private_files import private_file
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.ignore_files import IgnoreFiles, names_below, parsed_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pygpt_lsp.core.ignore_patterns import IgnorePatterns

_DEEPEST: Final = 100  # folders; each may hold ignore files, and nobody's own work lies deeper
_SHOWN: Final = 80  # characters of a pattern in a sentence
_OWN_FOLDER: Final = ".pygpt"
# Each kind with its files, the weaker one first.
_KINDS: Final = ((".git/info/exclude", ".gitignore"), (".aiignore",), (".cursorignore",), (".aiderignore",))


class IgnoreRule(NamedTuple):
    """Why a file is left out.

    `pattern` as written. `source` is the file it stands in (relative to the root, with `/`) or the setting;
    for a private file it says what such files are, in the plural.
    """

    pattern: str
    source: str
    kind: Literal["private", "ignored"]

    @property
    def words(self) -> str:
        """The rule as a part of a sentence: "`*.log` in .gitignore"."""
        pattern = visible(self.pattern).replace("`", "\ufffd")
        shown = pattern if len(pattern) <= _SHOWN else pattern[: _SHOWN - 1] + "…"
        if self.kind == "private":
            return f"`{shown}` (built in: {self.source} are never sent)"
        return f"`{shown}` in {visible(self.source)}"


_TOO_DEEP: Final = IgnoreRule("**", f"a path of more than {_DEEPEST} names", "ignored")


class _Scope(NamedTuple):
    """The patterns of one ignore file; the first `above` bytes of a path are its folder's.

    `lower` is the way from its folder to the root, where that lies below it.
    """

    patterns: IgnorePatterns
    source: str
    above: int
    lower: bytes = b""


# What holds in a folder: for each kind its patterns, the weakest first.
_Scopes: TypeAlias = tuple[tuple[_Scope, ...], ...]


class IgnoreRules:
    """The rules of one workspace folder."""

    def __init__(self, root: Path, extra: Sequence[str] = ()) -> None:
        """`extra`: patterns from the setting `privacy.ignore`, as in an ignore file at the root."""
        self._root = os.path.abspath(root)  # noqa: PTH100 - normalised, as `Path.absolute` is not
        self._real_root = os.path.realpath(root)
        self._files = IgnoreFiles()
        patterns, trouble = parsed_patterns("\n".join(extra).encode("utf-8", "replace"))
        self._setting = (_Scope(patterns, f"the setting privacy.ignore{trouble}", 0),)
        self._above: tuple[str, ...] | None = None

    def rule_for(self, path: Path) -> IgnoreRule | None:
        """The rule that excludes `path` under just this name; None where none does. Links are not followed.

        A rule about private files goes before any other, since nobody can allow what it excludes.
        A relative path starts at the root. The file need not exist. Of a path outside of the root only the
        names are looked at.
        """
        full = os.path.normpath(os.path.join(self._root, path))  # noqa: PTH118 - `Path` keeps `..`
        names = names_below(full, self._root)
        if names is None:
            names = names_below(full, self._real_root)
        if names is None:
            return _rule_by_names(full)
        if len(names) > _DEEPEST:
            return _TOO_DEEP
        if rule := _rule_by_folders(self._root) or _rule_by_folders(self._real_root):
            return rule
        relative = b""
        for depth, name in enumerate(names, 1):
            relative = _joined(relative, name)
            if rule := _private(relative, name, is_folder=depth < len(names) or _is_folder(full)):
                return rule
        folder, relative, scopes = self._root, b"", self._top()
        for depth, name in enumerate(names, 1):
            scopes = self._scopes_in(folder, relative, scopes)
            folder = f"{folder}{os.sep}{name}"
            relative = _joined(relative, name)
            if rule := _decide(relative, name, scopes, is_folder=depth < len(names) or _is_folder(folder)):
                return rule
        return None

    def rule_for_real(self, path: Path) -> IgnoreRule | None:
        """The rule that excludes `path` as named or what it is once all links in it are followed."""
        rule = self.rule_for(path)
        if rule is not None and rule.kind == "private":
            return rule
        try:
            real = os.path.realpath(os.path.join(self._root, path))  # noqa: PTH118 - it must not raise on loops
        except ValueError:  # a NUL in the name: no file has it
            return rule
        there = self.rule_for(Path(real))
        return there if rule is None or (there is not None and there.kind == "private") else rule

    def walk(self) -> Iterator[Path]:
        """The files below the root that no rule excludes, in no order, those of a folder before its folders'.

        It lists while it is iterated and may be given up at any time. Links to folders are not followed; a
        link to a file counts where the file is below the root and not excluded either. Folders that cannot be
        read, `.git/` and `.pygpt/` are passed over.
        """
        pending = [(self._root, b"", self._top(), 1)]
        while pending:
            folder, relative, outer, depth = pending.pop()
            scopes = self._scopes_in(folder, relative, outer)
            try:
                entries = os.scandir(folder)
            except OSError:
                continue
            with entries:
                for entry in entries:
                    inner, is_folder = _joined(relative, entry.name), _is_real_folder(entry)
                    if _decide(inner, entry.name, scopes, is_folder=is_folder) is not None:
                        continue
                    if is_folder:
                        if depth < _DEEPEST and entry.name.lower() != _OWN_FOLDER:
                            pending.append((entry.path, inner, scopes, depth + 1))
                    elif self._is_listed(entry):
                        yield Path(entry.path)

    def _is_listed(self, entry: os.DirEntry[str]) -> bool:
        try:
            if not entry.is_symlink():
                return entry.is_file(follow_symlinks=False)
            real = os.path.realpath(entry.path)
            inside = names_below(real, self._real_root) is not None
            return inside and entry.is_file() and self.rule_for(Path(real)) is None
        except OSError:
            return False

    def _top(self) -> _Scopes:
        """What holds for the entries of the root before its own files are read."""
        if self._above is None:
            self._above = _folders_above(self._root)
        found: list[tuple[_Scope, ...]] = []
        for kind in _KINDS:
            scopes: list[_Scope] = []
            for folder in self._above:
                lower = "".join(f"{name}/" for name in Path(self._root).relative_to(folder).parts)
                for name in kind:
                    file = self._files.read(f"{folder}/{name}", os.path.realpath(self._above[0]))
                    if file is not None:
                        shown = f"{'../' * lower.count('/')}{name}{file.trouble}"
                        scopes.append(_Scope(file.patterns, shown, 0, _encoded(lower)))
            found.append(tuple(scopes))
        return (*found, self._setting)

    def _scopes_in(self, folder: str, relative: bytes, outer: _Scopes) -> _Scopes:
        """What holds for the entries of a folder, given what holds for the folder itself."""
        found = [
            [scope for name in kind if (scope := self._scope(folder, relative, name))] for kind in _KINDS
        ]
        if not any(found):
            return outer
        return (*((*above, *own) for above, own in zip(outer, found, strict=False)), outer[-1])

    def _scope(self, folder: str, relative: bytes, name: str) -> _Scope | None:
        file = self._files.read(f"{folder}/{name}", self._real_root)
        if file is None:
            return None
        above = f"{os.fsdecode(relative)}/" if relative else ""
        return _Scope(file.patterns, f"{above}{name}{file.trouble}", len(relative) + 1 if relative else 0)


def _decide(path: bytes, name: str, scopes: _Scopes, *, is_folder: bool) -> IgnoreRule | None:
    """The rule about one entry, whatever holds for the folders above it."""
    if rule := _private(path, name, is_folder=is_folder):
        return rule
    encoded = path[path.rfind(b"/") + 1 :]
    for kind in scopes:
        for scope in reversed(kind):
            whole = scope.lower + path[scope.above :]
            pattern = scope.patterns.last_match(whole, encoded, is_folder=is_folder)
            if pattern is None:
                continue
            if not pattern.negated:
                return IgnoreRule(pattern.text, scope.source, "ignored")
            break
    return None


def _private(path: bytes, name: str, *, is_folder: bool) -> IgnoreRule | None:
    # Some file systems take more letters for the same than bytes can tell: `.ſsh` is `.ssh`.
    encoded = _encoded(name if name.isascii() else name.casefold())
    private = private_file(path, encoded, is_folder=is_folder)
    return None if private is None else IgnoreRule(private.pattern, private.what, "private")


def repository_of(path: Path) -> Path | None:
    """The nearest folder at or above the absolute `path` that is a repository's top; None where none is."""
    # `os.path` says no where a folder may not be looked into.
    return next((at for at in (path, *path.parents) if os.path.exists(at / ".git")), None)  # noqa: PTH110


def _folders_above(root: str) -> tuple[str, ...]:
    """The folders above the root up to the top of its repository, which comes first."""
    top = repository_of(Path(root))
    above = Path(root).parents if top is not None and top != Path(root) else ()
    return tuple(str(folder) for folder in reversed(above) if folder.is_relative_to(top or root))


def private_rule(path: Path) -> IgnoreRule | None:
    """The built-in rule that excludes the absolute `path` by its names alone; the disk is not touched."""
    return _rule_by_names(os.path.normpath(path))


def _rule_by_folders(root: str) -> IgnoreRule | None:
    """The built-in rule by which a root lies in a folder of secrets.

    Any other pattern that a folder above matches says nothing of what is in it: one may be called `my.env`.
    """
    names = Path(root).parts[1:]
    rules = (
        _private(_encoded("/".join(names[:depth])), name, is_folder=True)
        for depth, name in enumerate(names, 1)
    )
    return next((rule for rule in rules if rule is not None and rule.pattern.endswith("/")), None)


def _rule_by_names(full: str) -> IgnoreRule | None:
    path = b""
    names = Path(full).parts[1:]
    for depth, name in enumerate(names, 1):
        path = _joined(path, name)
        if rule := _private(path, name, is_folder=depth < len(names)):
            return rule
    return None


def _joined(folder: bytes, name: str) -> bytes:
    return folder + b"/" + _encoded(name) if folder else _encoded(name)


def _encoded(name: str) -> bytes:
    """A name's bytes as git sees them; undecodable ones survive."""
    if sys.platform == "darwin" and not name.isascii():
        name = unicodedata.normalize("NFC", name)
    return os.fsencode(name)


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _is_real_folder(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        # A junction of Windows leads elsewhere as a link does, but only Python 3.12 says so.
        tag = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) if os.name == "nt" else 0
        return tag == 0 or tag != getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    except OSError:
        return False
