"""Any answer, also one of a megabyte, is sent back as it came: through the real server and an open buffer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.support.chat_kit import Said, ended, open_chat, send, sent
from tests.support.chat_texts import FRAGMENTS
from tests.support.editor_profiles import EGLOT, HELIX_25_07, NEOVIM_0_12, VSCODE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors

CHATS = 8
LIMIT = {"max_input_tokens": 10_000_000}


def hostile(rng: random.Random) -> list[str]:
    """An answer of lines that mean something to chats, or nearly do, in the pieces in which it comes."""
    pieces = [rng.choice((*FRAGMENTS, "\n", "\n", "\n\n")) for _ in range(rng.randrange(1, 30))]
    return [*pieces, "ö 😀"]


@pytest.mark.parametrize(
    ("profile", "eol"),
    [(HELIX_25_07, "\r\n"), (NEOVIM_0_12, "\n"), (VSCODE, "\r\n"), (EGLOT, "\n")],
    ids=lambda value: getattr(value, "name", None),
)
async def test_whatever_an_answer_looks_like_it_is_sent_back_unchanged(
    editor: Editors, api: ScriptedApi, workspace: Path, profile: Profile, eol: str
) -> None:
    rng = random.Random(profile.name)
    client = await editor(profile, options=LIMIT)
    for number in range(CHATS):
        chat = open_chat(client, workspace, f"## User{eol * 2}Q ö{eol}", f"{number}.chat.md")
        pieces = hostile(rng)
        api.reply(deltas=pieces)
        await send(client, chat)
        await ended(client, 2 * number + 1)
        chat.type("More?", at=len(chat.text.removesuffix("\n").removesuffix("\r")))
        await send(client, chat)
        await ended(client, 2 * number + 2)
        answer = "".join(pieces)
        assert sent(api.requests[-1]) == [
            Said("user", "Q ö"),
            Said("assistant", answer),
            Said("user", "More?"),
        ]


async def test_an_answer_of_a_megabyte_is_sent_back_unchanged(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    eol, lines = "\r\n", "## User\n```py\nö = 1  # 😀\n---\nmodel: x\n---\n<!-- pygpt: stopped -->\n~~~\n"
    answer = f"{lines}{'word ' * 200}\n" * 1000 + "end"
    assert len(answer.encode()) > 1_000_000
    client = await editor(VSCODE, options=LIMIT)
    chat = open_chat(client, workspace, f"## User{eol * 2}Q ö{eol}")
    api.reply(deltas=[answer[start : start + 50_000] for start in range(0, len(answer), 50_000)])
    await send(client, chat)
    await ended(client)
    chat.type("More?", at=len(chat.text))
    await send(client, chat)
    await ended(client, 2)
    assert sent(api.requests[1]) == [Said("user", "Q ö"), Said("assistant", answer), Said("user", "More?")]
