"""The command line: what it understands, what it refuses, and that serving is its default."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp import __version__, cli
from tests.support.environment import clean_env

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[argparse.Namespace]:
    """The options with which the server would have been started."""
    options: list[argparse.Namespace] = []

    def serve(given: argparse.Namespace) -> int:
        options.append(given)
        return 7

    monkeypatch.setattr("pygpt_lsp.lsp.serve.serve", serve)
    return options


@pytest.mark.parametrize("words", [[], ["serve"], ["--stdio"], ["serve", "--stdio"]], ids=" ".join)
def test_without_a_command_it_serves_on_stdio(served: list[argparse.Namespace], words: list[str]) -> None:
    assert cli.main(words) == 7  # the server's exit code
    [options] = served
    assert (options.tcp, options.ws, options.expose, options.offline) == (None, None, False, False)
    assert (options.log_level, options.log_file) == ("warning", None)


def test_the_options_of_serving_need_no_command(served: list[argparse.Namespace]) -> None:
    cli.main(["--ws", "127.0.0.1:1", "--expose", "--log-level", "trace", "--log-file=a b.log", "--offline"])
    [options] = served
    assert (options.ws, options.expose, options.offline) == ("127.0.0.1:1", True, True)
    assert (options.log_level, options.log_file) == ("trace", "a b.log")


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["--nonsense"],
        ["serve", "more"],
        ["--log-level=loud"],
        ["--tcp", "127.0.0.1:1", "--ws", "127.0.0.1:2"],
        ["--tcp", "127.0.0.1:1", "--stdio"],
        ["--tcp"],
    ],
    ids=" ".join,
)
def test_what_is_not_understood_is_exit_code_2_and_nothing_on_stdout(
    served: list[argparse.Namespace], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert served == []
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage: pygpt-lsp" in captured.err


def test_a_command_that_does_not_exist_is_answered_with_those_that_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["histroy"])
    said = capsys.readouterr().err
    for command in ("serve", "demo", "doctor", "history", "import-pygpt", "privacy"):
        assert f"'{command}'" in said


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pygpt-lsp {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    shown = capsys.readouterr().out
    for command in ("serve", "demo", "doctor", "history"):
        assert f"\n    {command} " in shown


def run(arguments: Sequence[str], home: Path) -> subprocess.CompletedProcess[str]:
    """The real thing, with nothing on its stdin."""
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        env=clean_env(home), cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("place", [".", "nowhere/x.log"])
def test_a_log_file_that_cannot_be_written_is_a_sentence_and_exit_code_2(home: Path, place: str) -> None:
    ended = run(["-m", "pygpt_lsp", f"--log-file={place}"], home)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"The log file {place} cannot be written: ")
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


def test_ws_without_its_extra_is_a_sentence_and_exit_code_2(home: Path) -> None:
    without = (
        "import sys; sys.modules['websockets'] = None; from pygpt_lsp.cli import main;"
        " sys.exit(main(['--ws', '127.0.0.1:0']))"
    )
    ended = run(["-c", without], home)
    assert ended.returncode == 2
    assert ended.stderr == "--ws needs the package websockets: install pygpt-lsp[ws].\n"


HEAVY = (
    "openai", "httpx2", "sqlite3", "yaml", "difflib", "platformdirs", "keyring", "websockets",
    "pygpt_lsp.cli.doctor",
)  # fmt: skip


def test_a_server_that_starts_loads_nothing_that_an_answer_needs(home: Path) -> None:
    look = (
        "import sys; from pygpt_lsp import cli; import pygpt_lsp.lsp.serve, pygpt_lsp.lsp.server;"
        f" print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert run(["-c", look], home).stdout == "[]\n"


@pytest.mark.parametrize("words", [["doctor", "--editors"], ["privacy"]], ids=" ".join)
def test_a_tool_whose_reader_has_gone_ends_without_a_word(tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "pygpt_lsp", *words],
            stdout=writing, stderr=subprocess.PIPE, env=clean_env(tmp_path), cwd=tmp_path, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")
