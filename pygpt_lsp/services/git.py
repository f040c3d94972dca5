"""What git says about a workspace, with everything off that a repository could use against its reader.

A repository's own configuration can name programs for git to run while it compares files: diff drivers, file
system monitors, hooks, filters, transports for objects that are missing. None of them is run here. It can
also name another folder as its work tree; the diff is of the workspace's folder all the same.

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
from pygpt_lsp.services.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygpt_lsp.services.ignore_rules import IgnoreRule

    Excluded: TypeAlias = Callable[[Path], IgnoreRule | None]

MAX_DIFF_BYTES = 1 << 20
_SECONDS = 20.0
_HARMLESS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "safe.bareRepository=explicit",  # a workspace that looks like a git folder is none
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
_MOST_NAMES = 1 << 20  # bytes, with what git says of each
_ROUNDS = 4
_NAMED = 3
_OWN_SCOPES = ("local", "worktree")
_NO_GIT = "git is not installed, so there is no diff to show."
_NO_REPOSITORY = "git has no diff to show here: is this a repository with a commit?"


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
    top = next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)
    if top is None:
        raise PygptError(_NO_REPOSITORY)
    where = ["-C", os.fspath(folder), f"--work-tree={top}"]
    return await _diff(where, ["HEAD", "--", "."], top, excluded)


async def staged_diff(git_dir: Path, excluded: Excluded) -> Diff:
    """What the next commit of the repository with this git folder would hold, as `working_diff`."""
    top = await _work_tree(git_dir)
    return await _diff([f"--git-dir={git_dir}"], ["--cached", "--"], top, excluded)


async def _diff(where: list[str], what: list[str], top: Path, excluded: Excluded) -> Diff:
    settings = [*_HARMLESS, *await _filters_off(where)]
    options = [word for setting in settings for word in ("-c", setting)]
    left_out: dict[str, IgnoreRule] = {}
    without: dict[str, None] = {}
    for _ in range(_ROUNDS):
        output = await _git(*where, *options, "diff", *_PLAIN, *what, *without)
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
    raise PygptError("the files that are excluded keep changing, so there is no diff to show.")


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
            raise PygptError("too many files have changed to look through them: commit some of them first.")
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


async def _work_tree(git_dir: Path) -> Path:
    """The folder that the paths in a repository start at: the one that holds its git folder; that of a linked
    work tree or of a submodule is named in the git folder."""
    if git_dir.name == ".git":
        return git_dir.parent
    if linked := await asyncio.to_thread(_linked_work_tree, git_dir):
        return linked
    try:
        named = await _git(f"--git-dir={git_dir}", "config", "--null", "--local", "--get", "core.worktree")
    except PygptError:
        return git_dir.parent
    return git_dir / os.fsdecode(named.rstrip(b"\0"))


def _linked_work_tree(git_dir: Path) -> Path | None:
    linked = git_dir / "gitdir"
    if not linked.is_file():
        return None
    with linked.open("rb") as file:
        return (git_dir / os.fsdecode(file.read(_RECORD).strip())).parent


async def _filters_off(where: list[str]) -> list[str]:
    """The settings that turn off the filters which the repository itself defines; the user's own stay."""
    listed = await _git(*where, "config", "--null", "--show-scope", "--name-only", "--list")
    words = listed.decode("utf-8", "surrogateescape").split("\0")
    off: list[str] = []
    for scope, name in zip(words[::2], words[1::2], strict=False):
        if scope not in _OWN_SCOPES or not name.startswith("filter."):
            continue
        if "=" in name:  # git would read `-c` in another way than meant
            raise PygptError("This repository defines a filter in a way that is not safe, so git is not run.")
        off.append(f"{name}=false" if name.endswith(".required") else f"{name}=")
    return off


async def _git(*arguments: str) -> bytes:
    """What git prints, up to as much as a diff and the names of its files may take. Raises PygptError."""
    most = MAX_DIFF_BYTES + _MOST_NAMES
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ALLOW_PROTOCOL": "none",  # nothing is fetched, by no program
        "GIT_NO_LAZY_FETCH": "1",
    }
    program = find_program("git")
    if program is None:
        raise PygptError(_NO_GIT)
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
    except OSError as error:
        raise PygptError(_NO_GIT) from error
    output = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            while len(output) <= most and (data := await _read(process)):
                output += data
            if len(output) <= most and await process.wait() != 0:
                raise PygptError(_NO_REPOSITORY)
    except TimeoutError as error:
        raise PygptError("git did not answer, so there is no diff to show.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return bytes(output)


async def _read(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read(1 << 16) if process.stdout is not None else b""
