"""OpenAI's Responses API: the request it takes and the events it streams.

Nothing is kept on OpenAI's side (`store=false`), so each request carries the whole conversation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.core.messages import Finished, ReasoningDelta, TextDelta, Usage
from pygpt_lsp.services.model_errors import StreamFault, fault_of
from pygpt_lsp.services.model_streams import (
    OptionalParts,
    check_is_events,
    check_is_object,
    count,
    field,
    read_out,
    words,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    import openai

    from pygpt_lsp.core.messages import Api, FinishReason, ModelEvent, ModelRequest

_REASONS = re.compile(r"(ft:)?(o\d|gpt-([5-9]|\d\d)(?!\S*chat))")
"""Models that reason, by name; the others refuse what only concerns reasoning."""

_SUMMARY = "reasoning.summary"
_ENCRYPTED = "include"


class ResponsesApi:
    """Speaks `POST /responses`."""

    name: Api = "responses"

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._create: Any = client.responses.create
        # Summaries need an organization that OpenAI has verified.
        self._optional = OptionalParts(_SUMMARY, _ENCRYPTED)

    async def open(self, request: ModelRequest, headers: Mapping[str, str]) -> openai.AsyncStream[Any]:
        """See `Dialect.open`."""
        return await self._optional.send(
            lambda: self._create(**self._body(request), stream=True, extra_headers=headers)
        )

    def over(self, client: openai.AsyncOpenAI) -> ResponsesApi:
        """See `Dialect.over`."""
        other = ResponsesApi(client)
        other._optional = self._optional
        return other

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        spoken = list(request.messages)
        instructions: list[str] = []
        while spoken and spoken[0].role == "system":
            instructions.append(spoken.pop(0).content)
        body: dict[str, Any] = {
            "model": request.model,
            "store": False,
            "input": [
                {"role": "developer" if role == "system" else role, "content": content}
                for role, content in spoken
            ],
        }
        if instructions:
            body["instructions"] = "\n\n".join(instructions)
        if request.max_output_tokens is not None:
            body["max_output_tokens"] = request.max_output_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body | self._reasoning(request)

    def _reasoning(self, request: ModelRequest) -> dict[str, Any]:
        effort = request.reasoning_effort
        if effort == "none" or (effort is None and not _REASONS.match(request.model)):
            return {} if effort is None else {"reasoning": {"effort": effort}}
        reasoning = {"effort": effort} if effort is not None else {}
        if _SUMMARY in self._optional:
            reasoning["summary"] = "auto"
        parts: dict[str, Any] = {"reasoning": reasoning} if reasoning else {}
        if _ENCRYPTED in self._optional:
            parts["include"] = ["reasoning.encrypted_content"]
        return parts

    async def read(self, stream: openai.AsyncStream[Any]) -> AsyncGenerator[ModelEvent, None]:
        """See `Dialect.read`. Parts of an answer (or of a summary) are separated by an empty line."""
        async with stream:
            check_is_events(stream)
            text, reasoning, refused = _Parts(), _Parts(), False
            async for event in stream:
                check_is_object(event)
                match words(event, "type"):
                    case "response.output_text.delta" | "response.refusal.delta" as kind:
                        refused = refused or kind == "response.refusal.delta"
                        if piece := text.joined(event, "content_index"):
                            yield TextDelta(piece)
                    case "response.reasoning_summary_text.delta":
                        if piece := reasoning.joined(event, "summary_index"):
                            yield ReasoningDelta(piece)
                    case "response.reasoning_text.delta":
                        if piece := reasoning.joined(event, "content_index"):
                            yield ReasoningDelta(piece)
                    case "response.completed" | "response.incomplete":
                        yield _finished(field(event, "response"), refused)
                        await read_out(stream)
                        return
                    case "response.failed":
                        error = field(event, "response", "error")
                        raise fault_of(field(error, "code"), field(error, "message"))
                    case "error":
                        raise fault_of(field(event, "code"), field(event, "message"))
                    case _:
                        pass  # progress of items and tools, or news of an API younger than this file
        raise StreamFault(ErrorKind.CUT)


class _Parts:
    """Joins the deltas of several parts into one text."""

    def __init__(self) -> None:
        self._last: tuple[object, object] | None = None

    def joined(self, event: object, index: str) -> str:
        piece = words(event, "delta")
        part = (field(event, "output_index"), field(event, index))
        if not piece:
            return ""
        starts_anew = self._last is not None and self._last != part
        self._last = part
        return f"\n\n{piece}" if starts_anew else piece


def _finished(response: object, refused: bool) -> Finished:
    usage = Usage(
        input_tokens=count(response, "usage", "input_tokens"),
        output_tokens=count(response, "usage", "output_tokens"),
        reasoning_tokens=count(response, "usage", "output_tokens_details", "reasoning_tokens"),
        cached_tokens=count(response, "usage", "input_tokens_details", "cached_tokens"),
    )
    reason = words(response, "incomplete_details", "reason")
    by_reason = {"max_output_tokens": "length", "content_filter": "content_filter"}
    finish = by_reason.get(reason, "refusal" if refused else "stop")
    return Finished(cast("FinishReason", finish), usage, words(response, "model"))
