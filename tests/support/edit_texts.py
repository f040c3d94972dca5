"""Blocks of edits, and answers that try to break their reader, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from pygpt_lsp.core.edits.blocks import EditBlock

FRAGMENTS = (
    "",
    " ",
    "x",
    "    return x",
    "Title",
    "ö 😀",
    "\ttab",
    "<<<<<<< SEARCH",
    "<<<<<<< SEARCH src/a.py",
    "<<<<<<<< SEARCH",
    "  <<<<<<< search",
    "<<<<<<< HEAD",
    "<<<<<<<",
    "<<<<< ORIGINAL",
    "=======",
    "======",
    "=========",
    ">>>>>>> REPLACE",
    ">>>>>>>> REPLACE",
    ">>>>>>> feature",
    ">>>>>>>",
    "```",
    "````",
    "  ```",
    "```python",
    "```python src/a.py",
    "```diff",
    "~~~",
    "~~~md",
    "- ```py",
    "src/a.py",
    "`src/b.py`:",
    "**src/c.py** (whole file)",
    "# src/d.py",
    "In `src/e.py`:",
    "1. `README.md` (new file)",
    "--- a/src/a.py",
    "+++ b/src/a.py",
    "+++ /dev/null",
    "--- /dev/null",
    "diff --git a/x.py b/y.py",
    "rename from x.py",
    "rename to y.py",
    "new file mode 100644",
    "@@ -1,2 +1,2 @@ def f():",
    "@@",
    "@@ ... @@",
    " context",
    "-removed",
    "+added",
    "\\ No newline at end of file",
    "*** Begin Patch",
    "*** Update File: src/a.py",
    "*** Add File: src/n.py",
    "*** Delete File: src/a.py",
    "*** Move to: src/b.py",
    "*** End of File",
    "*** End Patch",
    "<think>",
    "</think>",
)

edit_lines = st.one_of(
    st.sampled_from(FRAGMENTS), st.text(st.characters(exclude_characters="\r\n"), max_size=20)
)
"""One line, without its ending, that an answer or a file may hold."""

edit_answers = st.lists(edit_lines, max_size=30).map("\n".join)
"""Answers made of all that means something to the reader, in any order."""

_parts = st.lists(edit_lines, max_size=8).map(tuple)
_paths = st.one_of(
    st.sampled_from(
        ("src/app.py", "README.md", "Makefile", ".gitignore", "docs/my file.txt", "bin/run", "x", "ö/😀.py")
    ),
    st.lists(st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=4).map(
        lambda parts: "/".join(parts) + ".py"
    ),
)


def _replace(path: str, old: tuple[str, ...], new: tuple[str, ...]) -> EditBlock:
    return EditBlock("replace", path, old, new)


def _whole(path: str, new: tuple[str, ...], is_new: bool) -> EditBlock:
    return EditBlock("whole", path, (), new, is_new=is_new)


writable_blocks = st.one_of(
    st.builds(_replace, _paths, _parts.filter(lambda part: any(map(str.strip, part))), _parts),
    st.builds(_whole, _paths, _parts, st.booleans()),
)
"""Blocks that `rendering.render_blocks` can write."""
