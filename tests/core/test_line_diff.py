"""The hunks between two texts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.line_diff import Hunk, changed_hunks

line_lists = st.lists(st.sampled_from(["a", "b", "c", "d", "", "}"]), max_size=30)


@given(line_lists, line_lists)
def test_the_hunks_turn_one_text_into_the_other_with_equal_lines_between(
    old: list[str], new: list[str]
) -> None:
    result: list[str] = []
    i = j = 0
    for hunk in changed_hunks(old, new):
        assert hunk.old_start < hunk.old_end or hunk.new_start < hunk.new_end
        assert not result or hunk.old_start > i
        assert old[i : hunk.old_start] == new[j : hunk.new_start]
        result += [*old[i : hunk.old_start], *new[hunk.new_start : hunk.new_end]]
        i, j = hunk.old_end, hunk.new_end
    assert result + old[i:] == new


@pytest.mark.parametrize(
    ("old", "new", "hunks"),
    [
        ("abc", "abc", []),
        ("", "", []),
        ("abc", "axc", [Hunk(1, 2, 1, 2)]),
        ("abc", "abxc", [Hunk(2, 2, 2, 3)]),
        ("abc", "ac", [Hunk(1, 2, 1, 1)]),
        ("", "ab", [Hunk(0, 0, 0, 2)]),
        ("ab", "", [Hunk(0, 2, 0, 0)]),
        ("{x}{y}{z}", "{x}{z}", [Hunk(4, 7, 4, 4)]),
        ("abcdef", "aXcdYf", [Hunk(1, 2, 1, 2), Hunk(4, 5, 4, 5)]),
        ("xaabbx", "yabby", [Hunk(0, 2, 0, 1), Hunk(5, 6, 4, 5)]),
    ],
)
def test_only_what_changes_is_in_a_hunk(old: str, new: str, hunks: list[Hunk]) -> None:
    assert changed_hunks(list(old), list(new)) == hunks


@given(st.permutations(range(40)), st.integers(0, 39))
def test_a_line_that_moved_leaves_all_others_where_they_are(lines: list[int], place: int) -> None:
    old = [str(line) for line in lines]
    new = [*old[:place], *old[place + 1 :], old[place]]
    changed = sum(hunk.old_end - hunk.old_start for hunk in changed_hunks(old, new))
    assert changed <= 1


@pytest.mark.parametrize("kinds", [2, 5, 2_000])
def test_five_thousand_lines_that_repeat_much_are_compared(kinds: int) -> None:
    # The library's matcher alone would take minutes for the first.
    numbers = random.Random(0)
    old, new = ([str(numbers.randrange(kinds)) for _ in range(5_000)] for _ in range(2))
    hunks = changed_hunks(old, new)
    assert hunks[-1].old_end - hunks[0].old_start <= 5_000


def test_one_change_in_five_thousand_equal_lines_is_one_small_hunk() -> None:
    old = ["x"] * 5_000
    assert changed_hunks(old, [*old[:2_500], "y", *old[2_501:]]) == [Hunk(2_500, 2_501, 2_500, 2_501)]
