"""What it costs to find the places of an answer's blocks and to plan a file."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.edits.blocks import EditBlock
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.text import TextSnapshot
from tests.bench.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.bench

SECTION = "Edits"
LINES = 5_000
BLOCKS = 50
RUNS = 7

HOW: dict[str, Callable[[str], str]] = {
    "quoted exactly": lambda line: line,
    "quoted with other white space": lambda line: line.replace("    ", "\t") + " ",
    "moved to the right": lambda line: "    " + line,
    "that fit nowhere": lambda line: line.replace("total", "sum"),
}


def file_lines() -> list[str]:
    """Functions that are nearly the same."""
    function = "def function_{0}(ö: int) -> int:\n    total = ö + {0}\n    return total  # 😀\n\n\n"
    return "".join(function.format(number) for number in range(LINES // 5)).split("\n")


def blocks(lines: list[str], quote: Callable[[str], str]) -> list[EditBlock]:
    """Blocks for functions all over the file, in any order."""
    made: list[EditBlock] = []
    for number in random.Random(1).sample(range(LINES // 5), BLOCKS):
        old = lines[number * 5 : number * 5 + 3]
        new = [old[0], f"    total = ö * {number}", "    print(total)", old[2]]
        made.append(EditBlock("replace", "a.py", tuple(map(quote, old)), tuple(map(quote, new))))
    return made


@pytest.mark.parametrize("how", HOW)
def test_an_answer_of_many_blocks_for_a_long_file_is_planned_at_once(
    how: str, record: Callable[[str, Measure], None]
) -> None:
    lines = file_lines()
    text = TextSnapshot.from_string("\n".join(lines))
    answer = blocks(lines, HOW[how])
    took: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        plan = plan_file(text, answer, "python")
        edits = plan.edits(text)
        took.append((time.perf_counter() - began) * 1e3)
        assert len(plan.refusals) == (BLOCKS if how == "that fit nowhere" else 0)
        assert len(edits) + len(plan.refusals) == BLOCKS
    record(SECTION, Measure(f"{BLOCKS} blocks {how}, {LINES:,} lines", min(took), "ms", most=100))
