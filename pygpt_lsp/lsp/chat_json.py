"""Answers about a chat as JSON, made anew only for the turns that have changed or moved.

An editor asks for all lenses and the whole outline after each key press. In a long chat these are thousands
of objects, of which one turn's are new.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pygpt_lsp.core.chat_parts import TurnParts
    from pygpt_lsp.lsp.chat_cache import ParsedChat

VERSION = "\0"
"""Stands for the document's version, where `"version"` names it, so that what holds one can be kept."""
_VERSION_JSON = f'"version":{json.dumps(VERSION)}'


class RawJson(str):
    """A result that is JSON already, in ASCII, and is sent as it is."""

    __slots__ = ()


class TurnJson:
    """One kind of answer about one chat: a list, to which each turn gives some objects."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, Hashable], tuple[TurnParts, str]] = {}

    def render(
        self,
        parsed: ParsedChat,
        make: Callable[[int], list[dict[str, Any]]],
        state_of: Callable[[int], Hashable] = lambda _index: None,
    ) -> RawJson:
        """The list. `make` gives the objects of the turn with that index; they may depend on the turn, on its
        line and on its `state_of`, and on nothing else that can change but the version."""
        known, self._known = self._known, {}
        chunks: list[str] = []
        for index, (turn, parts) in enumerate(zip(parsed.chat.turns, parsed.parts, strict=True)):
            # The last turn's text loses a line ending once another follows, and its parts stay.
            key = turn.heading_line, turn.text, state_of(index)
            before = known.get(key)
            chunk = before[1] if before is not None and before[0] is parts else _compact(make(index))
            self._known[key] = parts, chunk
            if chunk:
                chunks.append(chunk)
        version = f'"version":{parsed.snapshot.version}'
        return RawJson(f"[{','.join(chunks)}]".replace(_VERSION_JSON, version))


def _compact(objects: list[dict[str, Any]]) -> str:
    """The objects as JSON without spaces, separated by commas."""
    return json.dumps(objects, separators=(",", ":"))[1:-1]
