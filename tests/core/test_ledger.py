"""What the ledger says, and the frame by which its hashes can be checked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.body_shape import body_from, hash_of, shape_of
from pygpt_lsp.core.ledger import (
    VERSION_CHECK,
    Contribution,
    LedgerRow,
    LedgerView,
    bytes_sentence,
    sum_sentence,
    sums_of,
    together,
)
from pygpt_lsp.core.messages import Message
from pygpt_lsp.core.privacy_report import Line, PrivacyReport, as_json, as_lines, as_page

MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(("system", "user", "assistant")), st.text()), min_size=1, max_size=5
)


def row(
    host: str, purpose: str = "ask", out: int | None = 10, back: int | None = 20, sent: float = 0
) -> LedgerRow:
    return LedgerRow(f"{host}{purpose}{sent}", sent, purpose, host, bytes_out=out, bytes_in=back)


def written(body: object) -> bytes:
    """A body as the SDK writes it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def chat_body(messages: list[Message]) -> bytes:
    said = [{"role": message.role, "content": message.content} for message in messages]
    return written({"model": "gpt-ö", "messages": said, "stream": True, "temperature": 0.5})


@given(MESSAGES)
def test_a_frame_and_the_messages_are_the_body_byte_for_byte(messages: list[Message]) -> None:
    body = chat_body(messages)
    shape = shape_of(body, messages)
    assert body_from(shape, [message.content for message in messages]) == body


def test_what_the_system_says_first_may_be_joined() -> None:
    messages = [Message("system", "Be ö."), Message("system", "Be 😀."), Message("user", "Why?")]
    said = [{"role": "user", "content": "Why?"}]
    body = written({"model": "m", "store": False, "input": said, "instructions": "Be ö.\n\nBe 😀."})
    shape = shape_of(body, messages)
    assert body_from(shape, [message.content for message in messages]) == body


@given(MESSAGES)
def test_a_frame_holds_nothing_of_what_was_said(messages: list[Message]) -> None:
    canaries = [Message(role, f"canary {text}") for role, text in messages]
    assert "canary" not in shape_of(chat_body(canaries), canaries)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b'{"messages":[{"role":"user","content":"something else"}]}',
        b'{"messages": [{"role": "user", "content": "Why?"}]}',
    ],
    ids=["empty", "no JSON", "a text of nobody's", "written otherwise"],
)
def test_a_body_that_the_messages_do_not_give_back_has_no_frame(body: bytes) -> None:
    assert shape_of(body, [Message("user", "Why?")]) == ""


def test_other_messages_give_another_hash() -> None:
    messages = [Message("user", "Why ö?")]
    shape = shape_of(chat_body(messages), messages)
    assert hash_of(body_from(shape, ["Why ö!"])) != hash_of(chat_body(messages))
    with pytest.raises(LookupError):
        body_from(shape, [])


def test_the_sum_says_requests_by_host_then_version_checks_and_nothing_else() -> None:
    rows = [row("a"), row("b"), row("b"), row("c", VERSION_CHECK)]
    view = LedgerView(1.0, sums_of(rows), tuple(rows))
    told = "Since Monday: 2 requests to b, 1 request to a, 1 version check to c, nothing else."
    assert sum_sentence(view, "Monday") == told
    assert bytes_sentence(view) == "40 bytes out, 80 bytes in."


def test_a_sum_of_nothing_is_said_too() -> None:
    assert sum_sentence(LedgerView(None), "") == "So far: no request, no version check, nothing else."


def test_bytes_that_nobody_knows_are_counted_as_such() -> None:
    view = LedgerView(None, sums_of([row("a"), row("a", out=None, back=None)]))
    assert bytes_sentence(view) == "10 bytes out, 20 bytes in, without 1 whose bytes are not known."


def test_ledgers_together_are_as_old_as_the_oldest_and_show_the_newest_rows() -> None:
    first = LedgerView(5.0, sums_of([row("a", sent=1)]), (row("a", sent=1),))
    second = LedgerView(3.0, sums_of([row("a", sent=2)]), (row("a", sent=2),))
    both = together([first, second, LedgerView(None)], 1)
    assert both.since == 3.0
    assert [(each.host, each.requests, each.bytes_out) for each in both.sums] == [("a", 2, 20)]
    assert [each.sent for each in both.rows] == [2]


def test_what_a_repository_named_steers_no_terminal_and_becomes_no_link() -> None:
    bad = "\x1b]0;x\x07[a](http://evil)\n# h"
    told = row(bad)._replace(sources=(Contribution(bad, 1, 2),), purpose=bad)
    view = LedgerView(0.0, sums_of([told]), (told,))
    report = PrivacyReport("all", (Line("answers", bad),), (), (), view)
    lines, page = as_lines(report, str), as_page(report, str)
    assert not any("\x1b" in line or "\n" in line for line in lines)
    assert "\x1b" not in page
    assert "[a]" not in page
    assert "\n# h" not in page
    assert as_json(report, str)["rows"][0]["sources"] == [{"path": bad, "first": 1, "last": 2}]
