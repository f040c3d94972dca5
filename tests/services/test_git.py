"""What git tells of a workspace, and that a hostile repository gets nothing run and nothing read."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD = "eins\nzwei\ndrei\n"
NEW = "eins\nzwö 😀\ndrei\n"


def run(folder: Path, *arguments: str) -> None:
    """git, as its user would run it."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


async def working_diff(folder: Path) -> str:
    """The whole diff."""
    return (await git.working_diff(folder, lambda _path: None)).text


async def staged_diff(git_dir: Path) -> str:
    """The whole diff."""
    return (await git.staged_diff(git_dir, lambda _path: None)).text


def unprotected_diff(folder: Path) -> None:
    """What anybody would do."""
    command = ["git", "diff", "HEAD"]
    subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings for git of their own."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".gitconfig").write_text(
        "[user]\nname = Ö\nemail = o@example.invalid\n[init]\ndefaultBranch = main\n", "utf-8"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of `a.txt`, and a change to it that is not staged."""
    folder = tmp_path / "repö"
    folder.mkdir()
    run(folder, "init")
    (folder / "a.txt").write_bytes(OLD.encode())
    run(folder, "add", "a.txt")
    run(folder, "commit", "-m", "one")
    (folder / "a.txt").write_bytes(NEW.encode())
    return folder


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


async def test_without_a_repository_or_a_commit_the_reason_is_said(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PygptError, match="is this a repository with a commit"):
        await working_diff(empty)
    run(empty, "init")
    with pytest.raises(PygptError, match="is this a repository with a commit"):
        await working_diff(empty)


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
    monkeypatch.setattr(git, "_SECONDS", 0.0)
    with pytest.raises(PygptError, match="git did not answer"):
        await working_diff(repository)


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
    unprotected_diff(repository)
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
