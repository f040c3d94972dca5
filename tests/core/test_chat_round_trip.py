"""Any text survives the way of a chat unchanged: sent, streamed into the document, read, sent again."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import messages_to_send, open_answer
from pygpt_lsp.core.chat_writing import new_chat
from pygpt_lsp.core.streaming_answer import StreamingAnswer
from tests.support.chat_texts import cut, hostile_texts, normalised

MEGABYTE = 1_000_000
KINDS = {
    "headings": "## User\n\n## Assistant\n\\## User\n",
    "open fences": "```py\nx\n~~~~\n````\n",
    "CRLF": "ö 😀\r\n```\r\n## User\r\n",
    "front matter": "---\nmodel: x\n---\n",
    "one line": "wörd 😀 ",
    "notes": "<!-- pygpt: stopped -->\n<!-- fence closed by pygpt-lsp -->\n",
}
Said = list[tuple[str, str]]


def sent(document: str) -> Said:
    return [(turn.role, turn.text) for turn in messages_to_send(parse_chat(document)).turns]


def streamed(document: str, pieces: list[str]) -> str:
    """The document with an answer that arrives in pieces, each found its place for anew."""
    chat = parse_chat(document)
    slot = open_answer(document)
    document = document[: slot.start] + slot.text + document[slot.end :]
    answer = StreamingAnswer(sum(turn.role == "assistant" for turn in chat.turns), chat.eol)
    for piece in (*pieces, None):
        if piece is None:
            answer.finish()
        else:
            answer.feed(piece)
        if answer.pending:
            place = answer.find(document)
            assert place is not None
            step = answer.step(document, place)
            assert step is not None
            document = step.applied_to(document)
            answer.made(step)
    return document


@given(
    hostile_texts(),
    st.lists(st.tuples(hostile_texts(), st.lists(st.integers(0, 80), max_size=6)), min_size=1, max_size=3),
    st.sampled_from(["\n", "\r\n"]),
)
@example("---\nmodel: x\n---\n## User", [("```\n## Assistant", [3, 4]), ("---\n", [])], "\r\n")
@example("```\n## User", [("a\r\nb\rc", [2]), ("\\## User\n<!-- pygpt: x", [9])], "\n")
def test_any_text_survives_send_stream_parse_and_resend(
    question: str, answers: list[tuple[str, list[int]]], eol: str
) -> None:
    question = normalised(question).rstrip()  # typed in the document; blank lines below it are layout
    assume(question and all(answer.strip() for answer, _ in answers))
    document = new_chat({"model": "m"}, question, eol="\r\n" if eol == "\r\n" else "\n")
    assume(messages_to_send(parse_chat(document)).refusal is None)  # nothing but context lines
    said: Said = [("user", question)]
    for answer, places in answers:
        assert sent(document) == said
        document = streamed(document, cut(answer, places))
        document += f"And {len(said)}?"
        said += [("assistant", normalised(answer)), ("user", f"And {len(said)}?")]
    assert sent(document) == said
    assert document.count("\n") == document.count(eol) or eol == "\n"


@pytest.mark.parametrize(("kind", "eol"), [*zip(KINDS, ["\n", "\r\n"] * 3, strict=True)], ids=KINDS)
def test_a_megabyte_survives_too(kind: str, eol: str) -> None:
    answer = (KINDS[kind] * (MEGABYTE // len(KINDS[kind].encode()) + 1)) + "end"
    assert len(answer.encode()) > MEGABYTE
    document = streamed(f"## User{eol * 2}Q ö{eol}", cut(answer, [100_000, 100_001]))
    assert sent(f"{document}More?")[1:] == [("assistant", normalised(answer)), ("user", "More?")]
