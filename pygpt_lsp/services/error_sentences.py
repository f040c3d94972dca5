"""What the user reads when a request fails: one sentence for each kind, which says what to do.

No sentence holds a key, a prompt or an answer; a server's own words come in through `scrub` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.services.scrub import scrub

if TYPE_CHECKING:
    from collections.abc import Iterable

OPENAI_HOST = "api.openai.com"
_BILLING = "https://platform.openai.com/settings/organization/billing"

_SETTING_OF = {
    "temperature": "temperature",
    "reasoning": "reasoning_effort",
    "reasoning.effort": "reasoning_effort",
    "reasoning_effort": "reasoning_effort",
    "max_output_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
}
"""Which setting put a parameter into the request."""


class About(NamedTuple):
    """What a failed request was about.

    `peer` is whom the connection was made to (the host, or a proxy), `api` the API spoken, `key` the key in
    use with its `key_origin`, `texts` what was said to the model; times are seconds.
    """

    host: str
    peer: str
    model: str
    api: str
    key: str
    key_origin: str
    texts: Iterable[str]
    connect_timeout: float
    idle_timeout: float


class Facts(NamedTuple):
    """What the API or the network told about a failure; None and "" where they said nothing.

    `begun`: a part of the answer had arrived. `detail` is one more fact that the kind of failure needs.
    """

    status: int | None = None
    code: str = ""
    type: str = ""
    param: str = ""
    message: str = ""
    retry_after: float | None = None
    begun: bool = False
    detail: str = ""


def sentence(kind: ErrorKind, facts: Facts, about: About) -> str:
    """The sentence for a failure of that kind."""
    host, model, peer = about.host, about.model, about.peer
    status = f" ({facts.status})" if facts.status is not None else ""
    match kind:
        case ErrorKind.BAD_KEY if "organization" in facts.code or "project" in facts.code:
            return (
                f"{host} says that the API key belongs elsewhere: check OPENAI_ORG_ID and OPENAI_PROJECT_ID."
            )
        case ErrorKind.BAD_KEY:
            origin = about.key_origin
            return f"{host} did not accept the API key{status}: replace it ({origin}), then ask again."
        case ErrorKind.FORBIDDEN:
            said = _said(facts, about)
            return f"{host} forbids this{status}{said}: check what your key, project and country may use."
        case ErrorKind.UNKNOWN_MODEL:
            return (
                f"{host} does not offer the model {model} to you: choose another one in the setting `model`."
            )
        case ErrorKind.TOO_LONG:
            return (
                f"The request is longer than {model} can take: select less code, leave out #file and #buffer "
                "lines, or delete old turns of the chat."
            )
        case ErrorKind.RATE_LIMITED:
            return f"{host} gets too many requests from you{status}: {_again(facts, 'in a minute')}."
        case ErrorKind.QUOTA if host == OPENAI_HOST:
            return f"Your OpenAI account has no credit left{status}: add some at {_BILLING}, then ask again."
        case ErrorKind.QUOTA:
            return f"Your quota at {host} is used up{status}: raise it there, or {_again(facts, 'later')}."
        case ErrorKind.SERVER:
            return f"{host} has a problem of its own{status}: {_again(facts, 'in a moment')}."
        case ErrorKind.DNS:
            return f"The name of {peer} could not be found: check the network connection and `base_url`."
        case ErrorKind.REFUSED:
            return f"Nothing answers at {peer}: check that it runs there and that `base_url` is right."
        case ErrorKind.TLS:
            return (
                f"The connection to {peer} is not secure ({facts.detail}): check `base_url`, or name your "
                "organization's certificate file in SSL_CERT_FILE."
            )
        case ErrorKind.TIMEOUT if facts.detail == "connect":
            wait = f"{about.connect_timeout:g} s"
            return f"{peer} took no connection within {wait}: check the network, or raise `timeouts.connect`."
        case ErrorKind.TIMEOUT:
            wait = f"{about.idle_timeout:g} s"
            return f"{host} sent nothing for {wait}: ask again, or raise `timeouts.idle`{_kept(facts)}."
        case ErrorKind.CUT:
            return f"The connection to {host} broke before the answer was complete: ask again{_kept(facts)}."
        case ErrorKind.NETWORK:
            return f"The connection to {peer} failed: check the network, then ask again."
        case ErrorKind.MALFORMED:
            found = f" ({facts.detail})" if facts.detail else ""
            return (
                f"{host} sent something that is no answer{found}: check that `base_url` is the address of an "
                f"OpenAI-compatible API, usually ending in /v1{_kept(facts)}."
            )
        case ErrorKind.CONTENT_FILTER:
            return (
                f"The content rules of {host} stopped this request: ask differently, or leave some code out."
            )
        case ErrorKind.EMPTY if facts.detail == "length":
            return (
                f"{model} spent all its tokens before it wrote anything: raise `max_output_tokens`, or "
                "lower `reasoning_effort`."
            )
        case ErrorKind.EMPTY:
            return f"{model} gave an empty answer: ask again, or ask more precisely."
        case ErrorKind.NOT_ALLOWED:
            return f"{host} answered with a redirect{status}, which is not followed: correct `base_url`."
        case ErrorKind.BAD_REQUEST if facts.status == 404:
            return f"{host} has nothing at this address (404): check `base_url`{_other_api(about)}."
        case ErrorKind.BAD_REQUEST:
            return f"{host} refused the request{status}{_said(facts, about)}: {_remedy(facts)}."
        case _:
            return f"pygpt-lsp failed while asking ({facts.detail}): please report it."


def duration(seconds: float) -> str:
    """A wait in words: `20 s`, `3 min`, `2 h`; rounded up, so that it is long enough."""
    whole = max(1, -int(-seconds // 1))
    if whole < 100:
        return f"{whole} s"
    return f"{-(-whole // 60)} min" if whole < 6000 else f"{-(-whole // 3600)} h"


def _again(facts: Facts, otherwise: str) -> str:
    wait = f"in {duration(facts.retry_after)}" if facts.retry_after else otherwise
    return f"ask again {wait}"


def _said(facts: Facts, about: About) -> str:
    words = scrub(facts.message, key=about.key, texts=about.texts).rstrip(".")
    return f", saying “{words}”" if words else ""


def _kept(facts: Facts) -> str:
    return "; what arrived is kept" if facts.begun else ""


def _remedy(facts: Facts) -> str:
    setting = _SETTING_OF.get(facts.param)
    if setting is not None:
        return f"remove or change the setting `{setting}`, or choose another `model`"
    return "change what it names, or choose another `model`"


def _other_api(about: About) -> str:
    other = "chat" if about.api == "responses" else "responses"
    return f", which usually ends in /v1, or set `api` to {other}"
