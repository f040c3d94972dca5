"""Prompt and preset files on the disk, some of them written by somebody who means harm."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.prompt_fields import BadPrompt, Field
from pygpt_lsp.core.user_prompts import BUILT_IN, UserPrompt
from pygpt_lsp.services.prompt_files import LARGEST, take_apart
from pygpt_lsp.services.prompt_library import MOST_FILES, PromptLibrary
from tests.support.prompt_kit import put, put_preset, put_prompt

if TYPE_CHECKING:
    from pathlib import Path


class Library:
    """A library of a user and one workspace, with what it told."""

    def __init__(self, folder: Path) -> None:
        self.mine = folder / "mine ö"
        self.root = folder / "workspace"
        self.root.mkdir()
        self.paths: list[str] = []
        self.told: list[str] = []
        env = {"PYGPT_CONFIG": str(self.mine / "config.toml")}
        self.library = PromptLibrary(env, lambda: self.paths, self.told.append)

    async def prompts(self) -> dict[str, UserPrompt]:
        """The prompts that are not built in, read now."""
        await self.library.refresh(self.root)
        return {each.name: each for each in self.library.prompts(self.root) if each.path is not None}

    def problems(self) -> list[str]:
        """The sentences about what is not used."""
        return [each.sentence for each in self.library.problems(self.root)]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


async def test_before_anything_is_read_there_are_the_built_in_prompts(library: Library) -> None:
    assert library.library.prompts(library.root) == BUILT_IN
    assert library.library.presets(None) == library.library.problems(None) == ()
    assert await library.prompts() == {}
    assert library.problems() == []


async def test_a_file_is_read_as_it_is_written(library: Library) -> None:
    text = "\ufeff---\ntitle: Grüße 😀\nkind: edit # why not\nlanguages:\n  - py\n---\n\nSag ö.\nUnd.\n"
    text = text.replace("\n", "\r\n")
    path = put_prompt(library.root, "grüß", text)
    put_preset(library.root, "wien", "---\nmodel: m\n---\nSprich ö.\r\n")
    found = (await library.prompts())["grüß"]
    assert found == UserPrompt("grüß", "Grüße 😀", "edit", ("python",), None, "Sag ö.\nUnd.", str(path))
    (preset,) = library.library.presets(library.root)
    assert (preset.name, preset.model, preset.system) == ("wien", "m", "Sprich ö.")


async def test_the_workspaces_prompt_comes_before_the_users_and_these_before_the_built_in(
    library: Library, tmp_path: Path
) -> None:
    put(library.mine, "prompts/explain.md", "mine")
    put(library.mine, "prompts/two.md", "mine")
    put(library.mine, "prompts/three.md", "mine")
    put(tmp_path, "more/two.md", "named")
    put(tmp_path, "more/three.md", "named")
    put(library.root, "team/four.md", "team")
    put_prompt(library.root, "three", "theirs")
    library.paths = [str(tmp_path / "more"), "team"]
    texts = {name: each.text for name, each in (await library.prompts()).items()}
    assert texts == {"explain": "mine", "two": "named", "three": "theirs", "four": "team"}
    assert len(library.library.prompts(library.root)) == len(BUILT_IN) + 3
    await library.library.refresh(None)
    assert {each.text for each in library.library.prompts(None)} >= {"mine", "named"}
    assert "team" not in {each.text for each in library.library.prompts(None)}


async def test_other_files_are_none_of_ours(library: Library) -> None:
    folder = library.root / ".pygpt/prompts"
    for name in ("README.md", "readme.MD", ".hidden.md", "note.txt", "a.md~", "sub/inner.md"):
        put(folder, name, "{{what}}")
    assert await library.prompts() == {}
    assert library.problems() == []
    put(folder, "UP.MD", "x")
    assert list(await library.prompts()) == ["UP"]


async def test_a_changed_file_is_read_again_and_a_deleted_one_is_gone(library: Library) -> None:
    path = put_prompt(library.root, "one", "aaaa")
    assert (await library.prompts())["one"].text == "aaaa"
    path.write_text("bbbb", encoding="utf-8")
    assert (await library.prompts())["one"].text == "bbbb"
    old = path.stat().st_mtime_ns - 10**10
    os.utime(path, ns=(old, old))
    assert (await library.prompts())["one"].text == "bbbb"
    path.write_text("{{no}}", encoding="utf-8")
    assert await library.prompts() == {}
    path.unlink()
    assert await library.prompts() == {}
    assert library.problems() == []


async def test_a_file_that_did_not_change_is_not_read_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put_prompt(library.root, "one", "aaaa")
    old = path.stat().st_mtime_ns - 10**10
    os.utime(path, ns=(old, old))
    before = (await library.prompts())["one"]

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pygpt_lsp.services.prompt_library.read_prompt_file", fail)
    assert (await library.prompts())["one"] is before


async def test_two_changes_at_one_time_are_both_seen(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pygpt_lsp.services.prompt_library._TICK_NS", 10**13)
    path = put_prompt(library.root, "one", "aaaa")
    stamp = path.stat().st_mtime_ns
    assert (await library.prompts())["one"].text == "aaaa"
    path.write_text("bbbb", encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))
    assert (await library.prompts())["one"].text == "bbbb"


async def test_a_mistake_is_told_once_and_costs_the_others_nothing(library: Library) -> None:
    put_prompt(library.root, "bad", "---\nkind: edit\nmodell: x\n---\nx")
    put_prompt(library.root, "good", "x")
    assert list(await library.prompts()) == ["good"]
    await library.prompts()
    (problem,) = library.library.problems(library.root)
    assert (problem.path, problem.line) == (str(library.root / ".pygpt/prompts/bad.md"), 3)
    assert library.told == [problem.sentence]
    assert problem.sentence == (
        "The prompt file .pygpt/prompts/bad.md is not used: line 3: there is no key modell here, "
        "there are title, kind, languages, model, description."
    )


async def test_a_folder_full_of_something_else_does_not_bury_the_user(library: Library) -> None:
    for number in range(MOST_FILES + 5):
        put_prompt(library.root, f"{number:03}", "{{no}}" if number < 100 else "x")
    assert len(await library.prompts()) == MOST_FILES - 100
    assert len(library.told) == 4
    assert library.told[0].startswith("Of the folder .pygpt/prompts only the first 200 prompt files are used")
    assert library.told[3] == "98 more prompt or preset files cannot be used: name one in a chat to see why."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * (LARGEST + 1), "it is larger than 64 KiB"),
        (b"a\nb\0c", "line 2: this is not text"),
        (b"a\n\nb\xffc", "line 3: this is not UTF-8 text"),
        (b"---\ntitle: x\n", "line 1: no line `---` ends the front matter that begins here"),
        (b"---\nx: " + b"y" * 4_000 + b"\n---\nz", "line 1: the front matter is longer than 4000 characters"),
        (b"---\ntitle: x\nkind: [\n---\nz", "line 4: this is not valid YAML"),
        (b"---\n" + b"[" * 3_000 + b"\n---\nz", "this is not valid YAML"),
        (b"---\n- a\n---\nz", "line 2: the front matter must be lines like `kind: edit`"),
        (
            b"---\na: &a [x]\nb: {c: *a}\n---\nz",
            "line 3: a value must be a text, a number or a list of texts",
        ),
        (b"---\ntitle: !!python/name:os.system x\n---\nz", "line 2: this is not valid YAML"),
        (b"---\ntitle: x\n---\n\n", "line 4: there is no text"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named_with_the_reason(
    library: Library, content: bytes, sentence: str
) -> None:
    path = put_prompt(library.root, "bad", "")
    path.write_bytes(content)
    assert await library.prompts() == {}
    (said,) = library.problems()
    assert said.startswith("The prompt file .pygpt/prompts/bad.md is not used: ")
    assert said.endswith(f"{sentence}.")


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names, pipes and links")


@posix
async def test_names_that_cannot_be_seen_are_refused_and_shown_harmless(library: Library) -> None:
    folder = library.root / ".pygpt/prompts"
    folder.mkdir(parents=True)
    for name in (
        b"a\x1b[2J.md",
        b"a\nb.md",
        b"a b.md",
        b"\xff.md",
        "a\u202eb.md".encode(),
        b"x" * 80 + b".md",
    ):
        (folder / os.fsdecode(name)).write_text("x", encoding="utf-8")
    assert await library.prompts() == {}
    assert len(library.problems()) == 6
    assert all(each.isprintable() and "its name m" in each for each in library.problems())


@posix
async def test_no_link_in_a_workspace_is_followed(library: Library, tmp_path: Path) -> None:
    secret = put(tmp_path, "elsewhere/secret.md", "secret ö")
    put(library.root, ".env", "TOKEN=1")
    put_prompt(library.root, "good", "x")
    folder = library.root / ".pygpt/prompts"
    (folder / "out.md").symlink_to(secret)
    (folder / "env.md").symlink_to("../../.env")
    (folder / "loop.md").symlink_to("loop.md")
    (library.root / "team").symlink_to(secret.parent)
    library.paths = ["team", "./team/../.pygpt"]
    assert list(await library.prompts()) == ["good"]
    said = [
        each for each in library.problems() if "it is a link, and no link in a workspace is followed" in each
    ]
    assert len(said) == 4
    assert "The prompt folder team is not used: it is a link" in " ".join(said)


@posix
async def test_a_workspaces_prompt_folder_may_be_no_link_either(library: Library, tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/prompts/secret.md", "secret ö")
    (library.root / ".pygpt").symlink_to(tmp_path / "elsewhere")
    assert await library.prompts() == {}
    assert library.problems() == [
        "The prompt folder .pygpt/prompts is not used: it is a link, and no link in a workspace is followed."
    ]


@posix
async def test_the_users_own_links_are_followed_and_a_workspace_may_be_one(
    library: Library, tmp_path: Path
) -> None:
    target = put(tmp_path, "dotfiles/one.md", "x")
    (library.mine / "prompts").mkdir(parents=True)
    (library.mine / "prompts/one.md").symlink_to(target)
    (library.mine / "prompts/gone.md").symlink_to(tmp_path / "gone")
    put_prompt(library.root, "two", "y")
    linked = tmp_path / "linked"
    linked.symlink_to(library.root)
    await library.library.refresh(linked)
    names = {each.name for each in library.library.prompts(linked) if each.path is not None}
    assert names == {"one", "two"}
    assert library.library.problems(linked) == ()


@posix
async def test_what_is_no_file_is_not_opened(library: Library) -> None:
    folder = library.root / ".pygpt/prompts"
    (folder / "folder.md").mkdir(parents=True)
    os.mkfifo(folder / "pipe.md")
    put(library.mine, "prompts/x.md", "x")
    os.mkfifo(library.mine / "prompts/pipe.md")
    assert list(await library.prompts()) == ["x"]
    assert len([each for each in library.problems() if "it is not an ordinary file" in each]) == 3


async def test_a_folder_that_the_user_named_should_be_there(library: Library, tmp_path: Path) -> None:
    library.paths = [str(tmp_path / "gone"), "~nobody-here-ö/x", "also gone"]
    assert await library.prompts() == {}
    assert len(library.problems()) == 3
    assert all(each.endswith("is not used: there is no such folder.") for each in library.problems())


async def test_whoever_asks_while_files_are_read_gets_them_as_they_were_when_asked(library: Library) -> None:
    async def write_and_read(number: int) -> bool:
        put_prompt(library.root, f"p{number}", "x")
        return f"p{number}" in await library.prompts()

    assert all(await asyncio.gather(*(write_and_read(number) for number in range(20))))


async def test_a_disk_that_hangs_is_waited_for_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_prompt(library.root, "one", "x")
    goes_on = threading.Event()
    gave_up: list[bool] = []

    def hang(*_: object) -> list[Path]:
        gave_up.append(not goes_on.wait(30))
        return []

    with monkeypatch.context() as patched:
        patched.setattr("pygpt_lsp.services.prompt_library._files_in", hang)
        await library.library.refresh(library.root, 0.01)
        assert library.library.prompts(library.root) == BUILT_IN
        await library.library.refresh(library.root, 1_000)
        goes_on.set()
        await library.library.refresh(library.root)
    assert not any(gave_up)
    await library.library.refresh(library.root, 1_000)
    assert len(library.library.prompts(library.root)) == len(BUILT_IN) + 1


texts = st.text(st.sampled_from("-{}[]&*!<:,#?|>%@'\"\n \tab~0") | st.characters(codec="utf-8"), max_size=120)


@given(texts)
@example("a: !!binary x")
@example("a: 2001-99-99")
@example("? [a]\n: b")
@example("<<: *a")
@example("a: " + "9" * 5000)
def test_any_front_matter_gives_fields_or_one_reason_on_one_of_its_lines(raw: str) -> None:
    whole = f"---\n{raw}\n---\nbody"
    try:
        found = take_apart(whole)
    except BadPrompt as bad:
        line, reason = bad.line, bad.reason
    else:
        line, reason = found.body_line, "none"
        assert whole.endswith(found.body)
        assert found.body_line == whole[: len(whole) - len(found.body)].count("\n") + 1
        assert all(2 <= field.line <= line for field in found.fields)
    assert 1 <= line <= whole.count("\n") + 1
    assert reason


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    found = take_apart("---\n\n# note\nkind: edit\n\ntitle: x\n---\n\nbody\n")
    assert found.fields == (Field("kind", "edit", 4), Field("title", "x", 6))
    assert (found.body, found.body_line) == ("\nbody\n", 8)
