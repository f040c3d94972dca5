"""Which API is spoken, and how, is told by the host."""

from __future__ import annotations

import json

import pytest
import respx

from pygpt_lsp.core.errors import ModelError
from pygpt_lsp.core.messages import Message, ModelRequest
from tests.services.chat_model.kit import OPENAI, model_at


@pytest.mark.parametrize(
    ("base_url", "path", "limit"),
    [
        (OPENAI, "/v1/responses", "max_output_tokens"),
        ("https://eu.api.openai.com/v1", "/v1/responses", "max_output_tokens"),
        ("https://me.openai.azure.com/openai/v1", "/openai/v1/chat/completions", "max_completion_tokens"),
        ("https://api.openai.com.example.com/v1", "/v1/chat/completions", "max_tokens"),
        ("https://models.example.com/api", "/api/chat/completions", "max_tokens"),
    ],
)
async def test_the_api_is_chosen_by_the_host(base_url: str, path: str, limit: str) -> None:
    with respx.mock() as network:
        route = network.post(url__startswith=base_url).respond(400)
        model = model_at(base_url)
        with pytest.raises(ModelError):
            await anext(model.stream(ModelRequest("m", (Message("user", "q"),), max_output_tokens=5)))
        await model.aclose()
    sent = route.calls.last.request
    assert sent.url.path == path
    assert json.loads(sent.content)[limit] == 5
