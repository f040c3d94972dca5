"""Running git: found outside of the workspace, bounded in time and output, and never on the network."""

from __future__ import annotations

import asyncio
import os

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services.programs import find_program

NO_REPOSITORY = "git has no diff to show here: is this a repository with a commit?"

_SECONDS = 20.0
_MOST_BYTES = 2 << 20
_NO_GIT = "git is not installed, so there is no diff to show."


async def run_git(*arguments: str) -> bytes:
    """What git prints, up to somewhat more than 2 MiB. Raises PygptError where it fails before that."""
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
            while len(output) <= _MOST_BYTES and (data := await _read(process)):
                output += data
            if len(output) <= _MOST_BYTES and await process.wait() != 0:
                raise PygptError(NO_REPOSITORY)
    except TimeoutError as error:
        raise PygptError("git did not answer, so there is no diff to show.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return bytes(output)


async def _read(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read(1 << 16) if process.stdout is not None else b""
