"""What is tried again, when, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.core.messages import (
    Retrying,
)
from tests.services.chat_model.kit import (
    API,
    events_of,
    failure_of,
    text_of,
)
from tests.support.api_failures import (
    Failure,
    bad_request,
    no_quota,
    rate_limited,
    server_error,
)

if TYPE_CHECKING:
    from tests.services.chat_model.kit import Make, Spoken, Waits
    from tests.support.api_server import ScriptedApi


@API
@pytest.mark.parametrize(
    "failure", [rate_limited(), server_error(500), server_error(503), Failure(409), Failure(408)]
)
async def test_a_passing_failure_before_the_first_piece_is_tried_again(
    api: ScriptedApi, make: Make, waits: Waits, spoken: Spoken, failure: Failure
) -> None:
    api.fail(failure)
    api.fail(failure)
    api.reply("At last.")
    events = await events_of(make(spoken))
    retries = [event for event in events if isinstance(event, Retrying)]
    assert [retry.wait for retry in retries] == [0.5, 1.0] == waits.seconds
    assert all(retry.reason.startswith(api.origin.removeprefix("http://")) for retry in retries)
    assert text_of(events) == "At last."


async def test_after_three_tries_the_failure_is_told(api: ScriptedApi, make: Make, waits: Waits) -> None:
    for _ in range(4):
        api.fail(server_error(503))
    error, events = await failure_of(make())
    assert error.kind is ErrorKind.SERVER
    assert error.status == 503
    assert len(api.requests) == 3
    assert [type(event) for event in events] == [Retrying, Retrying]


async def test_jitter_shortens_the_wait_by_a_quarter_at_most(
    api: ScriptedApi, make: Make, waits: Waits
) -> None:
    api.fail(server_error())
    await events_of(make(jitter=1.0))
    assert waits.seconds == [0.375]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ([("Retry-After", "20")], 20.0),
        ([("Retry-After", "0.25")], 0.25),
        ([("Retry-After", "-3")], 0.0),
        ([("retry-after-ms", "1500"), ("Retry-After", "2")], 1.5),
        ([("Retry-After", "Fri, 15 Jan 2027 08:00:30 GMT")], 30.0),
        ([("Retry-After", "Fri, 15 Jan 2027 07:00:00 GMT")], 0.0),
        ([("Retry-After", "soon")], 0.5),
        ([("Retry-After", "nan")], 0.5),
    ],
)
async def test_the_wait_that_the_server_asks_for_is_honoured(
    api: ScriptedApi,
    make: Make,
    waits: Waits,
    headers: list[tuple[str, str]],
    wait: float,
) -> None:
    api.fail(rate_limited()._replace(headers=tuple(headers)))
    await events_of(make())
    assert waits.seconds == [wait]


async def test_a_wait_of_more_than_a_minute_is_told_instead_of_waited(
    api: ScriptedApi, make: Make, waits: Waits
) -> None:
    api.fail(rate_limited("7200"))
    error, _ = await failure_of(make())
    assert (error.kind, error.status, error.retry_after) == (ErrorKind.RATE_LIMITED, 429, 7200)
    assert "2 h" in error.sentence
    assert waits.seconds == []


@pytest.mark.parametrize(
    "failure",
    [
        no_quota(),
        bad_request(),
        Failure(403),
        server_error()._replace(headers=(("x-should-retry", "false"),)),
    ],
)
async def test_a_failure_that_stays_is_told_at_once(api: ScriptedApi, make: Make, failure: Failure) -> None:
    api.fail(failure)
    await failure_of(make())
    assert len(api.requests) == 1
