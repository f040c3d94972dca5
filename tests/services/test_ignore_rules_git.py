"""Our ignore rules decide as `git check-ignore` does, with the same pattern of the same file for a reason."""

from __future__ import annotations

import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services import ignore_files
from pygpt_lsp.services.ignore_rules import IgnoreRules

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [
    *("a", "b", "ab", "a.b", "ö", "x y", "A", "-", "!", "#", " ", "\\ ", "\\a", "\\*", "\\", "a\\"),
    *("*", "**", "***", "?", "*.b", "*.a.b", "a*", "a**", "**b"),
    *("[ab]", "[!a]", "[^b]", "[a-c]", "[c-a]", "[a-]", "[]a]", "[\\]]", "[", "]", "[b/c]"),
    *("[[:alpha:]]", "[[:lower:]a]", "[[:nonsense:]]", "[[:a]"),
]
NAMES = ["a", "b", "ab", "a.b", "b.b", "c", "aab", "A", "B", "aB", "x y", "ö", "-", "]", "!a", "#", "a.a.b"]
FOLDED_PIECES = [piece for piece in PIECES if piece != "A"] + ["A", "AB", "*.B", "[A-C]", "[[:upper:]]"]


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings for git of their own."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


class Repository:
    """A random tree with random ignore files."""

    def __init__(self, root: Path, rng: random.Random, pieces: list[str]) -> None:
        self.root = root
        self.paths: list[Path] = []
        self._rng = rng
        self._pieces = pieces
        subprocess.run(["git", "init", "-q", root], check=True, stdin=subprocess.DEVNULL)
        folders = [root]
        for _ in range(14):
            path = rng.choice(folders) / rng.choice(NAMES)
            if any(path.name.lower() == other.name.lower() for other in path.parent.iterdir()):
                continue  # some file systems take them for one
            if rng.random() < 0.5:
                path.mkdir()
                folders.append(path)
            else:
                path.touch()
            self.paths.append(path)
        for folder in folders:
            if folder == root or rng.random() < 0.3:
                (folder / ".gitignore").write_bytes(self._patterns())
        if rng.random() < 0.5:
            (root / ".git/info/exclude").write_bytes(self._patterns())

    def _patterns(self) -> bytes:
        lines = [self._pattern() for _ in range(self._rng.randint(1, 4))]
        return (self._rng.choice(["\n", "\r\n"]).join(lines) + self._rng.choice(["", "\n"])).encode()

    def _pattern(self) -> str:
        rng = self._rng
        count, most = rng.choice([(1, 3), (1, 2), (2, 2), (3, 1)])
        names = ["".join(rng.choices(self._pieces, k=rng.randint(1, most))) for _ in range(count)]
        negated, rooted = rng.choice(["", "", "", "!"]), rng.choice(["", "", "", "/"])
        return negated + rooted + "/".join(names) + rng.choice(["", "", "", "", "", "/", "/", " ", "\t"])

    def by_git(self, *settings: str) -> dict[Path, tuple[str, str] | None]:
        """For each path the file and the pattern in it that exclude it, as git tells."""
        output = subprocess.run(
            ["git", *settings, "check-ignore", "-z", "--stdin", "--verbose", "--non-matching", "--no-index"],
            cwd=self.root,
            input=b"\0".join(os.fsencode(path.relative_to(self.root).as_posix()) for path in self.paths),
            capture_output=True,
            check=False,  # 1 where nothing is ignored
        ).stdout
        fields = [field.decode("utf-8", "replace") for field in output.split(b"\0")]
        rows = zip(self.paths, fields[0:-1:4], fields[2::4], strict=True)
        deciding = {path: (source, pattern) for path, source, pattern in rows}
        return {path: None if rule[1][:1] in {"", "!"} else rule for path, rule in deciding.items()}

    def by_us(self) -> dict[Path, tuple[str, str] | None]:
        """The same, as we tell."""
        rules = IgnoreRules(self.root)
        found = {path: rules.rule_for(path) for path in self.paths}
        return {path: rule and (rule.source, rule.pattern) for path, rule in found.items()}


@pytest.mark.parametrize("seed", range(6))
def test_we_decide_as_git_does_and_for_the_same_reason(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    excluded = 0
    for number in range(25):
        repository = Repository(tmp_path / str(number), rng, PIECES)
        by_git = repository.by_git()
        assert repository.by_us() == by_git
        listed = {path for path in IgnoreRules(repository.root).walk() if path.name != ".gitignore"}
        assert listed == {path for path, rule in by_git.items() if rule is None and path.is_file()}
        excluded += sum(rule is not None for rule in by_git.values())
    assert excluded > 20


@pytest.mark.parametrize("seed", range(2))
def test_where_case_does_not_count_we_decide_as_git_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Except for a single capital letter in a set, which git never matches there."""
    monkeypatch.setattr(ignore_files, "_FOLDED", True)
    rng = random.Random(1000 + seed)
    for number in range(25):
        repository = Repository(tmp_path / str(number), rng, FOLDED_PIECES)
        assert repository.by_us() == repository.by_git("-c", "core.ignorecase=true")
