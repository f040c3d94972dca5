"""How an answer looks on the wire, in both of OpenAI's streaming APIs.

A `Wire` turns "this piece of text, then the end" into the exact server-sent events (and into the plain JSON
body when the client did not ask for a stream). It knows the formats and nothing about sockets.
"""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]
FinishReason: TypeAlias = Literal["stop", "length", "content_filter", "failed", "error"]
"""How an answer ends; "failed" and "error" are errors that the API reports inside the stream."""

CREATED_AT = 1_760_000_000
"""The time every answer claims to be made (seconds since the epoch)."""

SERVER_ERROR = "The server had an error while processing your request. Sorry about that!"


class Tokens(NamedTuple):
    """The usage an answer reports."""

    input: int = 11
    output: int = 7
    reasoning: int = 0
    cached: int = 0


class Wire(Protocol):
    """One answer on its way out."""

    def begin(self) -> bytes:
        """What is sent before the first piece."""
        ...

    def text(self, delta: str) -> bytes:
        """A piece of the answer."""
        ...

    def refusal(self, delta: str) -> bytes:
        """A piece of a refusal."""
        ...

    def reasoning(self, delta: str) -> bytes:
        """A piece of the summary of the model's reasoning."""
        ...

    def finish(self, reason: FinishReason, usage: Tokens | None) -> bytes:
        """The end."""
        ...

    def malformed(self) -> bytes:
        """An event whose JSON is broken."""
        ...

    def plain(self, reason: FinishReason, usage: Tokens | None) -> Json:
        """All that was said so far as one JSON body, for a request without `stream`."""
        ...


def sse(data: Json | str, event: str | None = None) -> bytes:
    """One server-sent event (WHATWG HTML, section 9.2)."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {text}\n\n".encode()


class ResponsesWire:
    """The events of `POST /responses`, with their sequence numbers and items."""

    def __init__(self, body: Json) -> None:
        self._body = body
        self._sequence = 0
        self._items: list[Json] = []
        self._open: Literal["text", "refusal", "reasoning"] | None = None

    def begin(self) -> bytes:
        return self._event("response.created", response=self._response("in_progress")) + self._event(
            "response.in_progress", response=self._response("in_progress")
        )

    def text(self, delta: str) -> bytes:
        out = self._turn_to("text")
        self._items[-1]["content"][-1]["text"] += delta
        return out + self._event("response.output_text.delta", **self._part(), delta=delta, logprobs=[])

    def refusal(self, delta: str) -> bytes:
        out = self._turn_to("refusal")
        self._items[-1]["content"][-1]["refusal"] += delta
        return out + self._event("response.refusal.delta", **self._part(), delta=delta)

    def reasoning(self, delta: str) -> bytes:
        out = self._turn_to("reasoning")
        self._items[-1]["summary"][-1]["text"] += delta
        return out + self._event("response.reasoning_summary_text.delta", **self._summary(), delta=delta)

    def finish(self, reason: FinishReason, usage: Tokens | None) -> bytes:
        if reason == "error":
            return self._event("error", code="server_error", message=SERVER_ERROR, param=None)
        status = _STATUS[reason]
        out = self._turn_to(None, status="completed" if status == "completed" else "incomplete")
        return out + self._event(f"response.{status}", response=self.plain(reason, usage))

    def malformed(self) -> bytes:
        return sse('{"type":"response.output_text.delta","delta":"half a li', "response.output_text.delta")

    def plain(self, reason: FinishReason, usage: Tokens | None) -> Json:
        whole = self._response(_STATUS[reason])
        whole["output"] = self._items
        if reason in ("failed", "error"):
            whole["error"] = {"code": "server_error", "message": SERVER_ERROR}
        elif reason != "stop":
            why = "max_output_tokens" if reason == "length" else "content_filter"
            whole["incomplete_details"] = {"reason": why}
        if usage is not None:
            whole["usage"] = {
                "input_tokens": usage.input,
                "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
                "output_tokens": usage.output,
                "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                "total_tokens": usage.input + usage.output,
            }
        return whole

    def _turn_to(
        self, kind: Literal["text", "refusal", "reasoning"] | None, status: str = "completed"
    ) -> bytes:
        """Close what is open and open an item of `kind` (None: just close)."""
        if kind == self._open:
            return b""
        out = self._close(status)
        self._open = kind
        if kind == "reasoning":
            item: Json = {"id": f"rs_{len(self._items)}", "type": "reasoning", "summary": []}
            if "reasoning.encrypted_content" in (self._body.get("include") or []):
                item["encrypted_content"] = "gAAAAA-opaque"
            out += self._add_item(item)
            item["summary"].append({"type": "summary_text", "text": ""})
            empty = {"type": "summary_text", "text": ""}
            out += self._event("response.reasoning_summary_part.added", **self._summary(), part=empty)
        elif kind is not None:
            item = {"id": f"msg_{len(self._items)}", "type": "message", "role": "assistant"}
            item |= {"status": "in_progress", "content": []}
            out += self._add_item(item)
            part: Json = {"type": "refusal", "refusal": ""}
            if kind == "text":
                part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            item["content"].append(dict(part))
            out += self._event("response.content_part.added", **self._part(), part=part)
        return out

    def _close(self, status: str) -> bytes:
        if self._open is None:
            return b""
        item = self._items[-1]
        if self._open == "reasoning":
            part = item["summary"][-1]
            done = "response.reasoning_summary_text.done"
            out = self._event(done, **self._summary(), text=part["text"])
            out += self._event("response.reasoning_summary_part.done", **self._summary(), part=part)
        else:
            part = item["content"][-1]
            item["status"] = status
            if self._open == "text":
                done = "response.output_text.done"
                out = self._event(done, **self._part(), text=part["text"], logprobs=[])
            else:
                out = self._event("response.refusal.done", **self._part(), refusal=part["refusal"])
            out += self._event("response.content_part.done", **self._part(), part=part)
        index = len(self._items) - 1
        return out + self._event("response.output_item.done", output_index=index, item=item)

    def _add_item(self, item: Json) -> bytes:
        self._items.append(item)
        return self._event("response.output_item.added", output_index=len(self._items) - 1, item=item)

    def _part(self) -> Json:
        return {"item_id": self._items[-1]["id"], "output_index": len(self._items) - 1, "content_index": 0}

    def _summary(self) -> Json:
        return {"item_id": self._items[-1]["id"], "output_index": len(self._items) - 1, "summary_index": 0}

    def _event(self, kind: str, /, **fields: Any) -> bytes:
        number = self._sequence
        self._sequence += 1
        return sse({"type": kind, "sequence_number": number, **fields}, kind)

    def _response(self, status: str) -> Json:
        body = self._body
        return {
            "id": "resp_test",
            "object": "response",
            "created_at": CREATED_AT,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "model": dated(body),
            "output": [],
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "store": body.get("store", True),
            "temperature": body.get("temperature", 1.0),
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": None,
            "metadata": {},
        }


_STATUS: dict[FinishReason, str] = {
    "stop": "completed",
    "length": "incomplete",
    "content_filter": "incomplete",
    "failed": "failed",
    "error": "failed",
}


class ChatWire:
    """The chunks of `POST /chat/completions`."""

    def __init__(self, body: Json) -> None:
        self._body = body
        options: Json = body.get("stream_options") or {}
        self._usage_wanted = bool(options.get("include_usage"))
        self._said: dict[str, str] = {}

    def begin(self) -> bytes:
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def text(self, delta: str) -> bytes:
        return self._piece("content", delta)

    def refusal(self, delta: str) -> bytes:
        return self._piece("refusal", delta)

    def reasoning(self, delta: str) -> bytes:
        """OpenAI sends none here; `reasoning_content` is what compatible servers send."""
        return self._piece("reasoning_content", delta)

    def finish(self, reason: FinishReason, usage: Tokens | None) -> bytes:
        if reason in ("failed", "error"):
            error = {"message": SERVER_ERROR, "type": "server_error", "param": None, "code": "server_error"}
            return sse({"error": error})
        out = self._chunk({}, reason)
        if usage is not None and self._usage_wanted:
            out += sse({**self._head("chat.completion.chunk"), "choices": [], "usage": _chat_usage(usage)})
        return out + sse("[DONE]")

    def malformed(self) -> bytes:
        return sse('{"id":"chatcmpl-test","choices":[{"index":0,"delta":{"content":"half a li')

    def plain(self, reason: FinishReason, usage: Tokens | None) -> Json:
        message = {"role": "assistant", "content": None, "refusal": None, **self._said}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        whole = {**self._head("chat.completion"), "choices": [choice]}
        return whole if usage is None else {**whole, "usage": _chat_usage(usage)}

    def _piece(self, name: str, delta: str) -> bytes:
        self._said[name] = self._said.get(name, "") + delta
        return self._chunk({name: delta})

    def _chunk(self, delta: Json, reason: FinishReason | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        chunk = {**self._head("chat.completion.chunk"), "choices": [choice]}
        return sse({**chunk, "usage": None} if self._usage_wanted else chunk)

    def _head(self, kind: str) -> Json:
        return {"id": "chatcmpl-test", "object": kind, "created": CREATED_AT, "model": dated(self._body)}


def _chat_usage(usage: Tokens) -> Json:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


def dated(body: Json) -> str:
    """The model an answer names: the one that was asked for, with a date, as OpenAI does."""
    return f"{body.get('model', 'gpt-test')}-2026-01-01"
