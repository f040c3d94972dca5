"""Chats in real Neovim with the plugin: beside the code, followed while they arrive, one undo, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.chat import parse_chat
from tests.editors.pictures import keep_pictures
from tests.editors.screenshot import PICTURES, screenshot
from tests.editors.test_main_job import SO_FAR, explain
from tests.editors.workspace import GREET_LINES, SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim import Neovim
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

LINES = "".join(f"\nReason {number} is öbvious 😀.\n" for number in range(100))
"""More than a window shows."""
DELTAS = 2000
LONGEST = 0.050
"""Seconds for which our code may keep Neovim at a time."""
MEASURED = """
Spent = { cpu = 0, wall = 0, calls = 0 }
local function measured(run)
  return function(...)
    local cpu, wall = os.clock(), vim.uv.hrtime()
    local results = { run(...) }
    Spent.cpu = math.max(Spent.cpu, os.clock() - cpu)
    Spent.wall = math.max(Spent.wall, (vim.uv.hrtime() - wall) / 1e9)
    Spent.calls = Spent.calls + 1
    return unpack(results)
  end
end
local client = vim.lsp.get_clients({ name = "pygpt" })[1]
for method, handler in pairs(client.handlers) do
  client.handlers[method] = measured(handler)
end
for name, functions in pairs({ progress = { "update", "status" }, saving = { "soon", "all" } }) do
  local module = require("pygpt." .. name)
  for _, key in ipairs(functions) do
    module[key] = measured(module[key])
  end
end
"""


def test_a_chat_opens_beside_the_code_and_its_window_follows_the_answer_unless_the_user_scrolled(
    neovim: Neovim, api: ScriptedApi
) -> None:
    stream = explain(neovim, api)
    assert neovim.ask("winnr('$')") == 2
    assert "def greet" in neovim.screen()

    stream.send(LINES)
    neovim.wait_for("Reason 99 is")
    neovim.wait_until(lambda: neovim.ask("line('w$') == line('$')"), "the window to follow")
    assert neovim.ask("line('$') - line('w0') + 1 == winheight(0)"), "filled"

    neovim.type("gg")
    stream.send("\nThe next 😀.\n")
    wait_for_text(neovim, "The next")
    assert neovim.ask("[line('.'), line('w0')]") == [1, 1], "left alone"

    neovim.type("G")
    neovim.command("wincmd p")
    neovim.wait_until(lambda: neovim.ask("winnr()") == 1, "the code's window")
    was_at = neovim.ask("getcurpos()")
    stream.send(LINES + "🏁")
    stream.finish()
    neovim.wait_for("🏁")
    assert neovim.ask("getcurpos()") == was_at, "in the code nothing moves"


def test_one_undo_takes_back_an_answer_but_not_what_the_user_typed(neovim: Neovim, api: ScriptedApi) -> None:
    stream = explain(neovim, api)
    for number in range(5):
        stream.send(f" piece{number}")
        wait_for_text(neovim, f"piece{number}")
    neovim.go_to_end()
    neovim.type("oMine 😀")
    neovim.normal()
    for number in range(5, 10):
        stream.send(f" piece{number}")
        wait_for_text(neovim, f"piece{number}")
    stream.finish()
    wait_until_idle(neovim)
    second = api.stream()
    neovim.command("PyGPT send")
    second.send("Another ")
    wait_for_text(neovim, "Another")
    second.send("answer ö.")
    second.finish()
    wait_for_text(neovim, "answer ö.")
    wait_until_idle(neovim)

    undo(neovim)
    assert "Another" not in text(neovim)
    assert "Mine 😀" in text(neovim)
    undo(neovim)
    assert "piece4" in text(neovim)
    assert "piece5" not in text(neovim)
    undo(neovim)
    assert "Mine 😀" not in text(neovim)
    assert "piece4" in text(neovim)
    undo(neovim)
    assert SO_FAR not in text(neovim)
    assert "E790" not in neovim.ask("execute('messages')")


def test_an_undo_in_the_middle_of_an_answer_harms_nothing(neovim: Neovim, api: ScriptedApi) -> None:
    stream = explain(neovim, api)
    stream.send(" and on")
    wait_for_text(neovim, "and on")

    undo(neovim)
    stream.send(" and on 🏁")
    stream.finish()

    wait_for_text(neovim, "🏁")
    assert "Error" not in neovim.ask("execute('messages')")


def test_one_types_in_the_code_while_an_answer_streams_and_both_are_whole(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    stream = explain(neovim, api)
    neovim.command("wincmd p")
    typed = "# wäre 😀 das nicht schön?"

    neovim.type("Go")
    for character in typed:
        stream.send(" ö")
        neovim.type(character)
    stream.send(" 🏁")
    stream.finish()
    wait_for_text(neovim, "🏁", window=2)
    neovim.normal()

    assert neovim.save(workspace.source) == SOURCE + typed + "\n"
    [chat] = workspace.chats()
    neovim.wait_until(lambda: "🏁" in chat.read_text("utf-8"), "the chat to be saved")
    _, answer, _ = parse_chat(chat.read_text("utf-8")).turns
    assert answer.text == SO_FAR + " ö" * len(typed) + " 🏁"


def test_a_chat_is_saved_by_itself_without_autocommands_and_a_deleted_one_does_not_come_back(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    neovim.command("autocmd BufWritePre * call setline(1, 'formatted')")
    stream = explain(neovim, api)
    stream.send(" 🏁")
    stream.finish()
    wait_for_text(neovim, "🏁")
    neovim.wait_until(lambda: neovim.ask("&modified") == 0, "the chat to be saved")
    [chat] = workspace.chats()
    assert chat.read_text("utf-8") == text(neovim)
    assert "🏁" in text(neovim)

    neovim.type("Goas a draft 😀")
    neovim.normal()
    neovim.wait_until(lambda: "as a draft" in chat.read_text("utf-8"), "the draft to be saved")
    assert "formatted" not in chat.read_text("utf-8")

    chat.unlink()
    neovim.type("Gomore")
    neovim.normal()
    neovim.command("call v:lua.require'pygpt.saving'.all()")
    assert not chat.exists()


def test_a_chat_in_the_users_own_cache_is_saved_too_and_one_elsewhere_is_left_to_the_user(
    neovim: Neovim, tmp_path: Path
) -> None:
    kept = tmp_path / ".cache/pygpt-lsp/workspaces/0123/chats/ö.chat.md"
    moved = tmp_path / "moved/ö.chat.md"
    for chat in (moved, kept):
        chat.parent.mkdir(parents=True)
        chat.write_text("## User\n\n", "utf-8")
        neovim.command(f"edit {chat}")
        neovim.type("Goa draft 😀")
        neovim.normal()

    neovim.wait_until(lambda: "a draft 😀" in kept.read_text("utf-8"), "the draft to be saved")
    neovim.command("call v:lua.require'pygpt.saving'.all()")
    assert "a draft" not in moved.read_text("utf-8")


def test_a_chat_is_saved_as_soon_as_its_answer_has_ended(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    neovim.command("lua require('pygpt.saving').soon = function() end")
    stream = explain(neovim, api)
    stream.send(" 🏁")
    stream.finish()

    neovim.wait_until(lambda: "🏁" in workspace.chats()[0].read_text("utf-8"), "the chat to be saved")


def test_a_chat_that_is_not_saved_yet_does_not_keep_neovim_from_ending(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    explain(neovim, api).finish()
    wait_until_idle(neovim)
    neovim.type("Goa draft 😀")
    neovim.normal()

    neovim.command("qa")

    neovim.wait_for_end()
    assert "a draft 😀" in workspace.chats()[0].read_text("utf-8")


def test_options_open_a_chat_below_or_in_the_same_window(neovim: Neovim, api: ScriptedApi) -> None:
    neovim.command("let g:pygpt = {'split': 'horizontal', 'follow': v:false}")
    explain(neovim, api).finish()
    assert neovim.ask("[winlayout()[0], winnr(), line('.')]") == ["col", 2, 1]
    wait_until_idle(neovim)
    neovim.command("close")
    neovim.command("let g:pygpt = {'split': v:false}")
    api.reply("Here 😀.")

    neovim.command("PyGPT ask where?")

    neovim.wait_for("Here 😀")
    assert neovim.ask("winnr('$')") == 1


def test_the_status_line_tells_what_runs_and_how_it_ended(neovim: Neovim, api: ScriptedApi) -> None:
    neovim.command("set laststatus=3 statusline=[%{v:lua.require'pygpt'.status()}]")
    stream = explain(neovim, api)
    neovim.wait_for("[PyGPT: Explain greet.py")
    stream.finish()

    neovim.wait_for("tokens in,")


def test_500_deltas_a_second_never_keep_neovim_for_50_milliseconds(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    neovim.command("set statusline=%{v:lua.require'pygpt'.status()}")
    script = workspace.home / "measure.lua"
    script.write_text(MEASURED)
    neovim.command(f"luafile {script}")
    reply = api.reply(deltas=[f"wörd{number} \n"[: 9 + number % 2] for number in range(DELTAS)], delta_ms=1.0)
    neovim.select_lines("def greet", GREET_LINES)
    neovim.choose("PyGPT: Explain")

    wait_for_text(neovim, f"wörd{DELTAS - 1}")
    wait_until_idle(neovim)

    spent = neovim.lua("Spent")
    times = reply.taken().delta_times
    print(f"{DELTAS / (times[-1] - times[0]):.0f} deltas/s; longest, in seconds: {spent}")
    assert spent["calls"] > 10
    assert spent["cpu"] < LONGEST  # of the processor's time: others may have the machine meanwhile


def test_pictures_of_a_menu_and_a_chat_are_those_in_the_docs(
    neovim: Neovim, api: ScriptedApi, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    neovim.resize(120, 30)
    # How far the answer is would differ each time.
    running = "%{substitute(v:lua.require'pygpt'.status(),'?.*','?','')}"
    neovim.command(f"set termguicolors noruler laststatus=3 statusline=%t%={running}")
    neovim.select_lines("def greet", GREET_LINES)
    neovim.menu()
    screenshot(neovim.screen(styled=True), pictures / "neovim-menu")
    neovim.keys("Escape")
    neovim.wait_until(lambda: "Type number" not in neovim.screen(), "the menu to close")
    neovim.normal()

    stream = api.stream()
    neovim.command("4,6PyGPT ask Why the ö 😀?")
    stream.send(
        "Because of the **ö** 😀:\n\n```python\nö = greet(name)\n```\n\nIt greets in German, and so on"
    )
    neovim.wait_for("and so on")
    neovim.keys("C-l")
    neovim.wait_until(lambda: ":4,6PyGPT" not in neovim.screen(), "the command line to be empty")
    neovim.wait_for("PyGPT: Why the ö 😀?")
    screenshot(neovim.screen(styled=True), pictures / "neovim-chat")
    stream.finish()

    keep_pictures(pictures, PICTURES)


def text(neovim: Neovim, *, window: int = 0) -> str:
    """What the buffer in a window says, by default the current one."""
    return neovim.ask(f"join(getbufline(winbufnr({window}), 1, '$'), nr2char(10))") + "\n"


def wait_for_text(neovim: Neovim, words: str, *, window: int = 0) -> None:
    neovim.wait_until(lambda: words in text(neovim, window=window), repr(words))


def undo(neovim: Neovim) -> None:
    before = text(neovim)
    neovim.type("u")
    neovim.wait_until(lambda: text(neovim) != before, "the undo")


def wait_until_idle(neovim: Neovim) -> None:
    neovim.wait_until(lambda: neovim.lua("#require([[pygpt.progress]]).jobs()") == 0, "the end of the jobs")
