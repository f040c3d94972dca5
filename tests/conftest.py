"""Fixtures of the whole suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.api_server import ScriptedApi

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    """An OpenAI-compatible server on loopback that says what the test tells it to."""
    with ScriptedApi() as server:
        yield server
