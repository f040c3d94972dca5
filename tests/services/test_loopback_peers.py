"""Whose a connection over loopback is: read from Linux's own table, and refused where it cannot be told."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.services import loopback_peers
from pygpt_lsp.services.loopback_peers import End, is_stranger, names_loopback, user_in

if TYPE_CHECKING:
    from collections.abc import Iterator

PEER, OWN = End("127.0.0.1", 41000), End("127.0.0.1", 2087)
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
Pair = tuple[socket.socket, socket.socket]


def shown(end: End) -> str:
    """An IPv4 end as the table shows it on this machine."""
    word = int.from_bytes(socket.inet_aton(end.host), sys.byteorder)
    return f"{word:08X}:{end.port:04X}"


def line(peer: End = PEER, own: End = OWN, state: str = "01", user: int = 1000, inode: int = 77) -> str:
    queues = "00000000:00000000 00:00000000 00000000"
    return f"   3: {shown(peer)} {shown(own)} {state} {queues} {user:5}        0 {inode} 1 0000000000000000"


@pytest.fixture(params=["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """The ends of a connection over loopback, the server's first; IPv6's own spelling of IPv4, too."""
    host: str = request.param
    address = "127.0.0.1" if "127" in host else host
    family = socket.AF_INET if "127" in host else socket.AF_INET6
    with socket.create_server((address, 0), family=family) as listener:
        client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        client.connect((host, listener.getsockname()[1]))
        accepted, _ = listener.accept()
        with client, accepted:
            yield accepted, client


def ends(pair: Pair) -> tuple[End, End]:
    accepted, _ = pair
    return End.of(accepted.getpeername()), End.of(accepted.getsockname())


@linux
def test_a_connection_of_ones_own_is_no_strangers(pair: Pair) -> None:
    assert not is_stranger(*ends(pair), exposed=False)


@linux
def test_a_connection_of_another_users_is_a_strangers(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    # The table says whose the socket is; that this server runs as somebody else is played.
    monkeypatch.setattr(loopback_peers, "_ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert is_stranger(*ends(pair), exposed=False)
    assert is_stranger(*ends(pair), exposed=True)


@linux
def test_a_connection_that_was_closed_at_once_is_a_strangers(pair: Pair) -> None:
    # Such a socket is listed as root's.
    both = ends(pair)
    pair[1].close()
    assert is_stranger(*both, exposed=False)


@linux
def test_one_that_is_not_listed_is_a_strangers_unless_other_machines_are_let_in() -> None:
    elsewhere, here = End("192.0.2.7", 41000), End("192.0.2.1", 2087)
    assert is_stranger(PEER, OWN, exposed=False)
    assert is_stranger(PEER, OWN, exposed=True)
    assert is_stranger(elsewhere, here, exposed=False)
    assert not is_stranger(elsewhere, here, exposed=True)


def test_the_owner_is_that_of_the_clients_socket() -> None:
    table = [line(OWN, PEER, user=0), line(End("127.0.0.1", 41001), user=3), line(user=1000)]
    assert user_in(table, PEER, OWN) == 1000


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(line(state="05", user=0), id="closing"),
        pytest.param(line(user=0, inode=0), id="without an owner"),
        pytest.param(line(OWN, PEER), id="the server's own end"),
        pytest.param(line(own=End("127.0.0.1", 2088)), id="connected to another port"),
        pytest.param(line(own=End("127.0.0.2", 2087)), id="connected to another address"),
        pytest.param("", id="an empty line"),
        pytest.param("   3: 0100007F:A028 0100007F:0827 01", id="half a line"),
    ],
)
def test_no_other_line_names_an_owner(listed: str) -> None:
    assert user_in([listed], PEER, OWN) is None


@given(st.ip_addresses(v=4), st.integers(0, 65535), st.integers(0, 2**32 - 2))
def test_every_address_is_read_as_it_is_listed(address: object, port: int, user: int) -> None:
    peer = End(str(address), port)
    assert user_in([line(peer, user=user)], peer, OWN) == user


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.8.8.8", "::1"])
def test_loopback_has_these_names(host: str) -> None:
    header = f"[{host}]" if ":" in host else host
    assert names_loopback(header)
    assert names_loopback(f"{header}:2087")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a.example",
        "127.0.0.1.a.example",
        "localhost.a.example",
        "192.0.2.1",
        "0.0.0.0",
        "[::]:80",
        "[::2",
    ],
)
def test_no_other_name_is_loopback(host: str) -> None:
    assert not names_loopback(host)
