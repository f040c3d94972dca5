"""What a context line of a chat gives to a request, or why it stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services.workspace_files import FileProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.core.context import ContextPart
    from pygpt_lsp.core.ledger import Contribution
    from pygpt_lsp.services.ignore_rules import IgnoreRule

Purpose: TypeAlias = Literal["send", "show", "watch"]
ContextProblem: TypeAlias = Literal[
    FileProblem,
    "unknown-context",
    "missing-file",
    "missing-lines",
    "missing-symbol",
    "ambiguous-symbol",
    "no-selection",
    "no-diff",
]


class ContextRefused(PygptError):
    """A context line that stops the request. `here` is the sentence for a place that shows which line."""

    def __init__(self, ref: ContextRef, problem: ContextProblem, rest: str) -> None:
        """`rest` is the sentence from "Line 3 of the chat" on."""
        super().__init__(f"Line {ref.line + 1} of the chat {rest}")
        self.problem: ContextProblem = problem
        self.here = f"This line {rest}"


class Given(NamedTuple):
    """What one context line gives.

    `blocks` are sent for it, in this order, made of `parts`; there are none where lines above have given all
    of it already, or where there is nothing to tell. `refused` stops the request. `rule` excludes a file that
    is open: the user has `agreed` to send it, or is asked before it is sent. `pending`: what it gives is not
    known yet. `sources` are the documents it is taken from. `note` says what is left out of it.
    """

    ref: ContextRef
    blocks: tuple[str, ...] = ()
    refused: ContextRefused | None = None
    rule: IgnoreRule | None = None
    agreed: bool = False
    pending: bool = False
    parts: tuple[ContextPart, ...] = ()
    sources: tuple[Contribution, ...] = ()
    note: str = ""


def message_of(given: Sequence[Given], question: str) -> str:
    """A user's turn as it is sent: what its context lines give, then the question."""
    return "\n\n".join([*(block for each in given for block in each.blocks), question])
