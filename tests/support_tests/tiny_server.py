"""A small pygls server that does, right or wrong, what a test of the editor asks of it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("tiny", "1", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)


def edit(uri: str, version: int | None, where: Any, text: str) -> types.ApplyWorkspaceEditParams:
    """A versioned edit; `where` is a range in JSON."""
    start, end = (types.Position(where[side]["line"], where[side]["character"]) for side in ("start", "end"))
    change = types.TextDocumentEdit(
        types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version),
        [types.TextEdit(types.Range(start, end), text)],
    )
    return types.ApplyWorkspaceEditParams(types.WorkspaceEdit(document_changes=[change]))


@server.command("text")
def text(ls: LanguageServer, uri: str) -> str:
    """The text as the server has it."""
    return ls.workspace.get_text_document(uri).source


@server.command("edit")
async def edit_now(ls: LanguageServer, uri: str, where: Any, new: str, ahead: int) -> Any:
    """Apply an edit, for the version that the server knows and `ahead` more."""
    version = (ls.workspace.get_text_document(uri).version or 0) + ahead
    try:
        result = await asyncio.shield(ls.workspace_apply_edit_async(edit(uri, version, where, new)))
    except Exception as error:
        return {"error": str(error)}
    return {"applied": result.applied, "reason": result.failure_reason}


@server.command("insert")
async def insert(ls: LanguageServer, uri: str, places: Any) -> bool:
    """Insert "1", "2", … at the positions given, all in one edit."""
    document = types.OptionalVersionedTextDocumentIdentifier(
        uri=uri, version=ls.workspace.get_text_document(uri).version
    )
    spots = [types.Position(place["line"], place["character"]) for place in places]
    edits = [types.TextEdit(types.Range(spot, spot), str(n)) for n, spot in enumerate(spots, 1)]
    whole = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])
    return (await ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(whole))).applied


@server.command("show")
async def show(ls: LanguageServer, uri: str) -> bool:
    """Show a document."""
    return (await ls.window_show_document_async(types.ShowDocumentParams(uri, take_focus=True))).success


@server.command("ask")
async def ask(ls: LanguageServer) -> str | None:
    """Ask the user."""
    actions = [types.MessageActionItem("Yes"), types.MessageActionItem("No")]
    params = types.ShowMessageRequestParams(types.MessageType.Info, "Sure?", actions)
    answer = await ls.window_show_message_request_async(params)
    return None if answer is None else answer.title


@server.command("work")
async def work(ls: LanguageServer) -> None:
    """Show progress and a message."""
    await ls.work_done_progress.create_async("token")
    ls.work_done_progress.begin("token", types.WorkDoneProgressBegin("Working"))
    ls.work_done_progress.report("token", types.WorkDoneProgressReport(message="half"))
    ls.work_done_progress.end("token", types.WorkDoneProgressEnd(message="done"))
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, "Fertig ö"))
    ls.window_log_message(types.LogMessageParams(types.MessageType.Log, "logged"))


@server.command("configuration")
async def configuration(ls: LanguageServer) -> Any:
    """Pull the settings."""
    items = [types.ConfigurationItem(section="pygpt"), types.ConfigurationItem(section="pygpt.model")]
    return await ls.workspace_configuration_async(types.ConfigurationParams(items))


@server.command("misbehave")
def misbehave(ls: LanguageServer, how: str) -> None:
    """Do something that a server may not do."""
    if how == "print":
        print("a stray line", flush=True)
    elif how == "telemetry":
        ls.telemetry_event({"what": "everything"})
    elif how == "progress":
        ls.work_done_progress.end("unknown", types.WorkDoneProgressEnd())
    elif how == "register":
        one = types.Registration("1", "textDocument/hover")
        ls.client_register_capability(types.RegistrationParams([one]))
    elif how == "stderr":
        print("a word on stderr", file=sys.stderr, flush=True)
    elif how == "die":
        sys.stderr.write("dying\n")
        sys.stderr.flush()
        import os

        os._exit(3)


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def code_action(ls: LanguageServer, params: types.CodeActionParams) -> list[Any]:
    """One action of each kind."""
    uri = params.text_document.uri
    version = ls.workspace.get_text_document(uri).version
    where = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    return [
        types.CodeAction("By edit", edit=edit(uri, version, where, "# top\n").edit),
        types.CodeAction("By command", command=types.Command("run", "work")),
        types.Command("Bare", "work"),
        types.CodeAction("By resolve"),
        types.CodeAction("Not now", disabled=types.CodeActionDisabled("busy")),
    ]


if __name__ == "__main__":
    server.start_io()
