"""The log at the level `trace` shows messages as they are, and of settings and secrets nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from pygpt_lsp.lsp.message_trace import MessageTrace
from pygpt_lsp.services.logs import TRACE

SECRET = {"other": [{"token": "canary"}]}


@pytest.fixture
def trace(caplog: pytest.LogCaptureFixture) -> MessageTrace:
    """One that logs to `caplog`."""
    caplog.set_level(TRACE, "a connection")
    return MessageTrace(logging.getLogger("a connection"))


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1, "method": "initialize", "params": {"rootUri": None, "initializationOptions": SECRET}},
        {"method": "workspace/didChangeConfiguration", "params": {"settings": SECRET}},
        {"id": "ö", "result": [SECRET, "canary"]},
    ],
    ids=lambda message: str(message.get("method")),
)
def test_no_setting_is_logged(
    trace: MessageTrace, caplog: pytest.LogCaptureFixture, message: dict[str, Any]
) -> None:
    trace.sent({"id": "ö", "method": "workspace/configuration", "params": {"items": []}})
    before = repr(message)
    trace.received(message)
    assert "canary" not in caplog.text
    assert "…" in caplog.text
    assert repr(message) == before, "the message itself is whole"


def test_no_secret_in_a_text_is_logged(trace: MessageTrace, caplog: pytest.LogCaptureFixture) -> None:
    token = f"ghp_{'a1B2c3' * 6}"
    text = f'TOKEN = "{token}"\nurl = "https://me:pa55w0rd-q7@example.org/x"\n'
    trace.received({"method": "textDocument/didOpen", "params": {"textDocument": {"text": text}}})
    trace.sent({"method": "workspace/applyEdit", "params": {"edits": [{"newText": text}]}})
    for secret in (token, "pa55w0rd-q7"):
        assert secret not in caplog.text
    assert caplog.text.count("TOKEN = ") == caplog.text.count("https://me:***@example.org") == 2


def test_everything_else_is_logged_as_it_is(trace: MessageTrace, caplog: pytest.LogCaptureFixture) -> None:
    trace.sent({"id": 1, "method": "workspace/configuration", "params": {}})
    trace.received({"id": 1, "result": ["canary"]})
    trace.sent({"id": 1, "method": "window/showMessageRequest", "params": {}})
    for message in (
        {"id": 1, "result": {"title": "ö 😀"}},
        {"id": [1], "result": "whoever sends such an id"},
        {"id": 2, "method": "initialize", "params": "nothing that has options"},
        {"id": 3, "method": ["no", "name"]},
    ):
        trace.received(message)
    for text in ("ö 😀", "whoever", "nothing that has options", "no"):
        assert text in caplog.text


def test_what_is_no_message_or_nests_too_deeply_is_not_repeated(
    trace: MessageTrace, caplog: pytest.LogCaptureFixture
) -> None:
    trace.unreadable(b'{"canary": ')
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    trace.received({"params": deep})
    assert caplog.messages == [
        "received 11 bytes that are no message",
        "received a message that nests too deeply",
    ]
