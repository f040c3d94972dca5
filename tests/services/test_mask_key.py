"""The key of a workspace's placeholders is the user's alone; one that came with a repository is not used."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.mask_key import find_key, kept_key
from pygpt_lsp.services.workspace_cache import open_cache
from tests.support.platforms import needs_modes

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    assert find_key(tmp_path) is None
    folder = open_cache(tmp_path).folder

    key = kept_key(folder)

    assert len(key) == 32
    assert kept_key(folder) == find_key(tmp_path) == key
    if os.name != "nt":
        assert stat.S_IMODE(folder.mask_key_path.stat().st_mode) == 0o600


@needs_modes
def test_a_key_that_others_can_read_is_replaced(tmp_path: Path) -> None:
    folder = open_cache(tmp_path).folder
    folder.mask_key_path.write_text("00" * 32)
    folder.mask_key_path.chmod(0o644)

    assert find_key(tmp_path) is None
    assert kept_key(folder) != bytes(32)


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33, "ö" * 32])
def test_what_is_no_key_is_replaced(tmp_path: Path, text: str) -> None:
    folder = open_cache(tmp_path).folder
    folder.mask_key_path.write_bytes(text.encode())
    folder.mask_key_path.chmod(0o600)

    key = kept_key(folder)

    assert len(key) == 32
    assert find_key(tmp_path) == key


@needs_modes
def test_a_link_in_place_of_the_key_is_replaced_and_not_followed(tmp_path: Path) -> None:
    folder = open_cache(tmp_path).folder
    outside = tmp_path / "outside"
    outside.write_text("00" * 32)
    outside.chmod(0o600)
    folder.mask_key_path.symlink_to(outside)

    assert kept_key(folder) != bytes(32)
    assert outside.read_text() == "00" * 32
