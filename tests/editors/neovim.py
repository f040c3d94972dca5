"""Neovim as a person drives it, with a second way in to read what a screen does not tell.

Keys are pressed in a terminal, so that menus, prompts and modes are the real ones.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.editors.editor import Editor
from tests.editors.terminal import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.editors.install import Editors


class Neovim(Editor):
    """Neovim with one file open, in normal mode."""

    def __init__(self, editors: Editors, file: Path, *, cwd: Path, env: Mapping[str, str]) -> None:
        self._selected = False
        self._socket_folder = tempfile.TemporaryDirectory(prefix="editor-")
        socket = Path(self._socket_folder.name, "nvim")
        self._rpc_env = {**env, "VIMRUNTIME": str(editors.vimruntime)}
        self._remote = [editors.neovim, "--clean", "--server", socket, "--remote-expr"]
        command = [editors.neovim, "--listen", socket, file]
        super().__init__(editors.tmux, command, cwd=cwd, env=self._rpc_env)
        self.wait_until(socket.exists, "Neovim's socket")

    def close(self) -> None:
        super().close()
        self._socket_folder.cleanup()

    def ask(self, expression: str) -> Any:
        """The value of a Vim script expression. Raises TimeoutExpired while Neovim waits at a prompt."""
        command = [*self._remote, f"json_encode({expression})"]
        answer = subprocess.run(
            command, env=self._rpc_env, check=True, capture_output=True, text=True, timeout=DEADLINE
        )
        return json.loads(answer.stdout or answer.stderr)

    def lua(self, expression: str) -> Any:
        """The value of a Lua expression without single quotes. Raises TimeoutExpired as `ask` does."""
        return self.ask(f"luaeval('{expression}')")

    def attached(self) -> None:
        clients = """luaeval('#vim.lsp.get_clients({ bufnr = 0, name = "pygpt" })')"""
        self.wait_until(lambda: self.ask(clients) == 1, "the server to be attached")

    def normal(self) -> None:
        self.keys("Escape")
        self.wait_until(lambda: self.ask("mode(1)") == "n", "normal mode")

    def select_lines(self, pattern: str, count: int) -> None:
        self._selected = True
        self.go_to(pattern)
        self.type("V" + "j" * (count - 1))

    def go_to_end(self) -> None:
        self.type("G")

    def menu(self) -> list[str]:
        self.type("gra")
        return self.wait_until(lambda: _menu(self.screen()), "the menu")

    def close_menu(self) -> None:
        self.normal()

    def choose(self, title: str) -> None:
        titles = self.menu()
        self.type(str([entry.startswith(title) for entry in titles].index(True) + 1))
        self.keys("Enter")
        if self._selected:
            self.normal()  # the selection is still there, and a `:` command would be about its lines
            self._selected = False

    def agree(self, option: str) -> None:
        numbered = re.compile(rf"^(\d+)[.:] {option}\s*$", re.MULTILINE)
        self.type(self.wait_until(lambda: numbered.findall(self.screen()), "the question")[0])
        self.keys("Enter")


def _menu(screen: str) -> list[str]:
    """The titles in the menu on the screen, once it asks for a number."""
    return re.findall(r"^\d+: (PyGPT: .*)$", screen, re.MULTILINE) if "Type number" in screen else []
