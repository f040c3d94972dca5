"""What a question becomes on the wire, in either API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.messages import (
    Message,
    ModelRequest,
)
from tests.services.chat_model.kit import (
    API,
    ASKED,
    KEY,
    OPENAI,
    events_of,
    model_at,
)

if TYPE_CHECKING:
    from tests.services.chat_model.kit import Make, Spoken
    from tests.support.api_server import ScriptedApi


async def test_the_responses_api_gets_the_full_input_and_is_told_to_keep_nothing(
    api: ScriptedApi, make: Make
) -> None:
    await events_of(make("responses"), ASKED._replace(max_output_tokens=100, temperature=0.5))
    sent = api.requests[0]
    assert sent.path == "/v1/responses"
    assert sent.json == {
        "model": "gpt-5.5",
        "store": False,
        "stream": True,
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Was heißt 😀?\r\n"},
            {"role": "assistant", "content": ""},
        ],
        "max_output_tokens": 100,
        "temperature": 0.5,
        "reasoning": {"summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    }


@pytest.mark.parametrize(
    ("model", "effort", "reasoning"),
    [
        ("gpt-5.5", "high", {"effort": "high", "summary": "auto"}),
        ("o3-mini", None, {"summary": "auto"}),
        ("gpt-5-chat-latest", None, None),
        ("gpt-4.1", None, None),
        ("my-own-model", None, None),
        ("my-own-model", "low", {"effort": "low", "summary": "auto"}),
    ],
)
async def test_only_who_reasons_is_asked_for_reasoning(
    api: ScriptedApi,
    make: Make,
    model: str,
    effort: str | None,
    reasoning: dict[str, str] | None,
) -> None:
    await events_of(make("responses"), ASKED._replace(model=model, reasoning_effort=effort))
    sent = api.requests[0].json
    assert sent.get("reasoning") == reasoning
    assert ("include" in sent) == (reasoning is not None)


async def test_an_effort_of_none_is_sent_and_nothing_else_about_reasoning(
    api: ScriptedApi, make: Make
) -> None:
    await events_of(make("responses"), ASKED._replace(reasoning_effort="none"))
    assert api.requests[0].json["reasoning"] == {"effort": "none"}
    assert "include" not in api.requests[0].json


async def test_a_system_message_in_the_middle_stays_in_its_place(api: ScriptedApi, make: Make) -> None:
    messages = (Message("user", "a"), Message("system", "b"), Message("user", "c"))
    await events_of(make("responses"), ModelRequest("m", messages))
    assert [message["role"] for message in api.requests[0].json["input"]] == ["user", "developer", "user"]
    assert "instructions" not in api.requests[0].json


async def test_chat_completions_get_every_message_and_are_asked_for_the_usage(
    api: ScriptedApi, make: Make
) -> None:
    request = ASKED._replace(max_output_tokens=100, temperature=0.0, reasoning_effort="low")
    await events_of(make("chat"), request)
    assert api.requests[0].path == "/v1/chat/completions"
    assert api.requests[0].json == {
        "model": "gpt-5.5",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Was heißt 😀?\r\n"},
            {"role": "assistant", "content": ""},
        ],
        "max_tokens": 100,
        "temperature": 0.0,
        "reasoning_effort": "low",
    }


@pytest.mark.parametrize("spoken", ["responses", "chat"])
async def test_openai_is_told_to_keep_nothing_in_either_api(spoken: Spoken) -> None:
    for base_url in (OPENAI, "https://eu.api.openai.com/v1"):
        model = model_at(base_url, api=spoken)
        assert json.loads((await model.preview(ASKED)).body)["store"] is False
        await model.aclose()
    elsewhere = model_at("https://llm.example.org/v1", api=spoken)
    assert ("store" in json.loads((await elsewhere.preview(ASKED)).body)) == (spoken == "responses")
    await elsewhere.aclose()


async def test_a_compatible_server_is_asked_by_chat_completions_unless_told_otherwise(
    api: ScriptedApi, make: Make
) -> None:
    await events_of(make("auto"))
    assert api.requests[0].path == "/v1/chat/completions"


@API
async def test_a_request_tells_nothing_about_the_machine_or_the_user(
    api: ScriptedApi,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    spoken: Spoken,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://evil.example.com/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Tracking: 1\nAuthorization: Bearer other\nAccept: x")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-process")
    await events_of(make(spoken))
    sent = api.requests[0]
    assert sorted((name.lower(), value) for name, value in sent.headers) == [
        ("accept", "application/json"),
        ("authorization", f"Bearer {KEY}"),
        ("content-length", str(len(sent.body))),
        ("content-type", "application/json"),
        ("host", api.base_url.removeprefix("http://").removesuffix("/v1")),
        ("user-agent", "pygpt-lsp"),
    ]


@API
async def test_organization_and_project_come_from_the_environment_given(
    api: ScriptedApi, make: Make, spoken: Spoken
) -> None:
    await events_of(make(spoken, env={"OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj-1"}))
    assert api.requests[0].header("OpenAI-Organization") == "org-1"
    assert api.requests[0].header("OpenAI-Project") == "proj-1"


async def test_nothing_is_sent_before_a_question(api: ScriptedApi, make: Make) -> None:
    make()
    assert api.connections == 0
