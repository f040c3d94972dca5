"""Sending from a chat document: what goes out, where the answer goes in, what the chat is called."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import (
    AnswerSlot,
    chat_title,
    last_answer,
    messages_to_send,
    open_answer,
    reopen_answer,
)
from pygpt_lsp.core.chat_escape import StreamEscaper
from tests.support.chat_texts import hostile_texts


def filled(text: str, slot: AnswerSlot, answer: str = "") -> str:
    """`text` after the slot's edit, with `answer` streamed into it."""
    opened = text[: slot.start] + slot.text + text[slot.end :]
    escaper = StreamEscaper(parse_chat(text).eol)
    return opened[: slot.anchor] + escaper.feed(answer) + escaper.finish() + opened[slot.anchor :]


def sent(text: str, before: int | None = None) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in messages_to_send(parse_chat(text), before).turns]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## User\n\nq", "## User\n\nq\n\n## Assistant\n\n|\n\n## User\n\n"),
        ("## User\n\nq\n", "## User\n\nq\n\n## Assistant\n\n|\n\n## User\n\n"),
        ("## User\n\nq\n\n", "## User\n\nq\n\n## Assistant\n\n|\n\n## User\n\n"),
        ("## User\r\n\r\nq\r\n", "## User\r\n\r\nq\r\n\r\n## Assistant\r\n\r\n|\r\n\r\n## User\r\n\r\n"),
        ("## User\r\nq", "## User\r\nq\r\n\r\n## Assistant\r\n\r\n|\r\n\r\n## User\r\n\r\n"),
        ("## User\n\nq\n\n## User\n\n", "## User\n\nq\n\n## Assistant\n\n|\n\n## User\n\n"),
        ("## User\nq\n## User", "## User\nq\n\n## Assistant\n\n|\n\n## User"),
        ("## User\nq\n\n## Assistant\n", "## User\nq\n\n## Assistant\n\n|\n\n## User\n\n"),
        ("## User\nq\n\n## Assistant", "## User\nq\n\n## Assistant\n\n|\n\n## User\n\n"),
        (
            "## User\nq\n\n## Assistant\n\n\n\n## User\n\n",
            "## User\nq\n\n## Assistant\n\n|\n\n## User\n\n",
        ),
        (
            "## User\n\n```\nq\n",
            "## User\n\n```\nq\n```\n<!-- fence closed by pygpt-lsp -->\n\n## Assistant\n\n|\n\n## User\n\n",
        ),
    ],
)
def test_sending_opens_an_answer_with_the_next_question_below_it(before: str, after: str) -> None:
    assert filled(before, open_answer(before), "|") == after


@given(hostile_texts(), hostile_texts(endings=("\n",)))
@example("q", "```\n## User")
@example("```\nq\n\n", "")
@example("q\n\n\n## User\n\n\n", "a\n\n")
def test_an_opened_answer_holds_what_streams_in_and_nothing_else_changes(text: str, answer: str) -> None:
    document = f"## User\n{text}"
    to_send = messages_to_send(parse_chat(document))
    assume(to_send.refusal is None)
    old = [(turn.role, turn.text.rstrip()) for turn in parse_chat(document).turns]
    asked = parse_chat(document).turns.index(to_send.turns[-1]) + 1
    later = old[asked:]
    if later and later[0][0] == "assistant":
        later.pop(0)  # a failed answer, used again
    after = parse_chat(filled(document, open_answer(document), answer)).turns
    assert after[asked].text == answer.replace("\r\n", "\n").replace("\r", "\n")
    assert [(turn.role, turn.text.rstrip()) for turn in after] == [
        *old[:asked],
        ("assistant", after[asked].text.rstrip()),
        *(later or [("user", "")]),
    ]


@pytest.mark.parametrize("ending", ["", "\n"])
def test_the_final_line_ending_is_never_in_the_edit(ending: str) -> None:
    for text in ("## User\nq", "## User\nq\n\n## Assistant\n\nold", "## User\nq\n\n## Assistant"):
        document = text + ending
        slot = reopen_answer(document, 1) if "Assistant" in text else open_answer(document)
        assert slot.end == len(text)
        assert filled(document, slot).endswith("## User\n\n")


@pytest.mark.parametrize(
    ("document", "index", "after"),
    [
        ("## User\nq\n## Assistant\nold\n", 1, "## User\nq\n## Assistant\n\n|\n\n## User\n\n"),
        (
            "## User\nq\n## Assistant\nold\n\n## User\n\nnext",
            1,
            "## User\nq\n## Assistant\n\n|\n\n## User\n\nnext",
        ),
        (
            "## User\r\nq\r\n## Assistant\r\nold",
            1,
            "## User\r\nq\r\n## Assistant\r\n\r\n|\r\n\r\n## User\r\n\r\n",
        ),
        ("## Assistant\n```\nold", 0, "## Assistant\n\n|\n\n## User\n\n"),
    ],
)
def test_regenerating_empties_the_answer_and_nothing_else(document: str, index: int, after: str) -> None:
    assert last_answer(parse_chat(document)) == index
    assert filled(document, reopen_answer(document, index), "|") == after


def test_only_an_answer_is_reopened() -> None:
    with pytest.raises(ValueError, match="no answer"):
        reopen_answer("## User\n\nq", 0)
    assert last_answer(parse_chat("## User\n\nq")) is None


def test_turns_without_text_are_not_sent() -> None:
    document = "## User\n\nq\n\n## Assistant\n\n \n\n## User\n\nq2\n\n## Assistant\n\na\n\n"
    document += "## User\n\nq3\n\n## User\n\n"
    assert sent(document) == [("user", "q"), ("user", "q2"), ("assistant", "a"), ("user", "q3")]
    assert sent(document, before=3) == [("user", "q"), ("user", "q2")]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "Just a note.",
        "## User\n\n  \n",
        "## User\n\nq\n\n## Assistant\n\na\n\n## User\n\n",
        "## User\n\n> #buffer\n\n",
    ],
)
def test_without_a_question_nothing_is_sent_and_the_user_is_told(document: str) -> None:
    to_send = messages_to_send(parse_chat(document))
    assert to_send.turns == ()
    assert to_send.refusal is not None
    assert "write your question" in to_send.refusal
    with pytest.raises(ValueError, match="write your question"):
        open_answer(document)


def test_a_fence_that_hides_the_question_is_pointed_out() -> None:
    refusal = messages_to_send(parse_chat("## Assistant\n\n```\n\n## User\n\nq")).refusal
    assert refusal is not None
    assert "line 3" in refusal


def test_there_is_nothing_to_regenerate_without_a_question_above() -> None:
    refusal = messages_to_send(parse_chat("## Assistant\n\na\n"), before=0).refusal
    assert refusal is not None
    assert "above this answer" in refusal


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Why is `parse()` slow?", "Why is parse() slow?"),
        ("\n\n## Über Größe\n", "Über Größe"),
        ("> #file:a.py\n\n1. Fix  it", "Fix it"),
        ("```py\ncode\n```\nExplain this", "Explain this"),
        ("```\n\n    raise Größe('😀')\n```\n?", "raise Größe('😀')"),
        ("---\n***\n😀", "Chat"),
        ("", "Chat"),
        ("なぜ遅いのですか", "なぜ遅いのですか"),
        ("../../etc/passwd\\..:*?", "../../etc/passwd\\..:*?"),
        ("word " * 40, "word word word word word word word word word word word…"),
        ("a\x1b[1mb\u200bc", "a [1mb c"),
        ("x" * 200, "x" * 59 + "…"),
    ],
)
def test_a_chat_is_called_after_its_first_line_that_says_something(question: str, title: str) -> None:
    assert chat_title(question) == title


@given(hostile_texts())
def test_a_title_is_one_short_printable_line(question: str) -> None:
    assert len(chat_title(question)) <= 60
    assert chat_title(question).isprintable()
