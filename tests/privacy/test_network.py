"""What leaves the machine in a whole working session, seen by the kernel and not by our own code.

The server runs under `strace` in a network of its own, where every packet to anybody is captured. Each run's
folder `evidence` (in `.tools/privacy`) holds the capture for Wireshark, what strace wrote, and the log.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp import __version__

from .network import API, HOSTS, NAME_SERVER, UPDATES
from .packets import End, Question, questions, server_name, streams

if TYPE_CHECKING:
    from .runs import Run

pytestmark = pytest.mark.privacy

WEB = {End(host.address, 443) for host in HOSTS}
NAMES = End(NAME_SERVER, 53)
PORT_OF = {"tcp": WEB, "udp": {NAMES}}
USERS = 'sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"'
"""Where the C library first asks for users and hosts, were there a cache of them on this machine."""


def test_the_session_uses_all_that_the_server_offers(as_installed: Run, readable: Run) -> None:
    assert as_installed.unused == readable.unused == set()


def test_no_packet_goes_to_anybody_but_the_two_hosts_and_the_name_server(as_installed: Run) -> None:
    strays = [
        str(packet)
        for packet in as_installed.packets
        if {packet.source, packet.target}.isdisjoint(PORT_OF.get(packet.protocol, ()))
    ]
    assert strays == []


def test_every_connection_is_for_the_name_of_the_host_that_it_goes_to(as_installed: Run) -> None:
    opened = streams(as_installed.packets)
    names = {(stream.server, server_name(stream.sent)) for stream in opened}
    assert names == {(End(host.address, 443), host.name) for host in HOSTS}
    assert sum(stream.server.address == UPDATES.address for stream in opened) == 1


def test_no_name_but_those_of_the_two_hosts_is_looked_up(as_installed: Run) -> None:
    asked = set(questions(as_installed.packets))
    assert {question.name for question in asked} == {host.name for host in HOSTS}
    assert asked <= {Question(host.name, kind) for host in HOSTS for kind in ("A", "AAAA")}


def test_no_system_call_names_any_other_address(as_installed: Run) -> None:
    known = {NAMES, *WEB}
    strays: list[str] = []
    for call in as_installed.calls:
        for address in call.addresses:
            internet = re.fullmatch(
                r'sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("(.*)"\)', address
            )
            if internet is not None and End(internet[2], int(internet[1])) in known:
                continue
            # The kernel, asked for the addresses of this machine; nobody, where a cache of names would be.
            if address.startswith("sa_family=AF_NETLINK") or (address == USERS and "ENOENT" in call.result):
                continue
            strays.append(str(call))
    assert strays == []


def test_the_version_check_sends_the_version_and_nothing_else(as_installed: Run) -> None:
    (request,) = [each for each in as_installed.requests if each.header("Host") == UPDATES.name]
    lines = (f"GET /api/version?v={__version__} HTTP/1.1", "Host: pygpt.net", "User-Agent: pygpt-lsp", "", "")
    assert request.raw.decode() == "\r\n".join(lines)


def test_every_other_request_goes_to_the_api_and_is_stored_nowhere(as_installed: Run) -> None:
    rest = [each for each in as_installed.requests if each.header("Host") != UPDATES.name]
    assert {each.header("Host") for each in rest} == {API.name}
    assert {(each.method, each.path) for each in rest} == {("POST", "/v1/responses"), ("GET", "/v1/models")}
    assert all(each.json["store"] is False for each in rest if each.method == "POST")
    names = {name for each in rest for name, _ in each.headers}
    assert names == {"Host", "User-Agent", "Authorization", "Content-Type", "Accept", "Content-Length"}


def test_the_ledger_has_each_connection_of_the_capture_to_the_byte(readable: Run) -> None:
    seen = [(len(stream.sent), len(stream.received)) for stream in streams(readable.packets)]
    rows = [(row["bytes_out"], row["bytes_in"]) for row in readable.ledger["rows"]]
    assert sorted(rows) == sorted(seen)
    assert (readable.ledger["bytes_out"], readable.ledger["bytes_in"]) == tuple(
        map(sum, zip(*seen, strict=True))
    )
    assert readable.ledger["uncounted"] == 0


def test_the_ledger_has_each_request_that_came_to_a_host_and_the_hash_of_its_body(as_installed: Run) -> None:
    ledger = as_installed.ledger
    came = [each.header("Host") for each in as_installed.requests]
    assert {each["host"]: each["requests"] for each in ledger["hosts"]} == Counter(came)
    assert ledger["version_checks"] == 1
    hashes = {hashlib.sha256(each.body).hexdigest() for each in as_installed.requests if each.body}
    told = {row["body_hash"] for row in ledger["rows"]} - {""}
    assert told <= hashes
    assert len(told) > 15, "those of deleted conversations are gone"


def test_without_a_version_check_and_a_request_the_ledger_says_so(quiet: Run) -> None:
    assert quiet.ledger["sentence"].endswith("no request, no version check, nothing else.")
    assert quiet.ledger["rows"] == []


def test_without_a_version_check_and_a_request_not_one_packet_is_sent(quiet: Run) -> None:
    assert [str(packet) for packet in quiet.packets] == []


def test_without_a_version_check_and_a_request_no_socket_is_made(quiet: Run) -> None:
    assert quiet.calls, "strace was there"
    sockets = [str(call) for call in quiet.calls if call.family]
    addresses = {address for call in quiet.calls for address in call.addresses}
    assert addresses <= {USERS}
    assert [each for each in sockets if not each.startswith("socket(AF_UNIX, ")] == []
