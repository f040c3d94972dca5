"""Edits that wait for the user: those shown in a chat instead of being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.lsp.convert import path_of_uri

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.core.placement import Region

_MOST = 50


class Proposal(NamedTuple):
    """`code` belongs in place of `region` of a document, or, as an `insertion`, at its first line.

    `document` is the one that the region is in, as it was open then. `reindent`: the code is fitted to the
    region's indentation; not where the request was about that.
    """

    document: Document
    region: Region
    code: str
    title: str
    insertion: bool
    reindent: bool

    @property
    def uri(self) -> str:
        """The document's URI, under which it may have been opened anew."""
        return self.document.snapshot.uri


class Proposals:
    """The proposals of this server, by the file of the chat that shows them; the oldest are forgotten.

    By the file, since clients write the URI of one file in several ways.
    """

    def __init__(self) -> None:
        self._by_chat: dict[Path, Proposal] = {}

    def add(self, chat: Path, proposal: Proposal) -> None:
        """Keep a proposal until it is applied."""
        self._by_chat[chat] = proposal
        while len(self._by_chat) > _MOST:
            del self._by_chat[next(iter(self._by_chat))]

    def has(self, chat: Path | None) -> bool:
        """Whether a proposal waits in this chat."""
        return chat in self._by_chat

    def find(self, uri: str | None) -> tuple[Path, Proposal] | None:
        """The newest proposal of a chat or for a document; of all where `uri` is None."""
        path = path_of_uri(uri) if uri is not None else None
        for chat, proposal in reversed(self._by_chat.items()):
            if uri is None or uri == proposal.uri:
                return chat, proposal
            if path is not None and path in {chat, path_of_uri(proposal.uri)}:
                return chat, proposal
        return None

    def done(self, chat: Path) -> None:
        """The proposal was applied."""
        self._by_chat.pop(chat, None)
