"""A name server that knows the two hosts, by their addresses of IPv4, and nobody else."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Self

from .network import HOSTS, NAME_SERVER
from .packets import read_question

_ADDRESSES = {host.name: host.address for host in HOSTS}
_HEADER = struct.Struct("!HHHHHH")
_ANSWER, _NO_SUCH_NAME = 0x8180, 0x8183
_SECONDS = 60


class NameServer:
    """Answers in a thread of its own; a context manager."""

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((NAME_SERVER, 53))
        self._thread = threading.Thread(target=self._serve, name="name-server", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", (NAME_SERVER, 53))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            message, client = self._socket.recvfrom(4096)
            if not message:  # the end, sent by ourselves
                return
            self._socket.sendto(_answer(message), client)


def _answer(message: bytes) -> bytes:
    """The reply to a question (RFC 1035 § 4.1): an address, none of this type, or no such name."""
    number = int.from_bytes(message[:2])
    question = message[12 : message.index(0, 12) + 5]
    name, kind = read_question(message)
    address = _ADDRESSES.get(name.lower())
    if address is None:
        return _HEADER.pack(number, _NO_SUCH_NAME, 1, 0, 0, 0) + question
    if kind != "A":
        return _HEADER.pack(number, _ANSWER, 1, 0, 0, 0) + question
    record = struct.pack("!HHHIH", 0xC00C, 1, 1, _SECONDS, 4) + socket.inet_aton(address)
    return _HEADER.pack(number, _ANSWER, 1, 1, 0, 0) + question + record
