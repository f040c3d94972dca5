"""The ways a request can fail, with the bodies the OpenAI API really sends.

Each function makes a `Failure` for `ScriptedApi.fail`. The texts are OpenAI's own wording, so that a test
sees what a user would see.
"""

from __future__ import annotations

import json
from typing import NamedTuple


class Failure(NamedTuple):
    """One whole reply that is no answer. `body`, where given, is sent as it is instead of the JSON error."""

    status: int
    message: str = ""
    type: str | None = None
    code: str | None = None
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str = "application/json"

    def content(self) -> bytes:
        """The body, as the API writes it."""
        if self.body is not None:
            return self.body
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return json.dumps({"error": error}, indent=2).encode()


def bad_key(shown: str = "sk-wrong************here") -> Failure:
    """401: a key that is not valid; OpenAI repeats its masked ends."""
    text = f"Incorrect API key provided: {shown}. You can find your API key at https://platform.openai.com/."
    return Failure(401, text, "invalid_request_error", "invalid_api_key")


def forbidden() -> Failure:
    """403: the country, the project or the key's scopes do not allow it."""
    return Failure(
        403,
        "Country, region, or territory not supported",
        "request_forbidden",
        "unsupported_country_region_territory",
    )


def unknown_model(model: str = "gpt-nope") -> Failure:
    """404: no such model, or no access to it."""
    text = f"The model `{model}` does not exist or you do not have access to it."
    return Failure(404, text, "invalid_request_error", "model_not_found")


def too_long(limit: int = 128_000, given: int = 150_321) -> Failure:
    """400: the input is longer than the model's context window, both in tokens."""
    text = (
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in "
        f"{given} tokens. Please reduce the length of the messages."
    )
    return Failure(400, text, "invalid_request_error", "context_length_exceeded", "messages")


def bad_request(param: str = "temperature") -> Failure:
    """400: a parameter that this model does not take."""
    text = f"Unsupported parameter: '{param}' is not supported with this model."
    return Failure(400, text, "invalid_request_error", "unsupported_parameter", param)


def rate_limited(retry_after: str | None = None) -> Failure:
    """429: too fast; `retry_after` is the value of the header of that name (seconds or an HTTP date)."""
    text = (
        "Rate limit reached for gpt-5.5 in organization org-test on requests per min (RPM): Limit 3, Used 3."
    )
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return Failure(429, text, "requests", "rate_limit_exceeded", headers=headers)


def no_quota() -> Failure:
    """429: out of money, where waiting does not help."""
    text = "You exceeded your current quota, please check your plan and billing details."
    return Failure(429, text, "insufficient_quota", "insufficient_quota")


def server_error(status: int = 500, retry_after: str | None = None) -> Failure:
    """5xx with the API's JSON body."""
    text = "The server had an error while processing your request. Sorry about that!"
    if status == 503:
        text = "The engine is currently overloaded, please try again later."
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return Failure(status, text, "server_error", None, headers=headers)


def html_error(status: int = 502) -> Failure:
    """A proxy's page in place of the API's JSON; status 200 plays a captive portal."""
    page = b"<html><head><title>Bad gateway</title></head><body><h1>502</h1>nginx</body></html>"
    return Failure(status, body=page, content_type="text/html")


def content_filter() -> Failure:
    """400: the prompt itself was refused by the moderation in front of the model."""
    text = "The response was filtered due to the prompt triggering the content management policy."
    return Failure(400, text, "invalid_request_error", "content_filter", "prompt")


def redirect(location: str) -> Failure:
    """307 to another place, which nobody may follow."""
    return Failure(307, "Moved", "redirect", headers=(("Location", location),))
