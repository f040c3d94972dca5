"""Running one exchange for the user: the ceiling on its size, progress while it runs, a line at its end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import ModelError, RequestRefused
from pygpt_lsp.core.messages import Finished, Message, ReasoningDelta, Retrying, TextDelta

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.lsp.progress import Progress
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.history_records import TurnStart

_REPORT_SECONDS = 0.5
_SEND_ANYWAY = "Send anyway"


class Answer(NamedTuple):
    """How an exchange ended. `failure` is the sentence for the user where it failed; `text` is what arrived
    in any case."""

    text: str
    finished: Finished | None
    failure: str | None
    seconds: float
    conversation_id: str | None

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end, and was neither cut nor refused."""
        return self.finished is not None and self.finished.finish_reason == "stop"


def summary_of(answers: Sequence[Answer], model: str) -> str:
    """Model, tokens and seconds of all answers to one wish, for the end of the progress."""
    last = answers[-1].finished
    parts = [last.model if last is not None and last.model else model]
    usages = [answer.finished.usage for answer in answers if answer.finished is not None]
    tokens_in = [usage.input_tokens for usage in usages if usage.input_tokens is not None]
    tokens_out = [usage.output_tokens for usage in usages if usage.output_tokens is not None]
    if tokens_in and tokens_out:
        parts.append(f"{sum(tokens_in):,} tokens in, {sum(tokens_out):,} out")
    parts.append(f"{sum(answer.seconds for answer in answers):.1f} s")
    if len(answers) > 1:
        parts.append(f"asked {len(answers)} times")
    return " · ".join(parts)


def with_repair(request: ModelRequest, answer: str, repair: str) -> ModelRequest:
    """The request that goes on from an answer which could not be used, saying why."""
    more = (Message("assistant", answer), Message("user", repair))
    return request._replace(messages=(*request.messages, *more))


def fits(server: PygptServer, request: ModelRequest) -> bool:
    """Whether the request stays under `max_input_tokens`."""
    return tokens_of(server, request.messages, request.model) <= server.session.settings.max_input_tokens


def tokens_of(server: PygptServer, messages: Sequence[Message], model: str) -> int:
    """About how many tokens the messages are; what `max_input_tokens` is compared with."""
    estimate = server.session.estimator.estimate
    return sum(estimate(message.content, model) for message in messages)


async def may_send(server: PygptServer, messages: tuple[Message, ...], model: str) -> bool:
    """Whether the request fits under `max_input_tokens`, or the user says to send it anyway."""
    tokens = tokens_of(server, messages, model)
    ceiling = server.session.settings.max_input_tokens
    if tokens <= ceiling:
        return True
    choice = await server.editor.ask(
        f"PyGPT: This would send about {tokens:,} tokens, more than your limit of {ceiling:,} "
        "(max_input_tokens). Send it?",
        [_SEND_ANYWAY, "Cancel"],
    )
    return choice == _SEND_ANYWAY


async def run_exchange(
    server: PygptServer,
    request: ModelRequest,
    start: TurnStart,
    root: Path | None,
    progress: Progress,
    on_text: Callable[[str], None],
) -> Answer:
    """Ask, give each piece of the answer to `on_text`, and tell how it ended.

    A failure of the API or the network is a result, not an exception. Cancellation goes through, after the
    connection was closed and the turn stored.
    """
    session = server.session
    loop = asyncio.get_running_loop()
    started = reported = loop.time()
    exchange = await session.exchange(request, start, root)
    failure: str | None = None
    characters = 0
    progress.report(f"asking {request.model}")
    try:
        async with contextlib.aclosing(exchange.events()) as events:
            async for event in events:
                match event:
                    case TextDelta():
                        characters += len(event.text)
                        on_text(event.text)
                        doing = f"{characters:,} characters"
                    case ReasoningDelta():
                        doing = "thinking"
                    case Retrying():
                        progress.report(f"{event.reason} Trying again in {event.wait:.0f} s.")
                        continue
                    case Finished():
                        continue
                if loop.time() - reported >= _REPORT_SECONDS:
                    reported = loop.time()
                    progress.report(doing)
    except (ModelError, RequestRefused) as error:
        failure = error.sentence
    finished = exchange.finished
    if finished is not None and finished.usage.input_tokens:
        estimated = sum(session.estimator.estimate(message.content) for message in exchange.request.messages)
        session.estimator.observe(request.model, estimated, finished.usage.input_tokens)
    return Answer(exchange.text, finished, failure, loop.time() - started, exchange.conversation_id)
