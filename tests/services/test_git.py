"""What git tells of a workspace."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services import git, git_program
from tests.support.git_kit import (
    NEW,
    become_a_user,
    make_repository,
    printed,
    run,
    staged_diff,
    working_diff,
)


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings for git of their own."""
    become_a_user(tmp_path, monkeypatch)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of `a.txt`, and a change to it that is not staged."""
    return make_repository(tmp_path)


async def test_the_working_diff_holds_what_changed_since_the_commit(repository: Path) -> None:
    diff = await working_diff(repository)
    assert diff.startswith("diff --git a/a.txt b/a.txt\n")
    assert "\n-zwei\n+zwö 😀\n" in diff


async def test_staged_changes_are_in_both_diffs_and_others_in_one(repository: Path) -> None:
    assert await staged_diff(repository / ".git") == ""
    run(repository, "add", "a.txt")
    assert "+zwö 😀\n" in await staged_diff(repository / ".git")
    assert "+zwö 😀\n" in await working_diff(repository)


async def test_the_diff_looks_the_same_whatever_the_user_set(repository: Path) -> None:
    plain = await working_diff(repository)
    for setting in ("diff.noprefix", "diff.mnemonicPrefix", "color.ui"):
        run(repository, "config", setting, "always" if setting == "color.ui" else "true")
    assert await working_diff(repository) == plain


async def test_a_path_with_other_letters_is_written_as_it_is(repository: Path) -> None:
    (repository / "größe.txt").write_text("x\n", "utf-8")
    run(repository, "add", ".")
    assert "b/größe.txt" in await working_diff(repository)


async def test_a_workspace_below_the_repository_sees_its_own_changes_alone(repository: Path) -> None:
    below = repository / "below"
    below.mkdir()
    (below / "b.txt").write_text("mine\n")
    run(repository, "add", "below")
    diff = await working_diff(below)
    assert "below/b.txt" in diff
    assert "a.txt" not in diff


async def test_the_rules_are_asked_about_whole_paths_whatever_the_user_set(repository: Path) -> None:
    (repository / "sub").mkdir()
    (repository / "sub/c.txt").write_text("c\n")
    run(repository, "add", ".")
    run(repository, "config", "--global", "diff.relative", "true")
    asked: list[Path] = []
    await git.working_diff(repository / "sub", asked.append)
    assert set(asked) == {repository / "sub/c.txt"}


async def test_a_linked_work_tree_and_a_submodule_have_their_diffs(repository: Path, tmp_path: Path) -> None:
    linked, inner = tmp_path / "linked", repository / "inner"
    run(repository, "worktree", "add", str(linked))
    run(repository, "-c", "protocol.file.allow=always", "submodule", "add", str(linked), "inner")
    for folder in (linked, inner):
        (folder / "a.txt").write_text(NEW, "utf-8")
        assert "+zwö 😀\n" in await working_diff(folder)
        run(folder, "add", "a.txt")
        git_dir = Path(printed(folder, "rev-parse", "--absolute-git-dir").strip())
        assert "+zwö 😀\n" in await staged_diff(git_dir)


async def test_without_a_repository_or_a_commit_the_reason_is_said(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PygptError, match="is this a repository with a commit"):
        await working_diff(empty)
    run(empty, "init")
    with pytest.raises(PygptError, match="is this a repository with a commit"):
        await working_diff(empty)


async def test_a_git_folder_that_cannot_be_looked_through_is_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = repository / ".git/refs/heads"
    look = os.scandir

    def refuse(folder: Path) -> object:
        if folder == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(closed))
        return look(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PygptError) as refused:
        await working_diff(repository)
    assert refused.value.sentence.endswith(f"{closed} cannot be read (Permission denied).")


async def test_without_git_the_reason_is_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(PygptError, match="git is not installed"):
        await working_diff(repository)


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("def test_that_has_a_long_name(a, b):", "@@ def test_that_has_a_long_name(a, b):"),
        ("Qm9ndXMga2V5IG9mIGEgdGVzdCBhbmQgbm9ib2R5IGtub3dzIGl0IHNvIGl0IGlz", "@@"),
        (f"connect(to_some_host_with_a_long_name, and, then, some, more, key='{'q7Zk' * 9}')", None),
    ],
)
async def test_what_git_repeats_above_a_hunk_is_names_and_no_part_of_a_secret(
    repository: Path, line: str, heading: str | None
) -> None:
    file = repository / "b.txt"
    lines = [line, *(f"  {number}" for number in range(9))]
    file.write_text("\n".join(lines))
    run(repository, "add", ".")
    run(repository, "commit", "-m", "x")
    file.write_text("\n".join([*lines[:-1], "  ö"]), "utf-8")
    diff = await working_diff(repository)
    [shown] = [each for each in diff.splitlines() if each.startswith("@@")]
    assert "q7" not in shown
    assert heading is None or shown.endswith(heading)


async def test_a_huge_diff_is_cut_at_the_end_of_a_line(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "MAX_DIFF_BYTES", 100_000)
    (repository / "a.txt").write_bytes(b"more and more\n" * 200_000)
    diff = await working_diff(repository)
    assert 99_000 < len(diff) < 100_000
    assert diff.endswith("more and more\n")


async def test_git_that_takes_too_long_is_given_up(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_program, "_SECONDS", 0.0)
    with pytest.raises(PygptError, match="git did not answer"):
        await working_diff(repository)
