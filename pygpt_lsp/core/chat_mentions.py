"""Prompts and presets that a question begins with: `/name` and `@name`.

    @reviewer /explain in one sentence

The document keeps the names; what they stand for is put in their place when the turn is sent. They count only
as the first thing of a turn. A space before one makes it text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.chat_context import parse_context_line
from pygpt_lsp.core.chat_escape import special_lines
from pygpt_lsp.core.chat_segments import BLANK_LINES
from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.core.presets import Preset
    from pygpt_lsp.core.user_prompts import UserPrompt

Sign: TypeAlias = Literal["/", "@"]

_MENTION = re.compile(r"(?P<sign>[/@])(?P<name>\S+)(?:(?P<alone>[ \t]*(?:\n|\Z))|[ \t]+)")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_MOST_NAMED = 12


class Mention(NamedTuple):
    """A name at the start of a question; `words` is what follows, `alone` whether its line ends with it."""

    name: str
    words: str
    alone: bool


class Wish(NamedTuple):
    """What a turn asks for: `words` with a prompt, or alone; `preset` says who is to answer it."""

    words: str
    prompt: UserPrompt | None = None
    preset: Preset | None = None


class UnknownMention(PygptError):
    """A name that stops the request. `here` is the sentence for a place that shows `line` (0-based)."""

    def __init__(self, line: int, rest: str) -> None:
        """`rest` is the sentence from "Line 3 of the chat" on."""
        super().__init__(f"Line {line + 1} of the chat {rest}")
        self.line = line
        self.here = f"This line {rest}"


def mention_at_start(question: str, sign: Sign) -> Mention | None:
    """The name that a question begins with behind this sign, whether or not anything is called so."""
    match = _MENTION.match(question)
    if match is None or match["sign"] != sign:
        return None
    return Mention(match["name"], question[match.end() :].lstrip(), match["alone"] is not None)


def may_be_mention(text: str) -> bool:
    """Whether a question that begins with this text could be taken for more than text."""
    return _MENTION.match(text) is not None


def as_text(text: str) -> str:
    """`text` as a question that asks for just this: what would name a prompt, a preset or context does not.

    What fills a prompt's variables comes from files, which must not name other files to be sent.
    """
    pieces: list[str] = []
    done = 0
    for line in special_lines(text):
        if line.kind == "context" and parse_context_line(line.mark, 0):
            sign = text.index("#", line.start)
            pieces += (text[done:sign], "\\")
            done = sign
    plain = "".join([*pieces, text[done:]])
    question = BLANK_LINES.sub("", plain, count=1)  # as a turn's question begins, below what is left blank
    return f" {question}" if may_be_mention(question) else plain


def wish_of(
    turn: ChatTurn,
    prompts: Sequence[UserPrompt],
    presets: Sequence[Preset],
    unusable: Mapping[str, str],
    *,
    asked: bool,
) -> Wish:
    """What a user's turn asks for. `unusable`: why a name with its sign stands for nothing though somebody
    wrote something for it. `asked`: it is the question to be answered.

    Raises UnknownMention for what nothing is called in that one: `@name`, and `/name` alone in its line or
    unusable. In older turns a name that means nothing any more is text.
    """
    words = turn.question
    preset: Preset | None = None
    if mention := mention_at_start(words, "@"):
        preset = next((each for each in presets if each.name == mention.name), None)
        if preset is not None:
            words = mention.words
            if asked and not words:
                raise UnknownMention(
                    question_line(turn), f"asks nothing: write the question behind @{preset.name}."
                )
        elif asked and _NAME.fullmatch(mention.name):
            known = [f"@{each.name}" for each in presets]
            raise _unknown(turn, f"@{mention.name}", "preset", known, unusable)
    if mention := mention_at_start(words, "/"):
        prompt = next((each for each in prompts if each.name == mention.name), None)
        if prompt is not None:
            return Wish(mention.words, prompt, preset)
        name = f"/{mention.name}"
        if asked and (mention.alone or name in unusable) and _NAME.fullmatch(mention.name):
            raise _unknown(turn, name, "prompt", [f"/{each.name}" for each in prompts], unusable)
    return Wish(words, None, preset)


def prompt_like(question: str, prompts: Sequence[UserPrompt]) -> str:
    """The `/name` that a question begins with as with a prompt's, though none is called so; "" elsewhere."""
    if mention := mention_at_start(question, "@"):
        question = mention.words
    mention = mention_at_start(question, "/")
    known = mention is None or any(each.name == mention.name for each in prompts)
    return "" if mention is None or known or not _NAME.fullmatch(mention.name) else f"/{mention.name}"


def question_line(turn: ChatTurn) -> int:
    """The line of the document (0-based) in which a user's question begins."""
    first = turn.question.partition("\n")[0]
    above = turn.body_start_line + (turn.text_start > turn.body_start)
    lines = turn.text.split("\n")
    return above + next((index for index, line in enumerate(lines) if first and line.startswith(first)), 0)


def _unknown(
    turn: ChatTurn, name: str, noun: str, known: Sequence[str], unusable: Mapping[str, str]
) -> UnknownMention:
    if name in unusable:
        return UnknownMention(question_line(turn), f"names the {noun} {name}: {unusable[name]}")
    some = ", ".join(known[:_MOST_NAMED]) + (" and others" if len(known) > _MOST_NAMED else "")
    there_are = f"there are {some}" if known else "there are none"
    return UnknownMention(
        question_line(turn),
        f"names the {noun} {name}, which there is not; {there_are}. With a space before it, it is text.",
    )
