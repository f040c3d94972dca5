"""One obvious command each: `uv run nox -s tests|lint|types|imports|editors|bench|privacy`.

Every session uses the environment that nox itself runs in, so `uv.lock` is the only list of versions.
Arguments after `--` go on to the tool.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "imports", "tests"]

EDITORS = ".tools/editors"
EVIDENCE = ".tools/privacy"


@nox.session
def tests(session: nox.Session) -> None:
    """Everything that needs no editor and is no benchmark."""
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and formatting."""
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.run("pyright", *session.posargs)


@nox.session
def imports(session: nox.Session) -> None:
    """The layers: each imports only leftwards."""
    session.run("lint-imports")


@nox.session
def editors(session: nox.Session) -> None:
    """The main job in Helix, Neovim, VS Code and Emacs, unpacked on first use (Debian 12, chromium)."""
    session.run("python", "-m", "tests.editors.install", EDITORS)
    session.run("python", "-m", "tests.editors.install_vscode", EDITORS)
    session.run("python", "-m", "tests.editors.install_aimock", EDITORS)
    session.run("python", "-m", "tests.editors.lint_lua", EDITORS)
    session.run("pytest", "-n2", "-m", "editor", "tests/editors", *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Make the pictures of the docs anew, in the real editors; `editors` tells when that is due.
    The tests that make them have `window` or `picture` in their names."""
    session.run("python", "-m", "tests.editors.install", EDITORS)
    session.run("python", "-m", "tests.editors.install_vscode", EDITORS)
    makers = ("-k", "window or picture")
    session.run("pytest", "-n0", "-m", "editor", "tests/editors", *makers, env={"PYGPT_PICTURES": "1"})


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks, beside a bare pygls server in the same run."""
    session.run("pytest", "-n0", "-m", "bench", *session.posargs)


@nox.session
def privacy(session: nox.Session) -> None:
    """What takes root on Linux to be seen: other users, networks of one's own."""
    Path(EVIDENCE).parent.mkdir(exist_ok=True)
    session.run("pytest", "-n0", "-m", "privacy", "--basetemp", EVIDENCE, "tests/privacy", *session.posargs)
