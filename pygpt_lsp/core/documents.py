"""The open documents, as the client has told us they are, and how positions moved since an earlier version.

A job that started on version 3 asks here where its range is in version 9, and whether anyone has touched it.
So that an answer never lands in the wrong place, whatever cannot be told for certain is None, never a guess.

Versions are the client's numbers, kept as they came. Must never count versions itself and never alter a
snapshot that was handed out.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.positions import Position, PositionEncoding, Range, advance
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Stick: TypeAlias = Literal["left", "right"]

# What a document remembers of its changes: hours of typing, some megabytes at most.
MAX_LOGGED_CHANGES = 4096
MAX_LOGGED_CHARACTERS = 2_000_000
# Those share what did not change between them: some kilobytes each.
KEPT_SNAPSHOTS = 100


class ContentChange(NamedTuple):
    """One change as LSP sends it.

    `range` is (start line, start character, end line, end character) in the client's units, or None where
    `text` is the whole new text.
    """

    range: tuple[int, int, int, int] | None
    text: str


class AppliedChange(NamedTuple):
    """One change as it was made: `text` came in place of `range` and ends at `new_end`.

    `range` is in the text before the change and `new_end` in the text after it, in code points. What the
    client replaced by the same text at either edge is left out. `version` is the client's version after
    the notification the change came in.
    """

    version: int
    range: Range
    text: str
    new_end: Position


class MappedRange(NamedTuple):
    """Where a range is now; `intact` only if no change touched its inside, so that its text is the same."""

    range: Range
    intact: bool


class DocumentSnapshot(NamedTuple):
    """A document at one version; stays as it is whatever the client does next."""

    uri: str
    language_id: str
    version: int
    text: TextSnapshot


class Document:
    """One document from didOpen to didClose.

    After it is opened again it is another `Document`, whose versions may start again at the same numbers:
    whoever waits holds the `Document` and compares it with the store's.
    """

    __slots__ = ("_earlier", "_log", "_logged_characters", "_reach", "_snapshot")

    def __init__(self, uri: str, language_id: str, version: int, text: str) -> None:
        self._snapshot = DocumentSnapshot(uri, language_id, version, TextSnapshot.from_string(text))
        self._log: deque[AppliedChange] = deque()
        self._earlier: deque[DocumentSnapshot] = deque(maxlen=KEPT_SNAPSHOTS)
        self._logged_characters = 0
        self._reach = version  # the oldest version the log leads on from

    @property
    def snapshot(self) -> DocumentSnapshot:
        """The document as it is now."""
        return self._snapshot

    def apply(
        self, version: int, changes: Iterable[ContentChange], encoding: PositionEncoding
    ) -> DocumentSnapshot:
        """Make `changes` in order, each to the text the one before it left (LSP 3.17, didChange).

        `version` is the client's for the text after all of them. Where it does not grow, one number has
        meant two texts, and no version up to the largest so far can be mapped any more.
        """
        before = self._snapshot
        text = before.text
        applied: list[AppliedChange] = []
        for change in changes:
            edit = _trimmed(text, _span(text, change, encoding), change.text)
            span, replacement = text.normalize_edit(*edit)
            if span.start < span.end or replacement:
                text = text.replace(span, replacement)
                applied.append(AppliedChange(version, span, replacement, advance(span.start, replacement)))
        self._snapshot = before._replace(version=version, text=text)
        if version > before.version:
            self._earlier.append(before)
            self._log.extend(applied)
            self._logged_characters += sum(len(change.text) for change in applied)
        else:
            self._earlier.clear()
            self._forget(before.version + 1)
        while len(self._log) > MAX_LOGGED_CHANGES or self._logged_characters > MAX_LOGGED_CHARACTERS:
            self._forget(self._log[0].version)
        return self._snapshot

    def at(self, version: int) -> DocumentSnapshot | None:
        """The document as it was at one of its last versions; None for one that is no longer kept."""
        kept = (self._snapshot, *reversed(self._earlier))
        return next((snapshot for snapshot in kept if snapshot.version == version), None)

    def changes_since(self, version: int) -> tuple[AppliedChange, ...] | None:
        """The changes that lead from the text at `version` to the text now, oldest first.

        None if they are no longer known, or if `version` is not one that this document has had.
        """
        if not self._reach <= version <= self._snapshot.version:
            return None
        changes: list[AppliedChange] = []
        for change in reversed(self._log):
            if change.version <= version:
                break
            changes.append(change)
        return tuple(reversed(changes))

    def map_position(self, position: Position, since_version: int, stick: Stick) -> Position | None:
        """Where `position` in the text at `since_version` is now; None if that is not known.

        What is inserted at the position comes after it with `stick` "left", before it with "right". A
        position inside a replaced text goes to that side of the new text.
        """
        changes = self.changes_since(since_version)
        if changes is None:
            return None
        for change in changes:
            position = _moved(position, change, stick)
        return position

    def map_range(self, span: Range, since_version: int) -> MappedRange | None:
        """Where `span` in the text at `since_version` is now; None if that is not known.

        Insertions exactly at its edges stay outside and leave it intact; an empty range goes behind what
        is inserted at it.
        """
        changes = self.changes_since(since_version)
        if changes is None:
            return None
        (start, end), intact = span, True
        for change in changes:
            intact = intact and (change.range.end <= start or end <= change.range.start)
            start, end = _moved(start, change, "right"), _moved(end, change, "left")
            end = max(start, end)
        return MappedRange(Range(start, end), intact)

    def _forget(self, version: int) -> None:
        """Drop the changes up to `version`, which becomes the oldest that can be mapped."""
        while self._log and self._log[0].version <= version:
            self._logged_characters -= len(self._log.popleft().text)
        self._reach = max(self._reach, version)


class DocumentStore:
    """The documents the client has open, by URI exactly as the client writes it."""

    __slots__ = ("_documents",)

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def open(self, uri: str, language_id: str, version: int, text: str) -> DocumentSnapshot:
        """Take up a document; one already open under `uri` is replaced."""
        document = self._documents[uri] = Document(uri, language_id, version, text)
        return document.snapshot

    def change(
        self, uri: str, version: int, changes: Iterable[ContentChange], encoding: PositionEncoding
    ) -> DocumentSnapshot | None:
        """Apply changes as `Document.apply` does; None where `uri` is not open."""
        document = self._documents.get(uri)
        return document.apply(version, changes, encoding) if document else None

    def close(self, uri: str) -> None:
        """Let go of a document; nothing happens where `uri` is not open."""
        self._documents.pop(uri, None)

    def get(self, uri: str) -> DocumentSnapshot | None:
        """The document as it is now; None where `uri` is not open."""
        document = self._documents.get(uri)
        return document.snapshot if document else None

    def document(self, uri: str) -> Document | None:
        """The document with its changes; None where `uri` is not open."""
        return self._documents.get(uri)

    def __iter__(self) -> Iterator[Document]:
        """All open documents, in the order they were opened."""
        return iter(tuple(self._documents.values()))


def _span(text: TextSnapshot, change: ContentChange, encoding: PositionEncoding) -> Range:
    """The range of `change` in code points, start first."""
    if change.range is None:
        return Range(Position(0, 0), text.end)
    start = text.from_units(*change.range[:2], encoding)
    end = text.from_units(*change.range[2:], encoding)
    return Range(start, end) if start <= end else Range(end, start)


def _trimmed(text: TextSnapshot, span: Range, new: str) -> tuple[Range, str]:
    """The edit without what `span` and `new` share at either edge.

    An editor that sends the whole text, or more than it changed, then still says what it changed.
    """
    if span.start == span.end or not new:
        return span, new
    old = text.slice(span)
    start = common_prefix(old, new)
    start -= _inside_crlf(old, start)
    rest = common_prefix(old[start:][::-1], new[start:][::-1])
    rest -= _inside_crlf(old, len(old) - rest)
    trimmed = Range(advance(span.start, old[:start]), advance(span.start, old[: len(old) - rest]))
    return trimmed, new[start : len(new) - rest]


def _inside_crlf(text: str, offset: int) -> bool:
    return offset > 0 and text[offset - 1 : offset + 1] == "\r\n"


def common_prefix(one: str, two: str) -> int:
    """The length of the longest common prefix, by halving: comparing slices is fast, characters slow."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _moved(position: Position, change: AppliedChange, stick: Stick) -> Position:
    """Where `position` is after `change`."""
    (start, end), new_end = change.range, change.new_end
    if position < start or (position == start and (start < end or stick == "left")):
        return position
    if position < end:
        return start if stick == "left" else new_end
    if position.line == end.line:
        return Position(new_end.line, new_end.character + position.character - end.character)
    return Position(position.line + new_end.line - end.line, position.character)
