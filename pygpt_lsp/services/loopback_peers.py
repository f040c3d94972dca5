"""Who is at the other end of a connection to a server of ours, as far as the system tells.

A port on loopback is open to every user of the machine. Linux lists each TCP socket with the user it belongs
to, so that the client's own socket says whose it is; other systems have nothing that a program without
privileges could ask. Must never let a connection through because it could not be told whose it is.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pygpt_lsp.core.urls import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLES: Final = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_ESTABLISHED: Final = "01"
_TRIES: Final = 3
_ROOT: Final = 0

STRANGER: Final = "a connection of another user of this machine"


class End(NamedTuple):
    """One end of a TCP connection: an address in its usual spelling, and a port."""

    host: str
    port: int

    @classmethod
    def of(cls, name: tuple[Any, ...]) -> End:
        """From what a socket gives as its own or its peer's name. ValueError where that is no address."""
        return cls(_plain(ipaddress.ip_address(str(name[0]).partition("%")[0])), int(name[1]))


def names_loopback(host_header: str) -> bool:
    """Whether a `Host` header (RFC 9110 § 7.2) names this machine and no name that a stranger can own."""
    host = host_header.strip()
    if host.startswith("["):
        return is_loopback(host[1:].partition("]")[0])
    return is_loopback(host.partition(":")[0])


def tells() -> bool:
    """Whether this system tells whose a connection is."""
    return any(table.exists() for table in _TABLES)


def is_stranger(peer: End, own: End, *, exposed: bool) -> bool:
    """Whether the client at `peer` of our socket `own` is somebody else than our user or root, who may read
    everything anyway. Reads small files.

    `exposed`: clients on other machines are let in, and nothing is known of those.
    """
    if not tells():
        return False
    # The table is read in pieces while others connect, so an entry can be missed.
    for _ in range(_TRIES):
        user = user_in(_lines(), peer, own)
        if user is not None:
            return user not in {os.geteuid(), _ROOT}
    return not exposed or is_loopback(peer.host)


def user_in(lines: Iterable[str], peer: End, own: End) -> int | None:
    """The user whose socket is at `peer` and connected to `own`, by the lines of Linux's table; None where
    there is none (proc_net_tcp in the kernel's documentation).

    A socket that its process has closed has no owner any more and is listed as root's, without an inode.
    """
    for line in lines:
        fields = line.split()
        if len(fields) < 10 or fields[3] != _ESTABLISHED or fields[9] == "0":
            continue
        if _end(fields[1]) == peer and _end(fields[2]) == own:
            return int(fields[7])
    return None


def _lines() -> list[str]:
    lines: list[str] = []
    for table in _TABLES:
        if table.exists():
            lines += table.read_text("ascii").splitlines()[1:]
    return lines


def _end(shown: str) -> End:
    """An address as the table shows it: words of four bytes in this machine's order, in hexadecimal digits,
    and the port."""
    words, _, port = shown.partition(":")
    packed = b"".join(
        int(words[start : start + 8], 16).to_bytes(4, sys.byteorder) for start in range(0, len(words), 8)
    )
    return End(_plain(ipaddress.ip_address(packed)), int(port, 16))


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
