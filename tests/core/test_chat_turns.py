"""Forking a chat and deleting a turn: what stays is what was said, to the character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import ChatDocument, ChatEol, ChatRole, parse_chat
from pygpt_lsp.core.chat_turns import deletion, fork_text
from pygpt_lsp.core.chat_writing import render_chat
from pygpt_lsp.core.text import Position, TextSnapshot
from tests.support.chat_texts import hostile_texts

ROLES: list[ChatRole] = ["user", "assistant"]
turns = st.lists(st.tuples(st.sampled_from(ROLES), hostile_texts()), min_size=1, max_size=5)
eols: st.SearchStrategy[ChatEol] = st.sampled_from(["\n", "\r\n"])


def said(chat: ChatDocument) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in chat.turns]


def without(text: str, index: int) -> str:
    chat = parse_chat(text)
    heading = TextSnapshot.from_string(text).offset_at(Position(chat.turns[index].heading_line, 0))
    start, end, new = deletion(chat, index, heading)
    return text[:start] + new + text[end:]


@given(turns, eols, st.data())
def test_a_fork_says_what_was_said_so_far(
    turns: list[tuple[ChatRole, str]], eol: ChatEol, data: st.DataObject
) -> None:
    text = render_chat("model: ö", turns, preamble="Notes", eol=eol)
    chat = parse_chat(text)
    index = data.draw(st.integers(0, len(turns) - 1))
    fork = parse_chat(fork_text(text, chat, index))
    wanted = said(chat)[: index + 1]
    assert said(fork) == (wanted if wanted[-1][0] == "user" else [*wanted, ("user", "")])
    assert (fork.front_matter, fork.preamble) == (chat.front_matter, chat.preamble)


@given(st.lists(hostile_texts(), max_size=8).map("".join), st.data())
def test_a_fork_of_whatever_was_typed_says_what_was_said(typed: str, data: st.DataObject) -> None:
    text = f"## User\n{typed}"
    chat = parse_chat(text)
    index = data.draw(st.integers(0, len(chat.turns) - 1))
    fork = parse_chat(fork_text(text, chat, index))
    assert said(fork)[: index + 1] == said(chat)[: index + 1]


@given(turns, eols, st.data())
def test_deleting_a_turn_leaves_the_others(
    turns: list[tuple[ChatRole, str]], eol: ChatEol, data: st.DataObject
) -> None:
    text = render_chat("model: ö", turns, eol=eol)
    chat = parse_chat(text)
    index = data.draw(st.integers(0, len(turns) - 1))
    rest = [each for number, each in enumerate(said(chat)) if number != index]
    if not rest or (index == len(turns) - 1 and rest[-1][0] == "assistant"):
        rest.append(("user", ""))
    assert said(parse_chat(without(text, index))) == rest


@pytest.mark.parametrize(
    ("index", "left"),
    [
        (0, "## Assistant\n\nB\n\n## User\n\nC\n"),
        (1, "## User\n\nA\n\n## User\n\nC\n"),
        (2, "## User\n\nA\n\n## Assistant\n\nB\n\n## User\n\n"),
    ],
)
def test_what_is_left_reads_as_if_the_turn_had_never_been_there(index: int, left: str) -> None:
    assert without("## User\n\nA\n\n## Assistant\n\nB\n\n## User\n\nC\n", index) == left


def test_a_fork_below_an_answer_waits_for_the_next_question() -> None:
    text = "## User\n\nA\n\n## Assistant\n\nB ```\n<!-- pygpt: stopped -->\n"
    fork = fork_text(text, parse_chat(text), 1)
    assert fork == f"{text}\n## User\n\n"


def test_a_fork_closes_the_fence_that_an_answer_left_open() -> None:
    text = "## User\n\nA\n\n## Assistant\n\n```py\nx = 1\n"
    fork = parse_chat(fork_text(text, parse_chat(text), 1))
    assert said(fork) == [("user", "A"), ("assistant", "```py\nx = 1"), ("user", "")]
