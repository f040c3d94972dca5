"""What is in force for privacy: the two hosts and why them, what is switched on, where things lie.

Sends nothing and looks nothing up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pygpt_lsp.core.privacy_report import Line
from pygpt_lsp.core.settings import DEFAULT, described
from pygpt_lsp.services.proxy import proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygpt_lsp.core.settings import Resolved

_SWITCHES: Final = (
    "updates.check",
    "privacy.redact_secrets",
    "privacy.ignore",
    "history.enabled",
    "history.retention_days",
    "review",
)


def hosts_in_force(resolved: Resolved, env: Mapping[str, str]) -> tuple[Line, ...]:
    """The host that answers and the host that is asked for the version, and what names them."""
    settings, origins = resolved.settings, resolved.origins
    check = _host(settings.updates_url, origins["updates.url"], "updates.url", env)
    if not settings.updates_check:
        check = f"none: updates.check is false ({origins['updates.check']})"
    return (
        Line("answers", _host(settings.base_url, origins["base_url"], "base_url", env)),
        Line("version check", check),
    )


def switches_in_force(resolved: Resolved) -> tuple[Line, ...]:
    """The settings that decide what leaves and what is kept."""
    return tuple(
        Line(row.key, f"{row.value} ({row.origin})") for row in described(resolved) if row.key in _SWITCHES
    )


def _host(address: str, origin: str, key: str, env: Mapping[str, str]) -> str:
    parts = urlsplit(address)  # checked when it was set
    host, port = parts.hostname, parts.port
    if not host:
        return f"none: {key} names no address, so nothing is sent ({origin})"
    why = "the default" if origin == DEFAULT else f"{key} from {origin}"
    shown = host if port is None else f"{host}:{port}"
    proxy = proxy_for(host, port or 443, env) if parts.scheme == "https" else None
    if proxy is None:
        return f"{shown} ({why})"
    return (
        f"{shown} ({why}), through the proxy {proxy.rpartition('@')[2].rpartition('://')[2]} of HTTPS_PROXY"
    )
