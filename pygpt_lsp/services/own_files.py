"""Files and folders that are for the user alone: their names, how they are made and deleted, and whether they
are what they seem. Where they lie is decided elsewhere (`workspace_cache`, `desktop_import`).

Everything here but `slug` touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import contextlib
import os
import unicodedata
from pathlib import Path
from typing import Final

from pygpt_lsp.core.unicode import well_formed

_SLUG_CHARACTERS: Final = 50
_SLUG_BYTES: Final = 100  # with date and suffix well under the 143 bytes of an encrypted home's file names


def take_name(folder: Path, stem: str, suffix: str) -> Path:
    """Take an unused name in the folder: the stem, with a number where it is taken, and the suffix.

    The file is created, empty and private. Two servers never take the same name. Raises OSError.
    """
    number = 1
    while True:
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            number += 1
        else:
            return path


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for the user alone whatever the umask is.

    Raises OSError.
    """
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)


def remove_page(path: Path) -> None:
    """Delete a file of ours that may be read-only; nothing happens where it is gone. Raises OSError."""
    if os.name == "nt" and not path.is_symlink():
        with contextlib.suppress(OSError):
            path.chmod(0o600)  # Windows deletes no file that is read-only
    path.unlink(missing_ok=True)


def slug(title: str) -> str:
    """`title` as part of a file name: lower-case letters and digits of any script, joined by hyphens.

    At most 50 characters and 100 bytes. Never empty. No file system reserves such a name, because the date
    goes before it (Windows reserves `con`, `nul` and the like only as the whole stem).
    """
    # Lower-case first: that can decompose a character which the normalisation then composes again.
    folded = unicodedata.normalize("NFKC", well_formed(title).lower())
    kept = "".join(character if _belongs_to_word(character) else " " for character in folded)
    name = "-".join(kept.split())[:_SLUG_CHARACTERS]
    name = name.encode()[:_SLUG_BYTES].decode(errors="ignore")
    return name.strip("-") or "chat"


def is_link(path: Path) -> bool:
    """Whether a file or folder leads elsewhere."""
    # Not `is_symlink` alone: a Windows junction is no symbolic link but leads elsewhere too.
    return path.is_symlink() or real_path(path) != real_path(path.parent) / path.name


def real_path(path: Path) -> Path:
    """Where a path leads in the end; of one that leads nowhere, as far as that is known."""
    # Unlike `Path.resolve` this does not raise on a link that leads to itself.
    return Path(os.path.realpath(path))


def make_private(path: Path, mode: int) -> None:
    """Give a file or folder this mode, which lets nobody but the user at it, where there are modes."""
    # A file system without modes refuses or ignores this; the cache is no less usable there.
    with contextlib.suppress(OSError):
        path.chmod(mode)


def _belongs_to_word(character: str) -> bool:
    # Marks (category M) are vowels in many scripts; without them a word would fall apart.
    return unicodedata.category(character) in {"Ll", "Lo", "Lm", "Nd", "Mn", "Mc"}
