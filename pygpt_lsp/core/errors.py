"""Every failure a user can meet, as one sentence that says what to do.

The tree::

    PygptError            anything we tell the user about; `str(error)` is the sentence
      RequestRefused      we did not send: no key, plain http, a host that is not ours, declined by the user
      ModelError          the API or the network failed; `kind` names how
      HistoryError        the history database cannot be used now
      EditRefused         an answer that could not be placed in the text without guessing

The sentence never holds a key, a prompt or an answer: it may be logged at every level.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorKind(StrEnum):
    """How a request for an answer failed; stored in the history as the turn's `error_kind`."""

    NO_KEY = "no_key"
    BAD_KEY = "bad_key"
    FORBIDDEN = "forbidden"
    UNKNOWN_MODEL = "unknown_model"
    TOO_LONG = "too_long"
    BAD_REQUEST = "bad_request"
    RATE_LIMITED = "rate_limited"
    QUOTA = "quota"
    SERVER = "server"
    DNS = "dns"
    REFUSED = "connection_refused"
    TLS = "tls"
    NETWORK = "network"
    TIMEOUT = "timeout"
    CUT = "cut_stream"
    MALFORMED = "malformed_stream"
    CONTENT_FILTER = "content_filter"
    EMPTY = "empty_answer"
    NOT_ALLOWED = "not_allowed"
    INSECURE = "insecure_url"
    INTERNAL = "internal"


class PygptError(Exception):
    """A failure with a sentence for the user."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class RequestRefused(PygptError):
    """The request was not sent; nothing left the machine."""

    def __init__(self, kind: ErrorKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class ModelError(PygptError):
    """The API or the network failed.

    `status` is the HTTP status where there was one; `retry_after` the wait in seconds the server asked
    for, where it did.
    """

    def __init__(
        self,
        kind: ErrorKind,
        sentence: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after


class HistoryError(PygptError):
    """The history database cannot be used now; the assistant works on without it."""


class EditRefused(PygptError):
    """An answer could not be placed in the text without guessing; the text is untouched."""
