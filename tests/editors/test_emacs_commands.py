"""The other commands of our package in Emacs, with the settings that our README shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editors.emacs import Emacs, readme_blocks, write_init
from tests.editors.workspace import DOCUMENT_REPLY, DOCUMENTED, GREET_LINES

if TYPE_CHECKING:
    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor


def test_a_session_changes_code_chats_asks_again_and_looks_at_what_goes_out(
    editors: Editors, workspace: Workspace, api: ScriptedApi
) -> None:
    settings = readme_blocks()[1]
    write_init(workspace, settings.replace("gpt-5.5", "gpt-in-emacs"))
    with Emacs(editors, workspace.source, cwd=workspace.root, env=workspace.env() | api.env()) as emacs:
        api.reply(DOCUMENT_REPLY)
        emacs.select_lines("def greet", GREET_LINES)
        emacs.answer("e", "Change:", "Document it, ö 😀.")
        emacs.wait_for("Greet `name` with")
        assert emacs.save(workspace.source) == DOCUMENTED

        emacs.keys("M-<")
        emacs.select_lines("def greet", GREET_LINES + 1)
        emacs.keys("C-c", "g", "c")
        emacs.wait_for("> #file:greet.py:4-7")
        api.reply("At first ö.")
        emacs.keys("M->")
        emacs.type("Why the ö?")
        emacs.keys("C-c", "C-c")
        emacs.wait_for("At first ö.")
        emacs.wait_until(lambda: len(workspace.answers()) == 2, "the answer to be stored")
        api.reply("Again 😀.")
        emacs.keys("C-c", "C-r")
        emacs.wait_for("Again 😀.")
        assert "At first" not in emacs.screen()

        emacs.keys("M->")
        emacs.type("And now 😀?")
        emacs.keys("C-c", "g", "p")
        emacs.wait_for("# Preview: Why the ö?")
        emacs.keys("C-c", "g", "w")
        emacs.wait_for("# What left this machine")
        emacs.wait_for("3 requests to 127.0.0.1")
        changed, first, again = api.requests
        assert "Document it, ö 😀." in changed.text
        assert first.json == again.json
        assert {request.json["model"] for request in api.requests} == {"gpt-in-emacs"}


def test_a_model_is_chosen_by_name_and_from_a_list(
    editors: Editors, workspace: Workspace, api: ScriptedApi
) -> None:
    api.models = ["gpt-a", "gpt-ö", "gpt-z"]
    write_init(workspace)
    with Emacs(editors, workspace.source, cwd=workspace.root, env=workspace.env() | api.env()) as emacs:
        emacs.answer("m", "Model", "gpt-by-name")
        emacs.wait_for("The model is gpt-by-name")
        emacs.select_lines("def greet", GREET_LINES)
        emacs.answer("q", "Ask:", "Which, ö?")
        [named] = api.wait_for_requests(1)
        emacs.wait_for("An answer from the scripted model.")

        emacs.answer("m", "Model", "")
        emacs.wait_for("# Models")
        emacs.keys("C-x", "b")
        emacs.type("models.chat.md")
        emacs.keys("Enter", "M-<")
        emacs.go_to("- `gpt-z")
        emacs.choose("PyGPT: Use gpt-z")
        emacs.wait_for("The model is gpt-z")
        emacs.keys("C-x", "b")
        emacs.type("greet.py")
        emacs.keys("Enter")
        emacs.answer("q", "Ask:", "Which now, ö?")
        chosen = api.wait_for_requests(2)[-1]

    assert (named.json["model"], chosen.json["model"]) == ("gpt-by-name", "gpt-z")
