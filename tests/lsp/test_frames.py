"""Cutting a byte stream into messages, however it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.lsp.transport import MAX_MESSAGE_BYTES, FrameParser

HEADS = (
    "Content-Length: {}\r\n",
    "content-length:{}\r\n",
    "CONTENT-LENGTH :  {} \r\n",
    "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: {}\r\n",
    "Content-Length: {}\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\nX-Length: 1\r\n",
)


def framed(body: bytes, head: str = HEADS[0]) -> bytes:
    """One message as it goes over the wire."""
    return head.format(len(body)).encode() + b"\r\n" + body


bodies = st.binary(max_size=40) | st.sampled_from(
    [b"", b"{}", b"\r\n\r\n", b"Content-Length: 3\r\n\r\nabc", "ö😀".encode()]
)
messages = st.lists(st.tuples(bodies, st.sampled_from(HEADS)), max_size=6)


@given(messages, st.lists(st.integers(1, 30), min_size=1))
def test_the_bodies_come_out_whatever_the_pieces_they_arrive_in(
    sent: list[tuple[bytes, str]], sizes: list[int]
) -> None:
    wire = b"".join(framed(body, head) for body, head in sent)
    parser = FrameParser()
    received: list[bytes] = []
    place = number = 0
    while place < len(wire):
        size = sizes[number % len(sizes)]
        received += parser.feed(wire[place : place + size])
        place, number = place + size, number + 1
    assert received == [body for body, _ in sent]


def test_many_messages_in_one_piece_come_out_at_once() -> None:
    wire = b"".join(framed(b"%d" % number) for number in range(1000))
    assert FrameParser().feed(wire) == [b"%d" % number for number in range(1000)]


def test_a_body_is_not_given_before_its_last_byte() -> None:
    parser = FrameParser()
    wire = framed("ö".encode())
    assert parser.feed(wire[:-1]) == []
    assert parser.feed(wire[-1:]) == ["ö".encode()]


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Length: x\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length:\r\n\r\n",
        b"Content-Type: only\r\n\r\n",
        b"\r\n\r\n",
        b"a library prints\r\n\r\n",
        b"Content-Length: %d\r\n\r\n" % (MAX_MESSAGE_BYTES + 1),
    ],
)
def test_a_part_without_a_usable_length_is_dropped_and_the_next_is_read(part: bytes) -> None:
    parser = FrameParser()
    assert parser.feed(part + framed(b"{}")) == [b"{}"]
    assert parser.feed(framed(b"[]")) == [b"[]"]
