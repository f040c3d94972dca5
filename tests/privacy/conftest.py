"""The three runs of the working session; each is made once, by the first test that looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import runs

if TYPE_CHECKING:
    from .runs import Run


@pytest.fixture(scope="session")
def as_installed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Default settings, TLS, real names."""
    return runs.as_installed(tmp_path_factory.mktemp("as_installed"))


@pytest.fixture(scope="session")
def readable(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Plain HTTP on loopback."""
    return runs.readable(tmp_path_factory.mktemp("readable"))


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """No version check and no request."""
    return runs.quiet(tmp_path_factory.mktemp("quiet"))
