"""What the tests of the chat model share: a way to make models, and ways to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from pygpt_lsp.core.errors import ModelError
from pygpt_lsp.core.messages import Message, ModelEvent, ModelRequest, TextDelta
from pygpt_lsp.services.api_key import ApiKey, FixedKey
from pygpt_lsp.services.chat_model import OpenAIChatModel
from pygpt_lsp.services.egress import Egress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    import httpx2

    from pygpt_lsp.services.api_key import KeySource
    from tests.support.api_server import ScriptedApi

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT
KEY = "sk-canary-0123456789abcdefghij"
ASKED = ModelRequest(
    "gpt-5.5",
    (Message("system", "Be brief."), Message("user", "Was heißt 😀?\r\n"), Message("assistant", "")),
)
OPENAI = "https://api.openai.com/v1"
PROMPT = "the canary sings in the mine at dawn"
API = pytest.mark.parametrize("spoken", ["responses", "chat"])
Spoken = Literal["responses", "chat"]


class Waits:
    """Stands in for `asyncio.sleep` and keeps what was waited for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Make:
    """Makes models that ask the scripted API and wait for nothing."""

    def __init__(self, api: ScriptedApi, waits: Waits) -> None:
        self._api = api
        self._waits = waits
        self.made: list[OpenAIChatModel] = []

    def __call__(
        self,
        spoken: Literal["auto", "responses", "chat"] = "chat",
        *,
        idle: float = 10,
        env: Mapping[str, str] | None = None,
        key: ApiKey | KeySource | None = None,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        jitter: float = 0.0,
    ) -> OpenAIChatModel:
        egress = Egress(
            api_base_url=self._api.base_url,
            update_url=self._api.update_url,
            connect_timeout=5,
            idle_timeout=idle,
            env={},
        )
        model = OpenAIChatModel(
            egress,
            key or ApiKey(KEY),
            api=spoken,
            env=env or {},
            sleep=sleep or self._waits,
            jitter=lambda: jitter,
            now=lambda: NOW,
        )
        self.made.append(model)
        return model


async def events_of(model: OpenAIChatModel, request: ModelRequest = ASKED) -> list[ModelEvent]:
    """All events of an answer that does not fail."""
    return [event async for event in model.stream(request)]


async def failure_of(
    model: OpenAIChatModel, request: ModelRequest = ASKED
) -> tuple[ModelError, list[ModelEvent]]:
    """The failure, and the events before it."""
    events: list[ModelEvent] = []
    try:
        async for event in model.stream(request):
            events.append(event)  # noqa: PERF401 - what came before the error counts
    except ModelError as error:
        return error, events
    pytest.fail("the model answered")


def text_of(events: Iterable[ModelEvent]) -> str:
    """The answer's text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def no_wait(_: float) -> None:
    """A sleep that takes no time."""


def model_at(
    base_url: str,
    *,
    api: Spoken | Literal["auto"] = "auto",
    env: Mapping[str, str] | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> OpenAIChatModel:
    """A model at any address, with the default timeouts; `env` holds proxy and certificates."""
    egress = Egress(
        api_base_url=base_url,
        update_url="https://pygpt.net/api/version",
        connect_timeout=10,
        idle_timeout=120,
        env=env or {},
        transport=transport,
    )
    key = FixedKey(ApiKey(KEY), "api_key_command")
    return OpenAIChatModel(egress, key, api=api, env={}, sleep=no_wait, jitter=lambda: 0.0)


async def error_of(model: OpenAIChatModel) -> ModelError:
    """The failure of a question; the model is closed after it."""
    request = ModelRequest("gpt-5.5", (Message("user", PROMPT),))
    try:
        return (await failure_of(model, request))[0]
    finally:
        await model.aclose()
