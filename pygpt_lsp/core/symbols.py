"""The definitions of a text by their names, so that a chat can name one: `#symbol:Counter.add`.

Where definitions begin and end is the matter of `outline`; here they get their names, from the line that they
begin with, and what they are in, from indentation. As there, no parser: a name that is not found costs a
sentence, and the user names lines instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.definition_lines import DefinitionLines, string_after
from pygpt_lsp.core.definitions import definition_pattern, family_of
from pygpt_lsp.core.languages import canonical, comment_syntax
from pygpt_lsp.core.outline import enclosing_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.definitions import Family
    from pygpt_lsp.core.outline import LineSpan
    from pygpt_lsp.core.text import TextSnapshot

_LONGEST_LINE: Final = 400  # as much of a line is looked at
_MOST_KNOWN: Final = 100  # texts in a cache
_NAME: Final = (
    r"[\w$~]+[?!']*(?:<[^<>()]*>(?=::))?(?:(?:::|[.#]|:(?=\w+\s*\())[\w$~]+[?!']*(?:<[^<>()]*>(?=::))?)*"
)
_SPLIT: Final = re.compile(r"::|[.#:]")
_TEMPLATE: Final = re.compile(r"<[^<>]*>")
_ASSIGNED: Final = re.compile(
    r"(?:(?:export|default|const|let|var|static|readonly|public|private|protected|local|pub|inline)\s+)*"
    rf"(?P<name>{_NAME})\s*(?::[^=(){{}}]+)?"
    r"(?::=|=(?![=>])|<-|:(?=\s*(?:async\b|function\b|\(|[\w$]+\s*=>)))"
)
_AFTER_KEYWORD: Final = re.compile(
    r"(?:(?<![\w$.#])(?:def(?!ault)\w*|cp?def|class|function|func|fun?!?|fn|sub|proc(?:edure)?|method|struct"
    r"|enum(?:\s+class)?|union|trait|interface|type|mod(?:ule)?|namespace|protocol|extension|actor|object|record"
    r"|contract|library|macro(?:_rules!)?|constructor|modifier|event|service|message|mixin|template|iterator"
    r"|converter|filter|let(?:\s+(?:rec|inline|private|mutable))*|and|member|exception|impl(?:<[^>]*>)?"
    r"(?:.*?\sfor(?=\s))?)!?\*?\s+|[-+]\s*(?=\())"
    rf"(?:\((?:\w+\s+)?[*&]?(?P<receiver>\w+)[^()]*\)\s*)?(?P<name>{_NAME})"
)
_CALLED: Final = re.compile(
    rf"(?P<name>(?:{_NAME}::)?operator\s*(?:\(\)|[^\s\w(]+)|{_NAME})\s*(?:<[^<>()]*>\s*)?\("
)
_LISP: Final = re.compile(r"\(\S+\s+\(?(?P<name>[^\s()\[\]{}\"]+)")
_NO_NAMES: Final = frozenset({
    "describe", "context", "suite", "it", "test", "specify", "before", "after", "beforeEach", "afterEach",
    "beforeAll", "afterAll", "setup", "task", "namespace", "module", "import", "where", "extends", "function",
    "if", "for", "while", "switch",
})  # fmt: skip
_COMMAND: Final = re.compile(
    r"(?:(?:function|filter|class|sub|method)\s+)?(?:(?:script|global|local|private):)?(?P<name>[\w.-]+(?:::[\w.-]+)*)"
)
_WITH_COMMANDS: Final = frozenset({"shellscript", "fish", "powershell"})
"""Languages in which a name may hold `-`, as those of commands do."""
_LISPS: Final = frozenset({"lisp", "elisp", "clojure", "scheme", "racket", "fennel", "janet"})


class Symbol(NamedTuple):
    """A definition: its name with those it is in, by dots, and the line (0-based) that says it."""

    name: str
    header: int


def symbols(text: TextSnapshot, language_id: str) -> Iterator[Symbol]:
    """The definitions of a text that have a name, in the order of their lines.

    Takes a few microseconds for each line.
    """
    family = family_of(language_id)
    if family is None:
        return
    if family.equations:
        yield from _equations(text, language_id, family)
        return
    lines = DefinitionLines(text, language_id, family)
    delimiters = comment_syntax(language_id).long_strings
    around: list[tuple[int, str]] = []  # the indents and names of what the line is in
    string = ""
    for index, line in enumerate(text.lines()):
        # A definition at the very left is in no string: then the delimiter before began none.
        if (not string or not line[:1].isspace()) and not line.isspace() and lines.begins(index):
            string = ""
            indent = lines.indent(index)
            while around and around[-1][0] >= indent:
                around.pop()
            name, listed = _named(line.strip()[:_LONGEST_LINE], family, language_id)
            if name:
                outer = f"{around[-1][1]}." if around and around[-1][1] else ""
                around.append((indent, outer + name))
                if listed:
                    yield Symbol(outer + name, index)
        string = string_after(line, string, delimiters)


def is_called(symbol: Symbol, name: str) -> bool:
    """Whether `name` means the symbol: its name or the end of it, with dots or in the language's own way."""
    wanted = _parts(name)
    return bool(wanted) and _parts(symbol.name)[-len(wanted) :] == wanted


def lines_of(text: TextSnapshot, symbol: Symbol, language_id: str) -> LineSpan | None:
    """All lines of a definition, with the comments and decorators above; None for one of over 2,000 lines."""
    for definition in enclosing_definitions(text, symbol.header, symbol.header, language_id):
        if definition.header == symbol.header:
            return definition.span
    return None


def _parts(name: str) -> list[str]:
    return [part for part in _SPLIT.split(name) if part]


def _named(content: str, family: Family, language_id: str) -> tuple[str, bool]:
    """The name that the first line of a definition says, and whether it is one of its own; "" for none."""
    language = canonical(language_id)
    if language in _LISPS or language in _WITH_COMMANDS:
        match = (_LISP if language in _LISPS else _COMMAND).match(content)
        return (match["name"], True) if match else ("", False)
    header = definition_pattern(family).match(content)
    is_callable = header is not None and header["callable"] is not None
    match = None if is_callable else _ASSIGNED.match(content) or _AFTER_KEYWORD.search(content)
    match = match or _CALLED.search(content)
    if match is None:
        return "", False
    parts = _parts(_TEMPLATE.sub("", match["name"]))
    if not parts or parts[-1] in _NO_NAMES:
        return "", False
    receiver = match.groupdict().get("receiver")
    if receiver and content.startswith("func"):
        parts.insert(0, receiver)
    return ".".join(parts), not content.startswith("impl")


def _equations(text: TextSnapshot, language_id: str, family: Family) -> Iterator[Symbol]:
    """Each name that top-level lines are about, at its first line."""
    lines = DefinitionLines(text, language_id, family)
    last = ""
    for index in range(text.line_count):
        name = lines.equation(index)
        if not name or name in {"import", "module"}:
            continue
        if name != last and " " not in name:
            yield Symbol(name, index)
        last = name


class SymbolCache:
    """The symbols of texts that are asked about again and again, as after each key press."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[TextSnapshot, tuple[Symbol, ...]]] = {}

    def of(self, key: str, text: TextSnapshot, language_id: str) -> tuple[Symbol, ...]:
        """The symbols of the text that is known by `key`; found again only where it is another one."""
        known = self._known.pop(key, None)
        if known is None or known[0] is not text:
            known = text, tuple(symbols(text, language_id))
        if len(self._known) >= _MOST_KNOWN:
            self._known.pop(next(iter(self._known)), None)
        self._known[key] = known
        return known[1]
