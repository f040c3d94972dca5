"""Secrets that their place gives away: passwords in URLs, and what stands behind `Authorization:`."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.kinds import Secret
from pygpt_lsp.core.secrets.values import is_elsewhere, is_stand_in, is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL: Final = re.compile(
    r"://(?P<user>[^\s/:@\"'<>`{}()|\\,]{0,128}):(?P<password>[^\s/\"'<>`|\\,]{1,256})@(?=[\w\[$%{-])"
)
_SCHEME: Final = re.compile(
    r"(?P<scheme>bearer|Bearer|BEARER|basic|Basic|BASIC|token|Token)[ +]"
    r"(?P<value>[A-Za-z0-9._~+/-]{8,2000}={0,2})"
)
_HEADER: Final = re.compile(r"uthorization[\"']?\s{0,4}[:=,]\s{0,4}[\"']?\Z", re.IGNORECASE)
_AUTH: Final = re.compile(
    r"auth[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<value>[A-Za-z0-9+/]{8,2000}={0,2})(?![\w+/=.(])"
)


def by_place(text: str) -> Iterator[Secret]:
    """The secrets in a text that stand where only secrets stand."""
    if "://" in text:
        for match in _URL.finditer(text):
            password = match["password"]
            if password not in {match["user"], "secret"} and not (
                is_stand_in(password) or is_elsewhere(password)
            ):
                yield Secret(*match.span("password"), "PASSWORD")
    for match in _SCHEME.finditer(text):
        scheme, value = match["scheme"].lower(), match["value"]
        if scheme == "basic":
            if _is_basic(value):
                yield Secret(*match.span("value"), "PASSWORD")
            continue
        in_header = scheme == "bearer" or _HEADER.search(text, max(match.start() - 30, 0), match.start())
        if in_header and is_token(value, shortest=16):
            yield Secret(*match.span("value"), "TOKEN")
    for match in _AUTH.finditer(text):
        if _is_basic(match["value"]):
            yield Secret(*match.span("value"), "PASSWORD")


def _is_basic(value: str) -> bool:
    """Whether a value is a name and a password in base64 (RFC 7617 section 2)."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    user, colon, password = decoded.partition(":")
    return (
        bool(colon and password) and decoded.isprintable() and not is_stand_in(password) and password != user
    )
