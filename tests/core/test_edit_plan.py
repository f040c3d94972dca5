"""The blocks for one file become changes of the lines that change, and of no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.lines import BOM, LineEdit, apply_edits
from pygpt_lsp.core.edits.plan import Change, plan_file
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.core.text import TextSnapshot
from tests.support.edit_plans import edited, planned, refusal, replace, whole

if TYPE_CHECKING:
    from random import Random

words = st.sampled_from(["a", "b", "ö😀", "}", "  x", "\tx", "", "\f", "\u2028c"])
texts = st.lists(words, max_size=12)
endings = st.sampled_from(["\n", "\r\n", "\r"])


def edits_of(text: str, *blocks: EditBlock) -> list[LineEdit]:
    snapshot = TextSnapshot.from_string(text)
    return plan_file(snapshot, blocks).edits(snapshot)


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("mark", ["", BOM])
@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("a", "A\nö", "A\nö\nb\n\nc"),
        ("a", "", "b\n\nc"),
        ("c", "x\ny", "a\nb\n\nx\ny"),
        ("c", "c\ny", "a\nb\n\nc\ny"),
        ("b\n\nc", "b", "a\nb"),
        ("b\n\nc", "", "a"),
        ("a\nb\n\nc", "😀", "😀"),
        (BOM + "a", BOM + "x", "x\nb\n\nc"),
    ],
)
def test_line_endings_the_final_one_and_a_byte_order_mark_stay_as_they_are(
    old: str, new: str, after: str, eol: str, final: bool, mark: str
) -> None:
    end = "\n" if final else ""
    text = (mark + "a\nb\n\nc" + end).replace("\n", eol)
    wanted = (mark + after + end).replace("\n", eol)
    assert edited(text, replace(old, new)) == wanted
    if not old.startswith(BOM):
        assert edited(text, whole(after)) == wanted


@pytest.mark.parametrize(
    ("block", "edits"),
    [
        (replace("a\nb\nc", "a\nB\nc"), [((1, 0), (1, 1), "B")]),
        (replace("a\nb\nc", "a\nc"), [((1, 0), (2, 0), "")]),
        (replace("a\nb", "a\nx\nb"), [((1, 0), (1, 0), "x\r\n")]),
        (replace("c\nd", "c"), [((2, 1), (3, 1), "")]),
        (replace("d", "d\nx"), [((3, 1), (3, 1), "\r\nx")]),
        (replace("a\nb\nc\nd", ""), [((0, 0), (3, 1), "")]),
        (replace("a\nb\nc\nd", "A\nb\nc\nD"), [((0, 0), (0, 1), "A"), ((3, 0), (3, 1), "D")]),
        (whole("\na\nb\nC\nd\n\n"), [((2, 0), (2, 1), "C")]),
        (whole("a\nb\nc\nd"), []),
        (replace("a", "a"), []),
    ],
)
def test_an_edit_touches_no_line_that_stays(
    block: EditBlock, edits: list[tuple[tuple[int, int], tuple[int, int], str]]
) -> None:
    wanted = [LineEdit(Position(*start), Position(*end), text) for start, end, text in edits]
    assert edits_of("a\r\nb\r\nc\r\nd", block) == wanted


def test_a_change_covers_the_lines_that_its_block_quotes() -> None:
    plan = plan_file(TextSnapshot.from_string("x\na\nb\ny\n"), [replace("a\nb", "a\nc")])
    assert plan.changes == (Change(1, 3, ("a", "c")),)
    assert plan.refusals == ()


def test_blocks_are_placed_in_the_text_as_it_was_in_any_order() -> None:
    text = "a\nb\nc\nd\n"
    for blocks in ([replace("b", "a"), replace("a", "x")], [replace("d", "a\na"), replace("a", "x")]):
        for order in (blocks, blocks[::-1]):
            result = planned(text, *order)
            assert not result.refused
            assert result.text in {"x\na\nc\nd\n", "x\nb\nc\na\na\n"}


def test_blocks_may_share_lines_that_neither_changes() -> None:
    assert edited("a\nb\nc\n", replace("a\nb", "A\nb"), replace("b\nc", "b\nC")) == "A\nb\nC\n"
    assert edited("a\nb\n", replace("a", "a\nx"), replace("b", "y\nb")) == "a\nx\ny\nb\n"


def test_a_block_that_touches_what_an_earlier_one_changed_is_refused() -> None:
    first = replace("a\nb", "a\nx")
    assert "earlier change" in refusal("a\nb\nc\n", first, replace("b\nc", "y\nc"))
    assert "earlier change" in refusal("a\nb\nc\n", replace("b", ""), replace("a\nb\nc", "a\nb\nd"))
    assert "earlier change" in refusal("a\nb\n", replace("a\nb", "a\nx\nb"), replace("a\nb", "a\ny\nb"))
    assert "earlier change" in refusal("a\nb\nc\n", first, whole("a\nb\nd"))


def test_what_two_blocks_hang_on_one_line_has_no_order_and_is_refused() -> None:
    assert "earlier change" in refusal("a\nb\n", replace("a", "a\nx"), replace("a", "a\ny"))


def test_a_block_that_quotes_what_an_earlier_one_wrote_goes_there() -> None:
    assert edited("a\nb\n", replace("a", "x\ny"), replace("y\nb", "y\nz")) == "x\ny\nz\n"
    assert edited("a\nb\n", replace("a", "x"), replace("x", "y"), replace("y", "z")) == "z\nb\n"
    assert edited("a\nb\n", replace("a", "a\nx"), replace("x", "y")) == "a\ny\nb\n"
    assert edited("", whole("a\nb"), replace("b", "c")) == "a\nc\n"
    indented = [replace("f()", "if ö:\n    f()"), replace("if ö:\n    f()", "if ö:\n    g()")]
    assert edited("x\nf()\n", *indented) == "x\nif ö:\n    g()\n"


def test_a_block_that_fits_what_was_written_no_better_than_the_original_stays_there() -> None:
    moved = [replace("a b", "x"), replace("c", "c\na  b")]
    assert "earlier change" in refusal("a b\nc\n", *moved, replace("a b ", "z"))


def test_a_block_that_fits_what_was_written_twice_is_refused() -> None:
    blocks = [replace("a", "x"), replace("b", "x")]
    assert "2 places" in refusal("a\nb\n", *blocks, replace("x", "y"))


def test_a_block_with_two_places_is_not_settled_by_an_earlier_block_at_one_of_them() -> None:
    assert "2 places" in refusal("c\na\nb\na\n", replace("c\na", "c\nx"), replace("a", "x"))
    turned = replace("h\na\nb", "h\nb\na")
    assert "2 places" in refusal("h\na\nb\ni\na\nb\n", turned, replace("a\nb", "x"))


def test_a_repetition_of_a_block_is_ignored() -> None:
    assert edited("a\nb\n", replace("a", "a\nx"), replace("a", "a\nx")) == "a\nx\nb\n"
    result = planned("a\na\n", replace("a", "x"), replace("a", "x"))
    assert list(result.refused) == [0]


def test_one_block_that_does_not_fit_leaves_the_others_alone() -> None:
    result = planned("a\nb\nc\n", replace("a", "A"), replace("q", "Q"), replace("c", "C"))
    assert result.text == "A\nb\nC\n"
    assert list(result.refused) == [1]


def test_a_block_in_pieces_is_made_as_a_whole_or_not_at_all() -> None:
    pieces = replace("a\n# ...\nd", "A\n# ...\nD")
    assert planned("a\nb\nc\nd\n", replace("d", "x"), pieces).text == "a\nb\nc\nx\n"
    assert edited("a\nb\nc\nd\n", pieces, replace("b", "B")) == "A\nB\nc\nD\n"


def test_a_block_with_a_problem_is_refused_with_its_sentence() -> None:
    sentence = "The answer was cut in this block."
    block = replace("a", "b")._replace(problem=sentence)
    assert refusal("a\n", block) == sentence


@pytest.mark.parametrize("old", ["", "\n", "  \n\t"])
def test_a_block_without_old_lines_says_only_for_an_empty_file_where_it_goes(old: str) -> None:
    assert "does not say where" in refusal("a\n", replace(old, "b"))
    assert edited("", replace(old, "b\nö")) == "b\nö\n"
    assert edited("\r\n", replace(old, "b\nö")) == "b\r\nö\r\n"


def test_lines_that_are_looked_for_in_an_empty_file_are_not_there() -> None:
    assert "not in the file" in refusal("", replace("a", "b"))


def test_deletes_and_renames_are_not_looked_at() -> None:
    assert edited("a\n", EditBlock("delete", "a.py"), EditBlock("rename", "a.py", new_path="b.py")) == "a\n"


@pytest.mark.parametrize(
    ("text", "new", "after"),
    [
        ("", "a\n\nb\n", "a\n\nb\n"),
        (BOM, "a", f"{BOM}a\n"),
        ("\n", "a\nb", "a\nb\n"),
        ("  ", "a\nb", "a\nb"),
        ("\n\na\n\n", "a\nb\n", "\n\na\nb\n\n"),
        ("f:\n\ta\n\t\tb\n", "f:\n    a\n        b\n        c", "f:\n\ta\n\t\tb\n\t\tc\n"),
        ("f:\n\ta\n\t\tb\n", "f:\n    a\n        b", "f:\n    a\n        b\n"),
        ("f:\n    ...\n", "f:\n    ...\n\ng:\n    ...", "f:\n    ...\n\ng:\n    ...\n"),
        ("", "class P:\n    ...", "class P:\n    ...\n"),
    ],
)
def test_a_whole_file_comes_in_place_of_what_was_there(text: str, new: str, after: str) -> None:
    assert edited(text, whole(new)) == after


@pytest.mark.parametrize("new", ["", "\n", " \n\t"])
def test_a_whole_file_without_text_never_erases(new: str) -> None:
    assert "empty" in refusal("a\n", whole(new))
    assert edited("", whole(new)) == "", "a file may be made empty"


def test_a_file_that_is_made_anew_does_not_take_the_place_of_one_with_text() -> None:
    block = whole("a\nb")._replace(is_new=True)
    assert edited("", block) == "a\nb\n"
    assert edited("\n", block) == "a\nb\n"
    assert "there already" in refusal("c\n", block)


@pytest.mark.parametrize(
    "new",
    [
        "a\n# ... rest unchanged",
        "a\n// ...",
        "a\n...",
        "a\n# existing code ...",
        "a\n# rest of the file unchanged",
    ],
)
def test_a_whole_file_that_leaves_out_code_is_refused(new: str) -> None:
    assert "leaves out code" in refusal("a\nb\nc\n", whole(new))


def test_a_whole_file_changes_only_the_lines_that_differ() -> None:
    plan = plan_file(TextSnapshot.from_string("a\nb\nc\nd\n\ne\n"), [whole("a\nx\nb\nc\nd\n\ny\ne")])
    assert plan.changes == (Change(0, 1, ("a", "x")), Change(5, 6, ("y", "e")))


def real(content: list[str], eol: str, final: bool, mark: bool) -> str:
    return (BOM if mark else "") + eol.join(content) + (eol if final and content else "")


@given(texts, texts, endings, st.booleans(), st.booleans())
@example(["a"], ["b"], "\r\n", False, True)
@example(["", ""], ["a"], "\n", False, False)
def test_a_whole_text_becomes_the_intended_one(
    old: list[str], new: list[str], eol: str, final: bool, mark: bool
) -> None:
    assume(any(line.strip() for line in new))
    filled = [index for index, line in enumerate(new) if line.strip()]
    new = new[filled[0] : filled[-1] + 1]
    # What a text ends with is told from a blank last line by its ending alone.
    assume(not old or final or old[-1])
    assume(len({line[:1] for line in [*old, *new]} & {" ", "\t"}) < 2)
    edges = [index for index, line in enumerate(old) if line.strip()]
    wanted = [*old[: edges[0]], *new, *old[edges[-1] + 1 :]] if edges else new
    text = real(old, eol, final, mark)
    if "\n" not in text and "\r" not in text:
        eol = "\n"
    after = edited(text, EditBlock("whole", "a.py", new_lines=tuple(new)))
    assert after == real(wanted, eol, final if old else True, mark)


@st.composite
def spans(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, int, list[str]]]]:
    """A text without two equal lines, and some spans of it that give way to other lines."""
    old = [f"{draw(words)}:{number}" for number in range(draw(st.integers(1, 12)))]
    changes: list[tuple[int, int, list[str]]] = []
    start = 0
    while start < len(old):
        first = draw(st.integers(start, len(old)))
        end = draw(st.integers(first, min(first + 4, len(old))))
        if first < end:
            new = draw(st.lists(st.sampled_from(["new", "ö  x", "", *old[first:end]]), max_size=4))
            changes.append((first, end, new))
        start = end + draw(st.integers(0, 2)) if first < end else len(old)
    return old, changes


@given(spans(), endings, st.booleans(), st.booleans(), st.randoms())
def test_an_edit_planned_on_a_text_and_applied_equals_the_intended_text(
    drawn: tuple[list[str], list[tuple[int, int, list[str]]]],
    eol: str,
    final: bool,
    mark: bool,
    random: Random,
) -> None:
    old, changes = drawn
    wanted = list(old)
    for first, end, new in reversed(changes):
        wanted[first:end] = new
    blocks = [EditBlock("replace", "a.py", tuple(old[a:b]), tuple(new)) for a, b, new in changes]
    random.shuffle(blocks)
    text = real(old, eol, final, mark)
    if "\n" not in text and "\r" not in text:
        eol = "\n"
    snapshot = TextSnapshot.from_string(text)
    plan = plan_file(snapshot, blocks)
    # Blocks that add what stands beside them are refused.
    assume(not plan.refusals)
    edits = plan.edits(snapshot)
    assert apply_edits(text, edits) == real(wanted, eol, final, mark)
    for edit in edits:
        before, after = snapshot.slice(Range(edit.start, edit.end)).split(eol), edit.text.split(eol)
        if edit.start < edit.end and edit.text:
            assert before[0] != after[0]
            assert before[-1] != after[-1]
    # An edit that begins behind a line, whose text is longer than one character, leaves it alone.
    reached = {
        line
        for edit in edits
        for line in range(
            edit.start.line + (edit.start.character > 1), edit.end.line + (edit.end.character > 1)
        )
    }
    assert reached <= {line for first, end, _ in changes for line in range(first, end)}


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("a:\n    x\nb:\n        x\n", "    x", "    y"),
        ("a:\n    x\nb:\n        x\nc:\n    y\n", "    x", "    y"),
        ("a = 1\nb\na  =  1\n", "a = 1\nb", "b"),
        ("a:\n    x\n    u\nb:\n    x\n        x\n    v\n", "    x\n    u", "    u"),
        (
            "    p\n    q\n    r\n        p\n        q\n        r\n",
            "    p\n    ...\n    r",
            "    P\n    ...\n    R",
        ),
    ],
)
def test_a_block_that_was_made_is_made_again_only_where_it_fits_as_strictly(
    text: str, old: str, new: str
) -> None:
    block = replace(old, new)
    first = plan_file(TextSnapshot.from_string(text), [block])
    assert not first.refusals
    made = TextSnapshot.from_string(apply_edits(text, first.edits(TextSnapshot.from_string(text))))
    again = plan_file(made, [block], before=first.fits)
    assert not again.changes
    assert [refusal.again for refusal in again.refusals] == [True]
    undone = plan_file(TextSnapshot.from_string(text), [block], before=first.fits)
    assert undone.changes == first.changes


def test_a_block_that_was_made_and_now_has_two_places_is_refused_for_these() -> None:
    text = TextSnapshot.from_string("a\nb\na\n")
    (refused,) = plan_file(text, [replace("a", "c")], before={0: (1, 1)}).refusals
    assert "2 places" in refused.reason
    assert not refused.again
