"""Edits of several files from one answer in a chat, the same promises in each editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editors.test_main_job import explain
from tests.editors.workspace import SOURCE

if TYPE_CHECKING:
    from tests.editors.editor import Editor
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

EDITS = """

greet.py
```python
<<<<<<< SEARCH
    ö = f"Hallöchen 😀, {name}"
=======
    ö = f"Servus 😀, {name}"
>>>>>>> REPLACE
```

greet.py
```python
<<<<<<< SEARCH
    return f"Tschö 👋, {name}"
=======
    return f"Pfiat di 👋, {name}"
>>>>>>> REPLACE
```

docs/grüße.md
```markdown
<<<<<<< SEARCH
=======
# Grüße 😀
>>>>>>> REPLACE
```
"""
CHANGED = SOURCE.replace("Hallöchen", "Servus").replace("Tschö", "Pfiat di")


def test_the_edits_of_an_answer_are_made_in_all_files_once_the_user_agrees(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = explain(editor, api)
    stream.send(EDITS)
    stream.finish()
    editor.wait_for("# Grüße 😀")
    menu = "PyGPT: Apply all 3 edits"
    editor.wait_until(lambda: menu in _menu(editor), "the edits in the menu")

    editor.choose(menu)
    editor.agree("Apply")
    editor.wait_for("made docs/grüße.md")

    editor.command("edit greet.py")
    editor.wait_for("Servus 😀")
    assert editor.save(workspace.source) == CHANGED
    editor.type("u")
    assert editor.save(workspace.source) == SOURCE
    new = workspace.root / "docs/grüße.md"
    editor.command("edit docs/grüße.md")
    editor.wait_for("# Grüße 😀")
    assert editor.save(new) == "# Grüße 😀\n"


def test_an_edit_that_fits_nowhere_changes_nothing_and_says_where_it_looked(
    editor: Editor, workspace: Workspace, api: ScriptedApi
) -> None:
    api.default = "I cannot say it better."  # the model is asked again, and does not correct it
    stream = explain(editor, api)
    stream.send(EDITS[: EDITS.index("docs/")].replace('f"Tschö', 'f"Adieu'))
    stream.finish()
    editor.wait_until(lambda: len(api.requests) == 3, "the two tries to mend it")

    editor.wait_until(lambda: "PyGPT: Stop" not in _menu(editor), "the end of the job")
    editor.choose("PyGPT: Apply all 2 edits")

    editor.wait_for("Not changed: greet.py")
    assert workspace.source.read_text("utf-8") == SOURCE


@pytest.mark.parametrize("is_open", [True, False])
def test_a_file_with_carriage_returns_inside_its_lines_is_never_edited_beside_the_place(
    editor: Editor, workspace: Workspace, api: ScriptedApi, *, is_open: bool
) -> None:
    file = workspace.root / "cr.py"
    text = "x = 'ö\rä'\ny = 1\nz = 2\n"
    file.write_bytes(text.encode())
    if is_open:
        editor.command("edit cr.py")
        editor.wait_for("z = 2")
        editor.command("edit greet.py")
        editor.wait_for("def greet")
    stream = explain(editor, api)
    stream.send("\n\ncr.py\n```python\n<<<<<<< SEARCH\ny = 1\n=======\ny = 'neu'\n>>>>>>> REPLACE\n```\n")
    stream.finish()
    editor.wait_for(">>>>>>> REPLACE")  # an answer is stored a little before its end is in the chat
    editor.wait_until(lambda: any("PyGPT: Apply" in title for title in _menu(editor)), "the edit in the menu")
    editor.choose("PyGPT: Apply")
    if not is_open:
        editor.agree("Apply")
    editor.wait_for("Not changed: cr.py")
    editor.command("edit cr.py")
    editor.wait_for("z = 2")
    assert editor.save(file) == text


def _menu(editor: Editor) -> list[str]:
    titles = editor.menu()
    editor.close_menu()
    return titles
