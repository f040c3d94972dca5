"""Documents follow the client through any edits, and remember them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core import documents as documents_module
from pygpt_lsp.core.documents import (
    KEPT_SNAPSHOTS,
    AppliedChange,
    ContentChange,
    Document,
    DocumentSnapshot,
    DocumentStore,
    MappedRange,
)
from pygpt_lsp.core.text import Position, PositionEncoding, Range, TextSnapshot
from tests.support import text_model as model
from tests.support.document_kit import URI, edit, notifications, opened, span

if TYPE_CHECKING:
    from collections.abc import Iterable


def model_apply(text: str, changes: Iterable[ContentChange], encoding: PositionEncoding) -> str:
    for change in changes:
        if change.range is None:
            text = change.text
        else:
            start = model.offset_of(text, *change.range[:2], encoding)
            end = model.offset_of(text, *change.range[2:], encoding)
            text = model.replaced(text, start, end, change.text)
    return text


# Applying changes


@given(model.texts, notifications, model.encodings)
def test_any_notifications_give_what_they_give_on_a_plain_string(
    text: str, sent: list[list[ContentChange]], encoding: PositionEncoding
) -> None:
    document = opened(text, version=0)
    history = [(document.snapshot, text)]
    for version, changes in enumerate(sent, start=1):
        text = model_apply(text, changes, encoding)
        history.append((document.apply(version, changes, encoding), text))
        assert document.snapshot is history[-1][0]
    for version, (snapshot, was) in enumerate(history):
        assert snapshot == DocumentSnapshot(URI, "python", version, TextSnapshot.from_string(was))


def test_each_change_counts_from_the_text_the_one_before_it_left() -> None:
    document = opened("one\ntwo\n")
    changes = [ContentChange((0, 0, 0, 0), "zero\n"), ContentChange((1, 0, 1, 3), "1")]
    assert str(document.apply(2, changes, "utf-16").text) == "zero\n1\ntwo\n"


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_a_range_counts_in_the_units_agreed_with_the_client(encoding: PositionEncoding, end: int) -> None:
    document = opened("ö😀x\n")
    assert str(document.apply(2, [ContentChange((0, 0, 0, end), "-")], encoding).text) == "-x\n"


def test_a_form_feed_or_a_line_separator_does_not_shift_the_lines_behind_it() -> None:
    document = opened("a\fb\u2028c\n\x85d\nlast\n")
    assert str(edit(document, (2, 0, 2, 4), "LAST").text) == "a\fb\u2028c\n\x85d\nLAST\n"


def test_a_reversed_range_is_turned_round() -> None:
    assert str(edit(opened("abc\n"), (0, 2, 0, 1), "-").text) == "a-c\n"


def test_a_version_is_the_clients_number_as_it_came() -> None:
    document = opened("a", version=7)
    assert document.apply(40, [ContentChange((0, 0, 0, 0), "b")], "utf-16").version == 40
    assert document.apply(41, [], "utf-16").version == 41
    assert str(document.snapshot.text) == "ba"


def test_changes_of_which_one_is_no_change_leave_the_document_as_it_was() -> None:
    document = opened("a")
    before = document.snapshot
    broken = ContentChange((0, 0, 0, 0), cast("str", None))
    with pytest.raises((TypeError, AttributeError)):
        document.apply(2, [ContentChange((0, 0, 0, 0), "b"), broken], "utf-16")
    assert document.snapshot is before
    assert document.changes_since(1) == ()


# The log of changes


@given(model.texts, notifications, model.encodings, st.integers(0, 5))
def test_the_changes_since_a_version_lead_from_its_text_to_the_text_now(
    text: str, sent: list[list[ContentChange]], encoding: PositionEncoding, since: int
) -> None:
    document = opened(text, version=0)
    snapshots = [document.snapshot]
    for version, changes in enumerate(sent, start=1):
        snapshots.append(document.apply(version, changes, encoding))
    since = min(since, len(sent))
    replayed = str(snapshots[since].text)
    changes = document.changes_since(since)
    assert changes is not None
    for change in changes:
        assert change.version > since
        (start, end), inserted = change.range, change.text
        start_offset = model.offset_of(replayed, *start)
        assert (model.position_of(replayed, start_offset), start <= end) == (start, True)
        assert model.position_of(replayed, model.offset_of(replayed, *end)) == end
        replayed = model.replaced(replayed, start_offset, model.offset_of(replayed, *end), inserted)
        assert change.new_end == model.position_of(replayed, start_offset + len(inserted))
    assert replayed == str(document.snapshot.text)


@pytest.mark.parametrize(
    ("old", "new", "where", "text"),
    [
        ("one\ntwo\nthree\n", "one\n2\nthree\n", span(1, 0, 1, 3), "2"),
        ("one\ntwo\n", "one\ntwo\nthree\n", span(2, 0, 2, 0), "three\n"),
        ("one\ntwo\nthree\n", "one\nthree\n", span(1, 1, 2, 1), ""),
        ("", "ö", span(0, 0, 0, 0), "ö"),
        ("ö", "", span(0, 0, 0, 1), ""),
        ("a\r\nb", "a\rb", span(0, 1, 1, 0), "\r"),
        ("a\r\nb", "a\nb", span(0, 1, 1, 0), "\n"),
        ("a\nb", "a\r\nb", span(0, 1, 1, 0), "\r\n"),
        ("a\rb", "a\r\nb", span(0, 1, 1, 0), "\r\n"),
        ("a\r\n", "a\r\r\n", span(0, 1, 0, 1), "\r"),
    ],
)
def test_a_full_text_is_logged_as_the_part_that_changed(old: str, new: str, where: Range, text: str) -> None:
    document = opened(old)
    assert str(edit(document, None, new).text) == new
    changes = document.changes_since(1) or ()
    assert [(change.range, change.text) for change in changes] == [(where, text)]


def test_a_change_that_changes_nothing_is_not_logged() -> None:
    document = opened("one\ntwo\n")
    before = document.snapshot
    edit(document, None, "one\ntwo\n")
    edit(document, (0, 0, 1, 1), "one\nt")
    assert document.changes_since(1) == ()
    assert document.snapshot.text is before.text


def test_versions_the_document_never_had_have_no_changes() -> None:
    document = opened("a", version=5)
    edit(document, (0, 0, 0, 0), "b")
    assert document.changes_since(4) is None
    assert document.changes_since(7) is None
    assert document.changes_since(6) == ()
    assert document.changes_since(5) == (AppliedChange(6, span(0, 0, 0, 0), "b", Position(0, 1)),)


def test_a_version_that_does_not_grow_can_never_be_mapped_wrongly() -> None:
    document = opened("abc", version=5)
    where = span(0, 1, 0, 2)
    for version in (5, 3, 4, 5):
        document.apply(version, [ContentChange((0, 0, 0, 0), "x")], "utf-16")
        assert [document.map_range(where, since) for since in range(8)] == [None] * 8
    document.apply(6, [], "utf-16")
    document.apply(7, [ContentChange((0, 0, 0, 0), "x")], "utf-16")
    assert document.map_range(where, 5) is None
    assert document.map_range(where, 6) == MappedRange(span(0, 2, 0, 3), intact=True)


def test_a_full_log_does_not_make_repeated_versions_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_module, "MAX_LOGGED_CHANGES", 1)
    document = opened("", version=9)
    for version in (3, 4, 5, 6):
        document.apply(version, [ContentChange((0, 0, 0, 0), "x")], "utf-16")
        assert document.changes_since(version) is None


def test_the_log_forgets_whole_notifications_once_it_holds_too_many_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents_module, "MAX_LOGGED_CHANGES", 3)
    document = opened("")
    for version in (2, 3):
        document.apply(
            version, [ContentChange((0, 0, 0, 0), "a"), ContentChange((0, 0, 0, 0), "b")], "utf-16"
        )
    assert document.changes_since(1) is None
    assert len(document.changes_since(2) or ()) == 2
    edit(document, (0, 0, 0, 0), "c")
    assert len(document.changes_since(2) or ()) == 3


def test_the_log_forgets_once_it_holds_too_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_module, "MAX_LOGGED_CHARACTERS", 10)
    document = opened("")
    edit(document, (0, 0, 0, 0), "123456")
    edit(document, (0, 0, 0, 0), "1234")
    assert len(document.changes_since(1) or ()) == 2
    edit(document, (0, 0, 0, 0), "5")
    assert document.changes_since(1) is None
    assert len(document.changes_since(2) or ()) == 2
    edit(document, (0, 0, 0, 0), "far too long for any log")
    assert document.changes_since(4) is None
    assert document.changes_since(5) == ()


# The store


def test_the_store_gives_what_the_client_has_open_and_nothing_else() -> None:
    store = DocumentStore()
    assert store.get(URI) is None
    assert store.document(URI) is None
    assert store.change(URI, 2, [ContentChange(None, "b")], "utf-16") is None
    first = store.open(URI, "python", 1, "a\n")
    assert store.get(URI) is first
    assert store.change(URI, 2, [ContentChange((0, 0, 0, 1), "ö")], "utf-16") is store.get(URI)
    store.open("file:///b.py", "python", 1, "")
    assert [document.snapshot.uri for document in store] == [URI, "file:///b.py"]
    store.close(URI)
    store.close(URI)
    assert store.get(URI) is None
    assert [document.snapshot.uri for document in store] == ["file:///b.py"]
    assert str(first.text) == "a\n"


def test_a_document_opened_again_is_another_with_no_past() -> None:
    store = DocumentStore()
    store.open(URI, "python", 1, "a")
    before = store.document(URI)
    store.change(URI, 2, [ContentChange(None, "b")], "utf-16")
    store.open(URI, "python", 2, "c")
    after = store.document(URI)
    assert after is not None
    assert after is not before
    assert after.changes_since(1) is None


def test_documents_may_close_while_they_are_gone_through() -> None:
    store = DocumentStore()
    store.open("file:///a", "python", 1, "")
    store.open("file:///b", "python", 1, "")
    for document in store:
        store.close(document.snapshot.uri)
    assert list(store) == []


def test_a_document_tells_what_it_was_at_its_last_versions() -> None:
    document = Document("file:///ö.py", "python", 1, "a")
    for version in range(2, KEPT_SNAPSHOTS + 3):
        document.apply(version, [ContentChange(None, f"😀{version}")], "utf-8")
    assert document.at(1) is None
    oldest = document.at(3)
    assert oldest is not None
    assert str(oldest.text) == "😀3"
    assert document.at(document.snapshot.version) == document.snapshot
    assert document.at(10_000) is None
    document.apply(2, [ContentChange(None, "again")], "utf-8")
    assert document.at(3) is None, "one number has meant two texts"
