"""Which file a line of an answer names, and which lines name none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.edits.file_kinds import fits
from pygpt_lsp.core.edits.paths import (
    Named,
    path_in_comment,
    path_in_info,
    path_in_line,
    path_in_sentence,
)

NAMES = {
    "src/app.py": "src/app.py",
    "**src/app.py**": "src/app.py",
    "**src/app.py:**": "src/app.py",
    "**`src/app.py`**:": "src/app.py",
    "*src/app.py*": "src/app.py",
    "### `src/app.py`": "src/app.py",
    "#### 2. src/app.py:": "src/app.py",
    "- `src/app.py`": "src/app.py",
    "3) src/app.py": "src/app.py",
    "> src/app.py": "src/app.py",
    "File: src/app.py": "src/app.py",
    "**File:** `src/app.py`": "src/app.py",
    "Filename: src/app.py": "src/app.py",
    "File path: src/app.py": "src/app.py",
    "File 2: `src/app.py`": "src/app.py",
    "New file: src/app.py": "src/app.py",
    "Create `src/app.py`:": "src/app.py",
    "`src/app.py` (new file)": "src/app.py",
    "`src/app.py` – updated": "src/app.py",
    "[src/app.py](src/app.py)": "src/app.py",
    '"src/app.py"': "src/app.py",
    "📄 src/app.py": "src/app.py",
    "./src/app.py": "src/app.py",
    ".\\src\\app.py": "src/app.py",
    "C:\\src\\app.py": "C:/src/app.py",
    "../app.py": "../app.py",
    "~/app.py": "~/app.py",
    "/etc/app.conf": "/etc/app.conf",
    "`docs/my notes.md`": "docs/my notes.md",
    "src/größe😀.py": "src/größe😀.py",
    "__init__.py": "__init__.py",
    "src/__init__.py": "src/__init__.py",
    "Makefile": "Makefile",
    "Dockerfile:": "Dockerfile",
    "LICENSE": "LICENSE",
    "`README`": "README",
    ".gitignore": ".gitignore",
    ".env.local": ".env.local",
    ".eslintrc": ".eslintrc",
    "go.mod": "go.mod",
    "app/(auth)/[id]/+page.svelte": "app/(auth)/[id]/+page.svelte",
    "@scope/pkg/index.ts": "@scope/pkg/index.ts",
    "`bin/run`": "bin/run",
    "./run": "run",
}

NO_NAMES = (
    "src/two words.py",
    "",
    "   ",
    "Here is the code:",
    "In src/app.py we call:",
    "`src/app.py` and `src/b.py`",
    "src/app.py, src/b.py",
    "Update the imports",
    "### License",
    "### Node.js",
    "TODO:",
    "README",
    "e.g.:",
    "i.e.",
    "1.2.3",
    "v2.0",
    "3.14",
    "example.com",
    "https://example.com/a.py",
    "www.example.com/a.py",
    "example.com/about",
    "`application/json`",
    "`python src/app.py`",
    "`npm run build.js`",
    "`cat notes.txt`",
    "src/",
    "f(x).py",
    "a = b.py",
    "| src/app.py |",
    "```",
    "=======",
    "...",
    "*",
    "x" * 1000 + ".py",
)

UNSURE = ("Linux/macOS", "client/server", "`console.run`", "self.value", "### Fix client/server")
PARTS = (
    "`src/app.py:10`",
    "src/app.py:10-20",
    "src/app.py#L5-L9",
    "In `src/app.py`:",
    "src/app.py (excerpt)",
)


@pytest.mark.parametrize("line", NAMES)
def test_a_line_that_holds_a_path_and_its_dress_names_a_file(line: str):
    named = path_in_line(line)
    assert named == Named(NAMES[line])


@pytest.mark.parametrize("line", NO_NAMES)
def test_other_lines_name_none(line: str):
    named = path_in_line(line)
    assert named is None or not named.sure


@pytest.mark.parametrize("line", UNSURE)
def test_a_word_with_a_slash_or_a_dot_is_not_surely_a_file(line: str):
    named = path_in_line(line)
    assert named is not None
    assert not named.sure


@pytest.mark.parametrize("line", PARTS)
def test_a_line_can_say_that_it_means_a_part_of_the_file(line: str):
    assert path_in_line(line) == Named("src/app.py", part=True)


def test_a_line_can_say_that_it_means_all_of_the_file():
    assert path_in_line("src/app.py (complete file)") == Named("src/app.py", whole=True)


@pytest.mark.parametrize(
    "info",
    [
        "src/app.py",
        "python src/app.py",
        "python:src/app.py",
        'python title="src/app.py"',
        "python {filename='src/app.py'}",
        "{.python file=src/app.py}",
        "python path=src/app.py {1-3}",
        "python src/app.py (new)",
    ],
)
def test_an_info_string_names_a_file(info: str):
    assert path_in_info(info) == Named("src/app.py")


@pytest.mark.parametrize(
    "info",
    ["", "python", "c++", "objective-c", "makefile", "Dockerfile", 'js title="Example"', "python {1,3}"],
)
def test_a_language_is_no_file(info: str):
    assert path_in_info(info) is None


def test_lines_cited_in_an_info_string_are_a_part_of_the_file():
    assert path_in_info("12:15:src/app.py") == Named("src/app.py", part=True)


@pytest.mark.parametrize(
    "comment",
    [
        "# src/app.py",
        "// src/app.py",
        "//src/app.py",
        "-- src/app.py",
        "; src/app.py",
        "% src/app.py",
        "/* src/app.py */",
        "{/* src/app.py */}",
        "<!-- src/app.py -->",
        "(* src/app.py *)",
        "# File: src/app.py",
        "// filename: src/app.py",
    ],
)
def test_a_comment_names_a_file(comment: str):
    assert path_in_comment(comment) == Named("src/app.py")


@pytest.mark.parametrize(
    "comment",
    ["#!/bin/sh", "#!/usr/bin/env python", "# see src/app.py", "x = 1", "# -*- coding -*-", "#", "//"],
)
def test_another_comment_names_none(comment: str):
    assert path_in_comment(comment) is None


def test_a_heading_of_markdown_is_no_comment():
    assert path_in_comment("# README.md", "markdown") is None
    assert path_in_comment("<!-- README.md -->", "markdown") == Named("README.md")


def test_a_sentence_names_a_file_if_it_names_one_and_leads_to_the_block():
    assert path_in_sentence("Then, in `src/app.py`, change `f()` so:") == "src/app.py"
    assert path_in_sentence("Move it from `src/a.py` to `src/b.py`:") == ""
    assert path_in_sentence("It is in `src/app.py`.") == ""


@pytest.mark.parametrize(
    ("language", "path"),
    [
        ("", "src/app.py"),
        ("py", "src/app.py"),
        ("python", "src/app.pyi"),
        ("javascript", "src/App.tsx"),
        ("html", "src/App.vue"),
        ("bash", "run.sh"),
        ("sh", "bin/run"),
        ("text", "requirements.txt"),
        ("text", "LICENSE"),
        ("jsonc", "tsconfig.json"),
        ("yml", "a.yaml"),
        ("made-up", "src/app.py"),
        ("python", "a.made-up"),
        ("makefile", "Makefile"),
        ("cpp", "a.h"),
    ],
)
def test_a_language_fits_its_files(language: str, path: str):
    assert fits(language, path)


@pytest.mark.parametrize(
    ("language", "path"),
    [
        ("bash", "src/app.py"),
        ("bash", "Makefile"),
        ("console", "run.sh"),
        ("output", "notes.txt"),
        ("text", "src/app.py"),
        ("json", "src/app.py"),
        ("python", "README.md"),
        ("javascript", "a.py"),
        ("powershell", "run.sh"),
    ],
)
def test_a_language_that_contradicts_the_name_does_not_fit(language: str, path: str):
    assert not fits(language, path)


@given(st.text(max_size=450))
def test_any_line_can_be_asked(line: str):
    for answer in (path_in_line(line), path_in_comment(line), path_in_info(line)):
        assert answer is None or answer.path
    assert isinstance(path_in_sentence(line), str)
