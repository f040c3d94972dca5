"""Edits of the lines that change, and of no others."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.edits.lines import LineEdit, apply_edits
from pygpt_lsp.core.edits.region import plan_insertion, plan_region_edit
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.text import Position

words = st.sampled_from(["a", "b", "ö😀", "}", "  x", "\tx", "", "  ", "\f", "\u2028c"])
lines = st.tuples(words, st.sampled_from(["\n", "\r\n", "\r", "\n"])).map("".join)
# Pieces that would join into one `\r\n` are no lines of their own.
blocks = st.lists(lines, max_size=8).map("".join).filter(lambda text: "\r" not in text.replace("\r\n", ""))
codes = st.lists(words, min_size=1, max_size=8).map("\n".join).filter(lambda code: bool(code.strip()))


def contents(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text)


def blank(line: str) -> bool:
    return not line.strip()


@given(blocks, blocks, codes, blocks, st.booleans(), st.sampled_from(["\n", "\r\n"]))
@example("", "x\n", "y", "", True, "\n")
@example("a\r\n", "x", "x\ny", "", False, "\r\n")
@example("", "x\ny", "x", "", False, "\n")
@example("", "\n\nx\n", "x\n\ny", "", True, "\n")
def test_the_edits_give_exactly_the_intended_text(
    before: str, region: str, code: str, after: str, final_newline: bool, eol: str
) -> None:
    if not final_newline and not after:
        region = re.sub(r"(\r\n|\n|\r)\Z", "", region)
    first_line = len(contents(before)) - 1
    edits = plan_region_edit(region, code, first_line=first_line, eol=eol, reindent=False)

    old = contents(region)
    ended = len(old) > 1 and not old[-1]
    if ended:
        old.pop()
    new = contents(code)
    while blank(new[0]):
        new.pop(0)
    while blank(new[-1]):
        new.pop()
    if not all(blank(line) for line in old):
        head = next(number for number, line in enumerate(old) if not blank(line))
        tail = next(number for number, line in enumerate(reversed(old)) if not blank(line))
        new = [*old[:head], *new, *old[len(old) - tail :]]

    result = apply_edits(before + region + after, edits)
    assert result.startswith(before)
    assert result.endswith(after)
    middle = result[len(before) : len(result) - len(after)]
    assert contents(middle) == [*new, ""] if ended else new
    endings = set(re.findall(r"\r\n|\n|\r", middle))
    assert endings <= {eol, *re.findall(r"\r\n|\n|\r", region)}


@given(blocks, codes)
def test_the_edits_are_in_order_apart_and_within_the_region(region: str, code: str) -> None:
    edits = plan_region_edit(region, code, first_line=3, eol="\n")
    last = len(contents(region)) - 1 - (len(contents(region)) > 1 and not contents(region)[-1])
    place = Position(3, 0)
    for number, edit in enumerate(edits):
        assert edit.start <= edit.end
        assert edit.start > place or (number == 0 and edit.start == place)
        place = edit.end
        assert edit.text or edit.start < edit.end
    assert place <= Position(3 + last, len(contents(region)[last]))


@given(blocks.filter(lambda text: bool(text.strip())))
def test_code_that_changes_nothing_makes_no_edit(region: str) -> None:
    assert plan_region_edit(region, region, first_line=0, eol="\n") == []


@pytest.mark.parametrize(
    ("region", "code", "edits"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", [((1, 0), (1, 1), "B")]),
        ("a\nb\nc\n", "a\nc\n", [((1, 0), (2, 0), "")]),
        ("a\nb\nc\n", "b\nc\n", [((0, 0), (1, 0), "")]),
        ("a\nb\nc\n", "a\nb\n", [((1, 1), (2, 1), "")]),
        ("a\nb", "a", [((0, 1), (1, 1), "")]),
        ("a\nc\n", "a\nb\nc\n", [((1, 0), (1, 0), "b\r\n")]),
        ("a\n", "a\nb\n", [((0, 1), (0, 1), "\r\nb")]),
        ("a", "a\nb\n", [((0, 1), (0, 1), "\r\nb")]),
        ("", "a\nb\n", [((0, 0), (0, 0), "a\r\nb")]),
        ("\n", "a\n", [((0, 0), (0, 0), "a")]),
        ("ö😀\n", "x\n", [((0, 0), (0, 2), "x")]),
        ("\n\na\n\n", "b\n", [((2, 0), (2, 1), "b")]),
        ("a\nb\n", "\n\na\nB\n\n\n", [((1, 0), (1, 1), "B")]),
        ("  a\n  b\n", "a\nB\n", [((1, 0), (1, 3), "  B")]),
        ("a\r\nb\r\nc\r\n", "a\nB\nC\n", [((1, 0), (2, 1), "B\r\nC")]),
        ("a\n\nb\n", "a\nx\n", [((1, 0), (2, 1), "x")]),
    ],
)
def test_an_edit_is_as_small_as_whole_lines_allow(
    region: str, code: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]]
) -> None:
    wanted = [LineEdit(Position(*start), Position(*end), text) for start, end, text in edits]
    assert plan_region_edit(region, code, first_line=0, eol="\r\n") == wanted


@pytest.mark.parametrize("code", ["", "\n", " \n\t\n", "\r\n"])
def test_an_answer_without_code_never_erases(code: str) -> None:
    for region in ("x\n", "", "\n\n"):
        with pytest.raises(EditRefused, match="no code"):
            plan_region_edit(region, code, first_line=0, eol="\n")
    with pytest.raises(EditRefused, match="no code"):
        plan_insertion([], "", code, line=0, eol="\n")


@pytest.mark.parametrize(
    "line",
    [
        "# ... existing code ...",
        "    // ... rest of the function unchanged",
        "/* ... other methods ... */",
        "<!-- ... existing markup ... -->",
        "-- … remaining columns",
        "{/* ... rest of the component ... */}",
        "... (rest of the code) ...",
        "# [... same as before ...]",
        "//... the rest remains the same ...",
        "# the rest of the function remains unchanged",
        "def f(): # ... existing code ...",
    ],
)
def test_an_answer_that_leaves_code_out_is_refused(line: str) -> None:
    with pytest.raises(EditRefused, match="leaves out"):
        plan_region_edit("a\nb\nc\n", f"a\n{line}\n", first_line=0, eol="\n")
    assert plan_region_edit(f"a\n{line}\n", f"b\n{line}\n", first_line=0, eol="\n")


@pytest.mark.parametrize(
    "line",
    [
        "    ...",
        "# ...",
        "x = [...rest]",
        "...existing,",
        "# rest of it",
        "raise X  # ... other",
        "...the rest is history.",
    ],
)
def test_dots_that_leave_nothing_out_are_code(line: str) -> None:
    assert plan_region_edit("a\n", f"a\n{line}\n", first_line=0, eol="\n", reindent=False)


def test_indentation_is_taken_as_it_is_where_the_request_is_about_it() -> None:
    edits = plan_region_edit("        x = 1\n", "    x = 1\n", first_line=7, eol="\n", reindent=False)
    assert edits == [LineEdit(Position(7, 0), Position(7, 13), "    x = 1")]
    assert plan_region_edit("        x = 1\n", "    x = 1\n", first_line=7, eol="\n") == []


def test_tabs_of_the_file_are_kept() -> None:
    edits = plan_region_edit(
        "f()\n", "if x {\n    f()\n}\n", first_line=0, eol="\n", above=["g {", "\th", "}"]
    )
    assert apply_edits("f()\n", edits) == "if x {\n\tf()\n}\n"


@pytest.mark.parametrize(
    ("document", "line", "code", "after"),
    [
        ("", 0, "x\n", "x"),
        ("a\n", 1, "x\ny\n", "a\nx\ny"),
        ("def f():\n    \nb\n", 1, "return 1\n", "def f():\n    return 1\nb\n"),
        ("def f():\n    \nb\n", 1, "    return 1\n", "def f():\n    return 1\nb\n"),
        ("def f():\n\nb\n", 1, "return 1\n", "def f():\n    return 1\nb\n"),
        ("def f():\n\nb\n", 1, "    if x:\n        y\n", "def f():\n    if x:\n        y\nb\n"),
        ("  def f():\n    a\n\nb\n", 2, "def g():\n  pass\n", "  def f():\n    a\ndef g():\n  pass\nb\n"),
        ("def f():\n\nb\n", 1, "  return 1\n", "def f():\n  return 1\nb\n"),
        ("  a\n      \nb\n", 1, "x\n  y\n", "  a\n      x\n        y\nb\n"),
        ("func f() {\n\n\ta\n}\n", 1, "if x {\n    y\n}\n", "func f() {\n\tif x {\n\t\ty\n\t}\n\ta\n}\n"),
        ("def f():\nb\n", 0, "return 1\n", "def f():\n    return 1\nb\n"),
        ("    # add them\n", 0, "c = a + b\n", "    # add them\n    c = a + b\n"),
        ("    # add them", 0, "    c = a + b\n", "    # add them\n    c = a + b"),
        ("\t# ö😀", 0, "if x:\n    y\n", "\t# ö😀\n\tif x:\n\t\ty"),
        ("a\r\n\r\nb\r\n", 1, "x\r\ny\r\n", "a\nx\ny\nb\n"),
    ],
)
def test_code_comes_in_at_the_cursor_with_the_indentation_of_the_place(
    document: str, line: int, code: str, after: str
) -> None:
    eol = "\r\n" if "\r" in document else "\n"
    texts = contents(document)
    edits = plan_insertion(texts[:line], texts[line], code, line=line, eol=eol, around=texts[line:])
    assert apply_edits(document, edits) == after.replace("\n", eol)


@given(blocks, codes, st.integers(0, 8))
def test_an_insertion_leaves_every_other_line_alone(document: str, code: str, line: int) -> None:
    texts = contents(document)
    line = min(line, len(texts) - 1)
    (edit,) = plan_insertion(texts[:line], texts[line], code, line=line, eol="\n")
    after = contents(apply_edits(document, [edit]))
    added = len(contents(edit.text)) - 1
    assert after[:line] == texts[:line]
    assert after[line + added + 1 :] == texts[line + 1 :]
    assert blank(texts[line]) or after[line] == texts[line]
    assert [text.strip() for text in contents(code) if not blank(text)] == [
        text.strip() for text in after[line + (not blank(texts[line])) : line + added + 1] if not blank(text)
    ]


FOUND_ABOVE = ["import os", "", "@cache", "def f():"]
FOUND_BELOW = ["    return ö", "", "}"]


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("def f():\n    a\n    c", "    a\n    c"),
        ("@cache\ndef f():\n    a\n    c", "    a\n    c"),
        ("@cache\n\ndef f():\n\n    a\n    c", "    a\n    c"),
        ("    a\n    c\n    b\n    return ö", "    a\n    c\n    b"),
        ("def f():\n    a\n    b\n    return ö\n}", "    a\n    b"),
        ("def f():\n    a\n    c\n    b\n    return ö", "    a\n    c\n    b"),
    ],
)
def test_lines_beside_a_region_that_the_answer_repeats_are_left_out(code: str, after: str) -> None:
    region = "    a\n    b\n"
    edits = plan_region_edit(region, code, first_line=0, eol="\n", above=FOUND_ABOVE, below=FOUND_BELOW)
    assert apply_edits(region, edits) == f"{after}\n"


@pytest.mark.parametrize(
    "code",
    [
        "    c\n    d",  # nothing repeated
        "def f():\n    c",  # the region's first line was changed: the line may be meant
        "def g():\n    a\n    b",  # not a line above
        "import os\n    a\n    b",  # not directly above
        "    a\n    def f():\n    a",  # begins as the region does
        "    c\n    return ö",
        "    b\n    }",
    ],
)
def test_lines_that_may_be_meant_are_written_even_where_they_stand_beside_the_region(code: str) -> None:
    region = "    a\n    b\n"
    edits = plan_region_edit(
        region, code, first_line=0, eol="\n", above=FOUND_ABOVE, below=FOUND_BELOW, reindent=False
    )
    assert apply_edits(region, edits) == f"{code}\n"


def test_a_repetition_that_can_be_read_in_two_ways_is_written() -> None:
    edits = plan_region_edit("a\n", "x\na\nx\na", first_line=0, eol="\n", above=["x", "a", "x"])
    assert apply_edits("a\n", edits) == "x\na\nx\na\n"
    edits = plan_region_edit("a\n", "a\na", first_line=0, eol="\n", above=["a"])
    assert apply_edits("a\n", edits) == "a\na\n"
