"""`pygpt-lsp import-pygpt`: presets, prompts and conversations of PYGPT, the desktop application, taken over.

Only when asked, and only what is asked for. It says first what it will do and where; it reads the
application's folder and never writes there; it never opens `config.json`, which holds the application's key.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from pygpt_lsp.cli.doctor import agreed
from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.settings import resolve
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.config_files import find_layers, user_path
from pygpt_lsp.services.desktop_data import (
    Presets,
    Prompts,
    desktop_folder,
    existing,
    read_presets,
    read_prompts,
)
from pygpt_lsp.services.desktop_history import read_conversations
from pygpt_lsp.services.desktop_import import NewFile, preset_file, prompt_file, write_files
from pygpt_lsp.services.history_export import local_time
from pygpt_lsp.services.workspace_cache import nearest_workspace, open_cache

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pygpt_lsp.services.history_records import AddedConversation

_TITLE_CHARACTERS = 80


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command to those of `pygpt-lsp`; its `run` returns the exit code.

    0: done. 1: not done, or not wholly; the reason is on stderr.
    """
    summary = "take over presets, prompts and conversations of the desktop application PYGPT"
    parser = commands.add_parser("import-pygpt", help=summary, description=f"{summary}; it is only read.")
    parser.add_argument("--list", action="store_true", help="show what there is, and take over nothing")
    parser.add_argument("--presets", action="store_true", help="presets, for all your workspaces")
    parser.add_argument("--prompts", action="store_true", help="prompts, for all your workspaces")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--conversations", metavar="QUERY", help="the conversations in which every word of QUERY occurs"
    )
    which.add_argument("--all-conversations", action="store_true", help="every conversation")
    parser.add_argument(
        "--from", dest="folder", type=Path, metavar="FOLDER",
        help="PYGPT's folder (default: PYGPT_WORKDIR, else ~/.config/pygpt-net, or where its path.cfg leads)",
    )  # fmt: skip
    parser.add_argument(
        "--workspace", type=Path, metavar="DIR",
        help="whose history takes the conversations (default: the workspace you are in, else this folder)",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="do not ask before it is done")
    parser.set_defaults(run=run)


class _Found(NamedTuple):
    """What was asked for and is there."""

    presets: Presets
    prompts: Prompts
    conversations: Sequence[AddedConversation]
    problems: Sequence[str]


def run(args: argparse.Namespace) -> int:
    """Find, say, ask, do."""
    out: TextIO = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(encoding="utf-8")  # a redirected stream on Windows lacks most characters
    if not (args.list or args.presets or args.prompts or args.all_conversations or args.conversations):
        return _fail(
            "Say what to take over: --presets, --prompts, --conversations QUERY or --all-conversations; "
            "--list shows what there is."
        )
    try:
        folder = existing(args.folder) if args.folder is not None else desktop_folder(os.environ, Path.home())
        found = _find(args, folder)
        for problem in found.problems:
            _tell(problem)
        if args.list:
            _show(found)
            code = 0
        else:
            code = _take_over(args, folder, found)
    except PygptError as error:
        return _fail(error.sentence)
    except OSError as error:
        return _fail(f"{error.filename or 'A file'} cannot be written: {error.strerror}.")
    return 1 if found.problems else code


def _find(args: argparse.Namespace, folder: Path) -> _Found:
    everything = args.list and not (args.presets or args.prompts or args.conversations)
    presets = read_presets(folder) if args.presets or everything else Presets((), 0, ())
    prompts = read_prompts(folder) if args.prompts or everything else Prompts((), ())
    problems = [*presets.problems, *prompts.problems]
    conversations: list[AddedConversation] = []
    if args.conversations or args.all_conversations or everything:
        try:
            conversations = read_conversations(folder, (args.conversations or "").split())
        except PygptError as error:
            problems.append(error.sentence)
    return _Found(presets, prompts, conversations, problems)


def _show(found: _Found) -> None:
    for preset in found.presets.presets:
        print(f"preset        {_short(preset.name)}")
    for prompt in found.prompts.prompts:
        print(f"prompt        {_short(prompt.name)}")
    for each in found.conversations:
        when = local_time(each.turns[-1].finished)
        print(f"conversation  {when}  {counted(len(each.turns), 'turn'):>9}  {_short(each.title)}")
    if not (found.presets.presets or found.prompts.prompts or found.conversations):
        _tell("Nothing found.")


def _take_over(args: argparse.Namespace, folder: Path, found: _Found) -> int:
    config = user_path(os.environ).parent
    root = (args.workspace or nearest_workspace(Path.cwd())).absolute()
    presets = [preset_file(preset) for preset in found.presets.presets]
    prompts = [prompt_file(prompt) for prompt in found.prompts.prompts]
    if not (presets or prompts or found.conversations):
        _tell(f"There is nothing of that in {folder}.")
        return 1
    settings = resolve(find_layers(os.environ, root).layers).settings
    if found.conversations and not settings.history_enabled:
        return _fail("Nothing was taken over: conversations are not kept while history.enabled is false.")
    print(f"From {folder}, which is only read:")
    if presets:
        print(f"  {counted(len(presets), 'preset')} to {config / 'presets'}")
    if prompts:
        print(f"  {counted(len(prompts), 'prompt')} to {config / 'prompts'}")
    if found.conversations:
        print(f"  {counted(len(found.conversations), 'conversation')} to the history of {root}")
        _warn_of_retention(settings.history_retention_days, found.conversations)
    if found.presets.others:
        print(f"  ({counted(found.presets.others, 'preset')} for images, agents and the like: left out)")
    print("Nothing is written over.")
    if not args.yes and not agreed("Go on? [y/N] "):
        return _fail("Nothing was taken over.")
    code = 0
    for noun, files in (("preset", presets), ("prompt", prompts)):
        if files:
            code |= _write(noun, config / f"{noun}s", files)
    if found.conversations:
        _add(root, found.conversations)
    return code


def _warn_of_retention(days: int, conversations: Sequence[AddedConversation]) -> None:
    if days:
        oldest = local_time(min(each.turns[-1].finished for each in conversations))
        print(
            f"  (history.retention_days is {days}: those unchanged for longer are deleted when an editor "
            f"starts; the oldest is of {oldest})"
        )


def _write(noun: str, folder: Path, files: list[NewFile]) -> int:
    written = write_files(folder, files)
    for path in written.paths:
        print(path)
    print(f"Took over {counted(len(written.paths), noun)}{_already(written.there)}.")
    if written.too_large:
        return _fail(f"{counted(written.too_large, noun)} too large to be used: left out.")
    return 0


def _add(root: Path, conversations: Sequence[AddedConversation]) -> None:
    """Store the conversations. Raises PygptError; what is stored then stays."""
    from pygpt_lsp.services.history import HistoryStore

    location = open_cache(root)
    if location.reason:
        _tell(location.reason)
    store = HistoryStore.open(location.folder)
    try:
        if store.notice:
            _tell(store.notice)
        # The oldest first: among equals, what came into the history last counts as the newest.
        added = sum(store.add(each) is not None for each in reversed(conversations))
    finally:
        store.close()
    there = _already(len(conversations) - added)
    print(f"Took over {counted(added, 'conversation')}{there}: `pygpt-lsp history list` shows them.")


def _short(text: str) -> str:
    line = " ".join(visible(text, keep="\n\t").split())
    return line if len(line) <= _TITLE_CHARACTERS else f"{line[: _TITLE_CHARACTERS - 1]}…"


def _already(there: int) -> str:
    return f"; {counted(there, 'was', 'were')} there already" if there else ""


def _tell(sentence: str) -> None:
    print(visible(sentence), file=sys.stderr)


def _fail(sentence: str) -> int:
    _tell(sentence)
    return 1
