"""Answers of the kinds that models give, malformed ones included: each makes the right edit or none.

A case says which (`tests/support/edit_corpus.py` tells how to write one). A file whose blocks do not all fit
stays as it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.edit_corpus import load_case, make_edits

CORPUS = Path(__file__).parents[1] / "corpus" / "edits"
CASES = sorted(CORPUS.rglob("*.txt"))


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(CASES) >= 150


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.relative_to(CORPUS).with_suffix("").as_posix())
def test_the_answer_makes_the_right_edit_or_none(path: Path):
    case = load_case(path)
    made = make_edits(case.before, case.answer)
    assert made.after == case.after
    assert made.renamed == case.renamed
    assert made.refused.keys() == case.refused.keys(), made.refused
    for refused_path, reason in case.refused.items():
        assert reason
        assert reason in made.refused[refused_path]
