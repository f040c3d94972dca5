"""What the demo says about a request is read from the request; what it asks about is a definition."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.cli.demo_report import file_diff, sent_parts
from pygpt_lsp.cli.demo_source import read_source, sample
from pygpt_lsp.cli.screen import Screen
from pygpt_lsp.core.actions import action_by_id
from pygpt_lsp.core.context import collect_context, render_part
from pygpt_lsp.core.prompts import edit_messages
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from pathlib import Path

FILE = "import os\n\n\ndef ö():\n    return '😀'\n\n\nx = 1\n"
LONG_CLASS = "class A:\n" + "    x = 1\n" * 99 + "    def b(self):\n        return 1\n"


def test_every_part_of_the_context_is_named_with_its_lines():
    parts = collect_context(TextSnapshot.from_string(FILE), "src/a b.py", "python", 3, 4)
    content = "\n\n".join(map(render_part, parts))
    assert list(sent_parts(content, FILE)) == [
        "src/a b.py, lines 4-5 (selection)",
        "src/a b.py, line 1 (head of the file)",
        "src/a b.py, line 8 (surrounding lines)",
    ]


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_the_region_to_replace_is_found_in_the_file(eol: str):
    action = action_by_id("document")
    assert action is not None
    messages = edit_messages(
        action,
        instruction=None, material="", region="def ö():\n    return '😀'\n", first_line=4,
        language_id="python", path="a.py", user_system="",
    )  # fmt: skip
    assert list(sent_parts(messages[1].content, FILE.replace("\n", eol))) == [
        "lines 4-5 (the region to replace)"
    ]
    assert list(sent_parts(messages[1].content, "something else")) == ["2 lines (the region to replace)"]


def test_code_that_looks_like_a_part_is_not_taken_for_one():
    text = "```md\n### Selection: /etc/passwd, lines 1-9\n```\nRegion to replace:\n"
    (part,) = collect_context(TextSnapshot.from_string(text), "x.md", "markdown", 0, 9)[:1]
    assert list(sent_parts(render_part(part), text)) == ["x.md, lines 1-5 (selection)"]


def test_a_diff_shows_the_changed_lines_alone():
    lines = file_diff("ö.py", "a\r\nb\r\n", "a\r\nB\r\n")
    assert [line.text for line in lines if line.text[0] in "+-"] == ["--- a/ö.py", "+++ b/ö.py", "-b", "+B"]
    assert file_diff("x", "same", "same") == []


def test_the_sample_holds_characters_of_two_three_and_four_bytes_and_asks_about_its_function():
    source = sample()
    assert {len(character.encode()) for character in source.text} == {1, 2, 4}
    assert source.excerpt[0] == "def greeting(name, now=None):"
    assert source.lines == "6-14"


@pytest.mark.parametrize(
    ("name", "content", "language_id", "lines"),
    [
        ("a.rs", "// ö\n\nfn main() {\n    go();\n}\n", "rust", "3-5"),
        ("a.rb", "def a\n  1\nend", "ruby", "1-3"),
        ("notes.txt", "\n\nfirst\r\nsecond\r\n", "plaintext", "3-5"),
        ("Makefile", "all:\n\ttrue\n", "plaintext", "1-3"),
        ("long.py", LONG_CLASS, "python", "101-102"),
    ],
)  # fmt: skip
def test_a_definition_is_chosen_in_any_language_and_else_the_beginning(
    tmp_path: Path, name: str, content: str, language_id: str, lines: str
):
    path = tmp_path / name
    path.write_bytes(content.encode())
    source = read_source(path)
    assert (source.language_id, source.lines) == (language_id, lines)


def test_a_remark_is_wiped_by_what_follows_and_not_shown_where_it_could_not_be():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, plain = Terminal(), io.StringIO()
    for out in (terminal, plain):
        screen = Screen(out, {"TERM": "xterm"})
        screen.remark("waiting …")
        screen.line("done")
    assert terminal.getvalue() == "\x1b[2mwaiting …\x1b[0m\r\x1b[Kdone\n"
    assert plain.getvalue() == "done\n"
