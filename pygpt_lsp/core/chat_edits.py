"""The edits that a chat's answers ask for, with their places in the chat document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.edits.reading import read_edit_blocks

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.edits.blocks import EditBlock


class ChatBlock(NamedTuple):
    """An edit block and the lines of the chat document that hold it (0-based, both included)."""

    block: EditBlock
    first_line: int
    last_line: int


def blocks_of_turn(text: str, turn: ChatTurn) -> tuple[ChatBlock, ...]:
    """The blocks of a turn of the chat document `text`; none in a user's turn."""
    if turn.role != "assistant":
        return ()
    # The turn's lines are those of the document, one for one, from where its text starts.
    above = text[turn.body_start : turn.text_start]
    start = turn.body_start_line + above.count("\n") + above.replace("\r\n", "").count("\r")
    return tuple(
        ChatBlock(block, start + block.first_line, start + block.last_line)
        for block in read_edit_blocks(turn.text)
    )


def blocks_near(text: str, chat: ChatDocument, line: int | None) -> tuple[ChatBlock, ...]:
    """The blocks of the answer at `line` (0-based), or, where that has none or no line is given, of the last
    answer that has some."""
    at = chat.turn_at(line) if line is not None else None
    turns = [*([chat.turns[at]] if at is not None else []), *reversed(chat.turns)]
    return next((blocks for turn in turns if (blocks := blocks_of_turn(text, turn))), ())


def touched_by(blocks: tuple[ChatBlock, ...], first_line: int, last_line: int) -> tuple[ChatBlock, ...]:
    """The blocks that the lines `first_line` to `last_line` of the document touch."""
    return tuple(block for block in blocks if block.first_line <= last_line and block.last_line >= first_line)
