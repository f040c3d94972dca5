"""A workspace's files for tests of ignore rules, and what is excluded and listed of them."""

from __future__ import annotations

from pathlib import Path

from pygpt_lsp.services.ignore_rules import IgnoreRules

IGNORE_FILES = [".gitignore", ".aiignore", ".cursorignore", ".aiderignore"]


def put(path: Path, content: str = "x") -> Path:
    """A file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    return path


def excluded(root: Path, path: str) -> str | None:
    """The pattern that excludes a path below the root."""
    rule = IgnoreRules(root).rule_for(Path(path))
    return rule and rule.pattern


def listed(root: Path, *extra: str) -> set[str]:
    """The files that are listed, without the ignore files themselves."""
    paths = {path.relative_to(root).as_posix() for path in IgnoreRules(root, extra).walk()}
    return {path for path in paths if path.rpartition("/")[2] not in IGNORE_FILES}
