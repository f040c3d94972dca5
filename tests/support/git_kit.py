"""A repository of a test's own, and what our code says of its changes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from pygpt_lsp.services import git

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OLD = "eins\nzwei\ndrei\n"
NEW = "eins\nzwö 😀\ndrei\n"
_COMMITTER = ("-c", "user.name=Ö", "-c", "user.email=o@example.invalid", "-c", "commit.gpgsign=false")


def run(folder: Path, *arguments: str) -> None:
    """git, as its user would run it."""
    command = ["git", *_COMMITTER, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def printed(folder: Path, *arguments: str) -> str:
    """What git prints for its user; whether it fails does not matter."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, timeout=30, check=False)
    return done.stdout.decode()


async def working_diff(folder: Path) -> str:
    """The whole diff."""
    return (await git.working_diff(folder, lambda _path: None)).text


async def staged_diff(git_dir: Path) -> str:
    """The whole diff."""
    return (await git.staged_diff(git_dir, lambda _path: None)).text


def become_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings for git of their own."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".gitconfig").write_text("[init]\ndefaultBranch = main\n", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def make_repository(tmp_path: Path) -> Path:
    """A repository with one commit of `a.txt`, and a change to it that is not staged."""
    folder = tmp_path / "repö"
    folder.mkdir()
    run(folder, "init")
    (folder / "a.txt").write_bytes(OLD.encode())
    run(folder, "add", "a.txt")
    run(folder, "commit", "-m", "one")
    (folder / "a.txt").write_bytes(NEW.encode())
    return folder
