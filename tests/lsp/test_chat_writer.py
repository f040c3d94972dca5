"""How edits of a streaming answer follow each other, with an editor that answers when the test says so."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from lsprotocol import types

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import open_answer
from pygpt_lsp.lsp import chat_place, chat_writer, delivery
from pygpt_lsp.lsp.chat_place import ChatPlace
from pygpt_lsp.lsp.chat_writer import AnswerLost, ChatWriter
from pygpt_lsp.lsp.delivery import Delivery
from pygpt_lsp.lsp.editor import Editor
from pygpt_lsp.lsp.sync import DocumentSync
from pygpt_lsp.session.workspace import Workspace
from tests.support.editor_text import changes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygpt_lsp.lsp.server import PygptServer

URI = "untitled:talk.chat.md"
ASKED = "## User\n\nQ\n"
NEVER = 1_000_000.0


def _unwatched(*_: object) -> None:
    """No chat's problems are shown here."""


class Rig:
    """The parts of a server that a writer works with, and an editor that the test plays by hand."""

    def __init__(self) -> None:
        self.requests: list[types.ApplyWorkspaceEditParams] = []
        self.answers: list[asyncio.Future[Any]] = []
        self.text = ASKED
        self.version = 1
        session = SimpleNamespace(workspace=Workspace())
        parts = SimpleNamespace(session=session, encoding="utf-16", protocol=self)
        self.server = cast("PygptServer", parts)
        parts.watch = SimpleNamespace(touched=_unwatched, closed=_unwatched)
        parts.sync = self.sync = DocumentSync(self.server)
        parts.editor = Editor(self.server)
        parts.delivery = Delivery(self.server)
        session.workspace.documents.open(URI, "markdown", self.version, self.text)

    def send_request_async(self, _method: str, params: types.ApplyWorkspaceEditParams) -> Any:
        """Stands in for the protocol's."""
        self.requests.append(params)
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]

    async def writer(self) -> ChatWriter:
        """A writer whose room has been made."""
        place = ChatPlace(self.server, URI, None)
        making = asyncio.ensure_future(place.make_room(open_answer))
        await self.request(1)
        self.take(0)
        return ChatWriter(self.server, place, await making, 0)

    async def request(self, count: int) -> None:
        """Wait until that many edits were sent."""
        await until(lambda: len(self.requests) >= count)

    @property
    def pieces(self) -> list[str]:
        """The texts of the edits, without the one that made room."""
        return [self.edits_of(number)[0]["newText"] for number in range(1, len(self.requests))]

    def edits_of(self, number: int) -> list[dict[str, Any]]:
        (change,) = self.requests[number].edit.document_changes or []
        assert isinstance(change, types.TextDocumentEdit)
        assert self.requests[number].label is None
        return [
            {
                "range": {
                    "start": {"line": edit.range.start.line, "character": edit.range.start.character},
                    "end": {"line": edit.range.end.line, "character": edit.range.end.character},
                },
                "newText": edit.new_text,
            }
            for edit in change.edits
            if isinstance(edit, types.TextEdit)
        ]

    def take(self, number: int) -> None:
        """The editor makes an edit, shows it and says so."""
        self.show(number)
        self.answer(number, applied=True)

    def answer(self, number: int, *, applied: bool) -> None:
        self.answers[number].set_result(types.ApplyWorkspaceEditResult(applied))

    def show(self, number: int) -> None:
        """The editor makes an edit."""
        text = self.text
        for change in reversed(changes_of(text, self.edits_of(number), "utf-16")):
            text = text[: change.start] + change.new + text[change.end :]
        self.become(text)

    def become(self, text: str) -> None:
        """The document has this text now."""
        self.text = text
        self.version += 1
        identifier = types.VersionedTextDocumentIdentifier(version=self.version, uri=URI)
        whole = types.TextDocumentContentChangeWholeDocument(text=text)
        self.sync.did_change(types.DidChangeTextDocumentParams(identifier, [whole]))

    @property
    def answered(self) -> str:
        return parse_chat(self.text).turns[1].text


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(chat_writer, "INTERVAL", 0.0)
    return Rig()


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until something is true."""
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0)


async def idle() -> None:
    """Let everything happen that needs no time."""
    for _ in range(100):
        await asyncio.sleep(0)


async def test_the_first_text_goes_out_at_once_and_the_next_after_the_interval_or_the_end(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_writer, "INTERVAL", NEVER)
    writer = await rig.writer()
    writer.feed("one ")
    await rig.request(2)
    rig.take(1)
    writer.feed("two ")
    writer.feed("three")
    await idle()
    assert rig.pieces == ["one "]
    ending = asyncio.ensure_future(writer.finish("a note"))
    await rig.request(3)
    rig.take(2)
    await ending
    assert rig.pieces == ["one ", "two three\n\n<!-- pygpt: a note -->"]
    assert rig.answered == "one two three"
    writer.close()


async def test_the_next_edit_waits_for_the_answer_and_for_the_change_that_shows_the_last(rig: Rig) -> None:
    writer = await rig.writer()
    writer.feed("one ")
    await rig.request(2)
    writer.feed("two ")
    await idle()
    assert len(rig.requests) == 2
    rig.answer(1, applied=True)
    await idle()
    assert len(rig.requests) == 2, "an answer proves nothing"
    rig.show(1)
    await rig.request(3)
    assert rig.pieces == ["one ", "two "]
    writer.close()


async def not_answered(rig: Rig, monkeypatch: pytest.MonkeyPatch, *meanwhile: str) -> ChatWriter:
    """A writer whose piece `one ` has been without an answer for longer than that is waited for; the pieces
    `meanwhile` came since."""
    writer = await rig.writer()
    monkeypatch.setattr(delivery, "ANSWER_SECONDS", 0.001)
    writer.feed("one ")
    await rig.request(2)
    for piece in meanwhile:
        writer.feed(piece)
    for _ in range(20):
        await asyncio.sleep(0.001)
    return writer


async def test_an_edit_without_an_answer_is_waited_for_and_made_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await not_answered(rig, monkeypatch, "two ")
    assert len(rig.requests) == 2, "one edit is under way at a time"
    rig.take(1)
    await rig.request(3)
    assert rig.pieces == ["one ", "two "]
    rig.take(2)
    await writer.finish()
    assert rig.answered == "one two "


async def test_an_edit_that_is_refused_late_is_sent_again_as_it_was_and_then_the_rest(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "REFUSAL_SECONDS", 0.0)
    writer = await not_answered(rig, monkeypatch, "two ")
    rig.answer(1, applied=False)
    await rig.request(3)
    assert rig.requests[2] == rig.requests[1], "were the first made after all, this one would be stale"
    rig.take(2)
    await rig.request(4)
    rig.take(3)
    await writer.finish()
    assert rig.answered == "one two "


async def test_an_edit_that_was_made_without_a_word_is_known_by_the_next_change(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await not_answered(rig, monkeypatch)
    rig.show(1)
    rig.become(rig.text + "mine")
    writer.feed("two ")
    rig.answer(1, applied=True)
    await rig.request(3)
    assert rig.pieces == ["one ", "two "]
    rig.take(2)
    await writer.finish()
    assert rig.answered == "one two "
    assert rig.text.endswith("## User\n\nmine")


async def test_the_end_does_not_wait_for_ever_for_an_editor_that_never_answers(rig: Rig) -> None:
    writer = await rig.writer()
    writer.feed("one ")
    await rig.request(2)
    with pytest.raises(AnswerLost, match="did not take the rest"):
        await writer.finish(seconds=0.001)
    writer.close()


async def test_the_end_does_not_wait_for_ever_for_an_editor_that_refuses(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await rig.writer()
    monkeypatch.setattr(chat_writer, "PATIENCE", 0.05)
    monkeypatch.setattr(delivery, "REFUSAL_SECONDS", 0.0)
    writer.feed("one ")
    ending = asyncio.ensure_future(writer.finish())
    refused = 1
    while not ending.done():
        if len(rig.requests) > refused:
            rig.answer(refused, applied=False)
            refused += 1
        await asyncio.sleep(0)
    with pytest.raises(AnswerLost, match="does not take the rest"):
        await ending
    assert refused > 2, "it was tried again"


async def test_room_is_made_anew_where_the_user_was_first(rig: Rig) -> None:
    place = ChatPlace(rig.server, URI, None)
    making = asyncio.ensure_future(place.make_room(open_answer))
    await rig.request(1)
    rig.become("## User\n\nQ, or rather R\n")
    rig.answer(0, applied=True)  # and dropped it
    await rig.request(2)
    rig.take(1)
    room = await making
    assert room.mark is not None
    assert rig.text == "## User\n\nQ, or rather R\n\n## Assistant\n\n\n\n## User\n\n"
    assert (room.mark.heading.line, room.mark.anchor.line) == (4, 6)


async def test_a_chat_that_takes_no_edit_is_said_to_take_none(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_place, "PATIENCE", 0.0)
    with pytest.raises(Exception, match="does not take changes to the chat just now"):
        await ChatPlace(rig.server, URI, None).make_room(open_answer)
