"""`pygpt-lsp history` shows, finds, deletes and exports, and no stored text steers the terminal."""

from __future__ import annotations

import argparse
import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.cli import history
from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_records import TurnEnd
from pygpt_lsp.services.workspace_cache import possible_caches
from tests.support.history_kit import Clock, another_process, bytes_in, exchange, new_cache, question

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)

    def user_cache(*arguments: object, **options: object) -> Path:
        return tmp_path / "user"

    monkeypatch.setattr("platformdirs.user_cache_path", user_cache)
    return tmp_path / "work"


@pytest.fixture
def ids(root: Path) -> list[str]:
    """Two conversations, the second changed last."""
    clock = Clock(1_760_000_000.0)
    store = HistoryStore.open(new_cache(root / ".pygpt" / "cache"), now=clock)
    first = exchange(store, question("Why ö 😀?"), "Because\r\nof \x1b[31mred.").conversation_id
    clock.seconds += 60
    failed = store.start_turn(question("zvjq?", title="A \x1b]0;title\u202e"))
    store.finish_turn(failed.turn_id, TurnEnd("failed", error_kind="no_key", error="Set a key."))
    store.close()
    return [first, failed.conversation_id]


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        history.add_parser(parser.add_subparsers())
        args = parser.parse_args(["history", words[0], "--workspace", str(root), *words[1:]])
        code = args.run(args)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_list_shows_the_newest_first(run: Run, ids: list[str]) -> None:
    code, out, _ = run("list")
    newest, oldest = out.splitlines()
    assert code == 0
    assert newest.startswith(ids[1])
    assert "1 turn" in newest
    assert "failed" in newest
    assert newest.endswith("A \ufffd]0;title\ufffd")
    assert oldest.startswith(ids[0])
    assert oldest.endswith("Why ö 😀?")
    assert run("list", "--limit", "1")[1].splitlines() == [newest]


def test_search_shows_where_and_what(run: Run, ids: list[str]) -> None:
    code, out, err = run("search", "BECAUSE", "of")
    assert (code, err) == (0, "")
    assert out.startswith(ids[0])
    assert out.endswith("    assistant: Because of \ufffd[31mred.\n")
    assert run("search", "nowhere") == (0, "", "Nothing found.\n")


def test_show_prints_a_conversation_harmlessly(run: Run, ids: list[str]) -> None:
    code, out, _ = run("show", ids[0][:5])
    assert code == 0
    assert out.endswith(
        "\n[system]\nBe brief.\n\n[user]\nWhy ö 😀?\n\n[assistant]\nBecause\nof \ufffd[31mred.\n"
    )
    assert "failed: Set a key." in run("show", ids[1])[1]


def test_an_unknown_id_is_one_sentence(run: Run, ids: list[str]) -> None:
    for command in ("show", "delete", "export"):
        code, out, err = run(command, "zzzz")
        assert (code, out) == (1, "")
        assert err == "No conversation has the id zzzz: `pygpt-lsp history list` shows the ids.\n"


def test_delete_takes_ids_and_leaves_the_others(run: Run, ids: list[str], root: Path) -> None:
    code, out, err = run("delete", ids[1], "--yes")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith(f"{ids[1]}  ")
    assert out.endswith("   1 turn  A \ufffd]0;title\ufffd\nDeleted 1 conversation.\n")
    assert b"zvjq" not in bytes_in(root)
    assert [line[:8] for line in run("list")[1].splitlines()] == [ids[0]]


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        ("", (1, "", "Nothing was deleted.\n")),
        ("\n", (1, "", "Nothing was deleted.\n")),
        ("no\n", (1, "", "Nothing was deleted.\n")),
        ("Yes\n", (0, "Deleted 2 conversations.\n", "")),
    ],
)
def test_delete_all_asks_first(
    run: Run,
    ids: list[str],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    outcome: tuple[int, str, str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code, out, err = run("delete", "--all")
    asked = f"{root / '.pygpt' / 'cache'}: 2 conversations\nDelete all of it for good? [y/N] "
    assert out.startswith(asked)
    assert (code, out.removeprefix(asked), err) == outcome
    assert len(run("list")[1].splitlines()) == (0 if typed == "Yes\n" else 2)


@pytest.mark.parametrize("typed", ["", "\n", "no\n", "y\n"])
def test_delete_names_what_it_deletes_and_asks(
    run: Run, ids: list[str], root: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code, out, err = run("delete", ids[0][:5], ids[1], ids[0])
    named, asked = out.split("Delete these 2 conversations for good? [y/N] ")
    assert [line.split()[0] for line in named.splitlines()] == ids
    assert "Why ö 😀?" in named
    if typed == "y\n":
        assert (code, asked, err) == (0, "Deleted 2 conversations.\n", "")
    else:
        assert (code, asked, err) == (1, "", "Nothing was deleted.\n")
    assert len(run("list")[1].splitlines()) == (0 if typed == "y\n" else 2)


def test_delete_all_means_all_that_was_asked_and_answered(
    run: Run, ids: list[str], root: Path, tmp_path: Path
) -> None:
    cache = CacheFolder(root / ".pygpt" / "cache")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "mine.chat.md").write_text("mine")
    (cache.chats_dir / "never-sent.chat.md").write_text("zvjq")
    (cache.chats_dir / "deeper").mkdir()
    (cache.chats_dir / "deeper" / "older.chat.md").write_text("zvjq")
    (cache.chats_dir / "link").symlink_to(precious)
    (cache.chats_dir / ".x.pygpt-tmp").write_text("half a chat with zvjq")
    cache.new_scratch_file("zvjq", "py", "zvjq = 1")
    for name in ("", "-wal"):
        (cache.path / f"history.sqlite3.set-aside-20260101-000000{name}").write_text("zvjq")
    stood_in = possible_caches(root)[-1]
    stood_in.prepare()
    store = HistoryStore.open(stood_in)
    exchange(store, question("zvjq while the folder was read-only"), "zvjq")
    store.close()
    code, out, err = run("delete", "--all", "--yes")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{cache.path}: 2 conversations, 2 chat documents, 1 copy of code, 1 history that was set aside",
        f"{stood_in.path}: 1 conversation",
        "Deleted 3 conversations.",
    ]
    assert b"zvjq" not in bytes_in(root)
    assert b"zvjq" not in bytes_in(tmp_path / "user")
    assert (precious / "mine.chat.md").read_text() == "mine"


def test_delete_all_finds_chats_where_no_history_is(run: Run, root: Path) -> None:
    assert run("delete", "--all", "--yes") == (1, "", "Nothing is kept here.\n")
    cache = new_cache(root / ".pygpt" / "cache")
    (cache.chats_dir / "a.chat.md").write_text("zvjq")
    assert run("delete", "--all", "--yes")[0] == 0
    assert b"zvjq" not in bytes_in(root)


def test_delete_says_so_when_traces_are_left(run: Run, ids: list[str], root: Path) -> None:
    with another_process("read", new_cache(root / ".pygpt" / "cache")) as reader:
        reader.line()
        code, out, err = run("delete", *ids, "--yes")
    assert code == 1
    assert out.endswith("Deleted 2 conversations.\n")
    assert (
        err == "Another program was using the history: the last traces go when the history is next opened.\n"
    )
    run("list")
    assert b"zvjq" not in bytes_in(root)


@pytest.mark.parametrize("words", [["delete"], ["delete", "--all", "abc"], ["show"], ["search"], []])
def test_a_half_said_command_is_refused(run: Run, ids: list[str], words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*(words or ["nothing"]))


def test_export_of_one_gives_a_chat_document(run: Run, ids: list[str]) -> None:
    code, out, _ = run("export", ids[0])
    assert code == 0
    said = [turn.text for turn in parse_chat(out).turns]
    assert said == ["Why ö 😀?", "Because\r\nof \x1b[31mred.", ""]
    assert parse_chat(out).front_matter == 'model: "gpt-test"'


def test_export_gives_the_chat_as_its_document_says(run: Run, ids: list[str], root: Path) -> None:
    cache = new_cache(root / ".pygpt" / "cache")
    chat = "---\nmodel: mine\n---\n\n## User\n\n> #file:a.py:1-2\n\nWhy?\n\n## Assistant\n\nMine ö.\n"
    (path := cache.chats_dir / "mine.chat.md").write_text(chat, encoding="utf-8")
    store = HistoryStore.open(cache)
    store.adopt_chat(ids[0], path)
    store.close()
    assert run("export", ids[0])[1] == chat
    everything = run("export")[1]
    assert "> #file:a.py:1-2\n\nWhy?\n\n## Assistant\n\nMine ö.\n" in everything


def test_export_of_all_has_no_front_matter_and_tells_the_conversations_apart(
    run: Run, ids: list[str], root: Path
) -> None:
    store = HistoryStore.open(new_cache(root / ".pygpt" / "cache"))
    sent = "### File: src/ö.py, lines 1-2\n\n```python\nx = 1\ny = 2\n```\n\nWhat is x?"
    third = exchange(store, question(sent, title="# Third"), "One.").conversation_id
    store.close()
    out = run("export")[1]
    assert "---" not in out
    assert [line for line in out.splitlines() if line.startswith("# ")] == [
        "# \\# Third",
        "# A \ufffd\\]0;title\ufffd",
        "# Why ö 😀?",
    ]
    assert f"\n`{third}` · " in out
    assert "## User\n\n> #file:src/ö.py:1-2\n\nWhat is x?\n" in out
    assert "x = 1" not in out
    assert "x = 1" not in run("export", third)[1]
    assert "x = 1" in run("export", third, "--format", "jsonl")[1]


def test_the_help_says_what_a_search_matches(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        run("search", "--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "every word must begin a word of the message" in said
    assert 'words, or beginnings of words; "words in double quotes" must follow each other' in said


def test_export_gives_json_lines(run: Run, ids: list[str]) -> None:
    code, out, _ = run("export", "--format", "jsonl")
    turns = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [turn["conversation"] for turn in turns] == [ids[1], ids[0]]
    assert turns[1]["answer"] == "Because\r\nof \x1b[31mred."


def test_without_a_history_nothing_is_created(run: Run, root: Path) -> None:
    nothing = f"Nothing has been asked in {root} yet (see --workspace and --no-workspace).\n"
    assert run("list") == (1, "", nothing)
    assert not root.exists()


def test_the_nearest_workspace_upwards_is_taken(
    root: Path, ids: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "src" / "deep").mkdir(parents=True)
    monkeypatch.chdir(root / "src" / "deep")
    parser = argparse.ArgumentParser()
    history.add_parser(parser.add_subparsers())
    args = parser.parse_args(["history", "list"])
    assert args.run(args) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_broken_history_is_named_and_kept(run: Run, ids: list[str], root: Path) -> None:
    (root / ".pygpt" / "cache" / "history.sqlite3").write_bytes(b"broken")
    code, out, err = run("list")
    assert (code, out) == (0, "")
    assert err.startswith("The history was damaged; it was kept as ")


def test_a_history_of_the_future_is_one_sentence(run: Run, ids: list[str], root: Path) -> None:
    database = sqlite3.connect(root / ".pygpt" / "cache" / "history.sqlite3")
    database.execute("PRAGMA user_version=99")
    database.close()
    assert run("list") == (
        1,
        "",
        "The history belongs to a newer pygpt-lsp, so this one keeps none: update pygpt-lsp.\n",
    )


def test_a_time_that_no_calendar_has_is_no_crash(run: Run, ids: list[str], root: Path) -> None:
    database = sqlite3.connect(root / ".pygpt" / "cache" / "history.sqlite3")
    database.execute("UPDATE conversations SET updated = 9e99")
    database.commit()
    database.close()
    assert "????-??-?? ??:??" in run("list")[1]
