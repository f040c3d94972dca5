"""Whether an edit was made is read off the document, whatever the editor answers and however it reports."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.documents import ContentChange, Document
from pygpt_lsp.core.reconcile import follow, outcome
from pygpt_lsp.core.text import TextSnapshot
from tests.support.editor_text import offset_at, range_at

VERSION = 7


def shared(one: str, two: str) -> int:
    """The length of their common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))


def replaced(before: str, after: str) -> ContentChange:
    """How Neovim reports that a text became another: one change, from the first difference to the last."""
    start = shared(before, after)
    end = shared(before[start:][::-1], after[start:][::-1])
    if before[start - 1 : start + 1] == "\r\n" or after[start - 1 : start + 1] == "\r\n":
        start -= 1
    if "\n" in (before[len(before) - end :][:1], after[len(after) - end :][:1]):
        end -= 1  # never between a carriage return and its line feed
    where = range_at(before, start, max(len(before) - end, start), "utf-16")
    span = (
        where["start"]["line"],
        where["start"]["character"],
        where["end"]["line"],
        where["end"]["character"],
    )
    return ContentChange(span, after[start : max(len(after) - end, start)])


def opened(text: str) -> Document:
    return Document("file:///a.py", "python", VERSION, text)


def told(document: Document, *texts: str) -> Document:
    """The document after one notification that makes these texts in turn."""
    changes: list[ContentChange] = []
    now = str(document.snapshot.text)
    for text in texts:
        changes.append(replaced(now, text))
        now = text
    document.apply(document.snapshot.version + 2, changes, "utf-16")
    assert str(document.snapshot.text) == texts[-1]
    return document


def made(document: Document, base: str, expected: str) -> bool:
    snapshots = TextSnapshot.from_string(base), TextSnapshot.from_string(expected)
    return outcome(document, snapshots[0], VERSION, snapshots[1]).made


class Meeting(NamedTuple):
    """An edit and a user at the same text: what it was, and what either and both of them make of it."""

    base: str
    expected: str
    user: str
    both: str
    token: str
    """A piece of what the edit writes, which the user leaves alone."""


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    count = draw(st.integers(1, 9))
    shared = st.sampled_from(["", "", "}", "    return ö", "\f"])
    base = [f"{draw(shared)}{f'  line{n} 😀' if draw(st.booleans()) else ''}" for n in range(count)]
    first = draw(st.integers(0, count))
    last = draw(st.integers(first, count))
    new = [f"edit{n}" for n in range(draw(st.integers(1, 4)))]
    new += base[first:last][: draw(st.integers(0, 2))]
    before = base[:first]
    after = base[last:]
    spots = st.lists(
        st.tuples(st.booleans(), st.integers(0, 9), st.sampled_from(["above", "over", "into"])),
        min_size=1,
        max_size=3,
    )
    for number, (up, index, how) in enumerate(draw(spots)):
        part = before if up else after
        index = min(index, len(part))
        typed = f"usër{number}"
        if how == "above" or index == len(part):
            part.insert(index, typed)
        else:
            part[index] = typed if how == "over" else part[index] + typed
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    final = draw(st.sampled_from(["", ending]))

    def text(*parts: list[str]) -> str:
        return ending.join(line for part in parts for line in part) + final

    return Meeting(
        text(base),
        text(base[:first], new, base[last:]),
        text(before, base[first:last], after),
        text(before, new, after),
        "edit0",
    )


SUBSTITUTED = Meeting(
    "x = 1\nold = 2\nold = 3\nold = 4\ny = x\n",
    "x = 1\nedit0\ny = x\n",
    "z = 1\nold = 2\nold = 3\nold = 4\ny = z\n",
    "z = 1\nedit0\ny = z\n",
    "edit0",
)
"""`:%s/x/z/` while an edit shortens what lies between."""


@given(meetings())
@example(SUBSTITUTED)
def test_an_edit_that_the_document_shows_was_made(meeting: Meeting) -> None:
    base, expected, _, both, _ = meeting
    assert made(told(opened(base), expected), base, expected)
    assert made(told(opened(base), expected, both), base, expected)
    assert made(told(opened(base), both), base, expected)
    typed_later = told(told(told(opened(base), expected), both), "")
    assert made(typed_later, base, expected)


TWINS = Meeting(
    "\n\n    return ö\n    return ö\n",
    "edit0\n    return ö\n",
    "\n\n    return ö\nusër0\n",
    "edit0\nusër0\n",
    "edit0",
)
"""The user replaces one of two equal lines, and the edit stands beside the other."""


@given(meetings())
@example(SUBSTITUTED)
@example(TWINS)
def test_an_edit_that_gave_way_to_the_users_was_not_made(meeting: Meeting) -> None:
    base, expected, user, both, _ = meeting
    assert not made(told(opened(base), user), base, expected)
    assert not made(told(told(opened(base), user), both), base, expected), "a later one proves nothing"


@given(meetings())
@example(SUBSTITUTED)
def test_a_place_in_the_edit_is_followed_through_what_the_user_types(meeting: Meeting) -> None:
    base, expected, _, both, token = meeting
    inside = len(token) // 2
    place = expected.index(token) + inside
    together = told(opened(base), both)
    typed_later = told(told(opened(base), expected), both)
    for document in (together, typed_later):
        snapshots = TextSnapshot.from_string(base), TextSnapshot.from_string(expected)
        result = outcome(document, snapshots[0], VERSION, snapshots[1])
        found = follow(snapshots[1], result, document, place)
        if found is None:
            # One change from above the place to below it does not tell.
            assert shared(expected, both) < place
            assert shared(expected[::-1], both[::-1]) < len(expected) - place
            continue
        where = {"line": found.line, "character": found.character}
        assert offset_at(both, where, "utf-32") == both.index(token) + inside


def test_a_place_is_found_although_its_edit_is_reported_together_with_changes_around_it() -> None:
    base, expected, _, both, token = SUBSTITUTED
    snapshots = TextSnapshot.from_string(base), TextSnapshot.from_string(expected)
    document = told(opened(base), both)
    result = outcome(document, snapshots[0], VERSION, snapshots[1])
    assert follow(snapshots[1], result, document, expected.index(token) + 2) == (1, 2)
    later = told(told(opened(base), expected), both)
    result = outcome(later, snapshots[0], VERSION, snapshots[1])
    assert follow(snapshots[1], result, later, expected.index(token) + 2) is None, "a guess"


def test_a_place_whose_surroundings_the_user_replaced_is_not_known() -> None:
    base, expected, after = "a\nb\n", "a\nanswer\nb\n", "a\nangry user\nb\n"
    snapshots = TextSnapshot.from_string(base), TextSnapshot.from_string(expected)
    document = told(opened(base), after)
    result = outcome(document, snapshots[0], VERSION, snapshots[1])
    assert follow(snapshots[1], result, document, len("a\nans")) is None


@pytest.mark.parametrize(
    ("base", "expected", "both"),
    [
        ("", "edit0", "usër1\nedit0\nusër0"),
        ("a\nb", "a\nb\nedit0", "usër\na\nb\nedit0\nusër"),
        ("a\r\nb\r\n", "a\r\nedit\r\n", "a\nedit\n"),
    ],
)
def test_line_endings_that_come_with_the_users_change_do_not_hide_the_edit(
    base: str, expected: str, both: str
) -> None:
    assert made(told(opened(base), both), base, expected)


def test_an_edit_is_known_among_what_the_user_typed_before_and_behind_it_in_its_line() -> None:
    base, expected, both = "# A\n\n\n# B\n", "# A\n\nBegun 😀. \n# B\n", "# A\n\nxBegun 😀. yz\n# B\n"
    snapshots = TextSnapshot.from_string(base), TextSnapshot.from_string(expected)
    document = told(opened(base), both)
    result = outcome(document, snapshots[0], VERSION, snapshots[1])
    assert result.made
    assert follow(snapshots[1], result, document, expected.index("\n# B")) == (2, both.index("yz") - 5)
    assert not made(told(opened(base), "# A\n\nxyz\n# B\n"), base, expected)


def test_in_doubt_an_edit_was_not_made() -> None:
    """Nothing is lost: its region is looked for again, and is there or not."""
    assert not made(told(opened("a\na\nb\n"), "a\nU\nb\n"), "a\na\nb\n", "a\nb\n")


def test_what_is_typed_exactly_at_a_place_comes_after_it() -> None:
    base, expected = "a\n\n", "a\nanswer\n"
    for document in (told(opened(base), "a\nanswer!\n"), told(told(opened(base), expected), "a\nanswer!\n")):
        snapshots = TextSnapshot.from_string(base), TextSnapshot.from_string(expected)
        result = outcome(document, snapshots[0], VERSION, snapshots[1])
        assert result.made
        assert follow(snapshots[1], result, document, len("a\nanswer")) == (1, len("answer"))


def test_a_notification_that_changes_nothing_makes_nothing() -> None:
    document = opened("a\n")
    document.apply(VERSION + 1, [], "utf-16")
    assert not made(document, "a\n", "b\n")


@pytest.mark.parametrize(("now", "verdict"), [("b\n", True), ("a\n", False), ("xb\n", True), ("xa\n", False)])
def test_the_present_text_decides_where_the_changes_are_not_known(now: str, verdict: bool) -> None:
    document = opened("a\n")
    document.apply(VERSION - 1, [ContentChange(None, now)], "utf-16")
    assert document.changes_since(VERSION) is None
    assert made(document, "a\n", "b\n") is verdict
