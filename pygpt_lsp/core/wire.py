"""A request to an API as it goes over the wire, for those who show it or keep account of it."""

from __future__ import annotations

from typing import NamedTuple

HIDDEN = "Bearer (your key, which is not shown)"
"""What stands in the place of the key."""


class WireRequest(NamedTuple):
    """One HTTP request. `headers` are all of it in order, the key `HIDDEN`; `body` is every byte of it."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def head(self) -> str:
        """The request line and the headers (RFC 9112 § 3), with `\\n` line endings and without a last one."""
        target = "/" + self.url.partition("://")[2].partition("/")[2]
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers)]
        return "\n".join(lines)
