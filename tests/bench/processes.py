"""Server processes to measure, driven by blocking calls so that the measuring costs as little as it can.

Memory and processor time are read from /proc, so the benchmarks run on Linux.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.support.editor_profiles import HELIX_25_07
from tests.support.lsp_client import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.editor_text import Json

OURS = SERVER
BARE = (sys.executable, "-P", str(Path(__file__).with_name("bare_server.py")))
_TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


class ServerProcess:
    """A server and its client; a context manager, which ends the process."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], root: Path) -> None:
        self._root = root
        self._last_id = 0
        self._process = subprocess.Popen(
            command,
            env=env,
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def initialize(self) -> Json:
        """`initialize` as Helix sends it; the answer."""
        return self.request("initialize", HELIX_25_07.params(self._root, None))

    def request(self, method: str, params: Any) -> Json:
        """Send a request and wait for its answer, as it is; what the server asks meanwhile is answered."""
        return self.timed_request(method, params)[0]

    def timed_request(self, method: str, params: Any) -> tuple[Json, float]:
        """The same, with the seconds until the last byte of the answer was there; reading it takes a client
        longer."""
        self._last_id += 1
        ident = self._last_id
        began = time.perf_counter()
        self._send({"id": ident, "method": method, "params": params})
        while True:
            body = self._read()
            taken = time.perf_counter() - began
            message: Json = json.loads(body)
            if "method" not in message:
                if message["id"] == ident:
                    return message, taken
            elif "id" in message:
                result = [None] if message["method"] == "workspace/configuration" else None
                self._send({"id": message["id"], "result": result})

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def settle(self) -> None:
        """Wait until everything sent so far has been dealt with: a request of no kind is refused in turn."""
        self.request("no/such/request", None)

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if not line:
                raise EOFError("the server ended")
            if name.lower() == b"content-length":
                length = int(value)
        return self._process.stdout.read(length)


def resident_mb(pid: int) -> float:
    """The resident memory of a process in MB (10⁶ bytes)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor_seconds(pid: int) -> float:
    """The processor time that a process has used so far, in seconds; a clock tick exact."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK
