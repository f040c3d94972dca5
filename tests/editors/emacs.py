"""Emacs as a person drives it, in a terminal, with the set-up that our README shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.editors.terminal import Terminal
from tests.editors.workspace import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace

PACKAGE = CONFIGS / "emacs/pygpt.el"
_QUIET = """
(setq inhibit-startup-screen t initial-scratch-message nil make-backup-files nil
      native-comp-jit-compilation nil create-lockfiles nil)
; The echo area tells it, too, but not for long: other messages come.
(add-hook 'after-save-hook (lambda () (write-region "" nil "~/saved")))
"""


def readme_blocks() -> list[str]:
    """What our README has users put into their `init.el`: the package, then settings."""
    return re.findall(r"```elisp\n(.*?)```", (CONFIGS / "emacs/README.md").read_text("utf-8"), re.DOTALL)


def write_init(workspace: Workspace, more: str = "") -> Path:
    """Set up Emacs in the home as the README says; the folder of its files. `more` goes on top."""
    folder = workspace.home / ".emacs.d"
    (folder / "lisp").mkdir(parents=True)
    shutil.copyfile(PACKAGE, folder / "lisp/pygpt.el")
    (folder / "init.el").write_text(_QUIET + more + readme_blocks()[0], encoding="utf-8")
    return folder


class Emacs(Terminal):
    """Emacs with one file open."""

    def __init__(self, editors: Editors, file: Path, *, cwd: Path, env: Mapping[str, str]) -> None:
        command = editors.emacs_command("--no-site-file", file)
        super().__init__(editors.tmux, command, cwd=cwd, env={**env, **editors.emacs_env()})
        self._saved = Path(env["HOME"], "saved")
        self.wait_for("-UUU:---")

    def run(self, command: str) -> None:
        """Run a command by its name."""
        self.keys("M-x")
        self.wait_for("M-x")
        self.type(command)
        self.keys("Enter")

    def answer(self, key: str, prompt: str, text: str) -> None:
        """Press a key of PyGPT's map, and answer what it asks for."""
        self.keys("C-c", "g", key)
        self.wait_for(prompt)
        self.type(text)
        self.keys("Enter")

    def go_to(self, text: str) -> None:
        """Move to the beginning of the next line that begins with a text."""
        self.keys("C-s")
        self.wait_for("I-search")
        self.type(text)
        self.keys("Enter", "C-a")

    def select_lines(self, text: str, count: int) -> None:
        """Make whole lines the region, from the next that begins with a text."""
        self.go_to(text)
        self.keys("C-Space", *["C-n"] * count)

    def choose(self, title: str) -> None:
        """Take an entry of PyGPT's menu."""
        self.answer("a", "Do:", title)

    def save(self, file: Path) -> str:
        """Write the current buffer to its file; the file's text."""
        self._saved.unlink(missing_ok=True)
        self.keys("C-x", "C-s")
        self.wait_until(self._saved.exists, f"{file} to be written")
        return file.read_bytes().decode()

    def quit(self) -> None:
        """Quit without saving; wait until the editor and all its children have ended."""
        self.children()
        self.run("kill-emacs")
        self.wait_for_end()
