"""The index of the workspace's files: listed when asked, never what a rule excludes, and soon up to date."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services import file_index
from pygpt_lsp.services.file_index import FileIndex
from pygpt_lsp.services.ignore_rules import IgnoreRules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT = 20.0


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class HeldRules(IgnoreRules):
    """Lists no further than the test allows."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.go_on = threading.Semaphore(0)

    def walk(self) -> Iterator[Path]:
        for path in super().walk():
            assert self.go_on.acquire(timeout=WAIT)
            yield path


def make(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


class Kit:
    """An index on rules of its own for each folder."""

    def __init__(self, *roots: Path) -> None:
        self.roots = roots
        self.rules = {root: IgnoreRules(root) for root in roots}
        self.clock = Clock()
        self.index = FileIndex(lambda root: self.rules[root], self.clock)

    async def found(self, query: str = "", limit: int = 100, first: Path | None = None) -> set[str]:
        """The names for a query, once the listing that is due has ended."""
        await self.index.refresh(self.roots, WAIT)
        return {file.name for file in self.index.find(query, limit, first or self.roots[0])}


async def test_all_files_are_found_but_those_that_rules_exclude(tmp_path: Path) -> None:
    make(
        tmp_path,
        "a.py",
        "src/ö 😀.py",
        "src/deep/b.py",
        "build/x.py",
        ".env",
        "id_rsa",
        ".git/config",
        "x.log",
    )
    (tmp_path / ".gitignore").write_text("build/\n*.log\n", encoding="utf-8")
    assert await Kit(tmp_path).found() == {"a.py", "src/ö 😀.py", "src/deep/b.py", ".gitignore"}


async def test_nothing_is_listed_until_somebody_asks(tmp_path: Path) -> None:
    kit = Kit(make(tmp_path, "a.py"))
    assert kit.index.find("", 10, tmp_path) == []
    assert await kit.found("a") == {"a.py"}


async def test_what_was_found_so_far_can_be_searched_while_the_listing_runs(tmp_path: Path) -> None:
    make(tmp_path, *(f"file{number}.py" for number in range(200)))
    kit = Kit(tmp_path)
    rules = kit.rules[tmp_path] = HeldRules(tmp_path)
    index = FileIndex(lambda _root: rules)  # with the real clock: it waits no longer than it was told
    await index.refresh([tmp_path], 0.01)
    assert index.find("file", 500, tmp_path) == []
    rules.go_on.release(100)
    await index.refresh([tmp_path], 0.01)
    while not (found := index.find("file", 500, tmp_path)):
        await index.refresh([tmp_path], 0.01)
    assert 0 < len(found) <= 100
    rules.go_on.release(1000)
    while len(index.find("file", 500, tmp_path)) < 200:
        await index.refresh([tmp_path], 0.01)


async def test_a_file_made_later_is_found_when_the_listing_is_a_second_old(tmp_path: Path) -> None:
    kit = Kit(make(tmp_path, "a.py"))
    assert await kit.found() == {"a.py"}
    make(tmp_path, "new.py")
    kit.clock.seconds += 0.5
    assert await kit.found() == {"a.py"}
    kit.clock.seconds += 0.6
    assert await kit.found() == {"a.py", "new.py"}


async def test_a_listing_that_took_long_is_not_repeated_soon(tmp_path: Path) -> None:
    kit = Kit(make(tmp_path, "a.py"))
    rules = kit.rules[tmp_path] = HeldRules(tmp_path)
    await kit.index.refresh([tmp_path], 0.0)
    kit.clock.seconds += 4
    rules.go_on.release(100)
    while await kit.found() != {"a.py"}:
        pass
    make(tmp_path, "new.py")
    kit.clock.seconds += 50
    assert await kit.found() == {"a.py"}
    kit.clock.seconds += 50
    await kit.index.refresh([tmp_path], WAIT)
    while await kit.found() != {"a.py", "new.py"}:
        pass


async def test_what_is_gone_or_excluded_since_the_listing_is_never_given(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "gone.py", "secret.txt")
    kit = Kit(tmp_path)
    rules = kit.rules[tmp_path] = HeldRules(tmp_path)
    rules.go_on.release(100)
    assert await kit.found() == {"a.py", "gone.py", "secret.txt"}
    (tmp_path / "gone.py").unlink()
    (tmp_path / ".gitignore").write_text("secret*\n", encoding="utf-8")
    kit.clock.seconds += 2
    while rules.go_on.acquire(blocking=False):
        pass
    await kit.index.refresh([tmp_path], 0.0)  # the next listing cannot begin
    assert {file.name for file in kit.index.find("", 9, tmp_path)} == {"a.py"}
    rules.go_on.release(100)


async def test_a_path_that_another_folder_hides_is_given_whole(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one", "a.py", "b.py"), make(tmp_path / "two", "a.py", "c.py")
    kit = Kit(one, two)
    assert await kit.found() == {"a.py", "b.py", str(two / "a.py"), "c.py"}
    assert await kit.found(first=two) == {"a.py", "b.py", str(one / "a.py"), "c.py"}


async def test_a_folder_inside_another_is_listed_once(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    make(tmp_path, "a.py", "inner/b.py", "inner2/c.py")
    assert await Kit(tmp_path, inner).found() == {"a.py", "b.py", "inner2/c.py"}
    assert await Kit(tmp_path).found() == {"a.py", "inner/b.py", "inner2/c.py"}


async def test_folders_come_and_go(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one", "a.py"), make(tmp_path / "two", "b.py")
    kit = Kit(one, two)
    assert await kit.found() == {"a.py", "b.py"}
    kit.roots = (two,)
    assert await kit.found() == {"b.py"}
    kit.roots = ()
    await kit.index.refresh((), WAIT)
    assert kit.index.find("", 9, None) == []


async def test_other_rules_hold_at_once(tmp_path: Path) -> None:
    kit = Kit(make(tmp_path, "a.py", "b.txt"))
    assert await kit.found() == {"a.py", "b.txt"}
    kit.rules[tmp_path] = IgnoreRules(tmp_path, ["*.txt"])
    assert await kit.found() == {"a.py"}


async def test_no_more_files_are_kept_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, *(f"{number}.py" for number in range(12)))
    kit = Kit(tmp_path)
    assert len(await kit.found()) == 12
    assert not kit.index.capped
    monkeypatch.setattr(file_index, "MOST_FILES", 10)
    kit.clock.seconds += 5
    assert len(await kit.found()) == 10
    assert kit.index.capped


async def test_it_ends_in_the_middle_of_a_listing(tmp_path: Path) -> None:
    make(tmp_path, *(f"{number}.py" for number in range(200)))
    kit = Kit(tmp_path)
    rules = kit.rules[tmp_path] = HeldRules(tmp_path)
    await kit.index.refresh([tmp_path], 0.0)
    kit.index.close()
    rules.go_on.release(1)  # all it takes: nothing more is listed
    await kit.index.refresh([tmp_path], WAIT)
    assert kit.index.find("", 9, tmp_path) == []


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names there are Unicode")
async def test_a_name_that_is_no_unicode_is_found_by_the_rest_of_it(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"w\xffrd.txt")).touch()
    assert await Kit(tmp_path).found("wrd") == {"w\udcffrd.txt"}
