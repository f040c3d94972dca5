"""`import-pygpt` takes over what was asked for, changes nothing that is there, and leaves the key alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.user_prompts import Values, fill
from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.prompt_library import PromptLibrary
from tests.support.desktop_kit import KEY, OLD_SCHEMA, conversation, desktop, preset
from tests.support.environment import clean_env
from tests.support.history_kit import bytes_in
from tests.support.platforms import needs_modes

if TYPE_CHECKING:
    from collections.abc import Callable

WATCHED = """\
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from pygpt_lsp.cli import main
code = main(sys.argv[1:])
print(*[name for name in opened if "desktop" in name], sep="\\n", file=sys.stderr)
sys.exit(code)
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Import:
    """Runs the command in a workspace, with a home and PYGPT's folder of its own."""

    def __init__(self, home: Path, workspace: Path, folder: Path) -> None:
        self.env = clean_env(home, PYTHONUTF8="1", PYGPT_CONFIG=str(home / "mine/config.toml"))
        (home / "mine").mkdir()
        (home / "mine/config.toml").touch()
        self.config = home / "mine"
        self.workspace = workspace
        self.folder = folder

    def __call__(self, *words: str, typed: str = "", program: tuple[str, ...] = ("-m", "pygpt_lsp")) -> Ran:
        command = [sys.executable, "-W", "error", *program, "import-pygpt", *words]
        ended = subprocess.run(
            command, cwd=self.workspace, env=self.env | {"PYGPT_WORKDIR": str(self.folder)},
            input=typed, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        assert KEY not in ended.stdout + ended.stderr
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def stored(self) -> HistoryStore:
        return HistoryStore.open(CacheFolder(self.workspace / ".pygpt/cache"))

    async def library(self) -> PromptLibrary:
        told: list[str] = []
        library = PromptLibrary(self.env, lambda: (), told.append)
        await library.refresh(None)
        assert told == []
        return library


@pytest.fixture
def run(home: Path, workspace: Path, tmp_path: Path) -> Import:
    return Import(home, workspace, desktop(tmp_path / "desktop"))


def state_of(folder: Path) -> dict[str, str]:
    """Every file below the folder with its content."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


async def test_presets_become_presets_that_are_read_as_they_were_meant(run: Import) -> None:
    ran = run("--presets", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert "2 presets to" in ran.out
    assert "(1 preset for images, agents and the like: left out)" in ran.out
    presets = {each.name: each for each in (await run.library()).presets(None)}
    assert set(presets) == {"grüße", "pirate"}
    assert presets["pirate"].model == "gpt-4o"
    assert presets["pirate"].system == "---\nArr {{selection}}!"
    assert presets["pirate"].temperature is None
    assert presets["grüße"].system == "You write\nletters."
    assert presets["grüße"].temperature == 0.5
    assert presets["grüße"].description == "Grüße & 😀"


async def test_prompts_become_prompts_whose_text_says_the_same(run: Import) -> None:
    assert run("--prompts", "--yes").code == 0
    (prompt,) = [each for each in (await run.library()).prompts(None) if each.path is not None]
    assert (prompt.name, prompt.title, prompt.kind) == ("translate-to-x", "Translate: to {x}", "chat")
    assert fill(prompt.text, Values(selection="x")) == "Translate {{ text }} \\{{a}} {{1}}.\n\n  ö 😀"


def test_conversations_become_conversations_that_are_found_and_opened(run: Import) -> None:
    conversation(run.folder, "About ö 😀", ("Why \r\nö?", "Because."), (None, "And more."), ("And?", None))
    conversation(run.folder, "Another", ("Something else", "Yes."))
    ran = run("--conversations", "WHY because", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert "1 conversation to the history of" in ran.out
    store = run.stored()
    (found,) = store.find("becau", 10)
    stored = store.conversation(found.summary.id)
    store.close()
    assert stored.title == "About ö 😀"
    assert (stored.updated, stored.turns[0].model) == (1_700_000_125.0, "gpt-4o")
    assert [(message.role, message.content) for message in stored.thread()] == [
        ("user", "Why \r\nö?"),
        ("assistant", "Because.\n\nAnd more."),
        ("user", "And?"),
    ]
    shown = subprocess.run(
        [sys.executable, "-m", "pygpt_lsp", "history", "export", stored.id],
        cwd=run.workspace, env=run.env, capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    assert [turn.role for turn in parse_chat(shown.stdout.decode()).turns] == ["user", "assistant", "user"]


def test_what_was_said_last_is_found_first(run: Import) -> None:
    for number, name in enumerate(["first", "second", "third"]):
        conversation(run.folder, name, *[("Hi", "Hello")] * number, ("Kanarien ö?", "Yes."))
    run("--all-conversations", "--yes")
    store = run.stored()
    found = [each.summary.title for each in store.find("kanarien", 10)]
    store.close()
    assert found == ["third", "second", "first"]


def test_what_was_deleted_or_internal_stays_where_it_is(run: Import) -> None:
    conversation(run.folder, "Deleted", ("zq gone", "zq"), is_deleted=1)
    conversation(run.folder, "Child", ("zq child", "zq"), parent_id=1)
    conversation(run.folder, "Shown", ("kept", "yes"), internal=("zq internal", "zq"))
    conversation(run.folder, "Empty", (None, ""))
    ran = run("--all-conversations", "--yes")
    assert "Took over 1 conversation:" in ran.out
    assert b"zq" not in bytes_in(run.workspace / ".pygpt")


def test_what_was_taken_over_before_is_not_taken_over_again_and_nothing_is_written_over(run: Import) -> None:
    conversation(run.folder, "One", ("Why?", "So."))
    everything = ("--presets", "--prompts", "--all-conversations", "--yes")
    assert run(*everything).code == 0
    mine = run.config / "presets/pirate.md"
    mine.write_text("My own.\n")
    before = state_of(run.config)
    ran = run(*everything)
    assert ran.code == 0
    assert "Took over 1 preset; 1 was there already." in ran.out
    assert "Took over 0 prompts; 1 was there already." in ran.out
    assert "Took over 0 conversations; 1 was there already" in ran.out
    assert state_of(run.config).items() > before.items()
    assert (run.config / "presets/pirate-2.md").is_file()
    store = run.stored()
    assert len(store.conversations()) == 1
    store.close()


def test_two_of_one_name_are_numbered(run: Import) -> None:
    preset(run.folder, "zwei", name="PIRATE", prompt="Another.", chat=True)
    preset(run.folder, "con", name="CON", prompt="Reserved on Windows.", chat=True)
    run("--presets", "--yes")
    names = {path.name for path in (run.config / "presets").iterdir()}
    assert names == {"grüße.md", "pirate.md", "pirate-2.md", "con-1.md"}


@pytest.mark.parametrize("typed", ["", "\n", "no\n"])
def test_it_says_what_it_will_do_and_does_nothing_without_a_yes(run: Import, typed: str) -> None:
    conversation(run.folder, "One", ("Why?", "So."))
    before = state_of(run.workspace), state_of(run.config)
    ran = run("--presets", "--prompts", "--all-conversations", typed=typed)
    assert ran.code == 1
    for said in (
        f"From {run.folder}, which is only read:",
        f"2 presets to {run.config / 'presets'}",
        f"1 prompt to {run.config / 'prompts'}",
        f"1 conversation to the history of {run.workspace}",
    ):
        assert said in ran.out
    assert ran.err == "Nothing was taken over.\n"
    assert (state_of(run.workspace), state_of(run.config)) == before


def test_a_yes_is_enough(run: Import) -> None:
    assert run("--prompts", typed="y\n").code == 0


def test_the_list_shows_what_there_is_and_takes_over_nothing(run: Import) -> None:
    conversation(run.folder, "Evil \x1b[31m\ntitle ö", ("Why?", "So."), ("And?", "Thus."))
    before = state_of(run.workspace), state_of(run.config)
    ran = run("--list")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:3] == [
        "preset        Pirate",
        "preset        Grüße & 😀",
        "prompt        Translate: to {x}",
    ]
    assert ran.out.splitlines()[3].endswith("  2 turns  Evil \ufffd[31m title ö")
    assert (state_of(run.workspace), state_of(run.config)) == before


def test_without_a_wish_it_says_what_there_is_to_wish(run: Import) -> None:
    ran = run()
    assert ran.code == 1
    assert "--presets, --prompts, --conversations QUERY or --all-conversations" in ran.err


def test_pygpts_folder_is_only_read_and_its_key_never_opened(run: Import) -> None:
    conversation(run.folder, "One", ("Why?", "So."))
    before = state_of(run.folder)
    everything = ("--presets", "--prompts", "--all-conversations", "--yes")
    ran = run(*everything, program=("-c", WATCHED))
    assert ran.code == 0
    opened = {Path(name).name for name in ran.err.splitlines()}
    assert {"prompts.json", "writer.json", "db.sqlite"} <= opened
    assert "config.json" not in opened
    assert state_of(run.folder) == before


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_database_is_read_while_the_application_has_it_open(run: Import, journal: str) -> None:
    conversation(run.folder, "One", ("Why?", "So."))
    with closing(sqlite3.connect(run.folder / "db.sqlite")) as db:
        db.execute(f"PRAGMA journal_mode={journal}")
        db.execute("UPDATE ctx_meta SET name = 'Renamed'")
        db.commit()
        assert "Renamed" in run("--list").out


def test_a_database_in_wal_mode_that_nobody_uses_gets_no_file_beside_it(run: Import) -> None:
    conversation(run.folder, "One", ("Why?", "So."))
    with closing(sqlite3.connect(run.folder / "db.sqlite")) as db:
        db.execute("PRAGMA journal_mode=wal")
    before = state_of(run.folder)
    assert "  One\n" in run("--list").out
    assert state_of(run.folder) == before


def _empty_database(folder: Path) -> None:
    (folder / "db.sqlite").write_bytes(b"")


def _broken(folder: Path) -> None:
    (folder / "db.sqlite").write_bytes(b"no database " * 100)


def _newer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "db.sqlite")) as db:
        db.execute("ALTER TABLE ctx_item RENAME COLUMN output TO answer")


def _locked(folder: Path) -> None:
    (folder / "db.sqlite").unlink()
    (folder / "db.sqlite").mkdir()


def _no_presets(folder: Path) -> None:
    shutil.rmtree(folder / "presets")


def _broken_preset(folder: Path) -> None:
    (folder / "presets/broken.json").write_bytes(b"\xff{")


def _other_preset(folder: Path) -> None:
    (folder / "presets/list.json").write_text("[1]")


def _deep_prompts(folder: Path) -> None:
    (folder / "prompts.json").write_text("[" * 100_000)


def _other_prompts(folder: Path) -> None:
    (folder / "prompts.json").write_text('{"items": []}')


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (_empty_database, "db.sqlite is not understood: it may be of another version of PYGPT."),
        (_broken, "db.sqlite is broken, so no conversations are read."),
        (_newer, "db.sqlite is not understood: it may be of another version of PYGPT."),
        (_locked, ""),
        (_no_presets, ""),
        (_broken_preset, "broken.json is broken, so it is left out."),
        (_other_preset, "list.json is not understood: it may be of another version of PYGPT."),
        (_deep_prompts, "prompts.json is broken, so it is left out."),
        (_other_prompts, "prompts.json is not understood: it may be of another version of PYGPT."),
    ],
)
def test_what_is_missing_broken_or_newer_costs_a_sentence_and_not_the_rest(
    run: Import, harm: Callable[[Path], None], sentence: str
) -> None:
    conversation(run.folder, "One", ("Why?", "So."))
    harm(run.folder)
    ran = run("--list")
    assert ran.err.count("\n") == bool(sentence)
    assert ran.err.endswith(f"{sentence}\n" if sentence else "")
    assert ran.code == bool(sentence)
    assert len(ran.out.splitlines()) >= 2


def test_an_older_version_is_read_without_its_missing_columns(
    home: Path, workspace: Path, tmp_path: Path
) -> None:
    run = Import(home, workspace, desktop(tmp_path / "desktop", OLD_SCHEMA))
    conversation(run.folder, "One", ("Why?", "So."))
    assert "  One\n" in run("--list").out


def test_the_folder_is_where_path_cfg_leads_and_from_names_another(run: Import, home: Path) -> None:
    shutil.move(run.folder, home / "möved")
    run.folder.mkdir()
    (run.folder / "path.cfg").write_text("%HOME%/möved\n", encoding="utf-8")
    assert "Pirate" in run("--list").out
    (run.folder / "path.cfg").write_text("/nowhere", encoding="utf-8")
    assert run("--list") == (0, "", "Nothing found.\n")
    assert "Pirate" in run("--list", "--from", str(home / "möved")).out
    ran = run("--list", "--from", str(home / "nowhere"))
    assert (ran.code, ran.err) == (
        1,
        f"PYGPT's folder {home / 'nowhere'} is not there: name it with --from.\n",
    )


def test_a_short_retention_is_said_before(run: Import) -> None:
    (run.config / "config.toml").write_text("history.retention_days = 30\n")
    conversation(run.folder, "One", ("Why?", "So."))
    assert (
        "history.retention_days is 30: those unchanged for longer are deleted"
        in run("--all-conversations").out
    )


def test_where_no_history_is_kept_no_conversation_is_taken_over(run: Import) -> None:
    (run.config / "config.toml").write_text("history.enabled = false\n")
    conversation(run.folder, "One", ("Why?", "So."))
    ran = run("--all-conversations", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Nothing was taken over: conversations are not kept while history.enabled")
    assert not (run.workspace / ".pygpt").exists()


@needs_modes
def test_what_is_taken_over_is_its_users_alone_whatever_the_umask(run: Import) -> None:
    before = os.umask(0)
    try:
        assert run("--presets", "--prompts", "--yes").code == 0
    finally:
        os.umask(before)
    written = [
        path
        for kind in ("presets", "prompts")
        for path in (run.config / kind, *(run.config / kind).iterdir())
    ]
    assert len(written) == 5
    assert [path for path in written if path.stat().st_mode & 0o077] == []
