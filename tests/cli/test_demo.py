"""What the demo promises: it shows the real thing with or without a key, says what it sends, and leaves
nothing behind."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pygpt_lsp.cli.demo_source import SAMPLE
from tests.support.api_failures import bad_key
from tests.support.api_server import KEY, ScriptedApi
from tests.support.environment import clean_env

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Warnings are errors in the process under test too.
DEMO = [sys.executable, "-W", "error", "-m", "pygpt_lsp", "demo"]
PATIENCE = 120.0  # seconds; far above what is needed
UNREACHABLE = "http://127.0.0.1:9/v1"  # the discard port, where nobody listens
PARTS = [
    "1  Who answers",
    "2  The action menu",
    "3  Explain",
    "4  Document this",
    "5  What was stored and sent",
    "6  Where to go next",
]

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")


class Shown(NamedTuple):
    """What a run printed, and its exit code."""

    text: str
    errors: str
    code: int

    def part(self, number: int) -> str:
        """The text of a part, from its heading to the next one."""
        starts = [self.text.index(f"\n{heading}") for heading in PARTS] + [len(self.text)]
        return self.text[starts[number - 1] : starts[number]]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The place for temporary files of the process under test."""
    folder = tmp_path / "tmp ö"
    folder.mkdir()
    return folder


@pytest.fixture
def env(home: Path, temporary: Path) -> dict[str, str]:
    """A user who never used the program, has no key, and whose network leads nowhere."""
    nowhere = {"OPENAI_BASE_URL": UNREACHABLE, "PYGPT_UPDATE_URL": UNREACHABLE, "HTTPS_PROXY": UNREACHABLE}
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    return clean_env(home, **nowhere, **places, PYTHONDONTWRITEBYTECODE="1")


@pytest.fixture
def asked(api: ScriptedApi, env: dict[str, str]) -> dict[str, str]:
    """The same user with a key, for an API on this machine."""
    return env | api.env()


def demo(env: Mapping[str, str], cwd: Path, *arguments: str | Path) -> Shown:
    """Run it as CI would: without a terminal."""
    ended = subprocess.run(
        [*DEMO, *map(str, arguments)],
        cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return Shown(_text(ended.stdout), _text(ended.stderr), ended.returncode)


def _text(output: bytes) -> str:
    return output.decode().replace("\r\n", "\n")


def _files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _documented(code: str) -> str:
    """What a model answers to "Document this"."""
    return f"Here it is.\n\n```python\n{code}\n```\n"


def test_without_a_key_a_newcomer_sees_all_six_parts(
    env: dict[str, str], home: Path, temporary: Path, tmp_path: Path
):
    shown = demo(env, tmp_path)
    assert (shown.errors, shown.code) == ("", 0)
    who, menu, explain, document, after, next_steps = (shown.part(number) for number in range(1, 7))
    assert "offline stand-in (OPENAI_API_KEY is not set): no key, no network" in who
    assert "the version check is off" in who
    assert "def greeting(name, now=None):" in menu
    assert re.search(r"▸ PyGPT: Explain\n  ▸ PyGPT: Document this\n", menu)
    assert re.search(r"\.pygpt/cache/chats/\S+-explain-greetings-py\.chat\.md", explain)
    assert "  │ ## User\n" in explain
    assert "  │ I am PyGPT's small offline stand-in, not a model" in explain
    assert explain.index("## Assistant") < explain.index("Function `greeting`")
    assert "offline-stand-in · " in explain
    assert "  │ --- a/greetings.py\n  │ +++ b/greetings.py\n" in document
    assert '  │ +    """Greeting.\n' in document
    assert "added 7 lines at line 7 · offline-stand-in" in document
    assert re.search(r"done +Explain greetings.py · offline-stand-in · \d+ tokens in, \d+ out\n", after)
    assert re.search(r"done +Document this greetings.py · offline-stand-in · \d+ tokens in", after)
    assert "Nothing left this machine." in after
    assert re.search(r"user +\d+  greetings.py, lines 6-14\n", after)
    assert "lines 6-14 (the region to replace)" in after
    assert "pygpt-lsp doctor" in next_steps
    assert _files(home, temporary) == []


def test_with_a_key_the_api_is_asked_and_every_byte_of_text_is_accounted_for(
    asked: dict[str, str], api: ScriptedApi, home: Path, temporary: Path, tmp_path: Path
):
    function = SAMPLE[SAMPLE.index("def greeting") : SAMPLE.index("\n\n\nif")]
    api.reply("It **greets**, with ö and 😀.")
    api.reply(_documented(function.replace("\n", '\n    """Grüße 😀."""\n', 1)))
    shown = demo(asked, tmp_path)
    assert (shown.errors, shown.code) == ("", 0)
    host = api.base_url.removeprefix("http://").removesuffix("/v1")
    assert f"gpt-5.5 at {host}, with the key in OPENAI_API_KEY" in shown.part(1)
    assert "  │ It **greets**, with ö and 😀.\n" in shown.part(3)
    assert '  │ +    """Grüße 😀."""\n' in shown.part(4)
    assert "Sent to 127.0.0.1, and to nobody else:" in shown.part(5)
    explain, document = api.requests
    for title, request in (("Explain greetings.py", explain), ("Document this greetings.py", document)):
        sizes = [len(message["content"].encode()) for message in request.json["messages"]]
        assert f"{title}: {sum(sizes):,} bytes of text\n" in shown.part(5)
    assert len(api.journal) == 2  # the version was not asked for
    assert KEY not in shown.text
    assert _files(home, temporary) == []


def test_a_wish_for_the_stand_in_counts_more_than_a_key(
    asked: dict[str, str], api: ScriptedApi, tmp_path: Path
):
    shown = demo(asked, tmp_path, "--offline")
    assert shown.code == 0
    assert "offline stand-in (as you wished)" in shown.part(1)
    assert api.connections == 0


def test_a_key_that_is_refused_ends_the_demo_with_one_sentence(
    asked: dict[str, str], api: ScriptedApi, temporary: Path, tmp_path: Path
):
    api.fail(bad_key())
    shown = demo(asked, tmp_path)
    assert shown.code == 1
    assert re.fullmatch(r"Failed: [^\n]*OPENAI_API_KEY[^\n]*\n", shown.errors)
    assert "4  Document this" not in shown.text
    assert KEY not in shown.text + shown.errors
    assert len(api.requests) == 1
    assert _files(temporary) == []


def test_an_answer_that_is_no_edit_ends_the_demo_with_the_reason(
    asked: dict[str, str], api: ScriptedApi, tmp_path: Path
):
    api.reply("It greets.")
    api.reply("I would rather not.")
    shown = demo(asked, tmp_path)
    assert shown.code == 1
    assert "  Note: " in shown.text  # the server's reason
    assert shown.errors.startswith("Failed: No edit arrived: not applied, see the chat")


def test_a_file_of_the_users_is_only_read(env: dict[str, str], temporary: Path, tmp_path: Path):
    path = tmp_path / "mödule 😀.py"
    content = b"# \xc3\xb6\r\ndef add(a, b):\r\n    return a + b\r\n\r\nprint(add(1, 2))"
    path.write_bytes(content)
    before = path.stat()
    shown = demo(env, tmp_path, path)
    assert (shown.errors, shown.code) == ("", 0)
    assert "with lines 1-3 of mödule 😀.py selected" in shown.part(2)
    assert '  │ +    """Add.\n' in shown.part(4)
    assert path.read_bytes() == content
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert _files(temporary) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b" \n", "is empty"),
        (b"x" * (1 << 20) + b"x", "is larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_shown_is_refused_with_a_sentence(
    env: dict[str, str], tmp_path: Path, content: bytes | None, sentence: str
):
    path = tmp_path / "file.py"
    if content is not None:
        path.write_bytes(content)
    shown = demo(env, tmp_path, path)
    assert (shown.text, shown.code) == ("", 1)
    assert shown.errors.startswith("Failed: ")
    assert sentence in shown.errors
    assert shown.errors.count("\n") == 1


def test_what_is_kept_is_where_it_says(
    asked: dict[str, str], api: ScriptedApi, temporary: Path, tmp_path: Path
):
    function = SAMPLE[SAMPLE.index("def greeting") : SAMPLE.index("\n\n\nif")]
    api.reply("It greets. 😀")
    api.reply(_documented(f"# Grüße\n{function}"))
    shown = demo(asked, tmp_path, "--keep")
    (base,) = temporary.iterdir()
    assert shown.text.endswith(f"What the demo wrote is in {base.resolve()}\n")
    # The edit is in the client's buffer, as in an editor: nobody saved it.
    assert (base / "workspace/greetings.py").read_text(encoding="utf-8") == SAMPLE
    (chat,) = (base / "workspace/.pygpt/cache/chats").iterdir()
    assert "## Assistant" in chat.read_text(encoding="utf-8")
    assert (base / "server.log").read_bytes() == b""


@needs_terminal
def test_ctrl_c_ends_it_at_once_and_leaves_nothing(
    asked: dict[str, str], api: ScriptedApi, temporary: Path, tmp_path: Path
):
    import pty

    api.stream().send("I am the answer\n\n")  # and never end
    ours, theirs = pty.openpty()
    # A test run in the background of a shell ignores Ctrl-C, and so would what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        DEMO, cwd=tmp_path, env=asked | {"TERM": "xterm"}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    os.close(theirs)
    seen = b""
    interrupted = False
    try:
        while chunk := _read(ours):
            seen += chunk
            if b"I am the answer" in seen and not interrupted:
                interrupted = True
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does to all that runs in it
        assert process.wait(PATIENCE) == 130
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    text = seen.decode()
    assert "\x1b[1m3  Explain\x1b[0m" in text
    assert "Stopped." in text
    assert "Traceback" not in text
    assert "4  Document this" not in text
    assert _files(temporary) == []


def _read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], PATIENCE)
    assert ready, "the demo says nothing more and does not end"
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other side is closed
        return b""
