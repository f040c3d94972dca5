"""What the editor offers on a page: the entries of its menu, its links and its lenses. From memory, at once.

Whatever a lens does an entry of the menu does too, since Helix has no lenses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.actions import kind_wanted
from pygpt_lsp.core.history_page import entry_at, parse_page
from pygpt_lsp.core.models_page import model_at
from pygpt_lsp.core.settings_table import inside_workspace
from pygpt_lsp.core.text import Position, Range
from pygpt_lsp.lsp.convert import path_of_uri, range_from_lsp, range_to_lsp, uri_of_path
from pygpt_lsp.lsp.pages import page_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.documents import DocumentSnapshot
    from pygpt_lsp.core.history_page import PageEntry
    from pygpt_lsp.core.pages import PageMark
    from pygpt_lsp.lsp.server import PygptServer

_KIND = "pygpt.chat"
_TITLE_CHARACTERS = 50
_HISTORY = (
    ("Open", "pygpt.history.open"),
    ("Fork", "pygpt.history.fork"),
    ("Delete", "pygpt.history.delete"),
)


def page_actions(
    server: PygptServer,
    snapshot: DocumentSnapshot,
    mark: PageMark,
    kinds: Sequence[str] | None,
    params: types.CodeActionParams,
) -> list[types.CodeAction]:
    """The menu on a page: what can be done with the entry at the beginning of the range."""
    automatic = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    if automatic or not kind_wanted(_KIND, kinds):
        return []
    line = range_from_lsp(snapshot.text, params.range, server.encoding).start.line
    if mark.kind == "models":
        model = model_at(snapshot.text.line_content(line))
        return [] if model is None else [_action(f"Use {model}", "pygpt.model.select", {"model": model})]
    entry = entry_at(_entries(snapshot), line)
    if entry is None:
        return []
    argument = {"id": entry.id, "uri": snapshot.uri}
    return [_action(f"{word} “{_short(entry.title)}”", command, argument) for word, command in _HISTORY]


def page_links(server: PygptServer, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    """The links of a history page to the chats that are there."""
    snapshot = server.session.workspace.documents.get(params.text_document.uri)
    folder = path_of_uri(params.text_document.uri)
    if snapshot is None or folder is None or _is_no_history(snapshot):
        return None
    links: list[types.DocumentLink] = []
    for entry in _entries(snapshot):
        # A page may be a repository's: it leads to what lies beside it, and nowhere else.
        if entry.link is not None and inside_workspace(entry.link[2]):
            start, end, target = entry.link
            span = Range(Position(entry.first_line, start), Position(entry.first_line, end))
            where = range_to_lsp(snapshot.text, span, server.encoding)
            links.append(types.DocumentLink(where, target=uri_of_path(folder.parent / target)))
    return links


def page_lenses(server: PygptServer, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """Open, Fork and Delete above each conversation of a history page."""
    snapshot = server.session.workspace.documents.get(params.text_document.uri)
    if snapshot is None or _is_no_history(snapshot):
        return None
    lenses: list[types.CodeLens] = []
    for entry in _entries(snapshot):
        start = types.Position(entry.first_line, 0)
        argument = {"id": entry.id, "uri": snapshot.uri}
        lenses += [
            types.CodeLens(types.Range(start, start), types.Command(word, command, arguments=[argument]))
            for word, command in _HISTORY
        ]
    return lenses


def _is_no_history(snapshot: DocumentSnapshot) -> bool:
    mark = page_mark(snapshot)
    return mark is None or mark.kind != "history"


def _entries(snapshot: DocumentSnapshot) -> tuple[PageEntry, ...]:
    text = snapshot.text
    return parse_page([text.line_content(line) for line in range(text.line_count)])


def _action(title: str, command: str, argument: dict[str, Any]) -> types.CodeAction:
    title = f"PyGPT: {title}"
    return types.CodeAction(
        title, kind=_KIND, command=types.Command(title=title, command=command, arguments=[argument])
    )


def _short(title: str) -> str:
    return title if len(title) <= _TITLE_CHARACTERS else f"{title[: _TITLE_CHARACTERS - 1]}…"
