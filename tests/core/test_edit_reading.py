"""Which blocks an answer has, with their exact places in it. What becomes of them: `test_edits_corpus.py`."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.reading import read_edit_blocks
from pygpt_lsp.core.edits.rendering import render_blocks
from tests.support.edit_texts import edit_answers, writable_blocks


def read(*lines: str) -> tuple[EditBlock, ...]:
    return read_edit_blocks("\n".join(lines))


def spans(*lines: str) -> list[tuple[int, int]]:
    return [(block.first_line, block.last_line) for block in read(*lines)]


def test_a_block_reaches_from_the_line_that_names_its_file_to_the_end_of_its_fence():
    assert read(
        "Here:",  # 0
        "",
        "**src/app.py**",  # 2
        "",
        "```python",
        "<<<<<<< SEARCH",
        "a",
        "=======",
        "b",
        ">>>>>>> REPLACE",
        "```",  # 10
        "Done.",
    ) == (EditBlock("replace", "src/app.py", ("a",), ("b",), first_line=2, last_line=10),)


def test_blocks_in_one_fence_share_it_out():
    assert spans(
        "src/app.py",  # 0
        "```",
        "<<<<<<< SEARCH",
        "a",
        "=======",
        "b",
        ">>>>>>> REPLACE",  # 6
        "",
        "src/b.py",  # 8
        "<<<<<<< SEARCH",
        "c",
        "=======",
        ">>>>>>> REPLACE",
        "",
        "```",  # 14
    ) == [(0, 6), (8, 14)]


def test_hunks_in_one_fence_share_it_out():
    blocks = read(
        "Look:",
        "```diff",  # 1
        "--- a/x.py",
        "+++ b/x.py",
        "@@ -1,2 +1,2 @@ class A:",
        " a",
        "-b",
        "+c",  # 7
        "@@ -9,2 +9,2 @@",  # 8
        "-d",
        "+e",
        " ",
        "```",  # 12
    )
    assert blocks == (
        EditBlock("replace", "x.py", ("a", "b"), ("a", "c"), within=("class A:",), first_line=1, last_line=7),
        EditBlock("replace", "x.py", ("d", ""), ("e", ""), first_line=8, last_line=12),
    )


def test_a_patch_is_shared_out_among_its_blocks():
    assert read(
        "*** Begin Patch",  # 0
        "*** Update File: a.py",
        "@@ class A:",
        "@@ def f():",
        "-x",
        "+y",  # 5
        "@@",  # 6
        "-z",
        "*** End of File",  # 8
        "*** Add File: b.py",  # 9
        "+n",
        "+",
        "*** Delete File: c.py",  # 12
        "*** Update File: d.py",  # 13
        "*** Move to: e.py",  # 14
        "@@",  # 15
        "-q",
        "+r",
        "*** End Patch",  # 18
    ) == (
        EditBlock(
            "replace", "a.py", ("x",), ("y",), within=("class A:", "def f():"), first_line=0, last_line=5
        ),
        EditBlock("replace", "a.py", ("z",), (), first_line=6, last_line=8),
        EditBlock("whole", "b.py", (), ("n", ""), first_line=9, last_line=11, is_new=True),
        EditBlock("delete", "c.py", first_line=12, last_line=12),
        EditBlock("rename", "d.py", new_path="e.py", first_line=13, last_line=14),
        EditBlock("replace", "d.py", ("q",), ("r",), first_line=15, last_line=18),
    )


def test_a_file_in_a_fence_is_a_whole_one():
    assert read("1. `src/app.py`:", "", "   ```python", "   x = 1", "     y", "   ```") == (
        EditBlock("whole", "src/app.py", (), ("x = 1", "  y"), first_line=0, last_line=5),
    )


def test_a_block_in_a_list_loses_the_indentation_of_the_list():
    assert read(
        "- `a.py`",
        "  ```",
        "  <<<<<<< SEARCH",
        "  if x:",
        "",
        "      y()",
        "  =======",
        "  z()",
        "  >>>>>>> REPLACE",
        "  ```",
    ) == (EditBlock("replace", "a.py", ("if x:", "", "    y()"), ("z()",), first_line=0, last_line=9),)


def test_lines_that_are_not_indented_as_their_markers_stay_as_they_are():
    (block,) = read("a.py", "    <<<<<<< SEARCH", "x", "      y", "    =======", "z", "    >>>>>>> REPLACE")
    assert (block.old_lines, block.new_lines) == (("x", "      y"), ("z",))


def test_a_search_for_nothing_makes_a_file():
    assert read("a.py", "<<<<<<< SEARCH", "", "=======", "x", ">>>>>>> REPLACE") == (
        EditBlock("whole", "a.py", (), ("x",), first_line=0, last_line=5, is_new=True),
    )


def test_a_renamed_file_is_renamed_before_its_hunks_and_these_name_it_by_its_old_name():
    blocks = read(
        "diff --git a/old.py b/new.py",
        "rename from old.py",
        "rename to new.py",
        "--- a/old.py",
        "+++ b/new.py",
        "@@ -1 +1 @@",
        "-a",
        "+b",
    )
    assert [(block.kind, block.path, block.new_path) for block in blocks] == [
        ("rename", "old.py", "new.py"),
        ("replace", "old.py", ""),
    ]
    assert [(block.first_line, block.last_line) for block in blocks] == [(0, 4), (5, 7)]


def test_what_is_cut_keeps_its_old_lines_for_a_repair():
    (block,) = read("a.py", "```", "<<<<<<< SEARCH", "x", "=======", "y")
    assert (block.old_lines, block.new_lines) == (("x",), ())
    assert "ends within" in block.problem
    assert (block.first_line, block.last_line) == (0, 5)


def test_a_block_without_its_end_leaves_the_name_and_the_fence_of_the_next_one_alone():
    blocks = read(
        "a.py",
        "<<<<<<< SEARCH",
        "x",
        "=======",
        "y",  # 4
        "",
        "b.py",  # 6
        "```",
        "<<<<<<< SEARCH",
        "x",
        "=======",
        "y",
        ">>>>>>> REPLACE",
        "```",  # 13
    )
    assert [(block.path, bool(block.problem)) for block in blocks] == [("a.py", True), ("b.py", False)]
    assert [(block.first_line, block.last_line) for block in blocks] == [(0, 4), (6, 13)]


def test_lines_of_the_reasoning_count_but_hold_no_edit():
    assert spans("<think>", "a.py", "```", "x", "```", "</think>a.py", "```", "y", "```") == [(5, 8)]


def test_a_fence_that_is_closed_twice_ends_with_the_second():
    assert spans(
        "```", "a.py", "```", "<<<<<<< SEARCH", "x", "=======", "y", ">>>>>>> REPLACE", "```", "Bye."
    ) == [(0, 8)]


MARKS = {
    "seven": ("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE"),
    "five": ("<<<<< SEARCH", "=====", ">>>>> REPLACE"),
    "nine": ("<<<<<<<<< SEARCH", "=========", ">>>>>>>>> REPLACE"),
    "mixed": ("<<<<<< SEARCH", "=======", ">>>>>>>> REPLACE"),
    "lower case": ("<<<<<<< search", "=======", ">>>>>>> replace"),
    "no words": ("<<<<<<<", "=======", ">>>>>>>"),
    "other words": ("<<<<<<< ORIGINAL", "=======", ">>>>>>> UPDATED"),
    "head": ("<<<<<<< HEAD", "=======", ">>>>>>> UPDATED"),
    "a word of its own at the end": ("<<<<<<< SEARCH", "=======", ">>>>>>> MODIFIED"),
    "glued": ("<<<<<<<SEARCH", "=======", ">>>>>>>REPLACE"),
    "colon": ("<<<<<<< SEARCH:", "=======", ">>>>>>> REPLACE:"),
    "spaces": ("<<<<<<< SEARCH  ", "======= ", ">>>>>>> REPLACE\t"),
    "path": ("<<<<<<< SEARCH a.py", "=======", ">>>>>>> REPLACE a.py"),
    "indented": ("  <<<<<<< SEARCH", "  =======", "  >>>>>>> REPLACE"),
}


@pytest.mark.parametrize(("opening", "divider", "closing"), MARKS.values(), ids=MARKS)
def test_markers_are_read_in_any_form(opening: str, divider: str, closing: str):
    assert read("a.py", opening, "x", divider, "y", closing) == (
        EditBlock("replace", "a.py", ("x",), ("y",), first_line=0, last_line=5),
    )


def test_lines_that_only_look_like_markers_are_content():
    lines = ("<<<< x", "====", ">>>> y", "x <<<<<<< SEARCH", "======= x", "# =======")
    (block,) = read("a.py", "<<<<<<< SEARCH", *lines, "=======", *lines, ">>>>>>> REPLACE")
    assert block.old_lines == block.new_lines == lines


@given(edit_answers)
@example("```diff\n-removed")
@example("diff --git a/x b/y\nnew file mode 100644")
@example("\r")
def test_any_answer_is_read_and_its_blocks_are_apart_and_in_order(answer: str):
    blocks = read_edit_blocks(answer)
    last = -1
    for block in blocks:
        assert last < block.first_line <= block.last_line <= answer.count("\n")
        last = block.last_line


@given(st.text())
def test_any_text_is_read(text: str):
    assert isinstance(read_edit_blocks(text), tuple)


@given(edit_answers)
def test_line_endings_make_no_difference(answer: str):
    blocks = read_edit_blocks(answer)
    assert read_edit_blocks(answer.replace("\n", "\r\n")) == blocks
    assert read_edit_blocks(answer.replace("\n", "\r")) == blocks


@given(edit_answers, st.integers(0, 200))
def test_a_block_that_has_arrived_stays_as_it_is_whatever_comes_after_it(answer: str, cut: int):
    block = EditBlock("replace", "src/app.py", ("x",), ("y",))
    first, *_ = read_edit_blocks(render_blocks([block]) + answer[:cut])
    assert first._replace(last_line=0) == block


@given(st.lists(writable_blocks, max_size=4))
@example(
    [
        EditBlock("whole", "a.md", (), ("<<<<<<<< SEARCH", "x", "========")),
        EditBlock("replace", "b.py", ("x",), ("y",)),
        EditBlock("whole", "c.md", (), (">>>>>>>> REPLACE",)),
    ]
)
@example([EditBlock("replace", "a.md", ("<<<<<<< SEARCH", "=======", "```"), ("=======", ">>>>>>> REPLACE"))])
@example([EditBlock("whole", "a.diff", (), ("--- a/x", "+++ b/x", "@@ -1 +1 @@", "-a"), is_new=True)])
def test_blocks_written_are_read_back(blocks: list[EditBlock]):
    found = read_edit_blocks(render_blocks(blocks))
    assert [block._replace(first_line=0, last_line=0) for block in found] == blocks


def test_a_block_is_written_as_models_are_asked_to():
    assert render_blocks([EditBlock("replace", "src/app.py", ("x",), ("y",))]) == (
        "src/app.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n"
    )


def test_what_is_done_to_a_file_itself_is_not_written():
    with pytest.raises(ValueError, match="delete"):
        render_blocks([EditBlock("delete", "a.py")])


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("Then, for ö:", "src/x.py"),
        ("", "src/x.py"),
        ("neu ö/new.py", "ö/new.py"),
        ("Now the same in app.py", "app.py"),
        ("As with Node.js, e.g.:", "src/x.py"),
    ],
)
def test_an_edit_without_a_path_never_goes_to_another_file_than_the_line_above_speaks_of(
    line: str, path: str
) -> None:
    edit = "```python\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```\n"
    first, second = read_edit_blocks(f"src/x.py\n{edit}\n{line}\n{edit}")
    assert (first.path, second.path, second.problem) == ("src/x.py", path, "")


def test_an_edit_below_a_line_about_two_files_is_refused() -> None:
    edit = "```python\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```\n"
    (block,) = read_edit_blocks(f"In a.py as in b.py:\n{edit}")
    assert block.problem.startswith("It is not clear which file this edit is for")
