"""The open chats taken apart, once for each version, for all who answer requests about them.

An editor asks for lenses, symbols, folds and more after each key press. Whoever answers takes the chat from
here and never parses it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import ChatReader

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.core.documents import DocumentSnapshot
    from pygpt_lsp.lsp.server import PygptServer


class ParsedChat(NamedTuple):
    """A chat document at one version: the snapshot, its text as one string, and its turns.

    Lines and offsets of the turns are those of the snapshot (`TextSnapshot.position_at`, `offset_at`).
    """

    snapshot: DocumentSnapshot
    text: str
    chat: ChatDocument


class ChatCache:
    """The parsed chats of one server: of each open one, the version that was asked for last."""

    def __init__(self) -> None:
        self._parsed: dict[str, ParsedChat] = {}
        self._readers: dict[str, ChatReader] = {}

    def parsed(self, snapshot: DocumentSnapshot) -> ParsedChat:
        """The chat of a document as it is in `snapshot`."""
        found = self._parsed.get(snapshot.uri)
        if found is None or found.snapshot is not snapshot:
            text = str(snapshot.text)
            reader = self._readers.setdefault(snapshot.uri, ChatReader())
            found = self._parsed[snapshot.uri] = ParsedChat(snapshot, text, reader.read(text))
        return found

    def forget(self, uri: str) -> None:
        """Let go of a document that was closed."""
        self._parsed.pop(uri, None)
        self._readers.pop(uri, None)


def chat_of(server: PygptServer, uri: str) -> ParsedChat | None:
    """The open chat with this URI as it is now; None where no chat is open under it."""
    snapshot = server.session.documents.get(uri)
    if snapshot is None or not uri.endswith(".chat.md"):
        return None
    if server.chats is None:
        server.chats = ChatCache()
    return server.chats.parsed(snapshot)
