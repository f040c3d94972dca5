"""Text that arrives in pieces: nothing lost, no word cut, nothing that steers the terminal."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.cli.flow import MARGIN, Flow, width
from pygpt_lsp.cli.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def flowed(out: io.StringIO, *pieces: str) -> str:
    flow = Flow(Screen(out, {"NO_COLOR": "1"}))
    for piece in pieces:
        flow.write(piece)
    flow.end()
    return out.getvalue()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


@given(st.lists(st.text("ab ö😀\n\t", max_size=12), max_size=8))
def test_without_a_terminal_the_text_is_whole_however_it_is_cut(pieces: list[str]):
    text = "".join(pieces).replace("\t", "    ")
    shown = flowed(io.StringIO(), *pieces)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()  # an ended line is not followed by an empty one
    assert shown == "".join(f"{MARGIN}{line}\n" if line else f"{MARGIN.rstrip()}\n" for line in lines)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("size", [1, 3, 7, 200])
def test_in_a_terminal_lines_break_between_words_wherever_pieces_end(size: int):
    text = "Grüße aus der Küche: zwei Wörter 😀😀 passen nicht mehr in diese Zeile.\n\n- und eine Liste\n"
    shown = flowed(Terminal(), *(text[at : at + size] for at in range(0, len(text), size)))
    lines = shown.splitlines()
    assert all(width(line.rstrip()) <= 40 for line in lines)
    assert " ".join(line.removeprefix(MARGIN).strip() for line in lines[:3]) == text.split("\n")[0]
    assert lines[3:] == [MARGIN.rstrip(), f"{MARGIN}- und eine Liste"]


@pytest.mark.usefixtures("narrow")
def test_the_indentation_of_a_line_of_code_stays():
    shown = flowed(Terminal(), "```\n    if ö:\n", "        return\n```\n")
    assert shown == f"{MARGIN}```\n{MARGIN}    if ö:\n{MARGIN}        return\n{MARGIN}```\n"


def test_what_would_steer_the_terminal_is_made_visible():
    assert "\x1b" not in flowed(io.StringIO(), "a \x1b]0;title\x07 b\r\n", "\x1b[2J")


def test_wide_characters_take_two_columns_and_marks_none():
    assert [width(text) for text in ("ö", "o\u0308", "😀", "日本", "")] == [1, 1, 2, 4, 0]


def test_a_text_is_empty_until_something_of_it_is_shown():
    flow = Flow(Screen(io.StringIO(), {}))
    flow.write("half")
    assert flow.empty
    flow.write(" a word")
    assert not flow.empty
