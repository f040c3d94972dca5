"""The user types wherever they like while answers stream into the same buffers: both texts stay whole."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_escape import closing_span
from tests.support.chat_kit import answer_of, ask, chats_of, ended, sent, turns
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE, in_editors

if TYPE_CHECKING:
    from tests.support.api_script import Reply
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors

CHATS = 10
PIECES = 9
BEGIN = "Begun 😀. "
_PIECES = (  # each ends with what need not be held back, so that each leads to an edit
    "Why ö? ",
    "\n```py\n# ## User\nx = 1  # 😀\n```\n. ",
    "- one\n- two. ",
    "\n## User\n. ",
    "\n~~~\nopen. ",
    "\n\\## Assistant ##\n\n. ",
    "\n<!-- pygpt: stopped -->\n. ",
)


class Cursor:
    """One place where the user types on and on; each character of theirs occurs once."""

    def __init__(self, chat: Document, first: int) -> None:
        self._chat = chat
        self._next = first
        self.typed = ""

    def type(self, at: int) -> None:
        """Type a character behind the last one, the first one at an offset."""
        place = self._chat.text.index(self.typed[-1]) + 1 if self.typed else at
        self._chat.type(chr(self._next), at=place)
        self.typed += chr(self._next)
        self._next += 1


class Talk:
    """One chat with the answer that streams into it and a user who types in its turns."""

    def __init__(self, chat: Document, reply: Reply, rng: random.Random, number: int) -> None:
        self.chat = chat
        self.said = ""
        self._reply = reply
        self._rng = rng
        # Private characters: no answer has them, and each tells whose it is.
        first = 0xE000 + number * 400
        self.cursors = [Cursor(chat, first + 100 * place) for place in range(4)]

    def answer(self) -> None:
        """The next piece of the answer."""
        piece = self._rng.choice((*_PIECES, "word " * self._rng.randint(1, 9))) if self.said else BEGIN
        self._reply.send(piece)
        self.said += piece

    def end(self) -> None:
        self._reply.finish()

    def type(self) -> None:
        """A key of the user's: in the question, in the answer, where it goes on, or in the next question."""
        place = self._rng.randrange(4)
        text = self.chat.text
        question, answer = parse_chat(text).turns[:2]
        written = text[answer.text_start : answer.text_end]
        closing = closing_span(written)
        spots = (
            question.text_start,
            answer.text_start,
            answer.text_start + (closing[0] if closing else len(written)),
            len(text) - text.endswith("\n"),
        )
        self.cursors[place].type(spots[place])

    @property
    def without_typing(self) -> str:
        """What the chat holds besides what the user typed."""
        typed = {character for cursor in self.cursors for character in cursor.typed}
        return "".join(character for character in self.chat.text if character not in typed)


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE, EGLOT)
@pytest.mark.parametrize("seed", [1])
async def test_what_the_user_and_the_model_write_is_complete_and_in_order(
    editor: Editors, api: ScriptedApi, profile: Profile, seed: int
) -> None:
    rng = random.Random(seed)
    client = await editor(profile)
    replies = {f"Question {number}": api.stream() for number in range(CHATS)}
    for question in replies:
        await ask(client, question)
    await api.until_requests(CHATS)
    await client.wait_for(lambda: len(chats_of(client)) >= CHATS, "all chats")
    by_question = {turns(chat.text)[0].text: chat for chat in chats_of(client)}
    taken = {sent(await reply.until_taken())[0].text: reply for reply in replies.values()}
    talks = [
        Talk(by_question[question], reply, rng, number)
        for number, (question, reply) in enumerate(taken.items())
    ]

    def key_wins_the_race() -> None:
        if all(edit.done for edit in client.edits):  # the first one wins, in whichever chat the edit is for
            for talk in talks:
                talk.type()
        elif rng.random() < 0.4:
            rng.choice(talks).type()

    client.before_edit = key_wins_the_race
    for _ in range(CHATS * PIECES):
        before = len(client.edits)
        rng.choice(talks).answer()
        for _ in range(rng.randint(0, 2)):
            rng.choice(talks).type()
        await client.wait_for(lambda seen=before: len(client.edits) > seen, "an edit")
    for talk in talks:
        talk.end()
    await ended(client, CHATS)

    for talk in talks:
        for cursor in talk.cursors:
            assert "".join(c for c in talk.chat.text if c in cursor.typed) == cursor.typed
        assert answer_of(talk.without_typing) == talk.said
        assert [turn.role for turn in turns(talk.without_typing)] == ["user", "assistant", "user"]
    dropped = [edit for edit in client.edits if not edit.done]
    assert dropped, "no key won the race: the test has lost its point"
    assert all(edit.applied for edit in dropped) == (profile.stale == "drop")
