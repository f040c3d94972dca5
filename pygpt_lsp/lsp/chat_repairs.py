"""Blocks of an answer that do not fit go back to the model, within the same request, and come back corrected.

Only for files that the user's own context lines have sent along: the nearest lines of any other file would
tell the model what nobody asked to send. The corrected block takes the place of the old one in the chat, if
the user has not changed that meanwhile.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_edits import blocks_of_turn
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.edits.reading import read_edit_blocks
from pygpt_lsp.core.edits.rendering import render_blocks
from pygpt_lsp.core.edits.repair import MOST_REPAIRS, Misplaced, blocks_repair
from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.ledger import Contribution
from pygpt_lsp.core.text import Position, Range, TextSnapshot
from pygpt_lsp.lsp.answering import fits, run_exchange, with_repair
from pygpt_lsp.lsp.chat_edits import edited_files
from pygpt_lsp.lsp.file_edits import current_text, find_secrets_of
from pygpt_lsp.lsp.secret_edits import blocks_with_secrets
from pygpt_lsp.lsp.workspace_edit import TextEdit, apply_edits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.chat_edits import ChatBlock
    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.core.edits.plan import Refusal
    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.lsp.answering import Answer
    from pygpt_lsp.lsp.chat_place import ChatPlace
    from pygpt_lsp.lsp.progress import Progress
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.history_records import TurnStart

_TRIES = 6


class _Misfit(NamedTuple):
    """A block that does not fit, as the chat has it, with the path for people and the text of its file, and
    the other blocks for it, secrets in them."""

    block: EditBlock
    shown: str
    refusal: Refusal
    text: TextSnapshot
    language_id: str
    others: tuple[EditBlock, ...]


async def repair_edits(
    server: PygptServer,
    place: ChatPlace,
    ordinal: int,
    request: ModelRequest,
    start: TurnStart,
    progress: Progress,
    answer: Answer,
) -> list[Answer]:
    """Let the model correct the blocks of the answer that do not fit; its further answers, oldest first.

    `ordinal`: how many answers stand above this one in the chat. What still does not fit stays as it is.
    """
    more: list[Answer] = []
    said = answer.text
    while len(more) < MOST_REPAIRS:
        misfits = await _misfits(server, place, ordinal)
        if not misfits:
            break
        request = with_repair(request, said, blocks_repair([_told(misfit) for misfit in misfits]))
        if not fits(server, request):
            break
        progress.report("some edits do not fit, asking again")
        sources = (*start.sources, *(_contribution(misfit) for misfit in misfits))
        again = start._replace(
            messages=request.messages, action="repair", sources=tuple(dict.fromkeys(sources))
        )
        root = server.session.workspace.root_of(place.path)
        corrected = await run_exchange(server, request, again, root, progress, lambda _text: None)
        more.append(corrected)
        if corrected.failure is not None:
            server.editor.tell(
                "warning",
                "PyGPT: Some edits of the answer do not fit, and asking for them again failed: "
                f"{corrected.failure}",
            )
            break
        said = corrected.text
        await _write(server, place, ordinal, misfits, read_edit_blocks(said))
    return more


async def _misfits(server: PygptServer, place: ChatPlace, ordinal: int) -> list[_Misfit]:
    """The blocks of the answer that do not fit their files, for files that were sent along."""
    text = await place.read()
    chat = parse_chat(text)
    turn = _answer(chat, ordinal)
    if turn is None:
        return []
    blocks = [block.block for block in blocks_of_turn(text, turn)]
    if not blocks:
        return []
    files, _ = await edited_files(server, place, chat, blocks)
    await find_secrets_of(server, files, chat, server.session.workspace.root_of(place.path))
    found: list[_Misfit] = []
    for file in files:
        if not file.sent or not file.exists:
            continue
        try:
            now = await current_text(file)
            fitting = file._replace(blocks=blocks_with_secrets(server, file.blocks, now.text))
        except EditRefused:
            continue
        before = server.delivery.made_edits.before(fitting)
        plan = plan_file(now.text, fitting.blocks, now.language_id, before)
        for refusal in plan.refusals:
            block = file.blocks[refusal.block]
            if block.kind == "replace" and not refusal.again:
                others = (*fitting.blocks[: refusal.block], *fitting.blocks[refusal.block + 1 :])
                found.append(_Misfit(block, file.shown, refusal, now.text, now.language_id, others))
    return found


def _answer(chat: ChatDocument, ordinal: int) -> ChatTurn | None:
    answers = [turn for turn in chat.turns if turn.role == "assistant"]
    return answers[ordinal] if ordinal < len(answers) else None


def _told(misfit: _Misfit) -> Misplaced:
    nearest = misfit.refusal.nearest
    lines = nearest.lines if nearest is not None else ()
    return Misplaced(misfit.block.path, misfit.block.old_lines, misfit.refusal.reason, lines)


def _contribution(misfit: _Misfit) -> Contribution:
    """The lines of its file that the model is told with a block that does not fit."""
    nearest = misfit.refusal.nearest
    if nearest is None or not nearest.lines:
        return Contribution(misfit.shown)
    return Contribution(misfit.shown, nearest.first_line + 1, nearest.first_line + len(nearest.lines))


async def _write(
    server: PygptServer,
    place: ChatPlace,
    ordinal: int,
    misfits: Sequence[_Misfit],
    corrected: Sequence[EditBlock],
) -> None:
    """Put corrected blocks in the place of those that did not fit; only such as fit themselves."""
    corrected = [block for block in corrected if block.kind == "replace"]
    if len(corrected) != len(misfits):
        return  # which is for which, nobody can tell
    wanted: dict[EditBlock, EditBlock] = {}
    for misfit, block in zip(misfits, corrected, strict=True):
        try:
            fitting = blocks_with_secrets(server, [block], misfit.text)
        except EditRefused:
            continue
        plan = plan_file(misfit.text, [*misfit.others, *fitting], misfit.language_id)
        if not any(refusal.block == len(misfit.others) for refusal in plan.refusals):
            wanted[_plain(misfit.block)] = block._replace(path=misfit.block.path)
    for _ in range(_TRIES):
        if not wanted or await _replaced(server, place, ordinal, wanted):
            return


async def _replaced(
    server: PygptServer, place: ChatPlace, ordinal: int, wanted: dict[EditBlock, EditBlock]
) -> bool:
    """Replace blocks of the answer in the chat; False where the chat changed in that moment."""
    text = await place.read()
    turn = _answer(parse_chat(text), ordinal)
    there = blocks_of_turn(text, turn) if turn is not None else ()
    changes = [(block, wanted[_plain(block.block)]) for block in there if _plain(block.block) in wanted]
    if not changes:
        return True
    document = place.document()
    if document is None:
        snapshot = TextSnapshot.from_string(text)
        with contextlib.suppress(PygptError):  # then the answer as it came is in the chat
            await place.write_file(str(apply_edits(snapshot, _edits(snapshot, changes))))
        return True
    snapshot = document.snapshot
    if str(snapshot.text) != text:
        return False
    edits = _edits(snapshot.text, changes)
    applied = await server.delivery.apply(document, snapshot.text, snapshot.version, edits)
    return applied.made or not applied.outdated


def _edits(text: TextSnapshot, changes: Sequence[tuple[ChatBlock, EditBlock]]) -> list[TextEdit]:
    """The edits that put a block in the place of each, which its last line's ending is no part of."""
    eol = text.eol
    return [
        TextEdit(
            Range(
                Position(block.first_line, 0),
                Position(block.last_line, len(text.line_content(block.last_line))),
            ),
            render_blocks([new]).rstrip("\n").replace("\n", eol),
        )
        for block, new in changes
    ]


def _plain(block: EditBlock) -> EditBlock:
    """The block without its place in the answer."""
    return block._replace(first_line=0, last_line=0)
