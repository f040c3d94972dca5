"""Put current editors, and an older Helix, beside the host's own packages:
`python -m tests.editors.install DIR`.

Debian 12 has no Helix, and a Neovim and an Emacs from before LSP could do what we need. Newer Debian packages
are downloaded with a private apt state, unpacked under DIR and made to run with the libraries that came with
them. The host's packages, sources and apt state are read, never changed, and nothing is installed.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SUITES = ("forky", "sid")
"""Where current editors are, best first; packages come and go in a moving suite."""
PACKAGES = ("hx", "neovim", "lua-check", "emacs-nox", "tmux", "patchelf")
OLDER_SUITE = "trixie"
"""Where a Helix is that opens no document for a server (25.01): many users have it."""
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class InstallError(Exception):
    """The editors could not be unpacked; the text says why."""


class Editors(NamedTuple):
    """The unpacked programs under `root`, and the older Helix under `older`."""

    root: Path

    @property
    def older(self) -> Path:
        return self.root.with_name("older")

    @property
    def helix(self) -> Path:
        return self.root / "usr/lib/hx/hx"

    @property
    def older_helix(self) -> Path:
        return self.older / "usr/lib/hx/hx"

    @property
    def emacs(self) -> Path:
        """Emacs for a terminal. It runs only with `emacs_env`."""
        return self.root / "usr/bin/emacs-nox"

    @property
    def neovim(self) -> Path:
        return self.root / "usr/bin/nvim"

    @property
    def tmux(self) -> Path:
        return self.root / "usr/bin/tmux"

    @property
    def vimruntime(self) -> Path:
        """Neovim's runtime files; Neovim looks for them in /usr unless `VIMRUNTIME` names this folder."""
        return self.root / "usr/share/nvim/runtime"

    def emacs_env(self) -> dict[str, str]:
        """What tells Emacs where its own files are; they are not where they were when it was built."""
        share = max((self.root / "usr/share/emacs").glob("[0-9]*"))
        programs = next((self.root / "usr/libexec/emacs").glob("*/*-linux-gnu"))
        return {
            "EMACSLOADPATH": str(share / "lisp"),
            "EMACSDATA": str(share / "etc"),
            "EMACSPATH": str(programs),
        }

    def emacs_command(self, *arguments: str | Path) -> list[str | Path]:
        """A command line that starts Emacs with its dumped state."""
        dump = next((self.root / "usr/libexec/emacs").glob("*/*-linux-gnu/*.pdmp"))
        return [self.emacs, f"--dump-file={dump}", *arguments]

    @property
    def lua(self) -> Path:
        return self.root / "usr/bin/lua5.1"

    def luacheck_env(self) -> dict[str, str]:
        """Where `luacheck_command` finds its parts."""
        parts = self.root / "usr/share/lua/5.1"
        libraries = next((self.root / "usr/lib").glob("*-linux-gnu/lua/5.1"))
        return {"LUA_PATH": f"{parts}/?.lua;{parts}/?/init.lua", "LUA_CPATH": f"{libraries}/?.so"}

    def luacheck_command(self, *arguments: str | Path) -> list[str | Path]:
        """A command line for luacheck, which is a Lua program."""
        return [self.lua, self.root / "usr/bin/luacheck", *arguments]

    def versions(self) -> str:
        """One line for each program, as it reports itself. Raises OSError or CalledProcessError if one
        does not run."""
        commands = [[program, "--version"] for program in (self.helix, self.older_helix, self.neovim)]
        said = [_output(command) for command in [*commands, [self.tmux, "-V"]]]
        said.append(_output(self.emacs_command("--version"), self.emacs_env()))
        said.append(_output(self.luacheck_command("--version"), self.luacheck_env()))
        return "".join(text.splitlines()[0] + "\n" for text in said)


def install(folder: Path) -> Editors:
    """Unpack the editors under `folder`, unless they are there and run. Raises InstallError."""
    editors = Editors(folder.resolve() / "root")
    complete = editors.root / "versions.txt"
    if complete.is_file() and _runs(editors, complete.read_text()):
        return editors
    mirror = _host_mirror()
    folder.mkdir(parents=True, exist_ok=True)
    for suite in SUITES:
        try:
            _unpack(mirror, suite, PACKAGES, editors.root)
            _unpack(mirror, OLDER_SUITE, ("hx", "patchelf"), editors.older)
            for program in (editors.helix, editors.neovim, editors.emacs, editors.tmux, editors.lua):
                _make_run(program, editors.root)
            _make_run(editors.older_helix, editors.older)
            versions = editors.versions()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{suite}: {error}", file=sys.stderr)
            continue
        complete.write_text(versions)
        return editors
    raise InstallError(f"No editors could be unpacked from {mirror}, suites {', '.join(SUITES)}.")


def mirror_of(uris: str, codename: str) -> str | None:
    """The mirror of the release `codename` in what `apt-get update --print-uris` printed, or None."""
    found = re.search(rf"^'(\S+)/dists/{re.escape(codename)}/InRelease'", uris, re.MULTILINE)
    return found[1] if found else None


def _host_mirror() -> str:
    """The mirror that the host itself uses: apt reads its own sources, in whichever of their two formats."""
    try:
        codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
        mirror = mirror_of(_output(["apt-get", "update", "--print-uris"]), codename)
    except (OSError, subprocess.CalledProcessError) as error:
        raise InstallError(f"This needs Debian 12 or later with apt: {error}") from error
    if mirror is None:
        raise InstallError("The apt sources name no mirror of this Debian release.")
    return mirror


def _unpack(mirror: str, suite: str, packages: Sequence[str], root: Path) -> None:
    """Unpack packages and all they need into the new folder `root`."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as private:
        for package in _download(Path(private).resolve(), mirror, suite, packages):
            _output(["dpkg", "-x", package, root])


def _download(private: Path, mirror: str, suite: str, packages: Sequence[str]) -> list[Path]:
    """Fetch packages and all they need, as if nothing were installed; the .deb files."""
    for needed in ("state/lists/partial", "cache/archives/partial"):
        (private / needed).mkdir(parents=True, exist_ok=True)
    (private / "status").touch()
    (private / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {mirror} {suite} main\n")
    options = {
        "Dir::State": private / "state",
        "Dir::State::status": private / "status",
        "Dir::Cache": private / "cache",
        "Dir::Etc::sourcelist": private / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]
    _output([*apt, "update"])
    _output([*apt, "install", "--yes", "--download-only", *packages])
    return sorted((private / "cache/archives").glob("*.deb"))


def _make_run(program: Path, root: Path) -> None:
    """Write into an unpacked program which loader and libraries are its own."""
    # Rather than to run it as `ld.so PROGRAM` or with LD_LIBRARY_PATH: the server is its child and must run
    # with the host's. patchelf has no child.
    libraries = next((root / "usr/lib").glob("*-linux-gnu"))
    loader = next(libraries.glob("ld-linux*.so.*"))
    patchelf = [loader, "--library-path", libraries, root / "usr/bin/patchelf"]
    rpath = ["--force-rpath", "--set-rpath", f"{libraries}:{libraries / 'systemd'}"]
    _output([*patchelf, "--set-interpreter", loader, *rpath, program])


def _runs(editors: Editors, versions: str) -> bool:
    try:
        return editors.versions() == versions
    except (OSError, subprocess.CalledProcessError):
        return False


def _output(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> str:
    """What a command prints, with `env` besides our own environment; its complaints go to our stderr. Raises
    CalledProcessError, OSError."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **(env or {})}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def main(module: str, install: Callable[[Path], object]) -> None:
    """The command line of a module that puts something into the folder DIR."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m tests.editors.{module} DIR")
    try:
        install(Path(sys.argv[1]))
    except InstallError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main("install", lambda folder: print(install(folder).versions(), end=""))
