"""The list of models that the user chooses from."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pygpt_lsp.core.errors import ErrorKind, ModelError
from pygpt_lsp.services.api_key import ApiKey
from pygpt_lsp.services.chat_model import OpenAIChatModel
from pygpt_lsp.services.egress import Egress
from tests.services.chat_model.kit import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.chat_model.kit import Make
    from tests.support.api_server import ScriptedApi


class Lister(http.server.BaseHTTPRequestHandler):
    """Says what the test put into `status` and `body`."""

    status = 200
    body = b""
    asked = 0

    def do_GET(self) -> None:
        Lister.asked += 1
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Lister)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Lister.status, Lister.body, Lister.asked = 200, b"", 0
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


async def listed(address: str) -> list[str]:
    egress = Egress(
        api_base_url=address, update_url="https://127.0.0.1/x", connect_timeout=5, idle_timeout=5, env={}
    )
    model = OpenAIChatModel(egress, ApiKey(KEY), env={})
    try:
        return await model.list_models()
    finally:
        await model.aclose()


async def test_the_models_are_asked_for_once_with_the_key_and_nothing_else(
    api: ScriptedApi, make: Make
) -> None:
    assert await make().list_models() == ["gpt-5.5"]
    (asked,) = api.journal
    assert (asked.method, asked.path, asked.query, asked.body) == ("GET", "/v1/models", "", b"")
    assert asked.header("Authorization") == f"Bearer {KEY}"


async def test_the_newest_models_come_first_and_those_without_an_age_last(address: str) -> None:
    models = [
        {"id": "b"},
        {"id": "old", "created": 1},
        {"id": "new", "created": 2},
        {"id": "a"},
        {"no": "id"},
    ]
    Lister.body = json.dumps({"object": "list", "data": models}).encode()
    assert await listed(address) == ["new", "old", "a", "b"]


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b"{}", b'{"data": {}}', b'"x"'])
async def test_what_is_no_list_of_models_is_said_to_be_none(address: str, body: bytes) -> None:
    Lister.body = body
    with pytest.raises(ModelError) as failed:
        await listed(address)
    assert failed.value.kind is ErrorKind.MALFORMED


async def test_an_api_without_a_list_is_not_said_to_lack_a_model(address: str) -> None:
    Lister.status, Lister.body = 404, b'{"error": {"message": "There are no models here."}}'
    with pytest.raises(ModelError, match="has nothing at this address") as failed:
        await listed(address)
    assert failed.value.kind is ErrorKind.BAD_REQUEST


async def test_a_refusal_is_told_and_not_tried_again(address: str) -> None:
    Lister.status = 500
    with pytest.raises(ModelError) as failed:
        await listed(address)
    assert failed.value.kind is ErrorKind.SERVER
    assert Lister.asked == 1
