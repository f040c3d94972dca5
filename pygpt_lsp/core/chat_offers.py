"""What can be done in a chat, and to which lines of it: for the chat's menu and for its lenses.

Whatever a lens does the menu does too, since Helix has no lenses; so both are made here. The menu is quiet:
it offers what concerns the chat as a whole and what concerns the lines at the cursor. Stop comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.actions import KIND_CHAT, KIND_STOP, shorten
from pygpt_lsp.core.chat_answers import last_answer, messages_to_send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.core.chat_parts import CodeBlock, TurnParts

ChatAction: TypeAlias = Literal[
    "stop", "send", "preview", "apply", "insert", "copy", "regenerate", "fork", "delete"
]

_MOST_EDITS = 20
"""How many edits of an answer the menu offers one by one."""
_PATH_CHARACTERS = 60


class ChatOffer(NamedTuple):
    """Something that can be done. `lines` (0-based, both included) is what it is done to, None for the whole
    chat; `path` is the file that it is about, "" where it is about none."""

    action: ChatAction
    title: str
    lines: tuple[int, int] | None = None
    path: str = ""

    @property
    def kind(self) -> str:
        """The kind of its entry in the menu (LSP 3.17 § CodeActionKind)."""
        return KIND_STOP if self.action == "stop" else KIND_CHAT

    @property
    def menu_title(self) -> str:
        """Its title among the entries of others."""
        return f"PyGPT: {self.title}{f': {shorten(self.path, _PATH_CHARACTERS)}' if self.path else ''}"


class ChatLens(NamedTuple):
    """An offer and the line (0-based) above which it is shown."""

    line: int
    offer: ChatOffer


class ChatState(NamedTuple):
    """A chat as a whole: whether a job works on it; the index of the turn that can be sent and that of the
    answer that can be asked for again, None where there is none, and while a job works; the index from which
    on turns are being written."""

    chat: ChatDocument
    running: bool
    question: int | None
    answer: int | None
    busy_from: int

    @classmethod
    def of(cls, chat: ChatDocument, *, running: bool) -> ChatState:
        """The state of `chat`, on which a job works or not."""
        to_send, answer = messages_to_send(chat), last_answer(chat)
        busy_from = answer if running and answer is not None else len(chat.turns)
        question = chat.turns.index(to_send.turns[-1]) if to_send.turns and not running else None
        if answer is not None and (running or not messages_to_send(chat, answer).turns):
            answer = None
        return cls(chat, running, question, answer, busy_from)

    def of_turn(self, index: int) -> tuple[bool, bool, bool, bool]:
        """What of it matters to the lenses of one turn: that can be stopped, sent, asked for again, and is
        being written."""
        is_busy = index >= self.busy_from
        stops = self.running and index in {self.busy_from, len(self.chat.turns) - 1}
        return stops, index == self.question, index == self.answer, is_busy


_STOP = ChatOffer("stop", "Stop")
_SEND = (ChatOffer("send", "Send"), ChatOffer("preview", "Preview request"))
_REGENERATE = ChatOffer("regenerate", "Regenerate")


def chat_menu(
    state: ChatState, parts_of: Callable[[int], TurnParts], first_line: int, last_line: int
) -> list[ChatOffer]:
    """The menu for the lines `first_line` to `last_line` (0-based); `parts_of` gives the parts of a turn."""
    at = state.chat.turn_at(first_line)
    menu: list[ChatOffer] = []
    if state.running:
        menu.append(_STOP)
    elif state.question is not None:
        menu += _SEND
    menu += _edits_near(state, parts_of, at, first_line, last_line)
    if at is not None:
        heading = state.chat.turns[at].heading_line
        for block in _code_blocks(state, at, parts_of(at)):
            if heading + block.first_line <= last_line and heading + block.last_line >= first_line:
                menu += _on_code(heading, block)
    if state.answer is not None:
        menu.append(_REGENERATE)
    if at is not None:
        menu += _on_turn(state, at, parts_of(at))
    return menu


def chat_lenses(state: ChatState, at: int, parts: TurnParts) -> Iterator[ChatLens]:
    """The lenses of the turn with index `at`, in the order of their lines."""
    heading = state.chat.turns[at].heading_line
    above: list[ChatOffer] = []
    stops, is_question, is_answer, is_busy = state.of_turn(at)
    if stops:
        above.append(_STOP)
    if is_question:
        above += _SEND
    if is_answer:
        above.append(_REGENERATE)
    yield from (ChatLens(heading, offer) for offer in [*above, *_on_turn(state, at, parts)])
    inside: list[ChatLens] = []
    if not is_busy:
        every = _every_edit(heading, parts)
        for number, edit in enumerate(parts.edits):
            first = heading + edit.first_line
            inside.append(ChatLens(first, _edit(heading, parts, number, "this edit")))
            inside += [ChatLens(first, offer) for offer in every if number == 0]
    for block in _code_blocks(state, at, parts):
        inside += [ChatLens(heading + block.first_line, offer) for offer in _on_code(heading, block)]
    yield from sorted(inside, key=lambda lens: lens.line)


def _edits_near(
    state: ChatState, parts_of: Callable[[int], TurnParts], at: int | None, first_line: int, last_line: int
) -> Iterator[ChatOffer]:
    """The edits that the lines touch; or all of the answer there; or those of the last answer with some."""
    turns = state.chat.turns
    candidates = [*([at] if at is not None else []), *reversed(range(len(turns)))]
    index = next((index for index in candidates if parts_of(index).edits), None)
    if index is None:
        return
    heading, parts = turns[index].heading_line, parts_of(index)
    here = [
        number
        for number, edit in enumerate(parts.edits)
        if heading + edit.first_line <= last_line and heading + edit.last_line >= first_line
    ]
    alone = len(here) == 1 or len(parts.edits) == 1
    for number in here or range(min(len(parts.edits), _MOST_EDITS)):
        yield _edit(heading, parts, number, "this edit" if alone else f"edit {number + 1}")
    yield from _every_edit(heading, parts)


def _edit(heading: int, parts: TurnParts, number: int, words: str) -> ChatOffer:
    edit = parts.edits[number]
    lines = heading + edit.first_line, heading + edit.last_line
    return ChatOffer("apply", f"Apply {words}", lines, edit.block.path)


def _every_edit(heading: int, parts: TurnParts) -> list[ChatOffer]:
    """All edits of a turn in one, where there are several."""
    if len(parts.edits) < 2:
        return []
    lines = heading + parts.edits[0].first_line, heading + parts.edits[-1].last_line
    return [ChatOffer("apply", f"Apply all {len(parts.edits)} edits", lines)]


def _code_blocks(state: ChatState, at: int, parts: TurnParts) -> tuple[CodeBlock, ...]:
    """The code that can be taken out of a turn: that of an answer that is there as a whole."""
    is_answer = state.chat.turns[at].role == "assistant" and at < state.busy_from
    return parts.blocks if is_answer else ()


def _on_code(heading: int, block: CodeBlock) -> list[ChatOffer]:
    lines = heading + block.first_line, heading + block.last_line
    return [ChatOffer("insert", "Insert at cursor", lines), ChatOffer("copy", "Copy as new file", lines)]


def _on_turn(state: ChatState, at: int, parts: TurnParts) -> list[ChatOffer]:
    """What can be done to a turn; nothing to one without text, and to one that is being written."""
    turn = state.chat.turns[at]
    if not turn.text.strip() or at >= state.busy_from:
        return []
    lines = turn.heading_line, turn.heading_line + parts.last_line
    return [ChatOffer("fork", "Fork here", lines), ChatOffer("delete", "Delete turn", lines)]
