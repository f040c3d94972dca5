"""Chat documents that no editor has open: read as they are, replaced whole or not at all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services import chat_files
from pygpt_lsp.services.chat_files import MAX_BYTES, read_chat, write_chat
from tests.support.text_model import texts

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes, and links need a privilege")


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    """A chat document that exists."""
    path = tmp_path / "größe 😀.chat.md"
    path.write_bytes(b"## User\r\n\r\nwhy?\r\n")
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
def test_every_text_comes_back_with_its_line_endings(chat: Path, text: str) -> None:
    write_chat(chat, text)
    assert read_chat(chat) == well_formed(text)


def test_a_chat_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PygptError, match=r"gone\.chat\.md cannot be read: "):
        read_chat(tmp_path / "gone.chat.md")


def test_what_is_too_large_is_no_chat(chat: Path) -> None:
    with chat.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(PygptError, match="larger than 32 MiB"):
        read_chat(chat)


def test_a_new_chat_is_made(tmp_path: Path) -> None:
    write_chat(tmp_path / "new.chat.md", "ö")
    assert (tmp_path / "new.chat.md").read_bytes() == "ö".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["new.chat.md"]


@posix
def test_the_file_keeps_its_mode_and_a_new_one_is_the_users_alone(chat: Path, tmp_path: Path) -> None:
    chat.chmod(0o640)
    write_chat(chat, "x")
    assert chat.stat().st_mode & 0o777 == 0o640
    write_chat(tmp_path / "new.chat.md", "x")
    assert (tmp_path / "new.chat.md").stat().st_mode & 0o777 == 0o600


@posix
def test_a_link_stays_a_link(chat: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.chat.md"
    link.symlink_to(chat)
    write_chat(link, "through the link")
    assert link.is_symlink()
    assert chat.read_text() == "through the link"


@posix
def test_a_link_to_itself_is_replaced_or_refused_in_a_sentence(tmp_path: Path) -> None:
    loop = tmp_path / "loop.chat.md"
    loop.symlink_to(loop)
    with pytest.raises(PygptError):
        read_chat(loop)
    write_chat(loop, "x")
    assert read_chat(loop) == "x"


def test_a_write_that_fails_leaves_the_old_text_and_nothing_else(
    chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = chat.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chat_files.Path, "replace", full)
    with pytest.raises(PygptError, match="cannot be written: No space left on device"):
        write_chat(chat, "new")
    assert chat.read_bytes() == before
    assert list(chat.parent.iterdir()) == [chat]


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PygptError, match="cannot be written: "):
        write_chat(tmp_path / "gone/a.chat.md", "x")
