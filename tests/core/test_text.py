"""Text snapshots hold to LSP's idea of lines and positions, whatever is in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core import text as text_module
from pygpt_lsp.core.text import Position, PositionEncoding, Range, TextSnapshot
from tests.support import text_model as model

if TYPE_CHECKING:
    from collections.abc import Iterator

edits = st.lists(st.tuples(model.ranges, model.texts), max_size=8)


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """Blocks of a few lines, so that short texts too are of many blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "_BLOCK_LINES", 3)
        patch.setattr(text_module, "_MOST_BLOCK_LINES", 4)
        patch.setattr(text_module, "_FEWEST_BLOCK_LINES", 2)
        yield


def snapshot(text: str) -> TextSnapshot:
    return TextSnapshot.from_string(text)


def at(line: int, character: int) -> Range:
    return Range(Position(line, character), Position(line, character))


def span(start_line: int, start_character: int, end_line: int, end_character: int) -> Range:
    return Range(Position(start_line, start_character), Position(end_line, end_character))


def model_replace(text: str, where: Range, new: str) -> str:
    return model.replaced(text, model.offset_of(text, *where.start), model.offset_of(text, *where.end), new)


def assert_is(actual: TextSnapshot, text: str) -> None:
    """`actual` is `text` in every respect that can be asked for."""
    lines = model.split_lines(text)
    assert str(actual) == text
    assert len(actual) == len(text)
    assert actual.line_count == len(lines)
    assert list(actual.lines()) == lines
    assert [actual.line(index) for index in range(len(lines))] == lines
    assert [actual.line_content(index) for index in range(len(lines))] == list(map(model.content, lines))
    assert actual.end == Position(len(lines) - 1, len(lines[-1]))
    assert actual == snapshot(text)
    assert hash(actual) == hash(snapshot(text))


# Lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\n", ["a\r\n", "b\r", "c\n", ""]),
        ("\r\r\n\n\r", ["\r", "\r\n", "\n", "\r", ""]),
        ("ö\f1\v2\x1c3\x1d4\x1e5\x856\u20287\u20298", ["ö\f1\v2\x1c3\x1d4\x1e5\x856\u20287\u20298"]),
    ],
)
def test_a_line_ends_at_the_three_endings_of_lsp_and_at_nothing_else(text: str, lines: list[str]) -> None:
    assert list(snapshot(text).lines()) == lines


@given(model.texts)
def test_a_snapshot_is_the_text_it_was_made_from(text: str) -> None:
    assert_is(snapshot(text), text)


@given(model.texts, st.integers(-2, 16), st.none() | st.integers(-2, 16))
def test_lines_gives_the_lines_asked_for_and_none_beyond(text: str, start: int, stop: int | None) -> None:
    lines = model.split_lines(text)
    wanted = [line for index, line in enumerate(lines) if start <= index and (stop is None or index < stop)]
    assert list(snapshot(text).lines(start, stop)) == wanted


@pytest.mark.parametrize("index", [-1, 2])
def test_a_line_outside_the_text_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError):
        snapshot("a\n").line(index)
    with pytest.raises(IndexError):
        snapshot("a\n").line_content(index)


@pytest.mark.parametrize(
    ("text", "eol"),
    [
        ("", "\n"),
        ("no ending", "\n"),
        ("a\nb\n", "\n"),
        ("a\r\nb\r\nc\n", "\r\n"),
        ("a\rb\rc\n", "\r"),
        ("a\nb\r\n", "\n"),
        ("a\rb\r\n", "\r\n"),
        ("1\r\n2\r\n3\r\n4\r\n5\n6\n", "\r\n"),
    ],
)
def test_eol_is_the_ending_most_lines_have(text: str, eol: str) -> None:
    assert snapshot(text).eol == eol
    assert snapshot(text).eol == eol


def test_a_repr_shows_nothing_of_the_text() -> None:
    assert repr(snapshot("secret\n")) == "TextSnapshot(2 lines, 7 characters)"


def test_equality_is_by_content_and_only_among_snapshots() -> None:
    assert snapshot("a\nb\nc\n") != snapshot("a\nb\nd\n")
    assert snapshot("a\nb") != snapshot("ab\n")
    assert snapshot("ab") != snapshot("abc")
    assert snapshot("a") != "a"
    grown = snapshot("1\n")
    for line in range(1, 9):
        grown = grown.replace(at(line, 0), f"{line + 1}\n")
    assert grown == snapshot("1\n2\n3\n4\n5\n6\n7\n8\n9\n")
    assert grown != snapshot("1\n2\n3\n4\n5\n6\n7\n8\n0\n")


# Edits


@given(model.texts, edits)
def test_any_edits_give_what_they_give_on_a_plain_string(text: str, made: list[tuple[Range, str]]) -> None:
    current = snapshot(text)
    for where, new in made:
        text = model_replace(text, where, new)
        current = current.replace(where, new)
        assert_is(current, text)


@given(model.texts, edits)
def test_every_earlier_snapshot_stays_as_it_was(text: str, made: list[tuple[Range, str]]) -> None:
    history = [(snapshot(text), text)]
    for where, new in made:
        current = history[-1][0].replace(where, new)
        history.append((current, str(current)))
    for kept, was in history:
        assert_is(kept, was)


@pytest.mark.parametrize(
    ("text", "where", "new", "lines"),
    [
        ("a\rb", at(1, 0), "\n", ["a\r\n", "b"]),
        ("a\nb", at(0, 1), "\r", ["a\r\n", "b"]),
        ("a\rX\nb", span(1, 0, 1, 1), "", ["a\r\n", "b"]),
        ("a\rX", at(1, 0), "\n", ["a\r\n", "X"]),
        ("a\rX\n", span(1, 0, 1, 1), "\n\r", ["a\r\n", "\r\n", ""]),
        ("\n", at(0, 0), "\r", ["\r\n", ""]),
    ],
)
def test_a_return_and_a_newline_that_meet_are_one_ending(
    text: str, where: Range, new: str, lines: list[str]
) -> None:
    assert list(snapshot(text).replace(where, new).lines()) == lines


@pytest.mark.parametrize(
    ("where", "new", "lines"),
    [
        (span(0, 1, 1, 0), "", ["ab"]),
        (span(0, 1, 1, 0), "\r", ["a\r", "b"]),
        (span(0, 1, 1, 0), "\rX\n", ["a\r", "X\n", "b"]),
        (at(0, 1), "X", ["aX\r\n", "b"]),
        (at(0, 2), "X", ["aX\r\n", "b"]),
        (at(1, 0), "X", ["a\r\n", "Xb"]),
    ],
)
def test_an_edit_takes_a_crlf_whole_or_not_at_all(where: Range, new: str, lines: list[str]) -> None:
    assert list(snapshot("a\r\nb").replace(where, new).lines()) == lines


@given(model.texts, model.ranges, model.texts)
@example("a\rX\nb", span(1, 0, 1, 1), "")
@example("\r\r\n", at(1, 0), "\n\r")
def test_a_normalized_edit_makes_the_same_text_and_ends_at_positions_of_both(
    text: str, where: Range, new: str
) -> None:
    before = snapshot(text)
    (start, end), inserted = before.normalize_edit(where, new)
    assert start <= end
    start_offset, end_offset = model.offset_of(text, *start), model.offset_of(text, *end)
    after = model.replaced(text, start_offset, end_offset, inserted)
    assert after == model_replace(text, where, new)
    assert (before.clamp(start), before.clamp(end)) == (start, end)
    for old, offset in ((text, start_offset), (after, start_offset), (after, start_offset + len(inserted))):
        assert model.offset_of(old, *model.position_of(old, offset)) == offset


def test_a_reversed_range_is_turned_round() -> None:
    assert str(snapshot("abc\nd").replace(span(1, 1, 0, 1), "-")) == "a-"
    assert snapshot("abc\nd").slice(span(1, 1, 0, 1)) == "bc\nd"


@given(model.texts, model.ranges)
def test_a_slice_is_the_text_between_its_positions(text: str, where: Range) -> None:
    start, end = sorted((model.offset_of(text, *where.start), model.offset_of(text, *where.end)))
    assert snapshot(text).slice(where) == text[start:end]


# Positions and offsets


@given(model.texts, model.positions)
def test_an_offset_is_the_code_points_before_the_position(text: str, position: Position) -> None:
    assert snapshot(text).offset_at(position) == model.offset_of(text, *position)


@given(model.texts, st.integers(-2, 24))
@example("a\r\nb", 2)
def test_a_position_at_an_offset_is_never_inside_a_crlf(text: str, offset: int) -> None:
    inside = min(max(offset, 0), len(text))
    assert snapshot(text).position_at(offset) == model.position_of(text, inside)


@given(model.texts, model.positions)
def test_positions_survive_the_way_to_an_offset_and_back(text: str, position: Position) -> None:
    current = snapshot(text)
    clamped = current.clamp(position)
    assert current.position_at(current.offset_at(position)) == clamped
    assert current.clamp(clamped) == clamped


@pytest.mark.parametrize(
    ("position", "clamped"),
    [
        ((0, 2), (0, 2)),
        ((0, 3), (0, 2)),
        ((0, 99), (0, 2)),
        ((0, -1), (0, 0)),
        ((1, 1), (1, 0)),
        ((2, 0), (1, 0)),
        ((99, 99), (1, 0)),
        ((-1, 5), (0, 0)),
    ],
)
def test_a_position_outside_goes_to_the_end_of_its_line_or_of_the_text(
    position: tuple[int, int], clamped: tuple[int, int]
) -> None:
    assert snapshot("ab\r\n").clamp(Position(*position)) == clamped


# A client's units


@given(model.texts, model.numbers, st.integers(-2, 60), model.encodings)
@example("😀", 0, 1, "utf-16")
@example("\ud83d\ude00a", 0, 1, "utf-16")
def test_a_clients_position_is_read_as_lsp_says(
    text: str, line: int, character: int, encoding: PositionEncoding
) -> None:
    position = snapshot(text).from_units(line, character, encoding)
    assert snapshot(text).clamp(position) == position
    assert snapshot(text).offset_at(position) == model.offset_of(text, line, character, encoding)


@given(model.texts, model.positions, model.encodings)
def test_positions_survive_the_way_to_a_client_and_back(
    text: str, position: Position, encoding: PositionEncoding
) -> None:
    current = snapshot(text)
    line, character = current.clamp(position)
    units = current.to_units(position, encoding)
    assert units == sum(model.width(char, encoding) for char in current.line(line)[:character])
    assert current.from_units(line, units, encoding) == (line, character)


@pytest.mark.parametrize(
    ("encoding", "characters"),
    [
        ("utf-8", [0, 0, 1, 1, 1, 1, 2, 3, 3, 3, 4, 4]),
        ("utf-16", [0, 1, 1, 2, 3, 4, 4]),
        ("utf-32", [0, 1, 2, 3, 4, 4]),
    ],
)
def test_a_position_inside_a_character_is_the_one_before_it(
    encoding: PositionEncoding, characters: list[int]
) -> None:
    current = snapshot("ö😀a\ud83d\r\n")
    assert [current.from_units(0, n, encoding).character for n in range(len(characters))] == characters


# Cost, counted in what is shared and not in seconds


def blocks_of(current: TextSnapshot) -> dict[int, int]:
    """The number of lines of each block, by the block's identity."""
    return {id(block): len(block) for block in current._blocks}


@pytest.mark.parametrize("line", [0, 2, 500, 999, 1000])
@pytest.mark.parametrize("new", ["", "ö", "\n", "a\nb\nc\n"])
def test_an_edit_shares_all_blocks_but_those_it_touches(line: int, new: str) -> None:
    before = snapshot("line\n" * 1000)
    after = before.replace(span(line, 0, line, 2), new)
    lost = blocks_of(before).keys() - blocks_of(after).keys()
    assert len(lost) <= 2


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 40), st.integers(0, 40)), max_size=20))
def test_blocks_stay_neither_too_large_nor_too_small(made: list[tuple[int, int, int]]) -> None:
    current = snapshot("line\n" * 100)
    for line, removed, added in made:
        current = current.replace(span(line, 0, line + removed, 0), "new\n" * added)
        sizes = blocks_of(current).values()
        assert max(sizes) <= text_module._MOST_BLOCK_LINES
        assert len(sizes) == 1 or min(sizes) >= text_module._FEWEST_BLOCK_LINES
