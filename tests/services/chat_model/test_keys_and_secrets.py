"""Which key is used, and that neither it nor a prompt is told to anybody."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.services.api_key import ApiKey, FoundKey, SessionKey
from tests.services.chat_model.kit import (
    API,
    ASKED,
    KEY,
    events_of,
    failure_of,
    text_of,
)
from tests.support.api_failures import (
    Failure,
    bad_key,
    bad_request,
)

if TYPE_CHECKING:
    from tests.services.chat_model.kit import Make, Spoken
    from tests.support.api_server import ScriptedApi


async def test_a_refused_key_is_looked_for_again_and_the_new_one_used_once(
    api: ScriptedApi, make: Make
) -> None:
    found = iter(["old", "new"])

    async def find() -> FoundKey:
        return FoundKey(ApiKey(next(found)), "api_key_command")

    api.fail(bad_key())
    api.reply("Fine.")
    assert text_of(await events_of(make(key=SessionKey(find)))) == "Fine."
    assert [request.header("Authorization") for request in api.requests] == ["Bearer old", "Bearer new"]


async def test_a_refused_key_that_stays_the_same_is_told_with_where_it_came_from(
    api: ScriptedApi, make: Make
) -> None:
    async def find() -> FoundKey:
        return FoundKey(ApiKey(KEY), "api_key_command")

    api.fail(bad_key(f"{KEY[:8]}*********{KEY[-4:]}"))
    error, _ = await failure_of(make(key=SessionKey(find)))
    assert error.kind is ErrorKind.BAD_KEY
    assert "api_key_command" in error.sentence
    assert KEY[:8] not in error.sentence
    assert len(api.requests) == 1


async def test_two_refused_keys_end_it(api: ScriptedApi, make: Make) -> None:
    names = iter("abcdef")

    async def find() -> FoundKey:
        return FoundKey(ApiKey(next(names)), "the keyring")

    for _ in range(4):
        api.fail(bad_key())
    await failure_of(make(key=SessionKey(find)))
    assert len(api.requests) == 2


async def test_a_library_gone_astray_is_stopped_at_the_door_with_the_key_in_its_hand(
    api: ScriptedApi, make: Make
) -> None:
    model = make()
    await events_of(model)
    assert model._connection is not None
    model._connection.client.base_url = "https://evil.example.com/v1"
    with pytest.raises(RequestRefused) as refused:
        await events_of(model)
    assert refused.value.kind is ErrorKind.NOT_ALLOWED
    assert len(api.requests) == 1


async def test_without_a_key_nothing_is_sent(api: ScriptedApi, make: Make) -> None:
    async def find() -> None:
        return None

    with pytest.raises(RequestRefused) as refused:
        await events_of(make(key=SessionKey(find)))
    assert refused.value.kind is ErrorKind.NO_KEY
    assert api.connections == 0


async def test_an_error_carries_no_trace_of_the_libraries_which_hold_the_request(
    api: ScriptedApi, make: Make
) -> None:
    api.fail(bad_request())
    error, _ = await failure_of(make())
    assert error.__cause__ is None
    assert error.__context__ is None


@API
async def test_neither_key_nor_prompt_nor_answer_are_logged_even_with_openai_log(
    api: ScriptedApi,
    make: Make,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    spoken: Spoken,
) -> None:
    from openai._utils._logs import setup_logging

    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    setup_logging()
    api.fail(Failure(400, f"Bad: {KEY} asked Was heißt 😀?"))
    api.reply("secret answer")
    model = make(spoken)
    await failure_of(model)
    await events_of(model)
    for hidden in (KEY, "Was heißt", "secret answer"):
        assert hidden not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith(("openai", "http"))]


@API
async def test_nothing_is_left_open_for_the_garbage_collector(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    """With warnings as errors, a stream or socket that is only collected would fail here."""
    model = make(spoken)
    api.stream().send("Hel")
    events = model.stream(ASKED)
    await anext(events)
    await events.aclose()
    api.reply("Half", cut="reset")
    await failure_of(model)
    await model.aclose()
    gc.collect()
    await asyncio.sleep(0)
