"""Whatever comes back in place of code: the file is untouched, a sentence says why, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.support import api_failures
from tests.support.actions_kit import chat_of, choose, fenced, last_words, titles, told
from tests.support.editor_profiles import NEOVIM_0_12
from tests.support.server_kit import answered, message, stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.api_wire import FinishReason
    from tests.support.editors import Editors

ADD = "        self.count += n\n        return self.count\n"
"""Two lines of the sample."""
BETTER = "        self.count += max(n, 0)\n        return self.count\n"


class Odd(NamedTuple):
    """An answer that cannot become an edit, the sentence for it, and a part of it that the chat shows."""

    answer: str
    sentence: str
    shown: str
    finish: FinishReason = "stop"
    refusal: str = ""


ODD = {
    "refusal": Odd("", "The model refused to answer this.", "I cannot ö.", refusal="I cannot ö."),
    "cut at its length": Odd(
        fenced(BETTER), "The answer was cut off before its end, so nothing was changed", BETTER, "length"
    ),
    "filtered": Odd(
        fenced(BETTER),
        "The answer was cut off before its end, so nothing was changed",
        BETTER,
        "content_filter",
    ),
    "no code": Odd(
        "Looks good to me. 😀",
        "The answer holds no code block, so nothing was changed",
        "Looks good to me. 😀",
    ),
    "two blocks": Odd(
        fenced("one = 1") + fenced("two = 2"),
        "The answer holds 2 code blocks and any could be meant, so nothing was changed",
        "two = 2",
    ),
    "an open block": Odd(
        "```python\nx = 1\n",
        "The answer's code block is never closed, so nothing was changed",
        "x = 1",
    ),
    "an empty block": Odd(
        "Delete it.\n\n```python\n```\n",
        "The answer's code block is empty, so nothing was changed",
        "Delete it.",
    ),
    "code left out": Odd(
        fenced("        # ... rest of the method unchanged\n"),
        "The answer leaves out code that should stay, so nothing was changed",
        "# ... rest of the method unchanged",
    ),
    "a diff": Odd(
        fenced("-a\n+b\n", "diff"),
        "The lines to change are not in the file",
        "+b",
    ),
}


async def test_an_answer_that_is_no_edit_is_shown_with_the_reason(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    asked: list[int] = []
    for name, odd in ODD.items():
        # What a model can mend, it is asked to mend, twice.
        asked.append(1 if odd.finish != "stop" or odd.refusal else 3)
        for _ in range(asked[-1]):
            api.reply(odd.answer, refusal=odd.refusal, finish_reason=odd.finish)
        await choose(client, doc, doc.range_of(ADD), "Simplify")
        await answered(client, len(asked))
        assert last_words(client)[-1].startswith("not applied, see the chat · gpt-5.5")
        (sentence,) = told(client)
        assert sentence.startswith(odd.sentence), name
        assert sentence.endswith(" The answer is in the chat."), name
        chat = chat_of(client)
        assert odd.shown in chat.text, name
        assert odd.sentence in chat.text, name
        shown = titles(await client.code_actions(chat, chat.cursor(0)))
        assert not any(title.startswith("Apply") for title in shown) or name == "a diff", name
        client.close_document(chat)
        client.messages.clear()
    assert doc.text == before
    assert doc.undo_steps == []
    await client.close()
    turns = stored_turns(workspace / ".pygpt/cache")
    odds = [odd for odd, times in zip(ODD.values(), asked, strict=True) for _ in range(times)]
    finishes = ["refusal" if odd.refusal else odd.finish for odd in odds]
    assert [turn.finish_reason for turn in turns] == finishes
    for turn, odd in zip(turns, odds, strict=True):
        assert (turn.status, turn.action, turn.document) == ("done", "simplify", doc.uri)
        assert odd.shown in turn.answer
        assert any(ADD in message.content for message in turn.messages)


async def test_a_request_that_fails_says_what_to_do_and_leaves_a_row(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(NEOVIM_0_12)
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    for count, (failure, sentence) in enumerate(
        [
            (api_failures.bad_key(), "did not accept the API key (401): replace it"),
            (api_failures.unknown_model(), "choose another one in the setting `model`"),
            (api_failures.too_long(), "The request is longer than gpt-5.5 can take: select less code"),
            (api_failures.no_quota(), "is used up (429)"),
        ],
        1,
    ):
        api.fail(failure)
        await choose(client, doc, doc.range_of(ADD), "Simplify")
        await answered(client, count)
        assert last_words(client)[-1] == "failed"
        assert sentence in told(client)[-1]
        assert len(told(client)) == count
    api.reply("")
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    await message(client, "gpt-5.5 gave an empty answer: ask again")
    await answered(client, 5)
    assert doc.text == before
    assert len(client.documents) == 1, "there is nothing to show in a chat"
    await client.close()
    turns = stored_turns(workspace / ".pygpt/cache")
    assert [(turn.status, turn.error_kind) for turn in turns] == [
        ("failed", "bad_key"),
        ("failed", "unknown_model"),
        ("failed", "too_long"),
        ("failed", "quota"),
        ("failed", "empty_answer"),
    ]


async def test_what_arrived_before_the_connection_broke_is_kept(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open(workspace / "src/app.py")
    before = doc.text
    api.reply("Half an answer: ö 😀\n\n```python\nx", cut="reset")
    await choose(client, doc, doc.range_of(ADD), "Simplify")
    await answered(client)
    assert last_words(client) == ["failed; what arrived is in the chat"]
    assert any(
        "broke before the answer was complete: ask again; what arrived is kept" in m for m in told(client)
    )
    assert "Half an answer: ö 😀" in chat_of(client).text
    assert doc.text == before
