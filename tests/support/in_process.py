"""An editor and the parts of a server that write into chats, in one process.

The editor is the one of the whole-process tests, with the habits of its profile. Each message is on its way
until the test delivers it, so a run can interleave keys, edits, answers and changes in any order that a
connection allows, hundreds of times in a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

from pygpt_lsp.lsp.delivery import Delivery
from pygpt_lsp.lsp.editor import Editor
from pygpt_lsp.lsp.sync import DocumentSync
from pygpt_lsp.session.workspace import Workspace

from .editor_profiles import capability
from .editor_state import CONVERTER, EditorState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygpt_lsp.lsp.server import PygptServer

    from .editor_document import Document
    from .editor_profiles import Profile
    from .editor_text import Json

URI = "untitled:talk.chat.md"


class InProcess:
    """One open chat, `document` for the editor, known by `URI` to the server's parts in `server`."""

    def __init__(self, profile: Profile, text: str) -> None:
        self.to_editor: deque[Json] = deque()
        self.to_server: deque[Callable[[], None]] = deque()
        self._requests: dict[int, asyncio.Future[Any]] = {}
        self.editor = EditorState(profile, None)
        self.editor.capabilities = profile.params(None, None)["capabilities"]
        encodings = capability(self.editor.capabilities, "general.positionEncodings")
        self.editor.encoding = encodings[0] if encodings else "utf-16"
        self.editor.peer = cast("Any", self)
        self.server = self._server_parts()
        self.document: Document = self.editor.open_text(URI, "markdown", text)
        self.document.manual = True

    # The two ends

    def send_request_async(self, method: str, params: Any) -> asyncio.Future[Any]:
        """Stands in for the protocol's: a request of the server's sets out."""
        number = len(self._requests) + 1
        self._requests[number] = asyncio.get_running_loop().create_future()
        head = {"jsonrpc": "2.0", "id": number, "method": method}
        self.to_editor.append(head | {"params": CONVERTER.unstructure(params)})
        return self._requests[number]

    def notify(self, method: str, params: Json) -> None:
        """Stands in for the peer's: the editor tells of a document."""
        item = params["textDocument"]
        if method == "textDocument/didOpen":
            opened = self.server.session.workspace.documents.open
            opened(item["uri"], item["languageId"], item["version"], item["text"])
        else:
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            told: Any = CONVERTER.structure(message, types.METHOD_TO_TYPES[method][0]).params
            self.to_server.append(lambda: self.server.sync.did_change(told))

    def answer(self, ident: int, result: Json) -> None:
        """Stands in for the peer's: the editor answers."""
        said = types.ApplyWorkspaceEditResult(result["applied"], result.get("failureReason"))
        self.to_server.append(lambda: self._requests[ident].set_result(said))

    def refuse(self, ident: int, code: int, message: str) -> None:
        """Stands in for the peer's: the editor answers with an error."""
        self.to_server.append(lambda: self._requests[ident].set_exception(RuntimeError(message)))

    # What is on its way

    def deliver_to_editor(self) -> None:
        """The oldest request reaches the editor, which answers at once."""
        self.editor.receive(self.to_editor.popleft())

    def deliver_to_server(self) -> None:
        """The oldest message of the editor's reaches the server."""
        self.to_server.popleft()()

    def _server_parts(self) -> PygptServer:
        def nothing(*_: object) -> None:
            """No chat's problems are shown here."""

        session = SimpleNamespace(workspace=Workspace())
        parts = SimpleNamespace(session=session, encoding=self.editor.encoding, protocol=self)
        server = cast("PygptServer", parts)
        parts.watch = SimpleNamespace(touched=nothing, closed=nothing)
        parts.sync = DocumentSync(server)
        parts.editor = Editor(server)
        parts.delivery = Delivery(server)
        return server
