"""Where a position or a range went while a document was edited, or that it cannot be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.documents import ContentChange, MappedRange, Stick
from pygpt_lsp.core.text import Position, PositionEncoding
from tests.support import text_model as model
from tests.support.document_kit import between, edit, notifications, opened, span


@pytest.mark.parametrize(
    ("where", "text", "position", "left", "right"),
    [
        ((1, 2, 1, 2), "X\nY", (0, 3), (0, 3), (0, 3)),
        ((1, 2, 1, 2), "X\nY", (1, 1), (1, 1), (1, 1)),
        ((1, 2, 1, 2), "X\nY", (1, 2), (1, 2), (2, 1)),
        ((1, 2, 1, 2), "X\nY", (1, 3), (2, 2), (2, 2)),
        ((1, 2, 1, 2), "X\nY", (2, 3), (3, 3), (3, 3)),
        ((0, 1, 2, 1), "ö", (0, 1), (0, 1), (0, 1)),
        ((0, 1, 2, 1), "ö", (1, 3), (0, 1), (0, 2)),
        ((0, 1, 2, 1), "ö", (2, 1), (0, 2), (0, 2)),
        ((0, 1, 2, 1), "ö", (2, 3), (0, 4), (0, 4)),
        ((0, 1, 2, 1), "ö", (3, 1), (1, 1), (1, 1)),
    ],
)
def test_a_position_moves_with_the_text_around_it(
    where: tuple[int, int, int, int],
    text: str,
    position: tuple[int, int],
    left: tuple[int, int],
    right: tuple[int, int],
) -> None:
    document = opened("zero\none\ntwo\nthree\n")
    edit(document, where, text)
    assert document.map_position(Position(*position), 1, "left") == left
    assert document.map_position(Position(*position), 1, "right") == right


def test_without_a_log_that_reaches_back_nothing_is_mapped() -> None:
    document = opened("abc", version=5)
    assert document.map_position(Position(0, 1), 4, "left") is None
    assert document.map_range(span(0, 1, 0, 2), 4) is None
    assert document.map_range(span(0, 1, 0, 2), 5) == MappedRange(span(0, 1, 0, 2), intact=True)


@given(model.texts, notifications, model.encodings, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_a_position_maps_as_its_offset_does(
    text: str, sent: list[list[ContentChange]], encoding: PositionEncoding, offset: int, stick: Stick
) -> None:
    document = opened(text, version=0)
    position = model.position_of(text, min(offset, len(text)))
    for version, changes in enumerate(sent, start=1):
        document.apply(version, changes, encoding)
    offset, now = model.offset_of(text, *position), text
    for change in document.changes_since(0) or ():
        start, end = model.offset_of(now, *change.range.start), model.offset_of(now, *change.range.end)
        new_end = start + len(change.text)
        if start < offset < end or offset == start == end:
            offset = start if stick == "left" else new_end
        elif offset >= end:
            offset += new_end - end
        now = model.replaced(now, start, end, change.text)
    assert document.map_position(position, 0, stick) == model.position_of(now, offset)


@given(model.texts, notifications, model.encodings, st.integers(0, 30), st.integers(0, 30))
def test_an_intact_range_has_the_text_it_had(
    text: str, sent: list[list[ContentChange]], encoding: PositionEncoding, start: int, end: int
) -> None:
    document = opened(text, version=0)
    where = between(text, *sorted((min(start, len(text)), min(end, len(text)))))
    before = document.snapshot.text.slice(where)
    for version, changes in enumerate(sent, start=1):
        document.apply(version, changes, encoding)
    mapped = document.map_range(where, 0)
    assert mapped is not None
    assert mapped.range.start <= mapped.range.end
    if mapped.intact:
        assert document.snapshot.text.slice(mapped.range) == before


outside_edits = st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 20), model.plain_texts))


@given(model.plain_texts, model.plain_texts.filter(bool), model.plain_texts, outside_edits)
def test_edits_outside_a_range_up_to_its_very_edges_leave_it_intact(
    head: str, marked: str, tail: str, made: list[tuple[bool, int, int, str]]
) -> None:
    document = opened(head + marked + tail)
    where = between(head + marked + tail, len(head), len(head + marked))
    for in_head, one, two, new in made:
        old = head if in_head else tail
        start, end = sorted((min(one, len(old)), min(two, len(old))))
        base = 0 if in_head else len(head + marked)
        changed = between(head + marked + tail, base + start, base + end)
        if in_head:
            head = model.replaced(head, start, end, new)
        else:
            tail = model.replaced(tail, start, end, new)
        edit(document, changed, new)
    assert str(document.snapshot.text) == head + marked + tail
    assert document.map_range(where, 1) == MappedRange(
        between(head + marked + tail, len(head), len(head + marked)), intact=True
    )


@given(model.plain_texts, st.text("aö😀\n", min_size=2), model.plain_texts, st.data())
def test_an_edit_inside_a_range_is_reported(head: str, marked: str, tail: str, data: st.DataObject) -> None:
    text = head + marked + tail
    start = len(head) + data.draw(st.integers(1, len(marked) - 1))
    end = data.draw(st.integers(start, len(text)))
    new = "Z" if start == end else data.draw(st.sampled_from(["Z", ""]))
    changed = between(text, start, end)
    document = opened(text)
    edit(document, changed, new)
    mapped = document.map_range(between(text, len(head), len(head + marked)), 1)
    assert mapped is not None
    assert not mapped.intact
    assert mapped.range.start == model.position_of(text, len(head))


def test_a_range_replaced_whole_is_not_intact_and_one_beside_it_is() -> None:
    document = opened("one two three\n")
    edit(document, (0, 4, 0, 7), "2")
    assert document.map_range(span(0, 4, 0, 7), 1) == MappedRange(span(0, 4, 0, 5), intact=False)
    assert document.map_range(span(0, 0, 0, 4), 1) == MappedRange(span(0, 0, 0, 4), intact=True)
    assert document.map_range(span(0, 7, 0, 13), 1) == MappedRange(span(0, 5, 0, 11), intact=True)
    assert document.map_range(span(0, 5, 0, 6), 1) == MappedRange(span(0, 5, 0, 5), intact=False)


def test_an_empty_range_goes_behind_what_is_inserted_at_it() -> None:
    document = opened("ab\n")
    edit(document, (0, 1, 0, 1), "ö\n")
    assert document.map_range(span(0, 1, 0, 1), 1) == MappedRange(span(1, 0, 1, 0), intact=True)


def test_an_empty_range_in_a_deleted_text_is_not_intact() -> None:
    document = opened("abcd\n")
    edit(document, (0, 1, 0, 3), "")
    assert document.map_range(span(0, 2, 0, 2), 1) == MappedRange(span(0, 1, 0, 1), intact=False)


def test_a_range_stays_intact_in_an_editor_that_sends_the_whole_text() -> None:
    document = opened("one\ntwo\nthree\n")
    edit(document, None, "zero\none\ntwo\nthree\n")
    edit(document, None, "zero\none\ntwo\nthree\n4\n")
    assert document.map_range(span(1, 0, 1, 3), 1) == MappedRange(span(2, 0, 2, 3), intact=True)
    edit(document, None, "zero\none\nt-o\nthree\n4\n")
    assert document.map_range(span(1, 0, 1, 3), 1) == MappedRange(span(2, 0, 2, 3), intact=False)
