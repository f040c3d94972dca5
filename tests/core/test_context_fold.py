"""What was sent of files is shown by the lines that named it, and a question is never changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.context import ContextPart, render_part
from pygpt_lsp.core.context_fold import fold_context

TEXTS = st.text(st.sampled_from("ö😀`~#>-: \nx")) | st.text()


@given(TEXTS, st.sampled_from(["selection", "file", "buffer", "head", "around", "definition"]), TEXTS)
def test_blocks_of_context_become_lines_and_the_question_stays(text: str, kind: str, question: str) -> None:
    part = ContextPart(kind, "src/ö 😀.py", 3, 4, text, 0, "python")
    again = part._replace(start_line=7, end_line=7)
    question = f"Why? {question}"
    sent = "\n\n".join([render_part(part), render_part(again), question])
    assert fold_context(sent) == f"> #file:src/ö 😀.py:3-4\n> #file:src/ö 😀.py:7\n\n{question}"


@pytest.mark.parametrize(
    ("part", "line"),
    [
        (ContextPart("diff", "work", 0, 0, "+x", 0), "> #diff"),
        (ContextPart("diagnostics", "a.py", 1, 9, "line 3: no", 0), "> #diagnostics:a.py:1-9"),
        (ContextPart("rules", "AGENTS.md", 0, 0, "Be kind.", 0), "> #rules:AGENTS.md"),
        (ContextPart("file", "a:1-2", 0, 0, "x", 0), '> #file:"a:1-2"'),
    ],
)
def test_each_kind_of_context_has_its_line(part: ContextPart, line: str) -> None:
    assert fold_context(render_part(part)) == line


@given(TEXTS)
def test_what_is_no_context_stays(text: str) -> None:
    assert fold_context(f"So: {text}") == f"So: {text}"


@pytest.mark.parametrize(
    "text", ["### File: a.py\n\n```\nnever closed", "### Other: a.py\n\n```\nx\n```", "### File: \n\nx", ""]
)
def test_what_only_looks_like_context_stays(text: str) -> None:
    assert fold_context(text) == text
