"""What leaves the history is a chat document that can be sent on, or JSON that gives every text back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.history_page import parse_page
from pygpt_lsp.core.messages import Usage
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_export import as_chat, as_json_lines, found_page, local_time
from pygpt_lsp.services.history_records import StoredConversation, TurnEnd
from tests.support.history_kit import ANY_TEXT, Clock, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    store = HistoryStore.open(new_cache(tmp_path_factory.mktemp("history") / "cache"), now=Clock(1000.0))
    yield store
    store.close()


def stored(store: HistoryStore, *said: str, title: str = "Title") -> StoredConversation:
    return store.conversation(exchange(store, question(*said[:-1], title=title), said[-1]).conversation_id)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_chat_document_says_what_was_said_and_goes_on_below_it(
    store: HistoryStore, asked: str, answer: str, more: str
) -> None:
    parsed = parse_chat(as_chat(stored(store, asked, answer or "-", more, "end")))
    assert [turn.role for turn in parsed.turns] == ["user", "assistant", "user", "assistant", "user"]
    assert [turn.text for turn in parsed.turns] == [
        well_formed(text) for text in (asked, answer or "-", more, "end", "")
    ]


def test_a_chat_document_names_its_model_and_title(store: HistoryStore) -> None:
    parsed = parse_chat(as_chat(stored(store, "q", "a", title="Why \x1b[31m ö?\n")))
    assert parsed.front_matter == 'model: "gpt-test"'
    assert parsed.preamble == "# Why \ufffd[31m ö?"


def test_a_chat_document_is_the_conversation_as_it_stood_last(store: HistoryStore) -> None:
    started = exchange(store, question("one"), "a")
    exchange(store, question("one, edited", conversation=started.conversation_id), "b")
    parsed = parse_chat(as_chat(store.conversation(started.conversation_id)))
    assert [turn.text for turn in parsed.turns] == ["one, edited", "b", ""]


def test_a_question_without_an_answer_is_exported_too(store: HistoryStore) -> None:
    started = store.start_turn(question("one"))
    store.finish_turn(started.turn_id, TurnEnd("failed", error_kind="no_key", error="Set a key."))
    conversation = store.conversation(started.conversation_id)
    assert [turn.text for turn in parse_chat(as_chat(conversation)).turns] == ["one"]
    [line] = as_json_lines(conversation)
    assert (json.loads(line)["status"], json.loads(line)["error"]) == ("failed", "Set a key.")


@given(ANY_TEXT, ANY_TEXT)
def test_json_gives_every_text_back(store: HistoryStore, asked: str, answer: str) -> None:
    [line] = as_json_lines(stored(store, asked, answer))
    assert "\n" not in line
    line.encode()
    turn = json.loads(line)
    # A pair of halves is one character in JSON; nothing else changes.
    assert turn["messages"][-1]["content"].encode("utf-16", "surrogatepass") == asked.encode(
        "utf-16", "surrogatepass"
    )
    assert turn["answer"].encode("utf-16", "surrogatepass") == answer.encode("utf-16", "surrogatepass")


def test_json_has_every_turn_and_all_that_is_known_of_it(store: HistoryStore) -> None:
    asked = question("q", action="explain", document="file:///a.py", model="m", host="h")
    started = store.start_turn(asked)
    store.checkpoint(started.turn_id, "a")
    store.finish_turn(started.turn_id, TurnEnd("done", "a", "stop", Usage(1, 2, 3, 4), "m-1"))
    exchange(store, question("again", conversation=started.conversation_id), "b")
    first, second = (json.loads(line) for line in as_json_lines(store.conversation(started.conversation_id)))
    assert (second["turn_id"] > first["turn_id"], second["answer"]) == (True, "b")
    assert first == {
        "conversation": started.conversation_id,
        "title": "q",
        "turn_id": started.turn_id,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "q"}],
        "answer": "a",
        "status": "done",
        "action": "explain",
        "document": "file:///a.py",
        "host": "h",
        "model": "m",
        "reported_model": "m-1",
        "finish_reason": "stop",
        "usage": {"input_tokens": 1, "output_tokens": 2, "reasoning_tokens": 3, "cached_tokens": 4},
        "error_kind": None,
        "error": None,
        "created": 1000.0,
        "first_token": 1000.0,
        "finished": 1000.0,
    }


def test_a_page_shows_what_was_found_and_is_nothing_but_text(store: HistoryStore) -> None:
    asked = question("Was [this](http://x) <b>found</b>?", title="![x](y)\x1b")
    started = exchange(store, asked, "zebra")
    page = store.cache.search_path
    found = found_page(store.find("thi http\n", 5), "thi http\n", 5, page)
    assert found == (
        '<!-- pygpt: history page "thi http" -->\n\n# History: thi http\n\n'
        "1 conversation. On each of them the code-action menu offers to open, fork or delete it.\n\n"
        "## \\!\\[x\\](y)\ufffd\n\n"
        f"`{started.conversation_id}` · {local_time(1000.0)} · gpt-test · 2 messages\n\n"
        "> you: Was \\[**this**\\](**http**://x) \\<b\\>found\\</b\\>?\n"
    )
    assert "Nothing found" in found_page(store.find("nowhere", 5), "nowhere", 5, page)
    assert f"`{started.conversation_id}`" in found_page(store.find("", 1), "", 1, page)


def test_a_page_links_to_the_chats_that_are_there(store: HistoryStore) -> None:
    name = exchange(store, question("Why ö (and 😀)?"), "Because.").conversation_id
    path = store.cache.chats_dir / "why ö (1).chat.md"
    store.adopt_chat(name, path)
    page = store.cache.search_path
    assert "## Why ö (and 😀)?\n" in found_page(store.find("", 1), "", 1, page)
    path.touch()
    (entry,) = parse_page(found_page(store.find("because", 1), "because", 1, page).splitlines())
    assert entry.link is not None
    assert page.parent / entry.link[2] == path


def test_a_page_says_when_there_is_more(store: HistoryStore) -> None:
    for number in range(3):
        exchange(store, question(f"Number {number}?"), "zebra")
    page = store.cache.search_path
    assert "2 conversations" not in found_page(store.find("zebra", 3), "zebra", 3, page)
    assert "The newest 2 conversations;" in found_page(store.find("zebra", 3), "zebra", 2, page)
    assert len(parse_page(found_page(store.find("", 3), "", 2, page).splitlines())) == 2
