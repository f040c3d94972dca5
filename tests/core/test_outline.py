"""The definition around a line is found in the languages people write, without a parser.

The folder `outline_pictures` holds a file for each language. In its pictures `>` marks the lines asked about,
`|` the other lines of the definition that must be found; with `-` there is none around that line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.outline import LineSpan, definition_at, enclosing_definition, enclosing_definitions
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "outline_pictures"


def pictures() -> Iterator[object]:
    for path in sorted(FOLDER.iterdir()):
        for picture in path.read_text(encoding="utf-8").split("=== ")[1:]:
            what, _, lines = picture.partition("\n")
            yield pytest.param(path.stem, lines.rstrip("\n").split("\n"), id=f"{path.stem}: {what}")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "none at the end"])
@pytest.mark.parametrize(("language_id", "lines"), list(pictures()))
def test_the_smallest_definition_around_the_lines_is_found(
    language_id: str, lines: list[str], ending: str
) -> None:
    asked = [index for index, line in enumerate(lines) if line[:1] in (">", "-")]
    expected = [index for index, line in enumerate(lines) if line[:1] in (">", "|")]
    joint = "\n" if ending == "none at the end" else ending
    source = joint.join(line[2:] for line in lines) + (ending if joint == ending else "")
    found = enclosing_definition(TextSnapshot.from_string(source), asked[0], asked[-1], language_id)
    assert list(range(*found) if found else ()) == expected


def test_definitions_come_from_the_innermost_outwards() -> None:
    text = TextSnapshot.from_string(
        "class A:\n    # says\n    def f(self):\n        def g():\n            return 1\n        return g\n"
    )
    found = list(enclosing_definitions(text, 4, 4, "python"))
    assert [each.span for each in found] == [LineSpan(3, 5), LineSpan(1, 6), LineSpan(0, 6)]
    assert [each.header for each in found] == [3, 2, 0]


def test_blank_lines_at_the_edges_of_a_selection_do_not_count() -> None:
    text = TextSnapshot.from_string("x = 1\n\ndef f():\n    return 1\n\ny = 2\n")
    assert enclosing_definition(text, 1, 4, "python") == LineSpan(2, 4)


def test_the_region_without_a_selection_is_the_definition_at_the_cursor() -> None:
    text = TextSnapshot.from_string("def f():\n    return 1\n\nx = 1\n")
    assert definition_at(text, 1, "python") == LineSpan(0, 2)
    assert definition_at(text, 3, "python") is None
    assert definition_at(text, 99, "python") is None


def test_lines_that_reach_beyond_a_definition_are_not_in_it() -> None:
    text = TextSnapshot.from_string("@a\ndef f():\n    pass\nx = 1\n")
    assert enclosing_definition(text, 0, 2, "python") == LineSpan(0, 3)
    assert enclosing_definition(text, 0, 3, "python") is None
    assert enclosing_definition(text, 1, 3, "python") is None


@pytest.mark.parametrize("language_id", ["python", "c", "go", "haskell", "no-such-language"])
def test_a_search_reads_some_thousand_lines_of_any_text(
    language_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TextSnapshot.from_string("x = {\n" + "    a = 1\n" * 90_000)
    read: list[str] = []
    line, lines = TextSnapshot.line, TextSnapshot.lines

    def counted_line(self: TextSnapshot, index: int) -> str:
        read.append(line(self, index))
        return read[-1]

    def counted_lines(self: TextSnapshot, start: int = 0, stop: int | None = None) -> Iterator[str]:
        for each in lines(self, start, stop):
            read.append(each)
            yield each

    monkeypatch.setattr(TextSnapshot, "line", counted_line)
    monkeypatch.setattr(TextSnapshot, "lines", counted_lines)
    assert definition_at(text, 80_000, language_id) is None
    assert 0 < len(read) < 6_000


def test_a_definition_of_some_thousand_lines_is_none() -> None:
    body = "    x = 1\n" * 1_900
    within = TextSnapshot.from_string("def f():\n" + body + "\ny = 1\n" * 50_000)
    assert definition_at(within, 1_800, "python") == LineSpan(0, 1_901)
    beyond = TextSnapshot.from_string("def f():\n" + body + body + "y = 1\n")
    assert definition_at(beyond, 100, "python") is None
    assert definition_at(beyond, 3_000, "python") is None


def test_a_definition_at_the_end_of_a_long_text_is_found_whole() -> None:
    text = TextSnapshot.from_string("x = 1\n" * 10_000 + "def f():\n    return 1")
    assert definition_at(text, 10_001, "python") == LineSpan(10_000, 10_002)


PIECES = st.sampled_from(
    ["def f():", "class A:", "function f() {", "f(", ")", "{", "}", "end", "@a", "#", "/*", "*/", '"""', "`",
     "import x", "if x:", "(", ",", ":", "int f(int a)", "where", "    ", "\t", " ", "\n", "\n", "\n", "\r\n",
     "\r", "\f", "ö", "😀", "\u2028", "x", "=", ";", "->", "\ud800"]
)  # fmt: skip
LANGUAGES = st.sampled_from(sorted(path.stem for path in FOLDER.iterdir()))


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(-2, 40), st.integers(-2, 40), LANGUAGES)
def test_in_any_text_what_is_found_contains_the_lines_asked_about(
    source: str, first: int, last: int, language_id: str
) -> None:
    text = TextSnapshot.from_string(source)
    previous = None
    for definition in enclosing_definitions(text, first, last, language_id):
        span = definition.span
        assert 0 <= span.start <= definition.header < span.end <= text.line_count
        for line in range(max(first, 0), min(last, text.line_count - 1) + 1):
            assert span.start <= line < span.end or not text.line(line).strip()
        if previous:
            assert span.start <= previous.start
            assert previous.end <= span.end
        previous = span
