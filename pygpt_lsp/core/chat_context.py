"""Context named in a chat document: lines such as `> #file:src/app.py:10-40` in a user's turn.

The line is what the user sees and edits; it is resolved when the turn is sent, by a layer that may read
files. Must never look at anything but the line: whether a file exists or may be sent is decided there.

    > #file:PATH            > #file:PATH:10         > #file:PATH:10-40      lines 1-based, both included
    > #diagnostics          > #diagnostics:PATH     > #diagnostics:PATH:10-40
    > #selection            > #buffer               > #diff
    > #symbol:NAME          > #symbol:PATH:NAME     a definition; NAME may be `Counter.add`
    > #rules:PATH                                   rules of the project, given once in a request

The path is the rest of the line, so it may hold spaces, colons and a drive letter. One that could be misread
stands in double quotes, as a JSON string. The `> ` may be missing before a known name, and names without a
path may share a line.
"""

from __future__ import annotations

import json
import re
from typing import Literal, NamedTuple, TypeAlias, cast

ContextKind: TypeAlias = Literal[
    "file", "selection", "buffer", "diagnostics", "diff", "symbol", "rules", "unknown"
]

_WITH_PATH = re.compile(
    r"#(?P<kind>file|diagnostics|rules):[ \t]*"
    r'(?P<path>"(?:[^"\\]|\\.)*"|[^"].*?)'
    r"(?::(?P<start>[0-9]{1,9})(?:-(?P<end>[0-9]{1,9}))?)?",
    re.IGNORECASE | re.ASCII,
)
# Of a symbol's name `::` is a part; a single colon ends the path before it.
_NAME = r'[^\s:"\\]+(?:::[^\s:"\\]+)*'
_SYMBOL = re.compile(
    rf'#symbol:[ \t]*(?:(?P<path>"(?:[^"\\]|\\.)*"|[^"].*?)(?<!:):)?(?P<name>{_NAME})',
    re.IGNORECASE | re.ASCII,
)
_BARE = re.compile(r"#(?:selection|buffer|diagnostics|diff)", re.IGNORECASE | re.ASCII)
_UNKNOWN = re.compile(r"#[a-z][a-z_-]*(?::.*)?", re.IGNORECASE | re.ASCII)
_NEEDS_QUOTES = re.compile(r'[\x00-\x1f\x7f\ud800-\udfff]|\A[\s"]|\s\Z|:[0-9]{1,9}(?:-[0-9]{1,9})?\Z')


class ContextRef(NamedTuple):
    """One piece of context that a user's turn names.

    `path` as written (relative to the workspace, absolute or a URI), None where none is given;
    `start_line` and `end_line` 1-based, both included, None for the whole; `line` the 0-based line of the
    document; `raw` the reference as written, for messages; `name` of a symbol. What `#` names and is not
    known is "unknown".
    """

    kind: ContextKind
    path: str | None
    start_line: int | None
    end_line: int | None
    line: int
    raw: str
    name: str | None = None


def parse_context_line(content: str, line: int) -> tuple[ContextRef, ...]:
    """The references that `content`, line `line` (0-based) without its ending, consists of.

    Empty where it is none: then it is ordinary text. Line numbers given in the wrong order are turned
    round, line 0 is line 1.
    """
    quoted = content.lstrip(" ").startswith(">")
    raw = content.strip(" \t").removeprefix(">").strip(" \t")
    words = raw.split()
    if words and all(_BARE.fullmatch(word) for word in words):
        return tuple(
            ContextRef(cast("ContextKind", word[1:].lower()), None, None, None, line, word) for word in words
        )
    if symbol := _SYMBOL.fullmatch(raw):
        return (_symbol(symbol, line, raw),)
    match = _WITH_PATH.fullmatch(raw)
    path = _unquoted(match["path"]) if match else None
    if match and path:
        numbers = [max(int(number), 1) for number in match.group("start", "end") if number]
        kind = cast("ContextKind", match["kind"].lower())
        return (ContextRef(kind, path, min(numbers, default=None), max(numbers, default=None), line, raw),)
    if match or (quoted and _UNKNOWN.fullmatch(raw)):
        return (ContextRef("unknown", None, None, None, line, raw),)
    return ()


def format_context_ref(
    kind: ContextKind, path: str | None = None, start_line: int | None = None, end_line: int | None = None
) -> str:
    """The line, without its ending, which `parse_context_line` reads as these values; not for symbols.

    Lines are 1-based and both included; `end_line` is `start_line` where it is not given. ValueError for
    what cannot be written: an unknown kind, a path or lines that do not go with the kind.
    """
    takes_path = kind in {"file", "diagnostics", "rules"}
    wrong = not path if kind in {"file", "rules"} else path is not None and not (takes_path and path)
    if wrong or kind in {"symbol", "unknown"}:
        raise ValueError(f"#{kind} cannot be written with this path")
    if path is None:
        if start_line is not None or end_line is not None:
            raise ValueError("lines need a path")
        return f"> #{kind}"
    last = start_line if end_line is None else end_line
    if start_line is None or last is None:
        if last is not None:
            raise ValueError("a last line needs a first one")
        lines = ""
    elif 1 <= start_line <= last:
        lines = f":{start_line}" if start_line == last else f":{start_line}-{last}"
    else:
        raise ValueError(f"{start_line}-{last} is no range of lines")
    return f"> #{kind}:{_quoted(path)}{lines}"


def format_symbol_ref(name: str, path: str | None = None) -> str:
    """The line, without its ending, which `parse_context_line` reads as the symbol `name` of the file `path`.

    ValueError for a name that cannot be written: one with spaces, quotes or single colons, or none at all.
    """
    if not re.fullmatch(_NAME, name) or path == "":
        raise ValueError(f"#symbol cannot be written with the name {name!r}")
    return f"> #symbol:{name}" if path is None else f"> #symbol:{_quoted(path, before_name=True)}:{name}"


def _symbol(match: re.Match[str], line: int, raw: str) -> ContextRef:
    path = None if match["path"] is None else _unquoted(match["path"])
    if path == "":
        return ContextRef("unknown", None, None, None, line, raw)
    return ContextRef("symbol", path, None, None, line, raw, match["name"])


def _quoted(path: str, *, before_name: bool = False) -> str:
    if not _NEEDS_QUOTES.search(path) and not (before_name and path.endswith(":")):
        return path
    try:
        path.encode()
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return json.dumps(path)
    return json.dumps(path, ensure_ascii=False)


def _unquoted(path: str) -> str:
    """The path that `path` stands for; "" where the quotes hold no JSON string."""
    if not path.startswith('"'):
        return path
    try:
        return cast("str", json.loads(path))
    except ValueError:
        return ""
