"""The editor's own text arithmetic follows LSP to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.editor_text import (
    Change,
    Encoding,
    changes_of,
    line_end_of,
    lines,
    offset_at,
    position_at,
    range_at,
    with_line_ends,
)

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
def test_a_position_counts_in_the_units_of_its_encoding(encoding: Encoding, column: int) -> None:
    text = "x\nö😀ab"
    assert position_at(text, 5, encoding) == {"line": 1, "character": column}
    assert offset_at(text, {"line": 1, "character": column}, encoding) == 5


def test_lines_end_where_lsp_says_and_nowhere_else() -> None:
    text = "a\r\nb\rc\nd\x0ce\u2028f"
    assert [text[start:end] for start, end in lines(text)] == ["a", "b", "c", "d\x0ce\u2028f"]
    assert lines("") == [(0, 0)]
    assert lines("a\n") == [(0, 1), (2, 2)]


@pytest.mark.parametrize(("line", "character"), [(0, 1), (0, 3), (1, 1), (2, 0), (-1, 0)])
def test_a_position_that_is_not_there_is_an_error(line: int, character: int) -> None:
    with pytest.raises(ValueError, match=r"line|past"):
        offset_at("😀\n", {"line": line, "character": character}, "utf-16")


@given(st.text(alphabet="aö😀\r\n\x0c\u2028"), st.data(), st.sampled_from(ENCODINGS))
def test_every_position_leads_back_to_its_offset(text: str, data: st.DataObject, encoding: Encoding) -> None:
    spans = lines(text)
    start, end = data.draw(st.sampled_from(spans))
    offset = data.draw(st.integers(start, end))
    assert offset_at(text, position_at(text, offset, encoding), encoding) == offset


def test_edits_are_put_into_order_and_two_that_overlap_are_an_error() -> None:
    text = "one two"
    late = {"range": range_at(text, 4, 7, "utf-16"), "newText": "2"}
    early = {"range": range_at(text, 0, 3, "utf-16"), "newText": "1"}
    assert changes_of(text, [late, early], "utf-16") == [Change(0, 3, "1"), Change(4, 7, "2")]
    clash = {"range": range_at(text, 2, 5, "utf-16"), "newText": ""}
    with pytest.raises(ValueError, match="overlap"):
        changes_of(text, [early, clash], "utf-16")
    where = range_at(text, 4, 7, "utf-16")
    backwards = {"range": {"start": where["end"], "end": where["start"]}, "newText": ""}
    with pytest.raises(ValueError, match="before it starts"):
        changes_of(text, [backwards], "utf-16")


def test_two_inserts_at_one_place_keep_their_order() -> None:
    here = range_at("x", 1, 1, "utf-8")
    edits = [{"range": here, "newText": "1"}, {"range": here, "newText": "2"}]
    assert [change.new for change in changes_of("x", edits, "utf-8")] == ["1", "2"]


def test_the_line_end_of_a_text_is_that_of_most_lines() -> None:
    assert line_end_of("a\r\nb\r\nc\n") == "\r\n"
    assert line_end_of("a\nb\r\n") == "\n"
    assert line_end_of("a") == "\n"
    assert with_line_ends("a\r\nb\nc\rd", "\n") == "a\nb\nc\nd"
