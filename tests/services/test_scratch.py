"""Code from a chat in a file of its own: private, never over another file, never through a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.cache_folder import LeadsOutsideError
from pygpt_lsp.services.workspace_cache import open_cache
from tests.support.platforms import needs_links, needs_modes

if TYPE_CHECKING:
    from pathlib import Path


def test_each_file_is_a_new_one_under_a_name_that_every_system_takes(tmp_path: Path) -> None:
    folder = open_cache(tmp_path).folder
    files = [folder.new_scratch_file("copy of ../Ö 😀:x", "PY", f"ö 😀\r\n{n}") for n in range(3)]
    assert [path.name for path in files] == [
        "copy-of-ö-x.py",
        "copy-of-ö-x-2.py",
        "copy-of-ö-x-3.py",
    ]
    assert [path.read_bytes().decode() for path in files] == [f"ö 😀\r\n{n}" for n in range(3)]
    assert {path.parent for path in files} == {folder.scratch_dir}


@needs_modes
def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    folder = open_cache(tmp_path).folder
    path = folder.new_scratch_file("snippet", "py", "x")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@needs_links
def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = open_cache(tmp_path / "workspace").folder
    outside = tmp_path / "outside"
    outside.mkdir()
    folder.scratch_dir.symlink_to(outside, target_is_directory=True)
    with pytest.raises(LeadsOutsideError):
        folder.new_scratch_file("snippet", "py", "x")
    assert list(outside.iterdir()) == []
