"""Who may talk to a server that listens: programs of its user, no web page, nobody else on the machine.

A client can read the user's files and spend their money, and LSP knows no password. So what can be told of
a connection before a word of it is heeded decides, and what cannot be told is said when the server starts.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from pygpt_lsp.services.loopback_peers import STRANGER, End, is_stranger, names_loopback, tells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WEB_PAGE: Final = "a connection that looks like a web page's and not like an editor's"
_FIELDS: Final = (b"content-length:", b"content-type:")
_LONGEST: Final = max(map(len, _FIELDS))


class Gate:
    """Decides about connections, and says what it lets through and, once for each reason, what it refused."""

    def __init__(self, announce: Callable[[str], None], *, exposed: bool) -> None:
        """`announce` shows a line to whoever started the server. `exposed`: other machines are let in."""
        self.announce = announce
        self._exposed = exposed
        self._refused: set[str] = set()

    def opened(self, address: str) -> None:
        """Say where the server listens and whom it does not keep out."""
        self.announce(f"listening on {address}")
        if self._exposed:
            return
        if tells():
            self.announce(
                "web pages and other users of this machine are refused; any program that you run can connect"
            )
        else:
            self.announce(
                "web pages are refused; other users of this machine are not, since this system does not tell "
                "who connects: use stdio on a machine that you share"
            )

    def refuse(self, what: str) -> None:
        """Say that something was refused."""
        if what not in self._refused:
            self._refused.add(what)
            self.announce(f"refused {what}")

    async def admits(self, peer: tuple[Any, ...], own: tuple[Any, ...]) -> bool:
        """Whether the user of the client's socket may connect. The names are those of the connection's ends,
        as sockets give them."""
        try:
            stranger = await asyncio.to_thread(is_stranger, End.of(peer), End.of(own), exposed=self._exposed)
        except (OSError, ValueError, LookupError, TypeError):  # it is gone, or no name of a socket
            stranger = True
        if stranger:
            self.refuse(STRANGER)
        return not stranger

    def admits_request(self, hosts: Sequence[str], origins: Sequence[str]) -> bool:
        """Whether a request with these `Host` and `Origin` headers is no web page's and means this machine.

        Browsers name the page's origin; one whose name was made to lead here (DNS rebinding) names itself as
        the host, too.
        """
        here = self._exposed or (len(hosts) == 1 and names_loopback(hosts[0]))
        admitted = here and not origins
        if not admitted:
            self.refuse(WEB_PAGE)
        return admitted

    async def first_of_lsp(self, reader: asyncio.StreamReader) -> bytes:
        """The first bytes of a stream of LSP; none where it is something else, or ends."""
        first = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                first += data
                is_lsp = begins_as_lsp(first)
                if is_lsp:
                    return first
                if is_lsp is False:
                    self.refuse(WEB_PAGE)
                    return b""
        return b""


def begins_as_lsp(beginning: bytes) -> bool | None:
    """Whether a stream is LSP (3.17 § Header Part) by its first bytes; None: that takes more of them.

    A browser can be made to send anything to a port, but it always begins with a method and a path.
    """
    start = beginning[:_LONGEST].lower()
    if any(start.startswith(field) for field in _FIELDS):
        return True
    return None if any(field.startswith(start) for field in _FIELDS) else False
