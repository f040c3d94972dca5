"""What is never sent, listed or edited, by whatever name or link one comes to it."""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services import ignore_files, ignore_rules
from pygpt_lsp.services.ignore_files import MAX_IGNORE_BYTES, IgnoreFiles
from pygpt_lsp.services.ignore_rules import IgnoreRule, IgnoreRules

if TYPE_CHECKING:
    from collections.abc import Callable

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and modes are elsewhere on Windows")
IGNORE_FILES = [".gitignore", ".aiignore", ".cursorignore", ".aiderignore"]
LONG_AGO = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace folder."""
    folder = tmp_path / "wörkspace 😀"
    folder.mkdir()
    return folder


def put(path: Path, content: str = "x") -> Path:
    """A file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    return path


def excluded(root: Path, path: str) -> str | None:
    """The pattern that excludes a path below the root."""
    rule = IgnoreRules(root).rule_for(Path(path))
    return rule and rule.pattern


def listed(root: Path, *extra: str) -> set[str]:
    """The files that are listed, without the ignore files themselves."""
    paths = {path.relative_to(root).as_posix() for path in IgnoreRules(root, extra).walk()}
    return {path for path in paths if path.rpartition("/")[2] not in IGNORE_FILES}


# Ignore files


@pytest.mark.parametrize("name", [*IGNORE_FILES, ".git/info/exclude"])
def test_each_kind_of_ignore_file_excludes(root: Path, name: str) -> None:
    put(root / name, "*.log\n")
    rule = IgnoreRules(root).rule_for(root / "src/ö 😀.log")
    assert rule is not None
    assert rule == IgnoreRule("*.log", name, "ignored")
    assert rule.words == f"`*.log` in {name}"
    assert excluded(root, "src/a.txt") is None


@pytest.mark.parametrize("name", IGNORE_FILES)
def test_an_ignore_file_in_a_folder_holds_in_that_folder(root: Path, name: str) -> None:
    put(root / "src" / name, "/gen\n*.log\n")
    rule = IgnoreRules(root).rule_for(Path("src/a/b.log"))
    assert rule == IgnoreRule("*.log", f"src/{name}", "ignored")
    assert excluded(root, "src/gen/a.txt") == "/gen"
    assert excluded(root, "src/a/gen") is None
    assert excluded(root, "b.log") is None


def test_a_deeper_file_decides_before_one_above_it(root: Path) -> None:
    put(root / ".gitignore", "*.log\n")
    put(root / "src/.gitignore", "!keep.log\n")
    assert excluded(root, "src/keep.log") is None
    assert excluded(root, "keep.log") == "*.log"


def test_below_an_excluded_folder_nothing_is_included_again(root: Path) -> None:
    put(root / ".gitignore", "build/\n!build/keep.txt\n")
    put(root / "build/.gitignore", "!*\n")
    assert excluded(root, "build/keep.txt") == "build/"


@pytest.mark.parametrize("name", IGNORE_FILES)
def test_no_kind_brings_back_what_another_excludes(root: Path, name: str) -> None:
    for other in IGNORE_FILES:
        put(root / other, "!*\n")
    put(root / name, "*.log\n")
    rule = IgnoreRules(root).rule_for(Path("a.log"))
    assert rule is not None
    assert rule.source == name


def test_the_rules_around_a_repository_hold_in_it_too(root: Path) -> None:
    put(root / ".gitignore", "*.log\n")
    put(root / "inner/.git/HEAD")
    put(root / "inner/.git/info/exclude", "*.tmp\n")
    assert excluded(root, "inner/a.log") == "*.log"
    assert excluded(root, "inner/a.tmp") == "*.tmp"
    assert excluded(root, "a.tmp") is None


def test_the_setting_excludes_and_no_file_brings_it_back(root: Path) -> None:
    put(root / ".gitignore", "!*.secret\n")
    rule = IgnoreRules(root, ["*.secret", "!x.secret", "notes/"]).rule_for(Path("a/b.secret"))
    assert rule is not None
    assert rule.words == "`*.secret` in the setting privacy.ignore"
    assert IgnoreRules(root, ["*.secret", "!x.secret"]).rule_for(Path("x.secret")) is None


@posix
def test_bytes_that_are_no_text_stay_what_they_are(root: Path) -> None:
    put(root / ".gitignore", "gr\udcfcn*\n")
    assert excluded(root, "gr\udcfcn.txt") == "gr\ufffdn*"


@pytest.mark.parametrize("pattern", ["foo\\", "[z-a]", "[[:alpha:", "!", "/", "//", "\\", "[", "!!", "a//b"])
def test_a_broken_pattern_leaves_the_others_as_they_are(root: Path, pattern: str) -> None:
    put(root / ".gitignore", f"*.log\n{pattern}\n")
    assert excluded(root, "a.log") == "*.log"


# Private files


@pytest.mark.parametrize(
    "name", [".env", ".ENV", ".env.local", "id_rsa", "a.pem", "src/.ssh/config", ".aws/x"]
)
def test_a_private_file_stays_so_whatever_ignore_files_say(root: Path, name: str) -> None:
    for file in IGNORE_FILES:
        put(root / file, "!*\n!.env\n!.aws/\n")
    rule = IgnoreRules(root, ["!*"]).rule_for(Path(name))
    assert rule is not None
    assert rule.kind == "private"


def test_one_is_told_that_it_is_built_in() -> None:
    rule = IgnoreRules(Path("/work")).rule_for(Path("keys/server.pem"))
    assert rule is not None
    assert rule.words == "`*.pem` (built in: private keys are never sent)"


@pytest.mark.parametrize("name", [".git/config", ".GIT/config", "inner/.git/HEAD", ".ſsh/config"])
def test_folders_are_private_in_whatever_letters_a_file_system_takes(root: Path, name: str) -> None:
    rule = IgnoreRules(root).rule_for(Path(name))
    assert rule is not None
    assert rule.kind == "private"


def test_a_private_file_outside_of_the_root_is_private_too(root: Path, tmp_path: Path) -> None:
    rules = IgnoreRules(root)
    for name in ["../.ssh/config", "../other/.env", str(tmp_path / "x.pem")]:
        rule = rules.rule_for(Path(name))
        assert rule is not None
        assert rule.kind == "private"
    assert rules.rule_for(tmp_path / "notes.txt") is None


# Names and links


@pytest.mark.parametrize("name", ["src/../build/a", "./build/a", "src/../src/../build/x/../a"])
def test_a_roundabout_name_is_seen_through(root: Path, name: str) -> None:
    put(root / ".gitignore", "/build/\n")
    assert excluded(root, name) == "/build/"
    assert excluded(root, str(root / name)) == "/build/"


def test_dots_in_a_name_are_just_a_name(root: Path) -> None:
    put(root / ".gitignore", "..x\n")
    assert excluded(root, "..x") == "..x"
    assert excluded(root, "a..b") is None


def test_the_root_itself_and_odd_names_are_no_trouble(root: Path) -> None:
    put(root / ".gitignore", "*.log\n")
    rules = IgnoreRules(root)
    for name in [".", "", "a\0b", "x" * 300, "a\nb"]:
        assert rules.rule_for_real(Path(name)) is None
    assert rules.rule_for_real(Path("a\0.log")) is not None


@needs_links
def test_a_link_is_judged_by_its_name_and_by_what_it_leads_to(root: Path) -> None:
    put(root / ".gitignore", "*.log\nprivate/\n")
    put(root / "private/a.txt")
    put(root / "id_rsa")
    (root / "folder").symlink_to("private", target_is_directory=True)
    (root / "innocent.txt").symlink_to("id_rsa")
    (root / "twice.txt").symlink_to("innocent.txt")
    (root / "a.log").symlink_to("src.txt")
    (root / "loop").symlink_to("loop")
    put(root / "src.txt")
    rules = IgnoreRules(root)
    for name in ["folder/a.txt", "innocent.txt", "twice.txt", "a.log"]:
        assert rules.rule_for_real(Path(name)) is not None
    assert rules.rule_for(Path("folder/a.txt")) is None
    assert rules.rule_for_real(Path("loop")) is None
    assert rules.rule_for_real(Path("src.txt")) is None


@needs_links
def test_a_root_that_is_a_link_has_the_same_rules(root: Path, tmp_path: Path) -> None:
    put(root / "src/.gitignore", "*.log\n")
    link = tmp_path / "link"
    link.symlink_to(root, target_is_directory=True)
    for rules in (IgnoreRules(root), IgnoreRules(link)):
        assert rules.rule_for_real(link / "src/a.log") is not None
        assert rules.rule_for_real(root / "src/a.log") is not None


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


@posix
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


def test_a_path_of_endless_depth_is_excluded(root: Path) -> None:
    assert excluded(root, "a/" * 99 + "b") is None
    assert excluded(root, "a/" * 100 + "b") == "**"


def test_a_rule_in_a_sentence_plays_no_tricks() -> None:
    words = IgnoreRule("`a\u202e\x1b[31m\n" + "x" * 500, "a\nb/.gitignore", "ignored").words
    assert words.isprintable()
    assert words.count("`") == 2
    assert len(words) < 120


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


# Listing


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


@posix
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


def test_what_is_private_is_private_first_whatever_else_excludes_it(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("built/\nlink\n", "utf-8")
    (tmp_path / "built").mkdir()
    (tmp_path / "built/.env").write_text("A=1\n", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "built/.env")
    rules = IgnoreRules(tmp_path)
    for name in ("built/.env", "link"):
        rule = rules.rule_for_real(tmp_path / name)
        assert rule is not None
        assert rule.kind == "private"


def test_ignore_files_above_the_root_hold_up_to_the_top_of_its_repository(tmp_path: Path) -> None:
    root = tmp_path / "repo/a ö/b"
    root.mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*\n", "utf-8")
    (tmp_path / "repo/.git").mkdir()
    (tmp_path / "repo/.gitignore").write_text("/a ö/b/one\n*.log\nb/\n", "utf-8")
    (tmp_path / "repo/a ö/.aiignore").write_text("/b/two\n", "utf-8")
    (root / ".gitignore").write_text("!keep.log\n", "utf-8")
    rules = IgnoreRules(root)
    found = {
        name: rules.rule_for(root / name) for name in ("one", "two", "x.log", "keep.log", "c/one", "three")
    }
    assert {name: rule and (rule.pattern, rule.source) for name, rule in found.items()} == {
        "one": ("/a ö/b/one", "../../.gitignore"),
        "two": ("/b/two", "../.aiignore"),
        "x.log": ("*.log", "../../.gitignore"),
        "keep.log": None,
        "c/one": None,
        "three": None,
    }
