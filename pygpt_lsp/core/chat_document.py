"""A chat document taken apart: the shapes that `chat` gives, and the words of the format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from pygpt_lsp.core.chat_context import ContextRef

ChatRole: TypeAlias = Literal["user", "assistant"]
ChatEol: TypeAlias = Literal["\n", "\r\n"]

HEADINGS: dict[ChatRole, str] = {"user": "## User", "assistant": "## Assistant"}
ENDING = re.compile(r"\r\n|\n|\r")


class ChatTurn(NamedTuple):
    """One turn of a chat document.

    `text` is what was said, without the layout and the escapes; `question` is the same without context
    lines and blank edges in a user's turn, and just `text` in an answer. Lines are 0-based:
    the turn covers `heading_line` and the body, from `body_start_line` up to, not including,
    `body_end_line`. Offsets count code points of the document: the body is `body_start` to `body_end`,
    the text as written (escaped) `text_start` to `text_end` of it.
    """

    role: ChatRole
    text: str
    question: str
    context: tuple[ContextRef, ...]
    heading_line: int
    body_start_line: int
    body_end_line: int
    body_start: int
    body_end: int
    text_start: int
    text_end: int


class ChatDocument(NamedTuple):
    """A chat document taken apart.

    `front_matter` is the raw text between the `---` lines, with `\\n` line endings and without the last
    one, None where there is none. `open_fence_line` is the 0-based line of a code fence which is never
    closed, so that headings below it are text; None where there is none.
    """

    front_matter: str | None
    preamble: str
    turns: tuple[ChatTurn, ...]
    eol: ChatEol
    open_fence_line: int | None

    def turn_at(self, line: int) -> int | None:
        """The index of the turn that covers `line` (0-based); None above the first one."""
        indexes = [index for index, turn in enumerate(self.turns) if turn.heading_line <= line]
        return indexes[-1] if indexes else None
