"""`pygpt-lsp history delete`: conversations by their ids, or all that is kept of a workspace.

All means what a user would expect not to find again: conversations, chat documents whether a conversation
has them or not, code that was copied from chats, histories that were set aside; in the workspace and in what
stood in for its cache while that could not be written. The chosen model stays, and the ledger's bare numbers.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.history_export import local_time

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import Erased

_EVERY = 2**31 - 1


def delete(args: argparse.Namespace, store: HistoryStore) -> int:
    """Delete the conversations that are named; the exit code. Raises PygptError."""
    doomed = {found.id: found for found in (store.conversation(wanted) for wanted in args.ids)}
    for found in doomed.values():
        turns = f"{counted(len(found.turns), 'turn'):>9}"
        print(f"{found.id}  {local_time(found.updated)}  {turns}  {visible(found.title)}")
    what = "this conversation" if len(doomed) == 1 else f"these {len(doomed)} conversations"
    if not args.yes and not _agreed(f"Delete {what} for good? [y/N] "):
        return _fail("Nothing was deleted.")
    return _told([store.delete(*doomed)])


def delete_all(root: Path | None, *, yes: bool) -> int:
    """Delete all that is kept of the workspace at `root` (None: of no workspace); the exit code.

    `yes`: without asking first. Raises PygptError, OSError.
    """
    from pygpt_lsp.core.pages import CHAT_SUFFIX
    from pygpt_lsp.services.cache_files import files_of, remove_files
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.workspace_cache import possible_caches

    with contextlib.ExitStack() as stack:
        stores: list[HistoryStore] = []
        for folder in possible_caches(root):
            if folder.path.is_dir():
                folder.prepare()
                store = HistoryStore.open(folder)
                stack.callback(store.close)
                stores.append(store)
        if not stores:
            return _fail("Nothing is kept here.")
        for store in stores:
            files = files_of(store.cache)
            counts = [
                counted(len(store.conversations(_EVERY)), "conversation"),
                counted(sum(path.name.endswith(CHAT_SUFFIX) for path in files.chats), "chat document"),
                counted(len(files.copies), "copy of code", "copies of code"),
                counted(len(files.set_aside), "history that was set aside", "histories that were set aside"),
            ]
            kept = ", ".join(count for count in counts if not count.startswith("0 "))
            print(f"{store.cache.path}: {kept or 'nothing'}")
        if not yes and not _agreed("Delete all of it for good? [y/N] "):
            return _fail("Nothing was deleted.")
        erased: list[Erased] = []
        for store in stores:
            erased.append(store.delete_all())
            try:
                remove_files(store.cache)
            except OSError as error:
                raise HistoryError(f"{error.filename} cannot be removed: {error.strerror}.") from error
        return _told(erased)


def _told(erased: list[Erased]) -> int:
    print(f"Deleted {counted(sum(each.conversations for each in erased), 'conversation')}.")
    if all(each.complete for each in erased):
        return 0
    return _fail("Another program was using the history: the last traces go when the history is next opened.")


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
