"""Asks a model and streams its answer, whichever API carries it.

A request is sent because the user asked just now. It is repeated only while nothing of the answer has
arrived, since an answer that began is being paid for. There is no limit on the whole, only on silence.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from pygpt_lsp.core.errors import ErrorKind, PygptError
from pygpt_lsp.core.messages import Finished, ModelRequest, ReasoningDelta, Retrying, TextDelta
from pygpt_lsp.core.wire import HIDDEN
from pygpt_lsp.services.api_key import PLACEHOLDER, ApiKey, FixedKey
from pygpt_lsp.services.chat_completions_api import ChatCompletionsApi
from pygpt_lsp.services.error_sentences import OPENAI_HOST, About, Facts
from pygpt_lsp.services.model_errors import Failure, StreamFault, explain
from pygpt_lsp.services.model_list import list_models
from pygpt_lsp.services.responses_api import ResponsesApi
from pygpt_lsp.services.retries import wait_before_retry
from pygpt_lsp.services.sdk_client import SdkClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from pygpt_lsp.core.messages import ModelEvent
    from pygpt_lsp.core.wire import WireRequest
    from pygpt_lsp.services.api_key import FoundKey, KeySource
    from pygpt_lsp.services.egress import Egress
    from pygpt_lsp.services.model_streams import Dialect

_AZURE_SUFFIXES = (".openai.azure.com", ".services.ai.azure.com")


class ChatModel(Protocol):
    """Whoever answers."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The events of one answer, `Finished` last; raises `ModelError` or `RequestRefused`.

        Cancelling the task that reads, or closing the generator (`aclose()`), closes the connection to the
        model at once. What was yielded before an error is valid text.
        """
        ...

    async def preview(self, request: ModelRequest) -> WireRequest:
        """What `stream` would send now, byte for byte; nothing is sent, and no key is asked for.

        Raises `ModelError` or `RequestRefused`.
        """
        ...

    async def list_models(self) -> list[str]:
        """The names of the models that the API offers, the newest first; asked once, without a second try.

        Raises `ModelError` or `RequestRefused`.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections; answers still under way fail."""
        ...


class OpenAIChatModel:
    """A model behind OpenAI's APIs, at OpenAI or at a compatible server.

    With `api` "auto" OpenAI's own hosts (`api.openai.com` and its regional ones below it) are asked by the
    Responses API, everybody else by Chat Completions: Azure too, since not all of its deployments know the
    other. Of `env` only OPENAI_ORG_ID and OPENAI_PROJECT_ID are read. An `ApiKey` is used as it is; a
    `KeySource` is asked when a question comes, and again after the API refused its key. `sleep`, `jitter`
    (0 to 1) and `now` (seconds since the epoch) are there for tests.
    """

    def __init__(
        self,
        egress: Egress,
        key: ApiKey | KeySource,
        *,
        api: Literal["auto", "responses", "chat"] = "auto",
        env: Mapping[str, str] = os.environ,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._egress = egress
        self._keys = FixedKey(key) if isinstance(key, ApiKey) else key
        self._api = api
        self._env = env
        self._sleep = sleep
        self._jitter = jitter
        self._now = now
        self._connection: _Connection | None = None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """See `ChatModel.stream`."""
        _, dialect = await self._connect()
        found = await self._keys.key()
        tries, key_renewed = 1, False
        while True:
            accepted = begun = said = False
            try:
                opened = await dialect.open(request, _authorization(found))
                accepted = True
                async with aclosing(dialect.read(opened)) as events:
                    async for event in events:
                        begun = begun or isinstance(event, TextDelta | ReasoningDelta)
                        said = said or (isinstance(event, TextDelta) and not event.text.isspace())
                        if isinstance(event, Finished) and not said:
                            raise _nothing_said(event)
                        yield event
                    return
            except PygptError:
                raise
            except Exception as cause:
                about = self._about(request, dialect, found)
                failure = explain(cause, about, streaming=accepted, begun=begun, now=self._now)
            # Outside of the handler, so that what the libraries hold (the request) is not chained.
            if failure.error.kind is ErrorKind.BAD_KEY and not key_renewed:
                renewed = await self._keys.after_rejection(found.key)
                if renewed is not None:
                    found, key_renewed = renewed, True
                    continue
            wait = self._wait(failure, begun, tries)
            if wait is None:
                raise failure.error
            yield Retrying(wait, failure.error.sentence)
            await self._sleep(wait)
            tries += 1

    async def preview(self, request: ModelRequest) -> WireRequest:
        """See `ChatModel.preview`."""
        _, dialect = await self._connect()
        noted: list[WireRequest] = []
        client = SdkClient(self._egress, self._env, self._egress.preview_client(noted.append))
        try:
            opened = await dialect.over(client).open(request, {"Authorization": HIDDEN})
            await opened.close()
            return noted[-1]
        except PygptError:
            raise
        except Exception as cause:  # a text that no request can hold
            about = self._about(request, dialect, PLACEHOLDER)
            failure = explain(cause, about, streaming=False, begun=False, now=self._now)
        finally:
            await client.close()
        raise failure.error

    async def list_models(self) -> list[str]:
        """See `ChatModel.list_models`."""
        client, dialect = await self._connect()
        found = await self._keys.key()
        try:
            return await list_models(client, _authorization(found))
        except PygptError:
            raise
        except Exception as cause:
            about = self._about(ModelRequest("", ()), dialect, found)
            failure = explain(cause, about, streaming=False, begun=False, now=self._now)
        raise failure.error

    async def aclose(self) -> None:
        """See `ChatModel.aclose`."""
        if self._connection is not None:
            await self._connection.client.close()

    async def _connect(self) -> _Connection:
        """What is needed to ask, made at first use; sends nothing. Raises `RequestRefused`."""
        if self._connection is None:
            await asyncio.to_thread(self._egress.warm_up)
        if self._connection is None:  # still: another question may have come meanwhile
            host = self._egress.api_host
            client = SdkClient(self._egress, self._env)
            at_openai = host == OPENAI_HOST or host.endswith(f".{OPENAI_HOST}")
            if self._api == "responses" or (self._api == "auto" and at_openai):
                dialect = ResponsesApi(client)
            else:
                official = at_openai or host.endswith(_AZURE_SUFFIXES)
                dialect = ChatCompletionsApi(client, official=official, at_openai=at_openai)
            self._connection = _Connection(client, dialect)
        return self._connection

    def _wait(self, failure: Failure, begun: bool, tries: int) -> float | None:
        if begun or not failure.transient:
            return None
        return wait_before_retry(tries, failure.error.retry_after, self._jitter)

    def _about(self, request: ModelRequest, dialect: Dialect, found: FoundKey) -> About:
        return About(
            host=self._egress.api_host,
            peer=self._egress.api_peer,
            model=request.model,
            api=dialect.name,
            key=found.key.reveal(),
            key_origin=found.origin,
            texts=[message.content for message in request.messages],
            connect_timeout=self._egress.connect_timeout,
            idle_timeout=self._egress.idle_timeout,
        )


class _Connection(NamedTuple):
    """The SDK's client and how it is spoken to."""

    client: SdkClient
    dialect: Dialect


def _authorization(found: FoundKey) -> dict[str, str]:
    return {"Authorization": f"Bearer {found.key.reveal()}"}


def _nothing_said(finished: Finished) -> StreamFault:
    """An answer without a word is a failure that the user should hear of."""
    if finished.finish_reason == "content_filter":
        return StreamFault(ErrorKind.CONTENT_FILTER)
    return StreamFault(ErrorKind.EMPTY, Facts(detail=finished.finish_reason))
