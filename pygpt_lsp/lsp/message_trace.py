"""The messages of a session in the log, at the level `trace`: with their texts, without settings and secrets.

Editors send along whatever stands in their settings, what was meant for other servers included, and all of a
document, tokens in it included; a log is for somebody else to read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

from pygpt_lsp.services.logs import TRACE

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

_HIDDEN = "…"
_SETTINGS = {
    types.INITIALIZE: "initializationOptions",
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: "settings",
}
"""The parameter of each method that holds settings."""


class MessageTrace:
    """The messages of one connection. Whoever logs asks `is_on` first, since the rest takes time."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._asked: set[object] = set()
        """The ids of our requests for settings that are not answered yet."""

    @property
    def is_on(self) -> bool:
        """Whether messages are logged at all."""
        return self._logger.isEnabledFor(TRACE)

    def sent(self, message: Mapping[str, Any]) -> None:
        """Log a message of ours."""
        if message.get("method") == types.WORKSPACE_CONFIGURATION:
            self._asked.add(message.get("id"))
        self._log("sending", message)

    def received(self, message: Mapping[str, Any]) -> None:
        """Log a message of the client's."""
        method, ident = message.get("method"), message.get("id")
        params, shown = message.get("params"), dict(message)
        hidden = _SETTINGS.get(method) if isinstance(method, str) else None
        if hidden is not None and isinstance(params, dict) and hidden in params:
            shown["params"] = {**params, hidden: _HIDDEN}
        elif method is None and isinstance(ident, (int, str)) and ident in self._asked:
            self._asked.discard(ident)
            shown["result"] = _HIDDEN
        self._log("received", shown)

    def unreadable(self, body: bytes) -> None:
        """Log that something came which is no message."""
        self._logger.log(TRACE, "received %d bytes that are no message", len(body))

    def _log(self, way: str, message: Mapping[str, Any]) -> None:
        try:
            text = json.dumps(_without_secrets(message), ensure_ascii=False)
        except RecursionError:
            text = "a message that nests too deeply"
        self._logger.log(TRACE, "%s %s", way, text)


def _without_secrets(value: Any) -> Any:
    """The JSON value with each secret in its texts hidden, which is looked for before it is escaped."""
    if isinstance(value, str):
        return _hide_secrets(value)
    if isinstance(value, list):
        return [_without_secrets(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _without_secrets(each) for name, each in cast("dict[str, Any]", value).items()}
    return value


def _hide_secrets(text: str) -> str:
    from pygpt_lsp.core.secrets.finding import find_secrets

    for secret in reversed(find_secrets(text)):
        text = f"{text[: secret.start]}***{text[secret.end :]}"
    return text
