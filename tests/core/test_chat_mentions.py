"""`/name` and `@name` at the start of a question."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import ChatTurn, parse_chat
from pygpt_lsp.core.chat_mentions import UnknownMention, Wish, as_text, may_be_mention, wish_of
from pygpt_lsp.core.chat_writing import new_chat
from pygpt_lsp.core.presets import Preset
from pygpt_lsp.core.user_prompts import BUILT_IN, UserPrompt

OWN = UserPrompt("grüß", "t", "chat", (), None, "x", "/p")
PROMPTS = (*BUILT_IN, OWN)
PRESETS = (Preset("wien", "s"),)


def turn(text: str) -> ChatTurn:
    return parse_chat(text).turns[-1]


def wish(question: str, *, asked: bool = True) -> Wish:
    return wish_of(turn(f"## User\n\n{question}\n"), PROMPTS, PRESETS, {}, asked=asked)


def refused(text: str) -> UnknownMention:
    with pytest.raises(UnknownMention) as unknown:
        wish_of(turn(text), PROMPTS, PRESETS, {}, asked=True)
    return unknown.value


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("/grüß", ""), ("/grüß mit ö", "mit ö"), ("/grüß\t\nmit\n\nmehr", "mit\n\nmehr"), ("/grüß\n", ""),
        ("/grüß  @wien", "@wien"), ("/grüß /grüß", "/grüß"),
    ],
)  # fmt: skip
def test_a_prompt_takes_what_follows_as_words(question: str, words: str) -> None:
    assert wish(question) == Wish(words, OWN)


def test_a_preset_comes_before_the_question_or_the_prompt() -> None:
    assert wish("@wien Warum?\nUnd?") == Wish("Warum?\nUnd?", None, PRESETS[0])
    assert wish("@wien\nWarum?") == Wish("Warum?", None, PRESETS[0])
    assert wish("@wien /grüß 😀") == Wish("😀", OWN, PRESETS[0])


@pytest.mark.parametrize(
    "question",
    [
        "Why? /grüß", "Why?\n/grüß", " /grüß", "/grüß: x", "/", "//", "/* x */", "/usr/bin", "/nothing more",
        "@", "@app.route('/')", "@a/b", "@x:", "me@wien", "@1 x", "/1",
    ],
)  # fmt: skip
def test_anything_else_is_text(question: str) -> None:
    assert wish(question) == Wish(question)


def test_what_nothing_is_called_stops_the_request_with_its_line() -> None:
    unknown = refused("---\nmodel: x\n---\n\n## User\n\n> #file:a.py\n\n\n/gruß\nmore\n")
    assert unknown.line == 9
    assert unknown.sentence.startswith("Line 10 of the chat names the prompt /gruß, which there is not; ")
    assert unknown.here.startswith("This line names the prompt /gruß, ")
    assert refused("## User\r\n\r\n@linz why?\r\n").sentence == (
        "Line 3 of the chat names the preset @linz, which there is not; there are @wien. "
        "With a space before it, it is text."
    )
    assert "asks nothing" in refused("## User\n@wien").sentence


def test_in_older_turns_a_name_that_means_nothing_is_text() -> None:
    assert wish("/gone", asked=False) == Wish("/gone")
    assert wish("@gone why?", asked=False) == Wish("@gone why?")
    assert wish("@wien", asked=False) == Wish("", None, PRESETS[0])


texts = st.text(st.sampled_from("/@#>ab:.`~ \n\\") | st.characters(codec="utf-8"), max_size=60)


@given(texts)
@example("> #file:.env")
@example("#selection #diff")
@example("```\n> #file:x\n```\n> #file:y")
@example("/grüß")
@example("\n \r\n/grüß")
@example("## User\n\n## Assistant\n\n@x")
def test_text_that_was_filled_in_names_nothing(text: str) -> None:
    document = parse_chat(new_chat({}, as_text(text)))
    (found,) = document.turns
    assert not found.context
    assert not may_be_mention(found.question)
    assert found.question.replace("\\", "").split() == text.replace("\\", "").split()
