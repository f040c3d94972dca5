"""The Chat Completions API, which nearly every OpenAI-compatible server speaks, each with its own gaps."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.core.messages import Finished, ReasoningDelta, TextDelta, Usage
from pygpt_lsp.services.model_errors import StreamFault
from pygpt_lsp.services.model_streams import (
    OptionalParts,
    check_is_events,
    check_is_object,
    count,
    field,
    words,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import openai

    from pygpt_lsp.core.messages import Api, FinishReason, ModelEvent, ModelRequest

_USAGE = "stream_options"
_OLD_LIMIT = "max_tokens"
_USAGE_WAIT = 2.0
"""Seconds that the usage may lag behind the end of the answer."""

_FINISH: dict[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}
"""Other reasons ("stop", "tool_calls", a server's own) mean that the answer is whole."""


class ChatCompletionsApi:
    """Speaks `POST /chat/completions`.

    `official`: the server is OpenAI's (or Azure's) own, where the limit is named `max_completion_tokens`;
    others mostly know its old name. `at_openai`: the server is OpenAI's, which may keep what is asked
    unless it is told not to; some others refuse the word.
    """

    name: Api = "chat"

    def __init__(self, client: openai.AsyncOpenAI, *, official: bool, at_openai: bool) -> None:
        self._create: Any = client.chat.completions.create
        self._at_openai = at_openai
        self._optional = OptionalParts(_USAGE, *([] if official else [_OLD_LIMIT]))

    async def open(self, request: ModelRequest, headers: Mapping[str, str]) -> openai.AsyncStream[Any]:
        """See `Dialect.open`."""
        return await self._optional.send(
            lambda: self._create(**self._body(request), stream=True, extra_headers=headers)
        )

    def over(self, client: openai.AsyncOpenAI) -> ChatCompletionsApi:
        """See `Dialect.over`."""
        other = ChatCompletionsApi(client, official=False, at_openai=self._at_openai)
        other._optional = self._optional
        return other

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": role, "content": content} for role, content in request.messages],
        }
        if self._at_openai:
            body["store"] = False
        if _USAGE in self._optional:
            body[_USAGE] = {"include_usage": True}
        if request.max_output_tokens is not None:
            limit = _OLD_LIMIT if _OLD_LIMIT in self._optional else "max_completion_tokens"
            body[limit] = request.max_output_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.reasoning_effort is not None:
            body["reasoning_effort"] = request.reasoning_effort
        return body

    async def read(self, stream: openai.AsyncStream[Any]) -> AsyncGenerator[ModelEvent, None]:
        """See `Dialect.read`. The answer is whole once a finish reason came; the usage follows it."""
        async with stream:
            check_is_events(stream)
            refused, chunks = False, aiter(stream)
            async for chunk in chunks:
                check_is_object(chunk)
                choice = _choice(chunk)
                delta = field(choice, "delta")
                # OpenAI's servers send no reasoning here; the field has two names among the others.
                if thought := words(delta, "reasoning_content") or words(delta, "reasoning"):
                    yield ReasoningDelta(thought)
                if text := words(delta, "content"):
                    yield TextDelta(text)
                if refusal := words(delta, "refusal"):
                    refused = True
                    yield TextDelta(refusal)
                if reason := words(choice, "finish_reason"):
                    usage = _usage(chunk) or await _late_usage(chunks) or Usage()
                    finish = _FINISH.get(reason, "refusal" if refused else "stop")
                    yield Finished(finish, usage, words(chunk, "model"))
                    return
        raise StreamFault(ErrorKind.CUT)


def _choice(chunk: object) -> object:
    choices = field(chunk, "choices")
    return cast("list[object]", choices)[0] if isinstance(choices, list) and choices else None


def _usage(chunk: object) -> Usage | None:
    if field(chunk, "usage") is None:
        return None
    return Usage(
        input_tokens=count(chunk, "usage", "prompt_tokens"),
        output_tokens=count(chunk, "usage", "completion_tokens"),
        reasoning_tokens=count(chunk, "usage", "completion_tokens_details", "reasoning_tokens"),
        cached_tokens=count(chunk, "usage", "prompt_tokens_details", "cached_tokens"),
    )


async def _late_usage(chunks: AsyncIterator[object]) -> Usage | None:
    """The usage that comes after the answer; what goes wrong now cannot spoil the answer any more."""
    usage = None
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_USAGE_WAIT):
            async for chunk in chunks:
                usage = _usage(chunk) or usage
    return usage
