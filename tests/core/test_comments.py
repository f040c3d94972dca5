"""A comment `ai: …` is found where it is meant, leaves without a trace, and code is never taken for one."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.comments import Instruction, find_instruction, remove_instruction
from pygpt_lsp.core.text import Position, Range, TextSnapshot


class Found(NamedTuple):
    """With the selection on line `line`, `words` are found, and cutting the comment out leaves `after`."""

    language_id: str
    before: str
    words: str
    after: str
    line: int = 0


FOUND = [
    Found("python", "# ai: do this\nx = 1\n", "do this", "x = 1\n"),
    Found("python", "# AI: do this\nx = 1\n", "do this", "x = 1\n", 1),
    Found("python", "#ai:do this\nx = 1\n", "do this", "x = 1\n"),
    Found("python", "## Ai:  do this  \nx = 1\n", "do this", "x = 1\n"),
    Found("python", "def f():\n    # ai: größer 😀\n    pass\n", "größer 😀", "def f():\n    pass\n", 1),
    Found("python", "x = 1  # ai: make it async\ny = 2\n", "make it async", "x = 1\ny = 2\n"),
    Found("python", "x = 'ö # no'  # ai: yes\r\ny = 2\r\n", "yes", "x = 'ö # no'\r\ny = 2\r\n"),
    Found("python", "x = \"it's\"  # ai: it's\n", "it's", 'x = "it\'s"\n'),
    Found("python", "x = 1  # ai: first\n       # second\ny = 2\n", "first\nsecond", "x = 1\ny = 2\n"),
    Found("python", "x = 1  # ai: one\ny = 2  # two\n", "one", "x = 1\ny = 2  # two\n"),
    Found("python", "x = \'\"\"\"\'\n# ai: one\n", "one", "x = \'\"\"\"\'\n", 1),
    Found("python", "# ai: one\n# two\n# three\nx\n", "one\ntwo\nthree", "x\n", 3),
    Found("python", "# ai: one\n# two\nx\n", "one\ntwo", "x\n", 1),
    Found("python", "# ai:\n# two\nx\n", "two", "x\n"),
    Found("python", "# ai: one\n#\n# about f\nx\n", "one", "#\n# about f\nx\n"),
    Found("python", "# ai: one\n# noqa\nx\n", "one", "# noqa\nx\n"),
    Found("python", "# ai: one\n## two\nx\n", "one", "## two\nx\n"),
    Found("python", "# ai: one\n  # two\nx\n", "one", "  # two\nx\n"),
    Found("python", "# about f\n# ai: one\nx\n", "one", "# about f\nx\n", 2),
    Found("python", "# ai: far\n# ai: near\nx\n", "near", "# ai: far\nx\n", 2),
    Found("python", '"""# ai: no"""  # ai: yes\n', "yes", '"""# ai: no"""\n'),
    Found("python", '"""\ntext\n"""\n# ai: yes\nx', "yes", '"""\ntext\n"""\nx', 4),
    Found("python", "x\n# ai: at the end", "at the end", "x\n", 1),
    Found("python", "\f# ai: after a form feed\rx\r", "after a form feed", "x\r"),
    Found("javascript", "// ai: one\n// two\nf()\n", "one\ntwo", "f()\n"),
    Found("javascript", "f(); // ai: one\n", "one", "f();\n"),
    Found("javascript", 's.replace(/"/g, "") // ai: one\n', "one", 's.replace(/"/g, "")\n'),
    Found("javascript", "x /= 2 /* ai: one */\n", "one", "x /= 2\n"),
    Found("javascript", "x = a /b /* ai: one */ /c\n", "one", "x = a /b /c\n"),
    Found("javascript", "f(/* ai: one */ a)\n", "one", "f(a)\n"),
    Found("javascript", "a /* ai: one */ + b\n", "one", "a + b\n"),
    Found("javascript", "  /* ai: one */ f()\n", "one", "  f()\n"),
    Found("javascriptreact", "<b>\n  {/* ai: one */}\n</b>\n", "one", "<b>\n</b>\n", 1),
    Found("typescript", "/**\n * ai: one\n *   two\n */\nf()\n", "one\ntwo", "f()\n", 4),
    Found("typescript", "/**\n * S\n * ai: one\n * two\n */\nf\n", "one\ntwo", "/**\n * S\n */\nf\n", 5),
    Found("typescript", "/* ai: one\n   two */\nf()\n", "one\ntwo", "f()\n", 1),
    Found("c", "/* ai: one\n   two\n   three */\nf();\n", "one\ntwo\nthree", "f();\n", 1),
    Found("c", "int f() {\n\t// ai: 'quoted\n}\n", "'quoted", "int f() {\n}\n", 1),
    Found("rust", "fn f<'a>(x: &'a str) {} // ai: one\n", "one", "fn f<'a>(x: &'a str) {}\n"),
    Found("rust", "/// Says.\n// ai: one\nfn f() {}\n", "one", "/// Says.\nfn f() {}\n", 2),
    Found("go", "x := '\"' // ai: one\n", "one", "x := '\"'\n"),
    Found("lua", "-- ai: one\nlocal x\n", "one", "local x\n"),
    Found("lua", "--[[ ai: one\n two ]]\nlocal x\n", "one\ntwo", "local x\n"),
    Found("sql", "select 1 -- ai: one\n", "one", "select 1\n"),
    Found("haskell", "f' = g' -- ai: one\n", "one", "f' = g'\n"),
    Found("haskell", "{- ai: one -}\nf = 1\n", "one", "f = 1\n", 1),
    Found("html", "<p>\n<!-- ai: one -->\n</p>\n", "one", "<p>\n</p>\n", 1),
    Found("html", "<p>\n<!--\n  ai: one\n  two\n-->\n</p>\n", "one\ntwo", "<p>\n</p>\n", 5),
    Found("markdown", "ö\n\n<!-- ai: one -->\ntext\n", "one", "ö\n\ntext\n", 3),
    Found("htmldjango", "<p>{# ai: one #}</p>\n", "one", "<p></p>\n", 0),
    Found("blade", "{{-- ai: one --}}\n<p>\n", "one", "<p>\n", 1),
    Found("handlebars", "{{!-- ai: one --}}\n{{! two }}\n", "one", "{{! two }}\n", 1),
    Found("erb", "<%# ai: one %>\n<p>\n", "one", "<p>\n", 1),
    Found("wat", "(; ai: one ;)\n(module)\n", "one", "(module)\n", 1),
    Found("emacs-lisp", ";; ai: one\n(f 'x)\n", "one", "(f 'x)\n", 1),
    Found("ini", "; ai: one\n[a]\n", "one", "[a]\n"),
    Found("tex", "\\section{50\\% off} % ai: one\n", "one", "\\section{50\\% off}\n"),
    Found("matlab", "x = A' * B'; % ai: one\n", "one", "x = A' * B';\n"),
    Found("vim", '" ai: one\nlet x = 1\n', "one", "let x = 1\n"),
    Found("vim", 'let x = "a" " ai: one\n', "one", 'let x = "a"\n'),
    Found("sh", "echo \"$x\" # ai: one\n", "one", 'echo "$x"\n'),
    Found("yaml", "a: it's fine  # ai: one\n", "one", "a: it's fine\n"),
    Found("css", "a { color: red; } /* ai: one */\n", "one", "a { color: red; }\n"),
    Found("ocaml", "let x = 1 (* ai: one *)\n", "one", "let x = 1\n"),
    Found("bat", "REM ai: one\r\necho\r\n", "one", "echo\r\n"),
    Found("no-such-language", "-- ai: one\nx\n", "one", "x\n"),
]  # fmt: skip


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case.language_id}: {case.before!r}")
def test_an_instruction_is_found_and_cut_out_whole(case: Found) -> None:
    text = TextSnapshot.from_string(case.before)
    found = find_instruction(text, case.line, case.line, case.language_id)
    assert found is not None
    assert found.text == case.words
    assert str(text.replace(Range(found.start, found.end), "")) == case.after
    assert remove_instruction(text, 0, text.line_count - 1, found) == case.after


LOOK_ALIKES = [
    ("python", "x = '# ai: no'\n"),
    ("python", 'x = f"{a}  # ai: no"\n'),
    ("python", "x = 'it\\'s  # ai: no'\n"),
    ("python", 'x = """a\n# ai: no\n"""\n'),
    ("python", "x = '''a\n  b  # ai: no\n'''\n"),
    ("python", "# mail: no\n"),
    ("python", "# the ai: no\n"),
    ("python", "# see # ai: no\n"),
    ("python", "# ai\n"),
    ("python", "# ai:\n"),
    ("python", "# ai:   \nx\n"),
    ("python", "ai: int = 1\n"),
    ("python", "d = {ai: 1}\n"),
    ("python", "# openai: no\n"),
    ("cpp", "// ai::Model is the model\n"),
    ("cpp", "ai::Model m; // see above\n"),
    ("javascript", "const u = 'http://ai: no'\n"),
    ("javascript", "const u = `\n// ai: no\n`\n"),
    ("javascript", "const r = /\\/\\/ ai: no/\n"),
    ("javascript", "const o = { ai: 1 }\n"),
    ("javascript", "/* ai: never closed\nf()\n"),
    ("typescript", "type T = { ai: string }\n"),
    ("typescript", "// ai://host/path\n"),
    ("c", "x--; y = \"/* ai: no */\";\n"),
    ("go", "var s = `\n// ai: no\n`\n"),
    ("rust", 'let s = "// ai: no";\n'),
    ("shellscript", "echo '# ai: no'\n"),
    ("shellscript", "echo a#ai: no\n"),
    ("vim", 'let x = "ai: no"\n'),
    ("yaml", "ai: no\n"),
    ("yaml", "url: 'x # ai: no'\n"),
    ("json", '{"//": "// ai: no", "ai": 1}\n'),
    ("markdown", "# ai: a heading\n"),
    ("markdown", "write `<!-- ai: no -->` there\n"),
    ("lua", 'x = "-- ai: no"\n'),
    ("sql", "select '-- ai: no'\n"),
    ("tex", "50\\% ai: no\n"),
    ("plaintext", "A letter to ai: no\n"),
    ("python", ""),
]  # fmt: skip


@pytest.mark.parametrize(("language_id", "source"), LOOK_ALIKES)
def test_what_only_looks_like_an_instruction_is_none(language_id: str, source: str) -> None:
    text = TextSnapshot.from_string(source)
    for line in range(text.line_count):
        assert find_instruction(text, line, line, language_id) is None
    assert find_instruction(text, 0, text.line_count - 1, language_id) is None


def test_a_blank_line_keeps_an_instruction_above_from_the_selection() -> None:
    text = TextSnapshot.from_string("# ai: one\n\nx = 1\n")
    assert find_instruction(text, 2, 2, "python") is None


def test_a_trailing_instruction_belongs_to_its_own_line() -> None:
    text = TextSnapshot.from_string("x = 1  # ai: one\ny = 2\n")
    assert find_instruction(text, 1, 1, "python") is None


def test_the_first_instruction_in_the_selection_wins_over_one_above() -> None:
    text = TextSnapshot.from_string("# ai: above\nx = 1\n# ai: first\ny = 2\n# ai: second\n")
    found = find_instruction(text, 1, 4, "python")
    assert found == Instruction("first", Position(2, 0), Position(3, 0))


def test_cutting_leaves_lines_alone_that_do_not_hold_the_comment() -> None:
    text = TextSnapshot.from_string("# ai: one\n# two\nx = 1\r\ny = 2")
    found = find_instruction(text, 2, 3, "python")
    assert found is not None
    assert remove_instruction(text, 2, 3, found) == "x = 1\r\ny = 2"
    assert remove_instruction(text, 1, 2, found) == "x = 1\r\n"


def test_an_instruction_is_found_late_in_a_long_selection() -> None:
    text = TextSnapshot.from_string("ai = 1\n" * 3_000 + "# ai: here\n")
    found = find_instruction(text, 0, text.line_count, "python")
    assert found is not None
    assert found.start == Position(3_000, 0)


def test_generated_lines_of_enormous_length_are_passed_over() -> None:
    text = TextSnapshot.from_string("x = 1; " * 2_000 + "# ai: one\n# ai: two\n")
    found = find_instruction(text, 0, 1, "python")
    assert found is not None
    assert found.text == "two"


PIECES = st.sampled_from(
    ["ai: x", "AI:", "#", "//", "/*", "*/", "<!--", "-->", "'", '"', '"""', "`", "\\", "--", "[[", "]]", "{",
     "}", " ", "\n", "\r\n", "\r", "\f", "\t", "ö", "😀", "\u2028", "x", "%", ";", "*", "\ud800"]
)  # fmt: skip
LANGUAGES = st.sampled_from([*sorted({case.language_id for case in FOUND}), "", "pascal", "jsx"])


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(-2, 30), st.integers(-2, 30), LANGUAGES)
@example("# ai: x", 0, 0, "python")
def test_any_text_may_be_searched_and_only_a_comment_is_cut(
    source: str, first: int, last: int, language_id: str
) -> None:
    text = TextSnapshot.from_string(source)
    found = find_instruction(text, first, last, language_id)
    if found is None:
        return
    assert text.clamp(found.start) == found.start < found.end == text.clamp(found.end)
    assert "ai:" in text.slice(Range(found.start, found.end)).lower()
    start, end = text.offset_at(found.start), text.offset_at(found.end)
    assert remove_instruction(text, 0, text.line_count - 1, found) == source[:start] + source[end:]
