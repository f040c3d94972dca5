"""Prompts and presets in chats: from `/name` and `@name` to what is sent for them.

A prompt's variables stand for the code that the turn's context lines give. Where they give none, they stand
for what was selected last, which goes along as if the turn had a line `#selection`, under the same rules.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat_context import ContextRef
from pygpt_lsp.core.chat_mentions import Wish, question_line, wish_of
from pygpt_lsp.core.languages import canonical
from pygpt_lsp.core.messages import Message
from pygpt_lsp.core.presets import Preset, combined, preset_named
from pygpt_lsp.core.user_prompts import Values, fill, needs_code_in_place
from pygpt_lsp.lsp.chat_given import message_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.core.context import ContextPart
    from pygpt_lsp.core.user_prompts import UserPrompt
    from pygpt_lsp.lsp.chat_given import Given
    from pygpt_lsp.lsp.chat_material import ContextResolver
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.front_matter import FrontMatter

_CODE = frozenset({"file", "selection", "buffer", "symbol"})  # kinds of context
_PLACES = frozenset({"selection", "file", "language", "diagnostics"})  # variables that say where the user is


def wishes_of(server: PygptServer, root: Path | None, turns: Sequence[ChatTurn]) -> list[Wish]:
    """What each of the turns asks for, by the prompts and presets in memory; the last one is to be answered.

    Raises UnknownMention.
    """
    library = server.session.prompts
    prompts, presets, unusable = library.prompts(root), library.presets(root), library.unusable(root)
    last = len(turns) - 1
    return [
        wish_of(turn, prompts, presets, unusable, asked=index == last)
        if turn.role == "user"
        else Wish(turn.text)
        for index, turn in enumerate(turns)
    ]


def chosen_for(server: PygptServer, root: Path | None, front: FrontMatter, wish: Wish) -> Preset:
    """Who is to answer, and how: what stands nearest to the question counts.

    That is its `@preset`, then its `/prompt`, the chat's front matter, the preset named there, the settings.
    Raises PygptError for a preset that there is not.
    """
    settings = server.session.settings
    layers = [wish.preset] if wish.preset is not None else []
    if wish.prompt is not None:
        layers.append(Preset("", model=wish.prompt.model))
    layers.append(Preset("", front.system, front.model, front.temperature, front.reasoning_effort))
    if front.preset is not None:
        library = server.session.prompts
        known, unusable = library.presets(root), library.unusable(root)
        layers.append(preset_named(front.preset, known, unusable, "The chat's front matter"))
    layers.append(Preset("", None, settings.model, settings.temperature, settings.reasoning_effort))
    return combined(layers)


async def messages_for(
    resolver: ContextResolver, turns: Sequence[ChatTurn], wishes: Sequence[Wish]
) -> list[Message]:
    """The messages that are sent for the turns. Raises ContextRefused."""
    messages: list[Message] = []
    for turn, wish in zip(turns, wishes, strict=True):
        content = await message_for(resolver, turn, wish) if turn.role == "user" else turn.text
        if content.strip():
            messages.append(Message(turn.role, content))
    return messages


async def message_for(resolver: ContextResolver, turn: ChatTurn, wish: Wish) -> str:
    """A user's turn as it is sent: the context, then the question. Raises ContextRefused."""
    given = await resolver.whole_turn(turn)
    prompt = wish.prompt
    if prompt is None:
        return message_of(given, wish.words)
    where = _code_in(given)
    if not where and _PLACES & prompt.variables:
        selection = ContextRef("selection", None, None, None, question_line(turn), f"/{prompt.name}")
        selected = await resolver.whole_turn(turn._replace(context=(selection,)))
        where = _code_in(selected)
        if "selection" in prompt.variables and not needs_code_in_place(prompt.text):
            given = [*given, *selected]
    said = await _diagnostics(resolver, turn, where) if "diagnostics" in prompt.variables else ""
    return message_of(given, _filled(prompt, wish.words, where, said))


def _filled(prompt: UserPrompt, words: str, where: Sequence[ContextPart], diagnostics: str) -> str:
    file = where[0].path if where else ""
    language = (where[0].language_id or PurePath(file).suffix[1:]) if where else ""
    values = Values(
        selection="\n".join(part.text for part in where),
        file=file,
        language=canonical(language),
        diagnostics=diagnostics,
        instruction=words,
        above="the code above",
    )
    text = fill(prompt.text, values)
    return f"{text}\n\n{words}" if words and "instruction" not in prompt.variables else text


def _code_in(given: Sequence[Given]) -> list[ContextPart]:
    return [part for each in given for part in each.parts if part.kind in _CODE]


async def _diagnostics(resolver: ContextResolver, turn: ChatTurn, where: Sequence[ContextPart]) -> str:
    refs = tuple(
        ContextRef("diagnostics", part.path, part.start_line, part.end_line, question_line(turn), "")
        for part in where
    )
    given = await resolver.whole_turn(turn._replace(context=refs))
    return "\n".join(part.text for each in given for part in each.parts) or "none"
