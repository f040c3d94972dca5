"""The editor's end of the connection takes in what is LSP, however it is cut up, and names what is not."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest

from tests.support.json_rpc import Peer


def framed(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


async def take_in(*chunks: bytes) -> tuple[list[str], list[str]]:
    """The methods that came in these chunks, and the problems."""
    reader = asyncio.StreamReader()
    methods: list[str] = []
    problems: list[str] = []
    nowhere = cast("asyncio.StreamWriter", None)
    peer = Peer(reader, nowhere, lambda message: methods.append(message["method"]), problems.append)
    reading = asyncio.create_task(peer.read(lambda: None))
    for chunk in chunks:
        reader.feed_data(chunk)
        await asyncio.sleep(0)
    reader.feed_eof()
    await reading
    assert bytes(peer.received) == b"".join(chunks)
    return methods, problems


HELLO = framed({"method": "grüß/😀"})


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_message_may_come_in_pieces_of_any_size(size: int) -> None:
    data = HELLO * 2
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert await take_in(*chunks) == (["grüß/😀"] * 2, [])


async def test_a_stray_line_is_a_problem_and_the_message_after_it_still_arrives() -> None:
    methods, problems = await take_in(b"a stray line\n" + HELLO)
    assert methods == ["grüß/😀"]
    assert len(problems) == 1
    assert "a stray line" in problems[0]


async def test_an_end_inside_a_message_and_an_answer_to_nothing_are_problems() -> None:
    _, problems = await take_in(framed({"id": 7, "result": None}), HELLO[:-1])
    assert problems[0].startswith("an answer to nothing")
    assert problems[1].startswith("the server's output ends inside a message")
