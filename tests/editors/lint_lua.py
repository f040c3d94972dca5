"""Style and mistakes in the Neovim plugin: `python -m tests.editors.lint_lua DIR [--write]`.

StyLua comes from npm as WebAssembly, with the Node that VS Code's tests unpack; luacheck is a Debian package,
unpacked with the editors. `--write` formats what is not formatted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.editors.install import Editors
from tests.editors.install_vscode import VsCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STYLUA = "@johnnymorganz/stylua@2.5.2"
PLUGIN = Path(__file__).parents[2] / "editors/neovim"


def lint(folder: Path, *, write: bool) -> bool:
    """Whether all is well; what is not is printed. Raises CalledProcessError where a tool cannot be had."""
    editors, vscode = Editors(folder.resolve() / "root"), VsCode(folder.resolve() / "vscode")
    lua = folder.resolve() / "lua"
    package = lua / "node_modules" / STYLUA.rpartition("@")[0]
    if not (package / "package.json").exists():
        lua.mkdir(parents=True, exist_ok=True)
        npm = [
            vscode.bin / "npm",
            "install",
            "--silent",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            STYLUA,
        ]
        subprocess.run(npm, cwd=lua, env=vscode.env(), check=True)
    files = sorted(path.relative_to(PLUGIN) for path in PLUGIN.rglob("*.lua"))
    script = Path(__file__).with_name("stylua.cjs")
    options = ["--write"] if write else []
    is_formatted = _run([vscode.node, script, package, "stylua.toml", *options, *files], vscode.env())
    luacheck = editors.luacheck_command("--no-color", "--quiet", ".")
    return _run(luacheck, {**os.environ, **editors.luacheck_env()}) and is_formatted


def _run(command: Sequence[str | Path], env: Mapping[str, str]) -> bool:
    return subprocess.run(command, cwd=PLUGIN, env=env, check=False).returncode == 0


def main() -> None:
    match sys.argv[1:]:
        case [folder]:
            is_well = lint(Path(folder), write=False)
        case [folder, "--write"]:
            is_well = lint(Path(folder), write=True)
        case _:
            sys.exit("usage: python -m tests.editors.lint_lua DIR [--write]")
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
