"""`pygpt-lsp demo`: a real editor client, the real server and a real file, played in the terminal.

With OPENAI_API_KEY set it asks the model that the user's settings name; without, an embedded stand-in
answers and nothing leaves the machine. All it writes is in one temporary folder. A file of the user's is
copied there and never changed.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pygpt_lsp.cli.demo_source import read_source, sample
from pygpt_lsp.cli.demo_story import KEY_VARIABLE, LOG_NAME, Story
from pygpt_lsp.cli.screen import Screen, print_nowhere
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    import argparse

_INTERRUPTED = 130
_LOG_LINES = 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command `demo`; its `run` returns 0 where all was shown, 1 with a sentence where not."""
    parser = subparsers.add_parser(
        "demo",
        help="see it work in this terminal, with or without a key",
        description="Plays an editor with the real server in this terminal: the action menu, an explanation "
        "in a chat, a documented function, and what was stored and sent.",
    )
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="work on a copy of this file, which stays as it is"
    )
    parser.add_argument(
        "--offline",
        action="store_true",
        help=f"ask nobody, even where {KEY_VARIABLE} is set: a small stand-in answers",
    )
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder, to look around in it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play the demo; the exit code."""
    out: TextIO = sys.stdout
    if isinstance(out, io.TextIOWrapper) and not out.isatty():
        # A redirected stream on Windows would lose what its code page lacks.
        out.reconfigure(encoding="utf-8")
    screen = Screen(sys.stdout, os.environ)
    base: Path | None = None
    try:
        source = read_source(args.file) if args.file else sample()
        base = _temporary_folder()
        asyncio.run(Story(screen, base, source, os.environ, offline=args.offline).play())
    except PygptError as error:
        if base is not None:
            screen.line()
        _fail(Screen(sys.stderr, os.environ), error.sentence, base)
        return 1
    except KeyboardInterrupt:
        screen.line()
        screen.line("Stopped.")
        return _INTERRUPTED
    except BrokenPipeError:
        print_nowhere()
        return 1
    finally:
        if base is not None:
            _leave(screen, base, keep=args.keep)
    return 0


def _fail(errors: Screen, sentence: str, base: Path | None) -> None:
    """The sentence, and what the server has logged, which goes away with the folder."""
    errors.item("Failed: ", visible(sentence), "red", "bold")
    log = base / LOG_NAME if base is not None else None
    if log is not None and log.exists() and (lines := log.read_text("utf-8", "replace").splitlines()):
        errors.line("The server's log ends with:")
        for line in lines[-_LOG_LINES:]:
            errors.line(f"  {visible(line)}")


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="pygpt-lsp-demo-")).resolve()
    except OSError as error:
        raise PygptError(
            f"There is no place for temporary files ({error.strerror}): set TMPDIR to a folder that can be "
            "written."
        ) from error


def _leave(screen: Screen, base: Path, *, keep: bool) -> None:
    """Take away what was written, or say where it is."""
    screen.line()
    if not keep:
        shutil.rmtree(base, ignore_errors=True)
        if not base.exists():
            screen.item("  ", "What the demo wrote is removed again; --keep keeps it.")
            return
    screen.item("  ", f"What the demo wrote is in {base}")
