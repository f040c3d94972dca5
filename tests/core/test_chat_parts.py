"""What is found in a turn: where its code, its headings and its edits stand in the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import ENDING, parse_chat
from pygpt_lsp.core.chat_edits import blocks_of_turn
from pygpt_lsp.core.chat_parts import PartsReader, code_of
from pygpt_lsp.core.chat_writing import render_chat
from tests.support.chat_texts import hostile_texts

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatEol
    from pygpt_lsp.core.chat_parts import TurnParts

EDIT = "src/app.py\n```python\n<<<<<<< SEARCH\nold ö\n=======\nnew 😀\n>>>>>>> REPLACE\n```"
CODE = "```python\n\ndef f(ö):\n    return 1\n```"


def parts_of_answer(answer: str, eol: ChatEol = "\n") -> tuple[str, TurnParts, int]:
    """The document with this answer in it, the answer's parts, and the line of its heading."""
    text = render_chat("model: x", [("user", "Why?"), ("assistant", answer), ("user", "")], eol=eol)
    chat = parse_chat(text)
    return text, PartsReader().read(text, chat)[1], chat.turns[1].heading_line


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_the_lines_of_parts_count_from_the_heading_of_the_turn(eol: ChatEol) -> None:
    answer = f"So ö 😀:\n\n# Über #\n\n{CODE}\n\n### Then\n\n{EDIT}\n"
    text, parts, heading = parts_of_answer(answer, eol)
    lines = ENDING.split(text)
    assert parts.title == "So ö 😀:"
    assert [(h.level, h.title, lines[heading + h.first_line], h.last_written) for h in parts.headings] == [
        (1, "Über", "# Über #", "```"),
        (3, "Then", "### Then", "```"),
    ]
    assert {h.last_line for h in parts.headings} == {parts.last_line}
    (block,) = parts.blocks
    assert lines[heading + block.first_line] == block.opening == "```python"
    assert lines[heading + block.last_line] == block.closing == "```"
    assert (block.language, block.title, block.path) == ("python", "def f(ö):", "")
    (edit,) = parts.edits
    assert lines[heading + edit.first_line] == "src/app.py"
    assert lines[heading + edit.last_line] == "```"
    assert parts.last_line == edit.last_line


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_an_edit_below_remarks_of_ours_has_its_own_lines(eol: str) -> None:
    # Written on by hand below where an answer was stopped, in code and elsewhere.
    begun = "Ö:\n```py\nx\n```\n<!-- fence closed by pygpt-lsp -->\n\n<!-- pygpt: stopped -->"
    text = f"## Assistant\n\n{begun}\n\n{EDIT}\n\n<!-- pygpt: mine -->\n\n{EDIT}\n".replace("\n", eol)
    lines = text.split(eol)
    chat = parse_chat(text)
    edits = blocks_of_turn(text, chat.turns[0])
    assert len(edits) == 2
    for edit in edits:
        assert lines[edit.first_line] == "src/app.py"
        assert lines[edit.last_line - 1 : edit.last_line + 1] == [">>>>>>> REPLACE", "```"]


def test_a_section_ends_before_the_next_heading_of_its_level() -> None:
    _, parts, _ = parts_of_answer("## A\n\n### a\nö\n\n## B\nx\n#\n")
    assert [(h.title, h.first_line, h.last_line) for h in parts.headings] == [
        ("A", 2, 5),
        ("a", 4, 5),
        ("B", 7, 8),
        ("#", 9, 9),
    ]


def test_an_edit_is_no_code_block_and_what_looks_like_a_heading_in_code_is_none() -> None:
    _, parts, _ = parts_of_answer(f"{EDIT.replace('old ö', '# old')}\n\n```md\n# no heading\n```\n\n#no\n")
    assert [block.language for block in parts.blocks] == ["md"]
    assert parts.headings == ()


def test_a_whole_file_is_a_code_block_with_its_path() -> None:
    _, parts, _ = parts_of_answer("New:\n\nsrc/neu.py\n```python\nx = 1\n```\n")
    assert [(block.path, block.language) for block in parts.blocks] == [("src/neu.py", "python")]
    assert [edit.block.kind for edit in parts.edits] == ["whole"]


def test_a_question_has_code_and_neither_headings_nor_edits() -> None:
    text = render_chat(None, [("user", f"# What?\n\n{CODE}\n\n{EDIT}")])
    (parts,) = PartsReader().read(text, parse_chat(text))
    assert parts.headings == parts.edits == ()
    assert len(parts.blocks) == 2


def test_the_code_of_a_block_is_as_it_was_said() -> None:
    answer = "- In a list:\n\n    ```md\n    ## User\n    \\## User ö\n    ```\n\n- \n ````\n x\n  y\n ````\n"
    for eol in ("\n", "\r\n"):
        text, parts, _ = parts_of_answer(answer, eol)
        turn = parse_chat(text).turns[1]
        codes = [code_of(text, turn, block) for block in parts.blocks]
        assert codes == ["## User\n\\## User ö\n", "x\n y\n"]


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), hostile_texts()), max_size=4), st.data())
def test_parts_are_those_of_a_first_reading_whatever_was_read_before(
    turns: list[tuple[str, str]], data: st.DataObject
) -> None:
    reader = PartsReader()
    text = render_chat(None, turns)  # pyright: ignore[reportArgumentType] (the roles are)
    for _ in range(3):
        chat = parse_chat(text)
        found = reader.read(text, chat)
        assert found == PartsReader().read(text, chat)
        for turn, parts in zip(chat.turns, found, strict=True):
            lines = turn.body_end_line - turn.heading_line
            places = [block.last_line for block in parts.blocks] + [edit.last_line for edit in parts.edits]
            assert all(place < lines for place in [*places, *(h.last_line for h in parts.headings)])
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(hostile_texts()) + text[at:]
