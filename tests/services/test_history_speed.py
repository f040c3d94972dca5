"""The history stays quick when it is large: 100,000 messages, p95 of every step at most 20 ms.

Run by `uv run nox -s bench`, which shows the table with `-s`.
"""

from __future__ import annotations

import random
from itertools import accumulate
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.messages import Message
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_records import TurnEnd, TurnStart
from tests.support.history_kit import new_cache, question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.bench

MESSAGES = 100_000
BUDGET = 0.020  # seconds, p95
COMMON = ["the", "function", "return", "error", "value"]


class Writer:
    """Writes texts whose words are as unevenly common as those of a language (Zipf's law)."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        letters = "abcdefghijklmnopqrstuvwxyz"
        rare = ["".join(self._random.choices(letters, k=self._random.randint(2, 9))) for _ in range(20_000)]
        self.words = COMMON + rare
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def text(self, most: int = 150) -> str:
        return " ".join(
            self._random.choices(self.words, cum_weights=self._weights, k=self._random.randint(20, most))
        )


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer()


@pytest.fixture(scope="module")
def store(writer: Writer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    store = HistoryStore.open(new_cache(tmp_path_factory.mktemp("history") / "cache"))
    for _ in range(MESSAGES // 100):
        messages = [Message("assistant" if number % 2 else "user", writer.text()) for number in range(100)]
        store.start_turn(TurnStart(messages, "m", "h", "chat", "t"))
    yield store
    store.close()


def p95(name: str, step: Callable[[int], object], times: int = 300) -> float:
    """The 95th percentile of the seconds that `step` takes, also printed with the median and the worst."""
    taken: list[float] = []
    for number in range(times):
        started = perf_counter()
        step(number)
        taken.append(perf_counter() - started)
    cuts = quantiles(taken, n=20)
    shown = (
        f"{label} {seconds * 1e3:7.2f} ms"
        for label, seconds in zip(("p50", "p95", "max"), (cuts[9], cuts[18], max(taken)), strict=True)
    )
    print(f"{name:<34}", *shown)
    return cuts[18]


def test_a_question_its_stream_and_its_answer_are_stored_in_time(store: HistoryStore, writer: Writer) -> None:
    asked = [question(writer.text()) for _ in range(300)]
    answers = [writer.text() for _ in range(300)]
    started: list[int] = []
    assert p95("start a turn", lambda n: started.append(store.start_turn(asked[n]).turn_id)) <= BUDGET
    assert p95("checkpoint", lambda n: store.checkpoint(started[n], answers[n])) <= BUDGET
    assert p95("finish", lambda n: store.finish_turn(started[n], TurnEnd("done", answers[n]))) <= BUDGET


def test_a_question_in_a_long_chat_is_stored_in_time(store: HistoryStore, writer: Writer) -> None:
    said = [writer.text() for _ in range(199)]
    asked = [question(*said, writer.text(), "why?") for _ in range(100)]
    assert p95("start a turn after 200 messages", lambda n: store.start_turn(asked[n]), 100) <= BUDGET


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one common word", "the"),
        ("three common words", "the function error"),
        ("a common beginning", "func"),
        ("one letter", "t"),
        ("a phrase of common words", '"the function return" the'),
        ("two rare words", "{500} {600}"),
        ("a common and a rare word", "the {20000}"),
        ("nothing", "qqqqqqqq"),
    ],
)
def test_a_search_is_answered_in_time(store: HistoryStore, writer: Writer, name: str, text: str) -> None:
    for rank in (500, 600, 20_000):
        text = text.replace(f"{{{rank}}}", writer.words[rank])
    assert p95(f"search: {name}", lambda _: store.search(text)) <= BUDGET


def test_the_list_is_shown_in_time(store: HistoryStore) -> None:
    assert p95("list 50 conversations", lambda _: store.conversations()) <= BUDGET


def test_a_large_history_is_opened_in_time(store: HistoryStore) -> None:
    assert p95("open", lambda _: HistoryStore.open(store.cache).close(), 20) <= BUDGET


def test_a_deletion_takes_seconds_at_most(store: HistoryStore) -> None:
    ids = [found.id for found in store.conversations(3)]
    assert p95("delete, for good", lambda n: store.delete(ids[n]), 3) <= 10.0
