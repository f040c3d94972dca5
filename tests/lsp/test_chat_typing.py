"""The user types anywhere in a chat while an answer streams into it: nothing of either is lost."""

from __future__ import annotations

import asyncio
import random
import re
from typing import TYPE_CHECKING, Any

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import open_answer
from pygpt_lsp.core.chat_escape import FENCE_MARKER, StreamEscaper, escape_text, note_below
from pygpt_lsp.lsp import chat_writer
from pygpt_lsp.lsp.chat_place import ChatPlace
from pygpt_lsp.lsp.chat_writer import AnswerLost, ChatWriter
from tests.support.chat_texts import FRAGMENTS
from tests.support.editor_profiles import in_every_editor
from tests.support.in_process import URI, InProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.support.editor_profiles import Profile

RUNS = 34
"""Of each of the six editors: 204 in all."""
KEYS = 40
NOTE = "a note"
PIECES = 25
ASKED = "---\nmodel: x\n---\n\n## User\n\nWarum ö 😀?\n\n## Assistant\n\nBecause.\n\n## User\n\nWhy then?\n"
_PIECES = ("word ", "Why ö? 😀 ", "\n", "\n\n", "\n```py\n# ## User\n", "```\n", *FRAGMENTS)
_LINE_END = re.compile(r"\r\n?")
_ROLE, _ANSWER = re.compile(r"(?m)^## (?:User|Assistant)"), re.compile(r"(?m)^## Assistant")
_RULE = re.compile(r"(?m)^---")
_OURS = re.compile(rf"(?:\r\n|\n)(?:`+|~+)[\r\n]+{re.escape(FENCE_MARKER)}")


class Run:
    """One answer that streams into a chat, and a user whose every character is another one."""

    def __init__(self, profile: Profile, seed: int, *, anywhere: bool = False) -> None:
        self._anywhere = anywhere
        self.rng = random.Random(seed)
        self.eol = self.rng.choice(("\n", "\r\n"))
        self.chat = InProcess(profile, ASKED.replace("\n", self.eol))
        self.said = ""
        self.bursts: list[str] = []
        """What the user typed on and on in one place, place by place."""
        self._keys = 0
        self._asking = True

    async def play(self) -> bool:
        """All of it, until nothing is on its way; whether the answer has found its place to the end."""
        place = ChatPlace(self.chat.server, URI, None)
        making = asyncio.ensure_future(place.make_room(open_answer))
        await self._until_done(making)
        self._asking = False
        writer = ChatWriter(self.chat.server, place, making.result(), 1)
        for _ in range(PIECES):
            piece = self.rng.choice(_PIECES)
            self.said += piece
            writer.feed(piece)
            for _ in range(self.rng.randrange(6)):
                self._happen()
                await asyncio.sleep(0)
        ending = asyncio.ensure_future(writer.finish(NOTE))
        await self._until_done(ending)
        self.chat.document.flush()
        while self.chat.to_server:
            self.chat.deliver_to_server()
        if lost := ending.exception():
            assert isinstance(lost, AnswerLost)
        return lost is None

    def check_typing(self) -> None:
        """What the user typed stands there, each burst in order."""
        text = self.chat.document.text
        for burst in self.bursts:
            assert "".join(each for each in text if each in burst) == burst
        assert self.chat.editor.problems == []
        document = self.chat.server.session.workspace.documents.document(URI)
        assert document is not None
        assert str(document.snapshot.text) == text

    async def _until_done(self, task: asyncio.Task[Any]) -> None:
        async with asyncio.timeout(30):
            while not task.done():
                if not self._happen():
                    self.chat.document.flush()
                await asyncio.sleep(0)

    def _happen(self) -> bool:
        """One of the things that can happen now; False where there is none."""
        can: list[Callable[[], None]] = [self.chat.document.flush]
        if self.chat.to_editor:
            can += [self.chat.deliver_to_editor] * 2
        if self.chat.to_server:
            can += [self.chat.deliver_to_server] * 2
        if self._keys < KEYS:
            can.append(self._type)
        self.rng.choice(can)()
        return len(can) > 1

    def _type(self) -> None:
        """A key: behind the last one, or anywhere."""
        text = self.chat.document.text
        if self.bursts and self.rng.random() < 0.6:
            at = text.index(self.bursts[-1][-1]) + 1
            self.bursts[-1] += chr(0xE000 + self._keys)
        else:
            races = [match.start() for match in _OURS.finditer(text)]  # where the answer goes on
            often = races if self.rng.random() < 0.3 else []
            at = self.rng.choice(
                [place for place in often or range(len(text) + 1) if self._may_type(text, place)]
            )
            self.bursts.append(chr(0xE000 + self._keys))
        self.chat.document.type(self.bursts[-1][-1], at=at)
        self._keys += 1

    def _may_type(self, text: str, at: int) -> bool:
        """Everywhere but inside of a line ending and, unless `anywhere`, of what a chat is known by: the
        headings of answers (any heading, while the question is being sent), the lines around the front
        matter, and what closes a fence below the answer."""
        if text[at - 1 : at + 1] == "\r\n":
            return False
        if self._anywhere and not self._asking:
            return True
        headings = _ROLE.finditer(text) if self._asking else [*_ANSWER.finditer(text)][:2]
        known_by = [*headings, *[*_RULE.finditer(text)][:2]]
        return not any(match.start() <= at <= match.end() for match in known_by) and not any(
            match.start() < at < match.end() for match in _OURS.finditer(text)
        )

    @property
    def typed(self) -> str:
        """Every character of the user's."""
        return "".join(self.bursts)

    @property
    def without_typing(self) -> str:
        """What the chat holds besides, as far as the last line that all editors have."""
        text = "".join(character for character in self.chat.document.text if character not in self.typed)
        return text.rstrip("\r\n")

    @property
    def expected(self) -> str:
        """The chat if nobody had typed."""
        text = ASKED.replace("\n", self.eol)
        slot = open_answer(text)
        opened = text[: slot.start] + slot.text + text[slot.end :]
        escaper = StreamEscaper(self.eol)
        answer = escaper.feed(self.said) + escaper.finish()
        note = note_below(NOTE, self.eol) if answer.strip() else ""
        return (opened[: slot.anchor] + answer + note + opened[slot.anchor :]).rstrip("\r\n")


def _parts(text: str) -> tuple[str, str]:
    """What stands above the answer, without blank lines at the end, of which typing there makes more; and the
    answer with all that follows, exactly."""
    start = [match.start() for match in _ANSWER.finditer(text)][1]
    return text[:start].rstrip("\r\n"), text[start:]


@in_every_editor
async def test_typing_anywhere_while_an_answer_streams_loses_nothing_of_either(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_writer, "INTERVAL", 0.0)
    dropped = 0
    for seed in range(RUNS):
        run = Run(profile, seed)
        assert await run.play(), f"run {seed}"
        run.check_typing()
        assert _parts(run.without_typing) == _parts(run.expected), f"run {seed}"
        (_, _, question, answer, following) = parse_chat(f"{run.without_typing}\n").turns
        assert (question.text.rstrip(), answer.role, following.text) == ("Why then?", "assistant", "")
        assert answer.text == _LINE_END.sub("\n", run.said), f"run {seed}"
        dropped += sum(not edit.done for edit in run.chat.editor.edits)
    assert dropped > RUNS, "no key won the race: the test has lost its point"


@in_every_editor
async def test_typing_into_what_a_chat_is_known_by_loses_nothing_that_was_written(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_writer, "INTERVAL", 0.0)
    monkeypatch.setattr(chat_writer, "REFUSAL_SECONDS", 0.001)
    found = 0
    for seed in range(5):
        run = Run(profile, seed, anywhere=True)
        whole = await run.play()
        run.check_typing()
        text = iter(run.without_typing)
        written = escape_text(_LINE_END.sub("\n", run.said)).replace("\n", run.eol) if whole else ""
        assert all(character in text for character in written), f"run {seed}"
        found += whole
    assert found
