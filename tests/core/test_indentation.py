"""Code from an answer gets the indentation of the place it goes to."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.indentation import fit_indentation, indent_width, match_style, shift_to

CASES = {
    "kept": ("    a\n    b", "    a2\n    b", "    a2\n    b"),
    "moved to the margin": ("    a\n        b", "a2\n    b", "    a2\n        b"),
    "moved by one level of two": (
        "        a\n            b",
        "    a2\n        b",
        "        a2\n            b",
    ),
    "moved to the right": ("a\n    b", "  a2\n      b", "a2\n    b"),
    "first line lost its indentation": (
        "    def f():\n        b",
        "def g():\n        b",
        "    def g():\n        b",
    ),
    "first of equally deep lines lost it": ("    a\n    b", "a2\n    b", "    a2\n    b"),
    "first line of a call lost it": ("    f(a,\n        b)", "f(\n        b)", "    f(\n        b)"),
    "wrapped": ("    a\n    b", "    if x:\n        a\n        b", "    if x:\n        a\n        b"),
    "wrapped and moved to the margin": (
        "    a\n    b",
        "if x:\n    a\n    b",
        "    if x:\n        a\n        b",
    ),
    "wrapped at the margin": ("a\nb", "if x:\n    a\n    b", "if x:\n    a\n    b"),
    "first line removed": ("if x:\n    a\n    b", "    a\n    b", "    a\n    b"),
    "deep first line removed": ("        a\n    return", "    return", "    return"),
    "shallow last line removed": ("        a\n    return", "        a", "        a"),
    "a shallower line added": (
        "        a",
        "        a\n    except E:\n        b",
        "        a\n    except E:\n        b",
    ),
    "blank lines stay empty": ("    a\n\n    b", "a\n\nb2", "    a\n\n    b2"),
    "tabs moved to the margin": ("\ta\n\t\tb", "a2\n\tb", "\ta2\n\t\tb"),
    "spaces for tabs": ("\ta\n\t\tb", "    a2\n        b", "\ta2\n\t\tb"),
    "two spaces for tabs": ("\ta\n\t\tb", "  a2\n    b", "\ta2\n\t\tb"),
    "spaces for tabs at the margin": ("\ta\n\t\tb", "a2\n    b", "\ta2\n\t\tb"),
    "tabs for spaces": ("  a\n    b", "\ta2\n\t\tb", "  a2\n    b"),
    "aligned comment keeps its space": (
        "\ta\n\tb",
        "    /**\n     * c\n     */\n    a",
        "\t/**\n\t * c\n\t */\n\ta",
    ),
    "mixed file is left alone": ("\ta\n        b", "    a2\n        b", "    a2\n        b"),
    "a single line": ("    a", "b", "    b"),
    "several lines for one": ("    a", "if x:\n    b", "    if x:\n        b"),
    "left past the margin": ("a", "    b\n  c", "    b\n  c"),
}


@pytest.mark.parametrize("case", CASES)
def test_code_is_indented_as_what_it_replaces(case: str) -> None:
    old, new, fitted = (text.split("\n") for text in CASES[case])
    assert fit_indentation(old, new) == fitted


def test_the_rest_of_the_file_tells_tabs_from_spaces_where_the_region_does_not() -> None:
    assert fit_indentation(["f()"], ["if x {", "    f()", "}"], ["func g() {", "\th()", "}"]) == [
        "if x {",
        "\tf()",
        "}",
    ]
    assert fit_indentation(["f()"], ["if x {", "\tf()", "}"], ["g {", "  h()", "}"]) == [
        "if x {",
        "  f()",
        "}",
    ]


@pytest.mark.parametrize(
    ("lines", "width"),
    [
        ([""], 4),
        (["a"], 4),
        (["  a"], 2),
        (["        a"], 4),
        (["a", "        b"], 8),
        (["   a", "      b"], 3),
        (["a", "        b", "    c"], 4),
        (["a", "  b", "      c", "   aligned"], 2),
        (["a", "    b", "        c", "     * d", "e", "    f"], 4),
    ],
)
def test_one_level_of_indentation_is_found(lines: list[str], width: int) -> None:
    assert indent_width(lines) == width


# Each line is deeper than the one before by at most one level, and all say something different.
shapes = st.lists(st.integers(-2, 1), min_size=1, max_size=10).map(
    lambda steps: [level - min(accumulate(steps)) for level in accumulate(steps)]
)


@given(shapes, st.sampled_from(["  ", "    ", "\t"]), st.integers(1, 3))
def test_a_block_moved_to_the_margin_comes_back_as_it_was(levels: list[int], step: str, base: int) -> None:
    margin = [step * level + f"line {number}" for number, level in enumerate(levels)]
    old = [step * base + line for line in margin]
    assert fit_indentation(old, margin) == old


@given(shapes, st.sampled_from(["  ", "    ", "\t"]), st.integers(1, 3))
def test_a_first_line_that_lost_its_indentation_gets_it_back(levels: list[int], step: str, base: int) -> None:
    old = [step * (base + level) + f"line {number}" for number, level in enumerate(levels)]
    assert fit_indentation(old, [old[0].strip(), *old[1:]]) == old


@given(shapes, st.sampled_from([2, 4]))
def test_a_block_written_with_the_other_character_comes_back_as_it_was(levels: list[int], width: int) -> None:
    levels = [0, 1, *(level + 1 for level in levels)]
    tabs = ["\t" * level + f"line {number}" for number, level in enumerate(levels)]
    spaces = [line.replace("\t", " " * width) for line in tabs]
    assert match_style(spaces, tabs) == tabs
    assert match_style(tabs, spaces) == spaces


@given(st.lists(st.text(" \tab", max_size=6), max_size=8), st.text(" \t", max_size=4))
def test_moving_changes_nothing_but_the_start_of_lines(lines: list[str], indent: str) -> None:
    moved = shift_to(lines, indent)
    assert [line.lstrip(" \t") for line in moved] == [line.lstrip(" \t") for line in lines]
