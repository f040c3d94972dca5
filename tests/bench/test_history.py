"""The history stays quick when it is large: 100,000 messages, p95 of every step at most 20 ms."""

from __future__ import annotations

import random
from itertools import accumulate
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.messages import Message
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_export import found_page
from pygpt_lsp.services.history_records import TurnEnd, TurnStart
from tests.bench.report import Measure
from tests.support.history_kit import new_cache, question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.bench

SECTION = "History"
MESSAGES = 100_000
MOST = 20.0
"""Milliseconds, p95."""
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


class Timer:
    """Measures a step: its 95th percentile is recorded, with its bound in milliseconds."""

    def __init__(self, record: Callable[[str, Measure], None]) -> None:
        self._record = record

    def __call__(
        self, name: str, step: Callable[[int], object], times: int = 300, *, most: float = MOST
    ) -> None:
        taken: list[float] = []
        for number in range(times):
            started = perf_counter()
            step(number)
            taken.append((perf_counter() - started) * 1e3)
        self._record(SECTION, Measure(f"{name}, p95", quantiles(taken, n=20)[18], "ms", most=most))


@pytest.fixture
def p95(record: Callable[[str, Measure], None]) -> Timer:
    return Timer(record)


def test_a_question_its_stream_and_its_answer_are_stored_in_time(
    store: HistoryStore, writer: Writer, p95: Timer
) -> None:
    asked = [question(writer.text()) for _ in range(300)]
    answers = [writer.text() for _ in range(300)]
    started: list[int] = []
    p95("store a question", lambda n: started.append(store.start_turn(asked[n]).turn_id))
    p95("store what arrived of its answer", lambda n: store.checkpoint(started[n], answers[n]))
    p95("store the whole answer", lambda n: store.finish_turn(started[n], TurnEnd("done", answers[n])))


def test_a_question_in_a_long_chat_is_stored_in_time(store: HistoryStore, writer: Writer, p95: Timer) -> None:
    said = [writer.text() for _ in range(199)]
    asked = [question(*said, writer.text(), "why?") for _ in range(100)]
    p95("store a question after 200 messages", lambda n: store.start_turn(asked[n]), 100)


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
def test_a_search_is_answered_in_time(
    store: HistoryStore, writer: Writer, p95: Timer, name: str, text: str
) -> None:
    for rank in (500, 600, 20_000):
        text = text.replace(f"{{{rank}}}", writer.words[rank])
    p95(f"search: {name}", lambda _: store.search(text))


@pytest.mark.parametrize(
    ("name", "text"), [("one common word", "the"), ("three beginnings", "func err val"), ("the newest", "")]
)
def test_a_page_of_conversations_is_written_in_time(
    store: HistoryStore, p95: Timer, name: str, text: str
) -> None:
    page = store.cache.search_path

    def step(_: int) -> None:
        store.cache.private_write(page, found_page(store.find(text, 31), text, 30, page))

    p95(f"search to page: {name}", step, 100, most=5 * MOST)


def test_the_list_is_shown_in_time(store: HistoryStore, p95: Timer) -> None:
    p95("list 50 conversations", lambda _: store.conversations())


def test_a_large_history_is_opened_in_time(store: HistoryStore, p95: Timer) -> None:
    p95("open", lambda _: HistoryStore.open(store.cache).close(), 20)


def test_a_deletion_takes_seconds_at_most(store: HistoryStore, p95: Timer) -> None:
    ids = [found.id for found in store.conversations(3)]
    p95("delete for good", lambda n: store.delete(ids[n]), 3, most=10_000)
