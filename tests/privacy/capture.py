"""Every packet that is sent in this network namespace, on whatever device; a pcap file as evidence."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# From linux/if_ether.h, linux/if_packet.h, asm-generic/socket.h; Python names only some of them.
_ALL_PROTOCOLS = 0x0003
_OUTGOING = 4
_SOL_PACKET = 263
_STATISTICS = 6
_RECEIVE_BUFFER_FORCE = 33
_TIMESTAMP = 35

_BUFFER = 256 * 1024 * 1024
_LONGEST = 256 * 1024
_PCAP = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_TIME = struct.Struct("qq")
_COUNTS = struct.Struct("II")


class Frame(NamedTuple):
    """One packet with its Ethernet header; the time in nanoseconds since 1970."""

    time: int
    data: bytes


class Capture:
    """Sees from its making on what is sent; a context manager that closes it.

    The kernel keeps the packets until they are asked for, so that no thread of ours can be too slow for them.
    Each packet is taken where it is sent: what is received here was sent here.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS))
        self._socket.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMP, 1)
        self._socket.setblocking(False)

    def frames(self) -> list[Frame]:
        """What was sent since the last call; RuntimeError where the capture is not whole."""
        found: list[Frame] = []
        while True:
            try:
                data, extras, flags, sender = self._socket.recvmsg(_LONGEST, 64)
            except BlockingIOError:
                break
            if flags & socket.MSG_TRUNC:
                raise RuntimeError("a packet is longer than the capture takes")
            if sender[2] == _OUTGOING:
                seconds, nanoseconds = _TIME.unpack(extras[0][2])
                found.append(Frame(seconds * 1_000_000_000 + nanoseconds, data))
        _, lost = _COUNTS.unpack(self._socket.getsockopt(_SOL_PACKET, _STATISTICS, _COUNTS.size))
        if lost:
            raise RuntimeError(f"{lost} packets were lost to the capture")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def write_pcap(path: Path, frames: Sequence[Frame]) -> None:
    """The frames in a file for tcpdump and Wireshark (pcap with nanoseconds, link type Ethernet)."""
    with path.open("wb") as file:
        file.write(_PCAP.pack(0xA1B23C4D, 2, 4, 0, 0, _LONGEST, 1))
        for frame in frames:
            seconds, nanoseconds = divmod(frame.time, 1_000_000_000)
            file.write(_RECORD.pack(seconds, nanoseconds, len(frame.data), len(frame.data)) + frame.data)
