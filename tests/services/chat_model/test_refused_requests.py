"""Each status an API answers with: its kind, and the one sentence the user reads."""

from __future__ import annotations

import pytest
import respx

from pygpt_lsp.core.errors import ErrorKind, ModelError
from pygpt_lsp.services.error_sentences import duration
from tests.services.chat_model.kit import KEY, OPENAI, PROMPT, error_of, model_at
from tests.support import api_failures
from tests.support.api_failures import Failure


async def error_for(failure: Failure, base_url: str = OPENAI) -> ModelError:
    """The error when OpenAI answers so; respx stands in for the network."""
    with respx.mock(assert_all_called=False) as network:
        network.post(url__startswith=base_url).respond(
            failure.status,
            content=failure.content(),
            headers=[("content-type", failure.content_type), *failure.headers],
        )
        return await error_of(model_at(base_url))


TOO_LONG = (
    "The request is longer than gpt-5.5 can take: select less code, leave out #file and #buffer lines, or "
    "delete old turns of the chat."
)
ANSWERS: list[tuple[Failure, ErrorKind, str]] = [
    (
        api_failures.bad_key(),
        ErrorKind.BAD_KEY,
        "api.openai.com did not accept the API key (401): replace it (api_key_command), then ask again.",
    ),
    (
        Failure(401, "x", code="mismatched_project"),
        ErrorKind.BAD_KEY,
        "api.openai.com says that the API key belongs elsewhere: check OPENAI_ORG_ID and OPENAI_PROJECT_ID.",
    ),
    (
        api_failures.forbidden(),
        ErrorKind.FORBIDDEN,
        "api.openai.com forbids this (403), saying “Country, region, or territory not supported”: check what "
        "your key, project and country may use.",
    ),
    (
        api_failures.unknown_model("gpt-5.5"),
        ErrorKind.UNKNOWN_MODEL,
        "api.openai.com does not offer the model gpt-5.5 to you: choose another one in the setting `model`.",
    ),
    (
        Failure(404, body=b'{"error":"model \'gpt-5.5\' not found, try pulling it first"}'),
        ErrorKind.UNKNOWN_MODEL,
        "api.openai.com does not offer the model gpt-5.5 to you: choose another one in the setting `model`.",
    ),
    (
        api_failures.html_error(404),
        ErrorKind.BAD_REQUEST,
        "api.openai.com has nothing at this address (404): check `base_url`, which usually ends in /v1, or "
        "set `api` to chat.",
    ),
    (
        api_failures.too_long(),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        Failure(400, "Your input exceeds the context window of this model."),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        Failure(429, "Request too large for gpt-5.5: Limit 30000", "tokens", "rate_limit_exceeded"),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        Failure(413),
        ErrorKind.TOO_LONG,
        TOO_LONG,
    ),
    (
        api_failures.bad_request("temperature"),
        ErrorKind.BAD_REQUEST,
        "api.openai.com refused the request (400), saying “Unsupported parameter: 'temperature' is not "
        "supported with this model”: remove or change the setting `temperature`, or choose another `model`.",
    ),
    (
        Failure(422, body=b'{"detail":"messages: too few"}'),
        ErrorKind.BAD_REQUEST,
        "api.openai.com refused the request (422), saying “messages: too few”: change what it names, or "
        "choose another `model`.",
    ),
    (
        Failure(418, body=b"[]"),
        ErrorKind.BAD_REQUEST,
        "api.openai.com refused the request (418): change what it names, or choose another `model`.",
    ),
    (
        api_failures.content_filter(),
        ErrorKind.CONTENT_FILTER,
        "The content rules of api.openai.com stopped this request: ask differently, or leave some code out.",
    ),
    (
        api_failures.rate_limited("90"),
        ErrorKind.RATE_LIMITED,
        "api.openai.com gets too many requests from you (429): ask again in 90 s.",
    ),
    (
        api_failures.rate_limited(),
        ErrorKind.RATE_LIMITED,
        "api.openai.com gets too many requests from you (429): ask again in a minute.",
    ),
    (
        api_failures.no_quota(),
        ErrorKind.QUOTA,
        "Your OpenAI account has no credit left (429): add some at "
        "https://platform.openai.com/settings/organization/billing, then ask again.",
    ),
    (
        api_failures.server_error(500),
        ErrorKind.SERVER,
        "api.openai.com has a problem of its own (500): ask again in a moment.",
    ),
    (
        api_failures.html_error(502),
        ErrorKind.SERVER,
        "api.openai.com has a problem of its own (502): ask again in a moment.",
    ),
    (
        api_failures.server_error(503, "240"),
        ErrorKind.SERVER,
        "api.openai.com has a problem of its own (503): ask again in 4 min.",
    ),
    (
        api_failures.redirect("https://evil.example.com/v1/responses"),
        ErrorKind.NOT_ALLOWED,
        "api.openai.com answered with a redirect (307), which is not followed: correct `base_url`.",
    ),
    (
        api_failures.html_error(200),
        ErrorKind.MALFORMED,
        "api.openai.com sent something that is no answer (text/html): check that `base_url` is the address "
        "of an OpenAI-compatible API, usually ending in /v1.",
    ),
]


@pytest.mark.parametrize(("failure", "kind", "sentence"), ANSWERS)
async def test_an_answer_that_is_no_answer_becomes_one_sentence_that_says_what_to_do(
    failure: Failure, kind: ErrorKind, sentence: str
) -> None:
    error = await error_for(failure)
    assert (error.kind, error.sentence) == (kind, sentence)
    assert error.status == (None if failure.status == 200 else failure.status)


async def test_a_used_up_quota_elsewhere_names_that_server_and_the_wait() -> None:
    failure = Failure(402, headers=(("Retry-After", "600"),))
    error = await error_for(failure, "https://models.example.com/v1")
    assert error.kind is ErrorKind.QUOTA
    assert error.sentence == (
        "Your quota at models.example.com is used up (402): raise it there, or ask again in 10 min."
    )


@pytest.mark.parametrize("status", [400, 403])
async def test_an_api_that_quotes_key_and_prompt_is_not_quoted(status: int) -> None:
    message = f"Key {KEY} ({KEY[:9]}*****{KEY[-5:]}) may not ask: {PROMPT!r}\n{KEY[-12:]}\x1b[31m"
    error = await error_for(Failure(status, message))
    assert "may not ask" in error.sentence
    assert "\x1b" not in error.sentence
    for hidden in (KEY, KEY[:9], KEY[-5:], PROMPT, "canary sings"):
        assert hidden not in error.sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (20.1, "21 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7200, "2 h")],
)
def test_waits_are_told_in_round_words_that_are_long_enough(seconds: float, words: str) -> None:
    assert duration(seconds) == words
