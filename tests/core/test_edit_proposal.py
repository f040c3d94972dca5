"""Edits that were not made, written as blocks that find their place again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.edits.lines import LineEdit, apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.edits.proposal import blocks_for
from pygpt_lsp.core.positions import Position
from pygpt_lsp.core.text import TextSnapshot

lines = st.sampled_from(["", "x = 1", "    x = 1", "def f():", "    return 'ö'", "}", "😀"])
texts = st.lists(lines, max_size=14).map("\n".join)


def applied(text: str, edit: LineEdit) -> tuple[str, list[str]]:
    """The text with the edit's blocks planned anew and made, and the reasons against it."""
    snapshot = TextSnapshot.from_string(text)
    plan = plan_file(snapshot, blocks_for(snapshot, [edit], "src/ö.py"))
    return apply_edits(text, plan.edits(snapshot)), [refusal.reason for refusal in plan.refusals]


@given(texts, st.lists(lines, min_size=1, max_size=3), st.data())
def test_a_block_is_placed_where_its_edit_was_meant(text: str, new: list[str], data: st.DataObject) -> None:
    snapshot = TextSnapshot.from_string(text)
    first = data.draw(st.integers(0, snapshot.line_count - 1))
    last = data.draw(st.integers(first, snapshot.line_count - 1))
    end = Position(last, len(snapshot.line_content(last)))
    edit = LineEdit(Position(first, 0), end, "\n".join(new))
    wanted = apply_edits(text, [edit])
    got, refusals = applied(text, edit)
    # One that cannot be placed is refused; what is placed is right but for blank lines at the edges.
    assert refusals or got.strip("\n") == wanted.strip("\n")


def test_one_of_two_twins_takes_along_what_tells_it_from_the_other() -> None:
    twin = "def f():\n    return 'ö'\n"
    text = f"{twin}\nx = 1\n{twin}"
    edit = LineEdit(Position(1, 0), Position(1, 14), "    return '😀'")
    got, refusals = applied(text, edit)
    assert (got, refusals) == (text.replace("'ö'", "'😀'", 1), [])
    snapshot = TextSnapshot.from_string(text)
    (block,) = blocks_for(snapshot, [edit], "src/ö.py")
    made = TextSnapshot.from_string(got)
    again = plan_file(made, [block])
    assert again.changes == ()
    assert len(again.refusals) == 1, "the other twin is never taken for it"


def test_a_place_that_reaches_over_another_change_takes_it_along() -> None:
    text = "\n\n\n\n\n\ndef f():\nx = 1"
    edit = LineEdit(Position(0, 0), Position(6, 8), "x = 1\n")
    got, refusals = applied(text, edit)
    assert (got, refusals) == ("x = 1\n\nx = 1", [])


def test_a_text_without_words_is_written_as_a_whole() -> None:
    start = Position(0, 0)
    (block,) = blocks_for(TextSnapshot.from_string("\n\n"), [LineEdit(start, start, "a = 1\n")], "a.py")
    assert (block.kind, block.new_lines[0]) == ("whole", "a = 1")
