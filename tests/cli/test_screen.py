"""What a terminal shows is aligned and wrapped; what a pipe gets is plain and whole."""

from __future__ import annotations

import io

import pytest

from pygpt_lsp.cli.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")


@pytest.mark.usefixtures("narrow")
def test_a_long_text_is_wrapped_beside_its_label():
    out = Terminal()
    Screen(out, {"NO_COLOR": "1"}).item("  ok    key  ", "one two three four five six seven eight")
    assert out.getvalue() == "  ok    key  one two three four five six\n             seven eight\n"


@pytest.mark.usefixtures("narrow")
def test_a_path_is_never_cut_in_two():
    out = Terminal()
    path = "/home/ö/a-very-long-path-that-does-not-fit/into/the/screen"
    Screen(out, {"NO_COLOR": "1"}).item("  ok  ", f"see {path} there")
    assert path in out.getvalue()


@pytest.mark.usefixtures("narrow")
def test_without_a_terminal_a_line_stays_whole_and_plain():
    out = io.StringIO()
    screen = Screen(out, {"TERM": "xterm"})
    screen.item("  ok  ", "word " * 30 + "end", "green")
    assert out.getvalue() == "  ok  " + "word " * 30 + "end\n"


@pytest.mark.usefixtures("narrow")
def test_colour_does_not_count_as_width():
    plain, coloured = Terminal(), Terminal()
    for out, env in ((plain, {"NO_COLOR": "1"}), (coloured, {"TERM": "xterm"})):
        Screen(out, env).item("  ok  ", "one two three four five six seven eight nine ten", "green")
    assert coloured.getvalue().replace("\x1b[32m", "").replace("\x1b[0m", "") == plain.getvalue()


def test_an_empty_text_still_has_its_line():
    out = io.StringIO()
    Screen(out, {}).item("label", "")
    assert out.getvalue() == "label\n"
