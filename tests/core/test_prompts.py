"""What the model is told: all of the material, the task last, and nothing that could be mistaken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.actions import ACTIONS, action_by_id
from pygpt_lsp.core.answer_blocks import fenced_blocks
from pygpt_lsp.core.prompts import CURSOR_MARK, chat_system, edit_messages, insert_messages

if TYPE_CHECKING:
    from pygpt_lsp.core.actions import Action
    from pygpt_lsp.core.messages import Message

regions = st.text(st.sampled_from("aö😀 \n`~\t\f\u2028"), min_size=1, max_size=60)


def action(name: str) -> Action:
    found = action_by_id(name)
    assert found is not None
    return found


def edit(
    region: str = "x = 1\n", name: str = "document", instruction: str | None = None, system: str = ""
) -> tuple[Message, ...]:
    return edit_messages(
        action(name),
        instruction=instruction,
        material="### Head of the file: src/ä.py, line 1\n\n```python\nimport ö\n```",
        region=region,
        first_line=12,
        language_id="python",
        path="src/ä.py",
        user_system=system,
    )


def test_an_edit_is_asked_for_with_the_material_first_and_the_task_last() -> None:
    system, user = edit()
    assert (system.role, user.role) == ("system", "user")
    assert "exactly one fenced code block" in system.content
    assert user.content == (
        "### Head of the file: src/ä.py, line 1\n\n```python\nimport ö\n```\n\n"
        "File `src/ä.py`, language python. The region starts at line 12.\n\n"
        "Region to replace:\n\n```python\nx = 1\n```\n\n"
        f"Task: {action('document').instruction}"
    )


@given(regions)
@example("```python\nx\n```\n")
@example("no final newline")
def test_the_region_stands_in_a_fence_that_it_cannot_close(region: str) -> None:
    blocks, is_open = fenced_blocks(edit(region)[1].content)
    assert not is_open
    head, block = blocks
    assert head.lines == ("import ö",)
    assert block.lines == tuple(region.removesuffix("\n").split("\n"))


def test_the_users_words_stand_under_their_name() -> None:
    assert edit(name="rewrite", instruction="mach es 😀")[1].content.endswith("\n\nInstruction: mach es 😀")
    assert edit(name="fix", instruction="undefined name ö")[1].content.endswith(
        "\n\nDiagnostic: undefined name ö"
    )


@pytest.mark.parametrize("standing", ["", "  \n"])
def test_standing_instructions_are_added_to_ours(standing: str) -> None:
    plain = edit(system=standing)[0].content
    assert plain == plain.strip()
    assert edit(system=" Answer in ö.\n")[0].content == f"{plain}\n\nAnswer in ö."
    assert chat_system("Be brief.").content == f"{chat_system(standing).content}\n\nBe brief."


def test_a_chats_own_system_message_leaves_the_form_of_edits_and_the_standing_instructions() -> None:
    role, form = chat_system("").content.split("\n\n")
    assert "SEARCH/REPLACE" in form
    assert "SEARCH" not in role
    own = chat_system("Be brief.", "You are a pirate.\n").content
    assert own == f"You are a pirate.\n\n{form}\n\nBe brief."


def test_new_lines_are_asked_for_at_the_cursor() -> None:
    system, user = insert_messages(
        action("implement"),
        instruction=None,
        material="",
        surroundings=f"def f():\n    {CURSOR_MARK}",
        language_id="python",
        path="a.py",
        user_system="",
    )
    assert "only the new lines" in system.content
    assert user.content == (
        f"File `a.py`, language python.\n\ndef f():\n    {CURSOR_MARK}\n\n"
        f"Task: {action('implement').instruction}"
    )


def test_every_edit_action_says_what_to_do() -> None:
    for each in ACTIONS:
        if each.outcome == "edit":
            assert edit(name=each.id)[1].content.endswith(f"Task: {each.instruction}")
