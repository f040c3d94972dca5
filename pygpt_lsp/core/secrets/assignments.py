"""Secrets that a name gives away: `password = "…"`, `API_KEY=…`, `token: …`, in code and in settings.

Name, sign and value must stand as some language or file format writes them, and the value must have the shape
of a secret; a bare value, which in code is a name, must look like no name. Only the value is found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.secrets.bare_values import bare_value
from pygpt_lsp.core.secrets.kinds import Kind, Secret
from pygpt_lsp.core.secrets.literals import any_of
from pygpt_lsp.core.secrets.names import kind_of_name
from pygpt_lsp.core.secrets.values import fits, is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSWORDS: Final = ("pass", "password", "passwd", "passwort", "passphrase", "passcode", "pwd", "psw")
_OTHERS: Final = ("kennwort", "mnemonic", "secret", "token", "key", "credential", "credentials")
_WRITTEN: Final = any_of(
    form(word) for word in (*_PASSWORDS, *_OTHERS) for form in (str.lower, str.upper, str.title)
)
_STEM: Final = rf"(?:{_WRITTEN}|_pw|_PW|Pw)(?![a-z])"
_ANNOTATION: Final = r":[ \t]*[A-Za-z&*\[][\w\[\]<>&'. |?*]{0,40}=(?![=>])[ \t]*(?=[brBR]?[\"'`])"
_VALUE: Final = r",?\s{1,40}[\"']?[vV]alue[\"']?[ \t]{0,8}[=:]"  # a name and its value as two fields
_WORD_FOLLOWS: Final = r"(?<=[ \t])(?=[^\s=:!<>?+|,-])"  # options, .netrc
_ASSIGNED: Final = re.compile(
    _STEM + r"[\w-]{0,24}(?P<close>\\{0,3}[\"'`])?\]?(?P<before>[ \t]{0,40}?)"
    rf"(?P<sign>{_ANNOTATION}|{_VALUE}|\|\||\?\?|:=|=>|[=!]==?|[?+|]{{0,2}}=|:|->|<-|,|>|{_WORD_FOLLOWS})"
    r"(?P<gap>[ \t]*)"
)
_NO_VALUE: Final = re.compile(r"(?!new )[a-z_.]+(?:[,;)\]}\r\n]|[ \t]++(?!\|\||\?|or\b))")
"""Names and words, which most of what stands behind such names is: without quotes they are no secrets, unless
there is an equals sign without spaces."""
_OPENED: Final = re.compile(
    r"\s{0,80}(?:[\w.()\[\]$\"']{1,80}[ \t]*(?:\|\||\?\?|\?:|\bor\b)[ \t]*"
    r"|(?P<call>(?:new )?[A-Za-z_][\w:.]{0,40}!?\([ \t]*)|&)?"
    r"(?:[rRbBuUfFL]{1,2}|[@$])?(?P<quote>\\{0,3}(?:\"{3}|'{3}|[\"'`]))"
)
_INSIDE: Final = {
    quote: re.compile(rf"[^{quote}\\\r\n]*(?:\\[^\r\n][^{quote}\\\r\n]*)*") for quote in ("'", '"', "`")
}
_LONGEST: Final = 600  # characters of a value
_NAME_CHARACTERS: Final = 60
_QUOTES: Final = "\"'`\\"


class Named(NamedTuple):
    """A name of a secret in `text` from `start`, the sign behind it, and where its value is to be.

    `spaced`: there is white space around the sign; `closed`: the name stands in quotes.
    """

    text: str
    start: int
    name: str
    kind: Kind
    sign: str
    spaced: bool
    closed: bool
    value_at: int


def by_name(text: str) -> Iterator[Secret]:
    """The secrets in a text that stand behind the name of a secret."""
    for match in _ASSIGNED.finditer(text):
        close, before, sign, gap = match.groups()
        if sign == "," and close is None:
            continue
        if (sign != "=" or before or gap) and _NO_VALUE.match(text, match.end()):
            continue
        start = _name_start(text, match.start())
        if sign == ">" and text[start - 1 : start] != "<":
            continue
        name = text[start : match.start("before" if close is None else "close")].rstrip("]")
        kind = kind_of_name(name)
        if kind is None:
            continue
        named = Named(text, start, name, kind, sign, bool(before or gap), close is not None, match.end())
        prose = sign == "" and text[match.end()] not in _QUOTES
        opened = None if prose else _OPENED.match(text, match.end())
        found = bare_value(named) if opened is None else _quoted(named, opened)
        if found is not None:
            yield found


def _name_start(text: str, place: int) -> int:
    """Where the name begins that has a character at `place`; `\n` of a string before it is no part of it."""
    start, limit = place, max(place - _NAME_CHARACTERS, 0)
    while start > limit and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        start -= 1
    escaped = text[start - 1 : start] == "\\" and text[start] in "nrt"
    return start + 1 if escaped and start < place else start


def _quoted(named: Named, opened: re.Match[str]) -> Secret | None:
    """The value in quotes. Where it is given to something first, or is only near the name, it must look like
    a token, or not like a word."""
    text, quote, start = named.text, opened["quote"], opened.end()
    end = _closing(text, quote, start)
    if end is None or (named.sign == "" and "\n" in opened.group()):
        return None
    value = text[start:end]
    in_call = opened["call"] is not None or (named.sign == "," and not named.name.isupper())
    near = named.sign == "" and not named.name.startswith("-")
    if in_call or (near and named.kind != "PASSWORD"):
        found = is_token(value, shortest=12)
    else:
        found = fits(named.kind, value, in_quotes=not near or named.name.isupper())
    return Secret(start, end, named.kind) if found else None


def _closing(text: str, quote: str, start: int) -> int | None:
    """Where a quote is closed that is opened before `start`; None where not in the same line, or far away."""
    if len(quote) == 1:
        inside = _INSIDE[quote].match(text, start, start + _LONGEST)
        end = inside.end() if inside is not None else -1
        return end if text[end : end + 1] == quote else None
    end = text.find(quote, start, start + _LONGEST)
    return end if end > start and "\n" not in text[start:end] else None
