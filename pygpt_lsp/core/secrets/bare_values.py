"""Values without quotes behind the name of a secret: in shells, `.env`, YAML, INI, properties, `.netrc`, XML,
options of commands and connection strings.

In code a bare value is a name or an expression, so where both can be, it is found only if it cannot be code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.kinds import Secret
from pygpt_lsp.core.secrets.values import fits

if TYPE_CHECKING:
    from pygpt_lsp.core.secrets.assignments import Named

_BARE: Final = re.compile(r"[^\s\"'`⟦⟧]{5,600}")  # without a mark of the cursor
_FIELD: Final = re.compile(r"[^\s\"'`;&<>]{5,600}")  # of a connection string, a query, an element
_WORD: Final = re.compile(r"[^\s\"'`|;&<>-][^\s\"'`|;&<>]{4,600}")  # of a command line
_LINE_END: Final = re.compile(r"[ \t]*(?:[#;][^\r\n]*)?(?:[\r\n⟦]|\Z)")
_LINE_CHARACTERS: Final = 200
_NETRC: Final = re.compile(r"[ \t]*|.*\b(?:machine|default|login)\b.*[ \t]")
_LEAD: Final = r"[+>-]?[ \t]*(?:(?:#+|//+|--|;|\*)[ \t]*)?"  # of a diff, a quotation, a comment
_SETTING: Final = re.compile(rf"{_LEAD}[\w.-]*")
_PROPERTY: Final = re.compile(r"[+>-]?(?:(?:[\w-]+\.)*|//\S*:|[\w.-]+:)")
_ITEM: Final = re.compile(rf"{_LEAD}(?:- *)?[\"']?")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w.$]*")


def bare_value(named: Named) -> Secret | None:
    """The value without quotes, if there is one that has the shape of a secret."""
    match named.sign:
        case "":
            if named.name.startswith("--"):
                return _value(named, _WORD)
            if named.name == "password" and _NETRC.fullmatch(_line_before(named)):
                return _value(named, _WORD, to_end=True)
            return None
        case ">":
            return _value(named, _FIELD, until="</")
        case "=":
            return _behind_equals(named, _line_before(named))
        case ":" if named.spaced and _ITEM.fullmatch(_line_before(named)):
            return _value(named, _BARE, to_end=True)
        case sign if sign.rstrip("=: \t\"'").lower().endswith("value"):
            return _value(named, _BARE, to_end=True)
        case _:
            return None


def _behind_equals(named: Named, before: str) -> Secret | None:
    name = named.name
    if named.spaced:
        found = _value(named, _BARE, to_end=True) if _SETTING.fullmatch(before) else None
        return None if found is None or _is_code(named.text[found.start : found.end]) else found
    if name.startswith("-"):
        return _value(named, _FIELD)
    if before.rstrip(" ")[-1:] in {";", "?", "&"} or (before[-1:] in {'"', "'"} and not name.isupper()):
        return _value(named, _FIELD, as_quoted=True)
    if name.isupper():
        return _value(named, _BARE, as_quoted=True)
    return _value(named, _BARE, to_end=True) if _PROPERTY.fullmatch(before) else None


def _line_before(named: Named) -> str:
    """What stands before the name in its line; the last of it, where that is long."""
    before = named.text[max(named.start - _LINE_CHARACTERS, 0) : named.start]
    return before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]


def _value(
    named: Named, shape: re.Pattern[str], *, as_quoted: bool = False, to_end: bool = False, until: str = ""
) -> Secret | None:
    """The value, where it has the shape of a secret and, with `to_end`, nothing follows in its line.

    `as_quoted`: here it is surely a value and no name.
    """
    match = shape.match(named.text, named.value_at)
    if match is None:
        return None
    value, end = match.group(), match.end()
    if to_end and (value[-1] in ",;{[(\\" or not _LINE_END.match(named.text, end)):
        return None
    if until and not named.text.startswith(until, end):
        return None
    return Secret(match.start(), end, named.kind) if fits(named.kind, value, in_quotes=as_quoted) else None


def _is_code(value: str) -> bool:
    """Whether a value behind ` = ` reads like a name or an expression rather than like settings."""
    if any(sign in value for sign in "()[]{}"):
        return True
    digits = sum(map(str.isdigit, value))
    return _IDENTIFIER.fullmatch(value) is not None and not (len(value) >= 16 and digits >= 3)
