"""A chat is read again after each key press: what the reader remembers must never show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import ChatReader, parse_chat

PIECES = st.sampled_from(
    [
        *("## User", "## Assistant", "  ## user ##", "    ## User", "\\## User", "### User", "## User x"),
        *("```", "```py", "````", "~~~", "---\n", "---", "model: x"),
        *("> #file:a.py:1-2", "#selection", "> #what"),
        *("<!-- pygpt: stopped -->", "<!-- fence closed by pygpt-lsp -->"),
        *("\n", "\n\n", "\r\n", "\r", " ", "\f", "\u2028", "text ö 😀", "x"),
    ]
)
LINES = st.tuples(PIECES, st.sampled_from(["", "\n", "\n", "\r\n"])).map("".join)
EDITS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 12), LINES), max_size=8)


@given(st.lists(LINES, max_size=24).map("".join), EDITS)
def test_reading_again_after_an_edit_gives_what_reading_for_the_first_time_gives(
    text: str, edits: list[tuple[int, int, str]]
) -> None:
    reader = ChatReader()
    assert reader.read(text) == parse_chat(text)
    for start, length, new in edits:
        text = text[:start] + new + text[start + length :]
        assert reader.read(text) == parse_chat(text)


def test_a_turn_that_moves_keeps_its_text_and_moves_its_lines() -> None:
    reader = ChatReader()
    above, turn = "## Assistant\n\nö 😀\n\n", "## User\n\n> #file:a.py\n\nWhy?\n"
    before = reader.read(above + turn).turns[1]
    after = reader.read(above.replace("ö", "ö\r\nö") + turn).turns[1]
    assert after.text == before.text
    assert after.heading_line == before.heading_line + 1
    assert after.context[0].line == before.context[0].line + 1
    assert after.text_start == before.text_start + 3


def test_one_text_in_two_turns_is_two_turns() -> None:
    turns = ChatReader().read("## User\n\n> #buffer\n\n" * 2).turns
    assert [turn.heading_line for turn in turns] == [0, 4]
    assert [turn.context[0].line for turn in turns] == [2, 6]


def test_headings_below_an_open_fence_are_text_until_it_is_closed() -> None:
    reader = ChatReader()
    rest = "\n## User\n\nWhy?\n\n## Assistant\n\nSo.\n"
    for opening, count in (("", 3), ("```\n", 1), ("```\n```\n", 3)):
        assert len(reader.read(f"## Assistant\n\n{opening}{rest}").turns) == count


def test_a_front_matter_that_is_closed_at_last_hides_what_was_read_as_turns() -> None:
    reader = ChatReader()
    text = "---\nmodel: x\n\n## User\n\nA\n\n## Assistant\n\nB\n"
    assert len(reader.read(text).turns) == 2
    assert reader.read(f"{text}---\n").turns == ()
    assert len(reader.read(text).turns) == 2
