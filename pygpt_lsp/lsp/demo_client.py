"""The demo's editor: it holds documents, shows a menu, makes the server's edits, and opens chats.

A real client to the real server, as small as one can be. What a person would see happens through `Watcher`.
It must never change a file of the user's: it works on buffers, in the workspace it is given.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self, cast

from pygls import uris

from pygpt_lsp import __version__
from pygpt_lsp.core.text import Position, PositionEncoding, Range, TextSnapshot
from pygpt_lsp.lsp.demo_connection import Connection, DemoFailed, Json, UnknownMethod

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-16", "utf-8"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "refactor.rewrite"]}}}
    },
}
_ERROR, _WARNING = 1, 2  # LSP 3.17 § MessageType
_INVOKED = 1  # LSP 3.17 § CodeActionTriggerKind
_ANSWER_NEEDED = "The server asks something that the demo does not decide for you: "


class Watcher(Protocol):
    """Sees what a person at the editor would see, at the moment it happens."""

    def opened(self, path: Path, text: str) -> None:
        """A document was opened by the server: a chat."""
        ...

    def arrived(self, text: str) -> None:
        """An edit of the server's put `text` into the document that it opened last."""
        ...

    def progress(self, words: str) -> None:
        """What the server is doing just now, in a few words."""
        ...

    def warned(self, sentence: str) -> None:
        """The server warns of something and works on."""
        ...


class MenuEntry(NamedTuple):
    """One code action: its title, its kind, and the command with its arguments."""

    title: str
    kind: str
    command: str
    arguments: list[Any]


class Done(NamedTuple):
    """How an action ended: the server's last words about it, and how many edits of code it made."""

    words: str
    edits: int


class _Buffer:
    """An open document; `watched` where the server opened it."""

    def __init__(self, text: str, *, watched: bool) -> None:
        self.text = TextSnapshot.from_string(text)
        self.version = 1
        self.watched = watched


class DemoEditor:
    """An editor with one workspace folder. After `start`, `close` it in any case."""

    def __init__(self, folder: Path, watcher: Watcher) -> None:
        self._folder = folder
        self._watcher = watcher
        self._buffers: dict[str, _Buffer] = {}
        self._edits = 0
        self._finished: asyncio.Future[str] | None = None
        self._encoding: PositionEncoding = "utf-16"
        self._connection: Connection

    async def start(
        self, command: Sequence[str], *, env: Mapping[str, str], log: Path, options: Json
    ) -> Self:
        """Start the server and greet it; `options` are the initializationOptions. Raises DemoFailed, and
        then there is nothing to close."""
        self._connection = await Connection.start(
            command, env=env, folder=self._folder, log=log, handle=self._handle
        )
        try:
            await self._greet(options)
        except BaseException:
            await self.close()
            raise
        return self

    async def _greet(self, options: Json) -> None:
        folder = {"uri": _uri(self._folder), "name": self._folder.name}
        answer = await self._connection.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "pygpt-lsp demo", "version": __version__},
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": _CAPABILITIES,
                "initializationOptions": options,
            },
        )
        self._encoding = cast("Literal['utf-16', 'utf-8']", answer["capabilities"]["positionEncoding"])
        self._connection.notify("initialized", {})

    async def close(self) -> None:
        """End the server."""
        await self._connection.close()

    def open(self, path: Path, language_id: str) -> None:
        """Open a file of the workspace."""
        self._open(_uri(path), path, language_id, watched=False)

    def text(self, path: Path) -> str:
        """The text of an open document as it is now."""
        return str(self._buffers[_uri(path)].text)

    async def menu(self, path: Path, first: int, last: int) -> list[MenuEntry]:
        """The code actions for lines `first` to `last` (0-based, both included). Raises DemoFailed."""
        uri = _uri(path)
        text = self._buffers[uri].text
        end = Position(last, len(text.line_content(last)))
        params = {
            "textDocument": {"uri": uri},
            "range": {
                "start": {"line": first, "character": 0},
                "end": {"line": last, "character": text.to_units(end, self._encoding)},
            },
            "context": {"diagnostics": cast("list[Json]", []), "triggerKind": _INVOKED},
        }
        actions: list[Json] = await self._connection.request("textDocument/codeAction", params) or []
        return [_entry(action) for action in actions]

    async def choose(self, entry: MenuEntry) -> Done:
        """Choose an action and wait for its end. Raises DemoFailed with the server's sentence."""
        self._edits = 0
        self._finished = asyncio.get_running_loop().create_future()
        params = {"command": entry.command, "arguments": entry.arguments}
        await self._connection.request("workspace/executeCommand", params)
        words = await self._connection.until(self._finished)
        return Done(words.removeprefix("PyGPT: "), self._edits)

    # What the server sends

    def _handle(self, method: str, params: Any) -> object:
        match method:
            case "workspace/applyEdit":
                return self._apply(params["edit"])
            case "window/showDocument":
                path = Path(cast("str", uris.to_fs_path(params["uri"])))
                self._open(params["uri"], path, "markdown", watched=True)
                return {"success": True}
            case "window/workDoneProgress/create":
                return None
            case "$/progress":
                return self._progressed(params["value"])
            case "window/showMessage":
                return self._said(params["type"], params["message"].removeprefix("PyGPT: "))
            case "window/showMessageRequest":
                self._fail(_ANSWER_NEEDED + params["message"].removeprefix("PyGPT: "))
                return None
            case _:
                raise UnknownMethod(method)

    def _open(self, uri: str, path: Path, language_id: str, *, watched: bool) -> None:
        if uri in self._buffers:
            return
        buffer = self._buffers[uri] = _Buffer(path.read_bytes().decode(), watched=watched)
        item = {"uri": uri, "languageId": language_id, "version": buffer.version, "text": str(buffer.text)}
        self._connection.notify("textDocument/didOpen", {"textDocument": item})
        if watched:
            self._watcher.opened(path, str(buffer.text))

    def _apply(self, edit: Json) -> Json:
        """Make an edit of one document, if it is for the version that the document has."""
        (change,) = edit["documentChanges"]
        uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
        buffer = self._buffers[uri]
        if version != buffer.version:
            return {"applied": False, "failureReason": "The document has changed."}
        # From the end, so that the places of the others stay as they are.
        changes = sorted(change["edits"], key=_start, reverse=True)
        for each in changes:
            buffer.text = buffer.text.replace(self._range(buffer.text, each["range"]), each["newText"])
        buffer.version += 1
        told = [{"range": each["range"], "text": each["newText"]} for each in changes]
        document = {"uri": uri, "version": buffer.version}
        params = {"textDocument": document, "contentChanges": told}
        self._connection.notify("textDocument/didChange", params)
        if buffer.watched:
            self._watcher.arrived("".join(each["newText"] for each in reversed(changes)))
        else:
            self._edits += 1
        return {"applied": True}

    def _range(self, text: TextSnapshot, span: Json) -> Range:
        start, end = span["start"], span["end"]
        return Range(
            text.from_units(start["line"], start["character"], self._encoding),
            text.from_units(end["line"], end["character"], self._encoding),
        )

    def _progressed(self, value: Json) -> None:
        words = value.get("message") or ""
        if value["kind"] != "end":
            self._watcher.progress(words)
        elif self._finished is not None and not self._finished.done():
            self._finished.set_result(words)

    def _said(self, kind: int, sentence: str) -> None:
        if kind == _ERROR:
            self._fail(sentence)
        elif kind == _WARNING:
            self._watcher.warned(sentence)

    def _fail(self, sentence: str) -> None:
        if self._finished is None:
            raise DemoFailed(sentence)
        if not self._finished.done():
            self._finished.set_exception(DemoFailed(sentence))


def _uri(path: Path) -> str:
    return cast("str", uris.from_fs_path(str(path)))


def _start(edit: Json) -> tuple[int, int]:
    start = edit["range"]["start"]
    return start["line"], start["character"]


def _entry(action: Json) -> MenuEntry:
    command = action["command"]
    return MenuEntry(action["title"], action["kind"], command["command"], command.get("arguments") or [])
