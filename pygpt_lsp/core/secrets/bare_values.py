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

_NO_ESCAPE: Final = r"\\(?!\\*[nrt\"'])"  # a string ends, or its line does, at `\"` and at `\n`
_BARE: Final = re.compile(rf"(?:[^\s\"'`⟦⟧\\]|{_NO_ESCAPE}){{5,600}}")  # without a mark of the cursor
_FIELD: Final = re.compile(rf"(?:[^\s\"'`;&<>\\]|{_NO_ESCAPE}){{5,600}}")  # of a connection, a query, XML
_PAIR: Final = re.compile(rf"(?:[^\s\"'`;&<>,|{{}}\\]|{_NO_ESCAPE}){{5,600}}")  # of several on a line
_WORD: Final = re.compile(r"[^\s\"'`|;&<>-][^\s\"'`|;&<>]{4,600}")  # of a command line
_LINE_END: Final = re.compile(r"[ \t]*(?:[\r\n⟦]|\\+[nr]|\Z|[#;])")  # a comment ends the line, however long
_BREAK: Final = re.compile(r"[\r\n]|\\n")
_LINE_CHARACTERS: Final = 200
_LEAD: Final = r"[+>-]?[ \t]*(?:(?:#+|//+|--|;|\*)[ \t]*)?"  # of a diff, a quotation, a comment
_NETRC: Final = re.compile(r"[ \t]*|.*\b(?:machine|default|login)\b.*[ \t]")
_SET: Final = re.compile(rf"{_LEAD}(?:ENV|setenv|setx|set -\w+) +")  # Dockerfiles, csh, Windows, fish
_SETTING: Final = re.compile(rf"{_LEAD}(?:(?:export|set) +)?[\w.-]*")
_PROPERTY: Final = re.compile(r"[+>-]?(?:(?:[\w-]+\.)*|//\S*:|[\w.-]+:)")
_ITEM: Final = re.compile(rf"{_LEAD}(?:- *)?[\"']?")
_FLOW: Final = re.compile(r".*[{,][ \t]*")
_OPTION: Final = re.compile(r"(?:.*\s)?(?:-D|--[\w-]+[ =][\"']?)(?:[\w.-]+=[^\s,]*,)*[\w.-]*")
_PAIRS: Final = re.compile(r"(?:.*[\s\"'])?[\w.-]+=[^\s,()]+ +")
_BLOCK: Final = re.compile(r"[|>][+-]?[ \t]*\r?\n[ \t]+")  # of YAML, its first line
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w.$]*")
_NUMBERS: Final = re.compile(r"\d+")


def bare_value(named: Named) -> Secret | None:
    """The value without quotes, if there is one that has the shape of a secret."""
    match named.sign:
        case "":
            return _behind_space(named)
        case ">":
            return _value(named, _FIELD, until="</")
        case "=":
            return _behind_equals(named, _line_before(named))
        case ":=" | "?=" if named.name.isupper() and _SETTING.fullmatch(_line_before(named)):  # Makefiles
            return _value(named, _BARE, to_end=True)
        case ":" if named.spaced:
            return _behind_colon(named, _line_before(named))
        case sign if sign.rstrip("=: \t\"'").lower().endswith("value"):
            return _value(named, _BARE, to_end=True)
        case _:
            return None


def _behind_space(named: Named) -> Secret | None:
    name = named.name
    if name.startswith("--"):
        return _value(named, _WORD)
    if name == "password" and _NETRC.fullmatch(_line_before(named)):
        return _value(named, _WORD, to_end=True)
    if (name == "requirepass" and not _line_before(named)) or (
        name.isupper() and _SET.fullmatch(_line_before(named))
    ):
        return _value(named, _BARE, to_end=True)
    return None


def _behind_colon(named: Named, before: str) -> Secret | None:
    if _ITEM.fullmatch(before):
        block = _BLOCK.match(named.text, named.value_at)
        if block is not None:
            named = named._replace(value_at=block.end())
        found = _value(named, _BARE, to_end=True)
        if found is not None:
            return found
    if before[-1:] in {'"', "'"}:  # a header as one string
        return _value(named, _BARE, until=before[-1])
    if _FLOW.fullmatch(before):
        return _no_code(named, _value(named, _PAIR))
    return None


def _behind_equals(named: Named, before: str) -> Secret | None:
    name = named.name
    if named.spaced:
        return _no_code(named, _value(named, _BARE, to_end=True)) if _SETTING.fullmatch(before) else None
    if name.startswith("-"):
        return _value(named, _FIELD)
    if before.rstrip(" ")[-1:] in {";", "?", "&"} or (before[-1:] in {'"', "'"} and not name.isupper()):
        return _value(named, _FIELD, as_quoted=True)
    if name.isupper():
        return _value(named, _BARE, as_quoted=True)
    if _OPTION.fullmatch(before) or _PAIRS.fullmatch(before):
        return _value(named, _PAIR)
    if _PROPERTY.fullmatch(before) and (found := _value(named, _BARE, to_end=True)) is not None:
        return found
    return _no_code(named, _value(named, _PAIR)) if not before.strip() or before[-1] in " \t" else None


def _line_before(named: Named) -> str:
    """What stands before the name in its line; the last of it, where that is long."""
    before = named.text[max(named.start - _LINE_CHARACTERS, 0) : named.start]
    return _BREAK.split(before)[-1]


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


def _no_code(named: Named, found: Secret | None) -> Secret | None:
    """The value, unless it reads like a name or an expression rather than like settings."""
    if found is None:
        return None
    value = named.text[found.start : found.end]
    if any(sign in value for sign in "()[]{}"):
        return None
    numbers = _NUMBERS.findall(value)
    many = len(numbers) >= 3 or (len(value) >= 16 and sum(map(len, numbers)) >= 3)
    return found if many or _IDENTIFIER.fullmatch(value) is None else None
