"""The chat document: what is written is what is read, and every text is a document."""

from __future__ import annotations

import re
from typing import Literal

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import ChatRole, parse_chat
from pygpt_lsp.core.chat_escape import FENCE_MARKER
from pygpt_lsp.core.chat_writing import last_line, new_chat, render_chat
from pygpt_lsp.core.text import TextSnapshot
from tests.support.chat_texts import hostile_texts

Eol = Literal["\n", "\r\n"]
ROLES: tuple[ChatRole, ...] = ("user", "assistant")
EOLS: tuple[Eol, ...] = ("\n", "\r\n")

turn_lists = st.lists(st.tuples(st.sampled_from(ROLES), hostile_texts()), max_size=5)


def said(document: str) -> list[tuple[ChatRole, str]]:
    return [(turn.role, turn.text) for turn in parse_chat(document).turns]


def plain_front_matter(text: str) -> bool:
    return re.search(r"^---[ \t]*$", re.sub(r"\r\n?", "\n", text), re.MULTILINE) is None


@given(
    turn_lists, st.none() | hostile_texts().filter(plain_front_matter), hostile_texts(), st.sampled_from(EOLS)
)
@example([("user", "\r"), ("user", "a\r")], None, "", "\n")
@example([("user", "a\r\nb\r")], None, "x\r\n", "\r\n")
@example([("assistant", "```\n"), ("user", "")], None, "---\nx\n---\n", "\n")
@example([("assistant", "```\r"), ("assistant", "~~~")], "", "\n", "\n")
def test_whatever_the_texts_hold_what_is_rendered_is_parsed_back(
    turns: list[tuple[ChatRole, str]], front_matter: str | None, preamble: str, eol: Eol
) -> None:
    rendered = render_chat(front_matter, turns, preamble=preamble, eol=eol)
    document = parse_chat(rendered)
    assert [(turn.role, turn.text) for turn in document.turns] == turns
    if turns or front_matter is not None:
        assert document.eol == eol
    if turns or front_matter is not None or eol == "\n":
        assert document.preamble == preamble
    wanted = None if front_matter is None else re.sub(r"\r\n?", "\n", front_matter)
    assert document.front_matter == wanted


@given(turn_lists)
def test_a_rendered_document_in_crlf_has_no_other_line_endings_than_the_texts_brought(
    turns: list[tuple[ChatRole, str]],
) -> None:
    turns = [(role, text.replace("\r", "")) for role, text in turns]
    rendered = render_chat("model: x", turns, eol="\r\n")
    assert rendered.count("\r") == rendered.count("\n") == rendered.count("\r\n")
    assert said(rendered) == turns


def test_a_text_of_a_megabyte_survives() -> None:
    text = "## User\n```\n## Assistant\n```\n\\## User\r\nä\u2028" * 25_000
    assert len(text) > 1_000_000
    assert said(render_chat(None, [("user", "?"), ("assistant", text)])) == [
        ("user", "?"),
        ("assistant", text),
    ]


@given(hostile_texts())
@example("")
@example("---")
@example("---\n---")
@example("## User")
@example("\ufeff## User\n")
def test_every_text_is_a_document_and_its_turns_tile_it(text: str) -> None:
    document = parse_chat(text)
    snapshot = TextSnapshot.from_string(text)
    headings = reference_headings(text)
    assert [(turn.heading_line, turn.role) for turn in document.turns] == headings
    for index, turn in enumerate(document.turns):
        is_last = index + 1 == len(document.turns)
        after = None if is_last else document.turns[index + 1]
        assert turn.body_start_line == turn.heading_line + 1
        assert turn.body_end_line == (snapshot.line_count if after is None else after.heading_line)
        assert (
            "".join(snapshot.lines(turn.body_start_line, turn.body_end_line))
            == (text[turn.body_start : turn.body_end])
        )
        assert turn.body_start <= turn.text_start <= turn.text_end <= turn.body_end
        assert not text[turn.body_start : turn.text_start].strip()
        assert not text[turn.text_end : turn.body_end].strip()
        for ref in turn.context:
            assert ref.raw in snapshot.line(ref.line)
            assert turn.heading_line < ref.line < turn.body_end_line


@given(hostile_texts())
def test_a_document_typed_by_hand_can_be_rendered_anew_without_changing_what_was_said(text: str) -> None:
    document = parse_chat(text)
    turns = said(text)
    assert said(render_chat(document.front_matter, turns, preamble=document.preamble)) == turns


def reference_headings(text: str) -> list[tuple[int, str]]:
    """The role headings, found the slow and plain way, line by line."""
    lines = re.split(r"\r\n|\n|\r", text)
    first = 0
    if lines[0].rstrip(" \t") == "---":
        ends = [number for number, line in enumerate(lines) if number and line.rstrip(" \t") == "---"]
        first = ends[0] + 1 if ends else 0
    found: list[tuple[int, str]] = []
    fence = ""
    for number in range(first, len(lines)):
        line = lines[number]
        body = line.lstrip(" ")
        if len(line) - len(body) > 3:
            continue
        run = re.match(r"`{3,}|~{3,}|", body)
        assert run is not None
        rest = body[run.end() :]
        if fence:
            if run[0].startswith(fence) and not rest.strip(" \t"):
                fence = ""
        elif run[0]:
            fence = "" if run[0][0] == "`" and "`" in rest else run[0]
        else:
            words = re.split(r"[ \t]+", body.rstrip(" \t"))
            if len(words) == 3 and set(words[2]) == {"#"}:
                words.pop()
            if len(words) == 2 and words[0] == "##" and words[1].lower() in ROLES and words[1].isascii():
                found.append((number, words[1].lower()))
    return found


def test_a_chat_reads_as_one_would_expect() -> None:
    document = parse_chat(
        "---\nmodel: gpt-5.5\n---\n\nNotes to myself.\n\n## User\n\n"
        "> #file:src/a b.py:10-40\n> #selection\n\nWhy ö?\n\n## Assistant\n\nBecause.\n\n## User\n"
    )
    assert document.front_matter == "model: gpt-5.5"
    assert document.preamble == "Notes to myself."
    assert [(turn.role, turn.question) for turn in document.turns] == [
        ("user", "Why ö?"),
        ("assistant", "Because."),
        ("user", ""),
    ]
    refs = document.turns[0].context
    assert [(ref.kind, ref.path, ref.start_line, ref.end_line, ref.line) for ref in refs] == [
        ("file", "src/a b.py", 10, 40, 8),
        ("selection", None, None, None, 9),
    ]
    assert [document.turn_at(line) for line in (0, 5, 6, 12, 13, 17, 99)] == [None, None, 0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    "document",
    [
        "## User\nhi\n## Assistant\nyo",
        "##   user  \n\n\nhi\n\n\n\n## ASSISTANT ###\nyo\n",
        "## User\r\n\r\nhi\r\n\r\n## Assistant\r\n\r\nyo\r\n",
        "## User\rhi\r## Assistant\ryo\r",
        "   ## User\nhi\n  ## Assistant\n\nyo\n\n\n",
    ],
)
def test_headings_may_be_typed_in_every_way_markdown_allows(document: str) -> None:
    assert [(role, text.strip()) for role, text in said(document)] == [("user", "hi"), ("assistant", "yo")]


@pytest.mark.parametrize(
    "line",
    [
        "### User",
        "# User",
        "##User",
        "## Users",
        "## User:",
        "    ## User",
        "\t## User",
        "> ## User",
        "## User#",
    ],
)
def test_other_headings_are_text(line: str) -> None:
    assert said(f"## User\n\n{line}\n") == [("user", line)]


@pytest.mark.parametrize(
    ("fence", "still_open"),
    [
        ("```\n## User\n```", False),
        ("~~~ md\n## User\n```\n## User\n~~~~", False),
        ("````\n```\n## User\n`````  ", False),
        ("   ```\n## User\n  ```", False),
        ("```\n## User\n``` py", True),
        ("```\n## User\n    ```", True),
        ("```\n## User\n``", True),
    ],
)
def test_headings_in_code_fences_are_text(fence: str, still_open: bool) -> None:
    document = parse_chat(f"## Assistant\n\n{fence}\n\n## User\n\nnext")
    assert [turn.text for turn in document.turns[1:]] == ([] if still_open else ["next"])
    assert document.open_fence_line == (2 if still_open else None)


@pytest.mark.parametrize("line", ["    ```", "\t```", "``", "``` a`b", "x ```", "> ```"])
def test_what_is_no_fence_hides_no_heading(line: str) -> None:
    assert len(parse_chat(f"## User\n\n{line}\n\n## Assistant\n").turns) == 2


@pytest.mark.parametrize("character", ["\f", "\v", "\u2028", "\u2029", "\x85", "\x1c"])
def test_only_the_line_endings_of_lsp_start_a_line(character: str) -> None:
    text = f"a{character}## Assistant{character}```"
    document = parse_chat(f"## User\n\n{text}\n\n## Assistant\n")
    assert [turn.text for turn in document.turns] == [text, ""]
    assert document.turns[1].heading_line == 4


def test_what_is_written_below_a_closed_fence_keeps_the_fence_closed() -> None:
    document = f"## Assistant\n\n```\nx\n```\n{FENCE_MARKER}\nmore\n\n## User\n\n"
    assert said(document)[0] == ("assistant", "```\nx\n```\nmore")


def test_blank_lines_below_the_marker_do_not_bring_the_fence_back() -> None:
    assert said(f"## Assistant\n\n```\nx\n```\n{FENCE_MARKER}\n\n\n\n## User\n\n")[0] == (
        "assistant",
        "```\nx",
    )


def test_a_marker_without_its_fence_just_goes_away() -> None:
    assert said(f"## Assistant\n\nx\n{FENCE_MARKER}\n")[0] == ("assistant", "x\n")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("## User", "\\## User"),
        ("  ## user ##", "  \\## user ##"),
        ("\\## User", "\\\\## User"),
        ("```\n## User\n```", "```\n## User\n```"),
        ("```py\nx", f"```py\nx\n```\n{FENCE_MARKER}"),
        ("~~~~\nx", f"~~~~\nx\n~~~~\n{FENCE_MARKER}"),
        (FENCE_MARKER, f"\\{FENCE_MARKER}"),
    ],
)
def test_escapes_are_as_small_as_can_be(text: str, written: str) -> None:
    assert render_chat(None, [("assistant", text)]) == f"## Assistant\n\n{written}\n"


def test_front_matter_cannot_smuggle_in_its_own_end() -> None:
    with pytest.raises(ValueError, match="---"):
        render_chat("a: 1\r\n--- \nb: 2", [])


def test_front_matter_left_open_is_no_front_matter() -> None:
    document = parse_chat("---\nmodel: x\n\n## User\n\nhi\n")
    assert document.front_matter is None
    assert document.preamble == "---\nmodel: x"
    assert [turn.text for turn in document.turns] == ["hi"]


def test_headings_in_the_front_matter_are_not_turns() -> None:
    document = parse_chat("---\nsystem: |\n## User\n---\n## User\nhi")
    assert document.front_matter == "system: |\n## User"
    assert [turn.text for turn in document.turns] == ["hi"]


def test_a_new_chat_ends_where_the_user_types_on() -> None:
    chat = new_chat({"model": "gpt-5.5", "preset": None}, context=["> #file:a.py:1-5"])
    assert chat == '---\nmodel: "gpt-5.5"\n---\n\n## User\n\n> #file:a.py:1-5\n\n\n'
    assert chat.split("\n")[last_line(chat) - 1 :] == ["", "", ""], (
        "in a line of its own, a blank one above it"
    )
    assert new_chat({}, eol="\r\n") == "## User\r\n\r\n\r\n"
    assert [last_line(text) for text in ("", "\n", "a", "a\r\n", "a\r\nb")] == [0, 0, 0, 0, 1]
    assert new_chat({}, "why?", context=["> #buffer"]) == "## User\n\n> #buffer\n\nwhy?\n"
    assert new_chat({"temperature": 0.5}, "why?", eol="\r\n").count("\n") == 7


@given(st.dictionaries(st.sampled_from(["model", "system", "preset"]), st.text(), min_size=1))
@example({"system": "\x7f\x85\u2028\ufeff\ufffe😀: - #'\"\\\n---\n"})
@example({"system": "yes"})
def test_front_matter_values_mean_in_yaml_what_they_meant_here(values: dict[str, str]) -> None:
    front_matter = parse_chat(new_chat(values)).front_matter
    assert front_matter is not None
    assert yaml.safe_load(front_matter) == values


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_in_front_matter_stay_numbers(value: float) -> None:
    front_matter = parse_chat(new_chat({"temperature": value})).front_matter
    assert front_matter is not None
    read = yaml.safe_load(front_matter)["temperature"]
    assert read == value
    assert type(read) is type(value)
