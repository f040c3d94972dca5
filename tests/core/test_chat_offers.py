"""What a chat offers: in its menu at a line, and above the lines of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import ChatRole, parse_chat
from pygpt_lsp.core.chat_offers import ChatOffer, ChatState, chat_lenses, chat_menu
from pygpt_lsp.core.chat_parts import PartsReader
from pygpt_lsp.core.chat_writing import render_chat
from tests.support.chat_texts import hostile_texts

EDIT = "{}\n```python\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n```\n"
CODE = "```python\nx = 1\n```\n"
QUESTION, ANSWER, CODED = ("user", "Why?"), ("assistant", "So."), ("assistant", f"So:\n\n{CODE}")
EDITED = ("assistant", EDIT.format("src/ö.py"))
TURN = ["Fork here", "Delete turn"]
SEND = ["Send", "Preview request"]


def state_of(*turns: tuple[str, str], running: bool = False) -> tuple[str, ChatState]:
    text = render_chat("model: x", turns)  # pyright: ignore[reportArgumentType] (the roles are)
    return text, ChatState.of(parse_chat(text), running=running)


def menu(*turns: tuple[str, str], line: int = 0, running: bool = False) -> list[ChatOffer]:
    text, state = state_of(*turns, running=running)
    parts = PartsReader().read(text, state.chat)
    return chat_menu(state, parts.__getitem__, line, line)


def titles(offers: list[ChatOffer]) -> list[str]:
    return [offer.menu_title.removeprefix("PyGPT: ") for offer in offers]


@pytest.mark.parametrize(
    ("turns", "running", "shown"),
    [
        ([], False, []),
        ([("user", "")], False, []),
        ([QUESTION], False, SEND),
        ([QUESTION, ANSWER], False, ["Regenerate"]),
        ([ANSWER], False, []),
        ([QUESTION, ANSWER, QUESTION], False, [*SEND, "Regenerate"]),
        ([QUESTION, EDITED], False, ["Apply this edit: src/ö.py", "Regenerate"]),
        ([QUESTION, ANSWER, QUESTION], True, ["Stop"]),
        ([QUESTION, EDITED, QUESTION], True, ["Stop", "Apply this edit: src/ö.py"]),
    ],
)
def test_the_menu_above_the_turns_is_about_the_whole_chat(
    turns: list[tuple[str, str]], running: bool, shown: list[str]
) -> None:
    assert titles(menu(*turns, running=running)) == shown


def test_stop_comes_first_and_is_sorted_first() -> None:
    stop, *others = menu(QUESTION, EDITED, QUESTION, running=True)
    assert (stop.action, stop.kind) == ("stop", "quickfix")
    assert {offer.kind for offer in others} == {"pygpt.chat"}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (4, [*SEND, "Regenerate", *TURN]),  # the question
        (10, [*SEND, "Regenerate", *TURN]),  # above the code
        (12, [*SEND, "Insert at cursor", "Copy as new file", "Regenerate", *TURN]),
        (14, [*SEND, "Insert at cursor", "Copy as new file", "Regenerate", *TURN]),
        (15, [*SEND, "Regenerate", *TURN]),
    ],
)
def test_the_menu_in_a_turn_is_about_that_turn_and_the_code_at_the_cursor(
    line: int, shown: list[str]
) -> None:
    assert titles(menu(QUESTION, CODED, QUESTION, line=line)) == shown


def test_a_turn_that_says_nothing_offers_nothing() -> None:
    assert titles(menu(QUESTION, ANSWER, ("user", ""), line=12)) == ["Regenerate"]


def test_what_is_being_written_is_neither_forked_nor_deleted_nor_taken_out() -> None:
    text, state = state_of(QUESTION, CODED, QUESTION, running=True)
    parts = PartsReader().read(text, state.chat)
    for turn, shown in zip(state.chat.turns, (TURN, [], []), strict=True):
        for line in range(turn.heading_line, turn.body_end_line):
            assert titles(chat_menu(state, parts.__getitem__, line, line)) == ["Stop", *shown]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (0, ["Apply edit 1: a.py", "Apply edit 2: b.py", "Apply all 2 edits"]),
        (13, ["Apply this edit: a.py", "Apply all 2 edits"]),
        (21, ["Apply this edit: b.py", "Apply all 2 edits"]),
    ],
)
def test_each_edit_of_an_answer_can_be_applied_alone_and_all_together(line: int, shown: list[str]) -> None:
    edited = ("assistant", f"{EDIT.format('a.py')}\n{EDIT.format('b.py')}")
    offers = [offer for offer in menu(QUESTION, edited, line=line) if offer.action == "apply"]
    assert titles(offers) == shown
    assert offers[-1].lines == (10, 26)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["user", "assistant"]),
            st.lists(hostile_texts() | st.sampled_from([EDIT.format("a.py"), CODE]), max_size=4).map(
                "\n".join
            ),
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_whatever_a_lens_does_the_menu_in_its_line_does_too(
    turns: list[tuple[ChatRole, str]], running: bool
) -> None:
    text, state = state_of(*turns, running=running)
    parts = PartsReader().read(text, state.chat)
    for index, turn in enumerate(state.chat.turns):
        lenses = list(chat_lenses(state, index, parts[index]))
        assert [lens.line for lens in lenses] == sorted(lens.line for lens in lenses)
        for lens in lenses:
            assert turn.heading_line <= lens.line < turn.body_end_line
            offered = chat_menu(state, parts.__getitem__, lens.line, lens.line)
            assert (lens.offer.action, lens.offer.lines) in {(offer.action, offer.lines) for offer in offered}


def test_the_lenses_of_a_question_send_it_and_those_of_an_answer_ask_again() -> None:
    text, state = state_of(QUESTION, CODED, QUESTION)
    parts = PartsReader().read(text, state.chat)
    shown = [[(lens.line, lens.offer.title) for lens in chat_lenses(state, at, parts[at])] for at in range(3)]
    question, answer, last = state.chat.turns
    assert shown == [
        [(question.heading_line, title) for title in TURN],
        [
            *((answer.heading_line, title) for title in ["Regenerate", *TURN]),
            (answer.heading_line + 4, "Insert at cursor"),
            (answer.heading_line + 4, "Copy as new file"),
        ],
        [(last.heading_line, title) for title in [*SEND, *TURN]],
    ]


def test_while_an_answer_is_written_its_lens_and_the_last_one_stop_it() -> None:
    text, state = state_of(QUESTION, CODED, ("user", ""), running=True)
    parts = PartsReader().read(text, state.chat)
    shown = [[lens.offer.title for lens in chat_lenses(state, at, parts[at])] for at in range(3)]
    assert shown == [TURN, ["Stop"], ["Stop"]]
