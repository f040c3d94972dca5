"""How much an open chat would send now, and what stands against it; asked again and again as the user types.

It goes the way of the request itself, context line by context line, but does not stop at what is refused,
asks nobody and starts no program.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat_mentions import UnknownMention, Wish, wish_of
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.prompts import chat_system
from pygpt_lsp.lsp.chat_material import ContextResolver
from pygpt_lsp.lsp.chat_prompts import chosen_for, message_for
from pygpt_lsp.services.front_matter import FrontMatter, read_front_matter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_material import Given
    from pygpt_lsp.lsp.server import PygptServer


class Measure(NamedTuple):
    """What a chat would send.

    `tokens` is the estimate for all of it as far as it is known, `model` who would get it. `sizes` are the
    tokens of each turn, by the line of its heading, `given` is what each context line gives. `mention` names
    a prompt or a preset that there is not, `choice` is the sentence about a preset of the front matter that
    there is not.
    """

    model: str
    tokens: int
    sizes: dict[int, int]
    given: tuple[Given, ...]
    mention: UnknownMention | None
    choice: str | None

    @property
    def pending(self) -> tuple[str, ...]:
        """The context whose size is not known, as written."""
        return tuple(dict.fromkeys(each.ref.raw for each in self.given if each.pending))


async def measure_chat(server: PygptServer, parsed: ParsedChat) -> Measure:
    """Measure an open chat."""
    session = server.session
    root = session.root_of(session.path_of(parsed.snapshot.uri))
    turns = [turn for turn in parsed.chat.turns if turn.text.strip()]
    wishes, mention = _wishes(server, root, turns)
    # In a thread, since the first time a library is loaded.
    front = await asyncio.to_thread(_front_matter, parsed.chat.front_matter)
    choice = None
    asked = wishes[-1] if wishes else Wish("")
    try:
        chosen = chosen_for(server, root, front, asked)
    except PygptError as error:
        choice = error.sentence
        chosen = chosen_for(server, root, front._replace(preset=None), asked)
    resolver = _Tolerant(server, root)
    model = chosen.model or session.settings.model
    sizes: dict[int, int] = {}
    for turn, wish in zip(turns, wishes, strict=True):
        content = await message_for(resolver, turn, wish) if turn.role == "user" else turn.text
        sizes[turn.heading_line] = session.estimator.estimate(content, model) if content.strip() else 0
    system = chat_system(session.settings.system_prompt, chosen.system)
    tokens = session.estimator.estimate(system.content, model) + sum(sizes.values())
    return Measure(model, tokens, sizes, tuple(resolver.given), mention, choice)


@lru_cache(maxsize=32)
def _front_matter(raw: str | None) -> FrontMatter:
    """What a front matter says, nothing where it cannot be read; remembered, since it hardly ever changes."""
    try:
        return read_front_matter(raw)
    except PygptError:
        return FrontMatter()


class _Tolerant(ContextResolver):
    """Goes on after what is refused, and keeps what was found."""

    def __init__(self, server: PygptServer, root: Path | None) -> None:
        super().__init__(server, root, "watch")
        self.given: list[Given] = []

    async def whole_turn(self, turn: ChatTurn) -> list[Given]:
        given = await self.turn(turn)
        self.given += given
        return given


def _wishes(
    server: PygptServer, root: Path | None, turns: Sequence[ChatTurn]
) -> tuple[list[Wish], UnknownMention | None]:
    """What each of the turns asks for, and what is wrong with the last one."""
    library = server.session.prompts
    prompts, presets = library.prompts(root), library.presets(root)
    wishes: list[Wish] = []
    unknown: UnknownMention | None = None
    for turn in turns:
        wish = Wish(turn.text)
        if turn.role == "user":
            try:
                wish = wish_of(turn, prompts, presets, asked=turn is turns[-1])
            except UnknownMention as mention:
                wish, unknown = Wish(turn.question), mention
        wishes.append(wish)
    return wishes, unknown
