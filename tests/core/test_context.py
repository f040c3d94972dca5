"""What goes along with a question: in order of importance, no line twice, within the budget."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.context import (
    IMPORTANCE,
    ContextPart,
    Diagnostic,
    Severity,
    collect_context,
    fence_for,
    fit_to_budget,
    render_part,
)
from pygpt_lsp.core.text import Position, TextSnapshot
from pygpt_lsp.core.tokens import TokenEstimator

SOURCE = """\
#!/usr/bin/env python
import os
from a import b

LIMIT = 1


class Größe:
    \"\"\"Says 😀.\"\"\"

    def before(self):
        return 0

    # Adds.
    def add(self, x):
        y = x + LIMIT
        return y

    def after(self):
        return 2
"""


def diagnostic(
    line: int, message: str, severity: Severity = "error", *, end: tuple[int, int] | None = None
) -> Diagnostic:
    return Diagnostic(Position(line, 4), Position(*(end or (line, 6))), severity, message, "ruff", "E1")


def collect(
    first: int, last: int, *diagnostics: Diagnostic, source: str = SOURCE, language_id: str = "python"
) -> dict[str, ContextPart]:
    parts = collect_context(
        TextSnapshot.from_string(source), "src/ö.py", language_id, first, last, diagnostics
    )
    found = {part.kind: part for part in parts}
    assert len(found) == len(parts)
    return found


def test_parts_come_in_the_stated_order_of_importance() -> None:
    parts = collect(15, 15, diagnostic(15, "wrong"))
    assert list(parts) == ["selection", "diagnostics", "definition", "head"]
    assert list(collect(4, 4)) == ["selection", "head", "around"]
    assert sorted(IMPORTANCE, key=lambda kind: IMPORTANCE[kind]) == list(IMPORTANCE)


def test_the_definition_shows_where_the_selection_belongs_and_does_not_repeat_it() -> None:
    parts = collect(15, 15)
    assert parts["selection"].text == "        y = x + LIMIT"
    assert parts["definition"].text == (
        "    # Adds.\n    def add(self, x):\n# … the selection …\n        return y"
    )
    assert (parts["definition"].start_line, parts["definition"].end_line) == (14, 17)


def test_with_a_whole_method_selected_its_class_is_shown() -> None:
    definition = collect(13, 16)["definition"]
    assert definition.text.startswith("class Größe:\n")
    assert "def before" in definition.text
    assert "def add" not in definition.text
    assert definition.text.count("# … the selection …") == 1


def test_a_whole_definition_without_a_parent_comes_with_the_lines_around_it() -> None:
    parts = collect(0, 1, source="def f():\n    return 1\n\nx = f()\n")
    assert list(parts) == ["selection", "around"]
    assert parts["around"].text == "x = f()"
    assert (parts["around"].start_line, parts["around"].end_line) == (4, 4)


def test_the_lines_around_a_selection_outside_of_definitions_are_twenty_each_way() -> None:
    source = "".join(f"x{number} = 1\n" for number in range(100))
    around = collect(50, 51, source=source)["around"]
    assert around.text.split("\n") == [
        *(f"x{number} = 1" for number in range(30, 50)),
        "# … the selection …",
        *(f"x{number} = 1" for number in range(52, 72)),
    ]
    assert (around.start_line, around.end_line) == (31, 72)


def test_the_head_stands_before_the_lines_around_it() -> None:
    parts = collect(4, 4)
    assert parts["head"].text == "import os\nfrom a import b"
    assert "import os" not in parts["around"].text


def test_a_selection_inside_the_head_is_sent_once() -> None:
    parts = collect(2, 2)
    assert parts["selection"].text == "from a import b"
    assert parts["head"].text == "import os"


@pytest.mark.parametrize("source", ["", "\n", "ö", "\f\r\n"])
def test_a_file_with_nothing_else_in_it_is_the_selection_alone(source: str) -> None:
    assert list(collect(0, 5, source=source)) == ["selection"]


def test_line_endings_are_plain_in_a_prompt_and_nothing_else_is_changed() -> None:
    parts = collect(0, 2, source="a\u2028b\r\n\fc\rd")
    assert parts["selection"].text == "a\u2028b\n\fc\nd"


def test_only_diagnostics_of_the_selected_lines_are_sent_the_worst_first() -> None:
    parts = collect(
        14,
        15,
        diagnostic(3, "far"),
        diagnostic(15, "a hint", "hint"),
        diagnostic(15, "wrong\nin two ways"),
        diagnostic(10, "reaches in", "warning", end=(14, 2)),
        diagnostic(13, "ends before", "warning", end=(14, 0)),
    )
    assert parts["diagnostics"].text == (
        "16:5 error: wrong\n  in two ways [ruff E1]\n"
        "11:5 warning: reaches in [ruff E1]\n"
        "16:5 hint: a hint [ruff E1]"
    )


def test_a_diagnostic_without_source_or_code_says_only_what_it_says() -> None:
    nameless = Diagnostic(Position(0, 0), Position(0, 0), "information", "so", "", "")
    assert collect(0, 0, nameless)["diagnostics"].text == "1:1 information: so"


def test_a_long_definition_keeps_its_name_and_the_lines_near_the_selection() -> None:
    body = "".join(f"    x{number} = 1\n" for number in range(1_000))
    definition = collect(700, 700, source="def f():\n" + body)["definition"]
    rows = definition.text.split("\n")
    assert rows[0] == "def f():"
    assert "# … the selection …" in rows
    assert {"    x698 = 1", "    x700 = 1"} < set(rows)
    assert rows.count("# … lines left out …") == 2
    assert len(rows) == 202


def test_lines_of_enormous_length_are_cut_unless_selected() -> None:
    parts = collect(0, 0, source="s" * 5_000 + "\n" + "some words " * 500 + "\n")
    assert parts["selection"].text == "s" * 5_000
    assert parts["around"].text == ("some words " * 91)[:-7] + " …"


def test_a_line_of_enormous_length_is_cut_before_a_word_that_may_be_a_secret() -> None:
    for before in (490, 100):
        parts = collect(0, 0, source="s\n" + f"{'a ' * before}token='{'q7' * 900}'\n")
        assert parts["around"].text == f"{'a ' * before}token=' …"


def test_a_part_is_rendered_with_its_place_and_language() -> None:
    part = ContextPart("selection", "src/ö.tsx", 3, 4, "a\nb", 0, "typescriptreact")
    assert render_part(part) == "### Selection: src/ö.tsx, lines 3-4\n\n```tsx\na\nb\n```"
    assert render_part(part._replace(end_line=3)).startswith("### Selection: src/ö.tsx, line 3\n")
    assert render_part(ContextPart("diff", "", 0, 0, "a", 2)) == "### Diff: untitled\n\n```\na\n```"


def test_a_file_name_cannot_break_out_of_its_heading() -> None:
    part = ContextPart("selection", "a\n## User\nb", 1, 1, "x", 0)
    assert render_part(part).split("\n")[0] == "### Selection: a ## User b, line 1"


@pytest.mark.parametrize(
    ("text", "fence"), [("", "```"), ("`` a", "```"), ("```\n", "````"), ("a ````` b\n```", "``````")]
)
def test_a_fence_is_longer_than_any_in_the_text(text: str, fence: str) -> None:
    assert fence_for(text) == fence


def parts_of(*costs: tuple[str, int]) -> list[ContextPart]:
    """Parts of the given kinds, each of that many lines."""
    return [
        ContextPart(
            kind, "a", 1, count, "\n".join(f"{kind}{number}" for number in range(count)), IMPORTANCE[kind]
        )
        for kind, count in costs
    ]


def line_count(text: str) -> int:
    return text.count("\n") + 1


def test_what_fits_is_kept_whole() -> None:
    parts = parts_of(("selection", 10), ("definition", 10), ("head", 10))
    fitted = fit_to_budget(parts, 42, line_count)
    assert fitted.kept == tuple(parts)
    assert (fitted.dropped, fitted.tokens, fitted.over) == ((), 42, False)


def test_the_least_important_part_is_shortened_first_whatever_the_order() -> None:
    selection, definition, head = parts_of(("selection", 10), ("definition", 10), ("head", 10))
    fitted = fit_to_budget([head, definition, selection], 36, line_count)
    assert fitted.kept[:2] == (selection, definition)
    assert fitted.kept[2].text.split("\n") == [
        *(f"head{number}" for number in range(3)),
        "// … lines left out …",
    ]
    assert (fitted.dropped, fitted.tokens) == ((), 36)


def test_a_part_of_which_nothing_useful_fits_is_dropped() -> None:
    parts = parts_of(("selection", 10), ("definition", 10), ("head", 10))
    fitted = fit_to_budget(parts, 30, line_count)
    assert (fitted.kept, fitted.dropped) == (tuple(parts[:2]), (parts[2],))


def test_a_selection_that_exceeds_the_budget_is_kept_alone_and_said_to() -> None:
    parts = parts_of(("selection", 10), ("diagnostics", 1))
    fitted = fit_to_budget(parts, 13, line_count)
    assert fitted == ((parts[0],), (parts[1],), 14, True)


def test_lines_near_the_selection_stay_longest() -> None:
    source = "".join(f"x{number} = 1\n" for number in range(100))
    around = collect(50, 50, source=source)["around"]
    fitted = fit_to_budget([around], 4 + 2 + 5, line_count)
    assert fitted.kept[0].text.split("\n") == [
        "# … lines left out …",
        "x48 = 1",
        "x49 = 1",
        "# … the selection …",
        "x51 = 1",
        "x52 = 1",
        "# … lines left out …",
    ]


def test_a_part_shortened_twice_says_so_once() -> None:
    body = "".join(f"    x{number} = 1\n" for number in range(1_000))
    definition = collect(700, 700, source="def f():\n" + body)["definition"]
    shorter = fit_to_budget([definition], 30, line_count).kept[0]
    assert shorter.text.startswith("def f():\n")
    assert "    x700 = 1" in shorter.text
    assert shorter.text.count("# … lines left out …") == 2
    assert "left out …\n# … lines" not in shorter.text


TEMPLATES = st.sampled_from(
    ["import a", "def f():", "class A:", "    def g(self):", "    x = 1", "        y = 2", "@a", "# c",
     "x = 1", "int f(int a) {", "}", "/*", "*/", "{", '"""', "    ", "\f", "ö 😀", "````", "\u2028"]
)  # fmt: skip
ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])
LANGUAGES = st.sampled_from(["python", "c", "typescript", "haskell", "elixir", "markdown", "?"])
LINES = st.lists(TEMPLATES, max_size=80)


def tagged(lines: list[str], ending: str) -> TextSnapshot:
    """A text in which every line can be told from every other."""
    return TextSnapshot.from_string(ending.join(f"{line} §{index}§" for index, line in enumerate(lines)))


def tags(text: str) -> list[int]:
    return [int(tag) for tag in re.findall("§([0-9]+)§", text)]


@given(LINES, ENDINGS, st.integers(-1, 90), st.integers(-1, 90), LANGUAGES)
@example(["import a"] * 3 + ["x = 1"] + ["import a"] * 3, "\n", 3, 3, "python")
def test_no_line_is_sent_twice_and_every_selected_one_is(
    lines: list[str], ending: str, first: int, last: int, language_id: str
) -> None:
    text = tagged(lines, ending)
    parts = collect_context(text, "a", language_id, first, last)
    sent = [tag for part in parts for tag in tags(part.text)]
    assert len(sent) == len(set(sent))
    end = min(max(first, last, 0), text.line_count - 1)
    start = min(max(first, 0), end)
    assert tags(parts[0].text) == [index for index in range(start, end + 1) if index < len(lines)]
    for part in parts:
        assert all(part.start_line <= tag + 1 <= part.end_line for tag in tags(part.text))


@given(LINES, st.integers(0, 80), st.integers(0, 10), st.integers(0, 600), LANGUAGES)
def test_optional_parts_never_exceed_the_budget_and_the_selection_stays_whole(
    lines: list[str], first: int, length: int, budget: int, language_id: str
) -> None:
    text = tagged(lines, "\n")
    parts = collect_context(text, "a", language_id, first, first + length, [diagnostic(first, "wrong")])
    estimate = TokenEstimator().estimate
    fitted = fit_to_budget(parts, budget, estimate)
    assert fitted.kept[0] == parts[0]
    assert fitted.over == (estimate(render_part(parts[0])) > budget)
    assert fitted.tokens == sum(estimate(render_part(part)) for part in fitted.kept)
    assert fitted.over or fitted.tokens <= budget
    assert not fitted.over or fitted.kept == parts[:1]
    assert sorted(part.kind for part in fitted.kept + fitted.dropped) == sorted(part.kind for part in parts)
    sent = [tag for part in fitted.kept for tag in tags(part.text)]
    assert len(sent) == len(set(sent))
