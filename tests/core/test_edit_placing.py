"""A block goes to the one place where it fits, or nowhere."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.text import TextSnapshot
from tests.support.edit_plans import edited, refusal, replace

if TYPE_CHECKING:
    from pygpt_lsp.core.edits.plan import Nearest

TWO_CLASSES = """\
class Ä:
    def run(self):
        return 1


class B:
    def run(self):
        return 1
"""


def nearest(text: str, old: str) -> Nearest | None:
    (refused,) = plan_file(TextSnapshot.from_string(text), [replace(old, "new")]).refusals
    return refused.nearest


def test_lines_that_stand_once_give_way_to_the_new_ones() -> None:
    assert edited("a\nö😀\nc\n", replace("ö😀", "x\ny")) == "a\nx\ny\nc\n"
    assert edited("a\nb\nc\n", replace("a\nb\nc", "a\nc")) == "a\nc\n"
    assert edited("a\nb\nc\n", replace("b", "")) == "a\nc\n"


def test_lines_that_stand_twice_are_never_replaced() -> None:
    assert "stand in 2 places" in refusal("a\nb\na\n", replace("a", "x"))
    assert "stand in 2 places" in refusal("a\nb\na\nb\na\n", replace("a\nb\na", "x")), "they may overlap"


def test_more_places_are_not_made_fewer_by_a_looser_or_a_stricter_reading() -> None:
    assert "2 places" in refusal("    a\n    a\na b\n", replace("    a", "x"))
    assert "2 places" in refusal("a  b\na\tb\n", replace("a b", "x")), "both only but for white space"
    assert "2 places" in refusal("  a\n        a\n", replace("    a", "x")), "both only moved"


def test_lines_that_stand_exactly_once_are_meant_whatever_is_like_them() -> None:
    assert edited("a  b\na b\n  a b\n", replace("a b", "x")) == "a  b\nx\n  a b\n"
    assert edited("a \na\n", replace("a", "x")) == "a \nx\n"


def test_lines_as_deep_are_meant_rather_than_lines_that_are_moved() -> None:
    assert edited("a  b\n    a b\n", replace("a b ", "x ")) == "x\n    a b\n"


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("a = 1\nb\n", "a = 1  \nb\t", "a = 2  \nb\t", "a = 2\nb\n"),
        ("a  \nb\n", "a\nb", "a\nc", "a  \nc\n"),
        ("a  =  1\nb\n", "a = 1\nb", "a = 1\nc", "a  =  1\nc\n"),
        ("a\n   \nb\n", "a\n\nb", "a\n\nc", "a\n   \nc\n"),
        ("a\n\fb\n", "a\n\nb", "a\n\nc", None),
        ("a\n\f\nb\n", "a\n\nb", "a\n\nc", "a\n\f\nc\n"),
        ("f:\n\ta\n\t\tb\n", "f:\n    a\n        b", "f:\n    a\n        c", "f:\n\ta\n\t\tc\n"),
        ("f:\n\ta\n\t\tb\n", "f:\n  a\n    b", "f:\n  a\n    c\n      d", "f:\n\ta\n\t\tc\n\t\t\td\n"),
        (
            "f:\n    a\n        b\n",
            "f:\n\ta\n\t\tb",
            "f:\n\ta\n\t\tc\n\t\t\td",
            "f:\n    a\n        c\n            d\n",
        ),
        ("f:\n  a\n    b\n", "\ta\n\t\tb", "\ta\n\t\tc", "f:\n  a\n    c\n"),
        (
            "f:\n    a\n      b\nf:\n    c\n",
            "\tc",
            "\tif c:\n\t\td",
            "f:\n    a\n      b\nf:\n    if c:\n        d\n",
        ),
        ("f:\n\ta\n", "f:", "f:\n    b", "f:\n\tb\n\ta\n"),
        ("x\na\ny\n", "\n\na\n\n", "\nb\n", "x\nb\ny\n"),
        ("x\n\na  \ny\n", "\na", "b", "x\nb\ny\n"),
        ("x\n\na  \ny\n", "\na", "z\n\na", "x\nz\n\na  \ny\n"),
        ("x\na\ny\n", "\na", "b\n", "x\nb\n\ny\n"),
        ("x\na\ny\n", "\na", "\n\nb", "x\n\nb\ny\n"),
    ],
)
def test_white_space_may_differ_and_what_does_not_change_keeps_that_of_the_file(
    text: str, old: str, new: str, after: str | None
) -> None:
    if after is None:
        assert "not in the file" in refusal(text, replace(old, new))
    else:
        assert edited(text, replace(old, new)) == after


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        (
            "    if ö:\n        b\n",
            "if ö:\n    b",
            "if x:\n    b\n    c",
            "    if x:\n        b\n        c\n",
        ),
        ("if x:\n    b\n", "        if x:\n            b", "        if y:\n            b", "if y:\n    b\n"),
        ("\t\ta\n\n\t\t\tb\n", "a\n\n    b", "a\n\n    c", "\t\ta\n\n\t\t\tc\n"),
        ("\ta\n", "a", "if x:\n    a", "\tif x:\n\t\ta\n"),
        ("\ta\n", "a", "if x:\n  a", "\tif x:\n\t\ta\n"),
        ("    a\n    b\n", "a  \nb", "c\nb", "    c\n    b\n"),
    ],
)
def test_lines_may_all_be_moved_by_the_same_columns_and_the_new_ones_move_along(
    text: str, old: str, new: str, after: str
) -> None:
    assert edited(text, replace(old, new)) == after


def test_lines_that_are_moved_by_different_columns_are_not_the_lines() -> None:
    assert "not in the file" in refusal("    if x:\n      b\n", replace("if x:\n    b", "c"))


def test_new_lines_that_would_stand_left_of_the_margin_are_refused() -> None:
    assert "margin" in refusal("a\n", replace("    a", "    b\nc"))


@pytest.mark.parametrize("mark", ["...", "…", "# ...", "    # …", "// ... existing code ...", "/* ... */"])
def test_lines_left_out_stay_between_pieces_that_stand_once_each(mark: str) -> None:
    text = "def f():\n    a\n    b\n    c\n    return 😀\n"
    block = replace(f"def f():\n    a\n{mark}\n    return 😀", f"def f():\n    x\n{mark}\n    return ö")
    assert edited(text, block) == "def f():\n    x\n    b\n    c\n    return ö\n"


def test_pieces_are_moved_together() -> None:
    block = replace("f:\n# ...\n  c", "g:\n# ...\n  d")
    assert edited("    f:\n      b\n      c\n", block) == "    g:\n      b\n      d\n"
    assert "indented alike" in refusal("    f:\n      b\n  c\n", block)


def test_a_piece_that_stands_twice_or_before_the_one_above_it_is_refused() -> None:
    block = replace("a\n# ...\nb", "x\n# ...\ny")
    assert "2 places" in refusal("a\nb\nc\nb\n", block)
    assert "another order" in refusal("b\nc\na\n", block)
    assert "not in the file" in refusal("a\nc\n", block)


def test_what_is_left_out_does_not_lead_into_another_block_of_code() -> None:
    text = "def f():\n    a\n    return x\n\ndef g():\n    b\n    return y\n"
    block = replace("def f():\n    # ...\n    return y", "def f():\n    # ...\n    return z")
    assert "different blocks" in refusal(text, block)
    block = replace("def f():\n    a\n# ...\n    return y", "def f():\n    a\n# ...\n    return z")
    assert edited(text, block) == text.replace("return y", "return z"), "the dots stand for top-level code"
    tabs = text.replace("    ", "\t")
    block = replace("def f():\n    # ...\n    return x", "def f():\n    # ...\n    return z")
    assert edited(tabs, block) == tabs.replace("return x", "return z")


def test_both_sides_leave_out_the_same_parts_or_nothing_is_made() -> None:
    text = "a\nb\nc\nd\n"
    assert "leave out the same parts" in refusal(text, replace("a\n...\nd", "a\nx\nd"))
    assert "leave out the same parts" in refusal(text, replace("a\n...\nd", "a\n...\nx\n...\nd"))
    assert "not clear where" in refusal(text, replace("...\nd", "x\n...\nd"))
    assert "leaves out all" in refusal(text, replace("...\n\n...", "...\n..."))


def test_an_elision_that_stands_in_the_file_is_a_line_like_any() -> None:
    text = "def f():\n    # ...\n    a\n"
    assert edited(text, replace("    # ...\n    a", "    # ...\n    b")) == "def f():\n    # ...\n    b\n"
    assert "not in the file" in refusal("class P:\n    ...\nb\na\n", replace("b\n...\na", "b\n...\nc"))


@pytest.mark.parametrize(
    "new",
    [
        "a\n# ... rest unchanged",
        "a\n// ... existing code ...",
        "a\n# ...",
        "a\n...",
        "a\n# rest of the code ...",
        "a\n# rest of the function unchanged",
        "a\n// (The rest of the code remains the same.)",
        "a\n# [existing code here]",
        "a\n# remaining methods stay the same",
        "a\n<!-- keep the rest as is -->",
        "a\n{/* rest of the component */}",
        "a\n# same as before",
        "a\n# code omitted for brevity",
        "a\n# ... (implementation unchanged)",
        "a\n# ... snip ...",
        "a\npass  # ... existing code ...",
        "function a() { /* ... existing code ... */ }",
    ],
)
def test_new_lines_that_leave_out_code_are_refused(new: str) -> None:
    assert "leave out code" in refusal("a\nb\nc\n", replace("a\nb\nc", new))


@pytest.mark.parametrize(
    "comment",
    [
        "# the rest of the arguments",
        "# skip the rest of the file",
        "# existing users keep their password",
        "# other options",
        "# the same for each row",
        "# unchanged since 2.0",
        "## Unchanged",
        "'unchanged',",
        "x = y  # ... other",
    ],
)
def test_a_comment_that_only_sounds_as_if_code_were_left_out_is_a_comment(comment: str) -> None:
    assert edited("a\nb\nc\n", replace("a\nb\nc", f"a\n{comment}\nc")) == f"a\n{comment}\nc\n"
    text = "a\n# rest of the code unchanged\n"
    assert edited(text, replace("a", "b")) == text.replace("a\n", "b\n", 1), "what the file has is its own"


def test_dots_that_take_the_place_of_nothing_are_code() -> None:
    after = edited(
        "class P:\n    x: int\n", replace("    x: int", "    x: int\n\n    def f(self):\n        ...")
    )
    assert after == "class P:\n    x: int\n\n    def f(self):\n        ...\n"


def test_the_definition_that_a_diff_names_tells_one_place_from_the_other() -> None:
    for heading, number in (("class Ä:", 2), ("class   B:", 7), ("class B", 7)):
        wanted = TWO_CLASSES.splitlines()
        wanted[number] = "        return 2"
        block = replace(
            "    def run(self):\n        return 1", "    def run(self):\n        return 2", heading
        )
        assert edited(TWO_CLASSES, block).splitlines() == wanted
    block = replace("        return 1", "        return 2", "class B:", "def run(self):")
    assert edited(TWO_CLASSES, block).splitlines() == wanted


@pytest.mark.parametrize("heading", ["class C:", "def run(self):", "return 1", "", "clas"])
def test_a_heading_that_does_not_open_one_definition_tells_nothing(heading: str) -> None:
    assert "2 places" in refusal(TWO_CLASSES, replace("        return 1", "        return 2", heading))


def test_a_heading_that_stands_inside_a_definition_opens_none() -> None:
    assert "2 places" in refusal("def f():\n    u\n    a\n\ndef g():\n    a\n", replace("    a", "b", "u"))


def test_a_heading_that_holds_both_places_tells_nothing() -> None:
    text = "def f():\n    a\n    b\n    a\n"
    assert "2 places" in refusal(text, replace("    a", "    x", "def f():"))


def test_a_heading_is_not_asked_where_the_lines_stand_once() -> None:
    assert edited("class A:\n    b\nc\n", replace("c", "d", "class A:")) == "class A:\n    b\nd\n"


def test_a_long_heading_may_be_cut_as_git_cuts_it() -> None:
    head = (
        "    def a_method_with_a_name(self, first_argument: int, second_argument: str, third: bool) -> None:"
    )
    text = f"class A:\n{head}\n        x\n\n    def g(self):\n        x\n"
    block = replace("        x", "        y", head[:75])
    assert edited(text, block) == text.replace("x\n", "y\n", 1)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("import os\nimport re\n", "import os", "import os\nimport re"),
        ("import os\n\nimport re\n", "import re", "import os\nimport re"),
        ("f()\n}\n", "f()", "f()\n\n}"),
    ],
)
def test_a_change_that_adds_what_stands_there_already_is_refused(text: str, old: str, new: str) -> None:
    assert "there already" in refusal(text, replace(old, new))


def test_a_change_whose_new_lines_stand_in_the_file_is_already_made() -> None:
    assert "already made" in refusal("a\nö\nc\n", replace("a\nb\nc", "a\nö\nc"))
    assert "already made" in refusal("a\nc\n", replace("a\nb\nc", "a\nc"))
    assert "not in the file" in refusal("}\n", replace("b\n}", "}")), "one line of both says nothing"


def test_the_nearest_lines_come_with_two_on_either_side() -> None:
    text = "".join(f"def f{number}(ö):\n    return {number}\n\n\n" for number in range(50))
    found = nearest(text, "def f7(ö):\n    return 8 * 7")
    assert found == (26, ("", "", "def f7(ö):", "    return 7", "", ""))
    found = nearest(text, "def f0(ä):\n    return 0, 1")
    assert found == (0, ("def f0(ö):", "    return 0", "", "")), "as far as there are lines"
    found = nearest("a\nx = first(1)\nx = second(2)\nb\n", "y = second(2)")
    assert found == (0, ("a", "x = first(1)", "x = second(2)", "b"))


def test_of_several_places_the_first_is_shown() -> None:
    assert nearest("x\ny\na\nz\na\n", "a") == (0, ("x", "y", "a", "z", "a"))


def test_nothing_is_near_where_nothing_is_alike() -> None:
    assert nearest("a b c\nd e f\n", "😀 = g(h)") is None
    assert nearest("", "a") is None


def test_a_block_that_fits_nowhere_in_a_long_file_is_looked_at_in_few_places() -> None:
    rows = [f"    value_{number % 300} = call(ö, {number % 17})" for number in range(20_000)]
    random.Random(1).shuffle(rows)
    rows[12_345:12_348] = ["def the_one(a):", "    there_is(a)", "    but_one(a)"]
    found = nearest("\n".join(rows), "def the_one(a):\n    there_is(b)\n    but_one(b)\n    value_7 = 1")
    assert found is not None
    assert found.first_line == 12_343


def test_a_change_made_before_does_not_go_to_a_twin_that_differs_in_white_space() -> None:
    block = replace("limit = 1\nrun(ö)", "limit = 2\nrun(ö)")
    text = "limit = 1\nrun(ö)\n\nlimit  =  1\nrun(ö)\n"
    made = edited(text, block)
    assert made == "limit = 2\nrun(ö)\n\nlimit  =  1\nrun(ö)\n"
    assert "already made" in refusal(made, block)
