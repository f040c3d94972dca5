"""`--tcp` and `--ws`: the whole job over a socket, for one client, on this machine alone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.api_script import DEADLINE
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12, VSCODE, Profile
from tests.support.listening import ListeningServer
from tests.support.lsp_client import SERVER
from tests.support.server_kit import answered, ask, stored_turns
from tests.support.troubled_server import troubled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.api_server import ScriptedApi

WAYS = ("--tcp", "--ws")


@pytest.mark.parametrize(
    ("way", "profile"),
    [
        pytest.param("--tcp", HELIX_25_07, id="tcp-helix"),
        pytest.param("--ws", VSCODE, id="ws-vscode"),
        pytest.param("--ws", NEOVIM_0_12, id="ws-neovim"),
    ],
)
async def test_the_main_job_runs_over_a_socket(
    env: dict[str, str], workspace: Path, api: ScriptedApi, way: str, profile: Profile
) -> None:
    async with ListeningServer(env, workspace, way) as server:
        client = await server.editor(profile)
        doc = client.open(workspace / "src/app.py")
        assert await client.code_actions(doc, doc.range_of("return greeting"))
        api.reply("Größe 😀")
        await ask(client, "why?", doc)
        await answered(client)
        [chat] = [document for document in client.documents.values() if document.uri.endswith(".chat.md")]
        assert "Größe 😀" in chat.text
        await client.close()
        assert client.problems == []
        assert await server.ended() == 0


@pytest.mark.parametrize("way", WAYS)
async def test_the_process_ends_with_its_client(
    env: dict[str, str], workspace: Path, api: ScriptedApi, way: str
) -> None:
    async with ListeningServer(env, workspace, way, troubled("patient")) as server:
        client = await server.editor()
        reply = api.stream()
        await ask(client, "why?")
        request = await reply.until_taken()
        await client.kill()  # the connection goes away without a word
        assert await server.ended() == 1
        await request.until_closed()
    [turn] = stored_turns(workspace / ".pygpt/cache")
    assert turn.status == "stopped"


@pytest.mark.parametrize("way", WAYS)
async def test_a_second_client_is_turned_away_and_the_first_served_on(
    env: dict[str, str], workspace: Path, way: str
) -> None:
    async with ListeningServer(env, workspace, way) as server:
        client = await server.editor()
        if way == "--tcp":
            reader, writer = await asyncio.open_connection(server.host, server.port)
            async with asyncio.timeout(DEADLINE):
                assert await reader.read() == b""
            writer.close()
        else:
            async with connect(f"ws://{server.host}:{server.port}") as second:
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(second.recv(), DEADLINE)
        doc = client.open(workspace / "src/app.py")
        assert await client.code_actions(doc, doc.range_of("return greeting"))
        await client.close()
        assert await server.ended() == 0


async def test_a_web_page_cannot_talk_to_the_server(env: dict[str, str], workspace: Path) -> None:
    async with ListeningServer(env, workspace, "--ws") as server:
        url = f"ws://{server.host}:{server.port}"
        here = f"{server.host}:{server.port}"
        pages = [
            {"Origin": "https://example.com"},
            {"Origin": "null"},
            {"Origin": f"http://{here}"},
            {"Host": f"rebound.example:{server.port}"},
            {"Host": f"rebound.example:{server.port}", "Origin": f"http://rebound.example:{server.port}"},
        ]
        for headers in pages:
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, additional_headers=headers)
            assert refused.value.response.status_code == 403
        client = await server.editor()  # and the place is still free for the editor
        await client.close()
        assert await server.ended() == 0
    assert server.said.count("refused a connection that looks like a web page's") == 1


INITIALIZE = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
POSTED = b"POST / HTTP/1.1\r\nHost: %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b"


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(POSTED % (b"127.0.0.1", len(INITIALIZE), INITIALIZE), id="a form"),
        pytest.param(b"G", id="the first byte of a request"),
        pytest.param(b"Content-Length /: HTTP/1.1\r\n\r\n", id="a method made up"),
        pytest.param(b"\r\nContent-Length: 2\r\n\r\n{}", id="an empty line first"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", id="TLS"),
    ],
)
async def test_what_a_web_page_sends_to_the_port_is_refused_and_not_heeded(
    env: dict[str, str], workspace: Path, beginning: bytes
) -> None:
    async with ListeningServer(env, workspace, "--tcp") as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(beginning)
        async with asyncio.timeout(DEADLINE):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()
        client = await server.editor()  # it had been initialized, otherwise
        await client.close()
        assert await server.ended() == 0
    assert "refused a connection that looks like a web page's" in server.said


async def test_a_client_that_says_nothing_keeps_no_place(env: dict[str, str], workspace: Path) -> None:
    async with ListeningServer(env, workspace, "--tcp") as server:
        _, silent = await asyncio.open_connection(server.host, server.port)
        client = await server.editor()
        silent.close()
        await client.close()
        assert await server.ended() == 0


@pytest.mark.parametrize("way", WAYS)
async def test_the_server_says_whom_it_does_not_keep_out(
    env: dict[str, str], workspace: Path, way: str
) -> None:
    async with ListeningServer(env, workspace, way) as server:
        client = await server.editor()
        await client.close()
        assert await server.ended() == 0
    if sys.platform == "linux":
        said = "web pages and other users of this machine are refused; any program that you run can connect"
    else:
        said = "web pages are refused; other users of this machine are not"
    assert f"pygpt-lsp: {said}" in server.said


async def refusal(env: Mapping[str, str], cwd: Path, *arguments: str) -> tuple[int | None, str, bytes]:
    """Exit code, stderr and stdout of a server that does not start."""
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *SERVER, *arguments, stdin=null, stdout=pipe, stderr=pipe, env=env, cwd=cwd
    )
    async with asyncio.timeout(DEADLINE):
        output, errors = await process.communicate()
    return process.returncode, errors.decode(), output


@pytest.mark.parametrize(
    ("way", "address"),
    [("--tcp", "0.0.0.0:0"), ("--ws", "0.0.0.0:0"), ("--tcp", "[::]:0"), ("--ws", "a.example:1")],
)
async def test_other_machines_are_kept_out_unless_asked_for(
    env: dict[str, str], workspace: Path, way: str, address: str
) -> None:
    code, said, output = await refusal(env, workspace, way, address)
    assert code == 2
    assert "is not a loopback address: whoever reaches it could read your files. Use 127.0.0.1." in said
    assert len(said.splitlines()) == 1
    assert output == b""


@pytest.mark.parametrize("address", ["127.0.0.1", ":2087", "127.0.0.1:70000", ""])
async def test_an_address_that_is_none_is_refused_with_an_example(
    env: dict[str, str], workspace: Path, address: str
) -> None:
    code, said, _ = await refusal(env, workspace, "--tcp", address)
    assert code == 2
    assert said.splitlines() == [f"{address!r} is not HOST:PORT, for example 127.0.0.1:2087."]


async def test_exposing_it_is_possible_and_warned_about(env: dict[str, str], workspace: Path) -> None:
    # An address that no machine has, so that it says what it would do and ends.
    code, said, _ = await refusal(env, workspace, "--tcp", "192.0.2.1:0", "--expose")
    warning, refused = said.splitlines()
    assert warning.startswith("Warning: anyone who can reach 192.0.2.1 can use this server")
    assert refused.startswith("192.0.2.1:0 cannot be used: ")
    assert code == 2


@pytest.mark.parametrize("way", WAYS)
async def test_a_port_that_is_taken_is_said_in_one_sentence(
    env: dict[str, str], workspace: Path, api: ScriptedApi, way: str
) -> None:
    taken = api.origin.removeprefix("http://")
    code, said, _ = await refusal(env, workspace, way, taken)
    assert code == 2
    assert said.startswith(f"{taken} cannot be used: ")
    assert len(said.splitlines()) == 1
