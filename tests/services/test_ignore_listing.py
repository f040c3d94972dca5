"""The files of a workspace, listed without what is excluded."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

from pygpt_lsp.services import ignore_rules
from pygpt_lsp.services.ignore_rules import IgnoreRules
from tests.support.ignore_kit import IGNORE_FILES, listed, put
from tests.support.platforms import needs_links, needs_pipes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def test_listing_leaves_out_what_is_excluded(root: Path) -> None:
    put(root / ".gitignore", "*.log\n/build/\n")
    put(root / "src/.aiignore", "secret*\n")
    kept = {"a.txt", "src/b ö 😀.py", "src/deep/er/c", "other/build/d", ".github/ci.yml"}
    left_out = {"a.log", "build/x", "src/secret.py", ".env", "id_rsa", ".git/config", ".ssh/known_hosts"}
    for name in kept | left_out | {".pygpt/cache/history.sqlite3", "src/.pygpt/config.toml"}:
        put(root / name)
    assert listed(root) == kept
    assert listed(root, "*.py") == kept - {"src/b ö 😀.py"}


def test_listing_and_asking_for_one_file_agree(root: Path) -> None:
    rng = random.Random(0)
    names = ["a", "b", "a.log", "b.py", ".env", "build", "x.key", ".aws"]
    for _ in range(300):
        put_anywhere(root, rng, names, lambda path: put(path))
    for name in IGNORE_FILES:
        for _ in range(8):
            content = rng.choice(["*.log\n", "build/\n", "/a\n", "!a.log\n", "b/*\n!b/b.py\n"])
            put_anywhere(root, rng, [name], lambda path, content=content: put(path, content))
    rules = IgnoreRules(root)
    files = {path for path in root.rglob("*") if path.is_file()}
    assert len(files) > 100
    assert set(rules.walk()) == {path for path in files if rules.rule_for(path) is None}


def put_anywhere(root: Path, rng: random.Random, names: list[str], write: Callable[[Path], object]) -> None:
    """A file of one of these names up to three folders deep, where no file is in the way."""
    path = root.joinpath(
        *rng.choices(["a", "b", "build", ".aws", "ö"], k=rng.randint(0, 3)), rng.choice(names)
    )
    if not path.is_dir() and not any(above.is_file() for above in path.parents):
        write(path)


@needs_links
def test_listing_follows_no_link_to_a_folder_and_none_out(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "outside/x.txt")
    put(root / ".gitignore", "*.log\n")
    put(root / "src/a.txt")
    put(root / "b.log")
    for name, target in {
        "folder": "src",
        "itself": ".",
        "out": "../outside",
        "out.txt": "../outside/x.txt",
        "to_a.txt": "src/a.txt",
        "to_log.txt": "b.log",
        "dead.txt": "missing",
        "loop": "loop",
    }.items():
        (root / name).symlink_to(target)
    assert listed(root) == {"src/a.txt", "to_a.txt"}


@needs_pipes
def test_listing_passes_over_pipes_and_what_goes_meanwhile(root: Path) -> None:
    os.mkfifo(root / "pipe")
    put(root / "a.txt")
    put(root / "src/b.txt")
    walk = IgnoreRules(root).walk()
    assert next(walk) == root / "a.txt"
    shutil.rmtree(root / "src")
    assert list(walk) == []


def test_listing_gives_the_first_files_before_it_looks_at_the_last(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        put(root / f"folder{number}" / "a.txt")
    looked: list[str] = []
    scandir = os.scandir

    def counting(folder: str) -> object:
        looked.append(folder)
        return scandir(folder)

    monkeypatch.setattr(ignore_rules.os, "scandir", counting)
    next(IgnoreRules(root).walk())
    assert len(looked) == 2


def test_a_missing_root_has_no_files(root: Path) -> None:
    assert list(IgnoreRules(root / "missing").walk()) == []
