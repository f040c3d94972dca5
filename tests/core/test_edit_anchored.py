"""A plan waits while the user types: all of it is made where its lines are then, or nothing of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.documents import ContentChange, Document
from pygpt_lsp.core.edits.anchored import AnchoredPlan
from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.errors import EditRefused
from tests.support.edit_plans import replace, whole
from tests.support.editor_text import range_at

QUOTED = ["def one():\n    ö\n", "def two():\n\n    😀\n", "class Three:\n    pass\n"]
WRITTEN = ["def one():\n    new\n    ö\n", "", "class Three:\n    x = 1\n"]

typed = st.sampled_from(["u", "", "\n", "usër 😀\n", "u\nv", *QUOTED])
lines_between = st.lists(st.sampled_from(["x\n", "\n", "😀\n", "\f\n"]), max_size=3).map("".join)
endings = st.sampled_from(["\n", "\r\n"])


class Waiting:
    """A document with places that a plan changes and text between them, and the user at it.

    `pieces` are in turns text between (whole lines, the last one any) and a place; with line feeds.
    """

    def __init__(self, between: list[str], ending: str) -> None:
        self.pieces = [between[0]]
        for quoted, after in zip(QUOTED, between[1:], strict=True):
            self.pieces += [quoted, after]
        self.ending = ending
        self.version = 3
        self.document = Document("file:///a.py", "python", self.version, self._real())
        snapshot = self.document.snapshot
        blocks = [
            EditBlock("replace", "a.py", tuple(old.split("\n")[:-1]), tuple(new.split("\n")[:-1]))
            for old, new in zip(QUOTED, WRITTEN, strict=True)
        ]
        plan = plan_file(snapshot.text, blocks)
        assert not plan.refusals
        self.plan = AnchoredPlan.of(snapshot, plan)

    def types_between(self, data: st.DataObject) -> None:
        """The user changes something between the places, which stay lines of their own."""
        number = data.draw(st.integers(0, len(QUOTED))) * 2
        piece = self.pieces[number]
        start = data.draw(st.integers(0, len(piece)))
        end = data.draw(st.integers(start, len(piece)))
        new = data.draw(typed)
        rest = piece[:start] + new + piece[end:]
        if rest and not rest.endswith("\n") and number < len(self.pieces) - 1:
            new, end = new + "\n", len(piece)
        self._types(number, start, end, new)

    def types_inside(self, data: st.DataObject) -> None:
        """The user changes a place, of which something stays."""
        number = data.draw(st.integers(0, len(QUOTED) - 1)) * 2 + 1
        last = len(self.pieces[number]) - 1
        start = data.draw(st.integers(0, last - 1))
        if data.draw(st.booleans()):
            self._types(number, start, start, data.draw(st.sampled_from(["u", "u\nu", "ö😀u"])))
        else:
            self._types(number, start, data.draw(st.integers(start + 1, last)), "u")

    def opens_anew(self) -> None:
        """The document is closed and opened; its versions start again."""
        self.document = Document("file:///a.py", "python", 3, self._real())

    def made(self, *, same_document: bool = True) -> str:
        """The text, with line feeds, once the plan is made."""
        edits = self.plan.edits_now(self.document, same_document=same_document)
        result = apply_edits(str(self.document.snapshot.text), edits)
        assert result.replace("\r\n", "\n").replace("\n", self.ending) == result
        return result.replace("\r\n", "\n")

    def wanted(self) -> str:
        """The text as the user has it now, with the places changed and all else as it is."""
        pieces = list(self.pieces)
        pieces[1::2] = WRITTEN
        return "".join(pieces)

    def _types(self, number: int, start: int, end: int, new: str) -> None:
        before = sum(map(len, self.pieces[:number]))
        span = range_at("".join(self.pieces), before + start, before + end, "utf-16")
        first, last = span["start"], span["end"]
        where = (first["line"], first["character"], last["line"], last["character"])
        self.version += 1
        change = ContentChange(where, new.replace("\n", self.ending))
        self.document.apply(self.version, [change], "utf-16")
        piece = self.pieces[number]
        self.pieces[number] = piece[:start] + new + piece[end:]
        assert str(self.document.snapshot.text) == self._real()

    def _real(self) -> str:
        return "".join(self.pieces).replace("\n", self.ending)


betweens = st.tuples(
    lines_between, lines_between.filter(bool), lines_between.filter(bool), lines_between
).map(list)


@given(betweens, endings, st.data())
def test_what_the_user_types_between_the_places_and_the_plan_both_survive(
    between: list[str], ending: str, data: st.DataObject
) -> None:
    waiting = Waiting(between, ending)
    for _ in range(data.draw(st.integers(0, 5))):
        waiting.types_between(data)
    assert waiting.made() == waiting.wanted()


@given(betweens, endings, st.data())
def test_nothing_of_a_plan_is_made_once_one_of_its_places_was_changed(
    between: list[str], ending: str, data: st.DataObject
) -> None:
    waiting = Waiting(between, ending)
    for inside in data.draw(st.permutations([True, *[False] * data.draw(st.integers(0, 3))])):
        waiting.types_inside(data) if inside else waiting.types_between(data)
    with pytest.raises(EditRefused, match="nothing was changed"):
        waiting.made()


@given(betweens, endings, st.data())
def test_a_document_opened_anew_is_changed_only_where_each_place_stands_once(
    between: list[str], ending: str, data: st.DataObject
) -> None:
    waiting = Waiting(between, ending)
    for _ in range(data.draw(st.integers(0, 4))):
        waiting.types_between(data)
    waiting.opens_anew()
    text = f"\n{''.join(waiting.pieces)}\n".replace("\n", "\n\n")  # lines that share no line feed
    if any(text.count("\n" + quoted.replace("\n", "\n\n")[:-1]) > 1 for quoted in QUOTED):
        with pytest.raises(EditRefused, match="now stands in"):
            waiting.made(same_document=False)
    else:
        assert waiting.made(same_document=False) == waiting.wanted()


def anchored(text: str, *blocks: EditBlock) -> tuple[Document, AnchoredPlan]:
    document = Document("file:///a.py", "python", 1, text)
    return document, AnchoredPlan.of(document.snapshot, plan_file(document.snapshot.text, blocks))


def test_places_that_came_into_another_order_are_left_alone() -> None:
    _, plan = anchored("a\nx\nb\n", replace("a", "A"), replace("b", "B"))
    moved = Document("file:///a.py", "python", 1, "b\nx\na\n")
    with pytest.raises(EditRefused, match="moved"):
        plan.edits_now(moved, same_document=False)


def test_places_that_came_to_overlap_are_left_alone() -> None:
    _, plan = anchored("a\nb\nx\nb\nc\n", replace("a\nb", "A\nb"), replace("b\nc", "b\nC"))
    closer = Document("file:///a.py", "python", 1, "a\nb\nc\n")
    with pytest.raises(EditRefused, match="moved"):
        plan.edits_now(closer, same_document=False)


def test_places_that_came_to_touch_are_both_changed() -> None:
    document, plan = anchored("a\nb\nx\nc\nd", replace("a\nb", ""), replace("c\nd", ""))
    document.apply(2, [ContentChange((2, 0, 3, 0), "")], "utf-16")
    assert apply_edits("a\nb\nc\nd", plan.edits_now(document)) == ""
    document.apply(3, [ContentChange((0, 0, 0, 0), "u\n")], "utf-16")
    assert apply_edits("u\na\nb\nc\nd", plan.edits_now(document)) == "u"


def test_what_was_planned_on_an_empty_document_needs_an_empty_document() -> None:
    document, plan = anchored("", whole("a\nb"))
    assert apply_edits("", plan.edits_now(document)) == "a\nb\n"
    document.apply(2, [ContentChange((0, 0, 0, 0), "u")], "utf-16")
    with pytest.raises(EditRefused, match="not empty any more"):
        plan.edits_now(document)
    document.apply(3, [ContentChange((0, 0, 0, 1), "")], "utf-16")
    assert plan.edits_now(document)


def test_a_plan_without_changes_has_no_edits() -> None:
    document, plan = anchored("", replace("a", "b"))
    assert plan.edits_now(document) == []
