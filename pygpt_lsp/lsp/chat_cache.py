"""The open chats taken apart, once for each version, for all who answer requests about them.

An editor asks for lenses, symbols, folds and more after each key press. Whoever answers takes the chat from
here and never parses it again.
"""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import ChatReader
from pygpt_lsp.core.chat_parts import PartsReader
from pygpt_lsp.core.pages import CHAT_SUFFIX, read_mark
from pygpt_lsp.lsp.chat_json import TurnJson

if TYPE_CHECKING:
    from lsprotocol import types

    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.core.chat_parts import TurnParts
    from pygpt_lsp.core.documents import DocumentSnapshot
    from pygpt_lsp.core.positions import Position
    from pygpt_lsp.lsp.server import PygptServer


class ParsedChat:
    """A chat document at one version: the snapshot, its text as one string, its turns and their parts.

    Lines and offsets of the turns are those of the snapshot (`TextSnapshot.position_at`, `offset_at`).
    """

    __slots__ = ("_parts", "_reader", "chat", "json", "snapshot", "text")

    def __init__(
        self,
        snapshot: DocumentSnapshot,
        text: str,
        chat: ChatDocument,
        reader: PartsReader,
        json: defaultdict[str, TurnJson],
    ) -> None:
        self.snapshot = snapshot
        self.text = text
        self.chat = chat
        self.json = json
        """What was answered about the chat, by the kind of the answer."""
        self._reader = reader
        self._parts: tuple[TurnParts, ...] | None = None

    @property
    def is_new(self) -> bool:
        """Whether it takes a while to find the parts of its turns."""
        return self._parts is None and self._reader.is_new(self.text)

    @property
    def parts(self) -> tuple[TurnParts, ...]:
        """The parts of each turn; see `is_new` and `chat_with_parts`."""
        if self._parts is None:
            self._parts = self._reader.read(self.text, self.chat)
        return self._parts

    def parts_of(self, index: int) -> TurnParts:
        """The parts of one turn."""
        if self._parts is not None:
            return self._parts[index]
        return self._reader.read_turn(self.text, self.chat.turns[index])


class _Readers(NamedTuple):
    """What remembers how one chat was, each in its own way."""

    chats: ChatReader
    parts: PartsReader
    json: defaultdict[str, TurnJson]


class ChatCache:
    """The parsed chats of one server: of each open one, the version that was asked for last."""

    def __init__(self) -> None:
        self._parsed: dict[str, ParsedChat] = {}
        self._readers: dict[str, _Readers] = {}
        self._reading: dict[str, asyncio.Future[tuple[TurnParts, ...]]] = {}

    def parsed(self, snapshot: DocumentSnapshot) -> ParsedChat:
        """The chat of a document as it is in `snapshot`."""
        found = self._parsed.get(snapshot.uri)
        if found is None or found.snapshot is not snapshot:
            if snapshot.uri not in self._readers:
                self._readers[snapshot.uri] = _Readers(ChatReader(), PartsReader(), defaultdict(TurnJson))
            chats, parts, json = self._readers[snapshot.uri]
            text = str(snapshot.text)
            found = ParsedChat(snapshot, text, chats.read(text), parts, json)
            self._parsed[snapshot.uri] = found
        return found

    async def read_parts(self, parsed: ParsedChat) -> None:
        """Read a long chat for the first time, in a thread, once for all who wait for it."""
        uri = parsed.snapshot.uri
        if uri not in self._reading:
            reading = asyncio.ensure_future(asyncio.to_thread(lambda: parsed.parts))
            reading.add_done_callback(lambda _: self._reading.pop(uri))
            self._reading[uri] = reading
        await asyncio.wait([self._reading[uri]])
        gc.freeze()  # what was found stays, and need not be looked through after each key press

    def forget(self, uri: str) -> None:
        """Let go of a document that was closed."""
        self._parsed.pop(uri, None)
        self._readers.pop(uri, None)


def chat_of(server: PygptServer, uri: str) -> ParsedChat | None:
    """The open chat with this URI as it is now; None where no chat is open under it, be it a page of ours."""
    snapshot = server.session.workspace.documents.get(uri)
    if snapshot is None or not uri.endswith(CHAT_SUFFIX) or read_mark(snapshot.text.line_content(0)):
        return None
    return server.chats.parsed(snapshot)


def chat_at(
    server: PygptServer, params: types.CompletionParams | types.DefinitionParams | types.HoverParams
) -> tuple[ParsedChat, Position] | None:
    """The open chat that a request is about, as `chat_of`, and where in it, in code points."""
    parsed, units = chat_of(server, params.text_document.uri), params.position
    if parsed is None:
        return None
    return parsed, parsed.snapshot.text.from_units(units.line, units.character, server.encoding)


async def chat_with_parts(server: PygptServer, uri: str) -> ParsedChat | None:
    """The open chat with this URI, as it is once the parts of its turns are there at once."""
    parsed = chat_of(server, uri)
    if parsed is not None and parsed.is_new:
        await server.chats.read_parts(parsed)
        parsed = chat_of(server, uri)  # the user may have typed meanwhile
    return parsed
