"""What is said to a model and what comes back, independent of the API that carries it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant"]
Api: TypeAlias = Literal["responses", "chat"]


class Message(NamedTuple):
    """One message of a conversation."""

    role: Role
    content: str


class ModelRequest(NamedTuple):
    """One request for an answer: the full input, since nothing is kept on the server (`store=false`).

    `max_output_tokens`, `temperature` and `reasoning_effort` are left out of the request where they are
    None, so that the model's own defaults hold. `masked` are the kinds of secrets that stand as placeholders
    in the messages, each with how many different ones there are.
    """

    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int | None = None
    temperature: float | None = None
    reasoning_effort: str | None = None
    masked: tuple[tuple[str, int], ...] = ()


class Usage(NamedTuple):
    """Tokens as the API counted them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


class TextDelta(NamedTuple):
    """A piece of the answer."""

    text: str


class ReasoningDelta(NamedTuple):
    """A piece of the model's summary of its reasoning."""

    text: str


FinishReason: TypeAlias = Literal["stop", "length", "content_filter", "refusal"]


class Finished(NamedTuple):
    """The end of an answer; the last event of a stream that did not fail.

    `model` is the name the API reported (a dated snapshot, say). With `finish_reason` "length" the answer
    is whole as far as it goes; with "refusal" its text is the model's refusal.
    """

    finish_reason: FinishReason
    usage: Usage
    model: str


class Retrying(NamedTuple):
    """Nothing arrived yet and the request is tried again after `wait` seconds; `reason` is a sentence."""

    wait: float
    reason: str


ModelEvent: TypeAlias = TextDelta | ReasoningDelta | Retrying | Finished
