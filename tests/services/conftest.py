"""Fixtures of the tests of services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace folder."""
    folder = tmp_path / "wörkspace 😀"
    folder.mkdir()
    return folder
