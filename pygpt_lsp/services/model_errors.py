"""Tells what went wrong from what the SDK raised: the kind of failure, and whether trying again may help.

The exceptions of the libraries end here; nobody else sees them. They hold requests and answers, so they are
never chained to what is raised instead, and never logged.
"""

from __future__ import annotations

import email.utils
import math
import socket
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import httpx2
import openai

from pygpt_lsp.core.errors import ErrorKind, ModelError
from pygpt_lsp.services.error_sentences import About, Facts, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_KIND_OF_CODE = {
    "insufficient_quota": ErrorKind.QUOTA,
    "billing_hard_limit_reached": ErrorKind.QUOTA,
    "billing_not_active": ErrorKind.QUOTA,
    "rate_limit_exceeded": ErrorKind.RATE_LIMITED,
    "context_length_exceeded": ErrorKind.TOO_LONG,
    "string_above_max_length": ErrorKind.TOO_LONG,
    "model_not_found": ErrorKind.UNKNOWN_MODEL,
    "content_filter": ErrorKind.CONTENT_FILTER,
    "content_policy_violation": ErrorKind.CONTENT_FILTER,
    "invalid_prompt": ErrorKind.CONTENT_FILTER,
    "bio_policy": ErrorKind.CONTENT_FILTER,
    "misalignment_policy_violation": ErrorKind.CONTENT_FILTER,
    "server_error": ErrorKind.SERVER,
}
_TOO_LONG = ("context length", "context window", "context size", "too many tokens", "request too large")
_PASSING = frozenset({ErrorKind.SERVER, ErrorKind.RATE_LIMITED, ErrorKind.CUT})
"""Kinds that may be over a moment later; of the network's failures `_unconnected` says it itself."""


class StreamFault(Exception):
    """The stream itself told of a failure, or is not what it should be."""

    def __init__(self, kind: ErrorKind, facts: Facts = Facts()) -> None:  # noqa: B008
        super().__init__(kind)
        self.kind = kind
        self.facts = facts


class Failure(NamedTuple):
    """What to raise, and whether the same request may well succeed a moment later."""

    error: ModelError
    transient: bool


def explain(
    cause: Exception, about: About, *, streaming: bool, begun: bool, now: Callable[[], float]
) -> Failure:
    """The failure in our terms. `streaming`: the API had accepted the request; `begun`: text had arrived.

    `now` is the clock (seconds since the epoch) for a Retry-After that names a date.
    """
    kind, facts, transient = _classify(cause, streaming, now)
    facts = facts._replace(begun=begun)
    error = ModelError(kind, sentence(kind, facts, about), status=facts.status, retry_after=facts.retry_after)
    return Failure(error, transient)


def fault_of(code: object, message: object, type_: object = None) -> StreamFault:
    """An error that the API reported inside the stream, by its fields."""
    facts = Facts(code=_text(code), type=_text(type_), message=_text(message))
    return StreamFault(_kind(facts, ErrorKind.SERVER), facts)


def _classify(cause: Exception, streaming: bool, now: Callable[[], float]) -> tuple[ErrorKind, Facts, bool]:
    match cause:
        case StreamFault():
            return cause.kind, cause.facts, cause.kind in _PASSING
        case openai.APIStatusError():
            return _refused(cause, now)
        case openai.APIConnectionError():
            return _unconnected(cause, streaming)
        case openai.APIError():  # the SDK raises it for an error event in the stream
            return _classify(fault_of(cause.code, cause.message, cause.type), streaming, now)
        case ValueError():  # broken JSON or UTF-8
            return ErrorKind.MALFORMED, Facts(), False
        case _:
            return ErrorKind.INTERNAL, Facts(detail=type(cause).__name__), False


def _refused(error: openai.APIStatusError, now: Callable[[], float]) -> tuple[ErrorKind, Facts, bool]:
    """An answer with a status other than 2xx."""
    status, headers = error.status_code, error.response.headers
    facts = Facts(
        status=status,
        code=_text(error.code),
        type=_text(error.type),
        param=_text(error.param),
        message=_message(error.body),
        retry_after=retry_after(headers, now),
    )
    kind = _kind(facts, _kind_of_status(status))
    hopeless = headers.get("x-should-retry") == "false"  # OpenAI's own word on it
    return kind, facts, kind in _PASSING and not hopeless


def _kind(facts: Facts, otherwise: ErrorKind) -> ErrorKind:
    """The kind by code, else by the words that servers without codes use, else `otherwise`."""
    message = facts.message.lower()
    by_code = _KIND_OF_CODE.get(facts.code) or _KIND_OF_CODE.get(facts.type)
    if by_code in (None, ErrorKind.RATE_LIMITED) and any(words in message for words in _TOO_LONG):
        return ErrorKind.TOO_LONG  # OpenAI reports it as rate limit where one request exceeds the minute's
    if by_code is not None:
        return by_code
    return ErrorKind.UNKNOWN_MODEL if facts.status == 404 and "model" in message else otherwise


def _kind_of_status(status: int) -> ErrorKind:
    if status < 400:
        return ErrorKind.NOT_ALLOWED
    if status >= 500 or status in (408, 409):
        return ErrorKind.SERVER
    by_status = {
        401: ErrorKind.BAD_KEY,
        402: ErrorKind.QUOTA,
        403: ErrorKind.FORBIDDEN,
        413: ErrorKind.TOO_LONG,
        429: ErrorKind.RATE_LIMITED,
    }
    return by_status.get(status, ErrorKind.BAD_REQUEST)


def _unconnected(error: openai.APIConnectionError, streaming: bool) -> tuple[ErrorKind, Facts, bool]:
    """The network failed; the SDK's exception carries the reason somewhere in its chain."""
    for cause in _chain(error):
        match cause:
            case httpx2.ConnectTimeout():
                return ErrorKind.TIMEOUT, Facts(detail="connect"), True
            case httpx2.TimeoutException():
                return ErrorKind.TIMEOUT, Facts(), False  # the server may be working on it: no second bill
            case httpx2.DecodingError():  # broken compression
                return ErrorKind.MALFORMED, Facts(), False
            case socket.gaierror():
                return ErrorKind.DNS, Facts(), True
            case ssl.SSLError() if not streaming:
                return ErrorKind.TLS, Facts(detail=_tls_reason(cause)), False
            case ConnectionRefusedError():
                return ErrorKind.REFUSED, Facts(), True
            case _:
                pass
    return ErrorKind.CUT if streaming else ErrorKind.NETWORK, Facts(), True


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it, groups taken apart."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            pending += cast("BaseExceptionGroup[BaseException]", current).exceptions
        pending += [cause for cause in (current.__cause__, current.__context__) if cause is not None]


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message.rstrip('.')}"
    return "it does not speak TLS as expected"


def retry_after(headers: Mapping[str, str], now: Callable[[], float]) -> float | None:
    """The wait a server asks for, in seconds, or None (RFC 9110 § 10.2.3, and OpenAI's retry-after-ms)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            wait = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if math.isfinite(wait):
            return max(0.0, wait)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now())
    except ValueError:
        return None


def _message(body: object) -> str:
    """The message in an error body: OpenAI's form, FastAPI's, or a plain text that is not a page."""
    if isinstance(body, str):
        return "" if body.startswith("<") else body
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    return _text(fields.get("message")) or _text(fields.get("detail"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
