"""What git says about a workspace, with everything off that a repository could use against its reader.

A repository's own configuration can name programs for git to run while it compares files: diff drivers, file
system monitors, hooks, filters, transports for objects that are missing. None of them is run here. It can
also name another folder as its work tree; the diff is of the workspace's folder all the same.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from pathlib import Path

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
)
_OWN_SCOPES = ("local", "worktree")
_NO_REPOSITORY = "git has no diff to show here: is this a repository with a commit?"


async def working_diff(folder: Path) -> str:
    """The changes in the folder since the last commit, staged or not. Raises PygptError."""
    top = next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)
    if top is None:
        raise PygptError(_NO_REPOSITORY)
    return await _diff(["-C", os.fspath(folder), f"--work-tree={top}"], "HEAD", "--", ".")


async def staged_diff(git_dir: Path) -> str:
    """What the next commit of the repository with this git folder would hold. Raises PygptError."""
    return await _diff([f"--git-dir={git_dir}"], "--cached")


async def _diff(where: list[str], *what: str) -> str:
    settings = [*_HARMLESS, *await _filters_off(where)]
    options = [word for setting in settings for word in ("-c", setting)]
    output = await _git(*where, *options, "diff", *_PLAIN, *what)
    return output[:MAX_DIFF_BYTES].decode("utf-8", "replace")


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
    """What git prints, up to a little more than MAX_DIFF_BYTES. Raises PygptError."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ALLOW_PROTOCOL": "none",  # nothing is fetched, by no program
        "GIT_NO_LAZY_FETCH": "1",
    }
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
    except OSError as error:
        raise PygptError("git is not installed, so there is no diff to show.") from error
    output = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            while len(output) <= MAX_DIFF_BYTES and (data := await _read(process)):
                output += data
            if len(output) <= MAX_DIFF_BYTES and await process.wait() != 0:
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
