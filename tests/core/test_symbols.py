"""Definitions by their names: what a chat can call one, in the languages people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.file_languages import language_of
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.outline import LineSpan
from pygpt_lsp.core.symbols import Symbol, is_called, lines_of, symbols
from pygpt_lsp.core.text import TextSnapshot

PYTHON = """\
class Grüße:
    \"\"\"Says:

    def example():
        pass
    \"\"\"

    # Says hello.
    @property
    def name(self):
        return "ö 😀"

    @name.setter
    def name(self, value):
        def inner():
            pass


async def later(): pass
"""


def found(source: str, language_id: str) -> list[str]:
    return [symbol.name for symbol in symbols(TextSnapshot.from_string(source), language_id)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_definitions_of_a_text_have_the_names_of_what_they_are_in(ending: str) -> None:
    text = TextSnapshot.from_string(PYTHON.replace("\n", ending))
    listed = list(symbols(text, "python"))
    assert listed == [
        Symbol("Grüße", 0),
        Symbol("Grüße.name", 9),
        Symbol("Grüße.name", 13),
        Symbol("Grüße.name.inner", 14),
        Symbol("later", 18),
    ]
    assert [lines_of(text, each, "python") for each in listed] == [
        LineSpan(0, 16),
        LineSpan(7, 11),
        LineSpan(12, 16),
        LineSpan(14, 16),
        LineSpan(18, 19),
    ]


@pytest.mark.parametrize(
    ("language_id", "source", "names"),
    [
        ("javascript", "export default async function* add(a) {\n  return a\n}", ["add"]),
        ("javascript", "class A extends B {\n  async get(a) {\n    x()\n  }\n}", ["A", "A.get"]),
        ("typescript", "export const f: F = async (a) => {\n  x()\n}", ["f"]),
        ("typescript", "type A<T> = {\n  x: T\n}", ["A"]),
        ("javascript", "const a = {\n  f: function () {\n    x()\n  },\n}", ["f"]),
        ("javascript", 'describe("x", () => {\n  it("y", () => {\n    z()\n  })\n})', []),
        ("go", "func (t *T[K]) Get(a int) int {\n\treturn 1\n}", ["T.Get"]),
        ("go", "func New(f func(int)) *T {\n\treturn 1\n}", ["New"]),
        ("rust", "impl<T> A for B<T> {\n    pub async fn get(&self) {\n        x();\n    }\n}", ["B.get"]),
        ("rust", "macro_rules! m {\n    () => {}\n}", ["m"]),
        ("cpp", "template <class T>\nint A<T>::get(int a) const {\n  return a;\n}", ["A.get"]),
        ("cpp", "class A {\n  bool operator==(const A& o) {\n    x();\n  }\n};", ["A", "A.operator=="]),
        ("c", "static struct node *\nfind(int a)\n{\n  return a;\n}", ["find"]),
        ("c", "struct node {\n  int a;\n};", ["node"]),
        (
            "csharp",
            "class A\n{\n    public async Task<int> Get<T>(int a)\n    {\n        x();\n    }\n}",
            ["A", "A.Get"],
        ),
        ("java", "public record A(int x) {\n  Map<String, B> get() {\n    return x;\n  }\n}", ["A", "A.get"]),
        ("kotlin", "fun String.shout(): String {\n    return x\n}", ["String.shout"]),
        ("swift", "extension A {\n    init(x: Int) {\n        y()\n    }\n}", ["A", "A.init"]),
        ("scala", "object A:\n  def f(a: Int): Int =\n    a", ["A", "A.f"]),
        ("php", "final class A {\n  public static function get($a) {\n    x();\n  }\n}", ["A", "A.get"]),
        ("ruby", "module A::B\n  def self.empty?\n    true\n  end\nend", ["A.B", "A.B.self.empty?"]),
        ("lua", "function M:get(a)\n  return a\nend", ["M.get"]),
        ("lua", "M.get = function(a)\n  return a\nend", ["M.get"]),
        ("shellscript", "build() {\n  make\n}", ["build"]),
        ("shellscript", "git-größe() {\n  make\n}", ["git-größe"]),
        ("fish", "function build\n  make\nend", ["build"]),
        ("powershell", "function script:Get-Größe {\n  x\n}\nfilter Get-B {\n}", ["Get-Größe", "Get-B"]),
        ("gdscript", "static func f(a):\n\tpass\nclass A:\n\tfunc g():\n\t\tpass", ["f", "A", "A.g"]),
        ("elixir", "defmodule A.B do\n  defp get(a) do\n    a\n  end\nend", ["A.B", "A.B.get"]),
        ("julia", "f(x) = x + 1", ["f"]),
        ("vim", "function! s:get(a) abort\n  return 1\nendfunction", ["s.get"]),
        ("zig", "const A = struct {\n    pub fn get() void {\n        x();\n    }\n};", ["A", "A.get"]),
        ("r", "get <- function(a) {\n  a\n}", ["get"]),
        ("ocaml", "let rec get a =\n  a", ["get"]),
        ("clojure", "(defn get-it! [a]\n  a)", ["get-it!"]),
        ("scheme", "(define (get a)\n  a)", ["get"]),
        ("haskell", "get :: Int\nget = 1\n\nother x = x", ["get", "other"]),
        (
            "haskell",
            "data A = B\nnewtype C a = C a\nclass (Eq a) => D a where\n  d :: a\ninstance D A where\n  d = B",
            ["A", "C", "D"],
        ),
        ("elm", "type alias A =\n    { x : Int }\n\ntype B\n    = C", ["A", "B"]),
        ("protobuf", "message A {\n  int32 x = 1;\n}", ["A"]),
        ("objective-c", "- (void)getIt:(int)a {\n  x();\n}", ["getIt"]),
        ("markdown", "# def f():", []),
        ("no-such-language", "function get(a) {\n  x\n}", ["get"]),
    ],
)
def test_a_definition_has_the_name_that_its_language_gives_it(
    language_id: str, source: str, names: list[str]
) -> None:
    assert found(source, language_id) == names


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("add", True), ("Counter.add", True), ("a.Counter.add", True), ("Counter::add", True),
        ("Counter#add", True), ("b.add", False), ("dd", False), ("Counter", False), ("", False), (".", False),
        ("x.a.Counter.add", False),
    ],
)  # fmt: skip
def test_a_name_may_say_what_the_definition_is_in(name: str, means: bool) -> None:
    assert is_called(Symbol("a.Counter.add", 0), name) is means


def test_one_that_is_too_long_to_find_its_end_has_no_lines() -> None:
    text = TextSnapshot.from_string("def f():\n" + "    x\n" * 3_000)
    assert lines_of(text, Symbol("f", 0), "python") is None


def test_a_delimiter_in_a_comment_hides_no_definition_at_the_left() -> None:
    assert found("// don`t\nfunction f() {\n  x()\n}\n", "javascript") == ["f"]


@given(
    st.lists(
        st.sampled_from(
            ['"""', "`", "def f(", "class A:", "  ", "(", ")", "{", "func (t *T) g", "é😀", "::", "<"]
        )
        | st.text(max_size=3),
        max_size=60,
    ).map("".join),
    st.sampled_from(["python", "cpp", "go", "haskell", "elixir", "clojure", "no-such-language"]),
)
def test_any_text_has_symbols_that_its_own_names_mean(source: str, language_id: str) -> None:
    text = TextSnapshot.from_string(source)
    for symbol in symbols(text, language_id):
        assert is_called(symbol, symbol.name)
        span = lines_of(text, symbol, language_id)
        assert span is None or span.start <= symbol.header < span.end <= text.line_count


def test_the_name_of_a_file_says_its_language() -> None:
    assert language_of("src/a.PY") == "python"
    assert language_of("C:\\src\\größe 😀.rs") == "rust"
    assert [language_of(name) for name in ("a.d/Makefile", "py", "a.xyz", "")] == [""] * 4
    assert canonical(language_of("a.tsx")) == "typescriptreact"
