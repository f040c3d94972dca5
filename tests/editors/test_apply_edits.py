"""Edits of several files from a chat, in the real editors: what a server can only assume of them is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim import Neovim
from tests.editors.workspace import GREET_LINES, SOURCE
from tests.support.apply_kit import replace

if TYPE_CHECKING:
    from tests.editors.editor import Editor
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

OTHER = "x = 'ö'\ny = '😀'\n"
NEW = "print('ö 😀')\n"


def test_an_open_file_a_closed_one_and_a_new_one_are_changed_to_exactly_the_text_that_is_meant(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    other, new = workspace.root / "other.py", workspace.root / "new.py"
    other.write_bytes(OTHER.encode())
    blocks = (
        replace("greet.py", "    return ö\n", "    return ö + '!'\n"),
        replace("other.py", "y = '😀'\n", "y = '👋'\n"),
        replace("new.py", "", NEW),
    )
    api.reply("\n".join(blocks))
    editor.select_lines("def greet", GREET_LINES)
    editor.choose("PyGPT: Explain")
    editor.wait_for("print('ö 😀')")
    editor.choose("PyGPT: Apply all 3 edits")
    editor.agree("Apply")
    editor.wait_for("made new.py")

    expected = {
        workspace.source: SOURCE.replace("    return ö\n", "    return ö + '!'\n"),
        other: OTHER.replace("😀", "👋"),
        new: NEW,
    }
    for file, text in expected.items():
        editor.command(f"{'edit' if isinstance(editor, Neovim) else 'open'} {file.name}")
        assert editor.save(file) == text
