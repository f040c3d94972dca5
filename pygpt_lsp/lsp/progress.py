"""Work-done progress: one indicator of one job (LSP 3.17 § Work Done Progress)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from pygpt_lsp.core.unicode import plain_message

if TYPE_CHECKING:
    from pygpt_lsp.lsp.server import PygptServer


class Progress:
    """One indicator. It begins when the client has agreed to it (LSP 3.17 § Work Done Progress), with what
    was reported last until then; an end that comes earlier is sent right after the beginning."""

    def __init__(self, server: PygptServer, token: str | None) -> None:
        self._server = server
        self.token = token
        self._begun = False
        self._message: str | None = None
        self._end: str | None = None

    def begin(self, title: str) -> None:
        """Show the indicator."""
        self._begun = True
        self._send(types.WorkDoneProgressBegin(plain_message(title), cancellable=True, message=self._message))
        if self._end is not None:
            self._send(types.WorkDoneProgressEnd(message=self._end))

    def give_up(self) -> None:
        """The client refused the token."""
        self.token = None
        if self._end is not None:
            self._server.editor.tell("info", self._end)

    def report(self, message: str) -> None:
        """Show what is going on, in a few words."""
        message = self._message = plain_message(message)
        if self._begun and self._end is None:
            self._send(types.WorkDoneProgressReport(message=message))

    def end(self, message: str) -> bool:
        """Take the indicator away with a last message; False where there is none."""
        if self.token is None:
            return False
        message = self._end = plain_message(message)
        if self._begun:
            self._send(types.WorkDoneProgressEnd(message=message))
        return True

    def _send(self, value: Any) -> None:
        if self.token is not None:
            self._server.progress(types.ProgressParams(self.token, value))
