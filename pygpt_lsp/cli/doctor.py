"""`pygpt-lsp doctor`: what is in force, what works, and what to do where something does not.

The exit code is 0 where everything works and 1 where something is broken; what is only worth a look does not
count. The key is never shown. Nothing is sent before the user has seen the request and agreed, by an answer
in the terminal or by `--yes`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygpt_lsp import __version__
from pygpt_lsp.cli.doctor_checks import (
    Check,
    check_cache,
    check_command,
    check_extra,
    check_sqlite,
    find_key,
    machine,
    settings_checks,
)
from pygpt_lsp.cli.editors import EDITORS
from pygpt_lsp.cli.screen import Screen
from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.errors import RequestRefused
from pygpt_lsp.core.settings import CHOSEN, DEFAULT, Resolved, Settings, described, resolve_with_choice
from pygpt_lsp.services.chosen_model import find_choice
from pygpt_lsp.services.config_files import WORKSPACE_FILE, Found, find_layers, user_path
from pygpt_lsp.services.workspace_cache import nearest_workspace

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pygpt_lsp.cli.screen import Style
    from pygpt_lsp.core.settings import ChosenModel
    from pygpt_lsp.services.api_key import FoundKey
    from pygpt_lsp.services.api_probe import Probed
    from pygpt_lsp.services.egress import Egress
    from pygpt_lsp.services.ledger import Ledger

_STYLES: Mapping[str, Style] = {"ok": "green", "skip": "dim", "note": "yellow", "fail": "red"}
_LABEL_WIDTH = 12


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command to those of `pygpt-lsp`."""
    parser = commands.add_parser("doctor", help="check the set-up and show how to attach an editor")
    parser.add_argument(
        "--workspace", type=Path, metavar="DIR", help="the workspace to look at (default: the one you are in)"
    )
    network = parser.add_mutually_exclusive_group()
    network.add_argument(
        "--yes", action="store_true", help="ask the API for its models without asking you first"
    )
    network.add_argument("--no-network", action="store_true", help="send nothing and do not ask")
    parser.add_argument("--editors", action="store_true", help="only show in full how to attach each editor")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the findings; the exit code tells whether something is broken."""
    screen = Screen(sys.stdout, os.environ)
    if args.editors:
        _show_editors(screen)
        return 0
    return _Doctor(screen, os.environ, args).examine()


class _Doctor:
    """One examination; it counts what it finds."""

    def __init__(self, screen: Screen, env: Mapping[str, str], args: argparse.Namespace) -> None:
        self._screen = screen
        self._env = env
        self._args = args
        self._counts = dict.fromkeys(_STYLES, 0)

    def examine(self) -> int:
        root = (self._args.workspace or nearest_workspace(Path.cwd())).absolute()
        found = find_layers(self._env, root)
        choice = find_choice(root)
        resolved = resolve_with_choice(found.layers, choice)
        self._screen.line(self._screen.paint(f"pygpt-lsp {__version__}", "bold") + f" on {machine()}")
        self._show_settings(root, found, resolved, choice)
        self._screen.heading("Checks")
        self._check_machine(root)
        for check in settings_checks((*found.problems, *resolved.problems), root / WORKSPACE_FILE):
            self._report(check)
        self._check_api(resolved.settings)
        self._screen.heading("Editors", "pygpt-lsp doctor --editors shows each in full")
        for editor in EDITORS:
            self._screen.item(f"  {editor.name:<9}", editor.brief)
        self._screen.line()
        self._screen.line(self._verdict())
        return 1 if self._counts["fail"] else 0

    def _show_settings(
        self, root: Path, found: Found, resolved: Resolved, choice: ChosenModel | None
    ) -> None:
        self._screen.heading("Settings", "what your editor sends comes on top of these")
        rows = described(resolved)
        keys, values = max(len(row.key) for row in rows), max(len(row.value) for row in rows)
        for row in rows:
            line = f"  {row.key:<{keys}}  {row.value:<{values}}  {row.origin}"
            self._screen.line(line if row.origin == DEFAULT else self._screen.paint(line, "bold"))
        self._screen.line()
        states = {layer.name: "read" for layer in found.layers}
        states |= {problem.layer: "not used" for problem in found.problems}
        for path, whose in ((user_path(self._env), "yours"), (root / WORKSPACE_FILE, "this workspace's")):
            self._screen.line(f"  {path}  ({whose}: {states.get(str(path), 'not there')})")
        if choice is not None:
            self._screen.line(f"  {choice.model} is {CHOSEN}, wherever {choice.instead_of} would be used")

    def _check_machine(self, root: Path) -> None:
        exists = root.is_dir()
        self._report(
            Check("ok" if exists else "fail", "workspace", f"{root}{'' if exists else ' is no folder'}")
        )
        self._report(check_command(self._env))
        if exists:
            self._report(check_cache(root))
        self._report(check_sqlite())
        self._report(check_extra("keyring", "keyring", "for a key kept in the system's keyring"))
        self._report(check_extra("websockets", "ws", "to serve over a web socket"))

    def _check_api(self, settings: Settings) -> None:
        check, found = asyncio.run(find_key(self._env, settings))
        self._report(check)
        if found is None:
            self._report(Check("skip", "api", "not asked, for want of a key"))
        else:
            self._report(self._ask_api(settings, found))

    def _ask_api(self, settings: Settings, found: FoundKey) -> Check:
        from pygpt_lsp.services.egress import Egress
        from pygpt_lsp.services.ledger import Ledger

        ledger = Ledger()
        egress = Egress(
            api_base_url=settings.base_url,
            update_url=settings.updates_url,
            connect_timeout=settings.timeouts_connect,
            idle_timeout=settings.timeouts_idle,
            env=self._env,
            ledger=ledger,
        )
        try:
            refusal = self._permission(egress)
            if refusal is not None:
                return Check("skip", "api", refusal)
            verdict, sentence = asyncio.run(_probed(egress, ledger, settings, found))
        except RequestRefused as error:
            return Check("fail", "api", error.sentence)
        return Check(verdict, "api", sentence)

    def _permission(self, egress: Egress) -> str | None:
        """None where the question may be sent, else why it is not; a person is shown it word for word."""
        from pygpt_lsp.services.api_probe import request_lines

        lines, peer = request_lines(egress), egress.api_peer
        if self._args.no_network:
            return f"not asked, as you wished; it would be {egress.api_host}"
        if self._args.yes:
            return None
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return (
                f"not asked, since nobody is here to agree; `pygpt-lsp doctor --yes` asks {egress.api_host}"
            )
        self._screen.line()
        self._screen.line(f"  To see whether the API can be reached, this would be sent to {peer}:")
        self._screen.line()
        for line in lines:
            self._screen.line(f"      {line}")
        self._screen.line()
        self._screen.line(
            "  It tells your key and your network address, and nothing of your files or settings."
        )
        if agreed("  Send it? [y/N] "):
            return None
        return f"not asked, as you wished; it would be {egress.api_host}"

    def _report(self, check: Check) -> None:
        self._counts[check.verdict] += 1
        mark = "FAIL" if check.verdict == "fail" else check.verdict
        self._screen.item(f"  {mark:<6}{check.name:<{_LABEL_WIDTH}}", check.text, _STYLES[check.verdict])

    def _verdict(self) -> str:
        broken, notes = self._counts["fail"], self._counts["note"]
        worth = f"; {counted(notes, 'is worth a look', 'are worth a look')}" if notes else ""
        if broken:
            what = counted(broken, "thing is broken", "things are broken")
            return self._screen.paint(f"{what}{worth}.", "red", "bold")
        return self._screen.paint(f"Nothing is broken{worth}.", "green", "bold")


async def _probed(egress: Egress, ledger: Ledger, settings: Settings, found: FoundKey) -> Probed:
    """Ask the API, with a row in the ledger of no workspace unless nothing is to be kept."""
    from pygpt_lsp.services.api_probe import probe
    from pygpt_lsp.services.ledger import Account, accounted
    from pygpt_lsp.services.ledger_notes import LedgerNotes

    try:
        with accounted(Account("doctor", LedgerNotes() if settings.history_enabled else None)):
            return await probe(egress, found.key, settings.model)
    finally:
        await ledger.settle()


def agreed(question: str) -> bool:
    """Whether the person at the terminal says yes; the end of input and Ctrl-C say no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def _show_editors(screen: Screen) -> None:
    for editor in EDITORS:
        screen.heading(editor.name)
        for line in editor.steps.splitlines():
            screen.line(f"  {line}" if line else "")
