"""An edit goes into the one file that is meant, inside the workspace, or it is refused with the reason."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.services.edit_targets import EditTarget, read_for_edit, resolve_edit_path
from pygpt_lsp.services.ignore_rules import IgnoreRules
from pygpt_lsp.services.workspace_files import MAX_BYTES
from tests.support.looked_at import note_looks
from tests.support.platforms import needs_links, needs_pipes

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="what Windows allows in a name differs")


class Resolve(Protocol):
    def __call__(
        self,
        written: str,
        *,
        named: tuple[Path, ...] = (),
        roots: tuple[Path, ...] = (),
        prefer: Path | None = None,
    ) -> EditTarget: ...


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace folder with `src/app.py` and `top.py`."""
    folder = tmp_path / "wörkspace 😀"
    put(folder / "src/app.py")
    put(folder / "top.py")
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A second workspace folder, with `lib.py`."""
    folder = tmp_path / "other"
    put(folder / "lib.py")
    return folder


@pytest.fixture
def resolve(root: Path) -> Resolve:
    """`resolve_edit_path` in the workspace of `root` alone, unless told otherwise."""

    def ask(
        written: str,
        *,
        named: tuple[Path, ...] = (),
        roots: tuple[Path, ...] = (root,),
        prefer: Path | None = None,
    ) -> EditTarget:
        return resolve_edit_path(written, roots=roots, named=named, prefer=prefer, rules=IgnoreRules)

    return ask


def put(path: Path, content: bytes = b"x = 1\n") -> Path:
    """A file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refusal(resolve: Resolve, written: str, **options: object) -> str:
    """The sentence with which a path is refused."""
    with pytest.raises(EditRefused) as caught:
        resolve(written, **options)  # type: ignore[arg-type]
    sentence = caught.value.sentence
    assert sentence.endswith(".") or ": " in sentence
    assert "\n" not in sentence
    assert len(sentence) < 800
    return sentence


# Which file is meant


@pytest.mark.parametrize(
    "written", ["src/app.py", "./src/app.py", "src//app.py", "src\\app.py", "src/x/../app.py", "src/./app.py"]
)
def test_a_path_means_the_file_at_the_root(resolve: Resolve, root: Path, written: str) -> None:
    assert resolve(written) == EditTarget(root / "src/app.py", root, exists=True, named=False)


def test_an_absolute_path_inside_a_root_is_understood(resolve: Resolve, root: Path) -> None:
    assert resolve(str(root / "src/app.py")).path == root / "src/app.py"


@pytest.mark.parametrize("written", ["nöu 😀.py", "a/b/c/new.py", "src/new.py"])
def test_a_file_that_does_not_exist_would_be_created_inside(
    resolve: Resolve, root: Path, written: str
) -> None:
    assert resolve(written) == EditTarget(root / written, root, exists=False, named=False)
    assert not (root / written).exists()


def test_a_file_that_the_user_named_is_marked(resolve: Resolve, root: Path) -> None:
    assert resolve("src/app.py", named=(root / "src/app.py",)).named


def test_a_bare_name_means_the_one_named_file_with_that_name(resolve: Resolve, root: Path) -> None:
    named = (put(root / "a/b/util.py"), put(root / "a/b/my_util.py"))
    assert resolve("util.py", named=named) == EditTarget(named[0], root, exists=True, named=True)
    assert resolve("b/util.py", named=named).path == named[0]


def test_a_file_at_the_root_comes_before_a_named_one_elsewhere(resolve: Resolve, root: Path) -> None:
    assert resolve("top.py", named=(put(root / "a/top.py"),)).path == root / "top.py"


def test_a_name_that_several_named_files_have_is_refused_with_all_of_them(
    resolve: Resolve, root: Path
) -> None:
    named = (put(root / "a/util.py"), put(root / "b/util.py"))
    sentence = refusal(resolve, "util.py", named=named)
    assert str(named[0]) in sentence
    assert str(named[1]) in sentence


def test_a_named_file_that_is_not_saved_yet_is_meant_by_its_name(resolve: Resolve, root: Path) -> None:
    assert resolve("new.py", named=(root / "src/new.py",)) == EditTarget(
        root / "src/new.py", root, exists=False, named=True
    )


def test_no_path_means_the_only_named_file(resolve: Resolve, root: Path) -> None:
    assert resolve("", named=(root / "top.py", root / "top.py")).path == root / "top.py"


def test_no_path_is_refused_where_none_or_several_files_are_named(resolve: Resolve, root: Path) -> None:
    assert refusal(resolve, "").startswith("The block does not say which file it belongs to; ")
    sentence = refusal(resolve, "", named=(root / "top.py", root / "src/app.py"))
    assert sentence.startswith("The block does not say which file it belongs to; ")
    assert "top.py" in sentence
    assert "app.py" in sentence


def test_without_a_folder_nothing_is_edited(root: Path) -> None:
    with pytest.raises(EditRefused, match="No folder is open"):
        resolve_edit_path("a.py", roots=(), named=(root / "top.py",), prefer=None, rules=IgnoreRules)


# Several folders


def test_the_only_folder_with_the_file_is_meant(resolve: Resolve, root: Path, other: Path) -> None:
    assert resolve("lib.py", roots=(root, other), prefer=root) == EditTarget(
        other / "lib.py", other, exists=True, named=False
    )


def test_the_chat_s_own_folder_comes_first(resolve: Resolve, root: Path, other: Path) -> None:
    put(other / "top.py")
    assert resolve("top.py", roots=(root, other), prefer=other).path == other / "top.py"
    assert resolve("new.py", roots=(root, other), prefer=other).path == other / "new.py"


def test_a_file_in_several_folders_is_refused_with_all_of_them(
    resolve: Resolve, root: Path, other: Path
) -> None:
    put(other / "top.py")
    sentence = refusal(resolve, "top.py", roots=(root, other))
    assert str(other / "top.py") in sentence
    assert str(root / "top.py") in sentence


def test_a_path_may_begin_with_the_folder_s_name(resolve: Resolve, root: Path, other: Path) -> None:
    assert resolve("other/lib.py", roots=(root, other), prefer=root).path == other / "lib.py"
    assert resolve("other/new.py", roots=(root, other), prefer=root).path == other / "new.py"
    assert resolve(f"{root.name}/top.py").path == root / "top.py"


def test_in_a_single_folder_a_new_path_with_its_name_is_a_folder_in_it(resolve: Resolve, root: Path) -> None:
    assert resolve(f"{root.name}/new.py").path == root / root.name / "new.py"


def test_a_new_file_that_could_go_into_several_folders_is_refused(
    resolve: Resolve, root: Path, other: Path
) -> None:
    assert "folder's name" in refusal(resolve, "new.py", roots=(root, other))


def test_a_folder_in_a_folder_of_the_workspace_is_the_root_of_its_files(resolve: Resolve, root: Path) -> None:
    inner = root / "src"
    assert resolve("app.py", roots=(root, inner), prefer=inner).root == inner


# What lies outside


@pytest.mark.parametrize(
    "written",
    [
        "../secret.txt",
        "src/../../secret.txt",
        "..",
        "..\\secret.txt",
        "/etc/passwd",
        "//server/share/x.py",
        "\\\\server\\share\\x.py",
        "\\\\?\\C:\\x.py",
        "C:\\Windows\\x.py",
        "C:/Windows/x.py",
        "C:x.py",
        "\\x.py",
        "~/x.py",
        "~root/x.py",
        "~",
    ],
)
def test_what_lies_outside_is_refused(resolve: Resolve, root: Path, written: str) -> None:
    put(root.parent / "secret.txt")
    assert "lies outside of the workspace" in refusal(resolve, written)


def test_what_an_answer_names_outside_is_not_even_looked_at(
    resolve: Resolve, root: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = note_looks(monkeypatch)
    assert "lies outside" in refusal(resolve, str(other / "lib.py"), named=(root / "app.py",))
    assert str(other / "lib.py") not in looked
    assert str(root) in looked


def test_a_folder_whose_name_begins_like_the_root_s_is_outside(resolve: Resolve, root: Path) -> None:
    beside = put(root.parent / f"{root.name}2" / "x.py")
    assert "lies outside of the workspace" in refusal(resolve, str(beside))


def test_a_named_file_outside_is_not_edited_either(resolve: Resolve, other: Path) -> None:
    assert "lies outside of the workspace" in refusal(resolve, "lib.py", named=(other / "lib.py",))
    assert "lies outside of the workspace" in refusal(resolve, "", named=(other / "lib.py",))


@needs_links
@pytest.mark.parametrize("written", ["link/lib.py", "link/new.py", "link/a/b/new.py", "file.py", "dead.py"])
def test_no_link_leads_out(resolve: Resolve, root: Path, other: Path, written: str) -> None:
    (root / "link").symlink_to(other, target_is_directory=True)
    (root / "file.py").symlink_to(other / "lib.py")
    (root / "dead.py").symlink_to(other / "missing.py")
    assert "lies outside of the workspace" in refusal(resolve, written)


@needs_links
def test_a_link_inside_is_followed_inside(resolve: Resolve, root: Path) -> None:
    (root / "link").symlink_to("src", target_is_directory=True)
    assert resolve("link/app.py").path == root / "link/app.py"
    assert resolve("link/app.py", named=(root / "src/app.py",)) == EditTarget(
        root / "src/app.py", root, exists=True, named=True
    )


@needs_links
def test_a_root_that_is_a_link_is_a_root(resolve: Resolve, root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root, target_is_directory=True)
    assert resolve("src/app.py", roots=(link,)) == EditTarget(
        link / "src/app.py", link, exists=True, named=False
    )
    assert resolve(str(root / "src/app.py"), roots=(link,)).root == link


@needs_links
@pytest.mark.parametrize("written", ["loop", "loop/x.py", "dead.py", "dead.py/x.py"])
def test_links_that_lead_nowhere_are_refused(resolve: Resolve, root: Path, written: str) -> None:
    (root / "loop").symlink_to("loop")
    (root / "dead.py").symlink_to("missing.py")
    refusal(resolve, written)


# What is never edited


@pytest.mark.parametrize(
    "written",
    [
        ".git/config",
        ".GIT/config",
        "src/.git/hooks/pre-commit",
        "src/.Git/new",
        ".git",
        ".git./config",
        ".git /config",
        ".git::$INDEX_ALLOCATION/config",
        "GIT~1/config",
        ".g\u200cit/config",
        ".ｇit/config",
        ".pygpt/config.toml",
        ".PyGPT/new.md",
        "src/.pygpt/prompts/a.md",
        "x/../.git/config",
    ],
)
def test_git_s_and_our_own_folders_are_never_edited(resolve: Resolve, root: Path, written: str) -> None:
    put(root / ".git/config")
    put(root / ".pygpt/config.toml")
    assert "belongs to git or to PyGPT" in refusal(resolve, written)


@needs_links
def test_no_link_leads_into_them(resolve: Resolve, root: Path) -> None:
    put(root / ".git/config")
    (root / "innocent").symlink_to(".git", target_is_directory=True)
    assert "belongs to git or to PyGPT" in refusal(resolve, "innocent/config")
    assert "belongs to git or to PyGPT" in refusal(resolve, "innocent/new")


def test_names_that_only_begin_like_them_are_edited(resolve: Resolve, root: Path) -> None:
    put(root / ".github/workflows/ci.yml")
    assert resolve(".github/workflows/ci.yml").exists
    assert not resolve(".gitignore").exists


def test_what_a_rule_excludes_is_refused_with_the_rule(resolve: Resolve, root: Path) -> None:
    put(root / ".gitignore", b"*.log\nbuild/\n")
    assert "`*.log` in .gitignore" in refusal(resolve, "new.log")
    assert "`build/` in .gitignore" in refusal(resolve, "build/out/new.py")
    assert "environment files are never sent" in refusal(resolve, ".env")


def test_a_named_file_that_is_excluded_is_refused_too(resolve: Resolve, root: Path) -> None:
    put(root / ".gitignore", b"*.log\n")
    log = put(root / "src/a.log")
    assert "`*.log` in .gitignore" in refusal(resolve, "a.log", named=(log,))


@needs_links
def test_the_rules_hold_for_what_a_link_leads_to(resolve: Resolve, root: Path) -> None:
    put(root / "key.pem")
    (root / "innocent.py").symlink_to("key.pem")
    assert "`*.pem`" in refusal(resolve, "innocent.py")


def test_a_folder_s_rules_hold_where_an_inner_folder_is_open_too(resolve: Resolve, root: Path) -> None:
    put(root / ".gitignore", b"src/app.py\n")
    assert "`src/app.py`" in refusal(resolve, "app.py", roots=(root, root / "src"), prefer=root / "src")


@pytest.mark.parametrize("written", ["src", "src/", "new/", ".", "./", "src/.."])
def test_a_folder_is_not_edited(resolve: Resolve, written: str) -> None:
    assert "folder" in refusal(resolve, written)


def test_a_file_is_no_folder(resolve: Resolve) -> None:
    assert "`top.py` is a file, not a folder" in refusal(resolve, "top.py/new.py")


@pytest.mark.parametrize(
    "written", ["a\0b.py", "a\nb.py", "a\x1b[31m.py", "a\x7f.py", "a\u202egpj.py", "a\ud800.py", "a\u2028.py"]
)
def test_characters_that_play_tricks_are_refused_and_not_repeated(resolve: Resolve, written: str) -> None:
    sentence = refusal(resolve, written)
    assert "characters that no file name should have" in sentence
    assert sentence.replace("…", "").isprintable()


@pytest.mark.parametrize("written", ["a" * 256, "ö" * 128, "a/" * 3000 + "b"])
def test_what_is_too_long_is_refused_in_few_words(resolve: Resolve, written: str) -> None:
    assert len(refusal(resolve, written)) < 250


@pytest.mark.parametrize(
    "written",
    ["con", "src/CON", "aux.c", "nul.tar.gz", "COM1.txt", "lpt9", "a.", "a ", "x./y", "a:b.txt", "what?.py"],
)
def test_names_that_windows_does_not_allow_are_not_created(resolve: Resolve, written: str) -> None:
    assert "Windows" in refusal(resolve, written) or "outside" in refusal(resolve, written)


@pytest.mark.parametrize("written", ["console.py", "com.py", "com10", "a.b", "auxiliary", "ünull", ".x"])
def test_names_that_only_look_like_those_are_created(resolve: Resolve, written: str) -> None:
    assert not resolve(written).exists


@posix
def test_a_file_that_has_such_a_name_is_edited_where_it_can_exist(resolve: Resolve, root: Path) -> None:
    assert resolve("aux.c", named=(put(root / "aux.c"),)).exists


def test_what_is_not_text_is_refused(resolve: Resolve, root: Path) -> None:
    put(root / "a.bin", b"a\0b")
    assert "not a text file" in refusal(resolve, "a.bin")


def test_a_huge_file_is_refused(resolve: Resolve, root: Path) -> None:
    put(root / "fits.txt", b"x" * MAX_BYTES)
    put(root / "huge.txt", b"x" * (MAX_BYTES + 1))
    assert resolve("fits.txt").exists
    assert "larger than 4 MiB" in refusal(resolve, "huge.txt")


@needs_pipes
def test_a_pipe_is_refused_without_opening_it(resolve: Resolve, root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert "not a file that can be edited" in refusal(resolve, "pipe")


# The text of a file that is not open


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("ö 😀\n".encode(), "ö 😀\n"),
        (b"\xef\xbb\xbfa\r\nb", "a\r\nb"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
        (b"a\rb\r\nc\n\x0cd\xe2\x80\xa8e", "a\rb\r\nc\n\fd\u2028e"),
    ],
)
def test_a_file_is_read_as_an_editor_shows_it(tmp_path: Path, content: bytes, text: str) -> None:
    assert read_for_edit(put(tmp_path / "a.txt", content)) == text


@pytest.mark.parametrize("content", [b"gr\xfcn", "grün".encode("utf-16"), b"\xed\xa0\x80", b"a\0b"])
def test_a_file_that_an_edit_would_damage_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EditRefused, match="text"):
        read_for_edit(put(tmp_path / "a.txt", content))


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EditRefused, match="does not exist any more"):
        read_for_edit(tmp_path / "gone.py")
