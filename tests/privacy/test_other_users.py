"""Another user of this machine, a real one, at a server that listens: nothing is heeded, nothing answered."""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.api_script import DEADLINE
from tests.support.environment import clean_env
from tests.support.listening import ListeningServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.privacy

_INITIALIZE = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
_TCP = b"Content-Length: %d\r\n\r\n%b" % (len(_INITIALIZE), _INITIALIZE)
_WEBSOCKET = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
_CLIENT = """
import os, socket, sys
user, address, message = int(sys.argv[1]), (sys.argv[2], int(sys.argv[3])), bytes.fromhex(sys.argv[4])
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)
with socket.socket() as client:
    client.settimeout(30)
    client.connect(address)
    try:
        client.sendall(message)
        sys.stdout.buffer.write(client.recv(4096))
    except ConnectionResetError:
        pass
"""


async def answer_to(user: int, server: ListeningServer, message: bytes) -> bytes:
    """What the server answers a message of a user's."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", _CLIENT, str(user), server.host, str(server.port), message.hex(),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(DEADLINE):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return output


@pytest.mark.parametrize(("way", "message"), [("--tcp", _TCP), ("--ws", _WEBSOCKET)], ids=["tcp", "ws"])
async def test_other_users_of_the_machine_are_refused_and_the_own_is_served(
    home: Path, workspace: Path, way: str, message: bytes
) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    async with ListeningServer(clean_env(home), workspace, way) as server:
        answer = await answer_to(nobody, server, message)
        assert answer.startswith(b"HTTP/1.1 403 ") if way == "--ws" else answer == b""
        client = await server.editor()
        await client.close()
        assert await server.ended() == 0
    assert "refused a connection of another user of this machine" in server.said


async def test_the_same_message_of_the_own_user_is_answered(home: Path, workspace: Path) -> None:
    async with ListeningServer(clean_env(home), workspace, "--tcp") as server:
        assert b'"capabilities"' in await answer_to(os.getuid(), server, _TCP)
