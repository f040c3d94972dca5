"""What `doctor` promises: it tells the truth in a readable way, shows no key, and sends nothing unasked."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pygpt_lsp.cli.doctor import agreed
from pygpt_lsp.cli.editors import EDITORS
from pygpt_lsp.core.settings import ChosenModel, Settings
from pygpt_lsp.core.settings_table import TABLE
from pygpt_lsp.services.chosen_model import keep_choice
from tests.support.api_server import KEY, ScriptedApi
from tests.support.environment import clean_env
from tests.support.history_kit import new_cache

if TYPE_CHECKING:
    from collections.abc import Mapping

# Warnings are errors in the process under test too.
DOCTOR = [sys.executable, "-W", "error", "-m", "pygpt_lsp", "doctor"]
PATIENCE = 60.0  # seconds; far above what is needed

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")


class Screen(NamedTuple):
    """What a run printed, and its exit code."""

    text: str
    code: int

    def line(self, *words: str) -> str:
        """The one line that begins with these words, with single spaces."""
        lines = [line.split() for line in self.text.splitlines()]
        (found,) = (line for line in lines if line[: len(words)] == list(words))
        return " ".join(found)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "wörk"
    folder.mkdir()
    return folder


@pytest.fixture
def env(home: Path) -> dict[str, str]:
    """A user who never used the program, and has no key."""
    found = clean_env(home, PYTHONUTF8="1", COLUMNS="200")
    return found | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), found["PATH"]])}


def doctor(root: Path, env: Mapping[str, str], *arguments: str) -> Screen:
    """Run it as a script would: without a terminal."""
    ended = subprocess.run(
        [*DOCTOR, *arguments],
        cwd=root, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.stderr == b""
    return Screen(ended.stdout.decode(errors="replace").replace("\r\n", "\n"), ended.returncode)


def user_file(folder: Path, content: str) -> Path:
    """The user's settings, in a file there."""
    path = folder / "mine.toml"
    path.write_text(content)
    return path


def in_terminal(root: Path, env: Mapping[str, str], answer: str, *arguments: str) -> Screen:
    """Run it in a terminal and answer its question with these keys."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*DOCTOR, *arguments], cwd=root, env=dict(env), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    answered = False
    try:
        while chunk := _read(ours):
            seen += chunk
            if b"Send it? [y/N] " in seen and not answered:
                answered = True
                os.write(ours, answer.encode())
        return Screen(seen.decode().replace("\r\n", "\n"), process.wait(PATIENCE))
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], PATIENCE)
    assert ready, "doctor says nothing more and does not end"
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other side is closed
        return b""


def test_a_set_up_that_works_ends_with_0_and_shows_every_part(
    root: Path, env: dict[str, str], api: ScriptedApi
):
    screen = doctor(root, env | api.env(), "--yes")
    assert screen.code == 0
    assert screen.line("ok", "key") == "ok key found in OPENAI_API_KEY (not shown)"
    assert screen.line("ok", "api").endswith("answers, takes the key and has the model gpt-5.5.")
    for part in ("workspace", "command", "cache", "keyring", "websockets"):
        assert screen.line("ok", part)
    assert screen.line("ok", "sqlite").endswith("with FTS5")
    assert screen.text.endswith("\nNothing is broken.\n")
    assert KEY not in screen.text


def test_every_setting_is_shown_with_its_origin(
    root: Path, env: dict[str, str], api: ScriptedApi, tmp_path: Path
):
    mine = tmp_path / "mine.toml"
    mine.write_text('api_key_command = "pass show geheim"\n[timeouts]\nidle = 60\n')
    (root / ".pygpt").mkdir()
    theirs = root / ".pygpt" / "config.toml"
    theirs.write_text('model = "gpt-5.5-mini"\n')
    screen = doctor(root, env | api.env() | {"PYGPT_CONFIG": str(mine)}, "--no-network")
    assert screen.line("model") == f'model "gpt-5.5-mini" {theirs}'
    assert screen.line("timeouts.idle") == f"timeouts.idle 60 {mine}"
    assert screen.line("base_url") == f'base_url "{api.base_url}" OPENAI_BASE_URL'
    assert screen.line("api_key_command") == f"api_key_command set, not shown {mine}"
    assert screen.line("max_input_tokens") == f"max_input_tokens {Settings().max_input_tokens} default"
    assert all(f"  {row.key} " in screen.text for row in TABLE)
    assert f"{mine}  (yours: read)" in screen.text
    assert "geheim" not in screen.text


def test_a_model_that_was_chosen_for_the_workspace_is_shown_as_that(root: Path, env: dict[str, str]):
    keep_choice(new_cache(root / ".pygpt/cache"), ChosenModel("gpt-other", "gpt-5.5"))
    screen = doctor(root, env, "--no-network")
    assert screen.line("model") == 'model "gpt-other" chosen for this workspace'
    assert "gpt-other is chosen for this workspace, wherever gpt-5.5 would be used" in screen.text
    screen = doctor(root, env | {"PYGPT_CONFIG": str(user_file(root, 'model = "mine"'))}, "--no-network")
    assert screen.line("model").startswith('model "mine" ')
    assert "gpt-other is chosen for this workspace, wherever gpt-5.5 would be used" in screen.text


def test_without_a_terminal_nothing_is_sent_unless_yes_was_said_before(
    root: Path, env: dict[str, str], api: ScriptedApi
):
    screen = doctor(root, env | api.env())
    assert "not asked, since nobody is here to agree; `pygpt-lsp doctor --yes` asks 127.0.0.1:" in screen.text
    assert screen.code == 0
    assert api.connections == 0


def test_no_network_is_kept(root: Path, env: dict[str, str], api: ScriptedApi):
    screen = doctor(root, env | api.env(), "--no-network")
    assert screen.line("skip", "api").startswith("skip api not asked, as you wished")
    assert screen.code == 0
    assert api.connections == 0


@needs_terminal
def test_in_a_terminal_the_request_is_shown_and_sent_word_for_word(
    root: Path, env: dict[str, str], api: ScriptedApi
):
    screen = in_terminal(root, env | api.env(), "y\n")
    assert screen.code == 0
    (request,) = api.journal
    head, _, body = request.raw.decode().partition("\r\n\r\n")
    sent = head.replace(KEY, "(your key)").split("\r\n")
    shown = [line.strip() for line in screen.text.splitlines()]
    start = shown.index("GET /v1/models HTTP/1.1")
    assert shown[start : start + len(sent) + 1] == [*sent, ""]
    assert body == ""
    assert "has the model gpt-5.5." in screen.text
    assert KEY not in screen.text


@needs_terminal
@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04", "perhaps\n"], ids=repr)
def test_anything_but_yes_sends_nothing(root: Path, env: dict[str, str], api: ScriptedApi, answer: str):
    screen = in_terminal(root, env | api.env() | {"NO_COLOR": "1"}, answer)
    assert "not asked, as you wished" in screen.line("skip", "api")
    assert screen.code == 0
    assert api.connections == 0


def test_ctrl_c_at_the_question_is_a_no(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    # In this process: a signal to another one may come just before it waits for keys, and be seen only after.
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    assert agreed("Send it? [y/N] ") is False
    assert capsys.readouterr().out == "\n"


@needs_terminal
@pytest.mark.parametrize(
    ("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_terminals_that_want_it(
    root: Path, env: dict[str, str], api: ScriptedApi, more: dict[str, str], coloured: bool
):
    variables = env | api.env() | {"TERM": "xterm"} | more
    assert ("\x1b[" in in_terminal(root, variables, "", "--no-network").text) == coloured
    assert "\x1b" not in doctor(root, variables, "--no-network").text


def test_without_a_key_it_says_how_to_get_one_and_ends_with_1(root: Path, env: dict[str, str]):
    screen = doctor(root, env, "--yes")
    assert (
        "none found: set OPENAI_API_KEY for your editor, or api_key_command in your settings" in screen.text
    )
    assert screen.text.endswith("\n1 thing is broken.\n")
    assert screen.code == 1


def test_what_is_wrong_in_ones_own_settings_is_broken_and_in_a_workspaces_worth_a_look(
    root: Path, env: dict[str, str], api: ScriptedApi, tmp_path: Path
):
    (root / ".pygpt").mkdir()
    (root / ".pygpt" / "config.toml").write_text('base_url = "https://evil.example/v1"\n')
    screen = doctor(root, env | api.env(), "--no-network")
    assert screen.line("note", "settings").endswith(
        "a workspace may not set it; set it in your own settings."
    )
    assert screen.code == 0
    mine = tmp_path / "mine.toml"
    mine.write_text("modle = 5\n")
    screen = doctor(root, env | api.env() | {"PYGPT_CONFIG": str(mine)}, "--no-network")
    assert screen.line("FAIL", "settings").endswith(
        f"There is no setting modle ({mine}): did you mean model?"
    )
    assert screen.code == 1


def test_a_settings_file_that_cannot_be_used_is_broken(
    root: Path, env: dict[str, str], api: ScriptedApi, tmp_path: Path
):
    mine = tmp_path / "mine.toml"
    mine.write_text("model =\n")
    screen = doctor(root, env | api.env() | {"PYGPT_CONFIG": str(mine)}, "--no-network")
    assert f"{mine}  (yours: not used)" in screen.text
    assert "line 1, column 8 is not valid TOML" in screen.text
    assert screen.code == 1


def test_an_address_that_cannot_be_used_is_not_replaced_by_openais(root: Path, env: dict[str, str]):
    variables = env | {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://example.org/v1"}
    screen = doctor(root, variables, "--yes")
    assert "plain http is refused except to this machine" in screen.text
    assert screen.line("FAIL", "api").startswith("FAIL api Nothing was sent: correct `base_url`")
    assert screen.code == 1


def test_a_server_that_is_not_there_is_broken(root: Path, env: dict[str, str]):
    with ScriptedApi() as gone:
        variables = env | gone.env()
    screen = doctor(root, variables, "--yes")
    assert "cannot be reached" in screen.line("FAIL", "api")
    assert screen.code == 1


def test_a_server_on_this_machine_needs_no_key(root: Path, env: dict[str, str], api: ScriptedApi):
    screen = doctor(root, env | {"OPENAI_BASE_URL": api.base_url}, "--yes")
    assert "none, and none is needed by a server on this machine" in screen.text
    assert screen.code == 0


def test_looking_makes_no_workspace_of_a_folder(root: Path, env: dict[str, str], api: ScriptedApi):
    assert doctor(root, env | api.env(), "--no-network").code == 0
    assert list(root.iterdir()) == []


def test_a_cache_that_has_to_lie_elsewhere_is_worth_a_look(root: Path, env: dict[str, str], api: ScriptedApi):
    (root / ".pygpt").write_text("a file where the folder belongs")
    screen = doctor(root, env | api.env(), "--no-network")
    assert "so chats and history are kept in" in screen.line("note", "cache")
    assert screen.text.endswith("\nNothing is broken; 1 is worth a look.\n")
    assert screen.code == 0


def test_the_workspace_can_be_named_and_has_to_be_there(
    root: Path, env: dict[str, str], api: ScriptedApi, tmp_path: Path
):
    screen = doctor(tmp_path, env | api.env(), "--no-network", "--workspace", str(root))
    assert screen.line("ok", "workspace") == f"ok workspace {root}"
    screen = doctor(root, env | api.env(), "--no-network", "--workspace", "gone")
    assert screen.line("FAIL", "workspace").endswith("gone is no folder")
    assert screen.code == 1


def test_a_console_that_lacks_characters_is_no_reason_to_fail(
    root: Path, env: dict[str, str], api: ScriptedApi
):
    variables = env | api.env() | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    screen = doctor(root, variables, "--no-network")
    assert "w?rk" in screen.text
    assert screen.code == 0


def test_each_editor_has_a_line_and_on_request_its_steps(root: Path, env: dict[str, str], api: ScriptedApi):
    brief = doctor(root, env | api.env(), "--no-network").text
    full = doctor(root, env, "--editors")
    assert full.code == 0
    for editor in EDITORS:
        assert f"  {editor.name} " in brief
        assert editor.brief in brief
        assert f"\n{editor.name}\n" in full.text
    assert [editor.name for editor in EDITORS] == ["Helix", "Neovim", "VS Code", "Emacs"]
    for folder, editor in zip(("helix", "neovim", "vscode", "emacs"), EDITORS, strict=True):
        assert f"editors/{folder}" in editor.steps


def test_what_helix_is_told_is_toml_that_starts_the_server_for_code_and_chats():
    lines = EDITORS[0].steps.splitlines()
    config = tomllib.loads("\n".join(line for line in lines if line.startswith("    ")))
    assert config["language-server"]["pygpt"]["command"] == "pygpt-lsp"
    assert all("pygpt" in language["language-servers"] for language in config["language"])
    assert {"glob": "*.chat.md"} in config["language"][1]["file-types"]
