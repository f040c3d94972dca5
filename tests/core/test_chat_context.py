"""Context lines: what a user may type, and what is written for one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_context import (
    ContextKind,
    format_context_ref,
    format_symbol_ref,
    parse_context_line,
)


@pytest.mark.parametrize(
    ("line", "kind", "path", "lines"),
    [
        ("> #file:src/app.py", "file", "src/app.py", (None, None)),
        ("> #file:src/app.py:10", "file", "src/app.py", (10, 10)),
        ("> #file:src/app.py:10-40", "file", "src/app.py", (10, 40)),
        (">#file: src/app.py:40-10  ", "file", "src/app.py", (10, 40)),
        ("  >  #File:src/app.py:0-3", "file", "src/app.py", (1, 3)),
        ("#file:my file.py:7", "file", "my file.py", (7, 7)),
        ("> #file:C:\\src\\a.py", "file", "C:\\src\\a.py", (None, None)),
        ("> #file:C:\\src\\a.py:1-2", "file", "C:\\src\\a.py", (1, 2)),
        ("> #file:file:///tmp/a%20b.py:1-2", "file", "file:///tmp/a%20b.py", (1, 2)),
        ("> #file:ö 😀.py:1", "file", "ö 😀.py", (1, 1)),
        ('> #file:"a:12"', "file", "a:12", (None, None)),
        ('> #file:"a:12":3-4', "file", "a:12", (3, 4)),
        ('> #file:"a\\nb"', "file", "a\nb", (None, None)),
        ("> #rules:AGENTS.md", "rules", "AGENTS.md", (None, None)),
        ("> #rules", "unknown", None, (None, None)),
        ("> #diagnostics:a.py:1-2", "diagnostics", "a.py", (1, 2)),
        ("> #diagnostics", "diagnostics", None, (None, None)),
        ("> #selection", "selection", None, (None, None)),
        ("#buffer", "buffer", None, (None, None)),
        ("> #DIFF", "diff", None, (None, None)),
        ("> #symbole:Foo.bar", "unknown", None, (None, None)),
        ("> #symbol", "unknown", None, (None, None)),
        ("> #symbol:", "unknown", None, (None, None)),
        ("> #symbol:two words", "unknown", None, (None, None)),
        ('> #symbol:"unfinished:x', "unknown", None, (None, None)),
        ('> #symbol:"":x', "unknown", None, (None, None)),
        ("> #selection:x", "unknown", None, (None, None)),
        ("> #file", "unknown", None, (None, None)),
        ("> #file:", "unknown", None, (None, None)),
        ('> #file:"unfinished', "unknown", None, (None, None)),
    ],
)
def test_a_line_names_context(
    line: str, kind: str, path: str | None, lines: tuple[int | None, int | None]
) -> None:
    (ref,) = parse_context_line(line, 5)
    assert (ref.kind, ref.path, (ref.start_line, ref.end_line), ref.line) == (kind, path, lines, 5)
    assert ref.raw == line.strip().removeprefix(">").strip()


@pytest.mark.parametrize(
    ("line", "path", "name"),
    [
        ("> #symbol:greet", None, "greet"),
        ("#Symbol: grüße", None, "grüße"),
        ("> #symbol:Counter.add", None, "Counter.add"),
        ("> #symbol:std::vector::at", None, "std::vector::at"),
        ("> #symbol:src/app.py:greet", "src/app.py", "greet"),
        ("> #symbol:my file.rs:Counter::add", "my file.rs", "Counter::add"),
        ("> #symbol:C:\\src\\a.py:greet", "C:\\src\\a.py", "greet"),
        ("> #symbol:file:///tmp/a%20b.py:greet", "file:///tmp/a%20b.py", "greet"),
        ('> #symbol:"a:":greet', "a:", "greet"),
        ("> #symbol:lib.el:with-😀?", "lib.el", "with-😀?"),
    ],
)
def test_a_line_names_a_definition(line: str, path: str | None, name: str) -> None:
    (ref,) = parse_context_line(line, 5)
    assert (ref.kind, ref.path, ref.name, ref.line) == ("symbol", path, name, 5)
    assert (ref.start_line, ref.end_line) == (None, None)


def test_names_without_a_path_may_share_a_line() -> None:
    assert [ref.kind for ref in parse_context_line("> #buffer #diff  #selection", 0)] == [
        "buffer",
        "diff",
        "selection",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        ">",
        "> quoted",
        "> # Heading",
        "# Heading",
        "#include <a>",
        "#todo",
        "> #123 fixes it",
        "> #a b",
        "#!/bin",
    ],
)
def test_ordinary_text_names_none(line: str) -> None:
    assert parse_context_line(line, 0) == ()


paths = st.text(min_size=1) | st.text(st.sampled_from('a:1-" \\%\n\r\t\x7f\u2028\udc80ö😀'), min_size=1)


@given(
    st.sampled_from(["file", "diagnostics", "rules"]),
    paths,
    st.none() | st.integers(1, 10**8),
    st.integers(0, 10**8),
)
@example("file", "a:1", None, 0)
@example("file", '"', 1, 0)
@example("file", "\udc80", 1, 2)
def test_every_path_is_read_back_from_one_line(
    kind: ContextKind, path: str, start: int | None, more: int
) -> None:
    end = None if start is None else start + more
    line = format_context_ref(kind, path, start, end)
    assert not set(line) & set("\r\n")
    assert line.encode("utf-8")
    (ref,) = parse_context_line(line, 3)
    assert ref[:5] == (kind, path, start, end, 3)
    (turn,) = parse_chat(f"## User\n\n{line}\nwhy?\n").turns
    assert (turn.context[0][:4], turn.question) == ((kind, path, start, end), "why?")


names = st.from_regex(r'[^\s:"\\]+(::[^\s:"\\]+){0,2}', fullmatch=True).filter(str.isprintable)


@given(names, st.none() | paths)
@example("a", ":")
@example("a::b", "c:")
@example("b", "a::b")
@example("b", '"')
def test_every_symbol_is_read_back_from_one_line(name: str, path: str | None) -> None:
    line = format_symbol_ref(name, path)
    assert not set(line) & set("\r\n")
    (ref,) = parse_context_line(line, 3)
    assert (ref.kind, ref.path, ref.name) == ("symbol", path, name)
    (turn,) = parse_chat(f"## User\n\n{line}\nwhy?\n").turns
    assert (turn.context[0].name, turn.question) == (name, "why?")


@pytest.mark.parametrize("name", ["", "a b", "a:b", 'a"', "a\\b", ":a"])
def test_a_symbol_that_cannot_be_read_back_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        format_symbol_ref(name)


@pytest.mark.parametrize("kind", ["selection", "buffer", "diagnostics", "diff"])
def test_every_kind_without_a_path_is_read_back(kind: ContextKind) -> None:
    (ref,) = parse_context_line(format_context_ref(kind), 0)
    assert ref.kind == kind


@pytest.mark.parametrize(
    "values",
    [
        ("file",),
        ("file", ""),
        ("unknown",),
        ("symbol", "a"),
        ("buffer", "a.py"),
        ("diagnostics", None, 1),
        ("file", "a", 0),
        ("file", "a", 3, 2),
        ("file", "a", None, 2),
    ],
)
def test_what_cannot_be_read_back_is_not_written(values: tuple[ContextKind, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        format_context_ref(*values)  # pyright: ignore[reportArgumentType] # the table's rows differ in length


def test_context_in_a_fence_or_in_an_answer_is_text() -> None:
    document = parse_chat(
        "## User\n\n```\n> #file:a\n```\n> #file:b\n\n"
        "## Assistant\n\n> #file:c\n\n## User\n\n> #selection\r\n"
    )
    assert [[ref.path for ref in turn.context] for turn in document.turns] == [["b"], [], [None]]
    assert document.turns[0].question == "```\n> #file:a\n```"
    assert document.turns[1].question == document.turns[1].text == "> #file:c"


def test_an_unknown_name_stays_in_the_question_so_that_nothing_vanishes() -> None:
    (turn,) = parse_chat("## User\n\n> #symbole:x\nwhy?").turns
    assert turn.context[0].raw == "#symbole:x"
    assert turn.question == "> #symbole:x\nwhy?"


def test_a_question_keeps_its_own_indentation_and_escapes() -> None:
    (turn,) = parse_chat("## User\r\n\r\n> #buffer\r\n  \r\n    code\r\n\\## User\r\n> #diff\r\n\r\n").turns
    assert turn.question == "    code\n## User"
    assert [ref.line for ref in turn.context] == [2, 6]
