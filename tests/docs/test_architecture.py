"""docs/architecture.md names files; each of them exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")


def test_every_file_that_the_architecture_names_exists() -> None:
    named = set(re.findall(r"`((?:core|services|lsp|tests)/[\w/]+\.py)`", TEXT))
    assert named
    assert {
        name for name in named if not ((ROOT / name).exists() or (ROOT / "pygpt_lsp" / name).exists())
    } == set()


def test_every_runtime_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = project.split("dependencies = [", 1)[1].split("]", 1)[0]
    packages = re.findall(r'"([a-z0-9]+)', listed)
    reasons = TEXT.split("## Runtime dependencies", 1)[1]
    assert packages
    assert [name for name in packages if name not in reasons] == []
