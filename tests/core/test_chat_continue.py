"""Context for the next question goes where that is written, once, and nothing else of the chat changes."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from pygpt_lsp.core.chat import ChatDocument, parse_chat
from pygpt_lsp.core.chat_continue import add_context
from tests.support.chat_texts import hostile_texts

LINES = ["> #file:src/ö 😀.py:3-4", "> #diagnostics:src/ö 😀.py:3-4"]


def added(text: str, lines: list[str] = LINES) -> str:
    slot = add_context(text, lines)
    assert slot is not None
    result = text[: slot.start] + slot.text + text[slot.end :]
    assert parse_chat(result).turns[-1].body_end >= slot.anchor
    return result


def named(document: ChatDocument) -> list[str]:
    return [ref.raw for ref in document.turns[-1].context]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("## User\n\n", "## User\n\n> #file:a.py:1\n\n"),
        ("## User\n", "## User\n\n> #file:a.py:1\n\n"),
        ("## User", "## User\n\n> #file:a.py:1\n\n"),
        ("## User\n\nMy draft.\n", "## User\n\n> #file:a.py:1\n\nMy draft.\n"),
        ("## User\r\n\r\nMy ö\r\n", "## User\r\n\r\n> #file:a.py:1\r\n\r\nMy ö\r\n"),
        ("## User\n\n> #diff\n\nWhy?\n", "## User\n\n> #diff\n> #file:a.py:1\n\nWhy?\n"),
        ("## User\n\n> #diff", "## User\n\n> #diff\n> #file:a.py:1\n\n"),
        ("## User\n\n> #diff\n", "## User\n\n> #diff\n> #file:a.py:1\n\n"),
        (
            "## User\n\nQ\n\n## Assistant\n\nA\n",
            "## User\n\nQ\n\n## Assistant\n\nA\n\n## User\n\n> #file:a.py:1\n\n",
        ),
        ("", "## User\n\n> #file:a.py:1\n\n"),
    ],
)
def test_the_lines_stand_where_the_next_question_is_written(text: str, result: str) -> None:
    assert added(text, ["> #file:a.py:1"]) == result


def test_what_stands_there_already_is_not_added_again() -> None:
    text = "## User\n\n#file: a.py:1-2\n\nWhy?\n"
    assert add_context(text, ["> #file:a.py:1-2"]) is None
    assert named(parse_chat(added(text, ["> #file:a.py:1-2", "> #file:a.py:5"]))) == [
        "#file: a.py:1-2",
        "#file:a.py:5",
    ]
    earlier = f"{text}\n## Assistant\n\nSo.\n\n## User\n\n"
    assert named(parse_chat(added(earlier, ["> #file:a.py:1-2"]))) == ["#file:a.py:1-2"]


@given(hostile_texts(endings=("\n", "\r\n")))
@example("```\n## User\n")
@example("## User\n\n## Assistant\n\n```py\ncode")
def test_whatever_the_chat_holds_only_its_next_question_changes(text: str) -> None:
    before, after = parse_chat(text), parse_chat(result := added(text))
    fresh = not before.turns or before.turns[-1].role == "assistant"
    assert len(after.turns) == len(before.turns) + fresh
    assert after.front_matter == before.front_matter
    if not fresh:
        assert after.turns[-1].question == before.turns[-1].question
        assert [turn.text for turn in after.turns[:-1]] == [turn.text for turn in before.turns[:-1]]
        assert named(after)[: len(named(before))] == named(before)
    assert [f"> {raw}" for raw in named(after)[-2:]] == LINES
    assert add_context(result, LINES) is None
