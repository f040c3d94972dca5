"""What reading settings files promises: a missing one is fine, a broken one named, a hostile one harmless."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pygpt_lsp.core.settings import resolve
from pygpt_lsp.services import config_files
from pygpt_lsp.services.config_files import LARGEST, find_layers, user_file, user_path, workspace_file
from tests.support.platforms import needs_links, needs_pipes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "wörk 😀"
    (folder / ".pygpt").mkdir(parents=True)
    return folder


def write(root: Path, content: str | bytes) -> Path:
    path = root / ".pygpt" / "config.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def reason(root: Path) -> str:
    """Why the workspace's file is not used."""
    file = workspace_file(root)
    assert file.layer is None
    assert file.problem is not None
    start = f"The settings file {root / '.pygpt' / 'config.toml'} is not used: "
    assert file.problem.sentence.startswith(start)
    return file.problem.sentence.removeprefix(start)


def test_the_environment_the_users_file_and_the_workspaces_come_in_this_order(root: Path, tmp_path: Path):
    mine = tmp_path / "mine.toml"
    mine.write_text('model = "mine"\nbase_url = "https://mine.example/v1"\n')
    path = write(root, 'model = "theirs"\nbase_url = "https://evil.example/v1"\n')
    env = {"PYGPT_CONFIG": str(mine), "OPENAI_BASE_URL": "https://env.example/v1"}
    found = find_layers(env, root)
    assert [(layer.name, layer.trusted) for layer in found.layers] == [
        ("OPENAI_BASE_URL", True),
        (str(mine), True),
        (str(path), False),
    ]
    settings = resolve(found.layers).settings
    assert (settings.model, settings.base_url) == ("theirs", "https://mine.example/v1")


def test_without_any_file_there_is_no_layer_and_no_problem(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(config_files, "user_path", lambda env: tmp_path / "none" / "config.toml")  # pyright: ignore
    assert find_layers({}, root) == find_layers({}, None) == ((), ())


def test_a_workspace_without_a_settings_folder_or_with_a_file_in_its_place_is_fine(tmp_path: Path):
    assert workspace_file(tmp_path)[1:] == (None, None)
    (tmp_path / ".pygpt").write_text("")
    assert workspace_file(tmp_path)[1:] == (None, None)
    assert workspace_file(tmp_path / "gone")[1:] == (None, None)


def test_the_users_file_is_where_the_system_keeps_such_files():
    import platformdirs

    assert user_path({}) == user_path({"PYGPT_CONFIG": ""})
    assert user_path({}) == platformdirs.user_config_path("pygpt-lsp") / "config.toml"
    assert user_path({"PYGPT_CONFIG": "~/x.toml"}) == Path.home() / "x.toml"


def test_a_missing_file_that_the_user_named_is_a_problem(tmp_path: Path):
    file = user_file({"PYGPT_CONFIG": str(tmp_path / "gone.toml")})
    assert file.problem is not None
    assert "PYGPT_CONFIG names it, but there is no such file" in file.problem.sentence


@pytest.mark.parametrize(
    "content", [b"", b"# only a comment", b'model = "x"\r\n', b'\xef\xbb\xbfmodel = "x"']
)
def test_empty_files_windows_line_ends_and_byte_order_marks_are_read(root: Path, content: bytes):
    write(root, content)
    file = workspace_file(root)
    assert file.problem is None
    assert file.layer is not None
    assert file.layer.values in ({}, {"model": "x"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'model = "x"\nreview = apply\n', "line 2, column 10 is not valid TOML: Invalid value."),
        (b"a = 1\r\na = 2\r\n", "line 2, column 6 is not valid TOML: Cannot overwrite a value."),
        (b"model = '''x", "it is not valid TOML: Expected \"'''\" at its end."),
        (b"# gr\xf6\xdfe\n", "line 1 is not UTF-8 text."),
        (b"\n\n# \xff\n", "line 3 is not UTF-8 text."),
    ],
)
def test_a_broken_file_is_named_with_its_line(root: Path, content: bytes, expected: str):
    write(root, content)
    assert reason(root) == expected


def test_a_broken_file_is_not_quoted(root: Path):
    write(root, "api_key = sk-secret\n")
    assert "secret" not in reason(root)


@pytest.mark.parametrize(
    "content",
    [
        "a = " + "[" * 30_000,
        "a = " + "{a = " * 12_000,
        "a = " + "9" * 5000,
        ".".join("a" * 32_000) + " = 1",
        "[" + ".".join("a" * 32_000) + "]",
        "x = {" + ".".join("a" * 32_000) + " = 1}",
        'x = {"a"' + '."a"' * 16_000 + " = 1}",
    ],
    ids=["lists", "tables", "digits", "dots", "dots in a heading", "dots in a table", "quoted dots"],
)
def test_a_file_made_to_crash_or_stall_the_parser_is_refused(root: Path, content: str):
    write(root, content)
    assert reason(root) == "it holds something that is too large or too deeply nested."


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(root: Path):
    write(root, b"#" * LARGEST)
    assert workspace_file(root).layer is not None
    write(root, b"#" * (LARGEST + 1))
    assert reason(root) == "it is larger than 64 KiB."


def test_a_folder_in_the_files_place_is_named(root: Path):
    (root / ".pygpt" / "config.toml").mkdir()
    assert reason(root) == "it is not an ordinary file."


@needs_pipes
def test_a_named_pipe_does_not_stop_the_server(root: Path):
    os.mkfifo(root / ".pygpt" / "config.toml")  # reading it would wait for ever
    assert reason(root) == "it is not an ordinary file."


@needs_links
@pytest.mark.parametrize("link", ["config.toml", ".pygpt"])
def test_a_link_out_of_the_workspace_is_not_followed(root: Path, tmp_path: Path, link: str):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "config.toml").write_text('model = "outside"\n')
    if link == ".pygpt":
        (root / ".pygpt").rmdir()
        (root / ".pygpt").symlink_to(outside, target_is_directory=True)
    else:
        (root / ".pygpt" / "config.toml").symlink_to(outside / "config.toml")
    assert reason(root) == "it is a link to a place outside the workspace, which is not followed."


@needs_links
def test_links_within_the_workspace_and_to_the_workspace_are_followed(root: Path, tmp_path: Path):
    (root / "shared.toml").write_text('model = "shared"\n')
    (root / ".pygpt" / "config.toml").symlink_to(Path("..", "shared.toml"))
    (tmp_path / "link").symlink_to(root, target_is_directory=True)
    for way in (root, tmp_path / "link"):
        layer = workspace_file(way).layer
        assert layer is not None
        assert layer.values == {"model": "shared"}


@needs_links
def test_a_loop_of_links_is_named(root: Path):
    (root / ".pygpt" / "config.toml").symlink_to("config.toml")
    assert reason(root) == "it cannot be found through its links."
