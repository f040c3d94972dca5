"""How much an open chat would send now, and what stands against it; asked again and again as the user types.

It goes the way of the request itself, context line by context line, but does not stop at what is refused,
asks nobody and starts no program.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

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
    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_given import Given
    from pygpt_lsp.lsp.server import PygptServer


Memory: TypeAlias = "dict[tuple[ContextRef, ...], list[Given]]"
"""What the context lines of turns gave; their places in the document are left out."""

_AT_ONCE: Final = 100  # turns, before others have their turn
_DEPENDENT: Final = frozenset({"rules", "symbol"})  # kinds of context that look at other turns


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
    root = session.workspace.root_of_document(parsed.snapshot.uri)
    asked = await _asked(server, parsed, root)
    resolver = _Tolerant(server, root, server.watch.memory_of(parsed.snapshot.uri))
    sizes: dict[int, int] = {}
    for turn, wish in zip(asked.turns, asked.wishes, strict=True):
        content = await message_for(resolver, turn, wish) if turn.role == "user" else turn.text
        sizes[turn.heading_line] = session.estimator.estimate(content, asked.model) if content.strip() else 0
        if len(sizes) % _AT_ONCE == 0:
            await asyncio.sleep(0)
    system = chat_system(session.settings.system_prompt, asked.system)
    tokens = session.estimator.estimate(system.content, asked.model) + sum(sizes.values())
    return Measure(asked.model, tokens, sizes, tuple(resolver.given), asked.mention, asked.choice)


async def answering_model(server: PygptServer, parsed: ParsedChat) -> str:
    """The model that an open chat would be sent to."""
    session = server.session
    return (await _asked(server, parsed, session.workspace.root_of_document(parsed.snapshot.uri))).model


class _Asked(NamedTuple):
    """What a chat asks for, and of whom; `mention` and `choice` as in `Measure`."""

    turns: list[ChatTurn]
    wishes: list[Wish]
    model: str
    system: str | None
    mention: UnknownMention | None
    choice: str | None


async def _asked(server: PygptServer, parsed: ParsedChat, root: Path | None) -> _Asked:
    turns = [turn for turn in parsed.chat.turns if turn.text.strip()]
    wishes, mention = _wishes(server, root, turns)
    # In a thread, since the first time a library is loaded.
    front = await asyncio.to_thread(_front_matter, parsed.chat.front_matter)
    last = wishes[-1] if wishes else Wish("")
    choice = None
    try:
        chosen = chosen_for(server, root, front, last)
    except PygptError as error:
        choice = error.sentence
        chosen = chosen_for(server, root, front._replace(preset=None), last)
    model = chosen.model or server.session.settings.model
    return _Asked(turns, wishes, model, chosen.system, mention, choice)


@lru_cache(maxsize=32)
def _front_matter(raw: str | None) -> FrontMatter:
    """What a front matter says, nothing where it cannot be read; remembered, since it hardly ever changes."""
    try:
        return read_front_matter(raw)
    except PygptError:
        return FrontMatter()


class _Tolerant(ContextResolver):
    """Goes on after what is refused, and keeps what was found.

    What a turn's lines gave a moment ago they give again, as `memory` has it, where they depend on no others.
    """

    def __init__(self, server: PygptServer, root: Path | None, memory: Memory) -> None:
        super().__init__(server, root, "watch")
        self.given: list[Given] = []
        self._memory = memory

    async def whole_turn(self, turn: ChatTurn) -> list[Given]:
        given = await self.turn(turn)
        self.given += given
        return given

    async def turn(self, turn: ChatTurn) -> list[Given]:
        if not turn.context or any(ref.kind in _DEPENDENT for ref in turn.context):
            return await super().turn(turn)
        key = tuple(ref._replace(line=0) for ref in turn.context)
        known = self._memory.get(key)
        if known is None:
            known = self._memory[key] = await super().turn(turn)
            return known
        self._named += turn.context
        return [given._replace(ref=ref) for given, ref in zip(known, turn.context, strict=True)]


def _wishes(
    server: PygptServer, root: Path | None, turns: Sequence[ChatTurn]
) -> tuple[list[Wish], UnknownMention | None]:
    """What each of the turns asks for, and what is wrong with the last one."""
    library = server.session.prompts
    prompts, presets, unusable = library.prompts(root), library.presets(root), library.unusable(root)
    wishes: list[Wish] = []
    unknown: UnknownMention | None = None
    for turn in turns:
        wish = Wish(turn.text)
        if turn.role == "user":
            try:
                wish = wish_of(turn, prompts, presets, unusable, asked=turn is turns[-1])
            except UnknownMention as mention:
                wish, unknown = Wish(turn.question), mention
        wishes.append(wish)
    return wishes, unknown
