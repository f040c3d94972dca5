"""What the demo works on: its own small file, or a copy of one of the user's, and the lines it asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.outline import definition_at
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_NAME = "greetings.py"
SAMPLE = '''\
"""Greetings for the guests of a small hotel. Schöne Grüße 😀"""

from datetime import datetime


def greeting(name, now=None):
    hour = (now or datetime.now()).hour
    if hour < 11:
        wish = "Guten Morgen"
    elif hour < 18:
        wish = "Schönen Tag"
    else:
        wish = "Schönen Abend"
    return f"{wish}, {name}! 😀"


if __name__ == "__main__":
    print(greeting("Zoë"))
'''

_LARGEST = 1 << 20  # bytes; a file to look at, not a data set
_SEARCHED_LINES = 1_000  # each is looked at alone, which takes its time
_MOST_LINES = 80  # what still fits on a screen or two
_SUFFIXES = {
    "pyi": "python", "mjs": "javascript", "cjs": "javascript", "rb": "ruby", "kt": "kotlin", "h": "c",
    "cc": "cpp", "cxx": "cpp", "hpp": "cpp", "hs": "haskell", "ex": "elixir", "exs": "elixir", "pl": "perl",
    "jl": "julia", "clj": "clojure", "ml": "ocaml", "el": "elisp", "": "plaintext",
}  # fmt: skip


class Source(NamedTuple):
    """A file as the demo shows it: its bytes stay as they are. Lines are 0-based, both included.

    `origin` says in words where it lies.
    """

    name: str
    content: bytes
    origin: str
    language_id: str
    first_line: int
    last_line: int

    @property
    def text(self) -> str:
        """The content, decoded."""
        return self.content.decode()

    @property
    def excerpt(self) -> list[str]:
        """The lines asked about, without their endings."""
        text = TextSnapshot.from_string(self.text)
        return [text.line_content(line) for line in range(self.first_line, self.last_line + 1)]

    @property
    def lines(self) -> str:
        """The lines asked about, as people count them."""
        return f"{self.first_line + 1}-{self.last_line + 1}"


def sample() -> Source:
    """The demo's own file."""
    return _source(SAMPLE_NAME, SAMPLE.encode(), "python", "written for you to a temporary folder")


def read_source(path: Path) -> Source:
    """A file of the user's, which is only read. Raises PygptError where it is no text to ask about."""
    try:
        if path.stat().st_size > _LARGEST:
            raise PygptError(f"{path} is larger than 1 MiB: try a smaller file.")
        content = path.read_bytes()
    except OSError as error:
        raise PygptError(f"{path} cannot be read: {error.strerror}.") from error
    suffix = path.suffix.removeprefix(".").lower()
    language_id = _SUFFIXES.get(suffix, canonical(suffix))
    return _source(path.name, content, language_id, "a copy in a temporary folder; yours is only read")


def _source(name: str, content: bytes, language_id: str, origin: str) -> Source:
    try:
        text = TextSnapshot.from_string(content.decode())
    except UnicodeDecodeError as error:
        raise PygptError(f"{name} is not UTF-8 text: try another file.") from error
    if not str(text).strip():
        raise PygptError(f"{name} is empty: try a file with code in it.")
    return Source(name, content, origin, language_id, *_lines(text, language_id))


def _lines(text: TextSnapshot, language_id: str) -> tuple[int, int]:
    """The first definition of a size to look at; without one the beginning of the text."""
    for line in range(min(text.line_count, _SEARCHED_LINES)):
        found = definition_at(text, line, language_id)
        if found is not None and 2 <= found.end - found.start <= _MOST_LINES:
            return found.start, found.end - 1
    first = next(number for number in range(text.line_count) if text.line(number).strip())
    return first, min(first + _MOST_LINES, text.line_count) - 1
