"""What git says about a workspace, with everything off that a repository could use against its reader.

A repository's own configuration can name programs for git to run while it compares files: diff drivers, file
system monitors, hooks, filters, transports for objects that are missing. None of them is run here. It can
also name another folder as its work tree; the diff is of the workspace's folder all the same. `git_folders`
says which repository may be shown.

What a rule keeps back is left out of a diff, whether its old name is excluded or its new one. The names are
taken from the same output as the diff, so that a file which changes meanwhile is not missed.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.git_folders import repository_around, see_that_it_borrows_nothing, work_tree
from pygpt_lsp.services.git_program import run_git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.services.ignore_rules import IgnoreRule

    Excluded: TypeAlias = Callable[[Path], IgnoreRule | None]

MAX_DIFF_BYTES = 1 << 20
_HARMLESS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "diff.relative=false",  # names start at the top, where the rules look for them
)
_PLAIN = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=dirty",  # git would run inside them, under their configuration
    "--find-renames",
    "--raw",
    "--no-abbrev",
    "--patch",
    "-z",
)
_HUNK: Final = re.compile(rb"^(@@ -[0-9,]+ \+[0-9,]+ @@)([^\n]+)", re.MULTILINE)
_NAMES: Final = re.compile(rb"(?:(?![A-Za-z0-9+/=-]{20})[^\"'`=])*")
_RECORD = 20_000  # bytes: more than one file's modes, hashes and names can take
_ROUNDS = 4
_NAMED = 3
_OWN_SCOPES = ("local", "worktree")
_PROGRAMS_OF_FILTERS = "lfs.extension."  # what the user's own filter of Git LFS would run


class Diff(NamedTuple):
    """A diff's text, the files that were left out of it, each with the rule that excludes it, and the files
    that are in it, by their new names."""

    text: str
    left_out: tuple[tuple[str, IgnoreRule], ...] = ()
    files: tuple[str, ...] = ()

    @property
    def left_out_words(self) -> str:
        """What was left out, as a sentence without its full stop; "" where nothing was."""
        if not self.left_out:
            return ""
        some = [f"{visible(name)}, excluded by {rule.words}" for name, rule in self.left_out[:_NAMED]]
        more = len(self.left_out) - _NAMED
        return "The diff leaves out " + "; ".join([*some, *([f"and {more} more"] if more > 0 else [])])

    @property
    def nothing(self) -> str:
        """Why the diff is empty, as the end of a sentence."""
        some = [f"{visible(name)} by {rule.words}" for name, rule in self.left_out[:_NAMED]]
        if not some:
            return "there are no changes to show"
        return f"all that has changed is excluded: {', '.join(some)}"


async def working_diff(folder: Path, excluded: Excluded) -> Diff:
    """The changes in the folder since the last commit, staged or not. Raises PygptError.

    `excluded` gives the rule that keeps a file back, and is called in a thread.
    """
    git_dir, top = await repository_around(folder)
    where = ["-C", os.fspath(folder), f"--git-dir={git_dir}", f"--work-tree={top}"]
    return await _diff(where, ["HEAD", "--", "."], top, excluded)


async def staged_diff(git_dir: Path, excluded: Excluded) -> Diff:
    """What the next commit of the repository with this git folder would hold, as `working_diff`."""
    top = await work_tree(git_dir)
    await see_that_it_borrows_nothing(git_dir)
    return await _diff([f"--git-dir={git_dir}"], ["--cached", "--"], top, excluded)


async def _diff(where: list[str], what: list[str], top: Path, excluded: Excluded) -> Diff:
    settings = [*_HARMLESS, *await _filters_off(where)]
    options = [word for setting in settings for word in ("-c", setting)]
    left_out: dict[str, IgnoreRule] = {}
    without: dict[str, None] = {}
    for _ in range(_ROUNDS):
        output = await run_git(*where, *options, "diff", *_PLAIN, *what, *without)
        names, diff = _taken_apart(output)
        found = await asyncio.to_thread(_left_out, names, top, excluded)
        if not found:
            if len(diff) > MAX_DIFF_BYTES:  # cut at a line's end: half a secret is known by nothing
                diff = diff[: diff.rfind(b"\n", 0, MAX_DIFF_BYTES) + 1]
            text = _HUNK.sub(_plain_heading, diff).decode("utf-8", "replace")
            return Diff(text, tuple(left_out.items()), tuple(pair[-1] for pair in names))
        for name, rule, paths in found:
            left_out[name] = rule
            without |= dict.fromkeys(f":(top,exclude,literal){path}" for path in paths)
    raise PygptError("The files that are excluded keep changing, so there is no diff to show.")


def _plain_heading(hunk: re.Match[bytes]) -> bytes:
    """The first line of a hunk, with names alone behind its numbers. Git repeats a line from above there, cut
    to 80 characters: half a secret, or one line of a private key, which nothing would know."""
    names = _NAMES.match(hunk[2])
    return (hunk[1] + (names.group() if names is not None else b"")).rstrip()


def _taken_apart(output: bytes) -> tuple[list[tuple[str, ...]], bytes]:
    """The names of the files in a diff, of a renamed one the old and the new name, and the diff itself.

    Raises PygptError where not all names have come.
    """
    names: list[tuple[str, ...]] = []
    at = 0
    while output.startswith(b":", at):
        words = output[at : at + _RECORD].split(b"\0", 3)
        count = 2 if words[0].rpartition(b" ")[2][:1] in {b"R", b"C"} else 1
        if len(words) < count + 2:
            raise PygptError("Too many files have changed to look through them: commit some of them first.")
        names.append(tuple(os.fsdecode(word) for word in words[1 : count + 1]))
        at += sum(len(word) + 1 for word in words[: count + 1])
    return names, output[at:].removeprefix(b"\0")


def _left_out(
    names: list[tuple[str, ...]], top: Path, excluded: Excluded
) -> list[tuple[str, IgnoreRule, tuple[str, ...]]]:
    """What a rule keeps back: its name, the rule, and the paths by which git is told to leave it out."""
    found: list[tuple[str, IgnoreRule, tuple[str, ...]]] = []
    for pair in names:
        rules = [(name, rule) for name in pair if (rule := excluded(top / name)) is not None]
        if rules:
            found.append((*rules[0], tuple(_uppermost(name, top, excluded) for name in pair)))
    return found


def _uppermost(name: str, top: Path, excluded: Excluded) -> str:
    """The highest folder of the file that is excluded itself, so that all below it need one word."""
    parts = name.split("/")
    folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    return next((folder for folder in folders if excluded(top / folder) is not None), name)


async def _filters_off(where: list[str]) -> list[str]:
    """The settings that turn off the filters which the repository itself defines; the user's own stay."""
    listed = await run_git(*where, "config", "--null", "--show-scope", "--name-only", "--list")
    words = listed.decode("utf-8", "surrogateescape").split("\0")
    off: list[str] = []
    for scope, name in zip(words[::2], words[1::2], strict=False):
        is_filter = name.startswith("filter.")
        if scope not in _OWN_SCOPES or not (is_filter or name.startswith(_PROGRAMS_OF_FILTERS)):
            continue
        if not is_filter or "=" in name:  # with `=` git would read `-c` in another way than meant
            raise PygptError("This repository defines a filter in a way that is not safe, so git is not run.")
        off.append(f"{name}=false" if name.endswith(".required") else f"{name}=")
    return off
