"""A request can be seen before it is sent, byte for byte; and who sends one may watch it go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.errors import ErrorKind, PygptError, RequestRefused
from pygpt_lsp.core.messages import Message, ModelRequest
from pygpt_lsp.core.wire import HIDDEN, WireRequest
from pygpt_lsp.services.chat_model import OpenAIChatModel
from pygpt_lsp.services.egress import Egress
from pygpt_lsp.services.witness import witnessed
from tests.services.chat_model.kit import API, ASKED, KEY, Make, Spoken, events_of
from tests.support.api_failures import bad_request, rate_limited

if TYPE_CHECKING:
    from pygpt_lsp.services.api_key import FoundKey
    from tests.support.api_server import ScriptedApi

FULL = ModelRequest("gpt-5.5", ASKED.messages, 77, 0.5, "high")


class NoKey:
    """A source of keys that must not be asked."""

    async def key(self) -> FoundKey:
        raise AssertionError("a key was asked for")

    async def after_rejection(self, rejected: object) -> FoundKey | None:
        raise AssertionError("a key was asked for")


def without_key(raw: bytes) -> bytes:
    """A request as it came in, with the key hidden as it is in what is shown."""
    return raw.replace(f"Bearer {KEY}".encode(), HIDDEN.encode())


def raw(shown: WireRequest) -> bytes:
    """What is shown, as it goes over the wire (RFC 9112 § 2.1)."""
    return shown.head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + shown.body


@API
@pytest.mark.parametrize("request_", [ASKED, FULL], ids=["plain", "full"])
async def test_what_is_shown_is_what_is_sent_to_the_byte(
    api: ScriptedApi, make: Make, spoken: Spoken, request_: ModelRequest
) -> None:
    model = make(spoken, env={"OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj-1"})
    shown = await model.preview(request_)
    assert not api.journal
    await events_of(model, request_)
    assert raw(shown) == without_key(api.requests[0].raw)
    assert shown.body == api.requests[0].body
    assert shown.url == api.origin + api.requests[0].path


@API
async def test_what_the_server_has_refused_is_not_shown_either(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    model = make(spoken)
    part = "include" if spoken == "responses" else "stream_options"
    api.fail(bad_request(part))
    before = await model.preview(ASKED)
    await events_of(model)
    after = await model.preview(ASKED)
    assert part in before.body.decode()
    assert part not in after.body.decode()
    assert [before.body, after.body] == [request.body for request in api.requests]


@API
async def test_a_preview_asks_for_no_key_and_opens_no_connection(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    model = make(spoken, key=NoKey())
    shown = await model.preview(ASKED)
    assert ("Authorization", HIDDEN) in shown.headers
    assert api.connections == 0


async def test_a_preview_of_an_address_that_cannot_be_used_is_refused_as_the_request_is() -> None:
    egress = Egress(
        api_base_url="http://example.org/v1", update_url="", connect_timeout=1, idle_timeout=1, env={}
    )
    model = OpenAIChatModel(egress, NoKey(), env={})
    with pytest.raises(RequestRefused) as refused:
        await model.preview(ASKED)
    assert refused.value.kind is ErrorKind.INSECURE


async def test_a_text_that_no_request_can_hold_is_a_sentence(make: Make) -> None:
    broken = ASKED._replace(messages=(Message("user", "half \ud83d"),))
    with pytest.raises(PygptError):
        await make().preview(broken)


@API
async def test_who_asks_sees_each_try_as_it_goes_and_never_the_key(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    seen: list[WireRequest] = []
    model = make(spoken)
    api.fail(rate_limited("1"))
    with witnessed(seen.append):
        await events_of(model)
    await events_of(model)
    assert [raw(each) for each in seen] == [without_key(request.raw) for request in api.requests[:2]]
    assert KEY not in repr(seen)
