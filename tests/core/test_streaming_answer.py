"""An answer grows in a chat document that its user changes, closes and opens again meanwhile."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import open_answer
from pygpt_lsp.core.chat_escape import FENCE_MARKER, escape_text, fence_closing, open_fence
from pygpt_lsp.core.streaming_answer import Place, StreamingAnswer
from tests.support.chat_texts import cut, hostile_texts, normalised

ASKED = "## User\n\nq"
CLOSING = f"\n```\n{FENCE_MARKER}"


class Chat:
    """A document with one answer under way; `place` is followed through the user's changes as a client's
    change log would."""

    def __init__(self, asked: str = ASKED, eol: str = "\n") -> None:
        asked = asked.replace("\n", eol)
        slot = open_answer(asked)
        self.text = asked[: slot.start] + slot.text + asked[slot.end :]
        answers = [turn for turn in parse_chat(self.text).turns if turn.role == "assistant"]
        ordinal = next(n for n, turn in enumerate(answers) if turn.body_end >= slot.anchor)
        self.answer = StreamingAnswer(ordinal, eol)
        self.heading = self.text.index(f"## Assistant{eol}", answers[ordinal].body_start - 15)
        self.anchor = slot.anchor

    def place(self) -> Place:
        return Place(self.text.count("\n", 0, self.heading), self.anchor)

    def write(self) -> bool:
        step = self.answer.step(self.text, self.place())
        if step is None:
            return False
        self.text = step.applied_to(self.text)
        self.anchor = step.offset
        self.answer.made(step)
        return True

    def says(self, delta: str) -> None:
        self.answer.feed(delta)
        assert self.write()

    def ends(self, note: str = "") -> None:
        self.answer.finish(note)
        assert self.write()
        assert not self.answer.pending

    def types(self, at: int, text: str) -> None:
        """The user inserts; exactly at the anchor it comes after it."""
        self.replaces(at, at, text)

    def replaces(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text + self.text[end:]

        def moved(offset: int, *, after: bool) -> int:
            if offset < start or (offset == start and not (after and start == end)):
                return offset
            return offset + len(text) - (end - start) if offset >= end else start + len(text) * after

        self.heading, self.anchor = moved(self.heading, after=True), moved(self.anchor, after=False)

    def deletes(self, what: str) -> None:
        start = self.text.index(what)
        self.replaces(start, start + len(what), "")

    @property
    def turns(self) -> list[str]:
        return [turn.text for turn in parse_chat(self.text).turns]


def closing_of(text: str) -> str:
    return fence_closing(open_fence(text))


@given(
    hostile_texts(), st.lists(st.integers(0, 80), max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans()
)
@example("```\n## User\n```\n## User", [5, 9, 17], "\n", True)
def test_after_each_step_the_document_is_a_chat_with_the_answer_so_far(
    text: str, at: list[int], eol: str, marked: bool
) -> None:
    chat = Chat(eol=eol)
    chat.types(len(chat.text), "my next")
    said = ""
    for delta in cut(text, at):
        said += delta
        chat.says(delta)
        asked, so_far, following = chat.turns
        assert (asked, following) == ("q", "my next")
        assert normalised(said).startswith(so_far)
    chat.ends("stopped" if marked else "")
    assert chat.turns == ["q", normalised(text), "my next"]
    assert chat.text.count("<!-- pygpt: stopped -->") == text.count("<!-- pygpt: stopped -->") + marked


@given(st.data(), hostile_texts(endings=("\n",)), st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_what_the_user_types_anywhere_stays_whole_and_in_order(
    data: st.DataObject, text: str, at: list[int]
) -> None:
    chat = Chat()
    typed = "".join(chr(0xE000 + number) for number in range(40))  # no character of any answer
    given_in = 0
    for delta in cut(text, at):
        for _ in range(data.draw(st.integers(0, 3))):
            # Wherever it is not before what was typed already, so that the order can be told.
            last = max((chat.text.rfind(c) for c in typed[:given_in]), default=-1)
            spots = [
                n
                for n in range(last + 1, len(chat.text) + 1)
                if not any(
                    start < n < end
                    for start, end in (m.span() for m in re.finditer(r"^## .*$", chat.text, re.MULTILINE))
                )
            ]
            chat.types(data.draw(st.sampled_from(spots)), typed[given_in])
            given_in += 1
        chat.answer.feed(delta)
        if not chat.write():
            return  # the user broke the heading itself
    chat.answer.finish()
    if chat.write():
        assert "".join(c for c in chat.text if c in typed) == typed[:given_in]
        whole = normalised(text)
        assert escape_text(whole).removesuffix(closing_of(whole)) in "".join(
            c for c in chat.text if c not in typed
        )


def test_what_the_user_types_where_the_answer_goes_on_comes_after_it() -> None:
    chat = Chat()
    chat.says("one ")
    chat.types(chat.anchor, "[mine]")
    chat.says("two")
    chat.ends()
    assert chat.turns == ["q", "one two[mine]", ""]


def test_what_the_user_types_between_an_open_fence_and_its_closing_stays_there() -> None:
    chat = Chat()
    chat.says("```\none")
    chat.types(chat.anchor, " [mine]")
    chat.says("\ntwo")
    assert f"```\none\ntwo [mine]{CLOSING}\n\n## User" in chat.text
    chat.says("\n```\nthree")
    assert "```\none\ntwo\n```\nthree [mine]\n\n## User" in chat.text
    chat.ends()


def test_a_closing_that_the_user_changed_is_theirs() -> None:
    chat = Chat()
    chat.says("```\none")
    chat.types(chat.text.index("<!--"), "[mine]")
    chat.says("\n```\ntwo")
    assert "[mine]" in chat.text
    chat = Chat()
    chat.says("```\none")
    chat.deletes(CLOSING)
    chat.says("\ntwo")
    assert chat.turns == ["q", "```\none\ntwo", ""]


def test_another_answers_closing_is_never_taken_away() -> None:
    chat = Chat(f"{ASKED}\n\n## User\n\n")
    chat.types(len(chat.text), f"\n\n## Assistant\n\n```\nx{CLOSING}\n")
    chat.says("```\none")
    chat.deletes(CLOSING)
    chat.says("\n```\ntwo")
    assert chat.text.count(CLOSING) == 1


@pytest.mark.parametrize("layout", ["\n\n\n\n", "\n\n\n"])
def test_a_heading_below_stays_one_where_the_user_deleted_the_blank_lines(layout: str) -> None:
    chat = Chat()
    start = chat.text.index("## Assistant") + len("## Assistant\n")
    chat.replaces(start, start + len(layout) - 1, "")
    chat.says("one ")
    chat.says("two")
    chat.ends()
    assert chat.turns == ["q", "one two", ""]


def test_a_heading_above_stays_one_where_the_user_deleted_all_below() -> None:
    chat = Chat()
    chat.replaces(chat.text.index("## Assistant") + len("## Assistant"), len(chat.text), "")
    chat.says("one ")
    chat.says("two")
    assert chat.turns == ["q", "one two"]


@pytest.mark.parametrize("gone", ["## Assistant\n\none", "## Assistant\n", "Assi"])
def test_without_its_heading_nothing_is_written_until_it_is_back(gone: str) -> None:
    chat = Chat()
    chat.says("one")
    before = chat.text, chat.heading, chat.anchor
    chat.deletes(gone)
    chat.answer.feed(" two")
    changed = chat.text
    assert not chat.write()
    assert chat.text == changed
    assert chat.answer.find(chat.text) is None
    chat.text = before[0]  # undone; the change log no longer leads there, the text does
    place = chat.answer.find(chat.text)
    assert place == Place(before[0].count("\n", 0, before[1]), before[2])


def test_a_turn_that_was_moved_is_followed_there() -> None:
    chat = Chat()
    chat.says("one")
    chat.answer.feed(" two")
    moved = "## Assistant\n\none\n\n## User\n\nq\n\n## User\n\nmore"
    place = chat.answer.find(moved)
    step = chat.answer.step(moved, place) if place else None
    assert step is not None
    assert step.applied_to(moved) == moved.replace("one", "one two")


@pytest.mark.parametrize("kept", range(len("```\none\n```\ntwo") + 1))
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_in_an_older_version_of_the_document_what_is_missing_is_written_again(kept: int, eol: str) -> None:
    whole = "```\none\n```\ntwo"
    old = Chat(eol=eol)
    old.says(whole[:kept])
    chat = Chat(eol=eol)
    chat.says(whole)
    chat.answer.feed(" three")
    place = chat.answer.find(old.text)
    assert place is not None
    step = chat.answer.step(old.text, place)
    assert step is not None
    chat.text = step.applied_to(old.text)
    assert chat.turns == ["q", f"{whole} three", ""]


def test_an_answer_that_the_user_corrected_is_known_by_how_it_was_shown() -> None:
    chat = Chat()
    chat.says("The naem is wrong. ")
    start = chat.text.index("naem")
    chat.replaces(start, start + 4, "name")
    assert chat.answer.look(chat.text, chat.place())
    saved = chat.text
    chat.says("Or not. ")
    chat.answer.feed("End.")
    place = chat.answer.find(saved)
    step = chat.answer.step(saved, place) if place else None
    assert step is not None
    assert parse_chat(step.applied_to(saved)).turns[1].text == "The name is wrong. Or not. End."


def test_a_file_that_was_further_than_the_buffer_gets_nothing_twice() -> None:
    chat = Chat()
    opened = chat.text  # the editor reads the file now, and shows it later
    chat.answer.feed("one two")
    place = chat.answer.find(chat.text)
    step = chat.answer.step(chat.text, place) if place else None
    assert step is not None
    chat.answer.made(step)
    in_file = step.applied_to(chat.text)
    assert chat.answer.find(opened) is not None
    assert chat.answer.pending
    chat.answer.feed(" three")  # before it could be written, the editor closes the document
    place = chat.answer.find(in_file)
    step = chat.answer.step(in_file, place) if place else None
    assert step is not None
    assert parse_chat(step.applied_to(in_file)).turns[1].text == "one two three"


def test_an_answer_that_stands_there_whole_needs_nothing_more() -> None:
    chat = Chat()
    chat.says("```\none")
    chat.ends("stopped")
    assert chat.answer.find(chat.text) is not None
    assert not chat.answer.pending


def test_before_anything_is_written_only_the_empty_answer_is_its_place() -> None:
    chat = Chat("## User\n\nq\n\n## Assistant\n\na\n\n## User\n\nq2")
    chat.answer.feed("one")
    assert chat.answer.find(chat.text) == chat.place()
    chat.deletes("## Assistant\n\n\n\n")
    assert chat.answer.find(chat.text) is None
    assert chat.answer.find("## Assistant\n\na\n\n## Assistant\n\nb\n") is None
    assert chat.answer.find("") is None


def test_of_two_equal_answers_it_is_the_one_at_its_place() -> None:
    chat = Chat("## User\n\nq\n\n## Assistant\n\none\n\n## User\n\nq")
    chat.says("one")
    assert chat.answer.find(chat.text) == chat.place()
    assert chat.answer.find(f"## Assistant\n\none\n\n{chat.text[:-20]}") is not None
    assert chat.answer.find("## Assistant\n\none") is not None


def test_finishing_twice_changes_nothing() -> None:
    chat = Chat()
    chat.says("one")
    chat.ends()
    chat.answer.finish("stopped")
    assert not chat.answer.pending
