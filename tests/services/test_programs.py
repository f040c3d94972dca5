"""Programs are found where the system has them, and never where a repository can put them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.key_sources import from_command
from pygpt_lsp.services.programs import find_program

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are shell scripts")


def script(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


@posix
def test_the_current_folder_is_not_looked_into_however_path_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "repö", tmp_path / "bin"
    script(here, "git", "exit 1")
    wanted = script(there, "git", "exit 0")
    (there / "plain").write_text("no program\n")
    (there / "folder").mkdir()
    monkeypatch.chdir(here)
    path = os.pathsep.join(["", ".", "../repö", str(there)])
    assert find_program("git", {"PATH": path}) == str(wanted)
    assert find_program("git", {"PATH": os.pathsep.join(["", "."])}) is None
    assert [find_program(name, {"PATH": path}) for name in ("plain", "folder", "none")] == [None] * 3
    assert find_program("./git", {"PATH": path}) == "./git"


@posix
async def test_the_command_for_the_key_heeds_nothing_that_lies_in_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, home = tmp_path / "repö", tmp_path / "home"
    script(here, "getkey", "echo stolen")
    script(home / "bin", "getkey", "pwd")
    (here / "json.py").write_text("print('stolen')\n", "utf-8")
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(home / "bin"), os.environ["PATH"]]))
    assert await from_command("getkey") == str(home)
    assert await from_command([sys.executable, "-c", "import json; print('mine')"]) == "mine"
