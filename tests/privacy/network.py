"""A network of a test's own, in which every address is this machine and nothing is beyond it.

What runs inside sees the internet: the C library looks names up at a name server, `api.openai.com` and
`pygpt.net` have addresses of their own, port 443 is open there. So the server under test runs as it is
installed, with its default settings; a connection to anybody else is a packet that a capture sees.

Linux and root only; nothing outside of the namespaces is touched.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator


class Host(NamedTuple):
    """A name with its address (of the blocks for documentation, RFC 5737)."""

    name: str
    address: str


API = Host("api.openai.com", "192.0.2.10")
UPDATES = Host("pygpt.net", "198.51.100.20")
HOSTS = (API, UPDATES)
"""All that there is."""
NAME_SERVER = "203.0.113.53"

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS, CLONE_NEWNET: see unshare(2)
_NEW_NETWORK = 0x40000000
_TOOLS = {"ip": "iproute2", "mount": "mount", "strace": "strace"}
_FILES = {
    "/etc/resolv.conf": f"nameserver {NAME_SERVER}\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
}


@contextmanager
def own_network(folder: Path) -> Generator[None]:
    """Inside the block this thread, the threads it starts and the processes it starts have that network.

    `folder` takes the files that stand in for those in /etc.
    """
    _require_what_it_needs()
    here = Path.cwd()
    before = [os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY) for kind in ("net", "mnt")]
    _call("unshare", _NEW_NETWORK | _NEW_MOUNTS)
    try:
        _make_network()
        _make_files(folder)
        yield
    finally:
        for namespace in before:
            _call("setns", namespace, 0)
            os.close(namespace)
        os.chdir(here)  # entering a mount namespace leads to its root


def _require_what_it_needs() -> None:
    if not sys.platform.startswith("linux"):
        raise RuntimeError("These tests need Linux: network namespaces and strace.")
    if os.geteuid() != 0:
        raise RuntimeError("These tests need root, to make network namespaces: run them as root.")
    missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
    if missing:
        raise RuntimeError(f"These tests need more programs: apt-get install {' '.join(missing)}")


def _call(function: str, *arguments: int) -> None:
    """A system call that Python 3.11 does not have."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def _make_network() -> None:
    # First, since a device that comes up speaks IPv6 by itself.
    for each in Path("/proc/sys/net/ipv6/conf").glob("*/disable_ipv6"):
        each.write_text("1")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "route", "add", "local", "default", "dev", "lo", "table", "local")


def _make_files(folder: Path) -> None:
    _run("mount", "--make-rprivate", "/")
    for name, text in _FILES.items():
        if Path(name).exists():  # where there is no such file, the C library's defaults do
            own = folder / Path(name).name
            own.write_text(text)
            _run("mount", "--bind", str(own), name)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
