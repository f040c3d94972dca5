"""Notes below a text and the closing of its fences: there for the reader, no part of the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import messages_to_send, open_answer, with_answer
from pygpt_lsp.core.chat_escape import FENCE_MARKER, StreamEscaper, closing_span, escape_text, note_below
from tests.support.chat_texts import hostile_texts

ASKED = "## User\n\nq"


@given(hostile_texts(endings=("\n",)), st.text(), st.sampled_from(["\n", "\r\n"]))
@example("```\ncode", "failed: x -->\n## User", "\n")
@example("a\n", "stopped", "\r\n")
@example("<!-- pygpt: stopped -->", "stopped", "\n")
def test_an_answer_with_a_note_reads_as_the_answer(answer: str, note: str, eol: str) -> None:
    text = with_answer(ASKED.replace("\n", eol), answer, note or "x")
    asked, answered, following = parse_chat(text).turns
    assert (asked.text, answered.text) == ("q", answer.replace("\r\n", "\n").replace("\r", "\n"))
    assert following.text == ""


@pytest.mark.parametrize(
    ("note", "line"),
    [
        ("stopped", "<!-- pygpt: stopped -->"),
        ("failed: two\nlines  of it", "<!-- pygpt: failed: two lines of it -->"),
        ("a --> b -- c", "<!-- pygpt: a —> b — c -->"),
    ],
)
def test_a_note_is_one_comment_of_one_line_two_lines_below_the_text(note: str, line: str) -> None:
    assert note_below(note, "\n") == f"\n\n{line}"
    assert note_below(note, "\r\n") == f"\r\n\r\n{line}"


def test_what_is_written_below_a_note_stays() -> None:
    document = "## Assistant\n\na\n\n<!-- pygpt: stopped -->\nmore\n\n<!-- pygpt: x -->\n\n## User\n\nq"
    assert parse_chat(document).turns[0].text == "a\n\nmore"


def test_a_note_in_a_fence_is_code() -> None:
    document = "## Assistant\n\n```\n<!-- pygpt: stopped -->\n```\n"
    assert parse_chat(document).turns[0].text == "```\n<!-- pygpt: stopped -->\n```"


def test_an_answer_of_nothing_but_a_note_is_no_answer() -> None:
    document = f"{ASKED}\n\n## Assistant\n\n<!-- pygpt: stopped -->\n\n## User\n\n"
    assert [turn.text for turn in messages_to_send(parse_chat(document)).turns] == ["q"]
    slot = open_answer(document)
    assert document[: slot.start] + slot.text + document[slot.end :] == (
        f"{ASKED}\n\n## Assistant\n\n\n\n## User\n\n"
    )


def test_a_long_line_that_begins_like_a_note_comes_through_as_it_arrives() -> None:
    # Each delta costs its own length: were the line held back and looked at anew, this would take minutes.
    escaper = StreamEscaper()
    assert escaper.feed(" <!-- pyg") == ""
    assert escaper.feed("pt: a") == " \\<!-- pygpt: a"
    assert all(escaper.feed("word ") == "word " for _ in range(200_000))
    assert escaper.finish() == ""


@given(hostile_texts(), st.sampled_from(["", "\n", "\n\n  \n"]))
def test_the_closing_at_the_end_of_a_text_is_found_to_the_character(text: str, below: str) -> None:
    escaper = StreamEscaper()
    written = escaper.feed(text)
    closing = escaper.closing
    if closing:
        span = closing_span(written + closing + below)
        assert span == (len(written), len(written) + len(closing))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        "```\nx\n```",
        f"x\n{FENCE_MARKER}",
        f"```\nx\n```\n\n{FENCE_MARKER}",
        f"```\nx\n```\n\\{FENCE_MARKER}",
        f"```\nx\n```\n{FENCE_MARKER}\nmore",
        f"```\nx\n```\n{FENCE_MARKER}\n\n## User",
    ],
)
def test_nothing_else_is_taken_for_a_closing(written: str) -> None:
    assert closing_span(written) is None


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_closing_is_found_in_either_line_ending(eol: str) -> None:
    written = escape_text("```\nx").replace("\n", eol)
    span = closing_span(written)
    assert span is not None
    assert written[: span[0]] == f"```{eol}x"
    assert span[1] == len(written)
