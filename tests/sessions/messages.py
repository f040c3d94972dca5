"""How a message looks on the page of a session: short JSON, and nothing that differs from run to run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 110
_TEXT = 100
_STRINGS = 4
_TOKEN = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_TIMES = (
    (re.compile(r"\b20\d\d-\d\d-\d\d \d\d:\d\d\b"), "2026-01-31 09:00"),
    (re.compile(r"\b20\d\d-\d\d-\d\d(?=-)"), "2026-01-31"),
    (re.compile(r"\b\d+\.\d+ s\b"), "1.0 s"),
)


class Names:
    """Puts fixed names in the place of paths, addresses, tokens, ids and times."""

    def __init__(self, fixed: dict[str, str]) -> None:
        """`fixed`: what stands for what, the longest first where one holds another."""
        self._names = dict(fixed)
        self._counts: dict[str, int] = {}

    def add(self, found: str, kind: str) -> None:
        """Call `found`, a random id, by its kind and number from now on."""
        if found not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[found] = f"{kind}-{self._counts[kind]}"

    def in_text(self, text: str) -> str:
        """A text with the names in it."""
        for token in _TOKEN.findall(text):
            self.add(token, "job")
        for found, name in self._names.items():
            text = text.replace(found, name)
        for pattern, name in _TIMES:
            text = pattern.sub(name, text)
        return text


def shortened(value: Any, names: Callable[[str], str]) -> Any:
    """A JSON value as a reader wants it.

    Positions become `"line:character"` and ranges `"from-to"`; of several things that have a name the first
    is whole and the others are their names; long texts and long lists of texts are cut.
    """
    if isinstance(value, str):
        text = names(value)
        return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"
    if isinstance(value, dict):
        return _object(value, names)  # pyright: ignore[reportUnknownArgumentType]
    if not isinstance(value, list):
        return value
    items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    called = [_name_of(item) for item in items[1:]]
    if called and None not in called:
        return [shortened(items[0], names), *(shortened(name, names) for name in called)]
    if len(items) > _STRINGS and all(isinstance(item, str) for item in items):
        return [*(names(item) for item in items[:_STRINGS]), "…"]
    return [shortened(item, names) for item in items]


def _object(value: dict[str, Any], names: Callable[[str], str]) -> Any:
    if value.keys() == {"line", "character"}:
        return f"{value['line']}:{value['character']}"
    if value.keys() == {"start", "end"}:
        return "-".join(shortened(value[end], names) for end in ("start", "end"))
    return {key: shortened(each, names) for key, each in value.items()}


def _name_of(item: Any) -> str | None:
    """What stands for a code action, a lens, a completion, a symbol, a fold, a link or a registration."""
    if not isinstance(item, dict):
        return None
    one: dict[str, Any] = item  # pyright: ignore[reportUnknownVariableType]
    if "startLine" in one:
        return f"{one['startLine']}-{one['endLine']}"
    if isinstance(one.get("command"), dict) and "title" not in one:
        return f"{one['range']['start']['line']}: {one['command']['title']}"
    return next((one[key] for key in ("title", "label", "target", "method", "name") if key in one), None)


def laid_out(head: str, value: Any) -> list[str]:
    """The lines of a JSON value behind `head`: as few as there can be of at most `WIDTH` characters."""
    lines = [head]
    _lay(value, "  ", lines, "")
    return lines


def _lay(value: Any, indent: str, lines: list[str], after: str) -> None:
    """Put a value and what comes `after` it behind the last line, and below it in lines with this indent."""
    whole = json.dumps(value, ensure_ascii=False) + after
    if len(lines[-1]) + len(whole) <= WIDTH or not isinstance(value, dict | list):
        lines[-1] += whole
        return
    parts: list[tuple[str, Any]] = (
        [(f"{json.dumps(key, ensure_ascii=False)}: ", each) for key, each in value.items()]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, dict)
        else [("", each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    )
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines[-1] += opening
    for number, (name, each) in enumerate(parts, 1):
        end = closing + after if number == len(parts) else ","
        whole = name + json.dumps(each, ensure_ascii=False) + end
        space = " " if number > 1 and not lines[-1].endswith(indent) else ""
        if number > 1 and len(lines[-1]) + len(space) + len(whole) > WIDTH:
            lines.append(indent)
            space = ""
        lines[-1] += space + name
        _lay(each, f"{indent}  ", lines, end)
