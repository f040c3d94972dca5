"""What the buffer says is what is sent: no hidden turn, nothing left out, nothing changed on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.chat_kit import (
    CHAT,
    Said,
    answer_of,
    ask,
    chats_of,
    ended,
    file_of,
    holds,
    open_chat,
    send,
    sent,
    shown_chat,
    streaming,
    system_of,
    told,
    turns,
)
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12, VSCODE, in_editors

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors

Q1, A1, Q2, A2 = Said("user", "Q1 ö"), Said("assistant", "A1 😀"), Said("user", "Q2"), Said("assistant", "A2")

LOOK_LIKE_CHATS = (
    "## User\n\nNo, I am the model.\n\n## Assistant\nAnd so on.\n\\## User",
    "Here:\n```py\nprint('## User')",
    "~~~~\n```\n## Assistant\n~~~\n<!-- fence closed by pygpt-lsp -->",
    "<!-- pygpt: stopped -->\n\n<!-- fence closed by pygpt-lsp -->",
    "> #file:/etc/passwd\n\n#buffer",
    "\n\n  leading and trailing\n\n\n",
    "---\nmodel: x\n---\n",
    "\t\f\u2028\x85 ö😀 \u0000",
)
CANNOT_BE_SENT = (
    ("---\nmodel: [\n---\n\n## User\n\nQ", "front matter is not valid YAML"),
    ("---\n- x\n---\n\n## User\n\nQ", "must be lines like `model: gpt-5.5`"),
    ("---\nmodel: 5\n---\n\n## User\n\nQ", "`model` in the chat's front matter must be text"),
    ("---\ntemperature: 3\n---\n\n## User\n\nQ", "must be a number from 0 to 2"),
    ("---\nmodel: gpt-other\n\n## User\n\nQ", "front matter has no end: close it with a line `---`"),
    ("Q ö?\n", "write your question below a line `## User`"),
    ("## User\n\n> #diagnostics\n\nQ", "says #diagnostics, but nothing has been selected yet"),
    ("## User\n\n", "write your question under the last `## User` heading"),
    ("", "write your question under the last `## User` heading"),
    ("## Assistant\n\n```\n\n## User\n\nQ", "code fence opened in line 3 is never closed"),
    ("## User\n\n> #buffer\n", "write your question under the last `## User` heading"),
    ("## User\n\nQ\n\n## Assistant\n\nA\n", "write your question under the last `## User` heading"),
)


def written(*said: Said, eol: str = "\n") -> str:
    text = "\n\n".join(f"## {role.capitalize()}\n\n{text}" for role, text in said)
    return f"{text}\n".replace("\n", eol)


async def test_turns_that_were_edited_deleted_or_reordered_are_sent_as_they_are(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    chat = open_chat(client, workspace, written(Q1))
    api.reply("A1 😀")
    await send(client, chat)
    await ended(client)
    chat.type("Q2", at=len(chat.text))
    api.reply("A2")
    await send(client, chat)
    await ended(client, 2)
    chat.type("Q3", at=len(chat.text))
    await send(client, chat)
    await ended(client, 3)
    assert [sent(request) for request in api.requests] == [
        [Q1],
        [Q1, A1, Q2],
        [Q1, A1, Q2, A2, Said("user", "Q3")],
    ]

    changed = ([Q2, A2, Q1], [A1, Q1], [Q1, Q2], [Q1, Said("assistant", "Mine."), Q1])
    for number, said in enumerate(changed, 4):
        chat.replace(0, len(chat.text), written(*said))
        await send(client, chat)
        await ended(client, number)
        assert sent(api.requests[-1]) == said


async def test_the_text_above_the_first_turn_empty_turns_and_notes_are_not_sent(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    text = (
        "My notes.\n\n## User\n\n\n## User\n\nQ\n\n## Assistant\n\nA\n\n<!-- pygpt: stopped -->\n\n"
        "## Assistant\n\n<!-- pygpt: stopped -->\n\n## User\n\nMore?\n\n<!-- pygpt: mine -->\n\n## User\n\n"
    )
    await send(client, open_chat(client, workspace, text))
    await ended(client)
    assert sent(api.requests[0]) == [Said("user", "Q"), Said("assistant", "A"), Said("user", "More?")]


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_a_chat_with_windows_line_endings_keeps_them(
    editor: Editors, workspace: Path, api: ScriptedApi, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, written(Q1, eol="\r\n"))
    api.reply("one\ntwo\r\n```\n## User")
    await send(client, chat)
    await ended(client)
    assert chat.text.count("\n") == chat.text.count("\r\n")
    assert turns(chat.text) == [Q1, Said("assistant", "one\ntwo\n```\n## User"), Said("user", "")]
    chat.type("Q2", at=len(chat.text))
    await send(client, chat)
    await ended(client, 2)
    assert sent(api.requests[1]) == [Q1, Said("assistant", "one\ntwo\n```\n## User"), Q2]


async def test_an_answer_that_looks_like_a_chat_is_sent_back_unchanged(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    for number, answer in enumerate(LOOK_LIKE_CHATS):
        chat = open_chat(client, workspace, written(Q1), f"{number}.chat.md")
        api.reply(deltas=list(answer))
        await send(client, chat)
        await ended(client, 2 * number + 1)
        chat.type("Q2", at=len(chat.text))
        await send(client, chat)
        await ended(client, 2 * number + 2)
        assert sent(api.requests[-1]) == [Q1, Said("assistant", answer), Q2]


async def test_a_long_answer_is_sent_back_unchanged(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    answer = "".join(f"Line {number}: ö 😀 {'word ' * (number % 9)}\n" for number in range(6000)) + "end"
    assert len(answer.encode()) > 200_000
    client = await editor(NEOVIM_0_12, options={"max_input_tokens": 1_000_000})
    chat = open_chat(client, workspace, written(Q1))
    api.reply(deltas=[answer[start : start + 500] for start in range(0, len(answer), 500)])
    await send(client, chat)
    await ended(client)
    chat.type("Q2", at=len(chat.text) - 1)
    await send(client, chat)
    await ended(client, 2)
    assert sent(api.requests[1]) == [Q1, Said("assistant", answer), Q2]


async def test_the_front_matter_names_model_temperature_and_system_prompt(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07, options={"temperature": 1.5, "system_prompt": "Answer in German."})
    text = '---\nmodel: "gpt-other"\ntemperature: 0.25\nsystem: Speak as a pirate ö.\nmine: [1]\n---\n\n'
    chat = open_chat(client, workspace, text + written(Q1))
    await send(client, chat)
    await ended(client)
    body = api.requests[0].json
    assert (body["model"], body["temperature"]) == ("gpt-other", 0.25)
    assert "Speak as a pirate ö." in system_of(api.requests[0])
    chat.replace(0, len(text), "")
    await send(client, chat)
    await told(client, "nothing to send")
    chat.type("Q2", at=len(chat.text))
    await send(client, chat)
    await ended(client, 2)
    body = api.requests[1].json
    assert (body["model"], body["temperature"]) == ("gpt-5.5", 1.5)
    assert "pirate" not in system_of(api.requests[1])
    assert "Answer in German." in system_of(api.requests[1])


async def test_a_chat_that_cannot_be_sent_is_told_why_and_stays_as_it_is(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    for number, (text, sentence) in enumerate(CANNOT_BE_SENT):
        chat = open_chat(client, workspace, text, f"{number}.chat.md")
        before = len(client.messages)
        await send(client, chat)
        assert (await told(client, sentence, after=before)).startswith("PyGPT: ")
        assert chat.text == text
    assert api.requests == []


async def test_a_fence_that_a_question_leaves_open_hides_nothing(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    chat = open_chat(client, workspace, "## User\n\n```\n## User\n\nQ")
    await send(client, chat)
    await ended(client)
    assert sent(api.requests[0]) == [Said("user", "```\n## User\n\nQ")]
    assert answer_of(chat.text) == "An answer from the scripted model."


async def test_a_second_send_while_the_answer_streams_is_refused_in_a_sentence(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    chat, reply = await streaming(client, api)
    await send(client, chat)
    await told(client, "being answered already")
    await client.execute("pygpt.chat.regenerate", chat.uri)
    reply.send("End.")
    reply.finish()
    await ended(client)
    assert answer_of(chat.text) == "Begun. End."
    assert len(api.requests) == 1


async def test_the_end_of_the_progress_tells_that_the_chat_can_be_sent_again(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, written(Q1))
    await send(client, chat)
    await ended(client)
    await client.code_actions(chat, chat.cursor(0))
    told_of = [entry.message for entry in client.peer.journal if entry.way == "in"]
    end = next(
        at for at, each in enumerate(told_of) if each.get("params", {}).get("value", {}).get("kind") == "end"
    )
    refreshes = [at for at, each in enumerate(told_of) if each.get("method") == "workspace/codeLens/refresh"]
    assert len(refreshes) >= 2
    assert max(refreshes) < end, "the job ended, and what the chat offers changed, before that was said"


async def test_a_refusal_tells_that_the_chat_can_be_sent_again(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    chat = open_chat(client, workspace, "## User\n")
    await send(client, chat)
    await told(client, "write your question")
    methods = [entry.message.get("method") for entry in client.peer.journal if entry.way == "in"]
    before = methods[: methods.index("window/showMessage")]
    assert before.count("workspace/codeLens/refresh") == 2, "the job has begun and ended"


async def test_regenerate_puts_a_new_answer_in_place_of_the_last_and_sends_what_is_above_it(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    chat = open_chat(client, workspace, written(Q1, A1, Q2, A2, Said("user", "draft")))
    api.reply("Better.")
    await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
    await ended(client)
    assert turns(chat.text) == [Q1, A1, Q2, Said("assistant", "Better."), Said("user", "draft")]
    assert sent(api.requests[0]) == [Q1, A1, Q2]
    chat.replace(0, len(chat.text), written(Q1))
    await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
    await told(client, "There is no answer in this chat yet")


async def test_the_menu_of_a_chat_sends_stops_and_regenerates(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    chat = open_chat(client, workspace, written(Q1))

    async def menu() -> dict[str, object]:
        found = await client.code_actions(chat, chat.cursor(0))
        return {action.title.removeprefix("PyGPT: "): action for action in found}

    assert list(await menu())[:2] == ["Send", "Preview request"]
    reply = api.stream()
    await client.choose((await menu())["Send"])  # pyright: ignore[reportArgumentType]
    reply.send("Begun.")
    await holds(client, chat, "Begun.")
    assert next(iter(await menu())).startswith("Stop")
    reply.finish()
    await ended(client)
    assert "Regenerate" in " ".join(await menu())


async def test_without_a_uri_the_only_open_chat_is_meant(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    await client.execute("pygpt.chat.send")
    await told(client, "No chat is open")
    chat = open_chat(client, workspace, written(Q1))
    await client.execute("pygpt.chat.send", "talk.chat.md")
    await ended(client)
    chat.type("Q2", at=len(chat.text))
    await client.execute("pygpt.chat.send")
    await ended(client, 2)
    open_chat(client, workspace, written(Q1), "other.chat.md")
    await client.execute("pygpt.chat.send")
    await told(client, "Several chats are open")
    assert len(api.requests) == 2


async def test_a_chat_that_is_not_open_is_sent_and_answered_in_its_file(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    (workspace / "talk.chat.md").write_bytes(CHAT.format(question="Q1 ö").encode())
    await client.execute("pygpt.chat.send", {"uri": "talk.chat.md"})
    await ended(client)
    text = (workspace / "talk.chat.md").read_bytes().decode()
    assert turns(text) == [Q1, Said("assistant", "An answer from the scripted model."), Said("user", "")]
    await client.execute("pygpt.chat.send", {"uri": "missing.chat.md"})
    await told(client, "cannot be read")


async def test_what_is_typed_between_send_and_the_answers_place_is_sent_or_kept(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(NEOVIM_0_12)
    chat = open_chat(client, workspace, written(Q1))
    client.busy = True
    await send(client, chat)
    await client.wait_for(lambda: client.waiting, "room to be made for the answer")
    chat.type(" and more", at=chat.find("Q1 ö") + 4)
    client.catch_up()
    await ended(client)
    assert sent(api.requests[0]) == [Said("user", "Q1 ö and more")]
    assert turns(chat.text)[:2] == [
        Said("user", "Q1 ö and more"),
        Said("assistant", "An answer from the scripted model."),
    ]


async def test_a_question_far_above_the_limit_is_asked_about_first(
    editor: Editors, workspace: Path, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07, options={"max_input_tokens": 1000})
    text = written(Said("user", "word " * 4000))
    declined, agreed = (open_chat(client, workspace, text, f"{name}.chat.md") for name in ("no", "yes"))
    client.answers += ["Cancel", "Send anyway"]
    await send(client, declined)
    await client.wait_for(lambda: client.questions, "the question")
    await send(client, agreed)
    await ended(client)
    assert "more than your limit of 1,000" in client.questions[0].message
    assert len(api.requests) == 1
    assert declined.text == text
    assert answer_of(agreed.text) == "An answer from the scripted model."


async def test_a_question_that_came_with_the_command_goes_into_the_file_as_it_is(
    editor: Editors, api: ScriptedApi
) -> None:
    client = await editor(HELIX_25_07)
    question = "Why?\n\n## User\n```\nö 😀"
    await client.execute("pygpt.ask", question)
    chat = await shown_chat(client)
    await ended(client)
    assert sent(api.requests[0]) == [Said("user", question)]
    assert turns(chat.text)[0] == Said("user", question)
    chat.save()
    assert file_of(chat) == chat.text
    await ask(client, "Again?")
    await client.wait_for(lambda: len(chats_of(client)) >= 2, "a second chat")
    await ended(client, 2)
