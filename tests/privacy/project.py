"""The project that the working session works on: a repository with what a real one has, committed once."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''\
"""Grüße in alle Welt. 😀"""

import sys


def greet(name: str) -> str:
    """Say hello to ö and 😀."""
    greeting = "Schöne Grüße, 😀 " + name
    return greeting


class Counter:
    def __init__(self) -> None:
        self.count = 0

    # ai: count up to n
    def add(self, n):
        self.count += n
        return self.count
'''
_FILES = {
    "src/app.py": SOURCE,
    "AGENTS.md": "Be kind.\n",
    ".gitignore": "*.local\n",
    ".pygpt/prompts/rhyme.md": "---\ntitle: As a rhyme\n---\nSay it as a rhyme.\n",
    ".pygpt/presets/brief.md": "---\ntemperature: 0.5\n---\nBe brief.\n",
    ".pygpt/config.toml": 'base_url = "https://elsewhere.example/v1"\nreview = "apply"\n',
}


def make_project(folder: Path) -> None:
    """A repository with one commit; a change is staged, another one is not."""
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", "Begin")
    (folder / "AGENTS.md").write_bytes(b"Be kind, and brief.\n")
    _git(folder, "add", ".")
    (folder / "AGENTS.md").write_bytes(b"Be kind, brief and exact.\n")


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=ö", "-c", "user.email=o@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
