"""The report of the benchmarks: shown at the end, and kept in the docs where all of them ran."""

from __future__ import annotations

import compileall
import os
import platform
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pygpt_lsp
from tests.bench.report import Measure, Report
from tests.support.environment import clean_env

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.api_server import ScriptedApi

_PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"
_REPORT = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_REPORT] = Report()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash[_REPORT]
    if table := report.text():
        terminalreporter.section("benchmarks")
        terminalreporter.write_line(table)
    if not report.complete:
        return
    python = f"{platform.python_implementation()} {'.'.join(platform.python_version_tuple()[:2])}"
    page = report.markdown(f"{python}, {platform.system()}, {os.cpu_count()} processors")
    _PAGE.write_text(page, encoding="utf-8")


@pytest.fixture(scope="session")
def compiled() -> None:
    """All bytecode is there, for ours and for bare pygls: a user's second start, not the first."""
    for folder in (sysconfig.get_path("purelib"), Path(pygpt_lsp.__file__).parent):
        compileall.compile_dir(folder, quiet=2, workers=0)


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Iterator[Callable[[str, Measure], None]]:
    """Notes a measure in its section; the test fails at its end where a bound is missed."""
    missed: list[str] = []

    def note(section: str, measure: Measure) -> None:
        request.config.stash[_REPORT].add(section, measure)
        if not measure.held:
            missed.append(" ".join(measure.cells()))

    yield note
    assert not missed, "\n".join(missed)


@pytest.fixture
def env(api: ScriptedApi, home: Path) -> dict[str, str]:
    """The environment of a server: an empty home, and loopback alone."""
    return clean_env(home, **api.env())
