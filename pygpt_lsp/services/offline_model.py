"""The demo's model: an OpenAI API inside the process, put in the network's place behind the same door.

`Egress(transport=OfflineTransport(), …)` makes everything else work as with a real API: the same SDK, the
same guard, the same streams. It opens no socket.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import httpx2

from pygpt_lsp.services.offline_answers import offline_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

MODEL = "offline-stand-in"
"""What the answers name as their model, so that nobody takes it for another."""

BASE_URL = "http://localhost/offline/v1"
"""An address for it; any that the door lets through does."""

_CREATED = 0


class OfflineTransport(httpx2.AsyncBaseTransport):
    """Answers `POST …/responses` and `POST …/chat/completions` with a stream, `GET …/models` with its name.

    A word is sent every `delay` seconds (`sleep` is there for tests).
    """

    def __init__(
        self, *, delay: float = 0.02, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._delay = delay
        self._sleep = sleep

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if request.method == "GET" and path.endswith("/models"):
            model = {"id": MODEL, "object": "model", "created": _CREATED, "owned_by": "pygpt-lsp"}
            return httpx2.Response(200, json={"object": "list", "data": [model]})
        events = {"/responses": _responses_events, "/chat/completions": _chat_events}
        make = next((make for end, make in events.items() if path.endswith(end)), None)
        if request.method != "POST" or make is None:
            return httpx2.Response(
                404, json={"error": {"message": "The offline stand-in has no such address."}}
            )
        body = json.loads(await request.aread())
        question = _last_question(body.get("input") or body.get("messages") or [])
        pieces = re.findall(r"\S+\s*|\s+", offline_answer(question))
        stream = _Paced(make(pieces, _tokens(json.dumps(body))), self._delay, self._sleep)
        return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, stream=stream)


class _Paced(httpx2.AsyncByteStream):
    """A body that is sent event by event."""

    def __init__(
        self, events: Iterator[bytes], delay: float, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._events = events
        self._delay = delay
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            yield event
            await self._sleep(self._delay)


def _last_question(messages: list[dict[str, Any]]) -> str:
    said = [message["content"] for message in messages if message.get("role") == "user"]
    return said[-1] if said and isinstance(said[-1], str) else ""


def _tokens(text: str) -> int:
    """A rough count, four characters each."""
    return max(1, len(text) // 4)


def _sse(data: dict[str, Any] | str) -> bytes:
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def _responses_events(pieces: list[str], input_tokens: int) -> Iterator[bytes]:
    response = {"id": "resp_offline", "object": "response", "created_at": _CREATED, "model": MODEL}
    yield _sse({"type": "response.created", "response": {**response, "status": "in_progress", "output": []}})
    place = {"item_id": "msg_offline", "output_index": 0, "content_index": 0}
    for piece in pieces:
        yield _sse({"type": "response.output_text.delta", **place, "delta": piece})
    output_tokens = _tokens("".join(pieces))
    usage = {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    }
    done: dict[str, Any] = {**response, "status": "completed", "output": [], "usage": usage}
    yield _sse({"type": "response.completed", "response": done})


def _chat_events(pieces: list[str], input_tokens: int) -> Iterator[bytes]:
    head = {"id": "chatcmpl-offline", "object": "chat.completion.chunk", "created": _CREATED, "model": MODEL}
    for piece in pieces:
        choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
        yield _sse({**head, "choices": [choice]})
    yield _sse({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    output_tokens = _tokens("".join(pieces))
    usage = {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    }
    yield _sse({**head, "choices": [], "usage": usage})
    yield _sse("[DONE]")
