"""Which rules files of a project count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.rules import MOST_CHARACTERS, ROOT_RULES, rules_part
from pygpt_lsp.services.ignore_rules import IgnoreRules
from pygpt_lsp.services.rules_files import find_rules
from pygpt_lsp.services.workspace_files import WorkspaceFiles
from tests.support.prompt_kit import put

if TYPE_CHECKING:
    from pathlib import Path


def found(root: Path, document: str | None = None) -> tuple[list[str], tuple[str, ...]]:
    """The rules files, relative to the root, and what is said of others."""
    path = root / document if document is not None else None
    rules = find_rules(WorkspaceFiles(IgnoreRules), root, [root], path)
    return [file.path.relative_to(root).as_posix() for file in rules.files], rules.refused


@pytest.mark.parametrize("first", range(len(ROOT_RULES)))
def test_the_first_file_that_there_is_counts(tmp_path: Path, first: int) -> None:
    for name in ROOT_RULES[first:]:
        put(tmp_path, name, "x")
    assert found(tmp_path) == ([ROOT_RULES[first]], ())


def test_without_one_there_are_none(tmp_path: Path) -> None:
    put(tmp_path, "AGENTS.md", "\n \n")
    assert found(tmp_path, "src/a.py") == ([], ())


def test_those_of_the_documents_folders_come_after_the_nearest_last(tmp_path: Path) -> None:
    for name in ("CLAUDE.md", "a/AGENTS.md", "a/b/c/AGENTS.md", "a/b/CLAUDE.md", "x/AGENTS.md"):
        put(tmp_path, name, "x")
    assert found(tmp_path, "a/b/c/d.py") == (["CLAUDE.md", "a/AGENTS.md", "a/b/c/AGENTS.md"], ())
    assert found(tmp_path, "d.py") == (["CLAUDE.md"], ())
    assert found(tmp_path, "../elsewhere/d.py")[0] == ["CLAUDE.md"]


def test_an_excluded_file_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    put(tmp_path, "AGENTS.md", "x")
    put(tmp_path, "CLAUDE.md", "x")
    put(tmp_path, "a/AGENTS.md", "x")
    put(tmp_path, ".aiignore", "AGENTS.md\n")
    assert found(tmp_path, "a/b.py") == (["CLAUDE.md"], ())


def test_a_link_inside_is_followed_and_one_to_elsewhere_is_said(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "docs/rules.md", "x")
    (root / "CLAUDE.md").symlink_to(root / "docs/rules.md")
    (root / "AGENTS.md").symlink_to(put(tmp_path, "outside.md", "secret"))
    names, refused = found(root)
    assert names == ["CLAUDE.md"]
    assert len(refused) == 1
    assert "AGENTS.md lies outside the workspace" in refused[0]


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    put(tmp_path, "AGENTS.md", "a\0b")
    (tmp_path / "CLAUDE.md").mkdir()
    names, refused = found(tmp_path)
    assert names == []
    assert ["AGENTS.md is not a text file" in refused[0], "not a file" in refused[1]] == [True, True]


def test_long_rules_are_cut_at_the_end_of_a_line_with_a_note() -> None:
    line = "ö😀" * 400 + "\r\n"
    part = rules_part("AGENTS.md", line * 100)
    assert len(part.text) < MOST_CHARACTERS + 100
    *lines, blank, note = part.text.split("\n")
    assert {*lines} == {"ö😀" * 400}
    assert (blank, note.startswith("(cut here by pygpt-lsp: 31,")) == ("", True)
    assert rules_part("x", "short ö\r\n").text == "short ö"
    assert "cut here" in rules_part("x", "x" * (MOST_CHARACTERS + 1)).text
