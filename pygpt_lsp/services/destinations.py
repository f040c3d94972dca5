"""The two destinations there are: the API and the version check, and what may be asked of each.

Nothing is sent here: `egress` holds every request to what these permit.
"""

from __future__ import annotations

from typing import ClassVar, Protocol
from urllib.parse import unquote_to_bytes

import httpx2

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.core.urls import is_loopback, url_refusal


class Destination(Protocol):
    """Where a client may send, and with which headers (Host and User-Agent are always ours)."""

    headers: ClassVar[tuple[str, ...]]

    def permits(self, request: httpx2.Request) -> bool: ...


class ApiDestination:
    """Everything below the API's base URL."""

    headers: ClassVar[tuple[str, ...]] = (
        "Content-Length", "Authorization", "Content-Type", "Accept", "OpenAI-Organization", "OpenAI-Project",
    )  # fmt: skip

    def __init__(self, base: httpx2.URL) -> None:
        self._origin = _origin(base)
        self._prefix = _path(base).rstrip(b"/") + b"/"

    def permits(self, request: httpx2.Request) -> bool:
        path = _path(request.url)
        segments = unquote_to_bytes(path).replace(b"\\", b"/").split(b"/")
        climbs = b".." in segments or b"." in segments
        return _origin(request.url) == self._origin and path.startswith(self._prefix) and not climbs


class UpdateDestination:
    """One exact address, with the version as its only parameter."""

    headers: ClassVar[tuple[str, ...]] = ()

    def __init__(self, url: httpx2.URL) -> None:
        self._origin = _origin(url)
        self._path = _path(url)

    def permits(self, request: httpx2.Request) -> bool:
        url = request.url
        asked = [name for name, _ in url.params.multi_items()]
        exact = _origin(url) == self._origin and _path(url) == self._path and asked == ["v"]
        return exact and request.method == "GET"


def checked_url(address: str, setting: str) -> httpx2.URL:
    """The address as a URL, or `RequestRefused`; judged by both parsers, so that they cannot differ."""
    reason = url_refusal(address) if address else "it is not set to an address"
    if reason is None:
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL:
            reason = "it is not a valid address"
        else:
            if url.scheme == "https" or is_loopback(url.host):
                return url
            reason = "plain http is refused except to this machine: use https"
    insecure = address.lower().startswith("http:")
    kind = ErrorKind.INSECURE if insecure else ErrorKind.NOT_ALLOWED
    raise RequestRefused(kind, f"Nothing was sent: correct `{setting}`: {reason}.")


def netloc(url: httpx2.URL) -> str:
    """Host and port as the Host header holds them, never with credentials (RFC 9112 § 3.2)."""
    return url.netloc.decode("ascii")


def _origin(url: httpx2.URL) -> tuple[str, str, int | None, bytes]:
    """What must agree for two addresses to mean the same server; credentials make a difference."""
    return url.scheme, url.host, url.port, url.userinfo


def _path(url: httpx2.URL) -> bytes:
    return url.raw_path.partition(b"?")[0]
