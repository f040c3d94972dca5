"""Whatever goes wrong: a sentence in the editor, a row in the history, the question kept; work goes on."""

from __future__ import annotations

import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pygpt_lsp.core.errors import ErrorKind
from tests.support.api_failures import (
    bad_key,
    bad_request,
    content_filter,
    forbidden,
    html_error,
    no_quota,
    rate_limited,
    redirect,
    server_error,
    too_long,
    unknown_model,
)
from tests.support.api_server import KEY, ScriptedApi
from tests.support.chat_kit import (
    Said,
    answer_of,
    ask,
    chats_of,
    ended,
    open_chat,
    send,
    sent,
    shown_chat,
    told,
    turns,
)
from tests.support.editor_profiles import HELIX_25_07, NEOVIM_0_12, VSCODE, in_editors
from tests.support.server_kit import stored_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_failures import Failure
    from tests.support.api_script import Cut
    from tests.support.api_wire import FinishReason
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

NO_LOOK_UPS = """
import socket
look_up = socket.getaddrinfo
def getaddrinfo(host, *more, **options):
    if host not in (None, "127.0.0.1", b"127.0.0.1"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return look_up(host, *more, **options)
socket.getaddrinfo = getaddrinfo
"""
"""A `sitecustomize` under which no look-up leaves the machine: each fails at once."""

TRIES = 3
"""How often a request is made that may succeed a moment later."""


class Refusal(NamedTuple):
    """A reply that is no answer, the kind it is stored as, and what the user is told."""

    failure: Failure
    kind: ErrorKind
    sentence: str
    tries: int = 1


REFUSALS = (
    Refusal(bad_key(), ErrorKind.BAD_KEY, "did not accept the API key (401)"),
    Refusal(forbidden(), ErrorKind.FORBIDDEN, "forbids this (403)"),
    Refusal(unknown_model(), ErrorKind.UNKNOWN_MODEL, "does not offer the model gpt-5.5 to you"),
    Refusal(too_long(), ErrorKind.TOO_LONG, "longer than gpt-5.5 can take: select less code"),
    Refusal(bad_request(), ErrorKind.BAD_REQUEST, "remove or change the setting `temperature`"),
    Refusal(
        rate_limited("120"), ErrorKind.RATE_LIMITED, "too many requests from you (429): ask again in 2 min"
    ),
    Refusal(rate_limited(), ErrorKind.RATE_LIMITED, "ask again in a minute", TRIES),
    Refusal(no_quota(), ErrorKind.QUOTA, "Your quota at"),
    Refusal(server_error(500), ErrorKind.SERVER, "has a problem of its own (500)", TRIES),
    Refusal(server_error(503, "90"), ErrorKind.SERVER, "(503): ask again in 90 s"),
    Refusal(html_error(200), ErrorKind.MALFORMED, "sent something that is no answer (text/html)"),
    Refusal(
        redirect("http://127.0.0.1:9/v1"), ErrorKind.NOT_ALLOWED, "a redirect (307), which is not followed"
    ),
    Refusal(content_filter(), ErrorKind.CONTENT_FILTER, "stopped this request: ask differently"),
)


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that cannot look up a name."""
    (tmp_path / "sitecustomize.py").write_text(NO_LOOK_UPS, encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path)}


def one_sentence(client: EditorClient, before: int) -> str:
    """The only message since then."""
    (shown,) = client.messages[before:]
    assert shown.message.startswith("PyGPT: ")
    assert shown.message.endswith(".")
    assert "\n" not in shown.message
    return shown.message


async def test_every_refusal_of_the_api_is_one_sentence_and_the_next_try_is_answered(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    for number, refusal in enumerate(REFUSALS):
        before, requests = len(client.messages), len(api.requests)
        chat = open_chat(client, workspace, f"## User\n\nQuestion {number} ö\n", f"{number}.chat.md")
        for _ in range(refusal.tries):
            api.fail(refusal.failure)
        await send(client, chat)
        assert await ended(client, 2 * number + 1) == "PyGPT: failed"
        assert refusal.sentence in one_sentence(client, before)
        assert len(api.requests) - requests == refusal.tries
        asked = Said("user", f"Question {number} ö")
        assert turns(chat.text) == [asked, Said("assistant", ""), Said("user", "")]
        await send(client, chat)
        await ended(client, 2 * number + 2)
        assert turns(chat.text) == [
            asked,
            Said("assistant", "An answer from the scripted model."),
            Said("user", ""),
        ]
        assert sent(api.requests[-1]) == [asked]
    stored = stored_turns(workspace / ".pygpt/cache")
    assert [turn.error_kind for turn in stored[::2]] == [refusal.kind.value for refusal in REFUSALS]
    assert [turn.status for turn in stored] == ["failed", "done"] * len(REFUSALS)
    for turn, refusal in zip(stored[::2], REFUSALS, strict=True):
        assert refusal.sentence in (turn.error or "")
        assert turn.answer == ""


@in_editors(HELIX_25_07, NEOVIM_0_12)
async def test_an_answer_that_breaks_off_is_kept_and_marked(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    breaks: tuple[tuple[Cut | None, ErrorKind, str], ...] = (
        ("reset", ErrorKind.CUT, "broke before the answer was complete"),
        ("close", ErrorKind.CUT, "broke before the answer was complete"),
        ("end", ErrorKind.CUT, "broke before the answer was complete"),
        (None, ErrorKind.MALFORMED, "sent something that is no answer"),
    )
    begun = "Begun ö.\n```\n## User\n"
    for number, (how, _, sentence) in enumerate(breaks):
        before = len(client.messages)
        chat = open_chat(client, workspace, "## User\n\nQ\n", f"{number}.chat.md")
        reply = api.stream()
        reply.send(begun)
        if how is None:
            reply.malformed()
        else:
            reply.cut(how)
        await send(client, chat)
        assert await ended(client, 2 * number + 1) == "PyGPT: failed"
        told_once = one_sentence(client, before)
        assert sentence in told_once
        assert "what arrived is kept" in told_once
        assert turns(chat.text) == [Said("user", "Q"), Said("assistant", begun), Said("user", "")]
        assert f"\n\n<!-- pygpt: failed: {told_once.removeprefix('PyGPT: ')} -->\n\n## User" in chat.text
        await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
        await ended(client, 2 * number + 2)
        assert answer_of(chat.text) == "An answer from the scripted model."
        assert "<!--" not in chat.text
        assert sent(api.requests[-1]) == [Said("user", "Q")]
    stored = stored_turns(workspace / ".pygpt/cache")
    assert [turn.error_kind for turn in stored[::2]] == [kind.value for _, kind, _ in breaks]
    assert [turn.answer for turn in stored[::2]] == [begun] * len(breaks)


async def test_an_answer_that_the_api_cut_short_is_kept_and_marked(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    cases: tuple[tuple[FinishReason, str], ...] = (
        ("length", "cut at max_output_tokens"),
        ("content_filter", "cut by the API's content filter"),
    )
    for number, (reason, note) in enumerate(cases):
        chat = open_chat(client, workspace, "## User\n\nQ\n", f"{number}.chat.md")
        api.reply("Begun.", finish_reason=reason)
        await send(client, chat)
        await ended(client, number + 1)
        assert answer_of(chat.text) == "Begun."
        assert f"\n\n<!-- pygpt: {note}" in chat.text
    assert [turn.finish_reason for turn in stored_turns(workspace / ".pygpt/cache")] == [
        "length",
        "content_filter",
    ]


async def test_an_empty_answer_and_a_filtered_one_are_failures(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    cases: tuple[tuple[FinishReason, ErrorKind, str], ...] = (
        ("stop", ErrorKind.EMPTY, "gave an empty answer"),
        ("length", ErrorKind.EMPTY, "raise `max_output_tokens`"),
        ("content_filter", ErrorKind.CONTENT_FILTER, "stopped this request"),
    )
    for number, (reason, _, sentence) in enumerate(cases):
        before = len(client.messages)
        chat = open_chat(client, workspace, "## User\n\nQ\n", f"{number}.chat.md")
        api.reply("", finish_reason=reason)
        await send(client, chat)
        await ended(client, number + 1)
        told_once = one_sentence(client, before)
        assert sentence in told_once
        assert turns(chat.text)[:2] == [Said("user", "Q"), Said("assistant", "")]
        note = f"<!-- pygpt: failed: {told_once.removeprefix('PyGPT: ')} -->"
        assert f"## Assistant\n\n{note}\n\n## User\n" in chat.text
    stored = stored_turns(workspace / ".pygpt/cache")
    assert [(turn.status, turn.error_kind) for turn in stored] == [("failed", kind) for _, kind, _ in cases]


async def test_where_an_answer_was_asked_for_again_in_vain_it_stays(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(NEOVIM_0_12)
    answer = "A ö\n\\## User\n\n```py\nx"
    text = f"## User\n\nQ\n\n## Assistant\n\n{answer}\n```\n<!-- fence closed by pygpt-lsp -->\n\n## User\n\n"
    chat = open_chat(client, workspace, text)
    before = turns(chat.text)
    api.fail(bad_key())
    await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
    await ended(client)
    assert turns(chat.text) == before
    assert "<!-- pygpt: asked again: failed: 127.0.0.1" in chat.text

    reply = api.stream(hang=True)
    await client.execute("pygpt.chat.regenerate", {"uri": chat.uri})
    await reply.until_taken()
    await client.execute("pygpt.stop")
    await ended(client, 2)
    assert turns(chat.text) == before
    assert chat.text.count("<!-- pygpt:") == 1
    assert "<!-- pygpt: asked again: stopped -->" in chat.text


async def test_every_failure_of_the_network_is_one_sentence_and_the_next_try_is_answered(
    editor: Editors, api: ScriptedApi, workspace: Path, offline: dict[str, str]
) -> None:
    with closing(socket.socket()) as nobody, ScriptedApi(tls=True) as stranger:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        cases = (
            ({"base_url": "https://api.example.com/v1"}, ErrorKind.DNS, "name of api.example.com could not"),
            (
                {"base_url": f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"},
                ErrorKind.REFUSED,
                "Nothing answers at 127.0.0.1:",
            ),
            ({"base_url": stranger.base_url}, ErrorKind.TLS, "is not secure (its certificate is not trusted"),
            ({"timeouts": {"idle": 0.2}}, ErrorKind.TIMEOUT, "sent nothing for 0.2 s"),
        )
        client = await editor(HELIX_25_07, env=offline)
        for number, (settings, kind, sentence) in enumerate(cases):
            chat = open_chat(client, workspace, "## User\n\nQ\n", f"{number}.chat.md")
            client.change_configuration({"api": "chat", **settings})
            before = len(client.messages)
            if kind is ErrorKind.TIMEOUT:
                api.stream(hang=True)
            await send(client, chat)
            assert await ended(client, 2 * number + 1) == "PyGPT: failed"
            assert sentence in one_sentence(client, before)
            client.change_configuration({"api": "chat"})
            await send(client, chat)
            await ended(client, 2 * number + 2)
            assert answer_of(chat.text) == "An answer from the scripted model."
        assert stranger.requests == []
    stored = stored_turns(workspace / ".pygpt/cache")
    assert [turn.error_kind for turn in stored[::2]] == [kind.value for _, kind, _ in cases]
    assert [turn.status for turn in stored] == ["failed", "done"] * len(cases)


async def test_a_silence_midway_keeps_what_had_arrived(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07, options={"timeouts": {"idle": 2}})
    api.stream().send("Begun. ")
    await ask(client, "Why?")
    chat = await shown_chat(client)
    await ended(client)
    assert "what arrived is kept" in await told(client, "sent nothing for 2 s")
    assert answer_of(chat.text) == "Begun. "
    (turn,) = stored_turns(workspace / ".pygpt/cache")
    assert (turn.status, turn.error_kind, turn.answer) == ("failed", "timeout", "Begun. ")


async def test_without_a_key_nothing_is_sent_and_with_one_the_question_is_answered(
    editor: Editors, api: ScriptedApi, workspace: Path, home: Path, offline: dict[str, str]
) -> None:
    key_in_a_file = home / "key.py"
    key_in_a_file.write_text(f"print({KEY!r})", encoding="utf-8")
    elsewhere = {"OPENAI_API_KEY": None, "OPENAI_BASE_URL": "https://api.example.com/v1"}
    client = await editor(HELIX_25_07, env={**offline, **elsewhere})
    await ask(client, "Why ö?")
    chat = await shown_chat(client)
    assert await ended(client) == "PyGPT: failed"
    assert "OPENAI_API_KEY" in one_sentence(client, 0)
    assert api.requests == []
    assert turns(chat.text) == [Said("user", "Why ö?"), Said("assistant", ""), Said("user", "")]
    command = [sys.executable, str(key_in_a_file)]
    client.change_configuration({"base_url": api.base_url, "api_key_command": command})
    await send(client, chat)
    await ended(client, 2)
    assert answer_of(chat.text) == "An answer from the scripted model."
    failed, done = stored_turns(workspace / ".pygpt/cache")
    assert (failed.status, failed.error_kind, done.status) == ("failed", "no_key", "done")
    assert api.requests[0].header("Authorization") == f"Bearer {KEY}"


async def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(HELIX_25_07)
    client.change_configuration({"base_url": "http://api.example.com/v1"})
    await told(client, "base_url")
    before = len(client.messages)
    await ask(client, "Why?")
    await ended(client)
    await told(client, "PyGPT: ", after=before)
    assert api.requests == []
    assert chats_of(client)
    (turn,) = stored_turns(workspace / ".pygpt/cache")
    assert turn.status == "failed"
