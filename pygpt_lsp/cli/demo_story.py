"""What the demo plays and how it tells it, in six parts; it sees the editor as its `Watcher`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pygpt_lsp import __version__
from pygpt_lsp.cli.demo_report import file_diff, read_history, show_sent, show_stored
from pygpt_lsp.cli.flow import MARGIN, Flow
from pygpt_lsp.core.actions import ACTION_IDS
from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.settings import resolve
from pygpt_lsp.core.unicode import visible
from pygpt_lsp.services.config_files import find_layers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pygpt_lsp.cli.demo_source import Source
    from pygpt_lsp.cli.screen import Screen, Style
    from pygpt_lsp.core.settings import Settings
    from pygpt_lsp.lsp.demo_client import DemoEditor, Done, MenuEntry

KEY_VARIABLE = "OPENAI_API_KEY"
LOG_NAME = "server.log"
_EXPLAIN = "PyGPT: Explain"
_DOCUMENT = "PyGPT: Document this"
_OPENAI = "api.openai.com"

_OPTIONS = {
    "updates": {"check": False},
    "review": "apply",
    "history": {"enabled": True},
    "actions": {"enabled": list(ACTION_IDS)},
}
"""What the demo shows does not depend on these settings of the user's; all others hold."""


class Story:
    """One performance, on a workspace below the folder `base`; whoever made that removes it."""

    def __init__(
        self, screen: Screen, base: Path, source: Source, env: Mapping[str, str], *, offline: bool
    ) -> None:
        self._screen = screen
        self._base = base
        self._source = source
        self._env = env
        self._has_key = bool(env.get(KEY_VARIABLE, "").strip())
        self._offline = offline or not self._has_key
        self._workspace = base / "workspace"
        self._file = self._workspace / source.name
        self._answer: Flow | None = None
        self._notes: list[str] = []

    async def play(self) -> None:
        """All six parts. Raises PygptError with the sentence to end with."""
        from pygpt_lsp.lsp.demo_client import DemoEditor

        self._workspace.mkdir()
        self._file.write_bytes(self._source.content)
        settings = resolve(find_layers(self._env, None).layers).settings
        editor = DemoEditor(self._workspace, self)
        self._introduce(settings)
        await self._start(editor)
        try:
            menu = await self._show_menu(editor)
            await self._explain(editor, menu)
            await self._document(editor, menu)
        finally:
            self._show_notes()
            await editor.close()
        self._report(settings)
        self._part_with_advice()

    # The parts

    def _introduce(self, settings: Settings) -> None:
        screen, source = self._screen, self._source
        screen.line(screen.paint(f"pygpt-lsp {__version__} demo", "bold"))
        screen.item("", "A small editor in this terminal starts the real server and works on a real file.")
        self._heading(1, "Who answers")
        if self._offline:
            why = "as you wished" if self._has_key else f"{KEY_VARIABLE} is not set"
            self._item("model", f"the embedded offline stand-in ({why}): no key, no network")
            self._item("", "It goes the whole way of a model's answer, but can only read a code's outline.")
        else:
            host = urlsplit(settings.base_url)
            who = "OpenAI" if host.hostname == _OPENAI else visible(host.netloc)
            self._item("model", f"{visible(settings.model)} at {who}, with the key in {KEY_VARIABLE}")
            price = ", which costs a cent or so" if host.hostname == _OPENAI else ""
            self._item("", f"Two short questions are sent{price}; --offline asks nobody.")
        self._item("file", f"{visible(source.name)}, {source.origin}")
        self._item("updates", "the version check is off in this demo")

    async def _start(self, editor: DemoEditor) -> None:
        command = [sys.executable, "-P", "-m", "pygpt_lsp", "serve", *(["--offline"] * self._offline)]
        self._screen.remark("  the server starts …")
        started = time.monotonic()
        await editor.start(command, env=self._env, log=self._base / LOG_NAME, options=_OPTIONS)
        seconds = time.monotonic() - started
        self._item("server", f"pygpt-lsp {' '.join(command[4:])}, ready after {seconds:.1f} s")

    async def _show_menu(self, editor: DemoEditor) -> list[MenuEntry]:
        source = self._source
        editor.open(self._file, source.language_id)
        menu = await editor.menu(self._file, source.first_line, source.last_line)
        self._heading(2, "The action menu", f"with lines {source.lines} of {visible(source.name)} selected")
        for line in source.excerpt:
            self._code(line, "dim")
        self._screen.line()
        for entry in menu:
            mark = "▸" if entry.title in {_EXPLAIN, _DOCUMENT} else " "
            self._screen.line(f"  {mark} {visible(entry.title)}")
        return menu

    async def _explain(self, editor: DemoEditor, menu: list[MenuEntry]) -> None:
        self._heading(3, "Explain", "arrives in a chat, which is an ordinary Markdown file")
        done = await self._choose(editor, menu, _EXPLAIN)
        self._end_part(done)

    async def _document(self, editor: DemoEditor, menu: list[MenuEntry]) -> None:
        self._heading(4, "Document this", "arrives as one edit of the lines that change")
        before = editor.text(self._file)
        done = await self._choose(editor, menu, _DOCUMENT)
        if not done.edits:
            raise PygptError(f"No edit arrived: {done.words}.")
        for line in file_diff(self._source.name, before, editor.text(self._file)):
            self._code(line.text, line.style)
        self._end_part(done)

    def _report(self, settings: Settings) -> None:
        self._heading(5, "What was stored and sent")
        screen, conversations = self._screen, read_history(self._workspace)
        screen.item("  ", "Stored in .pygpt/cache of the workspace, and nowhere else:")
        show_stored(screen, conversations)
        screen.line()
        if self._offline:
            host = visible(urlsplit(settings.base_url).hostname or "")
            screen.item("  ", f"Nothing left this machine. {host} would have been sent this, and no more:")
        else:
            hosts = sorted({turn.host for found in conversations for turn in found.turns})
            screen.item("  ", f"Sent to {visible(', '.join(hosts))}, and to nobody else:")
        show_sent(screen, conversations, self._source.text)

    def _part_with_advice(self) -> None:
        self._heading(6, "Where to go next")
        advice = [
            ("pygpt-lsp doctor --editors", "attach Helix, Neovim, VS Code or Emacs"),
            ("pygpt-lsp doctor", "check the key, the settings and the cache"),
            ("pygpt-lsp demo FILE", "see it with a copy of a file of yours"),
        ]
        if self._offline and not self._has_key:
            advice.insert(0, (f"set {KEY_VARIABLE}", "and run the demo again, to hear a model"))
        for what, why in advice:
            self._screen.item(f"  {what:<28}", why)

    # What the editor shows (`Watcher`)

    def opened(self, path: Path, text: str) -> None:
        """A chat: show it up to the place of its answer."""
        screen = self._screen
        screen.line(screen.paint(f"  {visible(path.relative_to(self._workspace).as_posix())}", "dim"))
        answers = [turn for turn in parse_chat(text).turns if turn.role == "assistant"]
        asked = Flow(screen, "dim")
        asked.write(text[: answers[-1].text_start] if answers else text)
        asked.end()
        self._answer = Flow(screen)

    def arrived(self, text: str) -> None:
        """A piece of the answer."""
        if self._answer is not None:
            self._answer.write(text)

    def progress(self, words: str) -> None:
        """Shown until something arrives."""
        if words and (self._answer is None or self._answer.empty):
            self._screen.remark(f"  {visible(words)} …")

    def warned(self, sentence: str) -> None:
        """A setting that cannot be used, say; not to be printed into the middle of an answer."""
        self._notes.append(sentence)

    # How it is told

    async def _choose(self, editor: DemoEditor, menu: list[MenuEntry], title: str) -> Done:
        entry = next((entry for entry in menu if entry.title == title), None)
        if entry is None:
            raise PygptError(f"The menu does not offer “{title}” here: try another file.")
        try:
            return await editor.choose(entry)
        finally:
            if self._answer is not None:
                self._answer.end()
                self._answer = None

    def _end_part(self, done: Done) -> None:
        self._screen.line()
        self._screen.item("  ", visible(done.words))

    def _show_notes(self) -> None:
        for note in self._notes:
            self._screen.line()
            self._screen.item("  Note: ", visible(note), "yellow")
        self._notes.clear()

    def _heading(self, number: int, text: str, aside: str = "") -> None:
        self._show_notes()
        self._screen.heading(f"{number}  {text}", aside)
        self._screen.line()

    def _item(self, label: str, text: str) -> None:
        self._screen.item(f"  {label:<9}", text, "dim")

    def _code(self, line: str, style: Style | None) -> None:
        code = visible(line.replace("\t", "    "))
        margin = self._screen.paint(MARGIN if code else MARGIN.rstrip(), "dim")
        self._screen.line(margin + (self._screen.paint(code, style) if style else code))
