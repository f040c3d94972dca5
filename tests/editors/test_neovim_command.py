"""The plugin's command in real Neovim: questions, actions, pickers, and a server that is not there."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.actions import ACTION_IDS
from tests.editors.neovim import Neovim
from tests.editors.test_main_job import SO_FAR, explain
from tests.editors.test_neovim_chats import LINES, wait_until_idle
from tests.editors.workspace import CONFIGS, DOCUMENT_REPLY, DOCUMENTED, GREET_LINES, SOURCE

if TYPE_CHECKING:
    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

SUBCOMMANDS = (
    "action apply ask chat history last model preview privacy regenerate send status stop".split()  # noqa: SIM905
)


@pytest.mark.parametrize("lines", ["", "4,6"])
def test_a_question_typed_behind_the_command_is_answered_in_a_chat(
    lines: str, neovim: Neovim, api: ScriptedApi
) -> None:
    api.reply("Because of the ö 😀.")

    neovim.command(f"{lines}PyGPT ask why the ö?")

    neovim.wait_for("Because of the ö")
    [request] = api.requests
    assert "why the ö?" in request.text
    assert ("greet.py:4-6" in neovim.screen()) == bool(lines)


def test_a_question_without_a_range_is_about_the_buffer_wherever_a_menu_was_opened_before(
    neovim: Neovim, api: ScriptedApi
) -> None:
    api.reply("Because of the ö 😀.")
    neovim.command("call search('return')")
    neovim.type("gra")
    neovim.wait_for("PyGPT: Simplify")
    neovim.keys("Enter")

    neovim.command("PyGPT ask why the ö?")

    neovim.wait_for("Because of the ö")
    assert f"> #file:greet.py:1-{len(SOURCE.splitlines())}" in neovim.screen()


def test_a_question_about_a_visual_selection_is_typed_in_a_prompt(neovim: Neovim, api: ScriptedApi) -> None:
    api.reply("Because of the ö 😀.")
    neovim.command("xmap gA <Plug>(pygpt-ask)")
    neovim.select_lines("def greet", GREET_LINES)

    neovim.type("gA")
    neovim.wait_for("Ask PyGPT:")
    neovim.type("Warum 😀?")
    neovim.keys("Enter")

    neovim.wait_for("Because of the ö")
    assert "> #file:greet.py:4-6" in neovim.screen()
    assert "Warum 😀?" in api.requests[0].text


@pytest.mark.parametrize("how", ["PyGPT ask why the ö?", "PyGPT send"])
def test_the_answer_to_a_question_in_a_chat_is_followed_from_its_last_line(
    how: str, neovim: Neovim, api: ScriptedApi
) -> None:
    explain(neovim, api).finish()
    wait_until_idle(neovim)
    if how == "PyGPT send":
        neovim.type("Gowhy the ö?")
        neovim.normal()
    api.reply(LINES)

    neovim.command(how)

    neovim.wait_for("Reason 99 is")
    wait_until_idle(neovim)
    assert neovim.ask("line('w$') == line('$')")
    assert "why the ö?" in api.requests[-1].text
    neovim.type("u")
    assert neovim.ask("getline('$')") == "why the ö?", "one undo step"


def test_without_a_word_the_command_offers_all_it_can_do(neovim: Neovim) -> None:
    neovim.command("PyGPT")

    neovim.agree("status .*")

    neovim.wait_for("nothing is running")


def test_an_action_is_run_by_its_name_on_a_range_and_is_one_undo(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    api.reply(DOCUMENT_REPLY)

    neovim.command("4,6PyGPT action document")

    neovim.wait_for("Greet `name` with")
    assert neovim.save(workspace.source) == DOCUMENTED
    neovim.type("u")
    assert neovim.save(workspace.source) == SOURCE


def test_an_action_with_words_is_told_them_and_without_a_name_the_menu_opens(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    api.reply(DOCUMENT_REPLY)
    neovim.go_to("def greet")
    neovim.command("PyGPT action rewrite document it, with ö")
    neovim.wait_for("Greet `name` with")

    neovim.command("PyGPT action")

    neovim.wait_for("PyGPT: Explain")
    assert "document it, with ö" in api.requests[0].text


def test_the_command_line_completes_what_may_stand_there(neovim: Neovim, workspace: Workspace) -> None:
    prompts = workspace.root / ".pygpt/prompts"
    prompts.mkdir(parents=True)
    (prompts / "übersetze.md").write_text("Translate {{selection}}.\n", encoding="utf-8")

    def completed(line: str) -> list[str]:
        return neovim.ask(f"getcompletion('{line}', 'cmdline')")

    assert completed("PyGPT ") == SUBCOMMANDS
    assert completed("PyGPT pr") == ["preview", "privacy"]
    assert completed("4,6PyGPT action ex") == ["explain"]
    assert completed("PyGPT ask w") == []
    neovim.go_to("def greet")
    neovim.wait_until(lambda: "user:übersetze" in completed("PyGPT action user:"), "the user's prompt")
    assert set(completed("PyGPT action ")) >= {*ACTION_IDS} - {"ask"}


def test_a_mistyped_subcommand_is_told_in_a_sentence(neovim: Neovim) -> None:
    neovim.command("PyGPT aks why?")

    neovim.wait_for("PyGPT: There is no :PyGPT aks: see :help :PyGPT.")


def test_of_many_models_one_is_chosen_from_a_list(neovim: Neovim, api: ScriptedApi) -> None:
    api.models = [f"gpt-{number}" for number in range(20)]

    neovim.command("PyGPT model")
    neovim.agree("gpt-17")

    neovim.wait_for("The model is gpt-17")
    assert neovim.ask("getcompletion('PyGPT model gpt-1', 'cmdline')")[0] == "gpt-1"
    assert neovim.ask("winnr('$')") == 1


def test_of_few_models_one_is_chosen_from_the_servers_question(neovim: Neovim, api: ScriptedApi) -> None:
    api.models = ["gpt-5.5", "gpt-ö"]

    neovim.command("PyGPT model")
    neovim.agree("gpt-ö")

    neovim.wait_for("The model is gpt-ö")


def test_an_answer_is_there_again_after_quitting_without_saving_and_choosing_it_from_the_history(
    editors: Editors, neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    explain(neovim, api).finish()
    neovim.wait_until(lambda: workspace.answers()[0].status == "done", "the end of the answer")
    neovim.quit()
    [chat] = workspace.chats()
    chat.unlink()

    with Neovim(editors, workspace.source, cwd=workspace.root, env=workspace.env() | api.env()) as again:
        again.attached()
        again.command("PyGPT history answer")
        again.agree(r"Explain .*")
        again.wait_for(SO_FAR.removesuffix(" 😀"))
        assert again.ask("winnr('$')") == 2

        again.command("PyGPT history")
        again.agree("Show them as a page.*")
        again.wait_for("# History")
        again.command("PyGPT history nothing_like_it")
        again.wait_for("Nothing found")  # on the page, which is open


def test_several_answers_are_stopped_as_the_user_chooses(neovim: Neovim, api: ScriptedApi) -> None:
    first = explain(neovim, api)
    second = api.stream()
    second.send("And this 😀")
    neovim.command("wincmd p")
    neovim.command("PyGPT ask second?")
    neovim.wait_for("And this")

    neovim.command("PyGPT stop")
    neovim.wait_for("Type number")
    neovim.type("3")
    neovim.keys("Enter")

    assert second.taken().client_closed.wait(10)
    assert not first.taken().client_closed.is_set()
    neovim.wait_until(lambda: neovim.lua("#require([[pygpt.progress]]).jobs()") == 1, "one job to be left")
    neovim.command("PyGPT stop")
    assert first.taken().client_closed.wait(10)


def test_a_server_that_was_killed_is_started_again_and_is_told_of_every_change(
    neovim: Neovim, api: ScriptedApi
) -> None:
    stream = explain(neovim, api)
    [server] = neovim.children("pygpt-lsp")
    os.kill(server, signal.SIGKILL)
    stream.finish()
    neovim.wait_until(lambda: set(neovim.children("pygpt-lsp")) - {server}, "another server")
    neovim.attached()
    api.reply("I am back 😀.")

    neovim.command("PyGPT ask are you back, ö?")

    neovim.wait_for("I am back")
    assert "are you back, ö?" in api.requests[-1].text
    assert neovim.ask("winnr('$')") == 2, "in the same chat"
    assert neovim.lua("require([[pygpt]]).status()").startswith("PyGPT: ")


def test_a_server_that_keeps_dying_is_left_alone_until_the_command_is_used(
    neovim: Neovim, api: ScriptedApi
) -> None:
    dead: set[int] = set()
    for _ in range(4):
        neovim.wait_until(lambda: set(neovim.children("pygpt-lsp")) - dead, "another server")
        [server] = set(neovim.children("pygpt-lsp")) - dead
        dead.add(server)
        os.kill(server, signal.SIGKILL)

    neovim.wait_for("PyGPT: The server has died 4 times and is left alone")
    assert not set(neovim.children("pygpt-lsp")) - dead
    neovim.command("PyGPT status")
    neovim.wait_for("nothing is running")


def test_without_a_line_in_the_configuration_the_command_starts_the_server(
    editors: Editors, workspace: Workspace, api: ScriptedApi
) -> None:
    (workspace.home / ".config/nvim/init.lua").write_text("")
    api.reply("Here I am 😀.")
    env = workspace.env() | api.env()
    with Neovim(editors, workspace.source, cwd=workspace.root, env=env) as neovim:
        assert neovim.lua("package.loaded[ [[pygpt.command]] ] == nil")
        neovim.command("PyGPT stop")
        neovim.wait_for("Nothing is running.")
        assert not neovim.children("pygpt-lsp")
        neovim.command("help")

        neovim.command("PyGPT status")  # in a help page
        neovim.wait_for("nothing is running")
        neovim.command("close")
        neovim.command("PyGPT ask are you there?")
        neovim.wait_for("Here I am")
        assert len(neovim.children("pygpt-lsp")) == 1


def test_where_the_server_is_not_installed_the_command_and_the_health_check_say_what_to_do(
    editors: Editors, workspace: Workspace, api: ScriptedApi
) -> None:
    (workspace.home / ".config/nvim/init.lua").write_text("vim.g.pygpt = { split = 1, folow = true }")
    (workspace.home / "bin/pygpt-lsp").unlink()
    with Neovim(editors, workspace.source, cwd=workspace.root, env=workspace.env()) as neovim:
        neovim.command("PyGPT status")
        neovim.wait_for("PyGPT: pygpt-lsp is not found: install it")

        neovim.command("checkhealth pygpt")

        screen = neovim.wait_for("Chats are Markdown")
        for sentence in (
            "ERROR pygpt-lsp is not found",
            "vim.g.pygpt has no option folow.",
            'vim.g.pygpt.split must be one of "vertical", "horizontal", false.',
            "OPENAI_API_KEY is not set here",
        ):
            assert sentence in screen


def test_the_health_check_finds_nothing_wrong(neovim: Neovim, workspace: Workspace) -> None:
    neovim.command("checkhealth pygpt")

    screen = neovim.wait_for("Chats are Markdown")
    assert "ERROR" not in screen
    assert f"The server runs for {workspace.root}" in screen
    assert "OK pygpt-lsp 0" in screen


def test_every_subcommand_is_in_the_help() -> None:
    tags = (CONFIGS / "neovim/doc/tags").read_text().splitlines()

    assert {f":PyGPT-{name}" for name in SUBCOMMANDS} <= {line.partition("\t")[0] for line in tags}
