"""What is being typed in a chat, and what is offered for it; `|` is the cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core import completion_items as items
from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_completion import Wanted, wanted_at
from pygpt_lsp.core.chat_context import parse_context_line
from pygpt_lsp.core.presets import Preset
from pygpt_lsp.core.text import TextSnapshot
from pygpt_lsp.core.user_prompts import BUILT_IN
from pygpt_lsp.services.front_matter import FrontMatter

TURN = "---\nmodel: a\n---\n\n## User\n\n{}\n"


def wanted(text: str) -> Wanted | None:
    before, _, after = text.partition("|")
    source = before + after
    snapshot = TextSnapshot.from_string(source)
    return wanted_at(snapshot, parse_chat(source), snapshot.position_at(len(before)))


def in_turn(line: str, above: str = "") -> Wanted:
    found = wanted(TURN.format(above + line))
    assert found is not None
    return found


def taken(line: str, insert: str, above: str = "") -> str:
    """The line once something is chosen at its cursor."""
    found = in_turn(line, above)
    whole = line.replace("|", "")
    return whole[: found.start] + insert + whole[found.end :]


@pytest.mark.parametrize(
    ("line", "wish", "query", "about"),
    [
        ("#|", "mention", "", ""),
        ("> #|", "mention", "", ""),
        ("  >#sel|", "mention", "sel", ""),
        ("#größe😀|", "mention", "größe😀", ""),
        ("#src/a.p|", "mention", "src/a.p", ""),
        ("#file:|", "path", "", "file"),
        ("> #File: src/a|", "path", "src/a", "file"),
        ("> #file:my fi|", "path", "my fi", "file"),
        ('> #file:"my fi|', "path", "my fi", "file"),
        ('> #file:"a\\"b\\u00f6|"', "path", 'a"bö', "file"),
        ('> #file:"a\\|', "path", "a", "file"),
        ("#diagnostics:a|", "path", "a", "diagnostics"),
        ("#rules:A|", "path", "A", "rules"),
        ("> #symbol:|", "symbol", "", ""),
        ("> #symbol:Counter.a|", "symbol", "Counter.a", ""),
        ("> #symbol:std::v|", "symbol", "std::v", ""),
        ("> #symbol:src/a.py:gr|", "symbol", "gr", "src/a.py"),
        ('> #symbol:"a b:":gr|', "symbol", "gr", "a b:"),
        ("#buffer #d|", "mention", "d", ""),
        ("/|", "prompt", "", ""),
        ("/ex|", "prompt", "ex", ""),
        ("@|", "preset", "", ""),
        ("@re| why?", "preset", "re", ""),
        ("@reviewer /ex|", "prompt", "ex", ""),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_what_is_being_typed_is_seen(line: str, wish: str, query: str, about: str, eol: str) -> None:
    found = wanted(TURN.format(line).replace("\n", eol))
    assert found is not None
    assert (found.wish, found.query, found.about) == (wish, query, about)
    before = line.partition("|")[0]
    assert before[found.start :] == found.typed


@pytest.mark.parametrize(
    "text",
    [
        TURN.format("C#|"),
        TURN.format("see a/b|"),
        TURN.format("me@example.org|"),
        TURN.format(" /ex|"),
        TURN.format("##|"),
        TURN.format("# Title|"),
        TURN.format("#todo fix|"),
        TURN.format("#include:|"),
        TURN.format("    #|"),
        TURN.format("#file:a.py:1|"),
        TURN.format("#file:a.py:10-|"),
        TURN.format("#file:a.py:|"),
        TURN.format('#file:"a b":|'),
        TURN.format('#file:"a b"|'),
        TURN.format("#symbol:a b|"),
        TURN.format("why?\n/ex|"),
        TURN.format("why?\n\n@re|"),
        TURN.format("/explain /te|"),
        TURN.format("> #nonsense\n/ex|"),
        TURN.format("```c\n#|\n```"),
        TURN.format("```c\n#|"),
        "#|",
        "preamble\n\n/|\n\n## User\n",
        "## User\n\nwhy?\n\n## Assistant\n\n#|\n",
        "## User\n\nwhy?\n\n## Assistant\n\n> #file:|\n\n## User\n",
        "## User|\n",
        "---\nmodel: a\n---|\n",
        "---|\nmodel: a\n---\n",
        "---\n  mod|\n---\n",
        "---\nmodel: a # why|\n---\n",
        "---\nmodel: a\n---\nmod|\n",
        "---\n\nmod|\n",
        "",
    ],
)
def test_nothing_is_seen_in_prose_answers_and_code(text: str) -> None:
    assert wanted(text) is None


def test_a_question_may_begin_below_context_lines_and_blank_ones() -> None:
    above = "> #file:a.py:1-2\n\n#selection #diff\n"
    assert in_turn("/ex|", above).wish == "prompt"
    assert in_turn("@re|", above).wish == "preset"
    assert in_turn("#|", above + "why?\n").wish == "mention"


@pytest.mark.parametrize(
    ("line", "insert", "after"),
    [
        ("#fi|", "> #file:a.py", "> #file:a.py"),
        ("#|rest", "> #buffer", "> #buffer"),
        ("  #fi|le:", "> #file:", "  > #file:"),
        ("> #file:src/a|pp.py:10-40", "#file:b.py", "> #file:b.py:10-40"),
        ("> #file:src/a|pp and more.py", "#file:b.py", "> #file:b.py"),
        ("> #file:a|  ", "#file:b.py", "> #file:b.py  "),
        ('> #file:"a b|c.py":3', "#file:b.py", "> #file:b.py:3"),
        ("#buffer #di|ff #selection", "#diagnostics", "#buffer #diagnostics #selection"),
        ("#symbol:a.py:x|yz", "> #symbol:a.py:f", "> #symbol:a.py:f"),
        ("/ex|plain it", "/explain", "/explain it"),
        ("@a| why", "@b", "@b why"),
    ],
)
def test_what_is_chosen_replaces_what_was_typed(line: str, insert: str, after: str) -> None:
    assert taken(line, insert) == after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nmo|\n---\n", ("key", 0, 2, "mo", "")),
        ("---\nmo|del: a\n---\n", ("key", 0, 7, "mo", "")),
        ("---\n|\n---\n", ("key", 0, 0, "", "")),
        ("---\na: b\nmo|\n---\n\n## User\n", ("key", 0, 2, "mo", "")),
        ("---\nmodel:|\n---\n", ("value", 6, 6, "", "model")),
        ("---\nmodel: gpt|-4 # why\n---\n", ("value", 7, 12, "gpt", "model")),
        ('---\nmodel: "gpt|-4"\n---\n', ("value", 7, 14, "gpt", "model")),
        ("---\nmodel: g|", ("value", 7, 8, "g", "model")),
        ("---\nmo|\n\n## User\n", ("key", 0, 2, "mo", "")),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_keys_and_values_of_the_front_matter_are_seen(
    text: str, expected: tuple[str, int, int, str, str], eol: str
) -> None:
    found = wanted(text.replace("\n", eol))
    assert found is not None
    assert (found.wish, found.start, found.end, found.query, found.about) == expected


@given(
    st.lists(
        st.sampled_from(["#", "/", "@", ":", ">", " ", '"', "\\", "```", "\n", "\r\n", "## User\n", "---\n"])
        | st.sampled_from(["## Assistant\n", "#file:", "#symbol:", "model:", "a.py", "ö😀", ":1-2", "C"]),
        max_size=30,
    ).map("".join),
    st.data(),
)
def test_in_any_text_only_what_is_typed_is_replaced(source: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    snapshot, chat = TextSnapshot.from_string(source), parse_chat(source)
    position = snapshot.position_at(at)
    found = wanted_at(snapshot, chat, position)
    if found is not None:
        content = snapshot.line_content(position.line)
        assert 0 <= found.start <= position.character <= found.end <= len(content)
        assert content[found.start : position.character] == found.typed
        turn = chat.turn_at(position.line)
        assert turn is None or chat.turns[turn].role == "user"


paths = st.text(min_size=1) | st.text(st.sampled_from('a:1-" \\%\n\r\t\x7f\u2028\udc80ö😀'), min_size=1)


@given(paths, st.sampled_from(["#|", "> #file:x|", "> #diagnostics:|", "#rules:|", "> #symbol:x|"]))
def test_every_file_that_is_chosen_is_named_by_its_line(path: str, line: str) -> None:
    found = in_turn(line)
    (item,) = items.file_items(found, [(path, "")])
    chosen = taken(line, item.insert) + ("x" if found.wish == "symbol" else "")
    (ref,) = parse_context_line(chosen, 0)
    assert (ref.kind, ref.path) == (found.about or ("symbol" if found.wish == "symbol" else "file"), path)
    assert item.filter_text.startswith(found.typed)
    item.label.encode()
    item.filter_text.encode("utf-8", "surrogatepass")


def test_the_kinds_of_context_that_begin_as_typed_are_offered() -> None:
    assert [item.label for item in items.context_items(in_turn("#|"))] == [
        "#file:", "#selection", "#buffer", "#diagnostics", "#diff", "#symbol:", "#rules:",
    ]  # fmt: skip
    assert [item.insert for item in items.context_items(in_turn("#DI|"))] == ["> #diagnostics", "> #diff"]
    assert [item.insert for item in items.context_items(in_turn("> #s|"))] == ["#selection", "#symbol:"]
    assert [item.insert for item in items.context_items(in_turn("#diff #s|"))] == ["#selection"]


def test_definitions_are_offered_with_their_file_the_best_first() -> None:
    given = [
        ("add", "b c:.py", 3),
        ("Counter.add", "a.py", 7),
        ("Counter.add", "a.py", 9),
        ('operator"', "a", 1),
    ]
    offered = items.symbol_items(in_turn("> #symbol:ad|"), given, 9)
    assert [(item.label, item.insert, item.detail) for item in offered] == [
        ("add", "#symbol:b c:.py:add", "b c:.py:4"),
        ("Counter.add", "#symbol:a.py:Counter.add", "a.py:8"),
    ]
    for item in offered:
        (ref,) = parse_context_line(f"> {item.insert}", 0)
        assert (ref.kind, ref.name) == ("symbol", item.label)
    assert len(items.symbol_items(in_turn("> #symbol:|"), given, 1)) == 1


def test_prompts_and_presets_say_what_they_are() -> None:
    prompts = items.prompt_items(BUILT_IN)
    assert "/explain" in [item.insert for item in prompts]
    assert all(item.documentation(markdown=True).count("```") == 2 for item in prompts)
    preset = Preset("careful", "Look ```twice```.", "gpt-5.5", 0.5, "high", None, "For ö")
    (item,) = items.preset_items([preset, Preset("x" * 3)])[:1]
    assert item.detail == "gpt-5.5, temperature 0.5, high reasoning effort"
    assert item.documentation(markdown=True) == "For ö\n\n````\nLook ```twice```.\n````"


def test_what_a_repository_says_of_its_prompts_is_never_rendered() -> None:
    evil = "![x](https://evil.example/p.png) <img src=x> [run](command:y) \x1b[31m\u202e"
    preset = Preset("mine", f"```\n{evil}", None, None, None, None, evil)
    (item,) = items.preset_items([preset])
    said = item.documentation(markdown=True)
    about, _, quoted = said.partition("\n\n")
    assert about.startswith(r"\!\[x\](https://evil.example/p.png) \<img src=x\> \[run\]")
    assert quoted.startswith("````\n")
    assert "\x1b" not in item.documentation(markdown=False)
    assert "\u202e" not in said.partition("````")[0]


def front(line: str) -> Wanted:
    found = wanted(f"---\n{line}\n---\n")
    assert found is not None
    return found


def test_the_front_matter_is_completed_with_what_may_stand_there() -> None:
    assert set(items.KEYS) == set(FrontMatter._fields)
    offered = items.key_items({"model", "temperature"})
    assert [item.insert for item in offered] == ["preset: ", "reasoning_effort: ", "system: "]
    values = items.value_items(front("model: |"), ["gpt-5.5", "ö: 1"], [])
    assert [item.insert for item in values] == ['"gpt-5.5"', '"ö: 1"']
    assert [item.filter_text for item in items.value_items(front('model: "|'), ["a"], [])] == ['"a']
    assert [item.insert for item in items.value_items(front("model:|"), ["a"], [])] == [' "a"']
    assert [item.label for item in items.value_items(front("preset: |"), [], [Preset("p")])] == ["p"]
    (item,) = items.value_items(front("preset: @|"), [], [Preset("p")])
    assert (item.filter_text, item.insert) == ("@p", '"p"')
    assert "high" in [item.label for item in items.value_items(front("reasoning_effort: |"), [], [])]
    assert items.value_items(front("system: |"), ["a"], [Preset("p")]) == []
