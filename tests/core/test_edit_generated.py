"""No wrong edit in 100,000 answers about files in which the same lines, or nearly the same, stand often."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.lines import BOM, apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.text import TextSnapshot
from tests.support.edit_cases import HARMLESS, Case, make_case, make_file
from tests.support.edit_reference import Run, is_made, only_place, way_of

SEEDS = range(10)
CASES = 100_000 // len(SEEDS)
CASES_OF_A_FILE = 20


@pytest.mark.parametrize("seed", SEEDS)
def test_an_answer_is_made_at_the_only_place_it_can_mean_or_not_at_all(seed: int) -> None:
    rng = Random(seed)
    counts: Counter[str] = Counter()
    for number in range(CASES // CASES_OF_A_FILE):
        file = make_file(rng)
        eol, mark, final = rng.choice(("\n", "\r\n", "\r")), rng.choice(("", "", BOM)), rng.random() < 0.8
        text = mark + eol.join(file.lines) + eol * final
        snapshot = TextSnapshot.from_string(text)
        for _ in range(CASES_OF_A_FILE):
            case = make_case(rng, file, number)
            plan = plan_file(snapshot, [EditBlock("replace", "a", case.old, case.new)])
            runs = only_place(case)
            counts["cases"] += 1
            counts[kind := kind_of(case, runs)] += 1
            if plan.refusals:
                assert not plan.changes
                assert kind != "exact", case
                continue
            counts[f"{kind} made"] += 1
            assert runs is not None, case
            result = apply_edits(text, plan.edits(snapshot))
            assert result.startswith(mark), case
            assert result.endswith(eol) == final, case
            lines = result.removeprefix(mark).removesuffix(eol if final else "").split(eol)
            assert is_made(case, runs, lines), (case, lines)
            assert all(is_the_region(case, run) for run in runs), case
    assert counts["cases"] == CASES
    assert counts["exact"] > CASES / 20
    assert counts["exact made"] == counts["exact"]
    assert counts["harmless"] > CASES / 20
    assert counts["harmless made"] > counts["harmless"] * 0.9


def kind_of(case: Case, runs: list[Run] | None) -> str:
    """What may be expected of a case: whether it has one place, and how well its lines are quoted."""
    if runs is None:
        return "unclear"
    if not case.distortions:
        return "exact"
    return "harmless" if HARMLESS.keys() >= set(case.distortions) else "harmful"


def is_the_region(case: Case, run: Run) -> bool:
    """Whether a place is in the region that was meant, or the answer quotes another place more literally."""
    region = range(case.target, case.target + case.height)
    if run.start in region:
        return True
    old = [entry.line for entry in run.entries if entry.kind != "new"]
    ways = [way for start in region if (way := way_of(case.lines, start, old))]
    return all(run.way < way for way, _ in ways)
