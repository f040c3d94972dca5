"""`pygpt-lsp history`: list, search, show, delete and export what was asked, without an editor.

Much of what it prints came from a model or from a repository: none of that may steer the terminal.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias

from pygpt_lsp.cli.history_delete import delete, delete_all
from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.errors import HistoryError, PygptError
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.chat_files import read_chat
from pygpt_lsp.services.history_export import as_chat, as_json_lines, as_page, local_time

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.history_records import StoredConversation

    Command: TypeAlias = Callable[[argparse.Namespace, HistoryStore], int]
    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]

_EVERY = 2**31 - 1
_LAYOUT = "\n\t"
_SEARCH_HELP = (
    "find messages, the newest first; every word must begin a word of the message, in whatever case, with or "
    "without accents"
)


def add_parser(subparsers: Subparsers) -> None:
    """Add the command `history`; its `run` takes the parsed arguments and returns the exit code.

    0: done. 1: not done, or not wholly; the reason is on stderr.
    """
    parser = subparsers.add_parser("history", help="list, search, show, delete or export what was asked")
    commands = parser.add_subparsers(dest="history_command", required=True, metavar="COMMAND")

    def command(name: str, work: Command, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.add_argument(
            "--workspace",
            type=Path,
            metavar="DIR",
            help="the workspace (default: the nearest folder upwards with a cache, else this folder)",
        )
        added.add_argument(
            "--no-workspace", action="store_true", help="what was asked while no folder was open"
        )
        added.set_defaults(run=functools.partial(_run, work))
        return added

    listing = command("list", _list, "list conversations, the newest first")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="at most N (default: 50)")
    searching = command("search", _search, _SEARCH_HELP)
    searching.add_argument(
        "query", nargs="+", metavar="QUERY",
        help='words, or beginnings of words; "words in double quotes" must follow each other, whole',
    )  # fmt: skip
    searching.add_argument("--limit", type=int, default=20, metavar="N", help="at most N (default: 20)")
    showing = command("show", _show, "print a conversation")
    showing.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    deleting = command("delete", delete, "delete conversations and their chat documents for good")
    which = deleting.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", default=[], metavar="ID", help="ids, or the beginnings of them")
    which.add_argument(
        "--all", action="store_true",
        help="all that is kept of the workspace: every conversation and chat document, copies of code, "
        "histories that were set aside",
    )  # fmt: skip
    deleting.add_argument("--yes", action="store_true", help="do not ask first")
    exporting = command("export", _export, "write conversations to standard output, as UTF-8")
    exporting.add_argument("id", nargs="?", metavar="ID", help="only this one (default: all, newest first)")
    exporting.add_argument(
        "--format",
        choices=["md", "jsonl"],
        default="md",
        help="md: as it stood last, with the lines that named the context; jsonl: every turn as a JSON "
        "object, with all that was sent (default: md)",
    )


def _run(work: Command, args: argparse.Namespace) -> int:
    from pygpt_lsp.services.history import HistoryStore
    from pygpt_lsp.services.workspace_cache import find_cache, nearest_workspace

    out: TextIO = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        # A redirected stream on Windows would refuse what its code page lacks, and change line endings.
        out.reconfigure(encoding="utf-8", newline="\n")
    root: Path | None = None if args.no_workspace else args.workspace or nearest_workspace(Path.cwd())
    if getattr(args, "all", False):
        return _delete_all(args, root)
    folder = find_cache(root)
    if folder is None:
        where = f"in {root}" if root is not None else "without a workspace"
        return _fail(f"Nothing has been asked {where} yet (see --workspace and --no-workspace).")
    try:
        folder.prepare()
        store = HistoryStore.open(folder)
    except HistoryError as error:
        return _fail(error.sentence)
    except OSError:
        return _fail(f"The history in {folder.path} cannot be opened: check its permissions.")
    try:
        if store.notice:
            _tell(store.notice)
        return work(args, store)
    except PygptError as error:
        return _fail(error.sentence)
    finally:
        store.close()


def _delete_all(args: argparse.Namespace, root: Path | None) -> int:
    try:
        return delete_all(root, yes=args.yes)
    except PygptError as error:
        return _fail(error.sentence)
    except OSError as error:
        return _fail(f"What is kept cannot be deleted: {error}.")


def _list(args: argparse.Namespace, store: HistoryStore) -> int:
    for found in store.conversations(max(args.limit, 0)):
        turns = f"{counted(found.turns, 'turn'):>9}"
        print(f"{found.id}  {local_time(found.updated)}  {turns}  {found.status:<11}  {visible(found.title)}")
    return 0


def _search(args: argparse.Namespace, store: HistoryStore) -> int:
    hits = store.search(" ".join(args.query), max(args.limit, 0))
    for hit in hits:
        print(f"{hit.conversation_id}  {local_time(hit.when)}  {visible(hit.title)}")
        print(f"    {hit.role}: {visible(hit.snippet)}")
    if not hits:
        _tell("Nothing found.")
    return 0


def _show(args: argparse.Namespace, store: HistoryStore) -> int:
    conversation = store.conversation(args.id)
    print(f"{conversation.id}  {local_time(conversation.updated)}  {visible(conversation.title)}")
    for turn in conversation.turns:
        outcome = f"{turn.status}: {turn.error}" if turn.error else turn.status
        model = turn.reported_model or turn.model
        print(f"  {local_time(turn.created)}  {visible(f'{turn.action}  {model}  {outcome}')}")
    for message in conversation.thread():
        text = message.content.replace("\r\n", "\n")
        print(f"\n[{message.role}]\n{visible(text, keep=_LAYOUT)}")
    return 0


def _export(args: argparse.Namespace, store: HistoryStore) -> int:
    if args.id:
        _write(_exported(store.conversation(args.id), args.format, alone=True))
        return 0
    for number, found in enumerate(store.conversations(_EVERY)):
        if number and args.format == "md":
            _write(["\n"])
        _write(_exported(store.conversation(found.id), args.format, alone=False))
    return 0


def _exported(conversation: StoredConversation, wanted: str, *, alone: bool) -> Iterable[str]:
    """One conversation in the format that is wanted. `alone` in its file it is a chat that can be sent on."""
    if wanted == "jsonl":
        return (f"{line}\n" for line in as_json_lines(conversation))
    path = conversation.chat_path
    document: str | None = None
    if path is not None:
        with contextlib.suppress(PygptError):  # it is gone: then the history has what was said
            document = read_chat(path)
    if not alone:
        return [as_page(conversation, document)]
    return [as_chat(conversation, folded=True) if document is None else document]


def _write(texts: Iterable[str]) -> None:
    """Write `texts` exactly as they are to a file or a pipe, and harmlessly to a terminal."""
    terminal = sys.stdout.isatty()
    for text in texts:
        sys.stdout.write(visible(text, keep=_LAYOUT) if terminal else text)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _fail(sentence: str) -> int:
    _tell(sentence)
    return 1
