"""What the server says of itself, and which messages it answers when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from tests.support.editor_profiles import HELIX_25_07, Profile, capability, in_every_editor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_text import Json
    from tests.support.editors import Editors
    from tests.support.raw_client import RawClient

COMMANDS = {
    "pygpt.ask",
    "pygpt.action",
    "pygpt.chat.new",
    "pygpt.chat.send",
    "pygpt.chat.regenerate",
    "pygpt.stop",
    "pygpt.applyLast",
    "pygpt.history.search",
    "pygpt.history.open",
    "pygpt.history.fork",
    "pygpt.history.delete",
    "pygpt.model.select",
    "pygpt.showStatus",
}
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED = -32002


@in_every_editor
async def test_every_editor_is_told_the_same_capabilities_in_its_own_encoding(
    editor: Editors, profile: Profile
) -> None:
    client = await editor(profile)
    offered = capability(client.capabilities, "general.positionEncodings")
    capabilities = client.server.capabilities
    assert client.encoding == offered[0]
    assert capabilities.code_action_provider is not None
    assert isinstance(capabilities.code_action_provider, types.CodeActionOptions)
    assert not capabilities.code_action_provider.resolve_provider  # Helix blocks its screen on it
    assert {"quickfix", "refactor.rewrite"} <= set(capabilities.code_action_provider.code_action_kinds or ())
    sync = capabilities.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert sync.open_close
    assert sync.change is types.TextDocumentSyncKind.Incremental
    assert capabilities.execute_command_provider is not None
    assert set(capabilities.execute_command_provider.commands) >= COMMANDS
    assert capabilities.workspace is not None
    assert capabilities.workspace.workspace_folders is not None
    assert capabilities.workspace.workspace_folders.change_notifications is True
    assert client.server.server_info is not None
    assert client.server.server_info.name == "pygpt-lsp"
    assert await client.close() == 0
    assert client.stderr == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_positions_are_counted_in_the_encoding_the_client_lists_first(
    editor: Editors, workspace: Path, api: ScriptedApi, encoding: str
) -> None:
    others = {"utf-8", "utf-16", "utf-32"} - {encoding}

    def listing(params: Json) -> None:
        params["capabilities"]["general"]["positionEncodings"] = [encoding, *sorted(others)]

    client = await editor(HELIX_25_07, tweak=listing)
    assert client.encoding == encoding
    doc = client.open(workspace / "src/app.py")
    doc.type("[here]", at=doc.find('Grüße, 😀 " + name') + len("Grüße, 😀"))
    await client.execute("pygpt.ask", {"question": "why?", "uri": doc.uri, "range": doc.range_of("[here]")})
    [request] = await api.until_requests(1)
    assert 'greeting = "Schöne Grüße, 😀[here] " + name' in request.text


async def test_a_client_that_names_no_encoding_gets_utf_16(raw: RawClient) -> None:
    assert (await raw.initialize())["positionEncoding"] == "utf-16"


async def test_requests_before_initialize_are_refused_and_notifications_dropped(raw: RawClient) -> None:
    document = {"uri": "file:///x.py", "languageId": "python", "version": 1, "text": "x"}
    raw.notify("textDocument/didOpen", {"textDocument": document})
    raw.notify("initialized", {})
    assert await raw.error_code(raw.request("textDocument/codeAction", {})) == NOT_INITIALIZED
    assert await raw.error_code(raw.request("shutdown")) == NOT_INITIALIZED
    assert await raw.error_code(raw.request("initialize", {"capabilities": 5})) == INVALID_PARAMS
    assert "executeCommandProvider" in await raw.initialize()
    assert all("method" not in message for message in raw.messages)  # nobody was told of a defect


async def test_initialize_counts_once(raw: RawClient) -> None:
    await raw.initialize()
    assert await raw.error_code(raw.request("initialize", {"capabilities": {}})) == INVALID_REQUEST


async def test_requests_after_shutdown_are_refused(raw: RawClient) -> None:
    await raw.initialize()
    assert (await raw.answer(raw.request("shutdown")))["result"] is None
    for method in ("shutdown", "initialize", "textDocument/codeAction", "no/such"):
        assert await raw.error_code(raw.request(method, {})) == INVALID_REQUEST
    raw.notify("textDocument/didOpen", {"textDocument": 5})
    raw.notify("exit")
    assert await raw.ended() == 0


async def test_every_message_that_cannot_be_used_is_answered_and_the_next_one_served(raw: RawClient) -> None:
    await raw.initialize()
    for body in (b"{x}", b"", b"\xff\xfe\xff", b"[" * 100_000):
        raw.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        assert await raw.error_code(None) == PARSE_ERROR
    no_objects: list[object] = [[], 5, "x", None]
    for message in no_objects:
        raw.send(message)
        assert await raw.error_code(None) == INVALID_REQUEST
    for method in (None, 5, [1], {"a": 1}):
        assert await raw.error_code(raw.request(method)) == INVALID_REQUEST
    raw.send({"jsonrpc": "1.0", "id": "old", "method": "shutdown"})
    assert await raw.error_code("old") == INVALID_REQUEST
    hover = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    for method in ("no/such", "$/no", "textDocument/moniker"):
        assert await raw.error_code(raw.request(method, hover)) == METHOD_NOT_FOUND
    for params in (None, 5, {}, {"textDocument": {"uri": 5}}):
        assert await raw.error_code(raw.request("textDocument/codeAction", params)) == INVALID_PARAMS
    command = {"command": "pygpt.noSuch"}
    assert await raw.error_code(raw.request("workspace/executeCommand", command)) == INVALID_PARAMS
    for stray in (
        {},
        {"id": 99},
        {"id": "x", "result": 1},
        {"id": ["x"], "result": 1},
        {"method": "no/such"},
    ):
        raw.send({"jsonrpc": "2.0", **stray})
    raw.notify("textDocument/didChange", {"textDocument": 5})
    raw.notify("$/cancelRequest", {"id": 12345})
    assert (await raw.answer(raw.request("shutdown")))["result"] is None
    assert all("method" not in message for message in raw.messages)


async def test_a_key_jsonrpc_anywhere_inside_a_message_is_a_key_like_any_other(raw: RawClient) -> None:
    inside = {"jsonrpc": "1.0", "id": 7, "method": "x", "params": {"jsonrpc": None}}
    await raw.initialize(initializationOptions={"model": "m", "jsonrpc": inside})
    command = {"command": "pygpt.showStatus", "arguments": [{"note": inside, **inside}]}
    assert (await raw.answer(raw.request("workspace/executeCommand", command)))["result"] is None


async def test_headers_are_read_in_any_case_and_order(raw: RawClient) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": "ö", "method": "initialize", "params": {"capabilities": {}}})
    data = body.encode()
    head = b"content-type: application/vscode-jsonrpc; charset=utf-8\r\nX-Unknown: 1\r\nCONTENT-LENGTH:%d"
    for piece in ((head % len(data)) + b"\r\n\r\n" + data[:10], data[10:]):
        raw.write(piece)
    assert "result" in await raw.answer("ö")
