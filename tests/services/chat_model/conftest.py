"""Fixtures of the chat model's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.chat_model.kit import Make, Waits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.api_server import ScriptedApi


@pytest.fixture
def waits() -> Waits:
    """What the models of this test waited for."""
    return Waits()


@pytest.fixture
async def make(api: ScriptedApi, waits: Waits) -> AsyncIterator[Make]:
    """Makes models, which are closed after the test."""
    maker = Make(api, waits)
    yield maker
    for model in maker.made:
        await model.aclose()
