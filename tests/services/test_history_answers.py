"""The turn behind an answer is found by the answer's text, in its own chat first, then anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from pygpt_lsp.core.messages import Message, Usage
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_records import TurnEnd, TurnStart
from tests.support.history_kit import ANY_TEXT, new_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    store = HistoryStore.open(new_cache(tmp_path / "cache"))
    yield store
    store.close()


def answered(store: HistoryStore, answer: str, model: str, chat: Path | None = None) -> None:
    """A turn with this answer."""
    start = TurnStart([Message("user", f"Why, {model}?")], model, "h", "chat", "t", chat_path=chat)
    started = store.start_turn(start)
    store.finish_turn(started.turn_id, TurnEnd("done", answer, "stop", Usage(12, 3), f"{model}-2026"))


def test_an_answer_is_found_with_what_it_took(store: HistoryStore) -> None:
    answered(store, 'Because ö, “so” "it" is. 😀\n\n```python\nx = 1\n```', "m")
    found = store.answer('Because ö, “so” "it" is. 😀\r\n\r\n```python\r\nx = 1\r\n```\r\n\r\n', None)
    assert found is not None
    assert (found.status, found.model, found.reported_model) == ("done", "m", "m-2026")
    assert found.usage == Usage(12, 3)
    assert found.finished is not None
    assert found.created <= found.finished


def test_what_was_changed_or_never_said_is_not_found(store: HistoryStore) -> None:
    answered(store, "Because ö.", "m")
    for text in ("Because", "Because ö. And more.", "because ö.", "", "  \n", "…", '"', "Because o."):
        assert store.answer(text, None) is None


def test_of_the_same_answers_that_of_the_own_chat_counts_then_the_newest(
    store: HistoryStore, tmp_path: Path
) -> None:
    own, other = tmp_path / "own.chat.md", tmp_path / "other.chat.md"
    answered(store, "Yes.", "first", own)
    answered(store, "Yes.", "second", own)
    answered(store, "Yes.", "third", other)
    for chat, model in (
        (own, "second"),
        (other, "third"),
        (tmp_path / "fork.chat.md", "third"),
        (None, "third"),
    ):
        found = store.answer("Yes.", chat)
        assert found is not None
        assert found.model == model


def test_a_long_answer_without_spaces_and_one_without_words_are_found(
    store: HistoryStore, tmp_path: Path
) -> None:
    chat = tmp_path / "own.chat.md"
    answered(store, "漢" * 500, "long")
    answered(store, "😀 …", "signs", chat)
    assert (found := store.answer("漢" * 500, None)) is not None
    assert found.model == "long"
    assert store.answer("😀 …", chat) is not None
    assert store.answer("😀 …", None) is None  # no word to look for


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT)
def test_no_text_is_an_error(store: HistoryStore, text: str) -> None:
    store.answer(text, None)
