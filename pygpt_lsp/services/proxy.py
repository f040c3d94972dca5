"""Which proxy the environment names for a host; pure, no library.

Only HTTPS_PROXY, ALL_PROXY and NO_PROXY count, never the system's own settings, so that what is in force can
be read off the environment. HTTP_PROXY has no use here: plain http goes to this machine alone, and what
goes to this machine must never be handed to another.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.urls import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping


def proxy_for(host: str, port: int, env: Mapping[str, str]) -> str | None:
    """The proxy's address for https to `host` (no brackets), or None for a direct connection.

    Lower-case names win over upper-case ones, as with curl. An address without a scheme is an http proxy;
    it may hold credentials, so it must not be shown.
    """
    if is_loopback(host) or _is_exempt(host, port, _value(env, "no_proxy")):
        return None
    proxy = _value(env, "https_proxy") or _value(env, "all_proxy")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _value(env: Mapping[str, str], name: str) -> str:
    return (env.get(name) or env.get(name.upper()) or "").strip()


def _is_exempt(host: str, port: int, no_proxy: str) -> bool:
    """Whether NO_PROXY names the host: by name, `.suffix`, address or network, with a port or without."""
    return any(entry == "*" or _matches(host.lower(), port, entry) for entry in re.split(r"[\s,]+", no_proxy))


def _matches(host: str, port: int, entry: str) -> bool:
    wanted, wanted_port = _split_port(entry.lower())
    if not wanted or wanted_port not in (None, port):
        return False
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        suffix = wanted.removeprefix("*").removeprefix(".")
        return bool(suffix) and (host == suffix or host.endswith(f".{suffix}"))


def _split_port(entry: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", entry)
    named = re.fullmatch(r"([^:]+):(\d+)", entry)
    found = bracketed or named
    if found is None:
        return entry, None
    return found[1], int(found[2]) if found[2] else None
