"""Documents for tests, and any changes to them."""

from __future__ import annotations

from hypothesis import strategies as st

from pygpt_lsp.core.documents import ContentChange, Document, DocumentSnapshot
from pygpt_lsp.core.text import Position, Range
from tests.support import text_model as model

URI = "file:///a.py"
_ranges = st.tuples(*[st.integers(-2, 24)] * 4)
_changes = st.builds(ContentChange, st.none() | _ranges, model.texts)
notifications = st.lists(st.lists(_changes, max_size=3), max_size=5)


def opened(text: str, version: int = 1) -> Document:
    """A document that was just opened."""
    return Document(URI, "python", version, text)


def edit(document: Document, where: Range | tuple[int, int, int, int] | None, text: str) -> DocumentSnapshot:
    """One change in code points, as the next version."""
    if isinstance(where, Range):
        where = (where.start.line, where.start.character, where.end.line, where.end.character)
    return document.apply(document.snapshot.version + 1, [ContentChange(where, text)], "utf-32")


def span(start_line: int, start_character: int, end_line: int, end_character: int) -> Range:
    """A range by its four numbers."""
    return Range(Position(start_line, start_character), Position(end_line, end_character))


def between(text: str, start: int, end: int) -> Range:
    """The range from one offset to another."""
    return Range(model.position_of(text, start), model.position_of(text, end))
