"""The protocol class of pygls with our own reception of messages, document synchronisation and life cycle.

What pygls does here and we do otherwise, and why:

- It decodes JSON with a hook on every nested object, so that a key `jsonrpc` inside any value breaks the
  message, and a request that does not parse is never answered. We structure the top level alone, and every
  request is answered once.
- Its documents split lines at form feeds and U+2028, and copy the whole text at each change. We keep our own.
- It converts the arguments of commands by the handler's signature. Ours take the JSON as it came.
- Its exit code is lost in a callback. Ours is a field that the command line returns.
"""

# pygls leaves the types of its dictionaries of handlers open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from pygpt_lsp.lsp.chat_json import RawJson
from pygpt_lsp.lsp.message_trace import MessageTrace
from pygpt_lsp.services.logs import crash_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future

    from cattrs import Converter
    from pygls.lsp.server import LanguageServer
    from pygls.protocol.json_rpc import RPCMessage

    from pygpt_lsp.lsp.server import PygptServer

logger = logging.getLogger(__name__)


class PygptProtocol(LanguageServerProtocol):
    """LSP as this server speaks it."""

    _server: PygptServer  # pyright: ignore[reportIncompatibleVariableOverride] (set once, by pygls)

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        self._initialized = False
        self._trace = MessageTrace(logger)
        super().__init__(server, converter)

    @property
    def shut_down(self) -> bool:
        """Whether the client has asked for `shutdown`."""
        return self._shutdown

    def receive(self, body: bytes) -> None:
        """Take one message. Never raises; a request that cannot be read is answered with an error."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):  # the latter where it nests too deeply
            self._trace.unreadable(body)
            self._refuse(None, JsonRpcParseError("The message is not JSON."))
            return
        if not isinstance(data, dict):
            self._trace.unreadable(body)
            self._refuse(None, JsonRpcInvalidRequest("The message is not an object."))
            return
        message = cast("dict[str, Any]", data)
        if self._trace.is_on:
            self._trace.received(message)
        message.setdefault("jsonrpc", self.VERSION)
        request_id = message.get("id") if "method" in message else None
        if "method" in message and (refusal := self._refusal(message)):
            if request_id is not None:  # a notification out of turn is dropped
                self._refuse(request_id, refusal)
            return
        try:
            structured = cast("RPCMessage", self.structure_message(message))
        except JsonRpcException:
            logger.warning("a message could not be read: %s", message.get("method", "a response"))
            if request_id is not None:
                self._refuse(request_id, JsonRpcInvalidParams("The parameters do not fit the method."))
            elif "method" not in message:
                self._give_up(message.get("id"))
            return
        try:
            self.handle_message(structured)
        except Exception as error:
            logger.error("a message could not be handled: %s", crash_summary(error))

    def _refusal(self, message: dict[str, Any]) -> JsonRpcException | None:
        """Why a request or notification is not served; LSP 3.17 § Initialize and § Shutdown for its turn."""
        method = message["method"]
        if not isinstance(method, str) or message["jsonrpc"] != self.VERSION:
            return JsonRpcInvalidRequest("The message is not JSON-RPC 2.0.")
        if method == types.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("The server is shutting down.")
        if not self._initialized and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("The server has not been initialized.")
        if self._initialized and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("The server has been initialized already.")
        return None

    def _refuse(self, request_id: int | str | None, error: JsonRpcException) -> None:
        # Not by lsprotocol's class, which leaves out an id that is null.
        self._send_data(
            {
                "jsonrpc": self.VERSION,
                "id": request_id,
                "error": {"code": error.code, "message": error.message},
            }
        )

    def _give_up(self, request_id: object) -> None:
        """The client's answer to a request of ours cannot be read: whoever waits for it goes on."""
        if isinstance(request_id, (int, str)) and (future := self._request_futures.pop(request_id, None)):
            future.set_exception(JsonRpcInvalidParams("The answer does not fit the method."))

    def _send_data(self, data: Any) -> None:
        """Send one message. Nothing is sent once the connection has ended."""
        if self._server.stopped.is_set():
            return
        if self._trace.is_on:
            self._trace.sent(json.loads(json.dumps(data, default=self._serialize_message)))
        super()._send_data(data)

    def _send_json(self, msg_id: int | str, result: RawJson) -> None:
        """Answer a request with JSON that was written before."""
        if self._server.stopped.is_set() or self.writer is None:
            return
        body = f'{{"jsonrpc": "{self.VERSION}", "id": {json.dumps(msg_id)}, "result": {result}}}'
        if self._trace.is_on:
            self._trace.sent(json.loads(body))
        header = f"Content-Length: {len(body)}\r\n\r\n" if self._include_headers else ""
        self.writer.write((header + body).encode("ascii"))

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        """Answer a request. Unlike pygls' own it never sends a traceback or an exception's text."""
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._refuse(msg_id, JsonRpcRequestCancelled("The request was cancelled."))
            return
        error = future.exception()
        if error is None:
            # Not by lsprotocol's class: a result may be plain JSON.
            result: object = future.result()
            if isinstance(result, RawJson):
                self._send_json(msg_id, result)
            else:
                self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result})
        elif isinstance(error, JsonRpcException):
            self._refuse(msg_id, error)
        else:
            # Said once: an editor may ask for the menu whenever the cursor moves.
            self._server.crashed("a request", error, once=True)
            self._refuse(msg_id, JsonRpcInternalError(f"Internal error ({type(error).__name__})."))

    def _check_handler_result(self, future: Future[Any]) -> None:
        """Notice that a notification's handler failed."""
        if not future.cancelled() and (error := future.exception()) is not None:
            self._server.crashed("a notification", error, once=True)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """`initialize`, as pygls answers it, once."""
        self._initialized = True
        return (yield from super().lsp_initialize(params))

    def handle(self, method: str, handler: Callable[..., Any]) -> None:
        """Let `handler(params)` serve a method alone, in place of what pygls does for it."""
        cast("dict[str, Any]", self.fm.builtin_features)[method] = handler

    def add(self, method: str, handler: Callable[..., Any], options: object = None) -> None:
        """Let pygls call `handler(params)` for a method from its own handler, or alone where it has none.

        Before `initialize` is answered this declares the method too, with these options.
        """
        cast("dict[str, Any]", self.fm.features)[method] = handler
        if options is not None:
            cast("dict[str, object]", self.fm.feature_options)[method] = options

    async def shutdown(self, _params: None) -> None:
        """`shutdown`: end the jobs and close the history first, so that nothing is lost afterwards."""
        await self._server.clean_up()
        self._shutdown = True

    def declare_commands(self, names: Iterable[str]) -> None:
        """Name the commands for the capabilities; `workspace/executeCommand` is handled elsewhere."""
        cast("dict[str, object]", self.fm.commands).update(dict.fromkeys(names))
