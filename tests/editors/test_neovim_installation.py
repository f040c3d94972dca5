"""The plugin as it is installed: from a subfolder of the repository, by Neovim's own manager or by hand."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim import Neovim
from tests.editors.workspace import CONFIGS
from tests.support.git_kit import run as git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace
    from tests.support.api_server import ScriptedApi

pytestmark = pytest.mark.editor

BY_HAND = 'vim.opt.rtp:append("{repository}/editors/neovim")'
BY_VIM_PACK = """\
vim.pack.add({{ {{ src = "file://{repository}", name = "pygpt-lsp" }} }}, {{ confirm = false }})
vim.opt.rtp:append(vim.fn.stdpath("data") .. "/site/pack/core/opt/pygpt-lsp/editors/neovim")
"""


@pytest.mark.parametrize("lines", [BY_HAND, BY_VIM_PACK], ids=["by hand", "vim.pack"])
def test_a_line_or_two_install_command_server_health_check_and_help(
    lines: str, editors: Editors, workspace: Workspace, api: ScriptedApi, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(CONFIGS / "neovim", repository / "editors/neovim")
    for arguments in (["init"], ["add", "."], ["commit", "-m", "a version"]):
        git(repository, *arguments)
    configuration = workspace.home / ".config/nvim"
    shutil.rmtree(configuration)
    configuration.mkdir()
    text = lines.format(repository=repository) + '\nvim.lsp.enable("pygpt")\n'
    (configuration / "init.lua").write_text(text)

    env = workspace.env() | api.env()
    with Neovim(editors, workspace.source, cwd=workspace.root, env=env) as neovim:
        neovim.attached()
        neovim.command("PyGPT status")
        neovim.wait_for("nothing is running")
        neovim.command("help :PyGPT-ask")
        neovim.wait_for("Ask about the lines of the range")
        neovim.command("checkhealth pygpt")
        assert "ERROR" not in neovim.wait_for("Chats are Markdown")


def test_the_lines_for_chats_in_the_help_fold_the_chat_and_leave_the_code_alone(
    neovim: Neovim, workspace: Workspace, api: ScriptedApi
) -> None:
    text = (CONFIGS / "neovim/doc/pygpt.txt").read_text()
    (workspace.home / "chats.lua").write_text(
        text[text.index("    vim.api.nvim_create_autocmd") :].partition("<\n")[0]
    )
    neovim.command("luafile ~/chats.lua")

    neovim.command("PyGPT ask why the ö?")

    neovim.wait_for("tokens")  # the hint beside the last heading
    assert neovim.ask("[winnr(), &foldmethod, getwinvar(1, '&foldmethod')]") == [2, "expr", "manual"]
    assert neovim.ask("maparg('<CR>', 'n')") == "<Plug>(pygpt-send)"


def test_the_tags_of_the_help_are_those_that_neovim_makes(editors: Editors, tmp_path: Path) -> None:
    # Managers make them for the repository's own `doc` folder only.
    shutil.copy(CONFIGS / "neovim/doc/pygpt.txt", tmp_path)
    command = [editors.neovim, "--headless", "--clean", "-c", f"helptags {tmp_path}", "-c", "qa"]
    subprocess.run(command, env={"VIMRUNTIME": str(editors.vimruntime)}, check=True, capture_output=True)

    assert (CONFIGS / "neovim/doc/tags").read_text() == (tmp_path / "tags").read_text()
