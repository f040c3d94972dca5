"""What git says about a workspace, with everything off that a repository could use to run a program."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from pathlib import Path

MAX_DIFF_BYTES = 1 << 20
_SECONDS = 20.0
# A repository's configuration can name programs for these; none of them is run.
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "-c", "core.quotePath=false")
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")


async def working_diff(folder: Path) -> str:
    """The changes since the last commit, staged or not. Raises PygptError."""
    return await _git("-C", os.fspath(folder), *_HARMLESS, "diff", *_PLAIN, "HEAD")


async def staged_diff(git_dir: Path) -> str:
    """What the next commit of the repository with this git folder would hold. Raises PygptError."""
    return await _git(f"--git-dir={git_dir}", *_HARMLESS, "diff", *_PLAIN, "--cached")


async def _git(*arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
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
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise PygptError("git did not answer, so there is no diff to show.") from error
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise PygptError("git has no diff to show here: is this a repository with a commit?")
    return output[:MAX_DIFF_BYTES].decode("utf-8", "replace")
