"""Requests that the user looks at: private, read-only, and gone with the server."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.services.shown_requests import ShownRequests
from pygpt_lsp.services.workspace_cache import open_cache
from tests.support.platforms import needs_modes

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.services.cache_folder import CacheFolder

DAY = 24 * 3600  # seconds


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    (tmp_path / "work").mkdir()
    return open_cache(tmp_path / "work", user_cache=tmp_path / "user").folder


@needs_modes
def test_only_the_user_can_read_a_request_and_nobody_changes_it_by_mistake(
    cache: CacheFolder,
) -> None:
    path = ShownRequests().write(cache, "preview", "ö 😀\r\n")
    assert path.read_bytes() == "ö 😀\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_all_of_a_server_go_with_it_and_those_of_another_stay(cache: CacheFolder) -> None:
    one, other = ShownRequests(), ShownRequests()
    paths = [one.write(cache, "preview", str(number)) for number in range(3)]
    stays = other.write(cache, "preview", "other")
    assert len({*paths, stays}) == 4
    one.remove()
    one.remove()
    assert cache.shown_requests() == [stays]


def test_what_a_killed_server_left_behind_goes_after_a_day(cache: CacheFolder) -> None:
    left = ShownRequests().write(cache, "preview", "left behind")
    young = ShownRequests().write(cache, "preview", "young")
    os.utime(left, (time.time() - 2 * DAY, time.time() - 2 * DAY))
    new = ShownRequests().write(cache, "preview", "new")
    assert sorted(cache.shown_requests()) == sorted([young, new])


def test_old_ones_make_room(cache: CacheFolder) -> None:
    shown = ShownRequests()
    paths = [shown.write(cache, "preview", str(number)) for number in range(30)]
    assert sorted(cache.shown_requests()) == sorted(paths[-20:])


@needs_modes
def test_a_prepared_link_changes_nothing_outside(cache: CacheFolder, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    outside.chmod(0o644)
    link = cache.requests_dir / "preview.md"
    link.symlink_to(outside)
    os.utime(link, (1, 1), follow_symlinks=False)
    (cache.requests_dir / "folder").mkdir()
    ShownRequests().write(cache, "preview", "secret")
    assert (outside.read_text(), stat.S_IMODE(outside.stat().st_mode)) == ("mine", 0o644)
