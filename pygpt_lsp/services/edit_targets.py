"""Which file an edit of an answer means, and whether that file may be edited.

A model writes paths as it likes and a repository is not trusted. So a path is taken for a file only where
there is no doubt, and only for a text file inside the workspace's folders that no rule keeps back. Must never
follow a link out of those folders, and never write: what is allowed here, the editor does.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.own_files import real_path
from pygpt_lsp.services.workspace_files import MAX_BYTES, is_written_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pygpt_lsp.services.ignore_rules import IgnoreRules

_LONGEST_NAME: Final = 255  # bytes: what the common file systems take
_LONGEST_PATH: Final = 4096
_SHOWN: Final = 100  # characters of a path in a sentence
_PROBE: Final = 8192  # bytes: as many as git looks at to tell text from other data
# With the short names that Windows gives them.
_OWN_FOLDERS: Final = {".git", "git~1", ".pygpt", "pygpt~1"}
# Windows cannot create these, so a folder that others may work in should not get them either.
_NOT_EVERYWHERE: Final = re.compile(
    r'.*[<>:"|?*].*|.*[. ]|(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?', re.IGNORECASE
)


class EditTarget(NamedTuple):
    """The file that an edit is for.

    `path` is absolute: the name under which the editor knows the file, where it is known. `root` is the
    workspace folder it lies in, as given. `exists` is False for a file to create. `named`: the user named or
    opened it; for another file they have to be asked.
    """

    path: Path
    root: Path
    exists: bool
    named: bool


def resolve_edit_path(
    written: str,
    *,
    roots: Sequence[Path],
    named: Sequence[Path],
    prefer: Path | None,
    rules: Callable[[Path], IgnoreRules],
) -> EditTarget:
    """The file that `written`, the path of a block in an answer, means; "" means the only named file.

    `roots` are the workspace's folders and `prefer` the chat's own one of them; `named` are the files that
    the user named or opened, absolute; `rules` gives the rules of a root. Raises EditRefused for a path that
    may not be edited or could mean several files.
    """
    if not roots:
        raise EditRefused(
            "No folder is open, so no file can be edited from an answer: open its folder first."
        )
    path = _meant(written, roots, named, prefer) if written else _only(named)
    shown = _shown(written or path.name)
    if path not in named and not is_written_below(path, roots):
        raise EditRefused(_outside(shown))
    real = real_path(path)
    known = next((file for file in named if is_same_file(file, path)), None)
    path = known or path
    root = _innermost(root for root in roots if path.is_relative_to(root))
    home = _innermost(root for root in roots if real.is_relative_to(real_path(root)))
    if home is None:
        raise EditRefused(_outside(shown))
    names = (*(path.relative_to(root).parts if root else ()), *real.relative_to(real_path(home)).parts)
    if any(_folded(name) in _OWN_FOLDERS for name in names):
        raise EditRefused(f"{shown} belongs to git or to PyGPT itself, so it is not edited from an answer.")
    if os.name == "nt":  # there, even looking at such a name can open a device
        _refuse_names(names, shown)
    for each in roots:
        if path.is_relative_to(each) or real.is_relative_to(real_path(each)):
            rule = rules(each).rule_for_real(path)
            if rule is not None:
                raise EditRefused(f"{shown} is excluded by {rule.words}, so it is not edited from an answer.")
    return EditTarget(path, root or home, _is_file(path, shown), known is not None)


def read_for_edit(path: Path) -> str:
    """The text of a file that is not open, as an editor will show it: no byte-order mark, its line endings.

    Raises EditRefused for one that is gone and for what is not UTF-8 text, which an edit would damage.
    """
    shown = _shown(path.name)
    if not _is_file(path, shown):
        raise EditRefused(f"{shown} does not exist any more, so it is not edited.")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EditRefused(
            f"{shown} is not UTF-8 text, so an edit could damage it: convert it, or open it in the editor."
        ) from error
    except OSError as error:
        raise EditRefused(f"{shown} cannot be read: {error.strerror}.") from error


def is_same_file(one: Path, other: Path) -> bool:
    """Whether both are names of one file, be it by links or by upper and lower case."""
    if one == other:
        return True
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _only(named: Sequence[Path]) -> Path:
    files = _distinct(named)
    if not files:
        raise EditRefused("The block does not say which file it belongs to; ask for its path above the code.")
    if len(files) > 1:
        raise EditRefused(
            f"The block does not say which file it belongs to; it could be {_listed(files)}: "
            "ask for its path above the code."
        )
    return files[0]


def _meant(written: str, roots: Sequence[Path], named: Sequence[Path], prefer: Path | None) -> Path:
    """The one file, there or not, that the text means. It has not been checked where that one lies."""
    names = _names(written)
    if names is None:
        return Path(os.path.normpath(written))
    first, rest = names[0], names[1:]
    prefer = prefer if prefer in roots else None
    if prefer and os.path.lexists(prefer.joinpath(*names)):
        return prefer.joinpath(*names)
    found = [root.joinpath(*names) for root in roots if os.path.lexists(root.joinpath(*names))]
    if not found and rest:
        below = [root.joinpath(*rest) for root in roots if root.name == first]
        found = [path for path in below if os.path.lexists(path)]
    if not found:
        found = [file for file in named if file.parts[1:][-len(names) :] == names]
    found = _distinct(found)
    if len(found) > 1:
        raise EditRefused(
            f"{_shown(written)} could be {_listed(found)}, so neither is edited: ask for the whole path."
        )
    if found:
        return found[0]
    homes = [root for root in roots if root.name == first] if rest and len(roots) > 1 else []
    if homes:
        names = rest
    elif prefer:
        homes = [prefer]
    homes = homes or list(roots)
    if len(homes) > 1:
        raise EditRefused(
            f"{_shown(written)} would be a new file, and it could go into {_listed(homes)}: "
            "ask for a path that begins with the folder's name."
        )
    return homes[0].joinpath(*names)


def _names(written: str) -> tuple[str, ...] | None:
    """The names in a relative path, None for an absolute one. Raises EditRefused for what cannot be meant."""
    shown = _shown(written)
    if visible(written) != written:
        raise EditRefused(f"{shown} has characters that no file name should have, so it is not edited.")
    slashed = written.replace("\\", "/")
    if len(written) > _LONGEST_PATH or any(len(name.encode()) > _LONGEST_NAME for name in slashed.split("/")):
        raise EditRefused(f"{shown} is too long for the name of a file, so it is not edited.")
    if slashed.endswith("/"):
        raise EditRefused(f"{shown} names a folder: only files are edited.")
    if Path(written).is_absolute():
        return None
    windows = PureWindowsPath(written)
    normal = PureWindowsPath(os.path.normpath(slashed))
    if windows.drive or windows.root or written.startswith("~") or normal.parts[:1] == ("..",):
        raise EditRefused(_outside(shown))
    if not normal.parts:
        raise EditRefused(f"{shown} names a folder: only files are edited.")
    return normal.parts


def _is_file(path: Path, shown: str) -> bool:
    """Whether there is a text file; False where one could be created. Raises EditRefused for all else."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise EditRefused(f"{shown} is a folder: only files are edited.")
        if not stat.S_ISREG(status.st_mode):
            raise EditRefused(f"{shown} is not a file that can be edited.")
        if status.st_size > MAX_BYTES:
            raise EditRefused(f"{shown} is larger than {MAX_BYTES >> 20} MiB, so it is not edited.")
        with path.open("rb") as file:
            if b"\0" in file.read(_PROBE):
                raise EditRefused(f"{shown} is not a text file, so it is not edited.")
    except (FileNotFoundError, NotADirectoryError):
        above = next((one for one in (path, *path.parents) if os.path.lexists(one)), Path(path.anchor))
        if not above.is_dir():
            what = "a link that leads nowhere" if above.is_symlink() else "a file, not a folder"
            raise EditRefused(f"{shown} cannot be created: {_shown(above.name)} is {what}.") from None
        _refuse_names(path.relative_to(above).parts, shown)
        return False
    except OSError as error:
        raise EditRefused(f"{shown} cannot be read: {error.strerror}.") from error
    return True


def _refuse_names(names: Iterable[str], shown: str) -> None:
    for name in names:
        if _NOT_EVERYWHERE.fullmatch(name):
            raise EditRefused(f"{shown} has a name that Windows does not allow, so it is not created.")


def _folded(name: str) -> str:
    """A name as the least exact file system reads it: Windows drops dots, spaces and what follows a colon."""
    kept = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", kept).casefold().partition(":")[0].rstrip(". ")


def _distinct(paths: Sequence[Path]) -> list[Path]:
    return list({os.path.normcase(real_path(path)): path for path in reversed(paths)}.values())[::-1]


def _innermost(roots: Iterable[Path]) -> Path | None:
    return max(roots, key=lambda root: len(root.parts), default=None)


def _outside(shown: str) -> str:
    return f"{shown} lies outside of the workspace, so it is not edited: open its folder first."


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(_shown(os.fspath(path)) for path in paths[:5])


def _shown(written: str) -> str:
    text = visible(written).replace("`", "\ufffd")
    return f"`{text if len(text) <= _SHOWN else f'{text[: _SHOWN // 2]}…{text[-_SHOWN // 2 :]}'}`"
