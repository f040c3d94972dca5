"""A document that is open in the editor under test: its text, its version, its undo steps.

Every change, by the user or by the server, goes through `change` and is reported to the server as an
incremental didChange: at once, or together with others a moment later, as the editor's profile says.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .editor_text import (
    Change,
    Encoding,
    Json,
    line_end_of,
    offset_at,
    position_at,
    range_at,
    with_line_ends,
)

if TYPE_CHECKING:
    from lsprotocol.types import Range

    from .editor_profiles import Profile
    from .json_rpc import Peer


def path_of(uri: str) -> Path:
    """The file that a `file:` URI names."""
    return Path(url2pathname(urlsplit(uri).path))


class Document:
    """An open text. Offsets are in code points; `Profile` explains the habits."""

    def __init__(
        self, uri: str, language: str, text: str, profile: Profile, encoding: Encoding, peer: Peer
    ) -> None:
        self.uri = uri
        self.language = language
        self.text = "\n" if profile.final_newline and not text else text
        self.version = profile.first_version
        self.undo_steps: list[str] = []
        """The text before each step; a step is one edit of the server's or one of the user's."""
        self.manual = False
        """Changes that this editor sends late stay unsent until `flush` or a request."""
        self._profile = profile
        self._encoding: Encoding = encoding
        self._peer = peer
        self._unsent: list[Json] = []
        self._timer: asyncio.TimerHandle | None = None

    # What the user does

    def type(self, text: str, at: int | None = None) -> None:
        """Insert text at an offset, or at the end."""
        place = len(self.text) if at is None else at
        self.replace(place, place, text)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` in the place of what is between two offsets."""
        self.change([Change(start, end, text)])

    def swap(self, old: str, new: str) -> None:
        """Put `new` in the place of the only `old` in the text."""
        start = self.find(old)
        self.replace(start, start + len(old), new)

    def undo(self) -> None:
        """Take the last step back."""
        before = self.undo_steps.pop()
        if before == self.text:
            return
        self._apply([Change(0, len(self.text), before)])

    def save(self) -> None:
        """Write the text to its file."""
        self.flush()
        path_of(self.uri).write_bytes(self.text.encode())
        self._peer.notify("textDocument/didSave", {"textDocument": {"uri": self.uri}})

    # Where things are

    def find(self, needle: str) -> int:
        """The offset of the only `needle` in the text."""
        assert self.text.count(needle) == 1, f"{self.text.count(needle)} times {needle!r} in {self.text!r}"
        return self.text.index(needle)

    def range_of(self, needle: str) -> Json:
        """The LSP range of the only `needle` in the text."""
        start = self.find(needle)
        return range_at(self.text, start, start + len(needle), self._encoding)

    def text_in(self, where: Range) -> str:
        """The text of a range that the server gave; ValueError where this document has no such range."""
        start, end = (
            offset_at(self.text, {"line": place.line, "character": place.character}, self._encoding)
            for place in (where.start, where.end)
        )
        return self.text[start:end]

    def range(self, start: int, end: int) -> Json:
        """The LSP range between two offsets."""
        return range_at(self.text, start, end, self._encoding)

    def position(self, offset: int) -> Json:
        """The LSP position of an offset."""
        return position_at(self.text, offset, self._encoding)

    def cursor(self, offset: int) -> Json:
        """The range this editor sends where nothing is selected and the cursor is at `offset`."""
        width = min(self._profile.cursor_width, len(self.text) - offset)
        if self.text[offset : offset + 1] in "\r\n":  # no character there whose end were on the same line
            width = 0
        return self.range(offset, offset + width)

    # How it changes

    def change(self, changes: list[Change]) -> None:
        """Make changes, given in the order of the text, as one undo step."""
        if not any(change.new or change.end > change.start for change in changes):
            return  # no editor reports that nothing happened
        self.undo_steps.append(self.text)
        if self._profile.own_line_ends:
            end = line_end_of(self.text)
            changes = [change._replace(new=with_line_ends(change.new, end)) for change in changes]
        self._apply(changes)

    def flush(self) -> None:
        """Send what is not sent yet, in one didChange."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._unsent:
            document = {"uri": self.uri, "version": self.version}
            params = {"textDocument": document, "contentChanges": self._unsent}
            self._unsent = []
            self._peer.notify("textDocument/didChange", params)

    def _apply(self, changes: list[Change]) -> None:
        ended = self.text.endswith("\n")
        for change in reversed(changes):  # from the end, so that each range holds while it is used
            self._splice(change)
        if self._profile.final_newline and ended and not self.text.endswith("\n"):
            self._splice(Change(len(self.text), len(self.text), line_end_of(self.text)))
        self.version += self._profile.version_step
        if self._profile.debounce is None:
            self.flush()
        elif self._timer is None and not self.manual:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._profile.debounce, self.flush)

    def _splice(self, change: Change) -> None:
        where = range_at(self.text, change.start, change.end, self._encoding)
        self._unsent.append({"range": where, "text": change.new})
        self.text = self.text[: change.start] + change.new + self.text[change.end :]
