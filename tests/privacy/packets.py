"""What captured frames say: who sent what to whom, TCP's streams whole, the names that were looked up.

Only as much of the protocols as this machine itself sends: IPv4 without fragments (RFC 791), UDP (RFC 768),
TCP (RFC 9293), questions of DNS (RFC 1035 § 4.1), the name in a TLS greeting (RFC 8446 § 4.1.2, 6066 § 3).
Anything else keeps a name that says what it is, for a test to fail on.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .capture import Frame

_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
_QUESTION_TYPES = {1: "A", 28: "AAAA"}


class End(NamedTuple):
    """An address and a port (0 where the protocol has none)."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


class Packet(NamedTuple):
    """One packet; `sequence` and `flags` are TCP's."""

    protocol: str
    source: End
    target: End
    payload: bytes
    sequence: int = 0
    flags: int = 0

    def __str__(self) -> str:
        return f"{self.protocol} {self.source} > {self.target}, {len(self.payload)} bytes"


class Stream(NamedTuple):
    """One TCP connection: who opened it, to where, and the bytes that went either way."""

    client: End
    server: End
    sent: bytes
    received: bytes


class Question(NamedTuple):
    """A name that was looked up, and for what."""

    name: str
    type: str


def read_packet(frame: Frame) -> Packet:
    """What a frame holds."""
    kind = int.from_bytes(frame.data[12:14])
    packet = frame.data[14:]
    if kind != 0x0800:
        return Packet(f"ethernet type {kind:#06x}", End("", 0), End("", 0), packet)
    header = (packet[0] & 0x0F) * 4
    length, fragment, protocol = struct.unpack_from("!2xH2xHxB", packet)
    source, target = (socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16))
    body = packet[header:length]
    if fragment & 0x3FFF:
        return Packet("a fragment", End(source, 0), End(target, 0), body)
    if protocol not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
        return Packet(f"protocol {protocol}", End(source, 0), End(target, 0), body)
    ports = struct.unpack_from("!HH", body)
    ends = End(source, ports[0]), End(target, ports[1])
    if protocol == socket.IPPROTO_UDP:
        return Packet("udp", *ends, body[8:])
    sequence, offset, flags = struct.unpack_from("!4xI4xBB", body)
    return Packet("tcp", *ends, body[(offset >> 4) * 4 :], sequence, flags)


def questions(packets: Iterable[Packet]) -> list[Question]:
    """The names that were looked up, at whatever name server."""
    return [
        read_question(each.payload) for each in packets if each.protocol == "udp" and each.target.port == 53
    ]


def read_question(message: bytes) -> Question:
    """The only question of a DNS message."""
    labels: list[str] = []
    at = 12
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    number = int.from_bytes(message[at + 1 : at + 3])
    return Question(".".join(labels), _QUESTION_TYPES.get(number, str(number)))


def streams(packets: Sequence[Packet]) -> list[Stream]:
    """The TCP connections in the order in which they were opened.

    ValueError where a byte is missing, or two packets differ on one.
    """
    opened: dict[tuple[End, End], int] = {}
    found: list[tuple[End, End, _Half, _Half]] = []
    for packet in packets:
        if packet.protocol != "tcp":
            continue
        way, back = (packet.source, packet.target), (packet.target, packet.source)
        if packet.flags & _SYN and not packet.flags & _ACK:
            known = opened.get(way)
            if known is None or found[known][2].first != packet.sequence + 1:  # not the same one once more
                opened[way] = len(found)
                found.append((*way, _Half(packet.sequence + 1), _Half()))
        elif packet.flags & _SYN:
            found[opened[back]][3].first = packet.sequence + 1
        elif packet.payload:
            forth = way in opened
            _, _, sent, received = found[opened[way if forth else back]]
            (sent if forth else received).add(packet)
    return [
        Stream(client, server, sent.whole(), received.whole()) for client, server, sent, received in found
    ]


class _Half:
    """What one side sends: pieces by their place, `first` being the sequence number of the first byte."""

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self._pieces: list[tuple[int, bytes]] = []

    def add(self, packet: Packet) -> None:
        self._pieces.append(((packet.sequence - self.first) % 2**32, packet.payload))

    def whole(self) -> bytes:
        out = bytearray()
        for place, piece in sorted(self._pieces):
            if place > len(out):
                raise ValueError(f"{place - len(out)} bytes are missing at {len(out)}")
            again = out[place : place + len(piece)]
            if not piece.startswith(again):
                raise ValueError(f"sent twice and differently at {place}")
            out += piece[len(again) :]
        return bytes(out)


def server_name(sent: bytes) -> str | None:
    """The name that a TLS connection asks for in its first bytes; None where it is none, or names nobody."""
    if sent[:1] != b"\x16" or sent[5:6] != b"\x01":
        return None
    hello = sent[9 : 5 + int.from_bytes(sent[3:5])]  # the greeting's own header has 4 bytes
    at = 2 + 32  # version, random
    at += 1 + hello[at]  # session
    at += 2 + int.from_bytes(hello[at : at + 2])  # ciphers
    at += 1 + hello[at]  # compression
    end = at + 2 + int.from_bytes(hello[at : at + 2])
    at += 2
    while at < end:
        kind, length = struct.unpack_from("!HH", hello, at)
        if kind == 0:
            return hello[at + 9 : at + 4 + length].decode("ascii")
        at += 4 + length
    return None
