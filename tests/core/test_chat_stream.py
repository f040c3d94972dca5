"""Escaping a text and undoing it, at once and while it arrives."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_escape import FENCE_MARKER, StreamEscaper, escape_text, unescape_text
from tests.support.chat_texts import cut, hostile_texts, normalised

places = st.lists(st.integers(0, 80), max_size=12)


@given(hostile_texts())
def test_escaping_is_undone_exactly(text: str) -> None:
    assert unescape_text(escape_text(text)) == text


@given(hostile_texts(), hostile_texts())
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (escape_text(one) == escape_text(other)) == (one == other)


@given(hostile_texts(), places, st.sampled_from(["\n", "\r\n"]))
@example("a\r\nb\rc", [2, 5], "\r\n")
@example("```\n```", [1, 2, 5], "\n")
@example("## User", [1, 2, 3, 4, 5, 6], "\n")
def test_a_stream_gives_the_escaped_text_however_it_is_cut(text: str, at: list[int], eol: str) -> None:
    escaper = StreamEscaper(eol)
    outputs = [escaper.feed(delta) for delta in cut(text, at)]
    assert "".join(outputs) + escaper.finish() == escape_text(normalised(text)).replace("\n", eol)


@given(hostile_texts(), places, st.sampled_from(["\n", "\r\n"]))
def test_at_every_moment_the_document_reads_as_the_answer_so_far(text: str, at: list[int], eol: str) -> None:
    escaper = StreamEscaper(eol)
    written = given_in = ""
    for delta in cut(text, at):
        given_in += delta
        written += escaper.feed(delta)
        document = f"## Assistant{eol * 2}{written}{escaper.closing}{eol * 2}## User{eol * 2}my next"
        answer, question = parse_chat(document).turns
        assert question.text == "my next"
        whole = normalised(given_in)
        assert whole.startswith(answer.text)
        held = whole[len(answer.text) :]
        assert "\n" not in held.removesuffix("\n")
        assert re.fullmatch(
            r" {0,3}\\*(#{0,2}[ \t]*[a-z]*[ \t#]*|<[-!a-z .>]*[ \t]*)\n?", held, re.IGNORECASE
        )


@pytest.mark.parametrize("text", ["#", "##", "## ", "## us", "## User", "## User #", " ", "\\", "<!-- fence"])
def test_a_line_that_may_become_a_heading_or_a_marker_is_held_back(text: str) -> None:
    assert StreamEscaper().feed(f"x\n{text}") == "x\n"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "### ",
        "#x",
        "## Usx",
        "## User x",
        "    ",
        "\\x",
        "<!-- fx",
        "`",
        "```py",
        "- ",
        "1. ## User",
        "\t",
    ],
)
def test_nothing_else_is_held_back(text: str) -> None:
    assert StreamEscaper().feed(f"x\n{text}") == f"x\n{text}"


def test_in_a_fence_nothing_is_held_back() -> None:
    escaper = StreamEscaper()
    assert escaper.feed("```\n## User") == "```\n## User"
    assert escaper.closing == f"\n```\n{FENCE_MARKER}"
    assert escaper.feed("\n``") == "\n``"
    assert escaper.feed("`") == "`"
    assert escaper.closing == ""
    assert escaper.feed("\n## User") == "\n"
    assert escaper.finish() == "\\## User"


def test_a_fence_left_open_is_closed_with_the_line_ending_of_the_document() -> None:
    escaper = StreamEscaper("\r\n")
    assert escaper.feed("~~~~ py\nx") == "~~~~ py\r\nx"
    assert escaper.closing == f"\r\n~~~~\r\n{FENCE_MARKER}"
    assert escaper.finish() == f"\r\n~~~~\r\n{FENCE_MARKER}"


def test_a_long_line_in_small_deltas_comes_through() -> None:
    # Each delta costs its own length: were the line looked at anew each time, this would take minutes.
    escaper = StreamEscaper()
    outputs = [escaper.feed("~~~"), *(escaper.feed("word ") for _ in range(200_000)), escaper.finish()]
    assert "".join(outputs) == escape_text("~~~" + "word " * 200_000)
