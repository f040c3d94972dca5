"""Edits that wait for the user: those shown in a chat instead of being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pygpt_lsp.core.placement import Region

_MOST = 50


class Proposal(NamedTuple):
    """`code` belongs in place of `region` of a document, or, as an `insertion`, at its first line.

    `reindent`: the code is fitted to the region's indentation; not where the request was about that.
    """

    uri: str
    region: Region
    code: str
    title: str
    insertion: bool
    reindent: bool


class Proposals:
    """The proposals of this server, by the chat that shows them; the oldest are forgotten."""

    def __init__(self) -> None:
        self._by_chat: dict[str, Proposal] = {}

    def add(self, chat_uri: str, proposal: Proposal) -> None:
        """Keep a proposal until it is applied."""
        self._by_chat[chat_uri] = proposal
        while len(self._by_chat) > _MOST:
            del self._by_chat[next(iter(self._by_chat))]

    def has(self, chat_uri: str) -> bool:
        """Whether a proposal waits in this chat."""
        return chat_uri in self._by_chat

    def find(self, uri: str | None) -> tuple[str, Proposal] | None:
        """The newest proposal of a chat or for a document; of all where `uri` is None."""
        for chat_uri, proposal in reversed(self._by_chat.items()):
            if uri is None or uri in {chat_uri, proposal.uri}:
                return chat_uri, proposal
        return None

    def done(self, chat_uri: str) -> None:
        """The proposal was applied."""
        self._by_chat.pop(chat_uri, None)
