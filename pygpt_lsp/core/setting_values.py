"""What values a setting can take: one small checker for each kind, and how a value is shown.

A user who pastes a key into the wrong place must not find it in a log, so `shown_bad` leaves out whatever
looks like one, and nothing here ever shows what is inside a container.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast

from pygpt_lsp.core.prices import Price
from pygpt_lsp.core.urls import url_refusal

# Patterns, not compiled ones: most servers start without ever needing them.
_OPENAI_KEY = r"\bsk-[\w-]{12,}"
# A key, a long token, an address with more than a host and a path.
_NOT_SHOWN = r"\bsk-|(?=[\w-]*\d)[\w-]{24,}|[@?#]"
_LONGEST_SHOWN = 60
_LARGEST_SHOWN = 10**15
_HIGHEST_PRICE = 1_000_000

KEY_BELONGS = (
    "an API key is never a setting: put it in the environment variable OPENAI_API_KEY, "
    "in the system's keyring, or let api_key_command print it"
)


class BadValueError(ValueError):
    """A value that cannot be used; `str(error)` is the reason, the second half of a sentence."""


class Kind(NamedTuple):
    """The kind of a setting's value.

    `words` names it for people ("a whole number from 1 to 10"), `schema` is its JSON Schema, and `check`
    returns the value as the program uses it or raises BadValueError.
    """

    words: str
    schema: Mapping[str, object]
    check: Callable[[object], object]


def flag() -> Kind:
    """true or false; not 0, 1 or "false"."""

    def check(value: object) -> bool:
        if isinstance(value, bool):
            return value
        quoted = isinstance(value, str) and value.lower() in ("true", "false")
        raise BadValueError("it must be true or false" + (" without quotes" if quoted else ""))

    return Kind("true or false", {"type": "boolean"}, check)


def integer(minimum: int, maximum: int) -> Kind:
    """A whole number in the range, both ends included; 5.0 is one, since some editors know only floats."""
    words = f"a whole number from {minimum} to {maximum}"

    def check(value: object) -> int:
        number = _number(value, words)
        if number != number // 1 or not minimum <= number <= maximum:
            raise BadValueError(f"it must be {words}")
        return int(number)

    return Kind(words, {"type": "integer", "minimum": minimum, "maximum": maximum}, check)


def number(minimum: float, maximum: float) -> Kind:
    """A number in the range, both ends included."""
    words = f"a number from {minimum:g} to {maximum:g}"

    def check(value: object) -> float:
        found = _number(value, words)
        if not minimum <= found <= maximum:
            raise BadValueError(f"it must be {words}")
        return float(found)

    return Kind(words, {"type": "number", "minimum": minimum, "maximum": maximum}, check)


def _number(value: object, words: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = " without quotes" if isinstance(value, str) and _reads_as_number(value) else ""
        raise BadValueError(f"it must be {words}{hint}")
    # NaN and the infinities, which Python's JSON reader lets through.
    if isinstance(value, float) and not -1e300 < value < 1e300:
        raise BadValueError(f"it must be {words}")
    return value


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def choice(*names: str) -> Kind:
    """One of these words."""
    words = "one of " + ", ".join(names)

    def check(value: object) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise BadValueError(f"it must be {words}")

    return Kind(words, {"type": "string", "enum": list(names)}, check)


def text(longest: int) -> Kind:
    """Any text of at most that many characters."""

    def check(value: object) -> str:
        return _text(value, longest)

    return Kind(f"text of at most {longest} characters", {"type": "string", "maxLength": longest}, check)


def name(longest: int) -> Kind:
    """A name: visible characters without spaces."""
    words = f"a name of at most {longest} characters, without spaces"

    def check(value: object) -> str:
        found = _text(value, longest)
        if not found or not found.isprintable() or any(char.isspace() for char in found):
            raise BadValueError("it must be a name without spaces or invisible characters")
        return found

    return Kind(words, {"type": "string", "minLength": 1, "maxLength": longest}, check)


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise BadValueError("it must be text")
    if len(value) > longest:
        raise BadValueError(f"it is longer than {longest} characters")
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadValueError("it holds a character that is no text")
    if re.search(_OPENAI_KEY, value):
        raise BadValueError(f"it looks like an API key, and {KEY_BELONGS}")
    return value


def url() -> Kind:
    """An address to send to; see `pygpt_lsp.core.urls`."""

    def check(value: object) -> str:
        found = _text(value, 2000)
        refusal = url_refusal(found)
        if refusal is not None:
            raise BadValueError(refusal)
        return found

    words = "an https:// address, or http:// to this machine"
    return Kind(words, {"type": "string", "maxLength": 2000}, check)


def command() -> Kind:
    """A command: one line of text, or the program and its arguments as a list."""
    words = "a command line, or a list of the program and its arguments"
    schema = {"type": ["string", "array"], "items": {"type": "string"}}

    def check(value: object) -> str | tuple[str, ...]:
        if isinstance(value, str):
            found = _text(value, 4000)
            if not found.strip() or "\n" in found:
                raise BadValueError("it must be a command on one line")
            return found
        parts = tuple(_text(part, 4000) for part in _list(value, words))
        if not parts or not parts[0].strip():
            raise BadValueError("it names no program")
        return parts

    return Kind(words, schema, check)


def subset(noun: str, names: Sequence[str]) -> Kind:
    """Any of these words, each once, in the order given."""
    words = f"a list of {noun}s: " + ", ".join(names)
    schema = {"type": "array", "items": {"type": "string", "enum": list(names)}, "uniqueItems": True}

    def check(value: object) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for item in _list(value, f"a list of {noun}s"):
            if not isinstance(item, str) or item not in names:
                raise BadValueError(f"there is no {noun} {shown_bad(item)}; there are {', '.join(names)}")
            found[item] = None
        return tuple(found)

    return Kind(words, schema, check)


def folders(most: int) -> Kind:
    """Paths of folders, at most so many, each once, in the order given."""
    words = f"a list of at most {most} folders"
    schema = {"type": "array", "items": {"type": "string"}, "maxItems": most}

    def check(value: object) -> tuple[str, ...]:
        found = dict.fromkeys(_text(item, 1000) for item in _list(value, words))
        if len(found) > most:
            raise BadValueError(f"it must be {words}")
        if not all(path.strip() and path.isprintable() for path in found):
            raise BadValueError("a folder's path must not be empty or hold invisible characters")
        return tuple(found)

    return Kind(words, schema, check)


def patterns(most: int) -> Kind:
    """Patterns of an ignore file, one a line there; each once, where it came last: the last one wins."""
    words = f"a list of at most {most} patterns, written as in a .gitignore"
    schema = {"type": "array", "items": {"type": "string"}, "maxItems": most}

    def check(value: object) -> tuple[str, ...]:
        found = last_of_each(_text(item, 1000) for item in _list(value, words))
        if len(found) > most:
            raise BadValueError(f"it must be {words}")
        if any("\n" in pattern or "\r" in pattern for pattern in found):
            raise BadValueError("a pattern is one line")
        return found

    return Kind(words, schema, check)


def last_of_each(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in the order in which they came last."""
    return tuple(reversed(dict.fromkeys(reversed(tuple(texts)))))


def prices() -> Kind:
    """Prices by a model's name: two numbers each, for a million tokens in and out."""
    words = "a table of models, each with its prices for a million tokens, as in [1.25, 10]: in, out"
    amount = {"type": "number", "minimum": 0, "maximum": _HIGHEST_PRICE}
    pair = {"type": "array", "items": amount, "minItems": 2, "maxItems": 2}
    schema = {"type": "object", "additionalProperties": pair}
    model, of_million = name(200), number(0, _HIGHEST_PRICE)

    def check(value: object) -> Mapping[str, Price]:
        if not isinstance(value, Mapping):
            raise BadValueError(f"it must be {words}")
        found: dict[str, Price] = {}
        for key, given in cast("Mapping[object, object]", value).items():
            pair = _list(given, words)
            if len(pair) != 2:
                raise BadValueError(f"it must be {words}")
            tokens_in, tokens_out = (cast("float", of_million.check(each)) for each in pair)
            found[cast("str", model.check(key))] = Price(tokens_in, tokens_out)
        return MappingProxyType(found)

    return Kind(words, schema, check)


def _list(value: object, words: str) -> list[object]:
    if isinstance(value, list | tuple):
        return list(cast("Sequence[object]", value))
    raise BadValueError(f"it must be {words}")


def shown_bad(value: object) -> str:
    """A value that was refused, for a message: as `shown`, without what could be a secret."""
    if isinstance(value, str) and re.search(_NOT_SHOWN, value):
        return "a text that is not shown here"
    return shown(value)


def shown(value: object) -> str:
    """The value for people: short, printable and on one line."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST_SHOWN else "a huge number"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…"
        return '"' + "".join(char if char.isprintable() else "�" for char in short) + '"'
    if isinstance(value, list | tuple):
        return "a list"
    return "a group of values" if isinstance(value, Mapping) else "a value of another kind"
