"""Whatever is typed, the search answers: every word, newest first, never a syntax error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_search import fts_query
from tests.support.history_kit import ANY_TEXT, Clock, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    clock = Clock(1000.0)
    store = HistoryStore.open(new_cache(tmp_path_factory.mktemp("history") / "cache"), now=clock)
    texts = [
        ("How do I open a FILE?", "Call open(path)."),
        ("Größe der Übung naïve café", "Straße"),
        ("parse_chat() && foo->bar 😀", "a quick brown fox"),
        ("open the file again", "the path of the file: NEAR(x) AND OR NOT"),
        ("你好世界", "привет мир\0after nul"),
    ]
    for asked, answer in texts:
        clock.seconds += 1
        exchange(store, question(asked, title=asked), answer)
    yield store
    store.close()


def snippets(store: HistoryStore, text: str) -> list[str]:
    return [hit.snippet for hit in store.search(text)]


def test_every_word_must_occur_and_the_newest_comes_first(store: HistoryStore) -> None:
    assert snippets(store, "file open") == ["open the file again", "How do I open a FILE?"]
    assert snippets(store, "file open nowhere") == []
    [newest, _] = store.search("file open")
    assert (newest.title, newest.role, newest.when) == ("open the file again", "user", 1004.0)
    assert store.conversation(newest.conversation_id).title == "open the file again"


@pytest.mark.parametrize("text", ["GRÖßE", "große", "grö", "ubung CAFE", "naive"])
def test_case_and_accents_do_not_matter(store: HistoryStore, text: str) -> None:
    assert snippets(store, text) == ["Größe der Übung naïve café"]


def test_the_beginning_of_each_word_is_enough_and_its_end_is_not(store: HistoryStore) -> None:
    assert snippets(store, "brown f") == ["a quick brown fox"]
    assert snippets(store, "bro fox") == ["a quick brown fox"]
    assert snippets(store, "rown fox") == []
    assert snippets(store, "你") == ["你好世界"]


def test_quotes_make_a_phrase(store: HistoryStore) -> None:
    assert snippets(store, '"open the file"') == ["open the file again"]
    assert snippets(store, '"the open file"') == []
    assert snippets(store, '"brown f"') == []


@pytest.mark.parametrize(
    "text", ["NEAR(x) AND OR NOT", "AND", "foo->bar", "parse_chat()", "content:", "foo* ^bar", "-"]
)
def test_operators_are_words_like_others(store: HistoryStore, text: str) -> None:
    store.search(text)
    assert len(snippets(store, "foo->bar")) == 1


@pytest.mark.parametrize("text", ["😀", "->", "&&", "()"])
def test_what_has_no_letter_is_found_as_it_stands(store: HistoryStore, text: str) -> None:
    assert any(text in snippet for snippet in snippets(store, text))


@pytest.mark.parametrize("text", ["", " ", "\n\t", '"', '""'])
def test_an_empty_search_finds_nothing(store: HistoryStore, text: str) -> None:
    assert snippets(store, text) == []


def test_a_hit_behind_a_nul_is_found(store: HistoryStore) -> None:
    assert len(snippets(store, "nul")) == 1


def test_no_more_hits_than_asked_for(store: HistoryStore) -> None:
    assert [hit.when for hit in store.search("the", 1)] == [1004.0]


def test_what_several_conversations_hold_is_one_hit_in_the_newest(store: HistoryStore) -> None:
    first = exchange(store, question("shared words"), "a")
    second = exchange(store, question("shared words"), "b")
    assert first.conversation_id != second.conversation_id
    assert [hit.conversation_id for hit in store.search("shared words")] == [second.conversation_id]
    store.delete(second.conversation_id)
    assert [hit.conversation_id for hit in store.search("shared words")] == [first.conversation_id]


@given(ANY_TEXT)
def test_no_text_is_an_error(store: HistoryStore, text: str) -> None:
    store.search(text)


@given(st.text(alphabet='ab "*()-^:+\0😀ö', max_size=200))
def test_no_mixture_of_syntax_is_an_error(store: HistoryStore, text: str) -> None:
    store.search(text)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_a_quoted_word_stays_one_string(word: str) -> None:
    assert fts_query(f'{word} "{word}" {word}') == f'"{word}" * "{word}" "{word}" *'


def test_a_pasted_page_is_no_error(store: HistoryStore) -> None:
    assert snippets(store, "nowhere " * 5000) == []
    assert snippets(store, "x" * 1_000_000) == []
