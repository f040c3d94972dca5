"""What goes into the history and what comes out of it, free of SQL.

Times are seconds since 1970 as the store's clock gave them. Texts come out exactly as they went in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.messages import Message, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.ledger import Contribution

EndStatus: TypeAlias = Literal["done", "stopped", "failed"]
TurnStatus: TypeAlias = Literal["pending", "streaming", "done", "stopped", "failed", "interrupted"]


class UnknownConversationError(PygptError):
    """No conversation, or more than one, has the id that was asked for."""


class TurnStart(NamedTuple):
    """A question about to be sent.

    `messages` is the whole request, at least one message. `host` is the API's host, `action` the id of the
    catalogue's action (or `chat`, `ask`), `document` the URI the question is about. `chat_path` is the chat
    document, where there is one. The turn goes on with the conversation `conversation_id` or, without
    that, the one that `chat_path` has; otherwise it starts a new one, named `title`. `sources` are the
    documents that the messages hold parts of.
    """

    messages: Sequence[Message]
    model: str
    host: str
    action: str
    title: str
    document: str = ""
    chat_path: Path | None = None
    conversation_id: str | None = None
    sources: tuple[Contribution, ...] = ()


class StartedTurn(NamedTuple):
    """The stored question. `conversation_id` is new where the one given is unknown: deleted, say."""

    turn_id: int
    conversation_id: str


class TurnEnd(NamedTuple):
    """How a turn ended. `answer` is the whole text that arrived, also of a stopped or failed turn.

    `model` is the name the API reported. `error` is the sentence the user was told, `error_kind` its
    `core.errors.ErrorKind`.
    """

    status: EndStatus
    answer: str = ""
    finish_reason: str | None = None
    usage: Usage = Usage()
    model: str | None = None
    error_kind: str | None = None
    error: str | None = None


class StoredTurn(NamedTuple):
    """One question and its answer.

    `answer` is empty where none arrived; while the turn is streaming it is what was stored so far.
    `finished` stays None for an interrupted turn: nobody knows when it ended.
    """

    turn_id: int
    messages: tuple[Message, ...]
    answer: str
    status: TurnStatus
    action: str
    document: str
    host: str
    model: str
    reported_model: str | None
    finish_reason: str | None
    usage: Usage
    error_kind: str | None
    error: str | None
    created: float
    first_token: float | None
    finished: float | None


class StoredAnswer(NamedTuple):
    """What is known of an answer besides its text; the fields are those of `StoredTurn`."""

    status: TurnStatus
    model: str
    reported_model: str | None
    error: str | None
    created: float
    first_token: float | None
    finished: float | None
    usage: Usage


class StoredConversation(NamedTuple):
    """A conversation with its turns, oldest first.

    `chat_path` is its chat document where that lies in the cache's `chats/`; one kept elsewhere is not told,
    since the database may come with a repository.
    """

    id: str
    title: str
    chat_path: Path | None
    created: float
    updated: float
    turns: tuple[StoredTurn, ...]

    def thread(self) -> tuple[Message, ...]:
        """The conversation as it stood last: the newest turn's request and its answer."""
        if not self.turns:
            return ()
        newest = self.turns[-1]
        return (*newest.messages, Message("assistant", newest.answer)) if newest.answer else newest.messages


class ConversationSummary(NamedTuple):
    """A line in a list of conversations.

    `status` and `model` are those of its newest turn. `messages` are all that were said in it by the user and
    the model, answers that were asked for again included.
    """

    id: str
    title: str
    chat_path: Path | None
    created: float
    updated: float
    turns: int
    messages: int
    model: str
    status: TurnStatus


class SearchHit(NamedTuple):
    """A message that matches. `conversation_id` is the newest conversation that holds it, `when` the time it
    was first stored, `snippet` one line around the match and `marks` where in it, start and end, the words
    are that were looked for."""

    conversation_id: str
    title: str
    role: str
    when: float
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()


class FoundConversation(NamedTuple):
    """A conversation that a search found, with the newest of its messages that match."""

    summary: ConversationSummary
    hits: tuple[SearchHit, ...]


class AddedTurn(NamedTuple):
    """A question and its answer from elsewhere; times are seconds since 1970."""

    question: str
    answer: str
    model: str
    created: float
    finished: float


class AddedConversation(NamedTuple):
    """A conversation from elsewhere, to be kept like one of our own.

    `source` names it there, for good: a conversation is added once however often it is given. `turns` follow
    each other; there is at least one.
    """

    source: str
    title: str
    turns: tuple[AddedTurn, ...]


class Erased(NamedTuple):
    """What a deletion did. With `complete` False the conversations are gone from every view but another
    program kept the files busy: their last bytes go at the next write, close or open that finds them free."""

    conversations: int
    complete: bool
