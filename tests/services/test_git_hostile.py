"""A hostile repository gets nothing run by git, and nothing of others shown as its own."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import PygptError
from tests.support.git_kit import become_a_user, make_repository, printed, run, staged_diff, working_diff
from tests.support.platforms import needs_links

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings for git of their own."""
    become_a_user(tmp_path, monkeypatch)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of `a.txt`, and a change to it that is not staged."""
    return make_repository(tmp_path)


def remove(folder: Path) -> None:
    """A folder with all in it."""
    if folder.exists():
        shutil.rmtree(folder)


# A hostile repository. `spy` is a command that leaves a trace and fails.


def external_diff(repository: Path, spy: str) -> None:
    run(repository, "config", "diff.external", spy)


def diff_driver(repository: Path, spy: str) -> None:
    (repository / ".gitattributes").write_text("* diff=evil\n")
    run(repository, "config", "diff.evil.command", spy)


def textconv(repository: Path, spy: str) -> None:
    (repository / ".gitattributes").write_text("* diff=evil\n")
    run(repository, "config", "diff.evil.textconv", spy)


def file_system_monitor(repository: Path, spy: str) -> None:
    run(repository, "config", "core.fsmonitor", spy)


def clean_filter(repository: Path, spy: str) -> None:
    (repository / ".gitattributes").write_text("* filter=evil\n")
    run(repository, "config", "filter.evil.clean", spy)


def required_filter_outside_the_work_tree(repository: Path, spy: str) -> None:
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/attributes").write_text("* filter=evil\n")
    run(repository, "config", "filter.evil.required", "true")
    run(repository, "config", "filter.evil.clean", spy)


def filter_process(repository: Path, spy: str) -> None:
    (repository / ".gitattributes").write_text("* filter=evil\n")
    run(repository, "config", "filter.evil.process", spy)


def included_filter(repository: Path, spy: str) -> None:
    (repository / ".gitattributes").write_text("* filter=evil\n")
    run(repository, "config", "-f", str(repository / "more"), "filter.evil.clean", spy)
    run(repository, "config", "include.path", str(repository / "more"))


def filter_of_the_work_tree(repository: Path, spy: str) -> None:
    (repository / ".gitattributes").write_text("* filter=evil\n")
    run(repository, "config", "extensions.worktreeConfig", "true")
    run(repository, "config", "--worktree", "filter.evil.clean", spy)


def missing_object(repository: Path, spy: str) -> None:
    """The blob in the commit is gone and would be fetched, by a program of the repository's choice."""
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://example.invalid/x",
        "protocol.allow": "always",
        "core.sshCommand": spy,
    }
    for name, value in settings.items():
        run(repository, "config", name, value)
    blob = subprocess.check_output(["git", "rev-parse", "HEAD:a.txt"], cwd=repository, text=True).strip()
    file = repository / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o600)
    file.unlink()


def submodule(repository: Path, spy: str) -> None:
    inner = repository / "inner"
    inner.mkdir()
    run(inner, "init")
    (inner / "b.txt").write_text("b\n")
    run(inner, "add", ".")
    run(inner, "commit", "-m", "inner")
    run(repository, "add", "inner")
    (inner / "b.txt").write_text("c\n")
    clean_filter(inner, spy)


ATTACKS: tuple[Callable[[Path, str], None], ...] = (
    external_diff,
    diff_driver,
    textconv,
    file_system_monitor,
    clean_filter,
    required_filter_outside_the_work_tree,
    filter_process,
    included_filter,
    filter_of_the_work_tree,
    missing_object,
    submodule,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_a_repository_runs_no_program(
    repository: Path, tmp_path: Path, attack: Callable[[Path, str], None]
) -> None:
    trace = tmp_path / "trace"
    attack(repository, f"echo ran >> '{trace.as_posix()}'; exit 1 #")
    printed(repository, "diff", "HEAD")
    assert trace.exists()  # it is an attack
    trace.unlink()

    for diff in (working_diff(repository), staged_diff(repository / ".git")):
        try:
            await diff
        except PygptError:
            assert attack is missing_object
    assert not trace.exists()


async def test_a_filter_of_the_repository_does_not_keep_the_diff_away(repository: Path) -> None:
    required_filter_outside_the_work_tree(repository, "false")
    assert "+zwö 😀\n" in await working_diff(repository)


async def test_the_users_own_filters_work(repository: Path) -> None:
    (repository / ".gitattributes").write_text("a.txt filter=mine\n")
    run(repository, "config", "--global", "filter.mine.clean", "tr a-z A-Z")
    assert "+ZWö 😀\n" in await working_diff(repository)


async def test_a_filter_that_cannot_be_turned_off_stops_the_diff(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitattributes").write_text("* filter=a=b\n")
    with (repository / ".git/config").open("a") as config:
        config.write(f'[filter "a=b"]\nclean = echo ran > {tmp_path.as_posix()}/trace\n')
    with pytest.raises(PygptError, match="not safe"):
        await working_diff(repository)
    assert not (tmp_path / "trace").exists()


async def test_a_repository_cannot_point_at_files_outside_the_workspace(
    repository: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.txt").write_text("a secret\n")
    for place in (elsewhere, tmp_path):
        run(repository, "config", "core.worktree", str(place))
        diff = await working_diff(repository)
        assert "secret" not in diff
        assert "+zwö 😀\n" in diff


# Ways into the reader's other repository, `other`, for one that has nothing of its own.


def git_file(git_dir: Path, other: Path) -> None:
    remove(git_dir)
    git_dir.write_text(f"gitdir: {other.as_posix()}\n")


def linked_git_folder(git_dir: Path, other: Path) -> None:
    remove(git_dir)
    git_dir.symlink_to(other)


def common_folder(git_dir: Path, other: Path) -> None:
    (git_dir / "commondir").write_text(f"{other.as_posix()}\n")


def linked_branch(git_dir: Path, other: Path) -> None:
    (git_dir / "refs/heads/main").symlink_to(other / "refs/heads/main")
    (git_dir / "objects/info/alternates").write_text(f"{(other / 'objects').as_posix()}\n")


def known_commit(git_dir: Path, other: Path) -> None:
    (git_dir / "refs/heads/main").write_bytes((other / "refs/heads/main").read_bytes())
    remove(git_dir / "objects")
    (git_dir / "objects").symlink_to(other / "objects")


def known_commit_of_lent_objects(git_dir: Path, other: Path) -> None:
    (git_dir / "refs/heads/main").write_bytes((other / "refs/heads/main").read_bytes())
    (git_dir / "objects/info/alternates").write_text(f"{(other / 'objects').as_posix()}\n")


def no_git_folder_in_another_repository(git_dir: Path, other: Path) -> None:
    remove(git_dir)
    git_dir.mkdir()
    remove(git_dir.parent.parent / ".git")
    other.rename(git_dir.parent.parent / ".git")


def as_its_work_tree(git_dir: Path, other: Path) -> None:
    """A folder beside the workspace, packed with it, that takes all from the other repository."""
    beside = git_dir.parent.parent / "packed.git"
    git_dir.rename(beside)
    git_dir.write_text("gitdir: ../packed.git\n")
    (beside / "gitdir").write_text("../theirs/.git\n")
    (beside / "commondir").write_text(f"{other.as_posix()}\n")


WAYS_IN: tuple[Callable[[Path, Path], None], ...] = (
    git_file,
    linked_git_folder,
    common_folder,
    linked_branch,
    known_commit,
    known_commit_of_lent_objects,
    no_git_folder_in_another_repository,
    as_its_work_tree,
)


@needs_links
@pytest.mark.parametrize("way_in", WAYS_IN, ids=lambda way_in: way_in.__name__)
async def test_a_repository_cannot_show_another_one_as_its_own(
    repository: Path, tmp_path: Path, way_in: Callable[[Path, Path], None]
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    run(theirs, "init")
    way_in(theirs / ".git", repository / ".git")
    assert "\n-eins\n" in printed(theirs, "diff", "HEAD")  # it is a way in

    with pytest.raises(PygptError, match=r"not the repository of this folder|leads to another repository"):
        await working_diff(theirs)
    if way_in not in {git_file, linked_git_folder, no_git_folder_in_another_repository}:
        git_dir = tmp_path / "packed.git" if way_in is as_its_work_tree else theirs / ".git"
        with pytest.raises(PygptError, match="leads to another repository"):
            await staged_diff(git_dir)


async def test_what_the_users_own_filter_would_run_for_a_repository_stops_the_diff(repository: Path) -> None:
    run(repository, "config", "lfs.extension.evil.clean", "echo ran")
    with pytest.raises(PygptError, match="not safe"):
        await working_diff(repository)


async def test_a_link_shows_where_it_leads_and_not_what_is_there(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("a secret\n")
    (repository / "a.txt").unlink()
    try:
        (repository / "a.txt").symlink_to(tmp_path / "outside.txt")
    except OSError:
        pytest.skip("links need a privilege on Windows")
    assert "secret" not in await working_diff(repository)


async def test_a_workspace_that_looks_like_a_git_folder_is_not_read_as_one(
    repository: Path, tmp_path: Path
) -> None:
    disguised = tmp_path / "disguised"
    (repository / ".git").rename(disguised)
    with pytest.raises(PygptError, match="is this a repository"):
        await working_diff(disguised)
