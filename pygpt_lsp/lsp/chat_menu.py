"""The menu and the lenses of a chat: what `core/chat_offers` offers, as commands of ours.

An argument names the version of the document and lines in it, so that a command finds them after a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.actions import kind_wanted
from pygpt_lsp.core.chat_offers import ChatState, chat_lenses, chat_menu
from pygpt_lsp.lsp.chat_cache import chat_of, chat_with_parts
from pygpt_lsp.lsp.chat_json import VERSION
from pygpt_lsp.lsp.convert import range_from_lsp

if TYPE_CHECKING:
    from collections.abc import Collection, Generator

    from pygpt_lsp.core.chat_offers import ChatAction, ChatLens, ChatOffer
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_json import RawJson
    from pygpt_lsp.lsp.server import PygptServer

_COMMANDS: dict[ChatAction, str] = {
    "stop": "pygpt.stop",
    "send": "pygpt.chat.send",
    "preview": "pygpt.previewRequest",
    "apply": "pygpt.applyLast",
    "insert": "pygpt.chat.insert",
    "copy": "pygpt.chat.copy",
    "regenerate": "pygpt.chat.regenerate",
    "fork": "pygpt.chat.fork",
    "delete": "pygpt.chat.deleteTurn",
}


def chat_actions(
    server: PygptServer, params: types.CodeActionParams, kinds: Collection[str] | None
) -> Generator[Any, Any, list[types.CodeAction]]:
    """The menu for a range of an open chat; nothing on an automatic request. A handler as pygls runs it."""
    parsed = chat_of(server, params.text_document.uri)
    if parsed is None or params.context.trigger_kind is types.CodeActionTriggerKind.Automatic:
        return []
    server.session.connection.warm_up()
    span = range_from_lsp(parsed.snapshot.text, params.range, server.encoding)
    if parsed.is_new:
        yield server.chats.read_parts, (parsed,), None
    menu: list[types.CodeAction] = []
    for offer in chat_menu(_state(server, parsed), parsed.parts_of, span.start.line, span.end.line):
        if kind_wanted(offer.kind, kinds):
            title, command, arguments = (
                offer.menu_title,
                _COMMANDS[offer.action],
                [_argument(offer, parsed.snapshot.uri, parsed.snapshot.version)],
            )
            menu.append(
                types.CodeAction(
                    title, kind=offer.kind, command=types.Command(title, command, arguments=arguments)
                )
            )
    return menu


async def code_lenses(server: PygptServer, params: types.CodeLensParams) -> RawJson | None:
    """The lenses of an open chat, with their commands: nothing is resolved later."""
    parsed = await chat_with_parts(server, params.text_document.uri)
    if parsed is None:
        return None
    state = _state(server, parsed)

    def lenses_of(index: int) -> list[dict[str, Any]]:
        return [_lens(lens, parsed.snapshot.uri) for lens in chat_lenses(state, index, parsed.parts[index])]

    return parsed.json["lenses"].render(parsed, lenses_of, state.of_turn)


def _lens(lens: ChatLens, uri: str) -> dict[str, Any]:
    start = {"line": lens.line, "character": 0}
    offer = lens.offer
    command = {
        "title": offer.title,
        "command": _COMMANDS[offer.action],
        "arguments": [_argument(offer, uri, VERSION)],
    }
    return {"range": {"start": start, "end": start}, "command": command}


def _state(server: PygptServer, parsed: ParsedChat) -> ChatState:
    return ChatState.of(parsed.chat, running=bool(server.session.jobs.on(parsed.snapshot.uri)))


def _argument(offer: ChatOffer, uri: str, version: int | str) -> dict[str, Any]:
    if offer.lines is None:
        return {"uri": uri}
    first, last = offer.lines
    return {"uri": uri, "version": version, "range": {"start_line": first + 1, "end_line": last + 1}}
