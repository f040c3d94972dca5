"""Ignore files as they are read: a repository may have prepared them, and a change of one counts at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pygpt_lsp.services import ignore_files
from pygpt_lsp.services.ignore_files import MAX_IGNORE_BYTES, IgnoreFiles
from pygpt_lsp.services.ignore_rules import IgnoreRules
from tests.support.ignore_kit import excluded, listed, put
from tests.support.platforms import needs_links, needs_pipes

LONG_AGO = (1_000_000_000, 1_000_000_000)


# Ignore files that a repository prepared


@needs_links
def test_no_ignore_file_is_read_out_of_the_root(root: Path, tmp_path: Path) -> None:
    outside = put(tmp_path / "outside/.gitignore", "*\n")
    (root / ".gitignore").symlink_to(outside)
    (root / "link").symlink_to(outside.parent, target_is_directory=True)
    assert excluded(root, "a.txt") is None
    assert excluded(root, "link/a.txt") is None
    put(root / "rules", "*.log\n")
    (root / ".aiignore").symlink_to("rules")
    assert excluded(root, "a.log") == "*.log"


@needs_pipes
def test_a_pipe_or_a_folder_is_no_ignore_file(root: Path) -> None:
    os.mkfifo(root / ".gitignore")
    (root / ".aiignore").mkdir()
    assert excluded(root, "a.txt") is None


@pytest.mark.parametrize("content", ["#" * (MAX_IGNORE_BYTES + 1), "a*\n" * 20_000])
def test_an_ignore_file_that_is_too_long_excludes_everything_beside_it(root: Path, content: str) -> None:
    put(root / "src/.gitignore", content)
    put(root / "src/a.txt")
    put(root / "b.txt")
    rule = IgnoreRules(root).rule_for(Path("src/a.txt"))
    assert rule is not None
    assert rule.words == "`*` in src/.gitignore, which is too long to be read"
    assert listed(root) == {"b.txt"}


def test_an_ignore_file_of_one_mebibyte_is_read(root: Path) -> None:
    put(root / ".gitignore", "#" * (MAX_IGNORE_BYTES - 6) + "\n*.log")
    assert excluded(root, "a.log") == "*.log"
    assert excluded(root, "a.txt") is None


def test_an_ignore_file_that_cannot_be_read_excludes_everything_beside_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root / ".gitignore", "*.log")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(ignore_files, "open", refuse, raising=False)  # a mode does not stop root
    rule = IgnoreRules(root).rule_for(Path("a.txt"))
    assert rule is not None
    assert rule.words == "`*` in .gitignore, which cannot be read"


# Seen at once


def test_a_change_of_an_ignore_file_counts_at_once(root: Path) -> None:
    rules = IgnoreRules(root)
    for number, content in enumerate(["*.aaa", "*.bbb", "*.bbb\n*.ccc", "*.aaa"]):
        os.utime(put(root / ".gitignore", content), (0, 1_000_000_000 + number))
        rule = rules.rule_for(Path(f"x{content[-4:]}"))
        assert rule is not None
        assert rule.pattern == content[-5:]
    (root / ".gitignore").unlink()
    assert rules.rule_for(Path("x.aaa")) is None


def test_a_change_within_one_tick_of_the_clock_counts_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ignore_files, "_TICK_NS", 3_600_000_000_000)
    now = time.time_ns()
    rules = IgnoreRules(root)
    for content in ["*.aaa", "*.bbb"]:
        os.utime(put(root / ".gitignore", content), ns=(now, now))
        rule = rules.rule_for(Path(f"x{content[1:]}"))
        assert rule is not None


def test_an_ignore_file_that_has_not_changed_is_read_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(put(root / ".gitignore", "*.log"), LONG_AGO)
    rules = IgnoreRules(root)
    assert rules.rule_for(Path("a.log"))
    read: list[object] = []
    monkeypatch.setattr(ignore_files, "open", read.append, raising=False)
    assert rules.rule_for(Path("b.log"))
    assert read == []


def test_what_is_remembered_of_ignore_files_is_bounded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignore_files, "_CACHED_BYTES", 30)
    for number in range(20):
        os.utime(put(root / str(number) / ".gitignore", "*.log\n*.tmp\n"), LONG_AGO)
    files = IgnoreFiles()
    for number in range(20):
        assert files.read(f"{root}/{number}/.gitignore", os.path.realpath(root)) is not None
    assert len(files._files) <= 2
