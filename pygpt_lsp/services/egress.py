"""The one door out: every byte that leaves the process goes through a client made here.

Two destinations exist: the API (everything below its base URL) and the update check (one exact address).
Each has a client of its own whose transport lets nothing else pass, so neither a redirect, nor a defect of a
library, nor an absolute URL in the wrong place can open a socket to anybody else, and the key can never
reach the update address. Nothing is sent, looked up or connected before a request is made.
"""

from __future__ import annotations

import logging
import os
import ssl
from typing import TYPE_CHECKING

import httpx2

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.core.wire import HIDDEN, WireRequest
from pygpt_lsp.services.accounting import AccountedTransport
from pygpt_lsp.services.destinations import ApiDestination, UpdateDestination, checked_url, netloc
from pygpt_lsp.services.ledger import Ledger
from pygpt_lsp.services.proxy import proxy_for
from pygpt_lsp.services.witness import current_witness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pygpt_lsp.services.destinations import Destination

USER_AGENT = "pygpt-lsp"
"""No version and no system; some firewalls refuse a request without the header."""

_KEEP_ALIVE = 30.0
_LIBRARIES = ("httpx2", "httpcore2", "openai")


class Egress:
    """The makers of the two clients.

    Times are seconds: `connect_timeout` for a connection, `idle_timeout` between two signs of life; there is
    no limit on a whole request. Of `env` only the proxy and certificate variables are read. `ledger` keeps
    the account of what leaves. `transport` stands in for the network, behind the same guard; what goes there
    leaves nothing and is in no account.
    """

    def __init__(
        self,
        *,
        api_base_url: str,
        update_url: str,
        connect_timeout: float,
        idle_timeout: float,
        env: Mapping[str, str] = os.environ,
        ledger: Ledger | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.api_base_url = api_base_url
        self.update_url = update_url
        self.connect_timeout = connect_timeout
        self.idle_timeout = idle_timeout
        self._env = env
        self._ledger = ledger or Ledger()
        self._transport = transport
        self._trusted: ssl.SSLContext | None = None

    def api_client(self) -> httpx2.AsyncClient:
        """A client that reaches the API and nothing else; whoever asked for it closes it.

        Raises `RequestRefused` where the base URL, the proxy or the certificates cannot be used.
        """
        url = checked_url(self.api_base_url, "base_url")
        return self._client(url, ApiDestination(url))

    def preview_client(self, note: Callable[[WireRequest], None]) -> httpx2.AsyncClient:
        """A client that gives `note` what `api_client` would send, and sends nothing; raises as that does."""
        url = checked_url(self.api_base_url, "base_url")
        return self._client(url, ApiDestination(url), _Nowhere(note))

    def update_client(self) -> httpx2.AsyncClient:
        """A client that can ask the update address for the version, no more; raises as `api_client`."""
        url = checked_url(self.update_url, "updates.url")
        return self._client(url, UpdateDestination(url))

    @property
    def api_host(self) -> str:
        """Whom the user talks to, for messages: the API's host, with its port where that is not the usual."""
        return netloc(checked_url(self.api_base_url, "base_url"))

    @property
    def api_peer(self) -> str:
        """Whom this machine connects to for that: the host, or the proxy (without its credentials)."""
        url = checked_url(self.api_base_url, "base_url")
        proxy = self._proxy(url)
        return netloc(url) if proxy is None else f"the proxy {netloc(proxy.url)}"

    def warm_up(self) -> None:
        """Load the certificates and what httpx2 leaves to its first transport (some 50 ms), in a thread.

        Sends nothing. Raises as `api_client`.
        """
        self._network(checked_url(self.api_base_url, "base_url"))

    def _client(
        self, url: httpx2.URL, destination: Destination, transport: httpx2.AsyncBaseTransport | None = None
    ) -> httpx2.AsyncClient:
        _quiet_libraries()
        timeout = httpx2.Timeout(
            connect=self.connect_timeout, read=self.idle_timeout, write=self.idle_timeout, pool=None
        )
        guard = _Guard(transport or self._transport or self._network(url), destination)
        return httpx2.AsyncClient(transport=guard, trust_env=False, follow_redirects=False, timeout=timeout)

    def _network(self, url: httpx2.URL) -> httpx2.AsyncBaseTransport:
        limits = httpx2.Limits(keepalive_expiry=_KEEP_ALIVE)
        proxy = self._proxy(url)
        try:
            network = httpx2.AsyncHTTPTransport(
                verify=self._tls(url), trust_env=False, limits=limits, proxy=proxy
            )
        except ImportError:
            raise RequestRefused(
                ErrorKind.NETWORK,
                "Nothing was sent: a SOCKS proxy needs the package socksio; install it, or set HTTPS_PROXY "
                "to an http proxy.",
            ) from None
        return AccountedTransport(network, self._ledger, netloc(proxy.url) if proxy is not None else "")

    def _proxy(self, url: httpx2.URL) -> httpx2.Proxy | None:
        address = proxy_for(url.host, url.port or 443, self._env) if url.scheme == "https" else None
        if address is None:
            return None
        try:
            proxy = httpx2.Proxy(address)
        except (httpx2.InvalidURL, ValueError):
            proxy = None
        if proxy is None or not proxy.url.host:
            raise RequestRefused(
                ErrorKind.NETWORK,
                "Nothing was sent: correct the proxy's address in HTTPS_PROXY or ALL_PROXY.",
            )
        return proxy

    def _tls(self, url: httpx2.URL) -> ssl.SSLContext:
        if url.scheme == "http":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody and is never used
        if self._trusted is None:
            self._trusted = _trusted_certificates(self._env)
        return self._trusted


def _quiet_libraries() -> None:
    """Keep the HTTP libraries' own logs at warnings, whatever OPENAI_LOG or the log level say.

    They would write addresses, headers and bodies. Done with each client, since the SDK's import sets levels.
    """
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Guard(httpx2.AsyncBaseTransport):
    """Lets through what the destination permits, rebuilt from the allowed parts alone."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, destination: Destination) -> None:
        self._inner = inner
        self._destination = destination

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self._destination.permits(request):
            raise RequestRefused(
                ErrorKind.NOT_ALLOWED,
                f"Nothing was sent: {netloc(request.url)[:80]} is not an address that pygpt-lsp may talk "
                "to; check `base_url` and `updates.url`.",
            )
        headers = [("Host", netloc(request.url)), ("User-Agent", USER_AGENT)]
        allowed = self._destination.headers
        headers += [(name, request.headers[name]) for name in allowed if name in request.headers]
        clean = httpx2.Request(
            request.method,
            request.url,
            headers=headers,
            stream=request.stream,
            extensions={"timeout": request.extensions.get("timeout", {})},
        )
        if (witness := current_witness()) is not None:
            witness(await _on_the_wire(clean))
        response = await self._inner.handle_async_request(clean)
        response.headers.pop("Set-Cookie", None)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Nowhere(httpx2.AsyncBaseTransport):
    """Stands in for the network: notes each request and answers it with nothing."""

    def __init__(self, note: Callable[[WireRequest], None]) -> None:
        self._note = note

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._note(await _on_the_wire(request))
        return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, content=b"")


async def _on_the_wire(request: httpx2.Request) -> WireRequest:
    """The request as it goes out; reading its body leaves it whole."""
    headers = tuple(
        (name.decode("ascii"), HIDDEN if name.lower() == b"authorization" else value.decode("latin-1"))
        for name, value in request.headers.raw
    )
    return WireRequest(request.method, str(request.url), headers, await request.aread())


def _trusted_certificates(env: Mapping[str, str]) -> ssl.SSLContext:
    cafile, capath = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    if cafile is None and capath is None:
        return httpx2.create_ssl_context(trust_env=False)
    if not all(os.path.isabs(path) for path in (cafile, capath) if path is not None):  # noqa: PTH117
        raise RequestRefused(
            ErrorKind.TLS,
            "Nothing was sent: give SSL_CERT_FILE and SSL_CERT_DIR as whole paths; a relative one could mean "
            "a file of the workspace.",
        )
    try:
        return ssl.create_default_context(cafile=cafile, capath=capath)
    except OSError:  # ssl.SSLError is one
        raise RequestRefused(
            ErrorKind.TLS,
            "Nothing was sent: the certificates in SSL_CERT_FILE or SSL_CERT_DIR cannot be read; correct or "
            "unset the variable.",
        ) from None
