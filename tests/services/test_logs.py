"""A log that can be pasted into a bug report."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.services import logs
from pygpt_lsp.services.logs import LEVELS, TRACE, crash_summary, remember_key, scrub, set_up_logging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOGGERS = ("", "pygpt_lsp", "pygls", "openai", "httpx2", "httpcore2", "asyncio", "keyring")


def close_log() -> None:
    """What the end of a process does."""
    for handler in logging.getLogger("pygpt_lsp").handlers:
        if isinstance(handler, logging.FileHandler):
            handler.close()


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging is as it was before, once the test is over."""
    monkeypatch.setattr(logs, "_known_keys", set[str]())
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    monkeypatch.setattr(logging, "lastResort", logging.lastResort)
    kept = {
        name: (logger.handlers[:], logger.level, logger.propagate)
        for name in LOGGERS
        if (logger := logging.getLogger(name))
    }
    yield
    for name, (handlers, level, propagate) in kept.items():
        close_log()
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def ours() -> logging.Logger:
    """A logger of one of our modules."""
    return logging.getLogger("pygpt_lsp.lsp.server")


# Keys


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("Authorization: Bearer abc.DEF-123_456", "Authorization: Bearer ***"),
        ("authorization: bearer  abcdefgh", "authorization: bearer  ***"),
        ("the key sk-proj-0123456789 is wrong", "the key sk-*** is wrong"),
        ("SK-0123456789", "SK-***"),
        ('{"api_key": "any\\"thing", "model": "m"}', '{"api_key": "***", "model": "m"}'),
        ('{"pygpt.openai-apikey" : "x"}', '{"pygpt.openai-apikey" : "***"}'),
        ('{"api_key_command": "pass show x"}', '{"api_key_command": "pass show x"}'),
        ("a task-0123456789, a risk-assessment", "a task-0123456789, a risk-assessment"),
        ("nothing to hide: ö 😀", "nothing to hide: ö 😀"),
    ],
)
def test_what_looks_like_a_key_is_masked_and_nothing_else(line: str, masked: str) -> None:
    assert scrub(line) == masked


characters = st.characters(exclude_characters="*")


@given(st.text(characters, min_size=4, max_size=40), st.text(characters), st.text(characters))
def test_the_key_in_use_never_passes(key: str, before: str, after: str) -> None:
    logs._known_keys.clear()
    remember_key(key)
    assert key not in scrub(before + key + after)


def test_the_key_is_masked_as_json_writes_it_too() -> None:
    remember_key('a"b\\c')
    assert scrub(r'{"text": "a\"b\\c"}') == '{"text": "***"}'
    assert scrub('a"b\\c') == "***"


def test_a_key_too_short_to_be_one_does_not_mask_every_word() -> None:
    remember_key("")
    remember_key("abc")
    assert scrub("abc abcd") == "abc abcd"


# Where it goes


@pytest.mark.parametrize("level", LEVELS)
def test_the_levels_are_those_of_the_command_line(ours: logging.Logger, tmp_path: Path, level: str) -> None:
    set_up_logging(level, tmp_path / "log")
    for each in LEVELS.values():
        ours.log(each, "at %d", each)
    logged = {int(line.rpartition(" ")[2]) for line in (tmp_path / "log").read_text().splitlines()}
    assert logged == {each for each in LEVELS.values() if each >= LEVELS[level]}


def test_the_file_is_added_to_and_is_the_users_alone(ours: logging.Logger, tmp_path: Path) -> None:
    file = tmp_path / "größe.log"
    for number in (1, 2):
        set_up_logging("info", file)
        ours.info("line %d ö 😀", number)
        close_log()
        if sys.platform != "win32":
            assert file.stat().st_mode & 0o777 == 0o600
            file.chmod(0o644)  # as a file that was there before is
    first, second = file.read_text("utf-8").splitlines()
    assert first.endswith("INFO pygpt_lsp.lsp.server: line 1 ö 😀")
    assert second.endswith("line 2 ö 😀")


def test_without_a_file_it_goes_to_stderr(ours: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("warning", None)
    ours.warning("heard")
    ours.info("not heard")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("WARNING pygpt_lsp.lsp.server: heard\n")


def test_keys_in_the_arguments_and_in_tracebacks_are_masked(ours: logging.Logger, tmp_path: Path) -> None:
    remember_key("canary-key")
    set_up_logging("trace", tmp_path / "log")
    ours.log(TRACE, "received %s", {"text": "canary-key"})
    try:
        raise ValueError("canary-key")
    except ValueError:
        ours.exception("failed")
    logged = (tmp_path / "log").read_text("utf-8")
    assert "received {'text': '***'}" in logged
    assert "ValueError: ***" in logged


def test_libraries_are_silent_even_at_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_logging("trace", tmp_path / "log")
    for name in (*LOGGERS[2:], "somebody.else", ""):
        logging.getLogger(name).critical("a whole message body")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    assert (tmp_path / "log").read_text("utf-8") == ""


def test_a_record_that_cannot_be_written_prints_nothing(
    ours: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("info", tmp_path / "log")
    ours.info("%d", "the text of a document")
    ours.info("half a pair \ud83d")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    logged = (tmp_path / "log").read_text("utf-8")
    assert "document" not in logged
    assert logged.endswith("half a pair \\ud83d\n")


def test_a_file_that_cannot_be_opened_is_an_error_for_the_caller(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on the system)
        set_up_logging("info", tmp_path)
    with pytest.raises(FileNotFoundError):
        set_up_logging("info", tmp_path / "nowhere/log")


# Crashes


def test_a_crash_is_told_by_its_places_without_its_text() -> None:
    def inner() -> None:
        raise ValueError("the text of a document")

    with pytest.raises(ValueError, match="document") as crash:
        inner()
    summary = crash_summary(crash.value)
    assert summary.startswith("ValueError at test_logs.py:")
    assert summary.endswith(" inner")
    assert "document" not in summary


def test_a_crash_that_was_never_raised_has_no_place() -> None:
    assert crash_summary(KeyError("secret")) == "KeyError at an unknown place"
