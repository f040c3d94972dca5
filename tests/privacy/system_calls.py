"""What a process and its children asked of the kernel about the network, as `strace` wrote it down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_CALL = re.compile(r"(\w+)\((.*?)(?:\)\s+= (.*)| <(?:unfinished|detached) \.\.\.>)")
_NEVER_MADE = re.compile(r"(?:\?\?\?|syscall_0xf{12}\w+)\(.* <detached \.\.\.>")
"""A thread was about to ask for something when its process ended; strace was too late to see for what."""
_SIGNAL = re.compile(r"--- .* ---")
_ADDRESS = re.compile(r"\{(sa_family=AF_\w+[^{}]*)\}")
_NAMING = ("connect", "bind", "sendto", "sendmsg", "sendmmsg")
"""The calls that can name an address to the kernel; the others ask for one, or use what these have named."""


class Call(NamedTuple):
    """One system call with its arguments and its result, in strace's words."""

    name: str
    arguments: str
    result: str

    @property
    def family(self) -> str:
        """Of what kind the socket is that it makes (`AF_INET`); "" where it makes none."""
        return self.arguments.partition(",")[0] if self.name == "socket" else ""

    @property
    def addresses(self) -> list[str]:
        """The addresses that it names to the kernel: `sa_family=AF_INET, sin_port=htons(53), …`."""
        return _ADDRESS.findall(self.arguments) if self.name in _NAMING else []

    def __str__(self) -> str:
        return f"{self.name}({self.arguments}) = {self.result}"


def traced(prefix: Path) -> tuple[str, ...]:
    """What to write before a command, for `read_calls(prefix)` afterwards.

    A file for each thread (-ff), so that no line is torn; all addresses of a call that names several (-v).
    """
    return (
        "strace",
        "-ff",
        "-qq",
        "-v",
        "-s",
        "16",
        "-e",
        "trace=network",
        "--seccomp-bpf",
        "-o",
        str(prefix),
    )


def read_calls(prefix: Path) -> list[Call]:
    """The system calls of all threads and children; ValueError for a line that is not understood."""
    found: list[Call] = []
    for path in sorted(prefix.parent.glob(f"{prefix.name}.*")):
        for line in path.read_text("utf-8").splitlines():
            if _NEVER_MADE.fullmatch(line):
                continue
            if call := _CALL.fullmatch(line):
                found.append(Call(call[1], call[2], call[3] or "not ended"))
            elif not _SIGNAL.fullmatch(line):
                raise ValueError(f"strace wrote {line!r}")
    return found
