"""Token estimates err slightly high, on code, prose and other scripts, and learn from what is reported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core import context, tokens
from pygpt_lsp.core.tokens import TokenEstimator

ROOT = Path(__file__).parents[2]

# How the tokenizers of OpenAI's models cut a text before they look up tokens: each piece is one token or
# more, and in code and English seldom more than one.
PIECES = re.compile(
    r"(?:[^\r\n\w]|_)?[A-Z]*(?:(?![A-Z])[^\W\d_])+(?:'(?:s|t|re|ve|m|ll|d))?|(?:[^\r\n\w]|_)?[A-Z]+"
    r"|\d{1,3}| ?(?:[^\s\w]|_)+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@pytest.mark.parametrize(
    "path",
    [
        Path(context.__file__),
        Path(tokens.__file__),
        ROOT / "LICENSE",
        ROOT / "pyproject.toml",
        Path(re.__file__),
    ],
    ids=lambda path: path.name,
)
def test_an_estimate_is_a_little_above_the_pieces_of_a_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pieces = len(PIECES.findall(text))
    assert pieces * 1.05 <= TokenEstimator().estimate(text) <= pieces * 1.4


@pytest.mark.parametrize(
    ("text", "counted"),
    [  # counted by the tokenizer of the current models
        ("hello world", 2),
        ("tiktoken is great!", 6),
        ("2 + 2 = 4", 7),
        ("お誕生日おめでとう", 8),
    ],
)
def test_an_estimate_is_not_below_what_is_known(text: str, counted: int) -> None:
    assert counted <= TokenEstimator().estimate(text) <= counted + 3


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("def größe(straße):\n    return straße\n" * 100, 1_000, 2_400),
        ("съешь ещё этих мягких французских булок " * 100, 1_000, 2_200),
        ("你好世界" * 100, 280, 480),
        ("😀" * 100, 100, 300),
        ("getUserNameFromInput\n" * 100, 500, 800),
        ("0123456789" * 100, 300, 400),
        ("\n" * 100, 1, 110),
        (" " * 1_000, 1, 20),
    ],
    ids=["umlauts", "Cyrillic", "Chinese", "emoji", "capitals", "digits", "blank lines", "spaces"],
)
def test_other_scripts_and_odd_texts_are_estimated_within_reason(text: str, least: int, most: int) -> None:
    assert least <= TokenEstimator().estimate(text) <= most


def test_an_empty_text_is_no_token() -> None:
    assert TokenEstimator().estimate("") == 0


@given(st.text(), st.text())
def test_any_text_has_an_estimate_and_more_text_is_not_much_less(one: str, other: str) -> None:
    estimate = TokenEstimator().estimate
    assert (estimate(one) > 0) == bool(one)
    # A border between the two may close up, but no more than that.
    assert estimate(one + other) >= max(estimate(one), estimate(other)) - 3


def test_a_lone_surrogate_is_counted() -> None:
    assert TokenEstimator().estimate("a\ud800b") > 0


TEXT = Path(context.__file__).read_text(encoding="utf-8")


def test_usage_reported_moves_the_estimate_to_a_little_above_it() -> None:
    estimator = TokenEstimator()
    real = 2 * estimator.estimate(TEXT)
    for _ in range(30):
        estimator.observe("m", estimator.estimate(TEXT, "m"), real)
    assert real < estimator.estimate(TEXT, "m") < real * 1.15


def test_one_odd_answer_moves_the_estimate_only_a_part_of_the_way() -> None:
    estimator = TokenEstimator()
    before = estimator.estimate(TEXT, "m")
    estimator.observe("m", before, before * 10)
    assert before < estimator.estimate(TEXT, "m") < before * 3


def test_a_correction_stays_within_bounds() -> None:
    estimator = TokenEstimator()
    before = estimator.estimate(TEXT)
    for _ in range(100):
        estimator.observe("high", 100, 1_000_000)
        estimator.observe("low", 1_000_000, 100)
    assert estimator.estimate(TEXT, "high") <= before * 3 + 1
    assert estimator.estimate(TEXT, "low") >= (before - 1) * 0.4  # each estimate is rounded up


def test_a_correction_is_for_its_model_alone() -> None:
    estimator = TokenEstimator()
    before = estimator.estimate(TEXT)
    estimator.observe("m", 1_000, 2_000)
    assert estimator.estimate(TEXT) == estimator.estimate(TEXT, "other") == before


@pytest.mark.parametrize(("estimated", "reported"), [(0, 500), (500, 0), (50, 90), (-1, -1)])
def test_requests_too_small_to_learn_from_are_ignored(estimated: int, reported: int) -> None:
    estimator = TokenEstimator()
    before = estimator.estimate(TEXT, "m")
    estimator.observe("m", estimated, reported)
    assert estimator.estimate(TEXT, "m") == before


def test_a_text_that_was_estimated_before_is_the_same_number_again() -> None:
    estimator = TokenEstimator()
    texts = ["x" * 199, "word ö 😀 " * 50, "word ö 😁 " * 50, "word ö 😀 " * 51]
    first = [estimator.estimate(text) for text in texts]
    assert [estimator.estimate("".join(list(text))) for text in texts] == first
    assert [TokenEstimator().estimate(text) for text in texts] == first
    estimator.observe("m", 1000, 2000)
    assert estimator.estimate(texts[1], "m") > first[1]
