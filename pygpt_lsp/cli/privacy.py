"""`pygpt-lsp privacy`: what left this machine, to the byte, and what may leave it.

It opens the ledgers and sends nothing.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

from pygpt_lsp.core.body_shape import body_from, hash_of
from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.ledger import LedgerView, together
from pygpt_lsp.core.privacy_report import Line, PrivacyReport, as_json, as_lines
from pygpt_lsp.core.settings import resolve
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.config_files import find_layers
from pygpt_lsp.services.history_export import local_time
from pygpt_lsp.services.ledger_notes import notes_of, take_in
from pygpt_lsp.services.privacy_facts import hosts_in_force, switches_in_force

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pygpt_lsp.core.ledger import LedgerRow
    from pygpt_lsp.services.cache_folder import CacheFolder
    from pygpt_lsp.services.history import HistoryStore

T = TypeVar("T")

_ROWS: Final = 20
_EVERY: Final = 2**31 - 1
_MEMORY: Final = "What goes out while no history is kept, only the running server counts: pygpt.privacy.show."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command `privacy`; its `run` takes the parsed arguments and returns the exit code.

    0: done. 1: a ledger cannot be read, or does not hold what was sent (`--verify`).
    """
    summary = "show what left this machine, to the byte, and what may leave it"
    parser = commands.add_parser("privacy", help=summary, description=f"{summary.capitalize()}.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--workspace", type=Path, metavar="DIR", help="the workspace (default: the one you are in)"
    )
    which.add_argument("--all", action="store_true", help="every workspace that was asked in")
    parser.add_argument("--json", action="store_true", help="as JSON, with every row")
    parser.add_argument(
        "--rows", type=int, metavar="N", help=f"show the newest N requests (default: {_ROWS})"
    )
    parser.add_argument(
        "--verify", action="store_true",
        help="make each request's body again from the history and compare it with the hash of what was sent",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the report; the exit code tells whether something is wrong."""
    from pygpt_lsp.services.workspace_cache import nearest_workspace

    root = (args.workspace or nearest_workspace(Path.cwd())).absolute()
    out: TextIO = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(encoding="utf-8", newline="\n")
    usual = _EVERY if args.json else _ROWS
    ledgers = _Ledgers(usual if args.rows is None else max(args.rows, 0))
    ledgers.read(root, everything=args.all)
    if args.verify:
        ledgers.verify()
    resolved = resolve(find_layers(os.environ, root).layers)
    scope = (
        "This counts all workspaces that pygpt-lsp knows of, none of them among the temporary files."
        if args.all
        else f"This counts {root}, and what concerns no workspace; --all counts other workspaces too."
    )
    report = PrivacyReport(
        f"{scope} {_MEMORY}",
        hosts_in_force(resolved, os.environ),
        (*switches_in_force(resolved), Line("", "What your editor sends comes on top of these.")),
        tuple(ledgers.files),
        together(ledgers.views, ledgers.most_rows),
    )
    if args.json:
        print(json.dumps(as_json(report, local_time), ensure_ascii=False, indent=2))
    else:
        print("\n".join(visible(line) for line in as_lines(report, local_time)))
    for sentence in ledgers.said:
        print(visible(sentence), file=sys.stderr)
    return 1 if ledgers.wrong else 0


class _Ledgers:
    """The ledgers that were read, and what is to be said of them."""

    def __init__(self, most_rows: int) -> None:
        self.most_rows = most_rows
        self.views: list[LedgerView] = []
        self.files: list[Line] = []
        self.said: list[str] = []
        self.wrong = False
        self._folders: list[CacheFolder] = []

    def read(self, root: Path, *, everything: bool) -> None:
        """Read that of the workspace, or all there are, and that of no workspace."""
        from pygpt_lsp.services.workspace_cache import find_cache, possible_caches

        machine = possible_caches(None)[0]
        roots: list[Path | None] = [None, root]
        if machine.history_path.is_file() or notes_of(machine):
            places = self._use(machine, _taken_in) or ()
            known = [Path(place) for place in places if everything]
            gone = sum(find_cache(place) is None for place in known)
            if gone:
                they = counted(gone, "workspace is", "workspaces are")
                self.files.append(Line("", f"{they} gone, and what was counted there with it"))
            roots += known
        for folder in filter(None, map(find_cache, roots)):
            if folder.path in {known.path for known in self._folders}:
                continue
            view = self._use(folder, lambda store: store.ledger(self.most_rows))
            if view is not None:
                self._folders.append(folder)
                self.views.append(view)
                began = "" if view.since is None else f", since {local_time(view.since)}"
                self.files.append(Line("ledger", f"{folder.history_path}{began}"))
        if not self.files:
            self.files.append(Line("ledger", "none yet"))

    def verify(self) -> None:
        """Make the bodies again that can be, and say which are not what was sent."""
        same = gone = 0
        for folder in self._folders:
            for row, found in self._use(folder, _bodies) or ():
                gone += found is None
                same += found == row.body_hash
                if found not in (None, row.body_hash):
                    self.wrong = True
                    self.said.append(f"The history no longer holds what was sent at {local_time(row.sent)}.")
        self.said.append(
            f"{counted(same, 'body is', 'bodies are')} what the history holds, byte for byte; "
            f"{counted(gone, 'request has', 'requests have')} nothing there to compare with (version checks, "
            "lists of models, deleted conversations)."
        )

    def _use(self, folder: CacheFolder, work: Callable[[HistoryStore], T]) -> T | None:
        """What `work` finds; None where the ledger cannot be read, which is said."""
        from pygpt_lsp.services.history import HistoryStore

        try:
            folder.prepare()
            store = HistoryStore.open(folder)
            try:
                self.said += [store.notice] if store.notice else []
                return work(store)
            finally:
                store.close()
        except HistoryError as error:
            self.said.append(error.sentence)
        except OSError:
            self.said.append(f"The ledger in {folder.path} cannot be opened: check its permissions.")
        self.wrong = True
        return None


def _taken_in(store: HistoryStore) -> list[str]:
    """Store what waits to be, and give the workspaces that have a ledger."""
    take_in(store)
    return store.places()


def _bodies(store: HistoryStore) -> list[tuple[LedgerRow, str | None]]:
    return [(row, _body_of(store, row)) for row in store.ledger(_EVERY).rows]


def _body_of(store: HistoryStore, row: LedgerRow) -> str | None:
    """The hash of the body as the history gives it back; None where it cannot."""
    if row.turn is None or not row.body_shape:
        return None
    texts = [message.content for message in store.messages_of(row.turn)]
    try:
        return hash_of(body_from(row.body_shape, texts))
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
