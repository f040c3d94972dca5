"""Temporary folders in place of a cache: for the user alone, gone with the server, gone after a kill too."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pygpt_lsp.services.private_folder import PrivateFolder, sweep_private_folders
from tests.support.platforms import needs_links, needs_modes

DAY = 24 * 3600  # seconds
ROOT = Path("/work/ö 😀")

KILLED = """
import os
from pygpt_lsp.services.private_folder import PrivateFolder
cache = PrivateFolder().cache_for(None)
(cache.chats_dir / "a.chat.md").write_text("a question")
print(cache.path, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, with things of others in it."""
    folder = tmp_path / "temporary"
    (folder / "another program's").mkdir(parents=True)
    (folder / "pygpt-lsp-private-file").write_text("a file of that name")
    (folder / "pygpt-lsp-demo-1").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def folders(temporary: Path) -> list[Path]:
    """The private folders that there are."""
    return [path for path in temporary.glob("pygpt-lsp-private-*") if path.is_dir()]


def left_behind(temporary: Path) -> Path:
    """The private folder of a process that was killed."""
    before = folders(temporary)
    output = subprocess.run([sys.executable, "-c", KILLED], check=False, capture_output=True).stdout
    (new,) = [folder for folder in folders(temporary) if folder not in before]
    assert Path(output.decode().strip()).parent == new.resolve()
    return new


@needs_modes
@pytest.mark.parametrize("umask", [0, 0o077])
def test_only_the_user_can_read_a_private_folder_whatever_the_umask(temporary: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        cache = PrivateFolder().cache_for(ROOT)
        cache.private_write(cache.chats_dir / "a.chat.md", "a question")
    finally:
        os.umask(before)
    (folder,) = folders(temporary)
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_each_workspace_folder_has_its_own_and_always_the_same() -> None:
    private = PrivateFolder()
    caches = [private.cache_for(root) for root in (ROOT, None, ROOT, Path("/other"))]
    assert caches[0] is caches[2]
    assert len({cache.path for cache in caches}) == 3
    assert len({cache.path.parent for cache in caches}) == 1
    private.remove()


def test_all_of_it_goes_with_the_server_and_may_be_asked_for_again(temporary: Path) -> None:
    private = PrivateFolder()
    cache = private.cache_for(ROOT)
    page = cache.requests_dir / "a.md"
    page.write_text("a question")
    page.chmod(0o400)
    (cache.chats_dir / ".a.chat.md.swp").write_text("an editor's")
    private.remove()
    private.remove()
    assert folders(temporary) == []
    assert private.cache_for(ROOT).chats_dir.is_dir()
    private.remove()
    assert folders(temporary) == []


def test_one_that_the_system_cleaned_up_is_made_anew() -> None:
    private = PrivateFolder()
    first, second = private.cache_for(ROOT), private.cache_for(None)
    first.chats_dir.rmdir()
    again = private.cache_for(ROOT)
    assert again.chats_dir.is_dir()
    assert again.path != private.cache_for(None).path == second.path
    private.remove()


def test_what_a_killed_server_left_goes_at_the_next_start_and_a_living_ones_stays(temporary: Path) -> None:
    living = PrivateFolder()
    (living.cache_for(ROOT).chats_dir / "a.chat.md").write_text("a question")
    left = left_behind(temporary)
    sweep_private_folders()
    assert not left.exists()
    assert (living.cache_for(ROOT).chats_dir / "a.chat.md").read_text() == "a question"
    assert len(list(temporary.iterdir())) == 4
    living.remove()


def test_one_that_is_just_being_made_is_left_alone_and_goes_after_a_day(temporary: Path) -> None:
    unlocked = temporary / "pygpt-lsp-private-new"
    unlocked.mkdir()
    sweep_private_folders()
    assert unlocked.is_dir()
    long_ago = time.time() - 2 * DAY
    os.utime(unlocked, (long_ago, long_ago))
    sweep_private_folders()
    assert not unlocked.exists()


@needs_links
def test_a_prepared_link_leads_to_no_other_folder(temporary: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    (precious / "chats").mkdir(parents=True)
    (precious / "lock").touch()
    (temporary / "pygpt-lsp-private-link").symlink_to(precious)
    inner = left_behind(temporary)
    (inner / "link").symlink_to(precious)
    sweep_private_folders()
    assert not inner.exists()
    assert (precious / "chats").is_dir()
