"""Secrets that their place gives away: passwords in addresses, in headers, on command lines.

Each place is an entry in one table. Where none of its anchors is in a text, it costs no more than that look.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.secrets.kinds import Kind, Secret
from pygpt_lsp.core.secrets.values import is_elsewhere, is_password, is_random, is_stand_in, is_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Place(NamedTuple):
    """Where only secrets stand: the group `value` of `pattern`, if `holds` says so of the match.

    One of the `anchors` stands in each text that has such a place.
    """

    kind: Kind
    anchors: tuple[str, ...]
    pattern: str
    holds: Callable[[re.Match[str]], bool]


def _is_login(match: re.Match[str]) -> bool:
    """Whether a password beside a user's name is none that only shows where one belongs."""
    user, password = match["user"], match["value"]
    return password not in {user, "secret"} and not (is_stand_in(password) or is_elsewhere(password))


def _is_basic(match: re.Match[str]) -> bool:
    """Whether a value is a name and a password in base64 (RFC 7617 section 2)."""
    value = match["value"]
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    user, colon, password = decoded.partition(":")
    return (
        bool(colon and password) and decoded.isprintable() and not is_stand_in(password) and password != user
    )


def _is_password(match: re.Match[str]) -> bool:
    return is_password(match["value"], in_quotes=False)


def _is_token(match: re.Match[str]) -> bool:
    return is_token(match["value"], shortest=16)


def _is_hook(match: re.Match[str]) -> bool:
    return is_random(match["value"], least_distinct=7)


_WORD: Final = r"(?P<value>[^\s\"'`|;&<>]{1,256})"
_QUOTED: Final = r"(?P<quote>[\"'])(?P<value>[^\s\"'`]{1,256})(?P=quote)"
_RANDOM: Final = r"(?P<value>[A-Za-z0-9._~+/-]{8,2000}={0,2})"
_BASE64: Final = r"(?P<value>[A-Za-z0-9+/]{8,2000}+={0,2}+)"
_REST_OF_COMMAND: Final = r"(?:[^\\\r\n]|\\\r?\n|\\){0,200}?\s"
_HEADER: Final = r"[\"']?\s{0,4}[:=,]\s{0,4}[\"'`]?"

_PLACES: Final = (
    Place(
        "PASSWORD",
        ("://",),
        r"://(?P<user>[^\s/:@\"'<>`{}()|\\,]{0,128}):(?P<value>[^\s/\"'<>`|\\,]{1,256})@(?=[\w\[$%{-])",
        _is_login,
    ),
    Place(  # the driver of Go
        "PASSWORD",
        ("@tcp(", "@unix("),
        r"(?<![\w.-])(?P<user>[\w.-]{1,64}):(?P<value>[^\s\"'`@/]{1,128})@(?:tcp|unix)\(",
        _is_login,
    ),
    Place(
        "PASSWORD",
        ("jdbc:oracle:",),
        r"jdbc:oracle:\w{1,10}:(?P<user>[\w.-]{1,64})/(?P<value>[^\s\"'`@/]{1,128})@",
        _is_login,
    ),
    Place(
        "SLACK",
        ("hooks.slack.com/",),
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/(?P<value>[A-Za-z0-9/]{24,200})",
        _is_hook,
    ),
    Place(
        "TOKEN",
        ("/api/webhooks/",),
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/(?P<value>[\w-]{40,200})",
        _is_hook,
    ),
    Place(  # what signs an address, or opens it
        "TOKEN",
        ("key=", "sig=", "ignature="),
        r"[?&;](?:key|sig|(?:X-Amz-|X-Goog-)?[sS]ignature)=(?P<value>[\w.~%+/-]{20,2000}={0,2})",
        _is_token,
    ),
    Place("TOKEN", ("earer", "EARER"), rf"(?:[bB]earer|BEARER)[ +]{_RANDOM}", _is_token),
    Place(
        "TOKEN",
        ("uthorization", "UTHORIZATION"),
        rf"(?i:uthorization{_HEADER}(?:token|apikey|api-key|key|bot|ssws))[ +]{_RANDOM}",
        _is_token,
    ),
    Place("PASSWORD", ("asic", "ASIC"), rf"(?:[bB]asic|BASIC)[ +]{_BASE64}(?![\w+/=.-])", _is_basic),
    Place("PASSWORD", ("auth",), rf"auth{_HEADER}{_BASE64}(?![\w+/=.(])", _is_basic),
    Place(
        "PASSWORD",
        ("auth",),
        rf"auth=\(\s{{0,40}}[\"'](?P<user>[^\"'\r\n]{{1,64}})[\"'],\s{{0,40}}{_QUOTED}",
        _is_login,
    ),
    Place(
        "PASSWORD",
        ("curl",),
        rf"\bcurl\b{_REST_OF_COMMAND}(?:-[A-Za-z]{{0,8}}[uU]|--(?:proxy-)?user)[ =]?[\"']?"
        rf"(?P<user>[\w.@%+\\-]{{0,64}}):{_WORD}",
        _is_login,
    ),
    Place(
        "PASSWORD",
        ("sshpass", " login ", "mongo", "redis-cli"),
        r"\b(?:sshpass|(?:docker|podman|helm registry|buildah|skopeo|az) login|mongo(?:sh|dump|restore)?"
        rf"|redis-cli)\b{_REST_OF_COMMAND}-[pa] ?[\"']?{_WORD}",
        _is_password,
    ),
    Place(  # with a space between, it would be the name of a database
        "PASSWORD",
        ("mysql", "mariadb"),
        rf"\b(?:mysql|mariadb)(?:-?dump|-?admin)?\b{_REST_OF_COMMAND}-p[\"']?{_WORD}",
        _is_password,
    ),
    Place("PASSWORD", ("-pass",), rf"-pass(?:in|out)? [\"']?pass:{_WORD}", _is_password),
    Place(
        "PASSWORD",
        ("dentified", "DENTIFIED"),
        rf"(?i:identified (?:with \w+ )?by (?:password )?){_QUOTED}",
        _is_password,
    ),
    Place("PASSWORD", ("-SecureString ",), rf"-SecureString (?:-String )?{_QUOTED}", _is_password),
)


def by_place(text: str) -> Iterator[Secret]:
    """The secrets in a text that stand where only secrets stand."""
    for place in _PLACES:
        if any(anchor in text for anchor in place.anchors):
            for match in _compiled(place.pattern).finditer(text):
                if place.holds(match):
                    yield Secret(*match.span("value"), place.kind)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, made when it is needed first."""
    return re.compile(pattern)
