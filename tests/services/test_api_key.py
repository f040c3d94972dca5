"""Where the key comes from, and that it shows itself to nobody."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import os
import pickle
import shlex
import sys
import traceback
from typing import TYPE_CHECKING, Self

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.services import key_sources
from pygpt_lsp.services.api_key import PLACEHOLDER, ApiKey, FixedKey, FoundKey, SessionKey, find_api_key
from pygpt_lsp.services.key_sources import from_command
from tests.support.api_script import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENAI = "https://api.openai.com/v1"
SECRET = "sk-canary-0123456789"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


class FakeKeyring(KeyringBackend):
    """A keyring that knows one password, or fails."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, password: str | None = None, error: Exception | None = None) -> None:
        super().__init__()
        self.password = password
        self.error = error
        self.asked: list[tuple[str, str]] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append((service, username))
        if self.error is not None:
            raise self.error
        return self.password

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def ring() -> Iterator[FakeKeyring]:
    """No test asks the keyring of the machine it runs on."""
    before, fake = keyring.get_keyring(), FakeKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


def test_a_key_never_shows_itself() -> None:
    key = ApiKey(SECRET)
    found = FoundKey(key, "OPENAI_API_KEY")
    for shown in (
        repr(key),
        str(key),
        f"{key}",
        f"{key!r}",
        repr(found),
        repr([key]),
        repr(vars(FixedKey(key))),
    ):
        assert SECRET not in shown
    assert key.reveal() == SECRET


def test_a_key_shows_itself_in_no_traceback_and_is_not_stored() -> None:
    key = ApiKey(SECRET)
    try:
        raise ValueError(key)
    except ValueError:
        assert SECRET not in traceback.format_exc()
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.copy(key)


async def test_the_environment_comes_first_then_the_command_then_the_keyring(ring: FakeKeyring) -> None:
    ring.password = "from-keyring"
    command = python("print('from-command')")
    env = {"OPENAI_API_KEY": " from-env \n"}
    assert await find_api_key(env, command, OPENAI) == FoundKey(ApiKey("from-env"), "OPENAI_API_KEY")
    assert ring.asked == []
    assert await find_api_key({"OPENAI_API_KEY": " "}, command, OPENAI) == (
        FoundKey(ApiKey("from-command"), "api_key_command")
    )
    assert ring.asked == []
    assert await find_api_key({}, None, OPENAI) == FoundKey(ApiKey("from-keyring"), "the keyring")
    assert ring.asked == [("pygpt-lsp", "api.openai.com")]


async def test_without_any_source_there_is_no_key() -> None:
    assert await find_api_key({}, None, OPENAI) is None


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:11434/v1", "http://[::1]/v1", "http://localhost:1/v1"]
)
async def test_a_server_on_this_machine_needs_no_key(base_url: str) -> None:
    assert await find_api_key({}, None, base_url) == PLACEHOLDER
    found = await find_api_key({"OPENAI_API_KEY": SECRET}, None, base_url)
    assert found == FoundKey(ApiKey(SECRET), "OPENAI_API_KEY")


@pytest.mark.parametrize("error", [RuntimeError("locked"), NoKeyringError("none")])
async def test_a_keyring_that_fails_counts_as_none(ring: FakeKeyring, error: Exception) -> None:
    ring.error = error
    assert await find_api_key({}, None, OPENAI) is None


async def test_without_the_keyring_package_there_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_found(name: str) -> None:
        assert name == "keyring"

    monkeypatch.setattr("importlib.util.find_spec", not_found)
    assert await find_api_key({}, None, OPENAI) is None


async def test_a_keyring_that_waits_for_a_dialog_can_be_given_up(ring: FakeKeyring) -> None:
    import threading

    asked, release = threading.Event(), threading.Event()

    def get_password(_service: str, _username: str) -> str:
        asked.set()
        release.wait(10)
        return "late"

    ring.get_password = get_password  # type: ignore[method-assign]
    task = asyncio.create_task(find_api_key({}, None, OPENAI))
    await asyncio.to_thread(asked.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    await asyncio.sleep(0)


@pytest.mark.parametrize("value", ["two words", "two\nlines", "kéy", "key\x00", "key\ttab"])
async def test_what_cannot_be_sent_as_a_key_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        await find_api_key({"OPENAI_API_KEY": value}, None, OPENAI)
    assert refused.value.kind is ErrorKind.BAD_KEY
    assert "OPENAI_API_KEY" in refused.value.sentence
    assert value not in refused.value.sentence


# The command


async def test_a_command_line_is_split_as_a_shell_would_and_no_shell_runs_it() -> None:
    line = shlex.join(python("import sys; print('|'.join(sys.argv[1:]))")) + " 'a b' \"c\" $HOME ; # d"
    assert await from_command(line) == "a b|c|$HOME|;|#|d"


async def test_a_command_as_a_list_is_run_as_it_is() -> None:
    assert await from_command([*python("import sys; print(sys.argv[1])"), "a b'\""]) == "a b'\""


async def test_the_command_reads_and_writes_none_of_our_streams(capfd: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"Content-Length: 2\r\n\r\n{}")
    ours = os.dup(0)
    os.dup2(reading, 0)  # as if an editor talked to us
    try:
        code = f"import sys; sys.stderr.write('{SECRET}'); print(len(sys.stdin.read(1)), 'read')"
        assert await from_command(python(code)) == "0 read"
        assert len(os.read(0, 100)) == 23
    finally:
        os.dup2(ours, 0)
        for descriptor in (ours, reading, writing):
            os.close(descriptor)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (f"print('{SECRET}'); raise SystemExit(3)", "exit code 3"),
        (f"import sys; sys.stderr.write('{SECRET}'); print(' ')", "printed nothing"),
    ],
)
async def test_a_command_that_fails_is_told_without_what_it_printed(
    code: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(RequestRefused) as refused:
        await find_api_key({}, python(code), OPENAI)
    assert refused.value.kind is ErrorKind.NO_KEY
    assert words in refused.value.sentence
    assert SECRET not in refused.value.sentence + caplog.text


@pytest.mark.parametrize("command", ["", [], "'unclosed", ["/nowhere/no-such-program"], ["a\x00b"]])
async def test_a_command_that_cannot_run_is_told(command: str | list[str]) -> None:
    with pytest.raises(RequestRefused, match="api_key_command"):
        await from_command(command)


class Hanging:
    """A command that starts another one, both of which connect here, hold the output open and hang."""

    _HANG = "import socket; socket.create_connection(('127.0.0.1', {port})).recv(1)"

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = asyncio.Event()
        self.arrived.put_nowait(gone)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        gone.set()
        writer.close()

    @property
    def command(self) -> list[str]:
        hang = self._HANG.format(port=self._server.sockets[0].getsockname()[1])
        return python(f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {hang!r}]); {hang}")


async def test_a_command_whose_question_is_stopped_is_ended_with_what_it_started() -> None:
    async with Hanging() as hanging, asyncio.timeout(DEADLINE):
        task = asyncio.create_task(from_command(hanging.command))
        both = [await hanging.arrived.get(), await hanging.arrived.get()]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for gone in both:
            await gone.wait()


async def test_a_command_that_takes_too_long_is_ended_with_what_it_started() -> None:
    async with Hanging() as hanging, asyncio.timeout(DEADLINE):
        with pytest.raises(RequestRefused, match=r"within 0\.2 s"):
            await from_command(hanging.command, limit=0.2)
        while not hanging.arrived.empty():
            await hanging.arrived.get_nowait().wait()


# One session's key


async def test_the_key_is_looked_for_once_even_by_two_questions_at_a_time() -> None:
    calls = 0

    async def find() -> FoundKey:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        return FoundKey(ApiKey(f"key-{calls}"), "api_key_command")

    session = SessionKey(find)
    first, second = await asyncio.gather(session.key(), session.key())
    assert first == second == await session.key()
    assert calls == 1


async def test_a_refused_key_is_looked_for_once_even_by_two_questions_at_a_time() -> None:
    found = iter(["old", "new"])

    async def find() -> FoundKey:
        return FoundKey(ApiKey(next(found)), "api_key_command")

    session = SessionKey(find)
    old = (await session.key()).key
    renewed = await asyncio.gather(session.after_rejection(old), session.after_rejection(old))
    assert [one.key if one else None for one in renewed] == [ApiKey("new"), ApiKey("new")]
    assert (await session.key()).key == ApiKey("new")


async def test_no_key_is_not_remembered_so_that_setting_one_helps_at_once() -> None:
    found = iter([None, FoundKey(ApiKey("k"), "the keyring")])

    async def find() -> FoundKey | None:
        return next(found)

    session = SessionKey(find)
    with pytest.raises(RequestRefused) as refused:
        await session.key()
    assert refused.value.kind is ErrorKind.NO_KEY
    assert "OPENAI_API_KEY" in refused.value.sentence
    assert (await session.key()).key == ApiKey("k")


async def test_a_fixed_key_stays() -> None:
    fixed = FixedKey(ApiKey("k"))
    assert (await fixed.key()).key == ApiKey("k")
    assert await fixed.after_rejection(ApiKey("k")) is None


def test_paths_of_windows_keep_their_backslashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sources.sys, "platform", "win32")
    assert key_sources._split(r'"C:\Program Files\op.exe" read C:\key') == [
        r"C:\Program Files\op.exe",
        "read",
        r"C:\key",
    ]
