"""The editor of the whole-process tests applies edits of several files as the real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.editor_edits import Refused
from tests.support.editor_profiles import (
    EGLOT,
    HELIX_25_07,
    NEOVIM_0_10,
    NEOVIM_0_12,
    PROFILES,
    VSCODE,
    Profile,
    in_editors,
)
from tests.support.editor_state import EditorState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.editor_document import Document
    from tests.support.editor_text import Json

START = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}


class Sent:
    """In place of the connection: what the editor would send."""

    def __init__(self) -> None:
        self.methods: list[str] = []

    def notify(self, method: str, params: Any) -> None:
        self.methods.append(method.removeprefix("textDocument/"))


def started(profile: Profile, root: Path) -> EditorState:
    editor = EditorState(profile, root)
    editor.encoding = "utf-16"
    editor.peer = Sent()  # type: ignore[assignment]
    editor.capabilities = profile.params(root, None)["capabilities"]
    return editor


def file(root: Path, name: str, text: str = "ö 😀\n") -> Path:
    path = root / name
    path.write_bytes(text.encode())
    return path


def text_edit(path: Path, version: int | None, new: str = "x", mark: str | None = None) -> Json:
    """An insertion at the start of a file."""
    edit: Json = {"range": START, "newText": new}
    if mark is not None:
        edit["annotationId"] = mark
    return {"textDocument": {"uri": path.as_uri(), "version": version}, "edits": [edit]}


def workspace_edit(*changes: Json, marks: bool = False) -> Json:
    edit: Json = {"documentChanges": list(changes)}
    if marks:
        edit["changeAnnotations"] = {"m": {"label": "L", "description": "D", "needsConfirmation": True}}
    return edit


def opened(editor: EditorState, path: Path) -> Document:
    return editor.open_text(path.as_uri(), "python", path.read_bytes().decode())


@in_editors(*PROFILES)
async def test_a_file_that_is_not_open_is_opened_and_changed(tmp_path: Path, profile: Profile) -> None:
    editor = started(profile, tmp_path)
    path = file(tmp_path, "a.py", "\ufeffö\r\n")
    assert editor.apply(workspace_edit(text_edit(path, None))) is None
    document = editor.documents[path.as_uri()]
    document.flush()
    assert (document.text, document.language) == ("xö\r\n", "python")
    assert editor.peer.methods == ["didOpen", "didChange"]  # type: ignore[attr-defined]
    assert path.read_bytes() == "\ufeffö\r\n".encode()
    assert editor.problems == []


async def test_a_file_of_no_language_is_changed_and_the_server_not_told(tmp_path: Path) -> None:
    editor = started(HELIX_25_07, tmp_path)
    path = file(tmp_path, "a.xyz")
    assert editor.apply(workspace_edit(text_edit(path, None))) is None
    assert editor.unshared[path.as_uri()].text == "xö 😀\n"
    assert editor.peer.methods == []  # type: ignore[attr-defined]


@in_editors(HELIX_25_07, EGLOT, VSCODE, NEOVIM_0_12)
async def test_of_two_documents_one_is_stale(tmp_path: Path, profile: Profile) -> None:
    for stale in (0, 1):
        editor = started(profile, tmp_path)
        paths = [file(tmp_path, "a.py"), file(tmp_path, "b.py")]
        documents = [opened(editor, path) for path in paths]
        versions = [document.version for document in documents]
        documents[stale].type("t", at=0)
        changes = [text_edit(path, version) for path, version in zip(paths, versions, strict=True)]
        refused = editor.apply(workspace_edit(*changes))
        made = [document.text.startswith("x") for document in documents]
        if profile is NEOVIM_0_12:
            assert made == [bool(stale), True], "it checks the first alone"
            assert refused == (None if stale else Refused(refused.reason, stale=True, told=False))  # type: ignore[union-attr]
        else:
            assert refused is not None
            assert refused.stale
            assert made == [bool(stale) and profile is not VSCODE, False]
        assert editor.problems == []


async def test_vs_code_asks_about_all_at_once_and_makes_all_or_nothing(tmp_path: Path) -> None:
    editor = started(VSCODE, tmp_path)
    path, new = file(tmp_path, "a.py"), tmp_path / "new/b.py"
    create = {"kind": "create", "uri": new.as_uri(), "annotationId": "m"}
    edit = workspace_edit(
        text_edit(path, None, mark="m"), create, text_edit(new, None, "y\n", mark="m"), marks=True
    )
    editor.confirms = False
    refused = editor.apply(edit)
    assert refused is not None
    assert refused.told
    assert editor.documents == {}
    assert not new.exists()
    editor.confirms = True
    assert editor.apply(edit) is None
    assert editor.confirmations == ["L: D", "L: D"]
    assert editor.documents[path.as_uri()].text == "xö 😀\n"
    assert editor.documents[new.as_uri()].text == "y\n"


async def test_neovim_asks_about_each_document_and_never_about_files(tmp_path: Path) -> None:
    editor = started(NEOVIM_0_12, tmp_path)
    paths = [file(tmp_path, "a.py"), file(tmp_path, "b.py")]
    gone = file(tmp_path, "c.py")
    answers = [False, True]
    editor.while_confirming = lambda: setattr(editor, "confirms", answers.pop(0))
    delete = {"kind": "delete", "uri": gone.as_uri(), "annotationId": "m"}
    refused = editor.apply(
        workspace_edit(*(text_edit(path, None, mark="m") for path in paths), delete, marks=True)
    )
    assert refused == Refused("the user said no", told=False)
    assert list(editor.documents) == [paths[1].as_uri()]
    assert not gone.exists()
    assert len(editor.confirmations) == 2


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_files_are_made_renamed_and_deleted(tmp_path: Path, profile: Profile) -> None:
    editor = started(profile, tmp_path)
    old, gone, new = file(tmp_path, "old.py"), file(tmp_path, "gone.py"), tmp_path / "sub/new.py"
    opened(editor, old)
    opened(editor, gone)
    moved = tmp_path / "sub/moved.py"
    assert (
        editor.apply(
            workspace_edit(
                {"kind": "create", "uri": new.as_uri()},
                {"kind": "rename", "oldUri": old.as_uri(), "newUri": moved.as_uri()},
                {"kind": "delete", "uri": gone.as_uri()},
            )
        )
        is None
    )
    assert new.read_bytes() == b""
    assert moved.read_bytes() == "ö 😀\n".encode()
    assert not old.exists()
    assert not gone.exists()
    assert list(editor.documents) == [moved.as_uri()]
    assert editor.problems == []


@in_editors(EGLOT)
async def test_what_this_editor_cannot_do_is_a_problem(tmp_path: Path, profile: Profile) -> None:
    editor = started(profile, tmp_path)
    new = tmp_path / "new.py"
    assert editor.apply(workspace_edit({"kind": "create", "uri": new.as_uri()})) is not None
    assert "create for a client without it" in editor.problems[0]
    assert not new.exists()


async def test_what_no_server_may_send_is_a_problem_and_not_applied(tmp_path: Path) -> None:
    path = file(tmp_path, "a.py")
    wrong: list[tuple[Profile, Json, str]] = [
        (NEOVIM_0_10, workspace_edit(text_edit(path, None, mark="m"), marks=True), "without any"),
        (VSCODE, workspace_edit(text_edit(path, None, mark="m")), "not there"),
        (HELIX_25_07, workspace_edit(text_edit(path, 1)), "never open"),
        (HELIX_25_07, workspace_edit(text_edit(tmp_path / "no.py", None)), "does not exist"),
        (HELIX_25_07, workspace_edit({"kind": "create", "uri": path.as_uri()}), "which is there"),
    ]
    for profile, edit, problem in wrong:
        editor = started(profile, tmp_path)
        assert editor.apply(edit) is not None
        assert len(editor.problems) == 1
        assert problem in editor.problems[0]
    editor = started(HELIX_25_07, tmp_path)
    document = opened(editor, path)
    assert editor.apply(workspace_edit(text_edit(path, None))) is not None
    assert "without its version" in editor.problems[0]
    assert document.text == "ö 😀\n"
