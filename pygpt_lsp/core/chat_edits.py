"""The edits that a chat's answers ask for, with their places in the chat document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat_escape import special_lines
from pygpt_lsp.core.chat_segments import line_ends
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
    blocks = read_edit_blocks(turn.text)
    if not blocks:
        return ()
    start = turn.body_start_line + line_ends(text[turn.body_start : turn.text_start])
    ours = _lines_of_ours(text[turn.text_start : turn.text_end])
    return tuple(
        ChatBlock(
            block, start + _written_line(block.first_line, ours), start + _written_line(block.last_line, ours)
        )
        for block in blocks
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


def _lines_of_ours(written: str) -> list[int]:
    """The lines of a turn as written that are no part of its text: notes, and markers of a closed fence."""
    return [
        line_ends(written[: line.start])
        for line in special_lines(written)
        if line.kind in {"note", "marker"} and not line.escaped
    ]


def _written_line(line: int, ours: list[int]) -> int:
    """Where a line of a turn's text is written; `ours` are lines as written, ascending."""
    for own in ours:
        line += own <= line
    return line
