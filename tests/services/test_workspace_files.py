"""Files that a chat names: read inside the workspace, refused outside, wherever links lead."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services.ignore_rules import IgnoreRules
from pygpt_lsp.services.workspace_files import MAX_BYTES, WorkspaceFiles, existing_file
from tests.support.looked_at import note_looks
from tests.support.platforms import needs_links

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="devices are elsewhere on Windows")


def read_workspace_file(path: Path, roots: Sequence[Path]) -> str | None:
    look = WorkspaceFiles(IgnoreRules).look(path, roots)
    if look.refused is not None:
        raise look.refused
    return None if look.text is None else str(look.text)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the workspace."""
    file = tmp_path / "secret.txt"
    file.write_text("a secret")
    return file


@pytest.mark.parametrize("text", ["", "ö 😀", "eins\r\nzwei\rdrei\n\f\u2028"])
def test_a_file_is_read_as_it_is(root: Path, text: str) -> None:
    (root / "a.txt").write_bytes(text.encode())
    assert read_workspace_file(root / "a.txt", [root]) == text


def test_bytes_that_are_no_utf_8_are_replaced(root: Path) -> None:
    (root / "a.txt").write_bytes(b"gr\xfcn")
    assert read_workspace_file(root / "a.txt", [root]) == "gr\ufffdn"


def test_a_file_in_any_of_the_folders_is_read(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.txt").write_text("b")
    assert read_workspace_file(other / "b.txt", [root, other]) == "b"


@pytest.mark.parametrize("name", ["missing.txt", "missing/x.txt", "a.txt/x.txt", "nul\0byte", ""])
def test_a_name_that_no_file_has_is_none(root: Path, name: str) -> None:
    (root / "a.txt").write_text("a")
    if name:
        assert read_workspace_file(root / name, [root]) is None


def refusal(path: Path, *roots: Path) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(PygptError) as refused:
        read_workspace_file(path, roots)
    return refused.value.sentence


def test_a_file_outside_is_refused_however_its_path_is_written(root: Path, secret: Path) -> None:
    for path in (secret, root / "../secret.txt", root / "x/../../secret.txt"):
        (root / "x").mkdir(exist_ok=True)
        assert "outside the workspace" in refusal(path, root)
    assert "outside the workspace" in refusal(secret)  # no folder is open


def test_what_is_not_named_as_a_file_of_the_workspace_is_not_even_looked_at(
    root: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = note_looks(monkeypatch)
    assert "outside the workspace" in refusal(secret, root)
    assert existing_file([secret], [root]) is None
    assert str(secret) not in looked
    assert existing_file([root / "a.txt"], [root]) is None
    assert str(root / "a.txt") in looked


def test_a_folder_that_begins_with_the_same_letters_is_another_one(root: Path) -> None:
    beside = root.with_name(root.name + "-private")
    beside.mkdir()
    (beside / "a.txt").write_text("a")
    assert "outside the workspace" in refusal(beside / "a.txt", root)


@needs_links
def test_links_are_followed_before_it_is_decided(root: Path, secret: Path) -> None:
    (root / "file").symlink_to(secret)
    (root / "folder").symlink_to(secret.parent)
    (root / "inside").symlink_to(root / "a.txt")
    (root / "a.txt").write_text("a")
    assert "outside the workspace" in refusal(root / "file", root)
    assert "outside the workspace" in refusal(root / "folder/secret.txt", root)
    assert read_workspace_file(root / "inside", [root]) == "a"


@needs_links
def test_a_workspace_that_is_reached_by_a_link_is_the_workspace(root: Path, tmp_path: Path) -> None:
    (root / "a.txt").write_text("a")
    link = tmp_path / "link"
    link.symlink_to(root)
    assert read_workspace_file(link / "a.txt", [link]) == "a"
    assert read_workspace_file(root / "a.txt", [link]) == "a"


@needs_links
def test_a_link_to_itself_is_no_file(root: Path) -> None:
    (root / "loop").symlink_to(root / "loop")
    try:
        assert read_workspace_file(root / "loop", [root]) is None
    except PygptError as error:  # Python 3.13 gives the system's reason
        assert "cannot be read" in error.sentence  # noqa: PT017


@posix
def test_what_is_no_file_is_refused_and_never_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    for name in ("pipe", "folder"):
        assert "is not a file that can be sent" in refusal(root / name, root)
    (root / "zero").symlink_to("/dev/zero")
    assert "outside the workspace" in refusal(root / "zero", root)
    assert "is not a file that can be sent" in refusal(root / "zero", root, root.__class__("/dev"))


def test_a_binary_file_is_refused(root: Path) -> None:
    (root / "a.png").write_bytes(b"\x89PNG\r\n\0\0")
    assert "is not a text file" in refusal(root / "a.png", root)


def test_a_huge_file_is_refused_without_reading_it(root: Path) -> None:
    with (root / "big").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "is larger than 4 MiB" in refusal(root / "big", root)
    with (root / "big").open("wb") as file:
        file.write(b"x" * 10)
    assert read_workspace_file(root / "big", [root]) == "x" * 10


def test_a_name_that_is_too_long_is_a_sentence(root: Path) -> None:
    assert "cannot be read" in refusal(root / ("x" * 5000), root)


def test_a_file_that_a_rule_excludes_is_refused_with_the_rule(root: Path) -> None:
    (root / "sub").mkdir()
    (root / ".gitignore").write_text("*.log\n")
    (root / "sub/.aiignore").write_text("draft*\n")
    for name in ("a.log", "sub/draft.md", ".env", "sub/id_rsa"):
        (root / name).write_text("secret")
    assert "excluded by `*.log` in .gitignore" in refusal(root / "a.log", root)
    assert "excluded by `draft*` in sub/.aiignore" in refusal(root / "sub/draft.md", root)
    assert "environment files are never sent" in refusal(root / ".env", root)
    assert "private keys are never sent" in refusal(root / "sub/id_rsa", root)


@needs_links
def test_a_link_to_an_excluded_file_is_refused_and_so_is_an_excluded_link(root: Path) -> None:
    (root / ".gitignore").write_text("hidden/\n")
    (root / "hidden").mkdir()
    (root / "hidden/x.txt").write_text("secret")
    (root / "seen.txt").write_text("seen")
    (root / "link.txt").symlink_to(root / "hidden/x.txt")
    (root / ".env").symlink_to(root / "seen.txt")
    assert "`hidden/` in .gitignore" in refusal(root / "link.txt", root)
    assert "never sent" in refusal(root / ".env", root)


def test_a_rule_of_any_folder_around_the_file_holds(root: Path, tmp_path: Path) -> None:
    inner = root / "inner"
    inner.mkdir()
    (root / ".gitignore").write_text("*.txt\n")
    (inner / "a.txt").write_text("x")
    files = WorkspaceFiles(IgnoreRules)
    assert files.rule(inner / "a.txt", [inner]) is None
    assert files.rule(inner / "a.txt", [inner, root]) is not None
    for outside in (tmp_path / ".ssh/config", tmp_path / "x/.env", tmp_path / "id_rsa"):
        rule = files.rule(outside, [root])
        assert rule is not None
        assert rule.kind == "private"
    assert files.rule(tmp_path / "plain.txt", []) is None
    assert files.rule(tmp_path / ".aws/credentials", []) is not None


def test_a_text_is_read_once_as_long_as_its_file_is_unchanged(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "a.txt"
    path.write_text("old")
    os.utime(path, (1_000_000, 1_000_000))
    monkeypatch.setattr("pygpt_lsp.services.workspace_files.time.time_ns", lambda: 1 << 62)
    files = WorkspaceFiles(IgnoreRules)
    first = files.look(path, [root]).text
    assert files.look(path, [root]).text is first
    path.write_text("new")
    os.utime(path, (1_000_000, 1_000_000))  # the same size and time: the change shows elsewhere
    assert str(files.look(path, [root]).text) == "new"
    path.unlink()
    assert files.look(path, [root]).text is None


def test_a_file_that_has_just_been_changed_is_read_again(root: Path) -> None:
    path = root / "a.txt"
    files = WorkspaceFiles(IgnoreRules)
    for text in ("one", "two", "six"):  # all within one tick of a coarse clock
        path.write_text(text)
        assert str(files.look(path, [root]).text) == text


def test_what_was_seen_a_moment_ago_is_known_without_the_disk(root: Path) -> None:
    now = [100.0]
    files = WorkspaceFiles(IgnoreRules, now=lambda: now[0])
    path = root / "a.txt"
    assert files.remembered(path, 1.0) is None
    assert files.remembered_rule(path, 1.0) is None
    path.write_text("text")
    files.look(path, [root])
    files.rule(path, [root])
    path.unlink()
    now[0] += 0.9
    found = files.remembered(path, 1.0)
    assert found is not None
    assert str(found.text) == "text"
    assert files.remembered_rule(path, 1.0) == (None,)
    now[0] += 0.2
    assert files.remembered(path, 1.0) is None
    assert files.remembered_rule(path, 1.0) is None
