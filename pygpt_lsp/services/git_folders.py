"""Which repository a workspace belongs to, and that nothing in its git folder leads into another one.

A git folder can take all it shows from elsewhere: by a `.git` file, links, `commondir`, `alternates`. Whoever
packs an archive can so have the reader's other repositories shown as if they were part of it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.git_program import NO_REPOSITORY, run_git

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 20_000  # bytes of a path in a file of git's
_READ: Final = ("HEAD", "index", "packed-refs", "refs", "reftable", "objects", "commondir")
"""What git reads of a git folder for a diff, but for settings."""


async def repository_around(folder: Path) -> tuple[Path, Path]:
    """The git folder and the top folder of the repository that the folder lies in.

    Raises PygptError where there is none, or where it is another one than that of these files.
    """
    top = await asyncio.to_thread(_top_of, folder)
    if top is None:
        raise PygptError(NO_REPOSITORY)
    # A workspace that itself looks like a git folder is none.
    where = ("-C", os.fspath(folder), "-c", "safe.bareRepository=explicit")
    git_dir = _path(await run_git(*where, "rev-parse", "--absolute-git-dir"))
    if not await asyncio.to_thread(_same, await work_tree(git_dir), top):
        raise PygptError(
            f"git has no diff to show here: {visible(str(git_dir))} is not the repository of this folder, or "
            "its setting core.worktree does not say so."
        )
    await see_that_it_borrows_nothing(git_dir)
    return git_dir, top


async def work_tree(git_dir: Path) -> Path:
    """The folder that the paths in a repository start at: the one that holds its git folder; that of a linked
    work tree or of a submodule is named in the git folder. Raises PygptError."""
    if git_dir.name == ".git":
        return git_dir.parent
    if linked := await asyncio.to_thread(_content, git_dir / "gitdir"):
        return (git_dir / linked).parent
    try:
        named = await run_git(f"--git-dir={git_dir}", "config", "--null", "--local", "--get", "core.worktree")
    except PygptError:
        return git_dir.parent
    return git_dir / os.fsdecode(named.rstrip(b"\0"))


async def see_that_it_borrows_nothing(git_dir: Path) -> None:
    """Raise PygptError where what a git folder shows lies elsewhere, but for the one that a linked work tree
    shares with its repository, or where that cannot be seen."""
    try:
        way_out = await asyncio.to_thread(_way_out, git_dir)
    except OSError as error:
        unread = f"{visible(str(error.filename))} cannot be read ({error.strerror})"
        raise PygptError(f"git has no diff to show here: {unread}.") from error
    if way_out is not None:
        raise PygptError(
            f"git has no diff to show here: {visible(str(way_out))} leads to another repository, which may "
            "hold what is not meant to be sent."
        )


def _top_of(folder: Path) -> Path | None:
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def _way_out(git_dir: Path) -> Path | None:
    common = _content(git_dir / "commondir")
    if common is not None and not _same(git_dir / common / "worktrees", git_dir.parent):
        return git_dir / "commondir"
    for folder in (git_dir, git_dir / (common or "")):
        alternates = folder / "objects/info/alternates"
        if _content(alternates):
            return alternates
        real = os.path.realpath(folder)
        for link in _links(folder):
            if not Path(os.path.realpath(link)).is_relative_to(real):
                return link
    return None


def _links(folder: Path) -> Iterator[Path]:
    """The links in what git reads of the git folder."""
    pending: list[Path] = []
    for name in _READ:
        path = folder / name
        if path.is_symlink():
            yield path
        elif path.is_dir():
            pending.append(path)
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_symlink():
                    yield Path(entry.path)
                elif entry.is_dir():
                    pending.append(Path(entry.path))


def _content(file: Path) -> str | None:
    """The path that a file of git's holds; None where there is no such file."""
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        return os.fsdecode(opened.read(_LONGEST).strip())


def _path(printed: bytes) -> Path:
    return Path(os.fsdecode(printed.removesuffix(b"\n")))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
