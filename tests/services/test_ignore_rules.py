"""What is never sent, listed or edited, by whatever name or link one comes to it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pygpt_lsp.services.ignore_rules import IgnoreRule, IgnoreRules
from tests.support.ignore_kit import IGNORE_FILES, excluded, put
from tests.support.platforms import needs_links

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


def test_the_setting_excludes_and_no_file_brings_it_back(root: Path) -> None:
    put(root / ".gitignore", "!*.secret\n")
    rule = IgnoreRules(root, ["*.secret", "!x.secret", "notes/"]).rule_for(Path("a/b.secret"))
    assert rule is not None
    assert rule.words == "`*.secret` in the setting privacy.ignore"
    assert IgnoreRules(root, ["*.secret", "!x.secret"]).rule_for(Path("x.secret")) is None


@pytest.mark.skipif(sys.platform == "win32", reason="names are Unicode on Windows")
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


def test_a_path_of_endless_depth_is_excluded(root: Path) -> None:
    assert excluded(root, "a/" * 99 + "b") is None
    assert excluded(root, "a/" * 100 + "b") == "**"


def test_a_rule_in_a_sentence_plays_no_tricks() -> None:
    words = IgnoreRule("`a\u202e\x1b[31m\n" + "x" * 500, "a\nb/.gitignore", "ignored").words
    assert words.isprintable()
    assert words.count("`") == 2
    assert len(words) < 120
