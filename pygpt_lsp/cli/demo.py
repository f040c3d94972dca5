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
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pygpt_lsp import __version__
from pygpt_lsp.cli.demo_report import file_diff, read_history, show_sent, show_stored
from pygpt_lsp.cli.demo_source import Source, read_source, sample
from pygpt_lsp.cli.flow import MARGIN, Flow
from pygpt_lsp.cli.screen import Screen
from pygpt_lsp.core.actions import ACTION_IDS
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.settings import resolve
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.config_files import find_layers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pygpt_lsp.cli.screen import Style
    from pygpt_lsp.core.settings import Settings
    from pygpt_lsp.lsp.demo_client import DemoEditor, Done, MenuEntry

_KEY = "OPENAI_API_KEY"
_EXPLAIN = "PyGPT: Explain"
_DOCUMENT = "PyGPT: Document this"
_INTERRUPTED = 130

_OPTIONS = {
    "updates": {"check": False},
    "review": "apply",
    "history": {"enabled": True},
    "actions": {"enabled": list(ACTION_IDS)},
}
"""What the demo shows does not depend on these settings of the user's; all others hold."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command `demo`; its `run` returns 0 where all was shown, 1 with a sentence where not."""
    parser = subparsers.add_parser(
        "demo",
        help="see it work here, with or without a key",
        description="Plays an editor with the real server in this terminal: the action menu, an explanation "
        "in a chat, a documented function, and what was stored and sent.",
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="work on a copy of this file")
    parser.add_argument(
        "--offline", action="store_true", help=f"ask nobody, even where {_KEY} is set: a stand-in answers"
    )
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder, to look around in it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play the demo; the exit code."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and not out.isatty():
        # A redirected stream on Windows would lose what its code page lacks.
        out.reconfigure(encoding="utf-8")
    screen = Screen(out, os.environ)
    base = None
    try:
        source = read_source(args.file) if args.file else sample()
        base = Path(tempfile.mkdtemp(prefix="pygpt-lsp-demo-")).resolve()
        demo = _Demo(screen, base, source, os.environ, offline=args.offline)
        asyncio.run(demo.play())
    except KeyboardInterrupt:
        screen.line()
        screen.line("Stopped.")
        return _INTERRUPTED
    except PygptError as error:
        screen.line()
        screen.item("Failed: ", visible(error.sentence), "red", "bold")
        return 1
    finally:
        if base is not None:
            _tidy(screen, base, keep=args.keep)
    return 0


class _Demo:
    """One performance. It watches the editor on behalf of the person at the terminal."""

    def __init__(
        self, screen: Screen, base: Path, source: Source, env: Mapping[str, str], *, offline: bool
    ) -> None:
        self._screen = screen
        self._base = base
        self._source = source
        self._env = env
        self._offline = offline or not env.get(_KEY, "").strip()
        self._workspace = base / "workspace"
        self._file = self._workspace / source.name
        self._flow: Flow | None = None

    async def play(self) -> None:
        """All six parts. Raises PygptError."""
        from pygpt_lsp.lsp.demo_client import DemoEditor

        self._workspace.mkdir()
        self._file.write_bytes(self._source.content)
        settings = resolve(find_layers(self._env, None).layers).settings
        self._introduce(settings)
        command = [sys.executable, "-P", "-m", "pygpt_lsp", "serve", *(["--offline"] * self._offline)]
        editor = DemoEditor(self._workspace, self)
        started = time.monotonic()
        await editor.start(command, env=self._env, log=self._base / "server.log", options=_OPTIONS)
        try:
            self._item("server", f"started, answered `initialize` after {time.monotonic() - started:.1f} s")
            menu = await self._show_menu(editor)
            await self._explain(editor, menu)
            await self._document(editor, menu)
        finally:
            await editor.close()
        self._report(settings)
        self._say_goodbye()

    # The six parts

    def _introduce(self, settings: Settings) -> None:
        screen = self._screen
        screen.line(screen.paint(f"pygpt-lsp {__version__} demo", "bold"))
        screen.item("", "A small editor in this terminal starts the real server and works on a real file.")
        self._heading(1, "Who answers")
        if self._offline:
            why = "as you wished" if self._env.get(_KEY, "").strip() else f"{_KEY} is not set"
            self._item("model", f"the embedded offline stand-in ({why}): no key, no network")
            self._item(
                "", "It goes the whole way that a model's answer goes, but only reads the code's outline."
            )
        else:
            host = urlsplit(settings.base_url)
            who = "OpenAI" if host.hostname == "api.openai.com" else visible(host.netloc)
            self._item("model", f"{settings.model} at {who}, with the key in {_KEY}")
            self._item("", "Two short questions are sent, which costs a cent or so; --offline asks nobody.")
        self._item("file", f"{visible(self._source.name)}, a copy in a temporary folder")
        self._item("updates", "the version check is off in this demo")

    async def _show_menu(self, editor: DemoEditor) -> list[MenuEntry]:
        editor.open(self._file, self._source.language_id)
        source = self._source
        menu = await editor.menu(self._file, source.first_line, source.last_line)
        self._heading(2, "The action menu", f"for lines {source.lines} of {visible(source.name)}")
        for line in self._lines_asked_about():
            self._margin(line, "dim")
        self._screen.line()
        for entry in menu:
            chosen = entry.title in {_EXPLAIN, _DOCUMENT}
            self._screen.line(f"  {'▸' if chosen else ' '} {visible(entry.title)}")
        return menu

    async def _explain(self, editor: DemoEditor, menu: list[MenuEntry]) -> None:
        self._heading(3, "Explain", "arrives in a chat, an ordinary Markdown file")
        done = await self._choose(editor, menu, _EXPLAIN)
        self._ended(done)

    async def _document(self, editor: DemoEditor, menu: list[MenuEntry]) -> None:
        self._heading(4, "Document this", "arrives as one edit of the lines that change")
        before = editor.text(self._file)
        done = await self._choose(editor, menu, _DOCUMENT)
        if not done.edits:
            raise PygptError(f"No edit arrived: {done.words}.")
        for line, style in file_diff(self._source.name, before, editor.text(self._file)):
            self._margin(line, style)
        self._ended(done)

    def _report(self, settings: Settings) -> None:
        self._heading(5, "What was stored and sent")
        screen = self._screen
        conversations = read_history(self._workspace)
        screen.item("  ", "Stored in .pygpt/cache of the workspace, and nowhere else:")
        show_stored(screen, conversations)
        screen.line()
        if self._offline:
            would = urlsplit(settings.base_url).hostname or ""
            screen.item(
                "  ", f"Nothing left this machine. {visible(would)} would have been sent this, and no more:"
            )
        else:
            hosts = sorted({turn.host for found in conversations for turn in found.turns})
            screen.item("  ", f"Sent to {visible(', '.join(hosts))}, and to nobody else:")
        show_sent(screen, conversations, self._source.content.decode())

    def _say_goodbye(self) -> None:
        self._heading(6, "Where to go next")
        for command, purpose in (
            ("pygpt-lsp doctor", "check key, settings and cache"),
            ("pygpt-lsp doctor --editors", "attach Helix, Neovim, VS Code or Emacs"),
            ("pygpt-lsp demo FILE", "the same with a copy of a file of yours"),
        ):
            self._screen.item(f"  {command:<28}", purpose)
        if self._offline:
            self._screen.line()
            self._screen.item("  ", f"Set {_KEY} and run the demo again to hear a model.")

    # What the editor shows (`Watcher`)

    def opened(self, path: Path, text: str) -> None:
        """A chat was opened: show what is in it already."""
        self._item("", visible(path.relative_to(self._workspace).as_posix()))
        asked = Flow(self._screen, "dim")
        asked.write(text.rstrip("\n") + "\n\n")
        asked.end()
        self._flow = Flow(self._screen)

    def arrived(self, path: Path, text: str) -> None:  # noqa: ARG002 (there is one chat at a time)
        """A piece of the answer."""
        if self._flow is not None:
            self._flow.write(text)

    def progress(self, words: str) -> None:
        """Shown until something arrives."""
        if words and self._flow is None:
            self._screen.remark(f"  {visible(words)} …")

    def warned(self, sentence: str) -> None:
        """A setting that cannot be used, say."""
        self._item("note", visible(sentence))

    # Telling it

    async def _choose(self, editor: DemoEditor, menu: list[MenuEntry], title: str) -> Done:
        entry = next((entry for entry in menu if entry.title == title), None)
        if entry is None:
            raise PygptError(f"The menu does not offer “{title}” here: try another file.")
        try:
            return await editor.choose(entry)
        finally:
            if self._flow is not None:
                self._flow.end()
                self._flow = None

    def _ended(self, done: Done) -> None:
        self._screen.line()
        self._screen.item("  ", visible(done.words), "dim")

    def _lines_asked_about(self) -> list[str]:
        lines = self._source.content.decode().split("\n")
        return [line.rstrip("\r") for line in lines[self._source.first_line : self._source.last_line + 1]]

    def _heading(self, number: int, text: str, aside: str = "") -> None:
        self._screen.heading(f"{number}  {text}", aside)
        self._screen.line()

    def _item(self, label: str, text: str) -> None:
        self._screen.item(f"  {label:<9}", text, "dim")

    def _margin(self, line: str, style: Style | None = None) -> None:
        """A line of code, as it is."""
        code = visible(line.replace("\t", "    "))
        self._screen.line(
            self._screen.paint(MARGIN, "dim") + self._screen.paint(code, *filter(None, [style]))
        )


def _tidy(screen: Screen, base: Path, *, keep: bool) -> None:
    """Take away what was written, or say where it is."""
    screen.line()
    if keep:
        screen.item("Kept: ", str(base))
        return
    shutil.rmtree(base, ignore_errors=True)
    if base.exists():
        screen.item("", f"{base} could not be removed: remove it yourself.")
