"""The JSON of a long chat is made anew only where it changed, and is never another one for that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.documents import ContentChange, Document
from pygpt_lsp.lsp.chat_cache import ChatCache
from pygpt_lsp.lsp.chat_json import VERSION, TurnJson
from tests.support.chat_texts import hostile_texts

if TYPE_CHECKING:
    from pygpt_lsp.lsp.chat_cache import ParsedChat

URI = 'file:///x"ö "version": "\0"/y.chat.md'


def objects(parsed: ParsedChat, index: int) -> list[dict[str, Any]]:
    """Some objects with everything that may be in one; none for some turns."""
    turn, parts = parsed.chat.turns[index], parsed.parts[index]
    argument = {"uri": URI, "version": VERSION, "line": turn.heading_line, "text": turn.text}
    return [argument] * (1 + len(parts.blocks)) if turn.text else []


@given(
    hostile_texts().map("## User\n{}".format),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), hostile_texts()), max_size=5),
)
@example("## User\nA\n\n", [(3, 0, "## User")])
def test_what_is_kept_is_what_would_be_made(text: str, changes: list[tuple[int, int, str]]) -> None:
    document = Document("file:///a.chat.md", "markdown", 0, text)
    cache, kept = ChatCache(), TurnJson()
    for version, (line, character, new) in enumerate([(0, 0, ""), *changes], 1):
        document.apply(version, [ContentChange((line, character, line, character), new)], "utf-16")
        parsed = cache.parsed(document.snapshot)
        found = kept.render(parsed, lambda index, parsed=parsed: objects(parsed, index))
        assert found.isascii()
        wanted = [each for index in range(len(parsed.chat.turns)) for each in objects(parsed, index)]
        assert json.loads(found) == [each | {"version": version} for each in wanted]


def test_a_turn_is_made_again_only_when_it_changes_moves_or_is_in_another_state() -> None:
    text = "## User\n\nA\n\n## Assistant\n\nB\n\n## User\n\nC"
    document = Document("file:///a.chat.md", "markdown", 0, text)
    cache, kept = ChatCache(), TurnJson()
    made: list[int] = []

    def make(index: int) -> list[dict[str, Any]]:
        made.append(index)
        return [{"index": index}]

    def render(running: bool) -> list[int]:
        made.clear()
        kept.render(cache.parsed(document.snapshot), make, lambda index: running and index == 1)
        return made.copy()

    assert render(running=False) == [0, 1, 2]
    assert render(running=False) == []
    document.apply(1, [ContentChange((10, 1, 10, 1), "!")], "utf-16")
    assert render(running=False) == [2]
    assert render(running=True) == [1]
    document.apply(2, [ContentChange((6, 1, 6, 1), "\nb")], "utf-16")
    assert render(running=True) == [1, 2]
