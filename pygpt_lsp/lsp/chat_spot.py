"""What a command on a part of a chat is about: an open chat, as it is now, and lines in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.chat_cache import chat_of
from pygpt_lsp.lsp.chat_jobs import chat_uri
from pygpt_lsp.lsp.targets import shown_name, uri_here

if TYPE_CHECKING:
    from pygpt_lsp.core.chat_parts import CodeBlock
    from pygpt_lsp.core.documents import Document
    from pygpt_lsp.lsp.arguments import Arguments
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.server import PygptServer

_CHANGED = "The chat has changed since this was offered: choose it again."


class ChatSpot(NamedTuple):
    """Lines of an open chat (0-based, both included), None where none were given. `offered`: they are those
    of a menu or a lens, and begin where the turn or the code begins that was meant."""

    document: Document
    parsed: ParsedChat
    lines: tuple[int, int] | None
    offered: bool

    def turn_index(self) -> int:
        """The index of the turn that is meant; without lines the last one that says something. Raises
        PygptError."""
        chat = self.parsed.chat
        if self.lines is None:
            filled = [index for index, turn in enumerate(chat.turns) if turn.text.strip()]
            if not filled:
                raise PygptError("Nothing is said in this chat yet.")
            return filled[-1]
        index = chat.turn_at(self.lines[0])
        if index is None:
            raise PygptError("There is no turn in that line of the chat.")
        if self.offered and chat.turns[index].heading_line != self.lines[0]:
            raise PygptError(_CHANGED)
        return index

    def code_block(self) -> tuple[int, CodeBlock]:
        """The code block that is meant, and the index of its turn; without lines the only one of the last
        answer. Raises PygptError."""
        chat = self.parsed.chat
        if self.lines is None:
            answers = [index for index, turn in enumerate(chat.turns) if turn.role == "assistant"]
            blocks = self.parsed.parts_of(answers[-1]).blocks if answers else ()
            if len(blocks) != 1:
                raise PygptError("Say which code, for example with the cursor in it and the chat's menu.")
            return answers[-1], blocks[0]
        first, last = self.lines
        index = chat.turn_at(first)
        if index is not None:
            heading = chat.turns[index].heading_line
            for block in self.parsed.parts_of(index).blocks:
                start, end = heading + block.first_line, heading + block.last_line
                if start == first or (not self.offered and start <= last and end >= first):
                    return index, block
        raise PygptError(_CHANGED if self.offered else "There is no code block in that line of the chat.")


def find_spot(server: PygptServer, arguments: Arguments) -> ChatSpot:
    """The part of a chat that a command's arguments name. Raises PygptError with a sentence.

    Lines of an earlier version, as menus and lenses give them, are followed to where they are now.
    """
    uri = uri_here(server, chat_uri(server, arguments))
    parsed, document = chat_of(server, uri), server.session.workspace.documents.document(uri)
    if parsed is None or document is None:
        raise PygptError(
            f"{shown_name(server, uri)} is no chat that is open in the editor: open it, then try again."
        )
    span, version = arguments.span, arguments.version
    if span is None:
        return ChatSpot(document, parsed, None, offered=False)
    if version is None:
        here = span.resolve(parsed.snapshot.text, server.encoding)
    else:
        # Whole lines, which are the same in any unit.
        offered = Range(Position(span.start[0], 0), Position(span.end[0], 0))
        mapped = document.map_range(offered, version)
        if mapped is None:
            raise PygptError(_CHANGED)
        here = mapped.range
    return ChatSpot(document, parsed, (here.start.line, here.end.line), offered=version is not None)
