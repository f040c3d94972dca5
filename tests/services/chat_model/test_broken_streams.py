"""Answers that break off, stall, or are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from pygpt_lsp.core.errors import ErrorKind, ModelError
from pygpt_lsp.core.messages import (
    TextDelta,
)
from tests.services.chat_model.kit import (
    API,
    ASKED,
    events_of,
    failure_of,
    text_of,
)

if TYPE_CHECKING:
    from tests.services.chat_model.kit import Make, Spoken
    from tests.support.api_server import ScriptedApi


@API
@pytest.mark.parametrize("cut", ["reset", "close", "end"])
async def test_a_stream_cut_after_a_piece_is_not_repeated_and_keeps_the_piece(
    api: ScriptedApi,
    make: Make,
    spoken: Spoken,
    cut: Literal["reset", "close", "end"],
) -> None:
    reply = api.stream()
    reply.send("Half an ")
    events = make(spoken).stream(ASKED)
    assert await anext(events) == TextDelta("Half an ")
    reply.cut(cut)
    with pytest.raises(ModelError) as raised:
        await anext(events)
    assert raised.value.kind is ErrorKind.CUT
    assert "what arrived is kept" in raised.value.sentence
    assert len(api.requests) == 1


@API
@pytest.mark.parametrize("cut", ["reset", "close", "end"])
async def test_a_stream_cut_before_its_first_piece_is_tried_again(
    api: ScriptedApi,
    make: Make,
    spoken: Spoken,
    cut: Literal["reset", "close", "end"],
) -> None:
    api.reply("", cut=cut)
    api.reply("Whole.")
    assert text_of(await events_of(make(spoken))) == "Whole."


@API
@pytest.mark.parametrize("reason", ["failed", "error"])
async def test_an_error_inside_the_stream_is_told_after_the_text_before_it(
    api: ScriptedApi,
    make: Make,
    spoken: Spoken,
    reason: Literal["failed", "error"],
) -> None:
    api.reply("Half", finish_reason=reason)
    error, events = await failure_of(make(spoken))
    assert error.kind is ErrorKind.SERVER
    assert text_of(events) == "Half"


@API
async def test_a_malformed_stream_is_told_after_the_text_before_it(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    api.reply("Half", malformed=True)
    error, events = await failure_of(make(spoken))
    assert error.kind is ErrorKind.MALFORMED
    assert text_of(events) == "Half"


@API
@pytest.mark.parametrize(
    "data", [b"data: 42\n\n", b'data: "text"\n\n', b"data: [1]\n\n", b"data: \xff\xfe\n\n"]
)
async def test_events_that_are_no_objects_are_a_malformed_stream(
    api: ScriptedApi, make: Make, spoken: Spoken, data: bytes
) -> None:
    api.stream().raw(data)
    error, _ = await failure_of(make(spoken))
    assert error.kind is ErrorKind.MALFORMED


@API
@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"type":7,"choices":7}',
        b'{"type":"response.output_text.delta","choices":[7]}',
        b'{"type":"response.output_text.delta","delta":null,"choices":[{"delta":null}]}',
        b'{"type":"response.news","choices":[{"delta":{"content":["x"]}}]}',
        b'{"choices":[{"delta":{"content":null,"tool_calls":[{}]}}],"usage":[]}',
    ],
)
async def test_events_of_an_unknown_kind_are_passed_over(
    api: ScriptedApi, make: Make, spoken: Spoken, data: bytes
) -> None:
    reply = api.stream()
    reply.raw(b"data: " + data + b"\n\n: a comment\n\n")
    reply.send("Fine.")
    reply.finish()
    assert text_of(await events_of(make(spoken))) == "Fine."


@API
async def test_silence_for_too_long_ends_the_answer_and_the_connection(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    reply = api.stream()
    reply.send("Half")
    error, _ = await failure_of(make(spoken, idle=0.05))
    assert error.kind is ErrorKind.TIMEOUT
    assert "0.05 s" in error.sentence
    await (await reply.until_taken()).until_closed()


async def test_silence_before_the_answer_is_not_asked_for_twice(api: ScriptedApi, make: Make) -> None:
    api.stream(hang=True)
    error, _ = await failure_of(make(idle=0.05))
    assert error.kind is ErrorKind.TIMEOUT
    assert len(await api.until_requests(1)) == 1


@API
@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("stop", ErrorKind.EMPTY, "ask again"),
        ("length", ErrorKind.EMPTY, "max_output_tokens"),
        ("content_filter", ErrorKind.CONTENT_FILTER, "content rules"),
    ],
)
@pytest.mark.parametrize("text", ["", "\n\n"])
async def test_an_answer_without_a_word_is_a_failure(
    api: ScriptedApi,
    make: Make,
    spoken: Spoken,
    text: str,
    reason: Literal["stop", "length", "content_filter"],
    kind: ErrorKind,
    words: str,
) -> None:
    api.reply(text, finish_reason=reason)
    error, _ = await failure_of(make(spoken))
    assert error.kind is kind
    assert words in error.sentence
    assert len(api.requests) == 1
