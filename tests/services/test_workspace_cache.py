"""Where the cache lies, that it is private, and that no repository can turn it against its user."""

from __future__ import annotations

import errno
import os
import re
import stat
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.services.own_files import slug
from pygpt_lsp.services.workspace_cache import find_cache, nearest_workspace, open_cache
from tests.support.history_kit import ANY_TEXT
from tests.support.platforms import needs_modes

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder

DAY = date(2026, 1, 2)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def linked(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target, target_is_directory=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def cache(root: Path, tmp_path: Path) -> CacheFolder:
    return open_cache(root, user_cache=tmp_path / "user").folder


def test_the_cache_lies_in_the_workspace_and_nothing_is_said(root: Path, tmp_path: Path) -> None:
    folder, reason = open_cache(root, user_cache=tmp_path / "user")
    assert folder.path == root / ".pygpt" / "cache"
    assert reason == ""
    assert folder.chats_dir.is_dir()
    assert not (tmp_path / "user").exists()


@needs_modes
def test_only_the_user_can_read_the_cache(cache: CacheFolder) -> None:
    cache.private_write(cache.chats_dir / "a.chat.md", "secret")
    new = cache.new_chat_path(DAY, "secret")
    assert [mode(path) for path in (cache.path, cache.chats_dir, cache.locks_dir)] == [0o700] * 3
    assert [mode(path) for path in (cache.path / ".gitignore", cache.chats_dir / "a.chat.md", new)] == [
        0o600
    ] * 3


@needs_modes
def test_a_cache_that_others_could_read_is_closed_to_them(
    root: Path, cache: CacheFolder, tmp_path: Path
) -> None:
    cache.path.chmod(0o755)
    cache.chats_dir.chmod(0o755)
    open_cache(root, user_cache=tmp_path / "user")
    assert [mode(path) for path in (cache.path, cache.chats_dir)] == [0o700] * 2


@needs_modes
@pytest.mark.parametrize("umask", [0, 0o077])
def test_every_folder_that_is_made_on_the_way_is_the_users_alone(
    root: Path, tmp_path: Path, umask: int
) -> None:
    user = tmp_path / "home" / ".cache" / "pygpt-lsp"
    before = os.umask(umask)
    try:
        made = [open_cache(root, user_cache=user).folder.path, open_cache(None, user_cache=user).folder.path]
    finally:
        os.umask(before)
    folders = {folder for path in made for folder in (path, *path.parents)} - {root, *tmp_path.parents}
    assert {mode(folder) for folder in folders - {tmp_path}} == {0o700}


@needs_modes
@pytest.mark.parametrize("folder", [".pygpt/cache", ".pygpt/cache/chats"])
def test_a_cache_of_another_user_is_not_used(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (root / ".pygpt/cache/chats").mkdir(parents=True)
    theirs = root / folder
    known = os.stat

    def stat_(path: object, *arguments: object, **options: object) -> os.stat_result:
        found = known(path, *arguments, **options)  # type: ignore[arg-type]
        return os.stat_result((*found[:4], found.st_uid + 1, *found[5:])) if path == theirs else found

    monkeypatch.setattr(os, "stat", stat_)
    cache, reason = open_cache(root, user_cache=tmp_path / "user")
    assert cache.path.is_relative_to(tmp_path / "user")
    assert reason == f"{theirs} belongs to another user, so chats and history are kept in {cache.path}."
    assert list((root / ".pygpt/cache/chats").iterdir()) == []


@needs_modes
def test_a_file_system_that_cannot_lock_is_told_and_not_used(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    asked: list[int] = []

    def lockf(descriptor: int, operation: int) -> None:
        asked.append(descriptor)
        if len(asked) == 1:  # the workspace's file system, and not the home's
            raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", lockf)
    cache, reason = open_cache(root, user_cache=tmp_path / "user")
    assert cache.path.is_relative_to(tmp_path / "user")
    assert reason.startswith(f"The file system of {root / '.pygpt/cache'} cannot lock files, so chats and ")


@pytest.mark.parametrize("found", [None, "", "!*\n", "*\n# and a note\n"])
def test_git_never_sees_the_cache(root: Path, tmp_path: Path, found: str | None) -> None:
    ignore = root / ".pygpt" / "cache" / ".gitignore"
    if found is not None:
        ignore.parent.mkdir(parents=True)
        ignore.write_text(found)
    open_cache(root, user_cache=tmp_path / "user")
    assert ignore.read_bytes() == b"*\n"


def test_without_a_folder_the_users_cache_is_taken_and_the_user_is_told(tmp_path: Path) -> None:
    folder, reason = open_cache(None, user_cache=tmp_path)
    assert folder.path.is_relative_to(tmp_path / "workspaces")
    assert folder.chats_dir.is_dir()
    assert reason == f"This is in no open folder, so chats and history are kept in {folder.path}."


def test_a_root_that_cannot_be_written_gives_the_users_cache_and_the_reason(tmp_path: Path) -> None:
    root = tmp_path / "a file"
    root.write_text("in the way of every folder below it")
    folder, reason = open_cache(root, user_cache=tmp_path / "user")
    assert folder.path.is_relative_to(tmp_path / "user")
    assert reason == f"{root} cannot be written, so chats and history are kept in {folder.path}."


def test_every_root_has_its_own_place_in_the_users_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = {
        open_cache(tmp_path / "file" / name, user_cache=tmp_path / "user").folder.path for name in "abca"
    }
    assert len(places) == 3


def test_where_nothing_can_be_written_one_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="so nothing is kept: make one of them writable"):
        open_cache(tmp_path / "file", user_cache=tmp_path / "file")


@pytest.mark.parametrize("link", [".pygpt", ".pygpt/cache", ".pygpt/cache/chats", ".pygpt/cache/locks"])
def test_a_link_in_a_repository_never_leads_a_write_out_of_it(root: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    linked(root / link, outside)
    folder, reason = open_cache(root, user_cache=tmp_path / "user")
    assert folder.path.is_relative_to(tmp_path / "user")
    assert "leads out of the workspace" in reason
    assert list(outside.iterdir()) == []
    assert find_cache(root, user_cache=tmp_path / "user") is None


def test_a_link_to_itself_is_no_cache(root: Path, tmp_path: Path) -> None:
    linked(root / ".pygpt", root / ".pygpt")
    folder, _ = open_cache(root, user_cache=tmp_path / "user")
    assert folder.path.is_relative_to(tmp_path / "user")


def test_a_link_within_the_workspace_is_the_users_business(root: Path, tmp_path: Path) -> None:
    (root / "tools").mkdir()
    linked(root / ".pygpt", root / "tools")
    assert open_cache(root, user_cache=tmp_path / "user").reason == ""
    assert (root / "tools" / "cache" / "chats").is_dir()


def test_a_linked_gitignore_is_replaced_and_its_target_untouched(root: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    linked(root / ".pygpt" / "cache" / ".gitignore", precious)
    open_cache(root, user_cache=tmp_path / "user")
    assert precious.read_text() == "mine"
    assert not (root / ".pygpt" / "cache" / ".gitignore").is_symlink()


def test_a_linked_chat_document_is_replaced_and_its_target_untouched(
    cache: CacheFolder, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    linked(cache.chats_dir / "a.chat.md", precious)
    cache.private_write(cache.chats_dir / "a.chat.md", "answer")
    assert precious.read_text() == "mine"
    assert (cache.chats_dir / "a.chat.md").read_text() == "answer"


@pytest.mark.parametrize("text", ["", "ö😀\r\nno final newline", "a\rb\n\n", "\ufeffx"])
def test_a_text_is_written_byte_for_byte(cache: CacheFolder, text: str) -> None:
    path = cache.chats_dir / "a.chat.md"
    cache.private_write(path, "before")
    cache.private_write(path, text)
    assert path.read_bytes() == text.encode()
    assert [file.name for file in cache.chats_dir.iterdir()] == ["a.chat.md"]


def test_half_a_surrogate_pair_does_not_stop_a_write(cache: CacheFolder) -> None:
    cache.private_write(cache.chats_dir / "a.chat.md", "a\ud800b\ud83d\ude00")
    assert (cache.chats_dir / "a.chat.md").read_text("utf-8") == "a\ufffdb😀"


def test_a_write_that_fails_leaves_the_old_text_and_no_litter(
    cache: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cache.chats_dir / "a.chat.md"
    cache.private_write(path, "before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        cache.private_write(path, "after")
    assert path.read_text() == "before"
    assert [file.name for file in cache.chats_dir.iterdir()] == ["a.chat.md"]


@pytest.mark.parametrize(
    "outside", ["../escaped.md", "../../config.toml", "chats/../../x", "chats/deep/er.md"]
)
def test_only_files_of_the_cache_are_written(cache: CacheFolder, outside: str) -> None:
    with pytest.raises(ValueError, match="is not a file of the cache"):
        cache.private_write(cache.path / outside, "x")


def test_a_chat_is_named_by_its_day_and_title(cache: CacheFolder) -> None:
    assert cache.new_chat_path(DAY, "Why is this *slow*?").name == "2026-01-02-why-is-this-slow.chat.md"
    assert cache.new_chat_path(DAY, "Größe — Übung 2").name == "2026-01-02-größe-übung-2.chat.md"


def test_no_two_chats_take_the_same_name(cache: CacheFolder) -> None:
    names = [cache.new_chat_path(DAY, "Fix it").name for _ in range(3)]
    assert names == [f"2026-01-02-fix-it{tail}.chat.md" for tail in ("", "-2", "-3")]
    assert [path.read_bytes() for path in cache.chats_dir.iterdir()] == [b""] * 3


def test_the_cache_knows_its_own_chats(cache: CacheFolder, tmp_path: Path) -> None:
    path = cache.new_chat_path(DAY, "x")
    assert cache.chat_name(path) == path.name
    assert cache.chat_name(cache.path / "chats" / ".." / "chats" / path.name) == path.name
    assert cache.chat_name(tmp_path / path.name) is None


@given(ANY_TEXT)
def test_every_title_makes_a_name_that_every_file_system_takes(title: str) -> None:
    name = slug(title)
    assert 1 <= len(name) <= 50
    assert len(name.encode()) <= 100
    assert not re.search(r'[\s<>:"/\\|?*.\x00-\x1f]', name)
    assert name == name.lower()
    assert not name.startswith("-")
    assert not name.endswith("-")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "chat"),
        ("😀 !!", "chat"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con"),
        ("x" * 80, "x" * 50),
        ("हिन्दी में", "हिन्दी-में"),
        ("ﬁx Ⅳ", "fix-iv"),
    ],
)
def test_titles_become_readable_slugs(title: str, name: str) -> None:
    assert slug(title) == name


def test_looking_for_a_cache_creates_nothing(root: Path, tmp_path: Path) -> None:
    assert find_cache(root, user_cache=tmp_path / "user") is None
    assert find_cache(None, user_cache=tmp_path / "user") is None
    assert list(root.iterdir()) == []
    assert not (tmp_path / "user").exists()


def test_a_history_is_found_in_the_workspace_before_the_users_cache(tmp_path: Path) -> None:
    root, user = tmp_path / "work", tmp_path / "user"
    root.write_text("cannot hold a cache yet")
    elsewhere = open_cache(root, user_cache=user).folder
    elsewhere.history_path.touch()
    found = find_cache(root, user_cache=user)
    assert found is not None
    assert found.path == elsewhere.path
    root.unlink()
    open_cache(root, user_cache=user).folder.history_path.touch()
    found = find_cache(root, user_cache=user)
    assert found is not None
    assert found.path == root / ".pygpt" / "cache"


def test_the_nearest_workspace_is_the_next_folder_upwards_with_a_cache(
    root: Path, cache: CacheFolder
) -> None:
    (root / "src" / "deep").mkdir(parents=True)
    assert nearest_workspace(root / "src" / "deep") == root
    assert nearest_workspace(root.parent) == root.parent
