"""`textDocument/codeAction`: the menu, answered from what is in memory.

Every entry is a command with its argument; none needs `codeAction/resolve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core import actions
from pygpt_lsp.core.comments import find_instruction
from pygpt_lsp.core.pages import CHAT_SUFFIX, read_mark
from pygpt_lsp.lsp.convert import diagnostics_from_lsp, range_from_lsp
from pygpt_lsp.lsp.targets import is_selection
from pygpt_lsp.session.workspace import Selection

if TYPE_CHECKING:
    from collections.abc import Generator

    from pygpt_lsp.core.documents import DocumentSnapshot
    from pygpt_lsp.lsp.server import PygptServer

_PROMPT_SECONDS = 0.3
"""How long the menu waits for the disk, which takes a thousandth of that: one that hangs costs it the users'
newest prompts."""


def code_actions(
    server: PygptServer, params: types.CodeActionParams
) -> Generator[Any, Any, list[types.CodeAction]]:
    """The menu for a range of a document; empty for a document that is not ours.

    A handler as pygls runs it: its beginning at once, so that the range is one in the text as it is now.
    """
    snapshot = server.session.workspace.documents.get(params.text_document.uri)
    if snapshot is None:
        return []
    only = params.context.only
    kinds = None if only is None else [str(getattr(kind, "value", kind)) for kind in only]
    if snapshot.uri.endswith(CHAT_SUFFIX):
        if (mark := read_mark(snapshot.text.line_content(0))) is not None:
            from pygpt_lsp.lsp.page_features import page_actions

            return page_actions(server, snapshot, mark, kinds, params)
        from pygpt_lsp.lsp.chat_menu import chat_actions

        return (yield from chat_actions(server, params, kinds))
    return (yield from _in_code(server, snapshot, params, kinds))


def _in_code(
    server: PygptServer, snapshot: DocumentSnapshot, params: types.CodeActionParams, kinds: list[str] | None
) -> Generator[Any, Any, list[types.CodeAction]]:
    from pygpt_lsp.core.outline import definition_at
    from pygpt_lsp.core.prompt_menu import prompt_offers

    session, text = server.session, snapshot.text
    span = range_from_lsp(text, params.range, server.encoding)
    selected = is_selection(text, span)
    automatic = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    session.workspace.cursor = Selection(snapshot.uri, snapshot.version, span)
    if automatic and not selected:
        return []
    given = params.context.diagnostics
    diagnostics = diagnostics_from_lsp(text, given, server.encoding)
    if not automatic:
        session.connection.warm_up()
    session.workspace.note_selection(Selection(snapshot.uri, snapshot.version, span, diagnostics))
    server.watch.touched()
    last = span.end.line - 1 if span.end.character == 0 and span.end.line > span.start.line else span.end.line
    instruction = find_instruction(text, span.start.line, last, snapshot.language_id)
    situation = actions.Situation(
        language_id=snapshot.language_id,
        has_selection=selected,
        has_region=selected or definition_at(text, span.start.line, snapshot.language_id) is not None,
        automatic=automatic,
        diagnostics=[diagnostic.message for diagnostic in diagnostics],
        instruction=instruction.text if instruction else None,
        running=bool(session.jobs.on(snapshot.uri)),
    )
    where: dict[str, Any] = {
        "uri": snapshot.uri,
        "version": snapshot.version,
        "range": _plain(params.range),
    }
    menu: list[types.CodeAction] = []
    for offer in actions.offers(situation, enabled=session.settings.actions_enabled, only=kinds):
        if offer.action_id == "stop":
            stop = _entry(offer, "pygpt.stop", {"uri": snapshot.uri})
            # What else would be sorted above it: fixes that belong to a diagnostic, and preferred ones.
            stop.is_preferred = True
            stop.diagnostics = given or None
            menu.append(stop)
            continue
        argument = where.copy()
        about = None
        if offer.number is not None:
            about = given[offer.number]
            argument |= {"instruction": about.message, "range": _plain(about.range)}
        if offer.question is not None:
            argument["question"] = offer.question
        if offer.action_id != "ask":
            argument["id"] = offer.action_id
        command = "pygpt.ask" if offer.action_id == "ask" else "pygpt.action"
        entry = _entry(offer, command, argument)
        entry.diagnostics = [about] if about is not None else None
        menu.append(entry)
    root = session.workspace.root_of_document(snapshot.uri)
    yield session.prompts.refresh, (root, _PROMPT_SECONDS), None
    offers = prompt_offers(session.prompts.prompts(root), situation, kinds)
    return menu + [_entry(offer, "pygpt.action", {**where, "id": offer.action_id}) for offer in offers]


def _entry(offer: actions.Offer, command: str, argument: dict[str, Any]) -> types.CodeAction:
    return types.CodeAction(
        offer.title,
        kind=offer.kind,
        command=types.Command(title=offer.title, command=command, arguments=[argument]),
    )


def _plain(span: types.Range) -> dict[str, Any]:
    """A range as JSON: an argument goes to the client and comes back as it is."""
    return {
        "start": {"line": span.start.line, "character": span.start.character},
        "end": {"line": span.end.line, "character": span.end.character},
    }
