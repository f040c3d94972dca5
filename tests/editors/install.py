"""Put a current Helix and Neovim beside the host's own packages: `python -m tests.editors.install DIR`.

Debian 12 has no Helix and a Neovim from before LSP could do what we need. Newer Debian packages are
downloaded with a private apt state, unpacked under DIR and made to run with the libraries that came with
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
    from collections.abc import Sequence

SUITES = ("forky", "sid")
"""Where current editors are, best first; packages come and go in a moving suite."""
PACKAGES = ("hx", "neovim", "tmux", "patchelf")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class InstallError(Exception):
    """The editors could not be unpacked; the text says why."""


class Editors(NamedTuple):
    """The unpacked programs under `root`."""

    root: Path

    @property
    def helix(self) -> Path:
        return self.root / "usr/lib/hx/hx"

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

    def versions(self) -> str:
        """One line for each program, as it reports itself. Raises OSError or CalledProcessError if one
        does not run."""
        commands = [[self.helix, "--version"], [self.neovim, "--version"], [self.tmux, "-V"]]
        return "".join(_output(command).splitlines()[0] + "\n" for command in commands)


def install(folder: Path) -> Editors:
    """Unpack the editors under `folder`, unless they are there and run. Raises InstallError."""
    editors = Editors(folder.resolve() / "root")
    complete = editors.root / "versions.txt"
    if complete.is_file() and _runs(editors, complete.read_text()):
        return editors
    mirror = _host_mirror()
    folder.mkdir(parents=True, exist_ok=True)
    for suite in SUITES:
        shutil.rmtree(editors.root, ignore_errors=True)
        try:
            with tempfile.TemporaryDirectory(dir=folder) as private:
                _unpack(_download(Path(private).resolve(), mirror, suite), editors)
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


def _download(private: Path, mirror: str, suite: str) -> list[Path]:
    """Fetch PACKAGES and all they need, as if nothing were installed; the .deb files."""
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
    _output([*apt, "install", "--yes", "--download-only", *PACKAGES])
    return sorted((private / "cache/archives").glob("*.deb"))


def _unpack(packages: list[Path], editors: Editors) -> None:
    editors.root.mkdir(parents=True)
    for package in packages:
        _output(["dpkg", "-x", package, editors.root])
    libraries = next((editors.root / "usr/lib").glob("*-linux-gnu"))
    loader = next(libraries.glob("ld-linux*.so.*"))
    # The programs get their loader and libraries written in, instead of being run as `ld.so PROGRAM` or
    # with LD_LIBRARY_PATH: the server is their child and must run with the host's. patchelf has no child.
    patchelf = [loader, "--library-path", libraries, editors.root / "usr/bin/patchelf"]
    rpath = ["--force-rpath", "--set-rpath", f"{libraries}:{libraries / 'systemd'}"]
    for program in (editors.helix, editors.neovim, editors.tmux):
        _output([*patchelf, "--set-interpreter", loader, *rpath, program])


def _runs(editors: Editors, versions: str) -> bool:
    try:
        return editors.versions() == versions
    except (OSError, subprocess.CalledProcessError):
        return False


def _output(command: Sequence[str | Path]) -> str:
    """What a command prints; its complaints go to our stderr. Raises CalledProcessError, OSError."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.editors.install DIR")
    try:
        editors = install(Path(sys.argv[1]))
    except InstallError as error:
        sys.exit(str(error))
    print(editors.versions(), end="")


if __name__ == "__main__":
    main()
